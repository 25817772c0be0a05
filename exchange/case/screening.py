"""Screening: what a person makes of a contact and its subjects, before anybody decides (rules in sorting.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock, correcting
from exchange.case.contact import agency_asked, decide_due, routed
from exchange.case.correction import Correction
from exchange.case.delivery import Delivery
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
from exchange.case.event import AgencyAsked, ClockRanOut
from exchange.case.feedback import Contact, ReferrerClass
from exchange.case.lateral_check import Recall
from exchange.case.packet import PLACES
from exchange.case.pressing import press_again
from exchange.case.referral import ROLES, SubjectCodes
from exchange.case.rules import Rules
from exchange.case.sorting import (
    IN_ERROR,
    LEVELS,
    MAY_BECOME,
    AcceptedElsewhere,
    Borderline,
    CohortSet,
    Levelled,
    Override,
    PersonChanged,
    RefusalOverridden,
    SecondReview,
    Sorted,
    Sorting,
    SubjectAdded,
    SubjectCorrected,
)
from exchange.case.state import Case, Leg, Stamp, SubjectEpisode
from exchange.case.step import CannotHappen, Step

ELSEWHERE = "elsewhere"
OF_PERSON = ".address"  # ends what a task about somebody of the household is about: "p1" alone is a product


def sorted_(case: Case, event: Sorted, rules: Rules) -> Step:
    """A person says what sort of contact it is."""
    if case.closed:
        raise CannotHappen("this case is closed: its sort does not change any more")
    if event.into not in MAY_BECOME[case.sorting]:
        raise CannotHappen(f"this contact is sorted as {_plain(case.sorting)}: sort it to screening first")
    if event.into is Sorting.DUPLICATE and not event.about:
        raise CannotHappen("name the reference of the first contact that this one repeats")
    stamp = Stamp(event.at, event.by, event.into)
    was = case.sorting
    case = replace(case, sortings=(*case.sortings, stamp), sorted_about=event.about)
    left: tuple[Effect, ...] = (StopClock(ELSEWHERE), CloseTask(ELSEWHERE)) if was is Sorting.OUT_OF_AREA else ()
    return Step(case, left).then(_sorted_so(case, event, rules))


def _sorted_so(case: Case, event: Sorted, rules: Rules) -> Step:
    if event.into is Sorting.OPEN_CASE:
        return _to_allocated_worker(case, event, rules)
    if event.into is Sorting.SCREENING:
        return routed(case, case.subjects, event.at, rules)
    if event.into is Sorting.OUT_OF_AREA:
        again = clock.due(rules.overdue_again, event.at, rules.calendar)
        return Step(case, (OpenTask(ELSEWHERE, TaskKind.ELSEWHERE, "", event.at), SetClock(ELSEWHERE, again)))
    if event.into is Sorting.UNACCEPTED_CHANNEL:
        return Step(case, _told_how(case, event.at))
    return Step(case)


def _told_how(case: Case, at: datetime) -> tuple[Effect, ...]:
    """How to refer: by letter, or else a person rings; nobody is contacted who must not be."""
    if case.referrer.writable:
        return (SendLetter(f"guidance:{len(case.sortings)}", Letter.GUIDANCE),)
    if case.referrer.contact is Contact.NONE or case.referrer.referrer_class is ReferrerClass.ANONYMOUS:
        return ()
    return (OpenTask("tell_how", TaskKind.TELL_HOW, "", at),)


def _to_allocated_worker(case: Case, event: Sorted, rules: Rules) -> Step:
    """Straight to the agency that has the case open: a leg like any other, with its clocks; at once, or as soon as
    somebody is named in it."""
    if not rules.open_cases:
        raise CannotHappen("this hub screens open cases too: sort it to screening")
    if not event.about and len(rules.open_cases) > 1:
        raise CannotHappen(f"say which agency has it open (agency), one of {', '.join(rules.open_cases)}")
    agency = event.about or rules.open_cases[0]
    if agency not in rules.open_cases:
        raise CannotHappen(f"open cases go to {', '.join(rules.open_cases)} in this hub")
    if case.shuts_out(agency):
        raise CannotHappen("this agency must not see this case: sort it to screening, and ask another in its place")
    there = _their_packet(case, agency)
    step = routed(replace(case, sorted_about=agency), case.subjects, event.at, rules)
    if not event.worker or there is None or there.delivery is Delivery.TO_SEAL:
        return step  # a packet that is still to be written says whose it is
    letter = SendLetter(f"worker:{there.id}:{len(case.sortings)}", Letter.WORKER, there.id)
    return step.then(Step(step.case, (WithdrawLetters(f"worker:{there.id}:"), letter)))


def _their_packet(case: Case, agency: str) -> Leg | None:
    """What the agency has of this case already: its newest packet that stands."""
    return next((x for x in reversed(case.legs) if x.agency == agency and x.recall is Recall.NONE), None)


def accepted_elsewhere(case: Case, event: AcceptedElsewhere, rules: Rules) -> Step:
    """A named person in the other area has it."""
    if case.sorting is not Sorting.OUT_OF_AREA:
        raise CannotHappen("sort the contact as out of area first")
    case = replace(case, accepted_elsewhere=Stamp(event.at, event.by, "accepted"))
    return Step(case, (StopClock(ELSEWHERE), CloseTask(ELSEWHERE)))


def elsewhere_due(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody in the other area has accepted it yet."""
    if case.sorting is not Sorting.OUT_OF_AREA or case.accepted_elsewhere:
        return Step(case)
    return Step(case, press_again(ELSEWHERE, TaskKind.ELSEWHERE, "", event, rules))


