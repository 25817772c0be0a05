"""The commands about the record of what happened: read, verified, and a head of it to keep elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

from cyclopts import App

from exchange import app
from exchange.cli_running import Config, Json, opened, show_rows
from exchange.setting_up import SetUpRefused
from exchange.store import audit as auditing
from exchange.store import heads, journal

cli = App(name="audit", help="The record of what happened.")


@cli.command
def head(*, config: Config = None) -> None:
    """Take a head of the whole record, signed by the hub's key: keep it where nobody here can change it."""

    async def act(exchange: app.Opened) -> str:
        hub = exchange.hub
        async with hub.database.transaction(hub.scope("operator")) as tx:
            head = await heads.take(tx, hub.clock.now(), hub.chance.id())
        return await exchange.keyroom.clearsign(head.text)

    print(opened(config, act), end="")


@cli.command
def verify(*, head: Path | None = None, config: Config = None) -> None:
    """Check every chain and replay every case; names the first link that does not hold, and exits 1.

    Parameters
    ----------
    head
        a file with a head that was kept outside: the record must still reach to it
    """
    kept = _head_in(head) if head else None

    async def act(exchange: app.Opened) -> auditing.Verified | auditing.Broken:
        async with exchange.hub.database.reading(exchange.hub.scope("operator")) as tx:
            return await auditing.verify(tx, kept)

    found = opened(config, act)
    if isinstance(found, auditing.Broken):
        print(f"BROKEN at {found.stream} event {found.seq}: {found.why}", file=sys.stderr)
        sys.exit(1)
    print(f"holds: {found.events} events in {found.streams} streams, {found.unproved} of them after the last head")


@cli.command
def log(stream: Literal["access", "directory"] = "access", *, config: Config = None, json: Json = False) -> None:
    """Who was shown what, who was refused (access); what changed in mailboxes, keys and staff (directory).

    Parameters
    ----------
    stream
        who was shown what, or what changed
    """

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        async with exchange.hub.database.reading(exchange.hub.scope("operator")) as tx:
            return [journal.as_row(line) for line in await journal.lines(tx, stream)]

    show_rows(opened(config, act), json, "{at}  {by}  {what}  {about}")


def _head_in(file: Path) -> tuple[int, str]:
    found = heads.read(file.read_text())
    if found is None:
        raise SetUpRefused(f"{file} holds no head: use one that `exchange audit head` printed")
    return found
