"""Revocation: a holder has taken their certificate back, and from the moment we are shown that it is used no more.

1. The certificate itself proves it: a revocation is signed by the key, so it matters not who brings it, nor whether
   it comes alone, as its holder kept it for the day on which the key is lost. Of an S/MIME certificate its authority
   says so, in a list that the authority signed.
2. It is for good: an older copy of the same certificate, without its revocation, is refused ever after.
3. What cannot be sealed to any more is a task at once; what waits goes by the next transport (dispatch.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.pins import pin_of
from exchange.policy import Viewer
from exchange.store import certificates, journal
from exchange.store.certificates import Kind, Pinned
from exchange.store.database import Transaction
from keys.openpgp import packets
from keys.openpgp.keyring import KeyRefused
from keys.smime import revoked
from keys.smime.certificate import SmimeCertificate

NOT_HERE = ". That is none of the certificates that are used or wait here: see `exchange key list`"
NOT_BY_IT = ". But it was not made by that key, so nothing is changed: ask its holder, on a number you had before"
HONOURED = ". It was in use here{of}: from now on nothing is sealed to it, and nothing it signs is believed"
REVOKED = "CertificateRevoked"


@dataclass(frozen=True, slots=True)
class Listed:
    """What an authority's list said of the certificates that are used here, or wait."""

    covered: int  # issued by this authority
    revoked: tuple[Pinned, ...]
    old: bool  # a newer list may name more


async def since(tx: Transaction, fingerprint: str) -> datetime | None:
    """When we were first shown that its holder has revoked this certificate; None: never."""
    lines = await journal.lines(tx, journal.DIRECTORY)
    return next((x.at for x in lines if x.kind == REVOKED and x.facts["fingerprint"] == fingerprint), None)


async def honoured(hub: Hub, keyroom: Keyroom, content: bytes, actor: str | Viewer, agency: str) -> str:
    """When this file shows that its certificate is revoked, remember it, and retire the one that we use or that
    waits; what to say of that, or "". `agency` is whose it is said to be."""
    from exchange import key_health  # it loads all of mail: few commands change a key

    alone = _taken_back(content)
    shown = await _with_its_key(hub, content, alone) if alone else content
    if not shown:
        return NOT_HERE
    try:
        report = await asyncio.to_thread(keyroom.keyring.inspect, shown)
    except KeyRefused:
        return ""
    if report.certificate is None or not report.certificate.revoked:
        return NOT_BY_IT if alone else ""
    now = hub.clock.now()
    async with hub.database.transaction(hub.scope(actor)) as tx:
        known = next((c for c in await certificates.known(tx) if c.fingerprint == report.fingerprint), None)
        if known is None:
            if await since(tx, report.fingerprint) is None:
                whose = {"agency": agency, "mailbox": "-", "fingerprint": report.fingerprint}
                await journal.note(tx, journal.DIRECTORY, REVOKED, now, hub.chance.id(), **whose)
            return ""
        await _over(hub, tx, known, now)
    await key_health.ring_about(hub, keyroom, known.agency)
    return HONOURED.format(of="" if known.agency == agency else f" as {known.agency}'s")


def _taken_back(content: bytes) -> str:
    try:
        return packets.taken_back(packets.dearmor(content))
    except packets.NotPgp:
        return ""


async def _with_its_key(hub: Hub, revocation: bytes, named: str) -> bytes:
    """The pinned certificate with its revocation in it, for gpg to judge; b"" when it is not here."""
    async with hub.database.reading(hub.scope()) as tx:
        known = [c for c in await certificates.known(tx) if c.kind is Kind.OPENPGP]
        mine = next((c for c in known if c.fingerprint.endswith(named) or c.fingerprint.startswith(named)), None)
        public = (await pin_of(hub, mine)).public if mine else b""
    return packets.with_signature(packets.dearmor(public), packets.dearmor(revocation)) if public else b""


async def by_list(hub: Hub, keyroom: Keyroom, content: bytes, authority: bytes, actor: str | Viewer) -> Listed:
    """Retire for good what an authority's list names, of all that is used or waits. Raises ListRefused."""
    from exchange import key_health  # it loads all of mail: few commands change a key

    listed = await asyncio.to_thread(revoked.read, content, authority)
    now, covered, over = hub.clock.now(), 0, []
    async with hub.database.transaction(hub.scope(actor)) as tx:
        for one in await certificates.known(tx):
            itself = await keyroom.described(await pin_of(hub, one)) if one.kind is Kind.SMIME else None
            if isinstance(itself, SmimeCertificate) and listed.covers(itself):
                covered += 1
                if listed.revokes(itself):
                    await _over(hub, tx, one, now)
                    over.append(one)
    for agency in sorted({one.agency for one in over}):
        await key_health.ring_about(hub, keyroom, agency)
    return Listed(covered, tuple(over), listed.is_old(now))


async def _over(hub: Hub, tx: Transaction, known: Pinned, now: datetime) -> None:
    await certificates.retire(tx, known.fingerprint, now)
    whose = {"agency": known.agency, "mailbox": known.mailbox or "-", "fingerprint": known.fingerprint}
    await journal.note(tx, journal.DIRECTORY, REVOKED, now, hub.chance.id(), **whose)
