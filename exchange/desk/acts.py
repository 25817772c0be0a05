"""The acts of the desk by name: what each takes and what it does, the same from a page, the API and the commands."""

from __future__ import annotations

from exchange.case.acknowledgement import Answer
from exchange.case.state import Case
from exchange.desk import (
    checks,
    convening,
    correcting,
    deciding,
    discussing,
    feedback,
    inquiring,
    outcome,
    products,
    recording,
    records,
    screening,
    shutting_out,
    silence,
)
from exchange.desk.act import Act, caller_at, declined, had_before_them, refuse_future, zone
from exchange.desk.given import Given
from exchange.desk.needs import CODES, NEEDS
from exchange.desk.working import Desk
from exchange.policy import Action, Forbidden, require_person
from exchange.telling import Telling


async def perform(desk: Desk, act: str, case: str, given: Given, cause: str) -> Case:
    """Do it, once per cause. Raises Forbidden, or CannotHappen where nobody is named who must be, before
    anything that was given is read; then Unfit or CannotHappen."""
    allow(desk, act, case)
    given.complete(NEEDS.get(act, ()), CODES.get(act, {}))
    return await ACTS[act].do(desk, case, given, cause)


def allow(desk: Desk, act: str, case: str) -> None:
    """Raises Forbidden, or CannotHappen where nobody is named who must be."""
    try:
        require_person(desk.viewer, ACTS[act].action)
    except Forbidden as denied:
        raise Forbidden(denied.viewer, denied.action, case=case) from None


async def _look(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.look(case, given.may("rating"), cause, had_before_them(given))


async def _confirm(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.confirm(case, cause)


async def _rate(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.rate(case, given.need("subject"), given.need("rating"), given.need("reason"), cause)


async def _ask(desk: Desk, case: str, given: Given, cause: str) -> Case:
    subjects = given.many("subjects") or (await convening.standing(desk, case)).only
    return await desk.ask(
        case, given.need("agency"), subjects, given.need("reason"), cause, given.may("instead_of"),
        given.may("in_place_of"),
    )  # fmt: skip


async def _answered(desk: Desk, case: str, given: Given, cause: str) -> Case:
    answer = given.choice("answer", Answer)
    reason = declined(given)
    refuse_future(given, "searched", desk.now().astimezone(await zone(desk)).date())
    told = Telling(
        given.may("words"), given.may("systems"), given.may("identifiers"), given.may("searched"),
        given.may("own_reference"), given.yes("released"),
    )  # fmt: skip
    return await desk.answered(
        case,
        given.need("leg"),
        answer,
        await caller_at(desk, given, case),
        told,
        cause,
        reason,
        given.may("suggested"),
    )


async def _task(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Of one matter there may be several: the page says of all of them that they are done."""
    given.need("key")
    done = [await desk.settle_task(case, key) for key in given.many("key")]
    return done[-1]


async def _close(desk: Desk, case: str, given: Given, cause: str) -> Case:
    return await desk.close(case, given.need("reason"), given.yes("override"), cause)


ACTS: dict[str, Act] = {
    **screening.ACTS,
    **correcting.ACTS,
    **deciding.ACTS,
    **checks.ACTS,
    **outcome.ACTS,
    **feedback.ACTS,
    **inquiring.ACTS,
    **convening.ACTS,
    **silence.acts(_answered, convening.ACTS["attends"].do),
    **discussing.ACTS,
    **recording.ACTS,
    "look": Act(Action.LOOK, _look),
    "confirm": Act(Action.TRANSCRIBE, _confirm),
    "rate": Act(Action.RATE, _rate),
    "ask": Act(Action.ASK, _ask),
    "answered": Act(Action.RECORD_ANSWER, _answered),
    "product": Act(Action.WRITE_PRODUCT, products.write),
    "ask_release": Act(Action.ASK_RELEASE, products.ask),
    "owner_answered": Act(Action.RECORD_ANSWER, products.owner_answered),
    "override": Act(Action.OVERRIDE_RELEASE, products.override),
    "release": Act(Action.RELEASE_PRODUCT, products.release),
    "not_shared": Act(Action.NOT_SHARE, products.not_shared),
    "task": Act(Action.SETTLE_TASK, _task),
    "close": Act(Action.CLOSE, _close),
    "restrict": Act(Action.RESTRICT, shutting_out.restrict),
    "lift": Act(Action.LIFT, shutting_out.lift),
    "route": Act(Action.RESTRICT, shutting_out.route),
    "hold": Act(Action.HOLD, records.hold),
    "lift_hold": Act(Action.LIFT_HOLD, records.lift_hold),
    "dispose": Act(Action.DISPOSE, records.dispose),
}
