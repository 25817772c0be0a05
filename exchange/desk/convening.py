"""Convening at the desk: what staff record of a seat at a strategy discussion."""

from __future__ import annotations

from exchange import content
from exchange.case.acknowledgement import Proof
from exchange.case.event import InviteeReplied
from exchange.case.state import Case
from exchange.case.strategy_discussion import Attendance
from exchange.desk.act import Act, caller
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action


async def _attends(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """A seat as `discussion` and `seat`, or together as a page's list gives it ("d1/i2"). Confirming what a reply
    claims takes one press; who said it on the telephone is kept when it is given."""
    name, _, seat = given.need("seat").rpartition("/")
    discussion = name or given.need("discussion")
    attendance = given.choice("attendance", Attendance)
    if attendance is Attendance.AWAITED:
        raise Unfit("attendance", "Choose what they said: accepted, tentative, declined, counter or delegated")
    now = desk.now()
    event = InviteeReplied(now, discussion, seat, attendance, now, "desk", Proof.STAFF, desk.viewer.id)
    return await desk.record(
        case, event, cause, {content.WHO: caller(desk, given).part()} if given.may("name") else {}
    )


ACTS: dict[str, Act] = {
    "attends": Act(Action.RECORD_ATTENDANCE, _attends),
}
