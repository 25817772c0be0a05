"""An act: something that hub staff do to a case, and what a viewer must be allowed for it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from exchange import content, written_days
from exchange.case.acknowledgement import Answer, DeclineReason
from exchange.case.state import Case
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Caller, Desk
from exchange.policy import Action
from exchange.store import casebook

# (who acts, id of the case, what was given, cause) -> the case afterwards
SHORTEST_NUMBER = 3  # digits, as in 101
LATEST_ENTRY = timedelta(days=7)  # a call typed in later than this is a slip of the date
Doing = Callable[[Desk, str, Given, str], Awaitable[Case]]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done to a case, and what a viewer must be allowed for it."""

    action: Action
    do: Doing


def refuse_future(given: Given, name: str, today: date) -> None:
    """Raises Unfit for a day that has not come yet; what is no date is somebody's words."""
    text, days = given.may(name), list[date]()
    for said in (text, text[:10]):  # a time may stand behind it
        with contextlib.suppress(ValueError):
            days.append(written_days.day(said))
    if days and days[0] > today:
        raise Unfit(name, "Write when that was: this day has not come yet")


def had_before_them(given: Given) -> int | None:
    """`additions`: how many things told since whoever acts had read; the case refuses it when more has come. None
    where nobody can say. Raises Unfit."""
    read = given.may("additions")
    if read and not (read.isascii() and read.isdigit() and len(read) < 7):
        raise Unfit("additions", "Say how many things told since you have read, as a number")
    return int(read) if read else None


def reason(given: Given, subject: str = "") -> dict[str, bytes]:
    """Why, as a sealed body: of what is about one subject alone, with that subject. Raises Unfit."""
    why = {content.REASON: given.need("reason").encode()}
    return content.of_subject(subject, why) if subject else why


def caller(desk: Desk, given: Given) -> Caller:
    """Who rang or came. Raises Unfit."""
    return Caller(given.need("name"), number(given), given.need("checked"), desk.now())


def number(given: Given) -> str:
    """The number on which to ring them, "" for none; words may stand beside it ("ext 12"). Raises Unfit."""
    told = given.may("telephone")
    if told and sum(map(str.isdigit, told)) < SHORTEST_NUMBER:
        raise Unfit("telephone", "Write the whole telephone number, like 01632 960100, or leave it empty")
    return told


def declined(given: Given) -> DeclineReason | None:
    """Why an agency declines, None when it does not. Whoever has a person on the line can ask. Raises Unfit."""
    if given.choice("answer", Answer) is not Answer.DECLINE:
        return None
    if not given.may("decline"):
        raise Unfit("decline", "Ask why they decline, and choose it", DeclineReason)
    return given.choice("decline", DeclineReason)


async def caller_at(desk: Desk, given: Given, case: str = "") -> Caller:
    """Who rang or came, and when that was: now, unless `rang` (or `rang_date` and `rang_time`) says otherwise.
    Raises Unfit for a moment that has not come yet, is more than a week ago, or before the case there was."""
    at = await _rang(desk, given)
    if case:
        await since_receipt(desk, case, "rang", at)
    return replace(caller(desk, given), at=at)


async def since_receipt(desk: Desk, case: str, name: str, at: datetime) -> None:
    """Raises Unfit for a moment before the case was received; people write minutes, not seconds."""
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        received = (await casebook.load(tx, case)).received_at
    if at < received.replace(second=0, microsecond=0):
        raise Unfit(name, "That is before the concern reached the hub: check the date and the time")


async def _rang(desk: Desk, given: Given) -> datetime:
    now, rang = desk.now(), given.moment("rang", await zone(desk))
    if rang is None:
        return now
    if rang > now:
        raise Unfit("rang", "They cannot have rung in the future: check the date and the time")
    if now - rang > LATEST_ENTRY:
        raise Unfit("rang", f"That is more than {LATEST_ENTRY.days} days ago: check the date, or ask the hub manager")
    return rang


async def zone(desk: Desk) -> ZoneInfo:
    """The time zone of the clock on the hub's wall."""
    return (await desk.hub.rules())[1].calendar.zone
