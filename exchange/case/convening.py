"""Convening: how a strategy discussion is called, chased and held (what a seat replies: replying.py).

1. An invitation is calendar mail without any name; the papers go apart, sealed, each agency its own.
2. Who is invited comes from the hub file, unless a person names others. Who must not see the case is never invited:
   somebody chooses another in their place. A quorum that cannot be reached is said at once, and blocks nothing.
3. Only those who have not replied are chased; a second silence goes to the desk, and so does the first when it is
   most urgent or the invitation has not arrived. No chasing moves the time by which they were asked to reply.
4. A discussion without its quorum is held only knowingly, and a full one must follow, emergency or not: it is called
   at once, for the middle of the day by whose end it must have been held, and whoever knows a better time moves it.
5. Who is invited to a place that nobody has named yet is told that the hub will say it, and the desk is asked to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from exchange.case import clock, deciding, escalating, soon
from exchange.case.clock import ClockKind, ClockSpec
from exchange.case.decision import Decision
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
from exchange.case.event import ClockRanOut, DiscussionCalled, DiscussionHeld
from exchange.case.lateral_check import Recall
from exchange.case.milestone import MilestoneMet, Progress
from exchange.case.refusing import respect
from exchange.case.rules import AgencyRules, DiscussionRules, Rules
from exchange.case.state import Case, Leg
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import (
    UNSETTLED,
    Attendance,
    DiscussionTelephoned,
    Invitee,
    Meeting,
    Mode,
    Present,
    StrategyDiscussion,
    missing,
    out_of_reach,
)
from exchange.case.urgency import urgent

FULL = "follow_up_meeting"  # the clock of the full discussion that must follow one without its quorum
SOONEST = timedelta(hours=1)  # to be called, and to be held before it is late
USUAL_FULL = ClockSpec(ClockKind.WORKING_DAYS, days=1)


def called(case: Case, event: DiscussionCalled, rules: Rules) -> Step:
    """Invite every agency that must be there, each in its function."""
    if case.discussion(event.discussion):
        raise CannotHappen("this discussion is already called")
    kind = kind_of(event.kind, rules)
    refuse_subjects(case, event.subjects)
    agencies, left_out = _whom(case, event, kind, rules)
    respect(case, event.subjects, agencies)
    if event.starts_at <= event.at:
        raise CannotHappen("the discussion must start in the future")
    if twice := same_as(case, Meeting.CALLED, event.kind, event.starts_at, event.subjects, agencies):
        raise CannotHappen(f"it is called already ({twice}): move it, call more agencies to it, or cancel it")
    discussion = StrategyDiscussion(
        id=event.discussion,
        called_at=event.at,
        called_by=event.by,
        starts_at=event.starts_at,
        minutes=event.minutes or kind.minutes,
        subjects=event.subjects,
        invitees=(),
        kind=event.kind,
        deadline=event.deadline,
        session=event.session,
        placeless=event.placeless,
    )
    discussion, effects = invite(discussion, agencies, event.at, rules)
    if event.deadline:
        effects += (SetClock(f"held_by:{discussion.id}", event.deadline),)
    if event.placeless:
        effects += (OpenTask(f"no_place:{discussion.id}", TaskKind.NO_PLACE, discussion.id, event.at),)
    effects += tuple(another(discussion, agency, event.at) for agency in left_out)
    effects += quorum_changed((), discussion, event.at, rules)
    return Step(replace(case, discussions=(*case.discussions, discussion)), effects)


def kind_of(name: str, rules: Rules) -> DiscussionRules:
    """The kind of discussion of this name. Raises CannotHappen."""
    kind = rules.strategy.of(name)
    if kind is None:
        known = ", ".join(v.kind for v in rules.strategy.variants) or "none"
        raise CannotHappen(f"no kind of discussion “{name}” in this hub: use one of {known}")
    return kind


def refuse_subjects(case: Case, subjects: tuple[str, ...]) -> None:
    """Raises CannotHappen for a discussion about nobody of the case."""
    if any(case.subject(s) is None for s in subjects) or not subjects:
        raise CannotHappen("name the subjects of this case that the discussion is about")


def same_as(
    case: Case, state: Meeting, kind: str, starts_at: datetime, subjects: Iterable[str], agencies: Iterable[str]
) -> str:
    """The discussion that this one would be over again: of one kind, at one time, about the same people and with the
    same agencies; "". Everybody would be asked, chased and counted twice."""
    wanted = (state, kind, starts_at, frozenset(subjects), frozenset(agencies))
    for d in case.discussions:
        if wanted == (d.state, d.kind, d.starts_at, frozenset(d.subjects), frozenset(i.agency for i in d.invitees)):
            return d.id
    return ""


def refuse_shut_out(case: Case, agencies: Iterable[str]) -> None:
    """Raises CannotHappen when one of the agencies must not see the case."""
    if any(case.shuts_out(agency) for agency in agencies):
        raise CannotHappen("one of these agencies must not see this case: leave it out, and invite another for it")


def _whom(
    case: Case, event: DiscussionCalled, kind: DiscussionRules, rules: Rules
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The agencies to invite, and those of the hub file's or the roster's that must not see the case."""
    named = event.agencies if not event.session else ()
    refuse_shut_out(case, (*named, *event.also))
    usual = event.agencies or _always(case, event, kind, rules)
    left_out = tuple(agency for agency in usual if case.shuts_out(agency))
    agencies = tuple(dict.fromkeys(a for a in (*usual, *event.also) if a not in left_out))
    if not agencies:
        raise CannotHappen("name the agencies to invite")
    return agencies, left_out


