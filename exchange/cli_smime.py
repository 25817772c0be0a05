"""The commands about the hub's own S/MIME keys."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from cyclopts import App

from exchange import app, revoking
from exchange.cli_case import As, viewer_of
from exchange.cli_running import Config, Json, dumps, opened, show_rows
from exchange.keyroom import SmimeHome
from exchange.policy import Action, require
from exchange.setting_up import CERTIFICATE_FILE
from exchange.store import journal
from keys.smime import identity

cli = App(name="smime", help="The hub's own S/MIME keys: what agencies with Outlook and no OpenPGP write to.")
crl_cli = App(name="crl", help="Authorities' lists of revoked certificates.")
cli.command(crl_cli)
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
def make(*, name: str = "the hub", as_: As = "", config: Config = None) -> None:
    """A new key with a certificate signed by itself; mail to the older ones still opens.

    Parameters
    ----------
    name
        the name that the certificate bears
    """

    def new(home: SmimeHome, address: str, now: datetime) -> identity.Identity:
        return identity.make(home.folder, home.passphrase, address, name, now)

    print(opened(config, lambda exchange: _taken(exchange, new, as_)))


@cli.command
def take(file: Path, *, password_file: Path | None = None, as_: As = "", config: Config = None) -> None:
    """The key and certificate that an authority issued for the hub's address: a .p12 or .pfx file, or PEM with both.

    Parameters
    ----------
    file
        what the authority sent
    password_file
        a file whose first line is the password of the key, if it has one
    """
    data, password = file.read_bytes(), password_file.read_text().partition("\n")[0] if password_file else ""

    def given(home: SmimeHome, address: str, now: datetime) -> identity.Identity:
        return identity.take(home.folder, home.passphrase, data, password, address, now)

    print(opened(config, lambda exchange: _taken(exchange, given, as_)))


@crl_cli.command
def add(file: Path, *, authority: Path, as_: As = "", config: Config = None, json: Json = False) -> None:
    """Hold the agencies' S/MIME certificates against FILE, an authority's list (CRL). What it names is used no more.

    Nothing is fetched: bring a fresh list each night, by a timer of yours. Exits 1 when something was revoked.

    Parameters
    ----------
    file
        the list, as the authority publishes it
    authority
        the certificate of the authority that issued the list and the agencies' certificates
    """

    content, issuer = file.read_bytes(), authority.read_bytes()

    async def act(exchange: app.Opened) -> revoking.Listed:
        by, hub = await viewer_of(exchange.hub, as_), exchange.hub
        actor = by if as_ else by.id
        return await revoking.by_list(hub, exchange.keyroom, content, issuer, actor)

    found = opened(config, act)
    over = [{"owner": one.mailbox or one.agency, "fingerprint": one.fingerprint} for one in found.revoked]
    if json:
        print(dumps({"covered": found.covered, "revoked": over, "old": found.old}))
    else:
        print("\n".join(_said(found, over)))
    sys.exit(1 if over else 0)


def _said(found: revoking.Listed, over: list[dict[str, str]]) -> Iterator[str]:
    yield from (
        f"{row['owner']}: {row['fingerprint']} is revoked, and used no more: ring for a new one" for row in over
    )
    if not over:
        yield f"{found.covered} certificates of this authority are in use here or wait; none is on its list"
    if found.old:
        yield "this list is old: the authority has made a newer one, which may name more. Bring that"


async def _taken(
    exchange: app.Opened, new: Callable[[SmimeHome, str, datetime], identity.Identity], member: str
) -> str:
    """Have the hub sign by the new one; returns what to do next."""
    hub, settings = exchange.hub, exchange.settings
    by = await viewer_of(hub, member)
    require(by, Action.CONFIRM_KEY)
    one = await asyncio.to_thread(new, exchange.keyroom.smime, settings.hub_address, hub.clock.now())
    file = settings.folder / CERTIFICATE_FILE
    await asyncio.to_thread(file.write_bytes, one.certificate.pem)
    fingerprint = one.certificate.fingerprint
    async with hub.database.transaction(hub.scope(by.id)) as tx:
        now, event = hub.clock.now(), hub.chance.id()
        await journal.note(tx, journal.DIRECTORY, "HubCertificateTaken", now, event, fingerprint=fingerprint)
    return (
        f"the hub signs S/MIME with {fingerprint}, valid until {one.certificate.expires.date().isoformat()}\n"
        f"its certificate: {file}\n"
        "next: restart `exchange serve`, and print it: exchange hub-key paper --smime. Give the agencies "
        "that use S/MIME the file, and the fingerprint by telephone"
    )
