"""Contacts: from "received" until every subject is rated and its agencies are asked.

1. Nothing unread is safe: a contact has a first-look clock from receipt, and so has everything added later. It runs
   until a person has read it and said how urgent it seems, which may come before anything is typed in.
2. A re-rate computes clocks from the original receipt; a lower rating never erases a breach.
3. A subject whom no rule routes is a task for the desk, never silence.
4. An adult with capacity who refuses is routed to nobody until a person records why the refusal is not followed.
5. Who has a packet, team and deputy, learns whenever its times move from what it was told, up or down.
6. A re-rate never climbs the ladder of silence: between its steps is their time, however often somebody rates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from exchange.case import clock, comparing, escalating, packet, routing
from exchange.case.action import Doing
from exchange.case.delivery import FAILED, Delivery
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawLetters,
)
from exchange.case.event import (
    AgencyAsked,
    ClockRanOut,
    ContactReceived,
    InformationAdded,
    LookedAt,
    Rated,
    Transcribed,
)
from exchange.case.feedback import (
    Contact,
    Feedback,
)
from exchange.case.lateral_check import (
    DECLINE_TABLE,
    DeclineNews,
)
from exchange.case.pressing import press_again
from exchange.case.referral import SubjectCodes
from exchange.case.refusing import respect
from exchange.case.releasing import limits_again
from exchange.case.reminding import nudge_clock
from exchange.case.restriction import Kind, Restriction, Why
from exchange.case.rules import Rating, Rules
from exchange.case.sorting import IN_ERROR, ROUTED, Sorting
from exchange.case.state import Case, Leg, Stamp, SubjectEpisode
from exchange.case.step import CannotHappen, Step
from exchange.case.urgency import acknowledge_by, most_urgent

_UNTOLD = frozenset({Feedback.DUE, Feedback.UNDELIVERABLE})
# Every letter that may wait for the referrer: none leaves once their address is known to be unsafe.
TO_THEM = tuple(WithdrawLetters(name) for name in ("receipt", "accepted", "guidance:", "outcome:", "news:"))


def received(event: ContactReceived, rules: Rules) -> Step:
    """A new case."""
    received_at = event.since or event.at
    first_look = clock.due(rules.first_look, received_at, rules.calendar)
    case = Case(
        id=event.case,
        hub=event.hub,
        reference=event.reference,
        rules=event.rules,
        received_at=received_at,
        channel=event.channel,
        securely=event.securely,
        referrer=event.referrer,
        fields=event.fields,
        danger=event.danger,
        first_look_due=first_look,
        unconfirmed=event.by_hand and bool(event.subjects),
    )
    case = _kept_from(case, event, "referrer")
    read = (comparing.to_compare(first_look),) if case.unconfirmed else ()
    shut = comparing.asks_password(event.locked, first_look)
    looked = Step(case, (*_ask_for_a_look(first_look), *_receipt(case, first_look), *read, *shut))
    return looked.then(_with_subjects(case, event.subjects, event.at, rules))


def _kept_from(case: Case, event: ContactReceived | Transcribed, by: str) -> Case:
    """Whom the referrer shuts out, before anybody is asked."""
    named = (a for a in dict.fromkeys(event.restricted) if not case.shuts_out(a))
    new = tuple(Restriction(Kind.AGENCY, agency, Why.STAFF_MEMBER, event.at, by) for agency in named)
    held = case.routing_held or event.unsettled
    return replace(case, restrictions=(*case.restrictions, *new), routing_held=held)


def _ask_for_a_look(due: datetime) -> tuple[Effect, ...]:
    return OpenTask("first_look", TaskKind.FIRST_LOOK, "", due), SetClock("first_look", due)


def _receipt(case: Case, due: datetime) -> tuple[Effect, ...]:
    # RFC 3834 and T15: an automatic answer goes to a proved sender only; anybody could be in a From line.
    if case.channel != "mail":
        return ()  # whoever fills in a form or rings has the receipt before them
    if case.referrer.contact is Contact.NONE:
        return ()
    if case.referrer.proved and case.referrer.may_mail:
        return (SendLetter("receipt", Letter.RECEIPT),)
    return (OpenTask("receipt", TaskKind.NO_AUTOMATIC_RECEIPT, "", due),)


def _with_subjects(case: Case, codes: Iterable[SubjectCodes], at: datetime, rules: Rules) -> Step:
    subjects = tuple(
        SubjectEpisode(c, decide_due(case, c.form, case.received_at, rules), provisional=case.provisional)
        for c in codes
    )
    case = replace(case, subjects=subjects)
    effects = tuple(SetClock(f"decide:{s.id}", s.decide_due) for s in subjects)
    return Step(case, effects).then(routed(case, subjects, at, rules))


def routed(case: Case, subjects: tuple[SubjectEpisode, ...], at: datetime, rules: Rules) -> Step:
    """Ask whom the rules name for these subjects as they are known now; nobody is asked twice about one of them."""
    step = route(case, subjects, "receipt", at, rules)
    # The look at a contact rated nobody who was not in it yet, although their times are those of the others.
    rated = tuple(s for s in subjects if s.ratings or (s.provisional and s.since is None))
    return step.then(route(step.case, rated, "rating", at, rules)) if rated else step


def decide_due(case: Case, form: str, since: datetime, rules: Rules) -> datetime:
    """When a subject not rated yet must be decided (UTC): by the most urgent clock where there is danger."""
    due = rules.decide_due(rules.rating(case.provisional), form, since)
    return min(due, rules.decide_due(rules.ratings[0], form, since)) if case.danger else due


def typed_in_by(case: Case, rules: Rules) -> datetime:
    """By when what was read must have been typed in: whoever it is about is to be decided by then."""
    return clock.due(rules.rating(case.provisional).decide, case.received_at, rules.calendar)


def route(case: Case, subjects: tuple[SubjectEpisode, ...], on: str, at: datetime, rules: Rules) -> Step:
    """Ask whom the rows in force at `on` name for these subjects, as far as the contact is sorted to be routed."""
    if case.routing_held:
        return Step(case, (OpenTask("keep_from", TaskKind.KEEP_FROM, "", at),))
    if case.sorting not in ROUTED and case.sorting is not Sorting.OPEN_CASE:
        return Step(case)
    subjects = tuple(s for s in subjects if s.in_error is None)
    refusing = tuple(s for s in subjects if s.refuses)
    subjects = tuple(s for s in subjects if not s.refuses)
    step = Step(case, tuple(OpenTask(f"refusal:{s.id}", TaskKind.REFUSAL, s.id, at) for s in refusing))
    for need in _needs(case, subjects, rules, on):
        new = tuple(s for s in need.subjects if _may_be_asked(case, need.agency, s))
        if new and case.shuts_out(need.agency):
            step = step.then(Step(step.case, (another_recipient(need.agency, at),)))
        elif new:
            step = step.then(open_leg(step.case, replace(need, subjects=new), at, rules))
    unrouted = [s for s in subjects if not any(s.id in leg.subjects for leg in step.case.legs)]
    tasks: list[Effect] = [OpenTask(f"no_route:{s.id}", TaskKind.NO_ROUTE, s.id, at) for s in unrouted]
    if on != "receipt":
        tasks += [CloseTask(f"no_route:{s.id}") for s in subjects if s not in unrouted]
    return step.then(Step(step.case, tuple(tasks)))


def _needs(case: Case, subjects: tuple[SubjectEpisode, ...], rules: Rules, on: str) -> tuple[routing.Need, ...]:
    """What the rows ask for; of an open case the one agency that has it (design truth 9)."""
    if case.sorting is not Sorting.OPEN_CASE:
        return routing.needs(subjects, rules, on)
    about = tuple(s.id for s in subjects)
    return (routing.asked(case.sorted_about, about, rules),) if about else ()


def _may_be_asked(case: Case, agency: str, subject: str) -> bool:
    """It was not asked about them before, and no refusal that holds for it stands against that."""
    found = case.subject(subject)
    asked = any(agency in (leg.agency, leg.in_place_of) and subject in leg.subjects for leg in case.legs)
    return found is not None and not asked and not found.keeps_from(agency)


def another_recipient(agency: str, at: datetime) -> OpenTask:
    """The agency must not be asked: a person chooses whom to ask in its place."""
    return OpenTask(f"another:{agency}", TaskKind.ANOTHER_RECIPIENT, agency, at)


def open_leg(case: Case, need: routing.Need, at: datetime, rules: Rules) -> Step:
    """Ask one agency. Raises CannotHappen for one that the hub does not know."""
    agency = rules.agency(need.agency)
    if agency is None:
        raise CannotHappen(f"no agency “{need.agency}” in this hub: choose one of the hub file's agencies")
    rating = most_urgent(case, need.subjects, rules)
    told = (case.fields, tuple(s.codes for s in case.subjects), need.subjects, need.parts)
    released, words = case.released_to(need.agency), case.words_for(need.subjects, need.agency)
    leg = Leg(
        id=f"l{len(case.legs) + 1}",
        agency=need.agency,
        subjects=need.subjects,
        manifest=packet.manifest(*told, released, words=words),
        kept_back=packet.kept_back(*told, released, words=words),
        basis=f"{agency.basis}; {agency.condition}",
        parts=need.parts,
        purpose=need.purpose,
        opened_at=at,
        acknowledge_due=acknowledge_by(rating, at, rules),
        answer_due=clock.due(rating.answer, at, rules.calendar),
        in_place_of=need.in_place_of,
    )
    effects = (SendLetter(f"packet:{leg.id}", Letter.PACKET, leg.id), *leg_clocks(leg, rating, rules))
    return Step(replace(case, legs=(*case.legs, leg)), effects)


def leg_clocks(leg: Leg, rating: Rating, rules: Rules) -> tuple[Effect, ...]:
    """The clocks an open leg needs: the next reminder, and the answer."""
    return SetClock(f"remind:{leg.id}", remind_due(leg, rating, rules)), SetClock(f"answer:{leg.id}", leg.answer_due)


def remind_due(leg: Leg, rating: Rating, rules: Rules) -> datetime:
    """When the next share of the acknowledgement's clock ends."""
    share = rules.reminders[min(leg.reminders, len(rules.reminders) - 1)]
    return min(clock.share_due(rating.acknowledge, share, leg.opened_at, rules.calendar), leg.acknowledge_due)


