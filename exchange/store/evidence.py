"""Evidence that a mail domain's servers take mail over verified TLS: what was found, when, and until when it holds.

1. A domain has one row, the newest; what ended it stays readable in the stream of the directory.
2. Nothing here is believed after `until`.
3. Without a policy that binds, a server is used only if a person accepted it: DNS is not the domain's own word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_e = schema.evidence.c
PROVED = "proved"  # of a server: STARTTLS, and a certificate for its name


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one domain."""

    domain: str
    checked_at: datetime
    until: datetime
    mode: str = ""  # of its MTA-STS policy (RFC 8461 3.2): enforce | testing | none; "" without one
    patterns: tuple[str, ...] = ()  # the servers that the policy names: a name, or *.domain
    servers: Mapping[str, str] = field(default_factory=dict)  # by name: PROVED, or a code of why not
    agreed: tuple[str, ...] = ()  # the servers that a person accepted
    policy_until: datetime | None = None  # until when the policy binds us, whatever is announced (RFC 8461 5.1)

    @property
    def accepted(self) -> tuple[str, ...]:
        """Which servers may take mail for it: those the policy names, which the domain itself vouches for over https;
        without one that binds, those that a person accepted and that proved themselves last, and no others."""
        if self.mode == "enforce":
            return self.patterns
        return tuple(name for name, found in self.servers.items() if found == PROVED and name in self.agreed)

    def holds(self, now: datetime) -> bool:
        """Whether it is believed at this moment."""
        return self.until > now and bool(self.accepted)


async def put(tx: Transaction, found: Evidence) -> None:
    """Keep what was found last."""
    values = {
        "checked_at": found.checked_at,
        "until": found.until,
        "found": json.dumps(
            {
                "mode": found.mode, "mx": found.patterns, "servers": dict(found.servers), "agreed": found.agreed,
                "policy_until": found.policy_until.isoformat() if found.policy_until else "",
            }
        ),
    }  # fmt: skip
    mine = (_e.hub == tx.hub, _e.domain == found.domain)
    changed = await tx.run(update(schema.evidence).where(*mine).values(**values))
    if changed.rowcount == 0:
        await tx.run(insert(schema.evidence).values(hub=tx.hub, domain=found.domain, **values))


async def end(tx: Transaction, domain: str, at: datetime) -> bool:
    """Believe it no more from now on. False when it was over already, or never there."""
    changed = await tx.run(
        update(schema.evidence)
        .where(_e.hub == tx.hub, _e.domain == domain, _e.until > at)
        .values(until=at)
    )  # fmt: skip
    return changed.rowcount == 1


async def known(tx: Transaction) -> dict[str, Evidence]:
    """All that is known, by domain, what is over too."""
    rows = await tx.run(select(schema.evidence).where(_e.hub == tx.hub).order_by(_e.domain))
    return {row.domain: _evidence(row) for row in rows}


def _evidence(row: Any) -> Evidence:
    told = json.loads(row.found)
    # Older rows name no accepted servers: a person had looked at each domain first, and used what was proved.
    agreed = told.get("agreed", [name for name, found in told["servers"].items() if found == PROVED])
    ends = told.get("policy_until", row.until.isoformat() if told["mode"] == "enforce" else "")
    return Evidence(
        row.domain, row.checked_at, row.until, told["mode"], tuple(told["mx"]), told["servers"], tuple(agreed),
        datetime.fromisoformat(ends) if ends else None,
    )  # fmt: skip
