"""The commands about the hub's own S/MIME keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from cyclopts import App

from exchange import app
from exchange.cli_running import Config, Json, opened, show_rows
from exchange.keyroom import SmimeHome
from exchange.setting_up import CERTIFICATE_FILE
from exchange.store import journal
from keys.smime import identity

cli = App(name="smime", help="The hub's own S/MIME keys: what agencies with Outlook and no OpenPGP write to.")
_LINE = "{use}  until {until}  {fingerprint}"


@cli.command
def show(*, config: Config = None, json: Json = False) -> None:
    """Each of them: the first signs, mail to any of them opens."""

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        home = exchange.keyroom.smime
        return [
            _row(identity.opened(one, home.passphrase), n) for n, one in enumerate(identity.kept(home.folder).all)
        ]

    show_rows(opened(config, act), json, _LINE)


def _row(one: identity.Identity, place: int) -> dict[str, Any]:
    own = one.certificate
    return {
        "use": "opens" if place else "signs and opens",
        "until": own.expires.date().isoformat(),
        "fingerprint": own.fingerprint,
    }


@cli.command
def make(*, name: str = "the hub", config: Config = None) -> None:
    """A new key with a certificate signed by itself; mail to the older ones still opens."""

    def new(home: SmimeHome, address: str, now: datetime) -> identity.Identity:
        return identity.make(home.folder, home.passphrase, address, name, now)

    print(opened(config, lambda exchange: _taken(exchange, new)))


@cli.command
def take(file: Path, *, password_file: Path | None = None, config: Config = None) -> None:
    """The key and certificate that an authority issued for the hub's address: a .p12 or .pfx file, or PEM with both.

    Parameters
    ----------
    password_file: a file whose first line is the password of the key, if it has one
    """
    data, password = file.read_bytes(), password_file.read_text().partition("\n")[0] if password_file else ""

    def given(home: SmimeHome, address: str, now: datetime) -> identity.Identity:
        return identity.take(home.folder, home.passphrase, data, password, address, now)

    print(opened(config, lambda exchange: _taken(exchange, given)))


async def _taken(exchange: app.Opened, new: Callable[[SmimeHome, str, datetime], identity.Identity]) -> str:
    """Have the hub sign by the new one; returns what to do next."""
    hub, settings = exchange.hub, exchange.settings
    one = await asyncio.to_thread(new, exchange.keyroom.smime, settings.hub_address, hub.clock.now())
    file = settings.folder / CERTIFICATE_FILE
    await asyncio.to_thread(file.write_bytes, one.certificate.pem)
    fingerprint = one.certificate.fingerprint
    async with hub.database.transaction(hub.scope("operator")) as tx:
        now, event = hub.clock.now(), hub.chance.id()
        await journal.note(tx, journal.DIRECTORY, "HubCertificateTaken", now, event, fingerprint=fingerprint)
    return (
        f"the hub signs S/MIME with {fingerprint}, valid until {one.certificate.expires.date().isoformat()}\n"
        f"its certificate: {file}\n"
        "next: restart `exchange serve`; give the agencies that use S/MIME the file, and the fingerprint by telephone"
    )
