"""Chasers: who would be asked once more by mail, in which mailbox and when, before anybody presses.

1. What is kept from whoever asks is not there: neither counted nor refused.
2. It says beforehand what the press will do: whom no letter can be sent to is told apart, and what to
   do instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange import wording
from exchange.case import chasing
from exchange.case.effect import Letter
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.posting import File, Held, file_of, recipient
from exchange.scripts import ROLES, agency_about
from exchange.store import casebook
from exchange.store.database import Transaction
from exchange.waiting import owed_about, unread

MOST = 200  # at one press: as many as a page of the silent can hold


@dataclass(frozen=True, slots=True)
class Chaser:
    """One leg or seat that somebody wants to ask once more."""

    case_id: str
    reference: str
    about: str
    agency: str  # by its name
    owes: str  # "acknowledgement" | "answer" | "attendance"
    due: datetime
    whom: str  # whose mailbox gets it: "the team", "the deputy"...
    opens: datetime | None  # nobody reads there now: when somebody does; None when it goes at once
    why_not: str  # "" when it can be sent


async def chasers(hub: Hub, viewer: Viewer, chosen: Sequence[tuple[str, str]]) -> tuple[Chaser, ...]:
    """Those of (reference, leg or seat) that the viewer may see and that are there, each once."""
    require(viewer, Action.RECORD_ANSWER)
    files: dict[str, File | None] = {}
    found = []
    async with hub.database.reading(hub.scope(viewer)) as tx:
        for reference, about in dict.fromkeys(chosen[:MOST]):
            if reference not in files:
                files[reference] = await _file(hub, tx, reference)
            file = files[reference]
            if file and agency_about(file.case, about):
                found.append(_chaser(file, about, hub.clock.now()))
    return tuple(found)


async def _file(hub: Hub, tx: Transaction, reference: str) -> File | None:
    try:
        case = await casebook.find(tx, reference)
    except casebook.NoSuchCase:
        return None
    return await file_of(hub, tx, case.id, Letter.REMINDER)


def _chaser(file: File, about: str, now: datetime) -> Chaser:
    case, owed = file.case, owed_about(file.case, about)
    letter = Letter.CHASER if owed.owes == "attendance" else Letter.REMINDER
    to = recipient(letter, about, file)
    why = chasing.refusal(case, about, now)
    if not why and isinstance(to, Held):
        why = "nobody there may be written to: ring"
    waits = None if why else unread(letter, about, file, now)
    return Chaser(
        case.id, case.reference, about, wording.agency_name(owed.agency, file.rules), owed.owes, owed.due_at,
        "" if isinstance(to, Held) else _whose(file, to.mailbox), waits.until if waits else None, why,
    )  # fmt: skip


def _whose(file: File, mailbox: str) -> str:
    found = next((m for m in file.directory.mailboxes if m.id == mailbox), None)
    return ROLES[found.role] if found else ""


def may_be_chased(case: Case, about: str, now: datetime) -> bool:
    """Whether a box is worth ticking."""
    return not chasing.refusal(case, about, now)
