"""Pins: the certificates in use and whose each is. Apart from what reads mail, so that a command which only looks at
keys need not load it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange.hub import Hub
from exchange.store import certificates
from exchange.store.database import Transaction
from keys.vault import bound_data


@dataclass(frozen=True, slots=True)
class Pins:
    """The certificates in use: whose each is, and the armored text for the child that verifies."""

    agency_of: Mapping[str, str]
    armored: Mapping[str, bytes] = field(repr=False)

    def of(self, agency: str) -> frozenset[str]:
        """The fingerprints that speak for an agency."""
        return frozenset(f for f, a in self.agency_of.items() if a == agency)


async def pins_of(hub: Hub, tx: Transaction) -> Pins:
    """All certificates in use."""
    found = await certificates.in_use(tx)
    armored = {
        c.fingerprint: (await hub.safe.open(c.blob, bound_data(hub.id, "certificate", c.fingerprint, c.agency))).data
        for c in found
    }
    return Pins({c.fingerprint: c.agency for c in found}, armored)
