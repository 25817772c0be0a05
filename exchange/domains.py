"""Domains: what is known of the verified TLS of the mail domains that the hub writes to, looked at anew every night.

1. Evidence holds until the policy's max_age (RFC 8461 3.2), and no longer than its type of route says; then mail goes
   by the next transport of its mailbox until somebody, or the night, has looked again. A policy that enforces binds
   us for its max_age, announced or not: whoever forges DNS can take the announcement away (5.1).
2. What plainly holds no more ends at once, with a task. A network that fails proves nothing, and ends nothing.
3. The night makes evidence last longer only for servers that the domain's policy names, or that a person accepted.
   Others that turn up are a person's to accept, or not: what was known goes on to its old end, for the old servers.
4. While TLS fails at the door letters wait, and somebody rings (case/answering.py); after hours of that it is over.
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
from mailflow import mta_sts
from mailflow.direct import Direct
from mailflow.domain_check import PROVED, UNREACHABLE, Shown, check

log = structlog.get_logger()
NIGHTLY = "system"  # who looks every night; anybody else is a person
DAYS = 30  # that evidence holds where no type of route says otherwise
AGAIN = timedelta(hours=20)  # after a look: once a night, whatever the hour the process was started
MOST_LOOKS = timedelta(hours=1)  # between two looks at a domain about which nothing could be learned


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to."""

    evidence: Evidence
    shown: Shown
    holds: bool  # mail may go there now
    strangers: tuple[str, ...] = ()  # servers that DNS names, and that nobody accepted: nothing goes to them


async def look(hub: Hub, direct: Direct, domain: str, actor: str, *, accept_new: bool = False) -> Looked:
    """Look at a domain, and keep what was found. Whoever is the first to look accepts the servers that prove
    themselves; later ones, only with `accept_new`."""
    shown = await check(domain, direct)
    now = hub.clock.now()
    async with hub.database.transaction(hub.scope(actor)) as tx:
        directory = await hub.directory(tx)
        before = (await evidence.known(tx)).get(domain)
        looked = _looked(shown, _Look(domain, before, directory, now, actor != NIGHTLY, accept_new))
        if not shown.nothing_learned:
            await evidence.put(tx, looked.evidence)
            await _told(tx, looked, directory, before, now)
        await journal.note(
            tx, journal.DIRECTORY, "DomainChecked", now, hub.chance.id(), domain=domain, holds=str(looked.holds),
            policy=looked.evidence.mode or "-", strangers=",".join(looked.strangers) or "-",
        )  # fmt: skip
    return looked


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known when a domain is looked at."""

    domain: str
    before: Evidence | None
    directory: Directory
    now: datetime
    by_person: bool
    accept_new: bool


def _looked(shown: Shown, by: _Look) -> Looked:
    """What is believed after this look."""
    before, now = by.before, by.now
    if shown.nothing_learned:
        kept = before or Evidence(by.domain, now, now)
        return Looked(kept, shown, kept.holds(now))
    route = by.directory.route_type(by.domain)
    until = now + timedelta(days=route.evidence_days if route else DAYS)
    found = _bound(Evidence(by.domain, now, until, servers=shown.servers), shown, before)
    found = replace(found, agreed=_agreed(found, by))
    known = {name: state for name, state in shown.servers.items() if mta_sts.fits(name, _may(found))}
    strangers = tuple(name for name in shown.servers if name not in known)
    if PROVED in known.values() and not (strangers and found.mode != "enforce"):
        return Looked(found, shown, found.holds(now))
    ends = bool(set(known.values()) - {PROVED, UNREACHABLE}) or not shown.servers
    old = before.until if before and not ends else now
    gone = {name: state for name, state in before.servers.items() if name in before.agreed} if before else {}
    found = replace(found, until=min(old, found.until), servers={**gone, **shown.servers})
    return Looked(found, shown, found.holds(now) and PROVED in known.values(), strangers)


def _bound(found: Evidence, shown: Shown, before: Evidence | None) -> Evidence:
    """With the policy that binds us: the one that was fetched, or the one that we have, until its own end."""
    if shown.policy:
        ends = found.checked_at + timedelta(seconds=shown.policy.max_age)
        found = replace(found, mode=shown.policy.mode, patterns=shown.policy.mx, policy_until=ends)
    elif before and before.mode == "enforce" and before.policy_until and before.policy_until > found.checked_at:
        found = replace(found, mode=before.mode, patterns=before.patterns, policy_until=before.policy_until)
    if found.mode == "enforce" and found.policy_until:
        return replace(found, until=min(found.until, found.policy_until))
    return found


def _agreed(found: Evidence, by: _Look) -> tuple[str, ...]:
    """The servers that a person has accepted, after this look."""
    agreed = by.before.agreed if by.before else ()
    proved = [name for name, state in found.servers.items() if state == PROVED]
    if found.mode == "enforce":
        proved = [name for name in proved if mta_sts.fits(name, found.patterns)]
    if by.by_person and (by.accept_new or not agreed):
        return tuple(dict.fromkeys((*(name for name in agreed if name in found.servers), *proved)))
    return agreed


def _may(found: Evidence) -> tuple[str, ...]:
    """The names of servers that may take its mail, whether or not they prove themselves now."""
    return found.patterns if found.mode == "enforce" else found.agreed


async def _told(
    tx: Transaction, looked: Looked, directory: Directory, before: Evidence | None, now: datetime
) -> None:
    for mailbox in mailboxes(directory, looked.evidence.domain):
        if looked.holds:
            await lower(tx, TaskKind.NOT_SECURE, mailbox.id, now)
            await lower(tx, TaskKind.TLS_FAILS, mailbox.id, now)
        elif before and before.holds(now) and not looked.evidence.holds(now):
            await raise_once(tx, TaskKind.NOT_SECURE, mailbox.id, now)
        if looked.strangers:
            await raise_once(tx, TaskKind.OTHER_SERVERS, mailbox.id, now)
        else:
            await lower(tx, TaskKind.OTHER_SERVERS, mailbox.id, now)


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
                looked = await look(hub, self._direct, domain, NIGHTLY)
                log.info("domain looked at", holds=looked.holds)
                return 1
        return 0

    def _is_due(self, found: Evidence, now: datetime) -> bool:
        """Once a day, and soon again while nothing can be learned. One that nobody has ever looked at is a person's
        to look at first (`exchange domain check`)."""
        last = self._looked.get(found.domain)
        return found.checked_at + AGAIN <= now and (last is None or last + MOST_LOOKS <= now)
