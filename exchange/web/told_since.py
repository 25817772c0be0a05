"""Told since: what was said to the hub after the contact came, in its words, for whoever reads the case.

1. What the referrer added or answered, in writing or on the telephone, and what somebody disagrees with. What
   agencies tell stands with them.
2. What came after somebody last looked is new; on a case that nobody has looked at, all of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from exchange import content, wording
from exchange.case.challenge import Challenged
from exchange.case.event import InformationAdded, LookedAt
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.compartments import OpenedFor
from exchange.store.casebook import StoredEvent
from exchange.web.case_history import put_right
from exchange.web.context import shown


def told_since(
    events: Iterable[StoredEvent], opened: OpenedFor, case: Case, rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    """Newest first."""
    stored = tuple(events)
    looked = max((one.seq for one in stored if isinstance(one.event, LookedAt)), default=0)
    words = {of: plain.decode() for of, name, plain in opened.bodies if name == content.WORDS}
    mails = {of: json.loads(plain).get("inbox", "") for of, name, plain in opened.bodies if name == content.MAIL}
    right = put_right(stored, opened)
    return [
        {
            "what": wording.told(one.event, rules, case), "at": shown(one.at, rules, now),
            "text": "\n".join(filter(None, (words.get(one.id, ""), *_now(right.get(one.id, []))))),
            "new": case.looked_at is None and one.seq > looked,
            "answers": one.event.answers if isinstance(one.event, InformationAdded) else "",
            "mail": mails.get(one.id, ""),
        }
        for one in reversed(stored)
        if isinstance(one.event, InformationAdded | Challenged)
    ]  # fmt: skip


def _now(right: list[str]) -> list[str]:
    return [f"Put right since: {words}" for words in right]
