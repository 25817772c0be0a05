"""A hub in this process, with a clock that is set by hand: a record may be years old in a second."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exchange import content
from exchange.case.decision import Decision
from exchange.case.event import Closed, Decided, Rated
from exchange.case.referral import read
from exchange.codes import Codes
from exchange.contacting import Contact, Lodged, lodge, referrer_from
from exchange.hub import Hub
from exchange.hubs import canonical, loader
from exchange.mailroom import accept
from exchange.policy import Role, Viewer
from exchange.safe import Item, Safe
from exchange.store import inbox, outbox, profiles
from exchange.store.database import KEYS, Database
from keys.vault import bound_data, generate_master
from mailflow.listener import Envelope

THEN = datetime(2016, 3, 1, 10, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OFFICER = Viewer("records-1", frozenset({Role.RECORDS_OFFICER}))
SIBLINGS = {
    "form": "child",
    "referrer": {"name": "Pat Placeholder", "source": "2A", "consultation": "CONS-7K2F-9QXD"},
    "concern": {"what_happened": "Canary-shouting"},
    "subjects": [
        {"given_name": "Canary-mina", "family_name": "Inventa", "date_of_birth": "2007-05-05"},
        {"given_name": "Canary-bo", "family_name": "Bogus", "date_of_birth": "2014-05-05"},
    ],
}


@dataclass
class HandClock:
    """Shows what it was set to."""

    at: datetime = THEN

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at


@contextlib.asynccontextmanager
async def hub_of(database: Database, folder: Path, clock: HandClock) -> AsyncIterator[Hub]:
    """A hub with the demo's rules."""
    private, public = generate_master()
    keys = Database(f"sqlite+aiosqlite:///{folder}/keys.db", KEYS)
    await keys.open()
    hub = Hub("fakeshire", database, Safe(keys, "fakeshire", clock, public, private), clock, index_secret=b"i" * 32,
              codes=Codes(b"c" * 32))  # fmt: skip
    try:
        text = canonical.canonical_rules(loader.read(loader.packaged("demo")).rules).encode()
        async with database.transaction(hub.scope()) as tx:
            await profiles.put(tx, "rules", text, text, clock.now())
        yield hub
    finally:
        await keys.close()


async def with_directory(hub: Hub) -> None:
    """Let the demo's directory be in force as well."""
    directory = canonical.directory_json(loader.read(loader.packaged("demo")).directory)
    name = canonical.content_hash(directory)
    item = Item("profile", bound_data(hub.id, "profile", name, "directory"), directory.encode())
    sealed = await hub.safe.seal([item])
    async with hub.database.transaction(hub.scope()) as tx:
        await profiles.put(tx, "directory", directory.encode(), sealed[0], hub.clock.now())


async def closed_case(hub: Hub, number: int = 1) -> Lodged:
    """Siblings referred long ago: nothing came of the elder's part, the younger was protected; the case is closed."""
    referral = read(SIBLINGS)
    lodged = await lodge(hub, Contact("web", True, referrer_from(referral), referral), f"web:{number}")
    case, now = lodged.case_id, hub.clock.now()
    for n, (subject, decision) in enumerate((("s1", Decision.NFA), ("s2", Decision.SECTION_47))):
        await hub.record(case, Rated(now, "duty-1", subject, "green"), f"r{number}{n}", {"reason": b"Canary-why"})
        await hub.record(case, _decided(now, subject, decision), f"d{number}{n}")
    closed = Closed(now + timedelta(minutes=1), "manager-1", override=True)
    await hub.record(case, closed, f"x{number}")
    return lodged


def _decided(at: datetime, subject: str, decision: Decision) -> Decided:
    return Decided(at, "manager-1", subject, decision, without_checks=True, voice="heard")


async def with_copies(hub: Hub, case_id: str) -> str:
    """A mail of the case as it came, and the bytes of a letter that went out; the mail's id."""
    mail = await loose_mail(hub, "matched", case_id)
    scope = hub.scope()
    async with hub.database.transaction(scope) as tx:
        row = (await outbox.of_case(tx, case_id))[0]
        await outbox.claim(tx, hub.clock.now(), hub.clock.now() + timedelta(minutes=1), "w1", 50)
    sealed = await hub.safe.seal(
        [Item(content.letters(case_id), bound_data(hub.id, case_id, row.id, "outgoing"), b"Canary-letter")]
    )
    async with hub.database.transaction(scope) as tx:
        await outbox.keep(tx, row.id, "w1", outbox.Kept("police-1", "F" * 40, "sealed", "<id@x.example>", sealed[0]))
        await outbox.settle(tx, row.id, "w1", "sent", hub.clock.now())
    return mail


async def loose_mail(hub: Hub, disposition: str, case_id: str | None = None) -> str:
    """A mail that was taken for something; its id."""
    envelope = Envelope("x@street.example", ("referrals@hub.example",), "", "", tls=False)
    await accept(hub, envelope, f"Subject: x\r\n\r\nCanary-mail {disposition} {case_id}\r\n".encode())
    async with hub.database.transaction(hub.scope()) as tx:
        (row,) = await inbox.claim(tx, hub.clock.now(), hub.clock.now() + timedelta(minutes=1), "w", 1)
        await inbox.settle(tx, row.id, disposition, case_id, "shelved" if disposition == "shelved" else "settled")
    return row.id