def _always(case: Case, event: DiscussionCalled, kind: DiscussionRules, rules: Rules) -> tuple[str, ...]:
    """For each function that the kind invites, those agencies of it that were asked about somebody it is about: of
    five surgeries the one that knows them. Where none was, every one that serves them. And the referrer's."""
    areas = {s.codes.area for s in case.subjects if s.id in event.subjects}
    asked = {leg.agency for leg in case.legs if _stands(leg) and not set(event.subjects).isdisjoint(leg.subjects)}
    found: list[str] = []
    for function in kind.invited:
        serving = [a.id for a in rules.with_function(function) if _serves(a, areas)]
        found += [a for a in serving if a in asked] or serving
    return tuple(dict.fromkeys([*found, *([event.referrer] if event.referrer and kind.referrer else [])]))


def _stands(leg: Leg) -> bool:
    """It was the right agency to ask, and has not been asked to forget it."""
    return not leg.rerouted_to and leg.recall is Recall.NONE


def _serves(agency: AgencyRules, areas: set[str]) -> bool:
    """Whose area nobody knows may be anybody's."""
    return not agency.areas or "" in areas or not areas.isdisjoint(agency.areas)


def another(discussion: StrategyDiscussion, agency: str, at: datetime) -> OpenTask:
    """Somebody must be found in place of an agency that must not see the case."""
    return OpenTask(f"seat:{discussion.id}/{agency}", TaskKind.ANOTHER_RECIPIENT, agency, at)


def invite(
    discussion: StrategyDiscussion, agencies: Iterable[str], at: datetime, rules: Rules
) -> tuple[StrategyDiscussion, tuple[Effect, ...]]:
    """The discussion with a seat for each agency, and what is sent to them. Raises CannotHappen."""
    kind = rules.discussion(discussion.kind)
    due = reply_due(discussion, at, rules)
    first = len(discussion.invitees) + 1
    new = tuple(
        replace(seat(n, agency, kind, rules), due=due, asked_at=at) for n, agency in enumerate(agencies, first)
    )
    discussion = replace(discussion, invitees=(*discussion.invitees, *new))
    effects: list[Effect] = []
    for invitee in new:
        about = f"{discussion.id}/{invitee.id}"
        effects += [
            SendLetter(invitation_key(about, discussion.sequence), Letter.INVITATION, about),
            SendLetter(f"papers:{about}", Letter.PAPERS, about),
            SetClock(f"chase:{about}", due),
            soon.of_seat(discussion, invitee, at, rules),
        ]
    return discussion, tuple(effects)


def reply_due(discussion: StrategyDiscussion, at: datetime, rules: Rules) -> datetime:
    """By when whoever is asked at `at` should have replied; nobody is waited for beyond the start."""
    reply = rules.discussion(discussion.kind).reply
    return min(clock.due(reply, at, rules.calendar), discussion.starts_at)


def invitation_key(about: str, sequence: int) -> str:
    """One invitation a seat and time."""
    return f"invitation:{about}:{sequence}" if sequence else f"invitation:{about}"