def subject_added(case: Case, event: SubjectAdded, rules: Rules) -> Step:
    """One more subject, whose clocks run from now: what nobody knew was not due."""
    if case.closed:
        raise CannotHappen("this case is closed: take the new concern as a new referral")
    if not case.subjects:
        raise CannotHappen("type the contact in first: nobody is named in it yet")
    expected = f"s{len(case.subjects) + 1}"
    if event.codes.id != expected:
        raise CannotHappen(f"the next subject of this case is {expected}: somebody was added meanwhile, look again")
    _known_role(event.codes)
    _refuse_words_of(case, event)
    due = decide_due(case, event.codes.form, event.at, rules)
    subject = SubjectEpisode(
        event.codes, due, provisional=case.provisional, since=event.at, words_too=event.words_too
    )  # fmt: skip
    case = replace(case, subjects=(*case.subjects, subject), fields=(*case.fields, *event.fields))
    return Step(case, (SetClock(f"decide:{subject.id}", due),)).then(routed(case, (subject,), event.at, rules))


def _refuse_words_of(case: Case, event: SubjectAdded) -> None:
    """Raises CannotHappen where an adult who refuses would be told of by the words about somebody else."""
    if event.words_too and event.codes.refuses:
        raise CannotHappen(
            "an adult who refuses has a worry of their own: write it, and leave the contact’s words out"
        )
    if event.words_too and any(s.since is None and s.refuses_somebody for s in case.subjects):
        raise CannotHappen(
            "what was said with this contact is about an adult who refuses: write the worry about this subject by "
            "itself, or let a manager record first on which ground the refusal is not followed, for every agency "
            "(override_refusal)"
        )


def subject_corrected(case: Case, event: SubjectCorrected, rules: Rules) -> Step:
    """What is known of a subject has changed. Rules look again; what was disclosed stays as it was recorded."""
    subject = case.subject(event.codes.id)
    if subject is None:
        raise CannotHappen(f"no subject “{event.codes.id}” in this case")
    _known_role(event.codes)
    others = tuple(name for name in case.fields if name.partition(".")[0] != subject.id)
    subject = replace(subject, codes=replace(event.codes, cohort=subject.codes.cohort))
    case = replace(case.with_subject(subject), fields=(*others, *event.fields))
    effects: tuple[Effect, ...] = ()
    case = _left_out(case, subject.id) if subject.codes.address_protected else case
    if subject.codes.address_protected and _was_disclosed(case, subject.id):
        effects += (OpenTask(f"protected:{subject.id}", TaskKind.PROTECTED, subject.id, event.at),)
    if not subject.refuses:
        effects += (CloseTask(f"refusal:{subject.id}"),)
    step = Step(case, effects).then(correcting.told(case, Correction(event.at, event.by, event.changed), rules))
    case = step.case
    return step if case.closed else step.then(routed(case, (subject,), event.at, rules))


def person_changed(case: Case, event: PersonChanged, rules: Rules) -> Step:
    """What is known of the household: told to whoever is asked from now on, as far as they may be."""
    if not case.subjects:
        raise CannotHappen("type the contact in first: nobody is named in it yet")
    known = {
        name.partition(".")[0] for name in case.fields if name[0] == "p" and name.partition(".")[0][1:].isdigit()
    }
    highest = max((int(name[1:]) for name in known), default=0)
    if event.person not in known and event.person != f"p{highest + 1}":
        raise CannotHappen(
            f"nobody of the household is “{event.person}”: name one who is, or add somebody (add_person)"
        )
    others = tuple(name for name in case.fields if name.partition(".")[0] != event.person)
    case = replace(case, fields=(*others, *event.fields))
    effects: tuple[Effect, ...] = ()
    if f"{event.person}.address_protected" in event.fields:
        case = _left_out(case, event.person)
        about = f"{event.person}{OF_PERSON}"
        task = OpenTask(f"protected:{event.person}", TaskKind.PROTECTED, about, event.at)
        effects = (task,) if _was_disclosed(case, event.person) else ()
    return Step(case, effects).then(correcting.told(case, Correction(event.at, event.by, event.changed), rules))


