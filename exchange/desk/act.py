"""An act: something that hub staff do to a case, and what a viewer must be allowed for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from exchange import content
from exchange.case.state import Case
from exchange.desk.given import Given
from exchange.desk.working import Caller, Desk
from exchange.policy import Action

# (who acts, id of the case, what was given, cause) -> the case afterwards
Doing = Callable[[Desk, str, Given, str], Awaitable[Case]]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done to a case, and what a viewer must be allowed for it."""

    action: Action
    do: Doing


def reason(given: Given) -> content.Parts:
    """Why, as a sealed body. Raises Unfit."""
    return {content.REASON: given.need("reason").encode()}


def caller(desk: Desk, given: Given) -> Caller:
    """Who rang or came. Raises Unfit."""
    return Caller(given.need("name"), given.may("telephone"), given.need("checked"), desk.now())


async def zone(desk: Desk) -> ZoneInfo:
    """The time zone of the clock on the hub's wall."""
    return (await desk.hub.rules())[1].calendar.zone
