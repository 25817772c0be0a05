"""Blockers: information-sharing agreements that are missing or have ended, raised with the board.

1. Nothing here stops, delays or changes a letter: an agreement is good practice, not a precondition (domain 3.8).
2. One open task an agency, however much is sent to it; a hub file that mends it closes the task.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import structlog

from exchange.case.agreement import Standing, standing
from exchange.case.effect import Letter, OpenTask, TaskKind
from exchange.case.mailbox import Directory
from exchange.case.rules import Rules
from exchange.hub import Hub
from exchange.store import tasks
from exchange.store.database import Transaction

log = structlog.get_logger()
DISCLOSES = frozenset(
    {Letter.PACKET, Letter.DEPUTY, Letter.PAPERS, Letter.PRODUCT, Letter.RECORD}
)  # letters that tell an agency of somebody


def lacking(directory: Directory, agencies: Iterable[str], today: date) -> dict[str, Standing]:
    """The agencies that no agreement covers today, each with what is wrong."""
    found = {agency: standing(directory.agreements, agency, today) for agency in sorted(set(agencies))}
    return {agency: why for agency, why in found.items() if why is not Standing.COVERED}


def today(rules: Rules, now: datetime) -> date:
    """The date on the hub's wall."""
    return now.astimezone(rules.calendar.zone).date()


async def told(hub: Hub, directory: Directory, rules: Rules, letter: Letter, agency: str) -> None:
    """Something about somebody was sealed for this agency. Never raises: see rule 1."""
    now = hub.clock.now()
    why = standing(directory.agreements, agency, today(rules, now)) if agency else Standing.COVERED
    if letter not in DISCLOSES or why is Standing.COVERED:
        return
    log.warning("no information-sharing agreement in force", agency=agency, code=str(why))
    try:
        async with hub.database.transaction(hub.scope()) as tx:
            if agency not in {task.about for task in await _raised(tx)}:
                await tasks.open_(tx, "", OpenTask(_key(agency), TaskKind.AGREEMENT, agency, now), now)
    except Exception:
        log.exception("blocker not raised", agency=agency)


async def lift(tx: Transaction, directory: Directory, day: date, now: datetime) -> None:
    """Close the tasks of agencies that are covered now."""
    for task in await _raised(tx):
        if standing(directory.agreements, task.about, day) is Standing.COVERED:
            await tasks.close(tx, "", task.key, now)


async def _raised(tx: Transaction) -> tuple[tasks.Task, ...]:
    return tuple(task for task in await tasks.pending(tx, "") if task.kind == TaskKind.AGREEMENT)


def _key(agency: str) -> str:
    return f"{TaskKind.AGREEMENT}:{agency}"
