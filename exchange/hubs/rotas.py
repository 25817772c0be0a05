"""Rotas in a hub file: whose turn it is at a mailbox; and how many of the hub's own staff must be there."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.case.mailbox import Minimum, Spoc
from exchange.case.rota import Turn
from exchange.hubs import shapes
from exchange.hubs.hours import DAYS
from exchange.hubs.reading import Table

_DAY = shapes.one_of(DAYS, "day of the week")


def turns(mailbox: Table, spocs: tuple[Spoc, ...]) -> Iterator[Turn]:
    """`rota = [{ spoc = "police-1", days = ["mon"], hours = "08:00-16:00" }]`, or `dates` for `days`."""
    somebody = shapes.one_of((s.id for s in spocs), "person of this mailbox")
    for row in mailbox.rows("rota", needed=False):
        begins, ends = row.need("hours", shapes.TURN)
        turn = Turn(
            spoc=row.need("spoc", somebody),
            begins=begins,
            ends=ends,
            days=tuple(DAYS.index(day) for day in row.may_list("days", _DAY) if day in DAYS),
            dates=row.may_list("dates", shapes.DATE),
        )
        if bool(turn.days) == bool(turn.dates) and row.sound("hours"):
            row.fault("days", "on no day, or by both", 'write days = ["mon"], or dates = [2026-12-25], and not both')
        yield turn


def cover(root: Table) -> Iterator[Minimum]:
    """`[cover]`: role = least number of staff of that role who must be there on a working day."""
    if "cover" not in root:
        return
    table = root.table("cover")
    for role in root.names("cover"):
        yield Minimum(role, table.may(role, shapes.LEAST, 0))
