"""Shutting out, at the desk: who must not see a case, who may again, and when the others may be asked."""

from __future__ import annotations

from exchange import content
from exchange.case.effect import Letter
from exchange.case.presence import Presence
from exchange.case.restriction import Kind, Restricted, RestrictionLifted, RoutingAllowed, Why
from exchange.case.state import Case
from exchange.covering import presence_of
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import PROGRAM, Action, Role, require
from exchange.store import outbox, staff


async def restrict(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Shut somebody out of the case, before its first routing or later. Raises Unfit or CannotHappen."""
    require(desk.viewer, Action.RESTRICT)
    kind, who, why = given.choice("kind", Kind), given.need("who"), given.choice("why", Why)
    await _known(desk, kind, who)
    legs, seats = await _theirs(desk, case, who) if kind is Kind.SPOC else ((), ())
    event = Restricted(desk.hub.clock.now(), desk.viewer.id, kind, who, why, legs, seats)
    parts = {content.REASON: given.need("reason").encode()}
    return (await desk.hub.record(case, event, cause, parts, actor=desk.viewer)).case


async def _known(desk: Desk, kind: Kind, who: str) -> None:
    """A name that nobody has would shut nobody out. (Of agencies the case's own rules know; see restricting.py.)"""
    if kind is Kind.ROLE and who not in set(Role):
        raise Unfit("who", f"no role “{who}”: use one of {', '.join(Role)}")
    if kind is Kind.STAFF and not await _is_staff(desk, who):
        raise Unfit("who", f"nobody signs in here as “{who}”: write their staff id as they sign in with it")

    if kind is Kind.SPOC and who not in {s.id for m in (await _presence(desk)).directory.mailboxes for s in m.spocs}:
        raise Unfit("who", f"no SPOC “{who}” in the directory: write an id of the hub file")


async def _presence(desk: Desk) -> Presence:
    _, rules = await desk.hub.rules()
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        return await presence_of(desk.hub, tx, rules)


async def _theirs(desk: Desk, case: str, spoc: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The legs whose packets went, or are about to go, where this SPOC reads; and so the seats at discussions."""
    theirs = (await _presence(desk)).avoided(frozenset({spoc}))
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        packets = await outbox.mailboxes(tx, case, Letter.PACKET, Letter.DEPUTY)
        asked = await outbox.mailboxes(tx, case, Letter.INVITATION, Letter.CHASER)
    legs = dict.fromkeys(key.split(":")[1] for key, mailbox in packets.items() if mailbox in theirs)
    newest = {about: mailbox for key, mailbox in asked.items() if (about := _seat(key))}
    return tuple(legs), tuple(about for about, mailbox in newest.items() if mailbox in theirs)


def _seat(key: str) -> str:
    """In whose calendar a letter puts a meeting: "d1/i2", "d1/i2/deputy", or ""."""
    letter, about = key.split(":")[:2]
    return {"invitation": about, "deputy": f"{about}/deputy"}.get(letter, "")


async def _is_staff(desk: Desk, who: str) -> bool:
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        if who.startswith(PROGRAM) and await staff.has_token(tx, who.removeprefix(PROGRAM)):
            return True
        return await staff.find(tx, who) is not None


async def lift(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Let somebody see the case again. Raises CannotHappen."""
    require(desk.viewer, Action.LIFT)
    event = RestrictionLifted(desk.hub.clock.now(), desk.viewer.id, given.choice("kind", Kind), given.need("who"))
    parts = {content.REASON: given.need("reason").encode()}
    return (await desk.hub.record(case, event, cause, parts, actor=desk.viewer)).case


async def route(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Who must not see it is settled: let everybody else be asked. Raises CannotHappen."""
    require(desk.viewer, Action.RESTRICT)
    event = RoutingAllowed(desk.hub.clock.now(), desk.viewer.id)
    parts = {content.REASON: given.need("reason").encode()}
    return (await desk.hub.record(case, event, cause, parts, actor=desk.viewer)).case
