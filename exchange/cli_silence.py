"""The commands about silence: what drifts, what reached the board, and all of somebody's cases given to another."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from cyclopts import App

from exchange import app, story
from exchange.cli_running import Config, Json, dumps, opened
from exchange.desk import Desk
from exchange.desk.given import Unfit
from exchange.drifting import drifting
from exchange.escalations import ENDED
from exchange.escalations import escalations as of_board
from exchange.handover import hand_over
from exchange.policy import OPERATOR

cli = App(name="exchange")


@cli.command
def drift(*, hours: int | None = None, config: Config = None, json: Json = False) -> None:
    """Open cases without an owner, or whose owner is away, or in which nobody has done anything for too long.

    Parameters
    ----------
    hours
        how long nobody has done anything, instead of what the hub file says
    """

    if hours is not None and hours < 0:
        raise Unfit("hours", "Write hours as a whole number, 0 or more")

    async def act(exchange: app.Opened) -> tuple[list[dict[str, Any]], ZoneInfo]:
        _, rules = await exchange.hub.rules()
        return [asdict(d) for d in await drifting(exchange.hub, OPERATOR, hours)], rules.calendar.zone

    rows, zone = opened(config, act)
    lines = (
        f"{r['reference']}  {', '.join(r['why'])}  owner: {r['owner'] or '-'}  rating: {r['rating'] or '-'}  "
        f"last done: {story.local(r['last_at'], zone)}  "
        f"next: {story.local(r['next_at'], zone) if r['next_at'] else '-'}"
        for r in rows
    )
    print(dumps(rows) if json else "\n".join(lines) or "nothing")


@cli.command
def escalations(*, config: Config = None, json: Json = False) -> None:
    """The board's log: what nobody at an agency, nor the hub's manager, brought to an answer in time."""

    async def act(exchange: app.Opened) -> tuple[list[dict[str, Any]], ZoneInfo]:
        _, rules = await exchange.hub.rules()
        now = exchange.hub.clock.now()
        return [e.row(now) for e in await of_board(exchange.hub, OPERATOR)], rules.calendar.zone

    rows, zone = opened(config, act)
    lines = (
        f"{r['reference']}  {r['agency']}  {r['owed']}  due {story.local(r['due'], zone)}  "
        f"board {story.local(r['reached_at'], zone)}  late by {r['late_by']}  "
        f"{_ended(r, zone)}"
        for r in rows
    )
    print(dumps(rows) if json else "\n".join(lines) or "nothing")


def _ended(row: dict[str, Any], zone: ZoneInfo) -> str:
    if not row["ended_at"]:
        return "not answered"
    return f"{ENDED[row['ended']]} {story.local(row['ended_at'], zone)}"


@cli.command
def handover(before: str, owner: str, /, *, config: Config = None, json: Json = False) -> None:
    """Give all open cases of one member of staff to another, and print what they need to know. No names.

    Parameters
    ----------
    before
        staff id of whoever hands over
    owner
        staff id of whoever takes over
    """

    async def act(exchange: app.Opened) -> tuple[dict[str, Any], ZoneInfo]:
        _, rules = await exchange.hub.rules()
        pack = await hand_over(Desk(exchange.hub, OPERATOR), before, owner, exchange.hub.chance.id())
        told = {
            "from": pack.before, "to": pack.owner, "at": pack.at, "kept": pack.kept,
            "cases": [one.row() for one in pack.cases],
        }  # fmt: skip
        return told, rules.calendar.zone

    told, zone = opened(config, act)
    print(dumps(told) if json else "\n".join(_pack_text(told, zone)))


def _pack_text(told: dict[str, Any], zone: ZoneInfo) -> list[str]:
    lines = [f"{len(told['cases'])} cases from {told['from']} to {told['to']}"]
    if told["kept"]:
        lines.append(f"kept from {told['to']}, give them to somebody else: {', '.join(told['kept'])}")
    for one in told["cases"]:
        lines.append(f"{one['reference']}  rating: {one['rating'] or '-'}")
        lines += [f"  owed: {story.owed_text(o, zone)}" for o in one["owed"]]
        lines += [
            f"  to do: {t['what']} ({t['about'] or '-'})  due {story.local(t['due'], zone)}" for t in one["tasks"]
        ]
        lines += [f"  next: {story.local(t['at'], zone)}  {t['words']}" for t in one["timers"]]
        lines += [f"  {story.local(e['at'], zone)}  {e['words']}" for e in one["happened"]]
    return lines
