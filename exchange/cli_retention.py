"""The commands about retention: what has been kept as long as it may be, and its disposal."""

from __future__ import annotations

from typing import Any

from cyclopts import App

from exchange import app, retaining
from exchange.case.disposal import TRANSPORT
from exchange.cli_running import Config, Json, opened, show_rows
from exchange.desk.given import Unfit
from exchange.hub import Hub
from exchange.policy import OPERATOR, Action, Viewer, roles
from exchange.store import staff

cli = App(name="retention", help="How long records are kept, and their disposal.")
_LINE = "{reference}  {part}  due since {since}  {rule}  {held}"


@cli.command(name="list")
def list_(*, config: Config = None, json: Json = False) -> None:
    """What is due to be disposed of today, by which rows of the schedule, and what a legal hold keeps."""

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        return [_row(one) async for one in retaining.due(exchange.hub, OPERATOR)]

    show_rows(opened(config, act), json, _LINE)


def _row(one: retaining.Due) -> dict[str, Any]:
    return {
        "reference": one.case.reference, "part": one.part, "rule": one.rule, "since": one.since.date().isoformat(),
        "held": "held" if one.held else "due",
    }  # fmt: skip


@cli.command
def dispose(*, by: str, dry_run: bool = False, config: Config = None, json: Json = False) -> None:
    """Destroy all that is due and not held, for ever, in the name of a records officer; prints what it was.

    Parameters
    ----------
    by
        the staff id of the records officer who decided it
    dry_run
        only print what would go
    """

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        hub = exchange.hub
        officer = await _officer(hub, by)
        found = [one async for one in retaining.due(hub, officer) if not one.held and one.part != TRANSPORT]
        for one in () if dry_run else found:
            await retaining.dispose(hub, officer, one, f"dispose:{hub.chance.id()}")
        return [_row(one) for one in found]

    show_rows(opened(config, act), json, _LINE)


async def _officer(hub: Hub, by: str) -> Viewer:
    """Raises Unfit for anybody else."""
    async with hub.database.reading(hub.scope("operator")) as tx:
        member = await staff.find(tx, by)
    if member is None:
        raise Unfit("by", f"nobody signs in here as “{by}”: name a records officer by their staff id")
    officer = Viewer(member.id, roles(member.roles_at(hub.clock.now())))
    if not officer.may(Action.DISPOSE):
        raise Unfit("by", f"“{by}” is no records officer: only one may have records destroyed")
    return officer


@cli.command
def sweep(*, config: Config = None) -> None:
    """Once a day, by a timer: dispose of transport copies, and ask the desk about what else is due."""

    async def act(exchange: app.Opened) -> retaining.Swept:
        return await retaining.sweep(exchange.hub)

    swept = opened(config, act)
    print(
        f"transport copies of {swept.transport} cases and {swept.mails} mails of no case disposed of; "
        f"{swept.offered} cases wait for a records officer; {swept.keys} keys of an interrupted disposal destroyed"
    )
