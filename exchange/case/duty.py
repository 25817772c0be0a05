"""Duty: the emergency duty team, and whether a person there has the case in hand while the hub is shut.

1. Offered is not handed over: only a named person who accepts takes it on, and the hub's clocks run on all the while.
2. What a duty team had in hand comes back with a note; until it has, the day team is asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Handing(StrEnum):
    """Where a handing over to the duty team stands."""

    OFFERED = "offered"  # the hub is shut and nobody there has accepted it yet
    ACCEPTED = "accepted"  # a named person there has it in hand
    RETURNED = "returned"  # the day team has the duty team's note
    SETTLED = "settled"  # decided, or closed, by people of the hub before anybody there had accepted


class HandingNews(StrEnum):
    """What moves it."""

    ACCEPTS = "accepts"
    RETURNS = "returns"
    DECIDES = "decides"  # nothing is left that is most urgent and undecided


HANDINGS: dict[tuple[Handing, HandingNews], Handing | None] = {  # None: it changes nothing, and staff are told why
    (Handing.OFFERED, HandingNews.ACCEPTS): Handing.ACCEPTED,
    (Handing.OFFERED, HandingNews.RETURNS): None,
    (Handing.OFFERED, HandingNews.DECIDES): Handing.SETTLED,
    (Handing.ACCEPTED, HandingNews.ACCEPTS): None,  # somebody else there: one person has it
    (Handing.ACCEPTED, HandingNews.RETURNS): Handing.RETURNED,
    (Handing.ACCEPTED, HandingNews.DECIDES): None,  # its note is still owed
    (Handing.RETURNED, HandingNews.ACCEPTS): None,
    (Handing.RETURNED, HandingNews.RETURNS): None,
    (Handing.RETURNED, HandingNews.DECIDES): None,
    (Handing.SETTLED, HandingNews.ACCEPTS): Handing.ACCEPTED,  # decided in between, and taken on all the same
    (Handing.SETTLED, HandingNews.RETURNS): None,
    (Handing.SETTLED, HandingNews.DECIDES): None,
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One handing over to the duty team."""

    offered_at: datetime
    state: Handing = Handing.OFFERED
    accepted_at: datetime | None = None  # as the person there said it; who, is sealed
    accepted_by: str = ""  # who of the hub recorded it
    returned_at: datetime | None = None
    note_due: datetime | None = None  # when the day team opens next


@dataclass(frozen=True, slots=True)
class DutyAccepted:
    """A named person of the duty team has it in hand. Their name is sealed."""

    at: datetime
    by: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class DutyReturned:
    """The duty team's note is with the day team. Its words are sealed."""

    at: datetime
    by: str
