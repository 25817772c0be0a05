"""The commands about drills: asking mailboxes to prove that they can open what we send, and who has."""

from __future__ import annotations

from cyclopts import App

from exchange import app
from exchange.cli_case import As, viewer_of
from exchange.cli_running import Config, Json, dumps, opened
from exchange.desk.drills import FAILED, DrillDesk, Standing
from exchange.desk.given import Unfit
from exchange.drill_words import line, took
from exchange.policy import OPERATOR

cli = App(name="exchange")
drill_cli = App(name="drill", help="Harmless sealed letters that only somebody who can open them can answer.")
cli.command(drill_cli)


@drill_cli.default
def drill(*mailboxes: str, agency: str = "", all: bool = False, as_: As = "", config: Config = None) -> None:
    """Send a test to mailboxes by their ids: somebody there says three words back, or the desk rings.

    Parameters
    ----------
    mailboxes
        ids of mailboxes in the hub file, like police-1
    agency
        all mailboxes of this agency
    all
        every mailbox of the hub: before going live
    """

    async def act(exchange: app.Opened) -> tuple[tuple[str, ...], tuple[str, ...]]:
        desk = DrillDesk(exchange.hub, await viewer_of(exchange.hub, as_))
        known = [s.mailbox for s in await desk.standing()]
        wanted = [m.id for m in known if all or m.agency == agency]
        if agency and not wanted:
            raise Unfit("agency", f"no mailbox of an agency “{agency}”: see `exchange drill list`")
        if not mailboxes and not wanted:
            raise Unfit("mailbox", "name mailboxes, or use --agency or --all: see `exchange drill list`")
        return await desk.ask(dict.fromkeys((*mailboxes, *wanted)))

    asked, waiting = opened(config, act)
    print(f"asked: {', '.join(asked) or 'nobody'}")
    if waiting:
        print(f"asked before, and not answered yet: {', '.join(waiting)}")


@drill_cli.command(name="list")
def drill_list(*, config: Config = None, json: Json = False) -> None:
    """When each mailbox last proved that somebody there can open what we send, by what, and how long it took."""

    async def act(exchange: app.Opened) -> tuple[Standing, ...]:
        return await DrillDesk(exchange.hub, OPERATOR).standing()

    found = opened(config, act)
    print(dumps([s.row() for s in found]) if json else "\n".join(map(_line, found)) or "nothing")


def _line(one: Standing) -> str:
    ring = f"; ring {one.mailbox.proof_number}" if one.state == FAILED or one.to_ring else ""
    return f"{one.mailbox.id}  {line(one)}{ring}"


@drill_cli.command(name="heard")
def drill_heard(mailbox: str, *words: str, as_: As, config: Config = None) -> None:
    """Somebody at MAILBOX, rung on a number you had before, read the three WORDS of its last test out.

    Parameters
    ----------
    mailbox
        its id in the hub file, like police-1
    words
        the three words
    """

    async def act(exchange: app.Opened) -> str:
        by = await viewer_of(exchange.hub, as_)
        proved = await DrillDesk(exchange.hub, by).heard(mailbox, " ".join(words))
        return f"{mailbox} has proved it, after {took(proved)}"

    print(opened(config, act))
