"""Lateral checks at the desk: recalling a packet, its deletion, answering a decline, releasing a secret address."""

from __future__ import annotations

from exchange import content
from exchange.case.acknowledgement import Proof
from exchange.case.address_release import AddressReleased
from exchange.case.lateral_check import DeclineSettled, MoreGiven, RecallConfirmed, Recalled
from exchange.case.referral import lives_with_a_secret
from exchange.case.state import Case
from exchange.desk.act import Act, caller_at, reason
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action
from exchange.store import casebook


async def _recall(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = Recalled(desk.now(), desk.viewer.id, given.need("leg"))
    return await desk.record(case, event, cause, reason(given))


async def _deleted(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Somebody at the agency says so, by telephone or in person."""
    event = RecallConfirmed(desk.now(), desk.viewer.id, given.need("leg"), Proof.STAFF, "telephone")
    return await desk.record(case, event, cause, {content.WHO: (await caller_at(desk, given, case)).part()})


async def _more(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = MoreGiven(desk.now(), desk.viewer.id, given.need("leg"), desk.hub.chance.id())
    words = {f"{content.MORE}{event.more}": given.need("words").encode()}
    return await desk.record(case, event, cause, {**words, **reason(given)})


async def _settle_decline(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = DeclineSettled(desk.now(), desk.viewer.id, given.need("leg"))
    return await desk.record(case, event, cause, reason(given))


async def _release_address(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """One agency may know a protected address; `subject` is whose, of the household too (s1, p1). Where that is the
    address of a subject, it is that subject's to release."""
    event = AddressReleased(desk.now(), desk.viewer.id, given.need("subject"), given.need("agency"))
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        known = (await casebook.load(tx, case)).released_to(event.agency)
        referral = await desk.hub.referral(tx, case)
    if referral and event.owner in lives_with_a_secret(referral, known | {event.owner}):
        raise Unfit("subject", "They live with a subject whose address is secret: release that subject’s first")
    return await desk.record(case, event, cause, reason(given, event.owner))


ACTS: dict[str, Act] = {
    "recall": Act(Action.RECALL, _recall),
    "deleted": Act(Action.RECORD_ANSWER, _deleted),
    "more": Act(Action.ASK, _more),
    "release_address": Act(Action.RELEASE_ADDRESS, _release_address),
    "settle_decline": Act(Action.SETTLE_DECLINE, _settle_decline),
}