def _left_out(case: Case, owner: str) -> Case:
    """Of a packet that is still to be written, the places of somebody whose address has become secret."""
    secret = {f"{owner}.{place}" for place in PLACES}
    for leg in case.legs:
        if (
            leg.delivery is Delivery.TO_SEAL
            and owner not in case.released_to(leg.agency)
            and secret & {*leg.manifest}
        ):
            gone = tuple(name for name in leg.manifest if name in secret)
            kept = tuple(name for name in leg.manifest if name not in secret)
            case = case.with_leg(replace(leg, manifest=kept, kept_back=(*leg.kept_back, *gone)))
    return case


def _was_disclosed(case: Case, subject: str) -> bool:
    places = {f"{subject}.{place}" for place in PLACES}
    return any(places & set(leg.manifest) for leg in case.legs)


def _known_role(codes: SubjectCodes) -> None:
    if codes.role not in ROLES:
        raise CannotHappen(f"say what they are in this contact, one of {', '.join(ROLES)}")


def cohort_set(case: Case, event: CohortSet, rules: Rules) -> Step:
    """The stream of work a subject belongs to; rules that ask for one are consulted."""
    subject = _subject(case, event.subject)
    if event.cohort not in rules.cohorts:
        raise CannotHappen(f"no stream of work “{event.cohort}” in this hub: use one of {', '.join(rules.cohorts)}")
    stamp = Stamp(event.at, event.by, event.cohort)
    codes = replace(subject.codes, cohort=event.cohort)
    subject = replace(subject, codes=codes, cohorts=(*subject.cohorts, stamp))
    case = case.with_subject(subject)
    return Step(case) if case.closed else routed(case, (subject,), event.at, rules)


def levelled(case: Case, event: Levelled, rules: Rules) -> Step:
    """The level of need."""
    subject = _subject(case, event.subject)
    if event.level not in LEVELS:
        raise CannotHappen(f"no level of need “{event.level}”: use one of {', '.join(LEVELS)}")
    levels = (*subject.levels, Stamp(event.at, event.by, event.level))
    return Step(case.with_subject(replace(subject, levels=levels)))


def borderline(case: Case, event: Borderline, rules: Rules) -> Step:
    """Somebody else must look before anybody decides."""
    subject = _subject(case, event.subject)
    if subject.borderline:
        return Step(case)
    marked = replace(subject, borderline=Stamp(event.at, event.by, "borderline"))
    task = OpenTask(f"second_review:{subject.id}", TaskKind.SECOND_REVIEW, subject.id, subject.decide_due)
    return Step(case.with_subject(marked), (task,))


def second_review(case: Case, event: SecondReview, rules: Rules) -> Step:
    """The second person looked; whoever called it borderline is not the second."""
    subject = _subject(case, event.subject)
    if subject.borderline is None:
        raise CannotHappen("this subject is not marked as borderline")
    if subject.borderline.by == event.by:
        raise CannotHappen("you called it borderline yourself: somebody else must look")
    stamp = Stamp(event.at, event.by, "agrees" if event.agrees else "disagrees")
    reviewed = replace(subject, reviews=(*subject.reviews, stamp))
    return Step(case.with_subject(reviewed), (CloseTask(f"second_review:{subject.id}"),))


def refusal_overridden(case: Case, event: RefusalOverridden, rules: Rules) -> Step:
    """A manager goes on, on a recorded ground: now the agencies that they chose are asked, or those that the rules
    name."""
    subject = _subject(case, event.subject)
    if not subject.codes.refuses:
        raise CannotHappen("this subject has not refused")
    made = Override(event.at, event.by, event.ground, event.agencies)
    subject = replace(subject, overrides=(*subject.overrides, made))
    case = case.with_subject(subject)
    step = Step(case, (CloseTask(f"refusal:{subject.id}"),)).then(routed(case, (subject,), event.at, rules))
    for agency in event.agencies:
        if not any(agency in (leg.agency, leg.in_place_of) and subject.id in leg.subjects for leg in step.case.legs):
            asked = AgencyAsked(event.at, event.by, agency, (subject.id,))
            step = step.then(agency_asked(step.case, asked, rules))
    return step


def _subject(case: Case, name: str) -> SubjectEpisode:
    found = case.subject(name)
    if found is None:
        raise CannotHappen(f"no subject “{name}” in this case")
    if found.in_error:
        raise CannotHappen(IN_ERROR)
    return found


def _plain(sorting: Sorting) -> str:
    return sorting.replace("_", " ")
