"""The history of a case for those who may read its words: each line with what was said, and what to beware of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from exchange import chronicle, content, labels, mail_words, wording
from exchange.case.challenge import UNPROVED
from exchange.case.correction import WordsCorrected
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.compartments import Bodies, OpenedFor
from exchange.referrer_words import before
from exchange.store import casebook
from exchange.web import desk_products
from templates import moments

_PROVED = {proof.name.lower(): f"(proof: {words})" for proof, words in labels.PROOFS.items()}  # of an answer page
_WORDS = (content.WORDS, content.REASON, content.WORKER, content.CORRECTED)


def history(
    events: Iterable[casebook.StoredEvent], opened: OpenedFor, case: Case, rules: Rules
) -> list[dict[str, Any]]:
    """All that happened, newest first."""
    stored = tuple(events)
    right = put_right(stored, opened)
    return [_line(line, opened, rules, right) for line in reversed(chronicle.lines(stored, case, rules))]


def cautions(case: Case, bodies: Bodies) -> list[str]:
    """What to beware of in the mails of a case."""
    return [*unreadable(bodies), *unopened(bodies), *filter(None, (alike(bodies), unproved(case, bodies)))]


def unreadable(bodies: Bodies) -> list[str]:
    """Why a structured referral in the mail was not taken as one: whoever types it in should know."""
    return [why for _, name, plain in bodies if name == content.MAIL for why in json.loads(plain).get("problems", [])]


def unopened(bodies: Bodies) -> list[str]:
    """Why mails of the case, or parts of them, could not be opened."""
    found = [json.loads(plain).get("not_opened") for _, name, plain in bodies if name == content.MAIL]
    return list(dict.fromkeys(wording.not_opened(why) for why in found if why))


def alike(bodies: Bodies) -> str:
    """Said when a mail of the case bears the Message-ID of another mail that is not the same."""
    told = (json.loads(plain).get("alike") for _, name, plain in bodies if name == content.MAIL)
    return mail_words.ALIKE if any(told) else ""


def unproved(case: Case, bodies: Bodies) -> str:
    """Said when nothing proves from whom the mail came that began the case."""
    first = (
        next((plain for _, name, plain in bodies if name == content.MAIL), b"{}") if case.channel == "mail" else b"{}"
    )
    told = json.loads(first)
    return mail_words.not_theirs(told.get("from", ""), told.get("forged", "")) if told.get("unproved") else ""


def _line(line: chronicle.Line, opened: OpenedFor, rules: Rules, right: Mapping[str, list[str]]) -> dict[str, Any]:
    event = line.newest
    mine = [(name, plain) for of, name, plain in opened.bodies if of == event.id]
    said = [
        plain.decode()
        for name, plain in mine
        if name in _WORDS or name.startswith((content.CONTRIBUTION, content.MORE))
    ]
    said += _tested(dict(mine)) + [w for name, plain in mine if name == content.BEFORE for w in before(plain)]
    said += [f"PUT RIGHT SINCE: {words}" for words in right.get(event.id, ())]
    came: dict[str, Any] = next((json.loads(plain) for name, plain in mine if name == content.MAIL), {})
    said += came.get("problems", [])
    said += [desk_products.WITHHELD] if event.id in opened.events else []
    said += [text for name, plain in mine for text in _of_staff(name, plain)]
    said += [wording.not_opened(why)] if (why := came.get("not_opened")) else []
    said += [f"{mail_words.ELSEWHERE} {came['from'] or 'nobody named'}."] if came.get("elsewhere") else []
    said += [mail_words.unproved(came.get("from", ""))] if getattr(event.event, "by", "") == UNPROVED else []
    said += [_who(json.loads(plain), rules) for name, plain in mine if name == content.WHO]
    times = f" ({line.times} times since {minute(line.since, rules)})" if line.times > 1 else ""
    return {
        "title": line.words + times, "when": event.at.isoformat(), "shown": minute(event.at, rules), "by": line.by,
        "text": "\n".join(said).strip(), "mail": came.get("inbox", ""),
    }  # fmt: skip


def put_right(events: Iterable[casebook.StoredEvent], opened: OpenedFor) -> dict[str, list[str]]:
    """What people really said, by the entry that had it wrongly: whoever reads that one reads this too."""
    found: dict[str, list[str]] = defaultdict(list)
    said = {of: plain.decode() for of, name, plain in opened.bodies if name == content.CORRECTED}
    for one in events:
        if isinstance(one.event, WordsCorrected) and one.id in said:
            found[one.event.entry].append(said[one.id])
    return found


def _tested(mine: Mapping[str, bytes]) -> list[str]:
    """The three-part test and the limbs of section 42, each reason by its name."""
    named = {
        **labels.TEST,
        content.DROPPED: "Why a route is not taken any more",
        **{f"{content.LIMB}{limb}": label for limb, label in labels.LIMBS.items()},
    }
    return [f"{label}: {mine[name].decode()}" for name, label in named.items() if name in mine]


def _of_staff(name: str, plain: bytes) -> list[str]:
    """What hub staff wrote to the referrer, or in reply to somebody who disagrees."""
    if name.startswith(content.DRAFT):
        return list(filter(None, json.loads(plain).values()))
    return [plain.decode()] if name.startswith((content.REPLY, content.REPLY_DRAFT, content.QUESTION)) else []


def _who(said: dict[str, str], rules: Rules) -> str:
    """Who said it, and when they rang."""
    rang = f", {minute(datetime.fromisoformat(said['at']), rules)}" if said["at"] else ""
    checked = _PROVED.get(said["checked"], said["checked"])
    return f"{said['name']} {said['telephone']} {checked}".strip() + rang


def minute(at: datetime, rules: Rules) -> str:
    local = at.astimezone(rules.calendar.zone)
    return f"{moments.day(local.date())}, {local:%H:%M %Z}"
