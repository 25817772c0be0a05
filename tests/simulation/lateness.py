"""What a case owes and by when, written here once more by hand, and which task presses a person once it is late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.case.action import HUB, Doing
from exchange.case.duty import Handing
from exchange.case.feedback import Feedback
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import Attendance, Meeting, StrategyDiscussion
from exchange.store.tasks import Task
from tests.simulation.hours import open_hours

LEG = frozenset({"silent_agency", "telephone_agency", "cannot_open", "wrong_person", "manager", "lead_unreached",
                 "unclear_answer"})  # fmt: skip


@dataclass(frozen=True)
class Due:
    """Something that somebody must have done by then; after it a task of one of these kinds waits at the desk."""

    what: str
    about: str
    at: datetime
    kinds: frozenset[str]

    def pressed(self, asked: tuple[Task, ...]) -> bool:
        """Whether a person is asked for it."""
        return any(t.kind in self.kinds and t.about.rpartition(":")[2] == self.about for t in asked)


def worked_on(case: Case, about: str) -> datetime | None:
    """When somebody last did something about it, after which the desk is left in peace for four hours: of opening, or
    of the clock when it is red."""
    leg = case.leg(about)
    told = [at for at in (leg.acknowledged_at, leg.more_at) if at] if leg else []
    return max([call.at for call in case.calls if call.about == about] + told, default=None)


def is_left_in_peace(case: Case, about: str, now: datetime) -> bool:
    """Whether somebody worked on it so lately that nobody need be asked again yet; an agency whose action is late is
    asked by mail first, and the desk four hours after that."""
    action = case.action(about)
    mailed = action is not None and action.owner != HUB and not _is_red(case)
    since = action.due if action and mailed else worked_on(case, about)
    if since is None:
        return False
    if _is_red(case):
        return now - since <= timedelta(hours=4)
    return open_hours(since, now) <= timedelta(hours=4)


def owed(case: Case) -> Iterator[Due]:
    """All that is owed in an open case."""
    if case.closed:
        return
    if case.looked_at is None:
        yield Due("first look", "", case.first_look_due, frozenset({"first_look"}))
    undecided = (s for s in case.subjects if not s.decision)
    yield from (Due("decision", s.id, s.decide_due, frozenset({"decide"})) for s in undecided)
    for leg in case.legs:
        yield from _leg(leg)
    for d in case.discussions:
        yield from _discussion(d, red=_is_red(case))
    yield from _afterwards(case)


def _afterwards(case: Case) -> Iterator[Due]:
    written = (r for r in case.records if not any(v.circulated_at for v in r.versions))
    yield from (Due("record", r.discussion, r.due, frozenset({"record"})) for r in written)
    agreed = (a for a in case.actions if a.doing is Doing.OPEN)
    yield from (Due("action", a.id, a.due, frozenset({"action", "needs_longer", "cannot_do"})) for a in agreed)
    for o in case.outcomes_owed:
        if o.offered and o.accept_by and _is_red(case):  # others are asked twice more by mail before anybody rings
            yield Due("taking on", o.leg, o.accept_by, frozenset({"not_taken_on"}))
    if case.feedback in (Feedback.DUE, Feedback.UNDELIVERABLE) and case.feedback_due:
        yield Due("feedback", "", case.feedback_due, frozenset({"tell_referrer", "ring_referrer"}))
    if case.duties and case.duties[-1].state is Handing.OFFERED:
        yield Due("duty", "", case.duties[-1].offered_at, frozenset({"duty"}))


def _is_red(case: Case) -> bool:
    return case.danger or any(s.rating == "red" for s in case.subjects)


def _leg(leg: Leg) -> Iterator[Due]:
    if leg.owing and leg.acknowledged_at is None:
        yield Due("acknowledgement", leg.id, leg.acknowledge_due, LEG)
    if leg.owing:
        yield Due("answer", leg.id, max(leg.answer_due, leg.more_at or leg.answer_due), LEG)


def _discussion(d: StrategyDiscussion, *, red: bool) -> Iterator[Due]:
    if d.state is Meeting.CALLED:
        for seat in d.invitees:
            if seat.attendance is Attendance.AWAITED and seat.due:
                kinds = frozenset({"silent_invitee", "letter_failed", "attendance_claimed", "telephone_agency"})
                late = seat.due if red else seat.due + (seat.due - (seat.asked_at or d.called_at))
                yield Due("reply", f"{d.id}/{seat.id}", late, kinds)
        by = d.deadline or d.starts_at + timedelta(minutes=d.minutes)
        yield Due("holding", d.id, max(by, d.starts_at + timedelta(minutes=d.minutes)), frozenset({"not_held"}))
    if d.full_due and not d.followed_by:
        yield Due("full discussion", d.id, d.full_due, frozenset({"full_discussion"}))