def looked_at(case: Case, event: LookedAt, rules: Rules) -> Step:
    """A person has read it; the first of several readers counts. Without a word on urgency nobody has."""
    if case.looked_at:
        return Step(case)
    if event.additions not in (None, case.additions):
        raise CannotHappen("more was told while you read: it stands with the concern now, and is not read yet")
    here = tuple(s for s in case.subjects if s.in_error is None)
    rated_already = bool(here) and all(s.rating for s in here)
    if event.rating or not rated_already:
        _known(event.rating, rules)
    stamp = Stamp(event.at, event.by, "looked_at")
    owner = case.owner or (event.by if event.follows else "")
    case = replace(case, looked_at=stamp, provisional=event.rating or case.provisional, owner=owner)
    step = _seen(case, rules)
    seems = tuple(replace(s, provisional=event.rating) for s in here if event.rating and not s.ratings)
    return step.then(_as_rated(step.case, seems, event.at, rules)) if seems else step


def _seen(case: Case, rules: Rules) -> Step:
    effects: tuple[Effect, ...] = (StopClock("first_look"), CloseTask("first_look"))
    if not case.subjects:
        due = typed_in_by(case, rules)
        effects += (OpenTask("transcribe", TaskKind.TRANSCRIBE, "", due), SetClock("transcribe", due))
    if case.referrer.writable and (case.referrer.mailbox or case.referrer.proved):  # who got the receipt's promise
        effects += (SendLetter("accepted", Letter.ACCEPTED),)
    return Step(case, effects)


