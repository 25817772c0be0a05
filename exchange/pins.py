"""Pins: the certificates in use and whose each is. Apart from what reads mail, so that a command which only looks at
keys need not load it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from exchange.hub import Hub
from exchange.store import certificates
from exchange.store.certificates import Kind
from exchange.store.database import Transaction
from keys.vault import bound_data


@dataclass(frozen=True, slots=True)
class Pin:
    """A certificate in use."""

    fingerprint: str
    kind: Kind
    agency: str  # for whom its signature speaks; "" for nobody
    mailbox: str  # whose people can open what is sealed to it; "" for those of all the agency's mailboxes
    public: bytes = field(repr=False)  # armored OpenPGP, or PEM
    added_at: datetime | None = None  # None: not known

    def outlived_by(self, address_since: datetime | None) -> bool:
        """Whether it was brought while its mailbox had another address: then it must name the present one."""
        return address_since is not None and self.added_at is not None and self.added_at < address_since


HELD, RETIRED = "key_held", "key_retired"  # codes of why there is none


@dataclass(frozen=True, slots=True)
class Other:
    """A certificate that was proved, and is not in use: not yet, or no more."""

    agency: str
    mailbox: str  # "" for all of its agency's
    kind: Kind
    why: str


@dataclass(frozen=True, slots=True)
class Pins:
    """The certificates in use, by fingerprint, newest first."""

    known: Mapping[str, Pin]
    others: tuple[Other, ...] = ()  # proved, and not in use now

    @classmethod
    def made_of(cls, pins: Iterable[Pin]) -> Self:
        """Pins of these, newest first."""
        return cls({pin.fingerprint: pin for pin in pins})

    def agency_of(self, fingerprint: str) -> str:
        """For which agency this certificate speaks; "" when it is not in use."""
        pin = self.known.get(fingerprint)
        return pin.agency if pin else ""

    def of(self, agency: str) -> frozenset[str]:
        """The fingerprints that speak for an agency."""
        return frozenset(pin.fingerprint for pin in self.known.values() if pin.agency == agency)

    def opened_at(self, mailbox: str, agency: str, kind: Kind) -> Iterator[Pin]:
        """Certificates of this kind whose holders read the mailbox: its own first, then the whole agency's."""
        mine = [pin for pin in self.known.values() if pin.agency == agency and pin.kind is kind]
        yield from (pin for pin in mine if mailbox and pin.mailbox == mailbox)
        yield from (pin for pin in mine if not pin.mailbox)

    def why_none(self, mailbox: str, agency: str, kind: Kind) -> str:
        """Why the mailbox has none of this kind in use: a code."""
        mine = {o.why for o in self.others if (o.agency, o.kind) == (agency, kind) and o.mailbox in ("", mailbox)}
        return next((why for why in (HELD, RETIRED) if why in mine), "no_key")

    def public(self, kind: Kind) -> tuple[bytes, ...]:
        """All certificates of this kind, as the child that verifies is given them."""
        return tuple(pin.public for pin in self.known.values() if pin.kind is kind)


NO_PINS = Pins({})


async def pins_of(hub: Hub, tx: Transaction) -> Pins:
    """All certificates in use."""
    now = hub.clock.now()
    every = [c for c in await certificates.ever(tx) if c.live_at is not None]
    used = [c for c in every if c.retired_at is None and c.live_at is not None and c.live_at <= now]
    others = [Other(c.agency, c.mailbox, c.kind, RETIRED if c.retired_at else HELD) for c in every if c not in used]
    return replace(Pins.made_of([await pin_of(hub, c) for c in used]), others=tuple(others))


async def pin_of(hub: Hub, pinned: certificates.Pinned) -> Pin:
    """A stored certificate, opened."""
    return Pin(
        pinned.fingerprint,
        pinned.kind,
        pinned.agency,
        pinned.mailbox,
        await public_half(hub, pinned),
        pinned.added_at,
    )


async def public_half(hub: Hub, pinned: certificates.Pinned) -> bytes:
    """The certificate itself."""
    bound = bound_data(hub.id, "certificate", pinned.fingerprint, pinned.agency)
    return (await hub.safe.open(pinned.blob, bound)).data
