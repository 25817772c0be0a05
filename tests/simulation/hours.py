"""When people of the simulation are at work, written here once more by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = {date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3)}
HUB_WEEK = {d: (time(8, 30), time(16, 30) if d == 4 else time(17)) for d in range(5)}
READ = {  # when somebody reads a mailbox, written here once more by hand: weekday -> from, until
    "safeguarding@police.example": {
        **{d: (time(7), time(19)) for d in range(5)}, 5: (time(9), time(13)),
    },
    "safeguarding@health.example": {
        0: (time(9), time(17)), 1: (time(9), time(17)), 2: (time(9), time(12, 30)), 3: (time(9), time(17)),
        4: (time(9), time(16)),
    },
    "lead@health.example": {d: (time(10), time(16)) for d in (0, 2, 4)},
    "deputy@health.example": HUB_WEEK,
    "safeguarding@social-care.example": HUB_WEEK,
    "safeguarding@school-support.example": {d: (time(8), time(15) if d == 4 else time(15, 30)) for d in range(5)},
    "safeguarding@madeup-surgery.example": HUB_WEEK,
}  # fmt: skip
ROUND_THE_CLOCK = frozenset({"control@police.example"})
QUARTER = timedelta(minutes=15)


def is_read(address: str, at: datetime) -> bool:
    """Whether somebody reads the mailbox at this moment."""
    if address in ROUND_THE_CLOCK:
        return True
    local = at.astimezone(LONDON)
    span = READ[address].get(local.weekday())
    return local.date() not in HOLIDAYS and span is not None and span[0] <= local.time() < span[1]


def open_hours(since: datetime, until: datetime) -> timedelta:
    """How long the hub was open between, to a quarter of an hour."""
    open_, at = timedelta(), since
    while at < until:
        local = at.astimezone(LONDON)
        span = HUB_WEEK.get(local.weekday())
        if local.date() not in HOLIDAYS and span and span[0] <= local.time() < span[1]:
            open_ += min(QUARTER, until - at)
        at += QUARTER
    return open_
