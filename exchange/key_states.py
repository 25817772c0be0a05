"""The state of every certificate today: whether it can be used and for what, or what is missing before it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchange.enrolling import Owner, missing
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.pins import pin_of
from exchange.store import certificates
from exchange.store.certificates import Kind, Pinned
from keys.directory import NotUsable, health, usable

SEALED_TO, BELIEVED = "sealed to", "believed when it signs"


async def key_states(hub: Hub, keyroom: Keyroom, *, retired: bool = False) -> list[dict[str, Any]]:
    """Every certificate in use or waiting, newest first; with `retired` those of the past too."""
    now = hub.clock.now()
    async with hub.database.reading(hub.scope("operator")) as tx:
        pinned = await certificates.ever(tx) if retired else await certificates.known(tx)
        lacks = {c.fingerprint: missing(await certificates.confirmations(tx, c.fingerprint)) for c in pinned}
    rows: list[dict[str, Any]] = []
    sealed: set[tuple[str, str]] = set()  # whose, and of which kind: the first usable one is sealed to
    for pin in pinned:
        certificate = await keyroom.described(await pin_of(hub, pin))
        can, until, owner = usable(certificate, now), certificate.encryption_expires, Owner(pin.agency, pin.mailbox)
        state, mine = _state(pin, now), (str(owner), pin.kind.value)
        use = _use(pin, state, lacks[pin.fingerprint])
        if state == "in_use":
            first = not isinstance(can, NotUsable) and mine not in sealed
            sealed |= {mine} if first else set()
            use = SEALED_TO if first else BELIEVED
        rows.append({
            "owner": str(owner), "agency": pin.agency, "mailbox": pin.mailbox, "fingerprint": pin.fingerprint,
            "kind": pin.kind.value, "profile": _profile(pin),
            "health": str(health(certificate, now)), "why": can.why if isinstance(can, NotUsable) else "",
            "until": until.date().isoformat() if until else "-", "state": state, "use": use,
            "missing": lacks[pin.fingerprint] if state == "waiting" else "",
            "live_at": pin.live_at, "retired_at": pin.retired_at,
        })  # fmt: skip
    return rows


def _profile(pin: Pinned) -> str:
    """Which generation of OpenPGP it is (RFC 9580 5.5.4: its fingerprint has 40 digits, or 64), or S/MIME."""
    if pin.kind is Kind.SMIME:
        return "S/MIME"
    return "v4" if len(pin.fingerprint) == 40 else "v6"


def _state(pin: Pinned, now: datetime) -> str:
    if pin.retired_at is not None:
        return "retired"
    if pin.live_at is None:
        return "waiting"
    return "in_use" if pin.live_at <= now else "held"


def _use(pin: Pinned, state: str, lacks: str) -> str:
    """What it is used for, when that does not depend on others."""
    if state == "retired":
        return f"retired {pin.retired_at:%Y-%m-%d}"
    if state == "held":
        return f"proved; in use from {pin.live_at:%Y-%m-%d %H:%M} UTC"
    return f"waits: {lacks}"
