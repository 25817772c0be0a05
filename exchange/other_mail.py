"""Other mail: what is part of no case, and waits for somebody to say what it is, as one thing the hub owes."""

from __future__ import annotations

from datetime import datetime

from exchange.ahead import left
from exchange.case import clock
from exchange.case.rules import Rules
from exchange.holding_pen import WAITING
from exchange.outstanding import HUB_OWNS
from exchange.owed import Owed
from exchange.store import inbox
from exchange.store.database import Transaction
from templates.moments import span

WHAT = "other_mail"


def told(found: inbox.Waiting, now: datetime) -> str:
    """How many there are, and since when."""
    mails = "1 mail waits" if found.number == 1 else f"{found.number} mails wait"
    return f"{mails} for somebody to say what it is; the oldest came {span(now - found.since)} ago"


async def owed(tx: Transaction, rules: Rules, now: datetime) -> Owed | None:
    """All of it in one row, due when a contact would be that came as long ago as the oldest; None when none waits."""
    found = await inbox.waiting(tx, WAITING)
    if found is None:
        return None
    due = clock.due(rules.first_look, found.since, rules.calendar)
    telephone = rules.telephone if rules.calendar.is_open(now) else rules.duty_telephone
    return Owed(
        case_id="", reference="", what=WHAT, about="", owner=HUB_OWNS, asked_at=found.since, due=due,
        overdue=now >= due, state="", rating="", next_step=f"read it under Other mail: {told(found, now)}",
        next_at=None, telephone=telephone, left=left(due, now),
    )  # fmt: skip
