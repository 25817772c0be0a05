"""The command about the shared mailbox: can it be read, and what waits there?"""

from __future__ import annotations

import sys
from typing import Any

from cyclopts import App

from exchange import app
from exchange.cli_running import Config, Json, dumps, opened

cli = App(name="imap", help="The shared mailbox that mail is fetched from.")
WHYS = {
    "connect": "nobody answers there: is [imap] host and port right, and may this machine connect?",
    "tls": "no TLS with a certificate of its own name: see [imap] tls and ca_file",
    "timeout": "it does not answer in time",
    "login": "it refuses the username with this password or token; many refuse passwords altogether: use token_file",
    "folder": "the folder is not there, or may only be read: see [imap] folder, and the mailbox's permissions",
    "lost": "the connection broke, or what it says cannot be understood",
}


@cli.command
def check(*, config: Config = None, json: Json = False) -> None:
    """Sign in, and say how many mails wait to be taken. Takes none, and changes nothing. Exits 1 when it cannot."""
    from exchange import doors  # it loads mail: no other command should
    from exchange.pulling import place_of
    from exchange.store import pulled
    from mailflow.shared_mailbox import MailboxAway

    async def act(exchange: app.Opened) -> dict[str, Any]:
        box = doors.mailbox(exchange.settings)
        async with exchange.hub.database.reading(exchange.hub.scope("operator")) as tx:
            known = await pulled.position(tx, place_of(box.access))
        try:
            look = await box.look(*(known or (0, 0)))
        except MailboxAway as away:
            return {"reads": False, "why": away.code}
        finally:
            await box.close()
        return {"reads": True, "why": "", "waiting": len(look.waiting), "anew": look.anew and known is not None}

    found = opened(config, act)
    print(dumps(found) if json else _as_text(found))
    sys.exit(0 if found["reads"] else 1)


def _as_text(found: dict[str, Any]) -> str:
    if not found["reads"]:
        return f"the mailbox cannot be read: {WHYS[found['why']]}"
    told = f"the mailbox can be read: {found['waiting']} to be taken"
    return told + (", for it numbers its mails anew; those that we have are known" if found["anew"] else "")
