"""The commands about mailboxes: by which transport each is reached today, and what to mend."""

from __future__ import annotations

import sys

from cyclopts import App

from exchange import app
from exchange.cli_running import Config, Json, dumps, opened
from exchange.setting_up import SetUpRefused

cli = App(name="mailbox", help="Agencies' mailboxes: how each is reached today.")


@cli.command(name="list")
def list_(*, config: Config = None, json: Json = False) -> None:
    """Every mailbox: its transports in order, which of them work, whether somebody proved it, whom to ring."""
    from exchange import reaching  # it loads mail: few commands should

    async def act(exchange: app.Opened) -> tuple[reaching.Reach, ...]:
        return await reaching.reach(exchange.hub, exchange.keyroom)

    found = opened(config, act)
    if json:
        print(dumps([one.row() for one in found]))
        return
    print("\n".join(map(reaching.short, found)))


@cli.command
def check(mailbox: str, *, config: Config = None, json: Json = False) -> None:
    """Tell of MAILBOX (its id, or its address) what works and what does not, rung by rung, and what to do.

    Exits 1 when nothing can be sent there, or its first transport does not work. Sends nothing.

    Parameters
    ----------
    mailbox
        its id in the hub file, or its address
    """
    from exchange import reaching

    async def act(exchange: app.Opened) -> tuple[reaching.Reach, ...]:
        return await reaching.reach(exchange.hub, exchange.keyroom)

    every = opened(config, act)
    found = reaching.named(every, mailbox)
    if not found:
        known = ", ".join(one.mailbox.id for one in every)
        raise SetUpRefused(f"no mailbox “{mailbox}”: use its address, or one of {known}")
    print(dumps([one.row() for one in found]) if json else "\n".join(x for one in found for x in reaching.lines(one)))
    sys.exit(0 if all(one.rungs and not one.rungs[0].why for one in found) else 1)
