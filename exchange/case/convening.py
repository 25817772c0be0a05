"""Convening: how a strategy discussion is called, replied to, chased and held.

1. An invitation is calendar mail without any name; the papers go apart, sealed, each agency its own.
2. Only those who have not replied are chased; a second silence goes to the desk.
3. A calendar reply changes attendance and nothing else; an older reply never overrides a newer one.
4. A reply that nothing proves stops no chasing and fills no seat: the desk asks, and confirms it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock, deciding
from exchange.case.acknowledgement import Proof
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
from exchange.case.event import ClockRanOut, DiscussionCalled, DiscussionHeld, InviteeReplied
from exchange.case.milestone import MilestoneMet, Progress
from exchange.case.refusing import respect
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import COUNTS_FROM, Attendance, Invitee, Meeting, StrategyDiscussion, holds


def called(case: Case, event: DiscussionCalled, rules: Rules) -> Step:
    """Invite every agency named, each in its function."""
    if case.discussion(event.discussion):
        raise CannotHappen("this discussion is already called")
    if not event.agencies:
        raise CannotHappen("name the agencies to invite")
    if any(case.subject(s) is None for s in event.subjects) or not event.subjects:
        raise CannotHappen("name the subjects of this case that the discussion is about")
    if any(case.shuts_out(agency) for agency in event.agencies):
        raise CannotHappen("one of these agencies must not see this case: leave it out, and invite another for it")
    respect(case, event.subjects)
    if event.starts_at <= event.at:
        raise CannotHappen("the discussion must start in the future")
    due = min(clock.due(rules.strategy.reply, event.at, rules.calendar), event.starts_at)
    invitees = tuple(_invitee(n, agency, rules, due) for n, agency in enumerate(event.agencies, 1))
    discussion = StrategyDiscussion(
        id=event.discussion,
        called_at=event.at,
        called_by=event.by,
        starts_at=event.starts_at,
        minutes=rules.strategy.minutes,
        subjects=event.subjects,
        invitees=invitees,
    )
    effects: list[Effect] = []
    for invitee in invitees:
        about = f"{discussion.id}/{invitee.id}"
        effects += [
            SendLetter(f"invitation:{about}", Letter.INVITATION, about),
            SendLetter(f"papers:{about}", Letter.PAPERS, about),
            SetClock(f"chase:{about}", due),
        ]
    return Step(replace(case, discussions=(*case.discussions, discussion)), tuple(effects))


def _invitee(number: int, agency: str, rules: Rules, due: datetime) -> Invitee:
    known = rules.agency(agency)
    if known is None:
        raise CannotHappen(f"no agency “{agency}” in this hub: choose from the hub file's agencies")
    function = next((f for f in rules.strategy.quorum if f in known.functions), known.functions[0])
    return Invitee(id=f"i{number}", agency=agency, function=function, due=due)


def replied(case: Case, event: InviteeReplied, rules: Rules) -> Step:
    """An invitee said whether they come."""
    discussion = case.discussion(event.discussion)
    invitee = discussion.invitee(event.invitee) if discussion else None
    if event.proof is Proof.STAFF and invitee is None:
        raise CannotHappen(f"no seat “{event.discussion}/{event.invitee}” in this case: reload the page")
    if discussion is None or invitee is None or not holds(invitee, event.stamp):
        return Step(case)
    if event.proof < COUNTS_FROM:
        return _claimed(case, discussion, invitee, event)
    said = replace(invitee, attendance=event.attendance, said_at=event.stamp, claimed=None)
    return Step(case.with_discussion(discussion.with_invitee(said)), _settled(f"{discussion.id}/{invitee.id}"))


def _claimed(case: Case, discussion: StrategyDiscussion, invitee: Invitee, event: InviteeReplied) -> Step:
    if discussion.state is not Meeting.CALLED or event.attendance is invitee.attendance:
        return Step(case)
    about = f"{discussion.id}/{invitee.id}"
    claimed = replace(invitee, claimed=event.attendance)
    task = OpenTask(f"claimed:{about}", TaskKind.ATTENDANCE_CLAIMED, about, event.at)
    return Step(case.with_discussion(discussion.with_invitee(claimed)), (task,))


def _settled(about: str) -> tuple[Effect, ...]:
    """Nobody need ask this seat any more."""
    return (
        StopClock(f"chase:{about}"),
        WithdrawLetters(f"chaser:{about}:"),
        CloseTask(f"silent_invitee:{about}"),
        CloseTask(f"claimed:{about}"),
    )


def chase_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """No reply yet: chase once by mail, then the desk rings, again and again until the hour of the discussion."""
    name, _, seat = about.partition("/")
    discussion = case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    if discussion is None or invitee is None or invitee.attendance is not Attendance.AWAITED:
        return Step(case)
    if discussion.state is not Meeting.CALLED or case.shuts_out(invitee.agency):
        return Step(case)
    again = clock.due(rules.strategy.reply, event.at, rules.calendar)
    chased = replace(invitee, chased=invitee.chased + 1, due=again)
    asked: Effect = SendLetter(f"chaser:{about}:{chased.chased}", Letter.CHASER, about)
    if invitee.chased or event.at >= discussion.starts_at:
        asked = OpenTask(f"silent_invitee:{about}", TaskKind.SILENT_INVITEE, about, event.at)
    return Step(case.with_discussion(discussion.with_invitee(chased)), (asked, SetClock(f"chase:{about}", again)))


def held(case: Case, event: DiscussionHeld, rules: Rules) -> Step:
    """The discussion took place; who was there is recorded, whatever they had said."""
    discussion = case.discussion(event.discussion)
    if discussion is None:
        raise CannotHappen(f"no discussion “{event.discussion}” in this case")
    if discussion.state is Meeting.HELD:
        return Step(case)
    seats = tuple(replace(i, attended=i.agency in event.attended) for i in discussion.invitees)
    effects = tuple(effect for i in seats for effect in _settled(f"{discussion.id}/{i.id}"))
    taken = replace(discussion, invitees=seats, state=Meeting.HELD, held_at=event.at)
    step = Step(case.with_discussion(taken), effects)
    for subject in discussion.subjects:
        step = step.then(_enquiry_started(step.case, subject, taken, event, rules))
    return step


def _enquiry_started(case: Case, subject: str, held: StrategyDiscussion, event: DiscussionHeld, rules: Rules) -> Step:
    """A strategy discussion meets its own clock, and starts that of the conference where section 47 was decided."""
    episode = case.subject(subject)
    step = Step(case)
    for name in ("strategy_discussion", "adult_strategy"):
        running = episode.milestone(name) if episode else None
        if running and running.progress is Progress.RUNNING:
            step = step.then(
                deciding.milestone_met(step.case, MilestoneMet(event.at, event.by, subject, name), rules)
            )
    if episode and episode.decision == Decision.SECTION_47:
        return step.then(deciding.start(step.case, subject, "icpc", held.starts_at, rules, with_decision=True))
    return step
