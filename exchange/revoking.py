"""Revocation: a holder has taken their certificate back, and from the moment we are shown that it is used no more.

1. The certificate itself proves it: a revocation is signed by the key, so it matters not who brings it.
2. What cannot be sealed to any more is a task at once; what waits goes by the next transport (dispatch.py).
"""

from __future__ import annotations

import asyncio

from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.store import certificates, journal
from keys.openpgp.keyring import KeyRefused

HONOURED = ". It was in use here: from now on nothing is sealed to it, and nothing it signs is believed"


async def honoured(hub: Hub, keyroom: Keyroom, content: bytes, actor: str) -> str:
    """When this file revokes a certificate that we use or that waits, retire it; what to say of that, or ""."""
    from exchange import key_health  # it loads all of mail: few commands change a key

    try:
        report = await asyncio.to_thread(keyroom.keyring.inspect, content)
    except KeyRefused:
        return ""
    if report.certificate is None or not report.certificate.revoked:
        return ""
    now = hub.clock.now()
    async with hub.database.transaction(hub.scope(actor)) as tx:
        known = next((c for c in await certificates.known(tx) if c.fingerprint == report.fingerprint), None)
        if known is None:
            return ""
        await certificates.retire(tx, known.fingerprint, now)
        whose = {"agency": known.agency, "mailbox": known.mailbox or "-", "fingerprint": known.fingerprint}
        await journal.note(tx, journal.DIRECTORY, "CertificateRevoked", now, hub.chance.id(), **whose)
    await key_health.ring_about(hub, keyroom, known.agency)
    return HONOURED
