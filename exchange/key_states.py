"""The state of every certificate today: whether it can be used and for what, or what is missing before it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from exchange.case.mailbox import Mailbox
from exchange.enrolling import Owner, missing
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.pins import pin_of
from exchange.store import certificates, profiles
from exchange.store.certificates import Kind, Pinned
from exchange.store.database import Transaction
from keys.directory import AnyCertificate, NotUsable, Usable, health, usable
from keys.openpgp.certificate import Certificate
from keys.smime.certificate import SmimeCertificate

SEALED_TO, BELIEVED = "sealed to", "believed when it signs"
OVER = "used no more: it has ended, or is revoked"  # nothing is sealed to it, and nothing it signs is believed
SHA_1 = "signed by SHA-1: due for renewal"
SIGNS_ONLY = "only signs: another one is written to"


async def key_states(hub: Hub, keyroom: Keyroom, *, retired: bool = False) -> list[dict[str, Any]]:
    """Every certificate in use or waiting, newest first; with `retired` those of the past too."""
    now = hub.clock.now()
    async with hub.database.reading(hub.scope("operator")) as tx:
        pinned = await certificates.ever(tx) if retired else await certificates.known(tx)
        lacks = {c.fingerprint: missing(await certificates.confirmations(tx, c.fingerprint)) for c in pinned}
        boxes = await _boxes(hub, tx)
    found = [(pin, await keyroom.described(await pin_of(hub, pin))) for pin in pinned]
    sealed = _sealed_to(found, boxes, now)
    rows: list[dict[str, Any]] = []
    for pin, certificate in found:
        can, until, owner = usable(certificate, now), certificate.encryption_expires, Owner(pin.agency, pin.mailbox)
        signs_only = isinstance(certificate, SmimeCertificate) and certificate.signs_only
        state = _state(pin, now)
        use = _use(pin, state, lacks[pin.fingerprint])
        if state == "in_use":
            use = SEALED_TO if pin.fingerprint in sealed else OVER if _is_over(certificate, can, now) else BELIEVED
        rows.append({
            "owner": str(owner), "agency": pin.agency, "mailbox": pin.mailbox, "fingerprint": pin.fingerprint,
            "kind": pin.kind.value, "profile": _profile(pin),
            "health": str(health(certificate, now)),
            "why": can.why if isinstance(can, NotUsable) and not signs_only else "",
            "until": until.date().isoformat() if until else "-", "state": state, "use": use,
            "note": _note(certificate),
            "post_quantum": certificate.post_quantum if isinstance(certificate, Certificate) else "",
            "missing": lacks[pin.fingerprint] if state == "waiting" else "",
            "live_at": pin.live_at, "retired_at": pin.retired_at,
        })  # fmt: skip
    return rows


def generation(row: dict[str, Any]) -> str:
    """Which generation it is, in words."""
    safe = f", post-quantum ({row['post_quantum']})" if row["post_quantum"] else ""
    return f"{row['profile']}{safe}"


def _note(certificate: AnyCertificate) -> str:
    if isinstance(certificate, Certificate):
        return SHA_1 if certificate.weakly_signed else ""
    return SIGNS_ONLY if certificate.signs_only else ""


async def _boxes(hub: Hub, tx: Transaction) -> dict[str, list[Mailbox]]:
    """The mailboxes of each agency."""
    try:
        directory = await hub.directory(tx)
    except profiles.NoProfile:
        return {}
    boxes: dict[str, list[Mailbox]] = {}
    for mailbox in directory.mailboxes:
        boxes.setdefault(mailbox.agency, []).append(mailbox)
    return boxes


def _sealed_to(
    found: list[tuple[Pinned, AnyCertificate]], boxes: Mapping[str, list[Mailbox]], now: datetime
) -> frozenset[str]:
    """Those that are usable, of each mailbox and kind (of OpenPGP of one version); those of the whole agency where a
    mailbox has none of its own."""
    usable_now = [
        p
        for p, c in found
        if _state(p, now) == "in_use" and not isinstance(usable(c, now), NotUsable) and _is_for(p, c, boxes)
    ]
    own: dict[tuple[str, str], list[Pinned]] = {}  # by mailbox and kind
    for pin in usable_now:
        if pin.mailbox:
            own.setdefault((pin.mailbox, pin.kind), []).append(pin)
    of_all: dict[tuple[str, str], list[Pinned]] = {}  # by agency and kind
    for pin in usable_now:
        needed = any((box.id, pin.kind) not in own for box in boxes[pin.agency]) if pin.agency in boxes else True
        if not pin.mailbox and needed:
            of_all.setdefault((pin.agency, pin.kind), []).append(pin)
    return frozenset(pin.fingerprint for mine in (*own.values(), *of_all.values()) for pin in _together(mine))


def _is_for(pin: Pinned, certificate: AnyCertificate, boxes: Mapping[str, list[Mailbox]]) -> bool:
    """Whether one of its mailboxes still has the address that it had when it was brought, or one that it names."""
    mine = [box for box in boxes.get(pin.agency, []) if pin.mailbox in ("", box.id)]
    here = [b for b in mine if b.address_since is None or pin.added_at >= b.address_since]
    return not mine or bool(here) or any(box.address.text in certificate.addresses for box in mine)


def _together(mine: list[Pinned]) -> list[Pinned]:
    """Those of them that a letter is sealed to at once."""
    first = mine[0]
    return [p for p in mine if _profile(p) == _profile(first)]


def _is_over(certificate: AnyCertificate, can: Usable | NotUsable, now: datetime) -> bool:
    """What it signs is believed no more either: one whose encryption subkey alone has ended still signs."""
    gone = isinstance(can, NotUsable) and can.why in ("key_revoked", "key_disabled")
    return gone or (certificate.expires is not None and certificate.expires <= now)


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
