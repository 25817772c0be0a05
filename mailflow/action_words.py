"""Plain words to how an action stands: only where the first line says so plainly; otherwise a person reads it. Pure.

    DONE                                   also ACTION DONE: we saw her today
    CANNOT DO: she is not on our books
    NOT YET, by 3 December 2026            or BY FRIDAY's date as 2026-12-03 or 3/12/2026

1. "Done" under a negation, a condition, a question or in part is not plain; nor are two answers in the first lines.
2. "Cannot" and "not yet" may give their reason in any words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from mailflow.words import LINES, LONGEST_LINE

_OPENING = re.compile(r"(hi|hello|hi all|thanks|thank you|many thanks|sorry|unfortunately)\b[ ,.:;!]*", re.IGNORECASE)
_CANNOT = re.compile(
    r"(action\s*[:\-–]?\s*)?(i |we )?(cannot|can't|can not|could not|couldn't|am unable to|are unable to|unable to)\b"
    r"\s*(do|complete|carry|act|see|visit|help)?",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"(action\s*[:\-–]?\s*)?(not (yet|done yet)\b|(this|it) (is|has) not (yet )?(been )?done\b)", re.IGNORECASE
)
_DONE = re.compile(
    r"(action\s{0,3}[:\-–]?\s{0,3})?((this|it)( is| has been)|(i |we )?(have |has )?(now )?)?\s{0,3}(all )?"
    r"(been )?(done|completed|complete)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(done|complete[ds]?|cannot|can't|unable|not yet)\b", re.IGNORECASE)
_BINDS = re.compile(  # words after which "done" is not done
    r"\b(not|never|no|none|nothing|cannot|can't|won't|didn't|hasn't|haven't|if|unless|until|when|once|whether"
    r"|except|apart from|but|however|partly|part|half|partially|some|most|almost|nearly|soon"
    r"|will|should|may|might|would|could|to be|rest"
    r"|tomorrow|pending|awaiting|still)\b|\?",
    re.IGNORECASE,
)
_BY = re.compile(r"\b(?:by|until|on|before)\s+(?:the\s+)?(?P<day>[^.;\n]{1,40})", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\b")
_SLASHES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b")
_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]{3,9})\.?(?:,?\s+(\d{4}))?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FURTHEST = timedelta(days=370)  # a promise further off than a year is a slip of the date


@dataclass(frozen=True, slots=True)
class Stands:
    """How an action stands, in its owner's words."""

    answer: str  # done | cannot | later
    until: str = ""  # of later: the day, as written
    text: str = field(default="", repr=False)


def read_action(own: str) -> Stands | None:
    """The one plain answer; None when a person must read it."""
    plain = own.replace("’", "'")
    lines = [line.strip(" \t*_\"'“”") for line in plain.splitlines()]
    lines = [line for line in lines if line][:LINES]
    found = [answer for line in lines for answer in _answers(line[:LONGEST_LINE])]
    if len(set(found)) != 1 or found[0] == "unclear":
        return None
    if found[0] == "done" and any(_BINDS.search(line) for line in lines):
        return None
    by = _BY.search("\n".join(lines)) if found[0] == "later" else None
    return Stands(found[0], by["day"].strip() if by else "", own)


def _answers(line: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.!?;])\s+", line):
        opening = _OPENING.match(sentence)
        answer = _answer(sentence[opening.end() :] if opening else sentence)
        if answer:
            yield answer
        if answer in ("cannot", "later"):
            return  # what follows is the reason


def _answer(words: str) -> str:
    for answer, pattern in (("cannot", _CANNOT), ("later", _LATER), ("done", _DONE)):
        if pattern.match(words):
            return "unclear" if words.rstrip().endswith("?") else answer
    return "unclear" if _ABOUT.search(words) else ""


def read_day(written: str, today: date) -> date | None:
    """The day somebody wrote, from today on and within a year; None when it is none that we can be sure of."""
    found = _day(written, today)
    return found if found and today <= found <= today + _FURTHEST else None


def _day(written: str, today: date) -> date | None:
    try:
        if iso := _ISO.search(written):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if slashes := _SLASHES.search(written):
            year = int(slashes[3])
            return date(year if year > 99 else 2000 + year, int(slashes[2]), int(slashes[1]))  # day first, as here
        return _worded(written, today)
    except ValueError:
        return None


def _worded(written: str, today: date) -> date | None:
    words = _WORDS.search(written)
    month = words[2].lower()[:3] if words else ""
    if words is None or month not in _MONTHS:
        return None
    at = _MONTHS.index(month) + 1
    if words[3]:
        return date(int(words[3]), at, int(words[1]))
    this_year = date(today.year, at, int(words[1]))
    return this_year if this_year >= today else date(today.year + 1, at, int(words[1]))