def seat(number: int, agency: str, kind: DiscussionRules, rules: Rules) -> Invitee:
    """The agency's seat, in the function by which it counts. Raises CannotHappen."""
    known = rules.agency(agency)
    if known is None:
        raise CannotHappen(f"no agency “{agency}” in this hub: choose from the hub file's agencies")
    function = next((f for f in kind.quorum if f in known.functions), known.functions[0])
    return Invitee(id=f"i{number}", agency=agency, function=function)


def quorum_changed(
    before: tuple[str, ...], discussion: StrategyDiscussion, at: datetime, rules: Rules
) -> tuple[Effect, ...]:
    """The desk is told when the quorum can no longer be reached, and when it can again."""
    lost = out_of_reach(discussion, rules.discussion(discussion.kind).quorum)
    key = f"no_quorum:{discussion.id}"
    if set(lost) - set(before):
        return (OpenTask(key, TaskKind.NO_QUORUM, discussion.id, at),)
    return (CloseTask(key),) if before and not lost else ()


def settled(about: str, *, deputy: bool = False) -> tuple[Effect, ...]:
    """Nobody need ask this seat any more; a `deputy` who comes gets what waits for them all the same."""
    theirs = () if deputy else (WithdrawLetters(f"deputy:{about}:"), WithdrawLetters(f"papers:{about}:"))
    return (
        StopClock(f"chase:{about}"),
        soon.stopped(about),
        WithdrawLetters(f"chaser:{about}:"),
        *theirs,
        *(CloseTask(f"{name}:{about}") for name in ("silent_invitee", "claimed", "other_time", "no_deputy")),
        *escalating.settled(about),
    )


def chase_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """No reply yet: chase once by mail; then, or at once when it is most urgent, the desk rings."""
    name, _, seat_id = about.partition("/")
    discussion = case.discussion(name)
    invitee = discussion.invitee(seat_id) if discussion else None
    if discussion is None or invitee is None or invitee.attendance not in UNSETTLED:
        return Step(case)
    if discussion.state is not Meeting.CALLED or case.shuts_out(invitee.agency) or invitee.shut_out:
        return Step(case)
    again = clock.due(rules.discussion(discussion.kind).reply, event.at, rules.calendar)
    if invitee.attendance is not Attendance.AWAITED:  # they have said something: a person asks what came of it
        return Step(case, (escalating.seat_to_ring(invitee, about, event.at), SetClock(f"chase:{about}", again)))
    chased = replace(invitee, chased=invitee.chased + 1)
    number = f"{discussion.sequence}:{chased.chased}" if discussion.sequence else str(chased.chased)
    by_mail = not invitee.chased and invitee.arrived and event.at < discussion.starts_at
    asked: tuple[Effect, ...] = (SendLetter(f"chaser:{about}:{number}", Letter.CHASER, about),) if by_mail else ()
    if not by_mail or urgent(case, discussion.subjects, rules):
        asked = (*asked, escalating.seat_to_ring(invitee, about, event.at))
    climbed: tuple[Effect, ...] = ()
    if invitee.chased and not invitee.claimed:
        chased, climbed = escalating.climb_seat(case, discussion, chased, event.at, rules)
    effects = (*asked, *climbed, SetClock(f"chase:{about}", again))
    return Step(case.with_discussion(discussion.with_invitee(chased)), effects)


def held(case: Case, event: DiscussionHeld, rules: Rules) -> Step:
    """The discussion took place; who was there is recorded, whatever they had said."""
    discussion = case.discussion(event.discussion)
    if discussion is None:
        raise CannotHappen(f"no discussion “{event.discussion}” in this case")
    if discussion.by_telephone:
        raise CannotHappen("it was recorded as held by telephone, with who took part: write its record")
    if event.began_at and event.began_at > event.at:
        raise CannotHappen("it cannot have begun in the future: record it when it has been held")
    seats = _seated(case, discussion, event, rules)
    again = discussion.state is Meeting.HELD  # who was there is corrected: somebody was forgotten, or not there
    began = event.began_at or (discussion.began_at if again else None)
    held_at = discussion.held_at if again else event.at
    taken = replace(discussion, invitees=seats, state=Meeting.HELD, held_at=held_at, began_at=began, full_due=None)
    lacks = missing(taken, rules.discussion(discussion.kind).quorum)
    if lacks and event.inquorate is False:
        raise CannotHappen(f"{named(lacks)} were not there: say why it was held without them, or call it again")
    taken = replace(taken, inquorate=bool(lacks))
    taken, clocks = to_follow(taken, rules) if event.inquorate else (taken, ())
    if not again and discussion.starts_at > event.at:
        taken = replace(taken, sequence=next_sequence(discussion))
        clocks += _out_of_calendars(case, taken)
    if again:
        step = _corrected(case, discussion, taken, clocks, rules)
        return step.then(call_full(step.case, taken.id, event, rules))
    step = took_place(case.with_discussion(taken), taken, event.at, event.by, rules)
    step = step.then(Step(step.case, clocks))
    return step.then(call_full(step.case, taken.id, event, rules))


