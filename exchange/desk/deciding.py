"""Deciding at the desk: threshold decisions, the clocks of law and practice, and actions."""

from __future__ import annotations

from datetime import datetime, time

from exchange import content
from exchange.case.action import ActionMoved, ActionSet, Doing
from exchange.case.decision import Decision, Specialist, ThreeLimbs
from exchange.case.event import Decided
from exchange.case.milestone import PROVED_BY_A_DISCUSSION, MilestoneMet, MilestoneStarted
from exchange.case.state import Case
from exchange.desk.act import Act, had_before_them, reason, zone
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action
from exchange.store import casebook

LIMBS = ("needs", "risk", "unable")


async def _decide(desk: Desk, case: str, given: Given, cause: str) -> Case:
    follow_up = await _by(desk, given, "follow_up")
    if follow_up and follow_up <= desk.now():
        raise Unfit("follow_up", "That is past: choose a day or a time that is to come")
    routes = given.choices("routes", Specialist)
    drops = await _drops(desk, case, given, routes)
    event = Decided(
        at=desk.now(),
        by=desk.viewer.id,
        subject=given.need("subject"),
        decision=given.choice("decision", Decision),
        routes=routes,
        limbs=ThreeLimbs(*(given.yes(limb) for limb in LIMBS)) if any(map(given.may, LIMBS)) else None,
        without_checks=given.yes("without_checks"),
        voice=given.may("voice"),
        capacity=given.may("capacity"),
        outcomes_asked=given.may("outcomes_asked"),
        follow_up=follow_up,
        drops=drops,
        additions=had_before_them(given),
    )
    if event.decision is Decision.SECTION_42 and event.limbs and event.limbs.met:
        given.complete([f"{limb}_why" for limb in LIMBS], {})  # Care Act guidance 14.94: reasons are recorded
    why = {f"{content.LIMB}{limb}": given.may(f"{limb}_why").encode() for limb in LIMBS if given.may(f"{limb}_why")}
    if drops:
        why[content.DROPPED] = given.need("dropped_why").encode()
    return await desk.record(
        case, event, cause, {**reason(given, event.subject), **content.of_subject(event.subject, why)}
    )


async def _drops(
    desk: Desk, case: str, given: Given, routes: tuple[Specialist, ...]
) -> tuple[Specialist, ...]:  # fmt: skip
    """The specialist routes of the decision before that this one leaves out, when it is said why."""
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        subject = (await casebook.load(tx, case)).subject(given.need("subject"))
    before = subject.decisions[-1].routes if subject and subject.decisions else ()
    return tuple(r for r in before if r not in routes) if given.may("dropped_why") else ()


async def _by(desk: Desk, given: Given, name: str) -> datetime | None:
    """A moment, or the end of the day of a date."""
    there = await zone(desk)
    if not given.may(name) or ":" in given.may(name):
        return given.moment(name, there)
    day = given.day(name)
    return datetime.combine(day, time(17), there) if day else None


async def _start(desk: Desk, case: str, given: Given, cause: str) -> Case:
    since = await _by(desk, given, "since")
    if since is None:
        raise Unfit("since", "Write the moment it counts from, like 27/11/2026 14:30")
    event = MilestoneStarted(desk.now(), desk.viewer.id, given.need("subject"), given.need("clock"), since)
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _met(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """It was done. A discussion is never met so: its own record ends its clock, and starts those that follow it."""
    clock = given.need("clock")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        closed = (await casebook.load(tx, case)).closed  # no discussion can be recorded in it any more
    if clock in PROVED_BY_A_DISCUSSION and not closed:
        raise Unfit(
            "clock",
            "Record the discussion itself, with who took part and when: that it was held (held), or where it was "
            "held elsewhere or never called here, as one by telephone, with how each took part (telephoned). "
            "That ends this clock and starts what follows",
        )
    event = MilestoneMet(desk.now(), desk.viewer.id, given.need("subject"), clock)
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _set_action(desk: Desk, case: str, given: Given, cause: str) -> Case:
    due = await _by(desk, given, "due")
    if due is None:
        raise Unfit("due", "Write by when it is to be done, like 27/11/2026")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        number = len((await casebook.load(tx, case)).actions) + 1
    action, owner, subjects = f"a{number}", given.need("owner"), given.many("subjects")
    event = ActionSet(desk.now(), desk.viewer.id, action, owner, subjects, due, given.may("discussion"))
    return await desk.record(case, event, cause, {f"{content.ACTION}{action}": given.need("words").encode()})


async def _move_action(desk: Desk, case: str, given: Given, cause: str) -> Case:
    doing, due = given.choice("doing", Doing), await _by(desk, given, "due")
    event = ActionMoved(desk.now(), desk.viewer.id, given.need("action_id"), doing, due)
    return await desk.record(case, event, cause, reason(given))


ACTS: dict[str, Act] = {
    "decide": Act(Action.DECIDE, _decide),
    "start_clock": Act(Action.SCREEN, _start),
    "clock_met": Act(Action.SCREEN, _met),
    "set_action": Act(Action.SET_ACTION, _set_action),
    "move_action": Act(Action.RECORD_ANSWER, _move_action),
}