def transcribed(case: Case, event: Transcribed, rules: Rules) -> Step:
    """An unstructured contact becomes a referral; the clocks run from its receipt."""
    if case.subjects:
        raise CannotHappen("this contact already has its subjects: add information to it instead")
    referrer = event.referrer.typed_over(case.referrer)
    case = replace(case, fields=event.fields, referrer=referrer, danger=event.danger)
    case = _kept_from(case, event, event.by)
    unsafe = () if referrer.may_mail else TO_THEM
    step = Step(case, (CloseTask("transcribe"), StopClock("transcribe"), *unsafe))
    return step.then(_with_subjects(case, event.subjects, event.at, rules))


def transcribe_due(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody has typed it in, so that no agency knows of it."""
    if case.subjects or case.set_aside:
        return Step(case)
    return Step(case, press_again("transcribe", TaskKind.TRANSCRIBE, "", event, rules))


def information_added(case: Case, event: InformationAdded, rules: Rules) -> Step:
    """The referrer told more: unread until somebody looks. A closed case is open again: nothing unread is safe."""
    reopened = clocks_again(case) if case.closed else ()
    if case.looked_at is None and not case.closed:  # still unread: who says more does not push back what is due
        shut = comparing.asks_password(event.locked, case.first_look_due)
        return Step(replace(case, additions=case.additions + 1), shut)
    due = clock.due(rules.first_look, event.at, rules.calendar)
    read_before = case.read_before or case.looked_at is not None
    case = replace(case, looked_at=None, read_before=read_before, first_look_due=due, closed=None)
    asks = (*_ask_for_a_look(due), *comparing.asks_password(event.locked, due))
    return Step(replace(case, additions=case.additions + 1), (*asks, *reopened))


def clocks_again(case: Case) -> tuple[Effect, ...]:
    """What closing stopped and nobody has done since; what is past runs out at once."""
    legs = (leg for leg in case.legs if leg.owing)
    undecided = (s for s in case.subjects if not s.settled)
    open_actions = (a for a in case.actions if a.doing is Doing.OPEN)
    return (
        *(SetClock(f"answer:{leg.id}", leg.answer_due) for leg in legs),
        *(SetClock(f"decide:{s.id}", s.decide_due) for s in undecided),
        *(SetClock(f"action:{a.id}", a.due) for a in open_actions),
        *limits_again(case),
        *(SetClock(f"outcome:{o.leg}", o.due) for o in case.outcomes_owed if o.left),
        *(SetClock(f"handover:{o.leg}", o.accept_by) for o in case.outcomes_owed if o.offered and o.accept_by),
        *(SetClock(f"challenge:{c.id}", c.due) for c in case.challenges if c.open),
        *((SetClock("feedback", case.feedback_due),) if case.feedback_due and case.feedback in _UNTOLD else ()),
    )


def rated(case: Case, event: Rated, rules: Rules) -> Step:
    """A rating for one subject, confirmed."""
    subject = case.subject(event.subject)
    if subject is None:
        raise CannotHappen(f"no subject “{event.subject}” in this case")
    if case.closed:
        raise CannotHappen("this case is closed: what is new opens it again, or is a new referral; then rate anew")
    if subject.in_error:
        raise CannotHappen(IN_ERROR)
    _known(event.rating, rules)
    stamp = Stamp(event.at, event.by, event.rating)
    step = _as_rated(case, (replace(subject, ratings=(*subject.ratings, stamp)),), event.at, rules)
    unread = step.case.looked_at is None and not step.case.additions
    if unread and all(s.ratings for s in step.case.subjects):  # nobody rates everybody without having read it
        return step.then(looked_at(step.case, LookedAt(event.at, event.by), rules))
    return step


def _known(rating: str, rules: Rules) -> None:
    if not rules.knows_rating(rating):
        known = ", ".join(r.code for r in rules.ratings)
        wrong = f"this hub has no rating “{rating}”: use" if rating else "say how urgent it seems:"
        raise CannotHappen(f"{wrong} one of {known}")


def _as_rated(case: Case, subjects: tuple[SubjectEpisode, ...], at: datetime, rules: Rules) -> Step:
    """Clocks move with ratings, and rules that wait for one are consulted: for all of these subjects at once, so that
    an agency gets one packet of one look."""
    effects: list[Effect] = []
    for subject in subjects:
        wanted = rules.decide_due(rules.rating(subject.rating), subject.codes.form, subject.since or case.received_at)
        subject = replace(subject, decide_due=_never_erasing(subject.decide_due, wanted, at))
        case = case.with_subject(subject)
        effects += [] if subject.settled else [SetClock(f"decide:{subject.id}", subject.decide_due)]
    about = tuple(s.id for s in subjects)
    step = Step(case, tuple(effects)).then(reclock_legs(case, about, at, rules))
    return step.then(route(step.case, tuple(s for s in step.case.subjects if s.id in about), "rating", at, rules))


def _never_erasing(old: datetime, new: datetime, now: datetime) -> datetime:
    return old if old <= now and new > old else new


def reclock_legs(case: Case, subjects: tuple[str, ...], at: datetime, rules: Rules) -> Step:
    """The legs about these, by the clocks that hold for them now."""
    step = Step(case)
    for leg in case.legs:
        if not set(subjects) & set(leg.subjects) or not leg.owing:
            continue
        rating = most_urgent(case, leg.subjects, rules)
        acknowledge = acknowledge_by(rating, leg.opened_at, rules)
        answer = clock.due(rating.answer, leg.more_at or leg.opened_at, rules.calendar)
        moved = replace(
            leg,
            acknowledge_due=_never_erasing(leg.acknowledge_due, acknowledge, at),
            answer_due=_never_erasing(leg.answer_due, answer, at),
        )
        nudges = nudge_clock(moved, rating, at, rules) if moved.acknowledged_at else ()
        effects = (*_clocks_anew(case, moved, rating, at, rules), *nudges, *_told_anew(leg, moved, at))
        step = step.then(Step(step.case.with_leg(moved), effects))
    return step


def _clocks_anew(case: Case, leg: Leg, rating: Rating, at: datetime, rules: Rules) -> tuple[Effect, ...]:
    """Rule 6: what is late by its new times is a person's at once, and climbs when the ladder's next step is due."""
    waits = leg.acknowledged_at is None
    due = {"answer": leg.answer_due}
    if waits:
        past = leg.acknowledge_due <= at
        due["remind"] = leg.acknowledge_due if past else remind_due(leg, rating, rules)
    clocks = {name: when if when > at else escalating.not_before(case, leg, at, rules) for name, when in due.items()}
    if waits and leg.acknowledge_due > at:
        clocks["remind"] = due["remind"]  # a reminder that is due goes at once: it is no step of the ladder
    late = leg.answer_due <= at or (waits and leg.acknowledge_due <= at)
    pressed = escalating.to_ring(leg, at) if late else ()
    return (*(SetClock(f"{name}:{leg.id}", when) for name, when in clocks.items()), *pressed)


def _told_anew(before: Leg, after: Leg, at: datetime) -> tuple[Effect, ...]:
    """Rule 5: the packet, or the last letter of this kind, named other times."""
    waits = after.acknowledged_at is None and after.acknowledge_due != before.acknowledge_due
    moved = waits or after.answer_due != before.answer_due
    if not moved:
        return ()
    key = f"stepped:{after.id}:"
    to = [after.id] if named_other_times(after.delivery) else []
    to += [f"{after.id}/deputy"] if after.deputy_asked_at and named_other_times(after.deputy_mail) else []
    letters = (SendLetter(f"{key}{at.isoformat()}{whom[len(after.id) :]}", Letter.STEPPED, whom) for whom in to)
    return (WithdrawLetters(key), *letters) if to else ()


def named_other_times(mail: Delivery) -> bool:
    """What is sealed names the times as they were; what cannot go, or was withdrawn, named nobody any."""
    return mail is not Delivery.TO_SEAL and mail is not Delivery.WITHDRAWN and mail not in FAILED


def agency_asked(case: Case, event: AgencyAsked, rules: Rules) -> Step:
    """A person asks one more agency, perhaps instead of one that declined: that decline is thereby answered."""
    unknown = [s for s in event.subjects if case.subject(s) is None]
    if unknown or not event.subjects:
        raise CannotHappen("name at least one subject of this case")
    if case.closed:
        raise CannotHappen("this case is closed: take the new concern as a new referral")
    if case.shuts_out(event.agency):
        raise CannotHappen("this agency must not see this case: ask another in its place")
    respect(case, event.subjects, (event.agency,))
    if event.in_place_of and not case.shuts_out(event.in_place_of):
        raise CannotHappen("only an agency that is shut out of this case can be stood in for")
    standing = [x for x in case.legs if x.agency == event.agency and set(event.subjects) <= set(x.subjects)]
    if any(leg.owing and not leg.failed for leg in standing):  # a failed packet may be asked for anew
        raise CannotHappen("this agency has been asked about them and has not answered yet: ring it instead")
    routed = tuple(CloseTask(f"no_route:{s}") for s in event.subjects)
    step = open_leg(case, routing.asked(event.agency, event.subjects, rules, event.in_place_of), event.at, rules)
    asked = tuple(CloseTask(f"another:{a}") for a in (event.agency, event.in_place_of) if a)
    step = step.then(Step(step.case, (*routed, *asked)))
    return step.then(_rerouted(step.case, event)) if event.instead_of else step


def _rerouted(case: Case, event: AgencyAsked) -> Step:
    """The leg just opened stands for one that its agency declined: each knows of the other."""
    old = case.leg(event.instead_of)
    after = DECLINE_TABLE[old.decline, DeclineNews.REROUTED] if old else None
    if old is None or after is None:
        raise CannotHappen("no decline is waiting there: ask this agency without saying instead of which other")
    if old.agency == event.agency:
        raise CannotHappen("this is the agency that declined: choose another, give it more, or record a decision")
    moved = replace(old, rerouted_to=(*old.rerouted_to, case.legs[-1].id))
    if not _all_elsewhere(case, moved):  # a sibling is still nobody's: the decline is not answered yet
        return Step(case.with_leg(moved))
    effects = (CloseTask(f"declined:{old.id}"), CloseTask(f"conflict:{old.id}"))
    return Step(case.with_leg(replace(moved, decline=after)), effects)


def _all_elsewhere(case: Case, leg: Leg) -> bool:
    elsewhere = {s for other in case.legs if other.id in leg.rerouted_to for s in other.subjects}
    return set(leg.subjects) <= elsewhere | {s.id for s in case.subjects if s.settled}
