"""Domains: what is known of the verified TLS of the mail domains that the hub writes to, looked at anew every night.

1. Evidence holds until the policy's max_age (RFC 8461 3.2), and no longer than its type of route says; then mail goes
   by the next transport of its mailbox until somebody, or the night, has looked again.
2. What plainly holds no more ends at once, with a task. A network that fails proves nothing, and ends nothing.
3. While TLS fails at the door letters wait, and somebody rings (case/answering.py); after hours of that it is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from exchange.case.effect import TaskKind
from exchange.case.mailbox import Directory, Mailbox, Transport
from exchange.hub import Hub
from exchange.stepping import lower, raise_once
from exchange.store import evidence, journal, profiles
from exchange.store.database import Transaction
from exchange.store.evidence import Evidence
from mailflow.direct import Direct
from mailflow.domain_check import Shown, check

log = structlog.get_logger()
DAYS = 30  # that evidence holds where no type of route says otherwise
AGAIN = timedelta(hours=20)  # after a look: once a night, whatever the hour the process was started
MOST_LOOKS = timedelta(hours=1)  # between two looks at a domain about which nothing could be learned


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to."""

    evidence: Evidence
    shown: Shown
    holds: bool


async def look(hub: Hub, direct: Direct, domain: str, actor: str) -> Looked:
    """Look at a domain, and keep what was found."""
    shown = await check(domain, direct)
    now = hub.clock.now()
    async with hub.database.transaction(hub.scope(actor)) as tx:
        directory = await hub.directory(tx)
        before = (await evidence.known(tx)).get(domain)
        found = _found(domain, shown, before, directory, now)
        if not shown.nothing_learned:
            await evidence.put(tx, found)
            await _told(tx, domain, directory, found.holds(now), before, now)
        await journal.note(
            tx, journal.DIRECTORY, "DomainChecked", now, hub.chance.id(), domain=domain, holds=str(found.holds(now)),
            policy=found.mode or "-",
        )  # fmt: skip
    return Looked(found, shown, found.holds(now))


def _found(domain: str, shown: Shown, before: Evidence | None, directory: Directory, now: datetime) -> Evidence:
    """What is believed after this look."""
    if shown.nothing_learned:
        return before or Evidence(domain, now, now)
    route = directory.route_type(domain)
    until = now + timedelta(days=route.evidence_days if route else DAYS)
    found = Evidence(domain, now, until, servers=shown.servers)
    if shown.policy:
        found = replace(found, mode=shown.policy.mode, patterns=shown.policy.mx)
        if shown.policy.mode == "enforce":
            found = replace(found, until=min(until, now + timedelta(seconds=shown.policy.max_age)))
    elif shown.policy_trouble and before and before.mode == "enforce" and before.holds(now):
        # Whoever keeps the policy from us must not loosen it (RFC 8461 5.1): the one we have holds to its end.
        found = replace(found, mode=before.mode, patterns=before.patterns, until=min(until, before.until))
    return found if shown.holds else replace(found, until=now)


async def _told(
    tx: Transaction, domain: str, directory: Directory, holds: bool, before: Evidence | None, now: datetime
) -> None:
    for mailbox in mailboxes(directory, domain):
        if holds:
            await lower(tx, TaskKind.NOT_SECURE, mailbox.id, now)
            await lower(tx, TaskKind.TLS_FAILS, mailbox.id, now)
        elif before and before.holds(now):
            await raise_once(tx, TaskKind.NOT_SECURE, mailbox.id, now)


def mailboxes(directory: Directory, domain: str = "") -> tuple[Mailbox, ...]:
    """Those that may be written to over verified TLS; on one domain when it is given."""
    ours = (m for m in directory.mailboxes if Transport.TLS in m.transports)
    return tuple(m for m in ours if not domain or m.address.domain == domain)


async def end(hub: Hub, domain: str, why: str) -> None:
    """What was known of it is over."""
    now = hub.clock.now()
    async with hub.database.transaction(hub.scope()) as tx:
        directory = await hub.directory(tx)
        if not await evidence.end(tx, domain, now):
            return
        for mailbox in mailboxes(directory, domain):
            await raise_once(tx, TaskKind.NOT_SECURE, mailbox.id, now)
        await journal.note(tx, journal.DIRECTORY, "EvidenceEnded", now, hub.chance.id(), domain=domain, why=why)


async def fails(hub: Hub, mailbox: str) -> None:
    """A server did not offer the TLS that was agreed: somebody is to hear of it, whatever letter it was."""
    async with hub.database.transaction(hub.scope()) as tx:
        await raise_once(tx, TaskKind.TLS_FAILS, mailbox, hub.clock.now())


async def works(hub: Hub, mailbox: str) -> None:
    """A letter went there over verified TLS."""
    async with hub.database.transaction(hub.scope()) as tx:
        await lower(tx, TaskKind.TLS_FAILS, mailbox, hub.clock.now())


class DomainWatch:
    """One worker that looks at each domain again once a day."""

    def __init__(self, hub: Hub, direct: Direct) -> None:
        self._hub, self._direct = hub, direct
        self._looked: dict[str, datetime] = {}

    async def once(self) -> int:
        """Look at one domain that is due; returns how many were looked at."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            try:
                directory = await hub.directory(tx)
            except profiles.NoProfile:
                return 0
            known = await evidence.known(tx)
        for mailbox in mailboxes(directory):
            domain = mailbox.address.domain
            if domain in known and self._is_due(known[domain], now):
                self._looked[domain] = now
                looked = await look(hub, self._direct, domain, "system")
                log.info("domain looked at", holds=looked.holds)
                return 1
        return 0

    def _is_due(self, found: Evidence, now: datetime) -> bool:
        """Once a day, and soon again while nothing can be learned. One that nobody has ever looked at is a person's
        to look at first (`exchange domain check`)."""
        last = self._looked.get(found.domain)
        return found.checked_at + AGAIN <= now and (last is None or last + MOST_LOOKS <= now)