def next_sequence(discussion: StrategyDiscussion) -> int:
    """The next number of its entries: beyond those of entries that were taken back or given again alone."""
    return discussion.sequence + 1 + 2 * max((i.turns for i in discussion.invitees), default=0)


def _out_of_calendars(case: Case, held_already: StrategyDiscussion) -> tuple[Effect, ...]:
    """It was held before its time: nobody is to keep a meeting in their calendar that will not take place."""
    told: list[str] = []
    for seat in held_already.invitees:
        out = case.shuts_out(seat.agency) or seat.shut_out
        if seat.due is not None and not out:  # who came without an invitation has no entry
            about = f"{held_already.id}/{seat.id}"
            told += [about, *([f"{about}/deputy"] if seat.deputy_asked_at else [])]
    return tuple(SendLetter(f"cancellation:{about}:held", Letter.CANCELLATION, about) for about in told)


def _corrected(
    case: Case, before: StrategyDiscussion, after: StrategyDiscussion, clocks: tuple[Effect, ...], rules: Rules
) -> Step:
    """What its quorum lacks after all is owed as it would have been; what it does not lack any more, no longer."""
    if after.inquorate and before.full_due:  # a full one is owed already, or has been held
        return Step(case.with_discussion(replace(after, full_due=before.full_due)))
    case, effects = case.with_discussion(after), clocks
    if after.inquorate:
        for earlier in (d for d in case.discussions if d.followed_by == after.id and d.full_due):
            case = case.with_discussion(replace(earlier, followed_by=""))
            effects += (SetClock(f"{FULL}:{earlier.id}", earlier.full_due or after.starts_at),)
        return Step(case, effects)
    key = f"{FULL}:{after.id}"
    return Step(case, (StopClock(key), CloseTask(key))).then(_followed(case, after, rules))


def to_follow(discussion: StrategyDiscussion, rules: Rules) -> tuple[StrategyDiscussion, tuple[Effect, ...]]:
    """What its quorum lacked, a full discussion makes up: the discussion with the time of that, and its clock."""
    if not discussion.inquorate:
        return discussion, ()
    due = rules.named_due(FULL, USUAL_FULL, discussion.began_at or discussion.starts_at)
    return replace(discussion, full_due=due), (SetClock(f"{FULL}:{discussion.id}", due),)


def call_full(case: Case, discussion: str, event: DiscussionHeld | DiscussionTelephoned, rules: Rules) -> Step:
    """The full discussion that must follow is called with everybody whom the hub file says, unless one is; where it
    cannot be, the desk is asked at once."""
    of, follows = case.discussion(discussion), event.full
    if of is None or of.full_due is None or of.followed_by or follows is None or case.closed or full_called(case, of):
        return Step(case)
    starts = follows.starts_at or _midday(of.full_due, event.at, rules)
    wanted = DiscussionCalled(
        event.at, event.by, f"d{len(case.discussions) + 1}", starts, of.subjects, (), of.kind,
        referrer=follows.referrer, deadline=of.full_due, placeless=True,
    )  # fmt: skip
    try:
        return called(case, wanted, rules)
    except CannotHappen:
        return Step(case, (OpenTask(f"{FULL}:{of.id}", TaskKind.FULL_DISCUSSION, of.id, event.at),))


def full_called(case: Case, of: StrategyDiscussion) -> StrategyDiscussion | None:
    """The one of its kind that is called and may be the full one."""
    called_for = (d for d in case.discussions if d.state is Meeting.CALLED and d.kind == of.kind)
    return next((d for d in called_for if set(of.subjects) <= set(d.subjects)), None)


def _midday(due: datetime, at: datetime, rules: Rules) -> datetime:
    """The middle of the opening of the day on which it is due, on a quarter of an hour; where that has passed, or
    would end too late, half-way until it is due."""
    span = rules.calendar.span((due - timedelta(seconds=1)).astimezone(rules.calendar.zone).date())
    half = at + (due - at) / 2
    middle = span[0] + (span[1] - span[0]) / 2 if span else half
    chosen = middle if at + SOONEST <= middle <= due - SOONEST else half
    quarter = chosen.replace(minute=chosen.minute - chosen.minute % 15, second=0, microsecond=0)
    return quarter if quarter > at else chosen


