"""The commands about people: leave of SPOCs and of staff, and where too few of the hub are there."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from cyclopts import App

from exchange import app
from exchange.case.leave import Leave
from exchange.cli_running import Config, Json, opened, show_rows
from exchange.covering import gaps
from exchange.desk.given import Given
from exchange.desk.leave import Leaves
from exchange.policy import OPERATOR

cli = App(name="exchange")
leave_cli = App(name="leave", help="Who is away, from which day to which, and who covers.")
cli.command(leave_cli)


@leave_cli.command(name="add")
def leave_add(
    kind: Literal["spoc", "staff"], who: str, *, until: str, since: str = "", covered_by: str = "",
    config: Config = None,
) -> None:  # fmt: skip
    """Somebody will be away, or is: a SPOC by the id in the hub file, or a member of staff by staff id.

    Parameters
    ----------
    kind
        spoc for a person of an agency, staff for one of the hub
    who
        their id in the hub file, or their staff id
    until
        the last day
    since
        the first day, like 2026-12-21; today when not given
    covered_by
        who answers, or acts, in their place: of the same agency, or of the hub
    """
    given = _given(kind=kind, who=who, since=since, until=until, covered_by=covered_by)

    async def act(exchange: app.Opened) -> Leave:
        return await Leaves(exchange.hub, OPERATOR).add(given)

    print(_line(opened(config, act)))


@leave_cli.command(name="list")
def leave_list(*, config: Config = None, json: Json = False) -> None:
    """All leave that is not over, the soonest first."""

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        return [dataclasses.asdict(one) for one in await Leaves(exchange.hub, OPERATOR).listed()]

    show_rows(opened(config, act), json, "{id}  {kind} {who}  {since} to {until}  covered by: {covered_by}")


@leave_cli.command(name="end")
def leave_end(leave: str, *, back: str = "", config: Config = None) -> None:
    """They are back, today or on the day --back; leave that has not begun is never taken.

    Parameters
    ----------
    leave
        its id, as `exchange leave list` has it
    back
        the day on which they are back, like 2026-12-21; today when not given
    """

    async def act(exchange: app.Opened) -> Leave:
        return await Leaves(exchange.hub, OPERATOR).end(leave, _given(back=back))

    ended = opened(config, act)
    print(_line(ended) if ended.until >= ended.since else f"{ended.who}: never taken")


@cli.command
def cover(*, days: int = 14, config: Config = None, json: Json = False) -> None:
    """The working days ahead on which fewer staff of a role are there than [cover] of the hub file asks for.

    Parameters
    ----------
    days
        how many days ahead
    """

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        _, rules = await exchange.hub.rules()
        return [dataclasses.asdict(gap) for gap in await gaps(exchange.hub, rules, days)]

    found = opened(config, act)
    if found or json:
        show_rows(found, json, "{day}  {role}: {there} of at least {least}")
    else:
        print(f"enough of every role on each working day of the next {days} days")


def _given(**values: str) -> Given:
    return Given({name: (value,) for name, value in values.items() if value})


def _line(leave: Leave) -> str:
    by = f", covered by {leave.covered_by}" if leave.covered_by else ""
    return f"{leave.id}: {leave.who} is away from {leave.since} to {leave.until}{by}"
