"""The exchange as a whole, opened from its settings: what every role and command needs."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from exchange.codes import Codes
from exchange.config import Settings
from exchange.edge import Clock, SystemClock
from exchange.hub import Hub
from exchange.keyroom import Keyroom, SmimeHome
from exchange.safe import Safe
from exchange.store.database import KEYS, Database
from keys.vault import OpeningHalf, public_of
from mailflow.reply_address import ReplyAddresses

ROLES = ("web", "mail", "work")


@dataclass(frozen=True, slots=True)
class Opened:
    """One exchange with its database, safe and keyring open."""

    settings: Settings
    hub: Hub
    keyroom: Keyroom
    addresses: ReplyAddresses = field(repr=False)


async def migrate(settings: Settings) -> tuple[str, ...]:
    """Bring both databases to the tables of this release; the lines say what was done."""
    told = []
    for what, database in (("record", Database(settings.database)), ("keys", Database(settings.keystore, KEYS))):
        try:
            before, after = await database.migrate()
        finally:
            await database.close()
        told.append(f"{what}: at step {after}" + ("" if before == after else f", was at {before or 'none'}"))
    return tuple(told)


@contextlib.asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Opened]:
    """Open what every role and command needs."""
    clock = clock or SystemClock()
    private = settings.path(settings.master_key).read_bytes()
    half = OpeningHalf(private)
    database, keystore = Database(settings.database), Database(settings.keystore, KEYS)
    keyroom = Keyroom(
        settings.path(settings.gnupg_home), half.derive("gnupg").hex(), settings.hub_fingerprint,
        SmimeHome(settings.path(settings.smime_home), half.derive("smime").hex()), settings.openpgp,
    )  # fmt: skip
    try:
        await database.open()
        await keystore.open()
        safe = Safe(keystore, settings.hub, clock, public_of(private), private)
        hub = Hub(
            settings.hub, database, safe, clock,
            index_secret=half.derive("index"), codes=Codes(half.derive("codes")),
            codes_by=settings.pickup.sender, scans=settings.clamd.socket is not None,
        )  # fmt: skip
        mailbox, _, domain = settings.hub_address.partition("@")
        plus = mailbox if settings.reply_addresses == "plus" else ""
        yield Opened(settings, hub, keyroom, ReplyAddresses(half.derive("addresses"), domain, plus))
    finally:
        await keyroom.close()
        await database.close()
        await keystore.close()
