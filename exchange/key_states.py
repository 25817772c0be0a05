"""The state of every pinned certificate today: whether it can be used, and for what.

Pins belong to an agency: all its mailboxes, the deputy's too, share them.
"""

from __future__ import annotations

from typing import Any

from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.pins import public_half
from exchange.store import certificates
from keys.directory import NotUsable, health, usable


async def key_states(hub: Hub, keyroom: Keyroom) -> list[dict[str, Any]]:
    """Every certificate in use with its health today."""
    now = hub.clock.now()
    async with hub.database.reading(hub.scope("operator")) as tx:
        pinned = await certificates.in_use(tx, now)
    rows: list[dict[str, Any]] = []
    for pin in pinned:
        armored = await public_half(hub, pin)
        certificate = await keyroom.certificate(armored, pin.fingerprint)
        usable_now = not isinstance(usable(certificate, now), NotUsable)
        seals = usable_now and pin.agency not in {row["agency"] for row in rows if row["use"] == "sealed to"}
        rows.append({
            "agency": pin.agency, "fingerprint": pin.fingerprint, "health": str(health(certificate, now)),
            "use": "sealed to" if seals else "believed when it signs",
        })  # fmt: skip
    return rows
