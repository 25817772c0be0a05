"""The acts of the desk by name: what each takes and what it does, the same from a page, the API and the commands."""

from __future__ import annotations

from exchange.case.acknowledgement import Answer, DeclineReason
from exchange.case.state import Case
from exchange.desk import deciding, referrer, screening
from exchange.desk.act import Act, caller, zone
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action, require


async def perform(desk: Desk, act: str, case: str, given: Given, cause: str) -> Case:
    """Do it, once per cause. Raises Forbidden before anything that was given is read; then Unfit or CannotHappen."""
    wanted = ACTS[act]
    require(desk.viewer, wanted.action)
    return await wanted.do(desk, case, given, cause)


async def _look(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.look(case, given.may("rating"), cause)


async def _rate(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.rate(case, given.need("subject"), given.need("rating"), given.need("reason"), cause)


async def _outcome(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.outcome(case, given.need("subject"), "recorded", given.need("words"), cause)


async def _ask(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.ask(case, given.need("agency"), given.many("subjects"), given.need("reason"), cause)


async def _answered(desk: Desk, case: str, given: Given, cause: str) -> Case:
    answer = given.choice("answer", Answer)
    reason = given.choice("decline", DeclineReason, DeclineReason.UNSTATED) if answer is Answer.DECLINE else None
    return await desk.answered(
        case, given.need("leg"), answer, caller(desk, given), given.may("words"), cause, reason
    )


async def _call(desk: Desk, case: str, given: Given, cause: str) -> Case:
    starts = given.moment("starts", await zone(desk))
    if starts is None:
        raise Unfit("starts", "Write when it starts: the date like 2026-03-27 and the time like 14:30")
    return await desk.call_discussion(
        case, starts, given.many("subjects"), given.many("agencies"), given.need("reason"), cause
    )


async def _held(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.discussion_held(
        case, given.need("discussion"), given.many("agencies"), given.need("words"), cause
    )


async def _task(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.settle_task(case, given.need("key"))


async def _close(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.close(case, given.need("reason"), given.yes("override"), cause)


ACTS: dict[str, Act] = {
    **screening.ACTS,
    **deciding.ACTS,
    **referrer.ACTS,
    "look": Act(Action.LOOK, _look),
    "rate": Act(Action.RATE, _rate),
    "outcome": Act(Action.RECORD_OUTCOME, _outcome),
    "ask": Act(Action.ASK, _ask),
    "answered": Act(Action.RECORD_ANSWER, _answered),
    "call": Act(Action.CALL_DISCUSSION, _call),
    "held": Act(Action.CALL_DISCUSSION, _held),
    "task": Act(Action.SETTLE_TASK, _task),
    "close": Act(Action.CLOSE, _close),
}
