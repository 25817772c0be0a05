"""The commands about the hub's own key: what it is, a new one, and its way to paper and back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cyclopts import App

from exchange import app, hub_keys
from exchange.cli_case import As, viewer_of
from exchange.cli_running import Config, Json, dumps, opened
from exchange.config import read as settings_of
from exchange.ours import grouped
from exchange.policy import Action, require
from keys.paper import PaperRefused

cli = App(name="hub-key", help="The hub's own key: show it, renew it, print it, bring it back.")


@cli.command
def show(*, config: Config = None, json: Json = False) -> None:
    """The keys of the hub on this machine, and where the revocation certificate of each lies."""

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        return await hub_keys.listed(exchange)

    rows = opened(config, act)
    if json:
        print(dumps(rows))
        return
    for row in rows:
        print(f"{row['state']}; made {row['made']}, good until {row['until']}{', on a card' * row['on_card']}")
        for line in grouped(row["fingerprint"]):
            print(f"    {line}")
        print(f"    revocation certificate: {row['revocation'] or 'not on this machine'}")
    base = settings_of(config).base_url
    print(f"for those who write to the hub: {base}/key")


@cli.command
def rotate(*, to: str = "", overlap: int = hub_keys.OVERLAP, as_: As = "", config: Config = None) -> None:
    """Put a new key in the place of the hub's. Mail to the old one is still opened; letters say that the key is new.

    Parameters
    ----------
    to
        fingerprint of a key in gnupg/, or on a card, that is used instead of making one
    overlap
        days for which the old key stays good
    """

    file = config or Path(os.environ.get("EXCHANGE_CONFIG", "exchange.toml"))

    async def act(exchange: app.Opened) -> hub_keys.Rotated:
        by = await viewer_of(exchange.hub, as_)
        require(by, Action.CONFIRM_KEY)
        return await hub_keys.rotate(exchange, file, to, overlap, by.id)

    done = opened(config, act)
    print(f"new key: {done.new}")
    print(
        f"the old one, {done.old}, is good until {done.until:%Y-%m-%d}, and opens mail as long as it lies in gnupg/"
    )
    print(f"for partners: {done.public_file}, and {done.statement_file}, signed by the old key")
    if done.settings_file:
        print(f"{done.settings_file} names the new key")
    else:
        print(f'write hub_fingerprint = "{done.new}" where the old one is named: not in this settings file')
    print(
        "next: copy gnupg/ and the settings to every machine, restart, and print the new key: exchange hub-key paper"
    )


@cli.command
def paper(*, master_key: bool = False, smime: bool = False, as_: As = "", config: Config = None) -> None:
    """Print the key as lines that can be typed again. It is locked by the master key.

    Parameters
    ----------
    master_key
        print the master key instead: whoever has that sheet can open everything
    smime
        print the S/MIME key instead
    """
    what = hub_keys.MASTER_SHEET if master_key else hub_keys.SMIME_SHEET if smime else hub_keys.KEY_SHEET

    async def act(exchange: app.Opened) -> str:
        return await hub_keys.sheet(exchange, what, (await viewer_of(exchange.hub, as_)).id)

    print(opened(config, act), end="")


@cli.command
def restore(file: Path, *, config: Config = None) -> None:
    """Bring a key back from what was typed or scanned from its sheet; a slip names its line.

    Parameters
    ----------
    file
        what was typed or scanned, as text
    """
    settings = settings_of(config)
    try:
        print(
            hub_keys.bring_back(
                settings.path(settings.gnupg_home),
                settings.path(settings.smime_home),
                settings.path(settings.master_key),
                file.read_text(),
            )
        )
    except PaperRefused as slip:
        raise hub_keys.HubKeyRefused(f"{file}: {slip}") from None
