"""Silence at the desk: calls and letters to whoever does not answer, the duty team, and whose a case is."""

from __future__ import annotations

from exchange import content
from exchange.case.duty import DutyAccepted, DutyReturned
from exchange.case.escalation import DUTY, CallMade, Chased
from exchange.case.ownership import Owned
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.desk.act import Act, Doing, caller, caller_at, declined
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Caller, Desk
from exchange.policy import Action, Viewer, require, roles, shut_out
from exchange.store import casebook, staff


def acts(answered: Doing, attends: Doing) -> dict[str, Act]:
    """The acts; a call in which somebody answered goes on to what records an answer, or a reply to an invitation."""

    async def rang(desk: Desk, case: str, given: Given, cause: str) -> Case:
        about = given.may("about") or given.need("leg")
        if not given.may("reached"):  # a call that nobody made is never recorded
            raise Unfit("reached", "Say whether you reached somebody: yes or no")
        reached = given.yes("reached")
        said = reached and about != DUTY and bool(given.may("attendance" if "/" in about else "answer"))
        if said and "/" not in about:
            declined(given)  # what is missing is told before the call is recorded, not after it
        who = await _asked_for(desk, given, reached)
        event = CallMade(desk.now(), desk.viewer.id, about, reached, who.at)
        parts = {content.WHO: who.part()}
        if given.may("note"):
            parts[content.REASON] = given.need("note").encode()
        after = await desk.record(case, event, cause, parts)
        if not said:
            return after
        more = Given({**given.values, "leg": (about,), "seat": (about,)})
        require(desk.viewer, Action.RECORD_ATTENDANCE if "/" in about else Action.RECORD_ANSWER)
        return await (attends if "/" in about else answered)(desk, case, more, f"{cause}:said")

    return {
        "rang": Act(Action.RECORD_ANSWER, rang),
        "duty_accepted": Act(Action.RECORD_ANSWER, _duty_accepted),
        "duty_returned": Act(Action.RECORD_ANSWER, _duty_returned),
        "own": Act(Action.OWN, _own),
        "chase": Act(Action.RECORD_ANSWER, _chase),
    }


async def _asked_for(desk: Desk, given: Given, reached: bool) -> Caller:
    """Whom the hub rang. Nobody reached need not have been named or checked. Raises Unfit."""
    if reached:
        return await caller_at(desk, given)
    blank = given.may("name") or "nobody in particular"
    return await caller_at(desk, Given({**given.values, "name": (blank,), "checked": ("not reached",)}))


async def _duty_accepted(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """A named person there has it; how the hub knows who they are is kept with the name."""
    who = await caller_at(desk, given)
    event = DutyAccepted(desk.now(), desk.viewer.id, who.at or desk.now())
    return await desk.record(case, event, cause, {content.WHO: who.part()})


async def _duty_returned(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """What the duty team did, in its own words."""
    event = DutyReturned(desk.now(), desk.viewer.id)
    parts = {content.REASON: given.need("words").encode()}
    if given.may("name"):
        parts[content.WHO] = caller(desk, Given({**given.values, "checked": given.many("checked") or ("–",)})).part()
    return await desk.record(case, event, cause, parts)


async def _chase(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Ask them once more by mail."""
    return await desk.record(case, Chased(desk.now(), desk.viewer.id, given.need("about")), cause)


async def _own(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Take it; or, for who leads others, give it to somebody of the hub. Raises Unfit for who is not with the hub."""
    owner = given.may("owner") or (desk.viewer.id if desk.viewer.named else "")
    if not owner:
        raise Unfit("owner", "Whose it is, is a member of staff: name them as owner, by their staff id")
    if owner != desk.viewer.id:
        require(desk.viewer, Action.ASSIGN)
        await known(desk, owner)
        await _may_see(desk, case, owner)
    return await desk.record(case, Owned(desk.now(), desk.viewer.id, owner), cause)


async def _may_see(desk: Desk, case: str, owner: str) -> None:
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        found, member = await casebook.load(tx, case), await staff.find(tx, owner)
    if member and shut_out(Viewer(owner, roles(member.roles_at(desk.now()))), found.restrictions):
        raise CannotHappen("they must not see this case: give it to somebody else")


async def known(desk: Desk, member: str) -> None:
    """Raises Unfit unless this is a member of staff who is with the hub."""
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        if await staff.find(tx, member) is None:
            raise Unfit("owner", f"No member of staff “{member}” is with the hub: write a staff id")