def named(functions: tuple[str, ...]) -> str:
    """Functions, as they are said."""
    return ", ".join(function.replace("_", " ") for function in functions)


def _seated(case: Case, discussion: StrategyDiscussion, event: DiscussionHeld, rules: Rules) -> tuple[Invitee, ...]:
    """Every seat with who sat there; who came without an invitation has one now."""
    came = {p.agency: p for p in event.present}
    kind = rules.discussion(discussion.kind)
    refuse_shut_out(case, came)
    invited = {i.agency for i in discussion.invitees}
    first = len(invited) + 1
    new = (seat(n, a, kind, rules) for n, a in enumerate((a for a in came if a not in invited), first))
    if not event.present:
        return tuple(replace(i, attended=i.agency in event.attended) for i in discussion.invitees)
    return tuple(sat(i, came.get(i.agency)) for i in (*discussion.invitees, *new))


def sat(invitee: Invitee, present: Present | None) -> Invitee:
    """The seat with who sat there."""
    if present is None:
        mode = Mode.WRITTEN if invitee.attendance is Attendance.WRITTEN else None
        return replace(invitee, attended=False, by_deputy=False, mode=mode)
    deputy = present.by_deputy or invitee.attendance is Attendance.DEPUTY
    attended = present.mode is not Mode.WRITTEN
    return replace(invitee, attended=attended, mode=present.mode, by_deputy=deputy and attended)


def took_place(case: Case, taken: StrategyDiscussion, at: datetime, by: str, rules: Rules) -> Step:
    """What follows once a discussion was held: nobody is asked any more, and the clocks of its subjects move."""
    step = Step(case, over(case, taken))
    for subject in taken.subjects:
        step = step.then(_enquiry_started(step.case, subject, taken, MilestoneMet(at, by, subject, ""), rules))
    return step.then(_followed(step.case, taken, rules))


def over(case: Case, discussion: StrategyDiscussion) -> tuple[Effect, ...]:
    """Nobody need be asked about this discussion, or wait for it."""
    return (
        *(effect for i in discussion.invitees for effect in settled(f"{discussion.id}/{i.id}")),
        StopClock(f"held_by:{discussion.id}"),
        CloseTask(f"not_held:{discussion.id}"),
        CloseTask(f"no_quorum:{discussion.id}"),
        CloseTask(f"no_place:{discussion.id}"),
        *found_another(case, discussion),
    )


def found_another(case: Case, discussion: StrategyDiscussion) -> tuple[Effect, ...]:
    """Nobody need be found any more in place of those who must not see the case."""
    kept_out = dict.fromkeys(r.who for r in case.restrictions)
    return tuple(CloseTask(f"seat:{discussion.id}/{who}") for who in kept_out)


def _followed(case: Case, taken: StrategyDiscussion, rules: Rules) -> Step:
    """A discussion with its quorum is the full one that an emergency about the same people still needed."""
    if missing(taken, rules.discussion(taken.kind).quorum):
        return Step(case)
    effects: tuple[Effect, ...] = ()
    for earlier in case.discussions:
        before = (earlier.began_at or earlier.starts_at) < (taken.began_at or taken.starts_at)
        if earlier.full_owed and before and set(earlier.subjects) <= set(taken.subjects):
            case = case.with_discussion(replace(earlier, followed_by=taken.id))
            key = f"{FULL}:{earlier.id}"
            effects += (StopClock(key), CloseTask(key))
    return Step(case, effects)


def _enquiry_started(case: Case, subject: str, held: StrategyDiscussion, met: MilestoneMet, rules: Rules) -> Step:
    """A strategy discussion meets its own clock, and starts that of the conference where section 47 was decided."""
    episode = case.subject(subject)
    step = Step(case)
    for name in ("strategy_discussion", "adult_strategy"):
        running = episode.milestone(name) if episode else None
        if running and running.progress is Progress.RUNNING:
            step = step.then(deciding.milestone_met(step.case, replace(met, name=name), rules))
    if episode and episode.decision == Decision.SECTION_47:
        began = held.began_at or held.starts_at
        return step.then(deciding.start(step.case, subject, "icpc", began, rules, with_decision=True))
    return step
