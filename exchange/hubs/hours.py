"""Opening hours in a hub file: of the hub itself, and of the mailboxes in which agencies are asked."""

from __future__ import annotations

from exchange.case.calendar import WHOLE_DAY, Hours
from exchange.hubs import shapes
from exchange.hubs.reading import Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def week(table: Table) -> tuple[Hours, ...]:
    """`hours = { mon = "09:00-17:00" }` or `hours = "always"`: seven, Monday first; days left out are closed."""
    if table.says("hours", "always"):
        return (WHOLE_DAY,) * len(DAYS)
    written = table.table("hours")
    hours = tuple(written.may(day, shapes.HOURS, None) for day in DAYS)
    if table.sound("hours") and not any(hours):
        table.fault("hours", "never open", 'write hours = { mon = "09:00-17:00" } or hours = "always"')
    return hours
