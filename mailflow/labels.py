"""Labelled lines in somebody's own words: how a nil return was searched, their own reference, what may be shared.

1. Only what plainly stands on a line under its label counts; an empty value, a dash or "n/a" is not there.
2. A date is there when it can be read as one; a date alone is no identifier that was searched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_LINE = 2_000  # characters looked at in one line
LINES = 400  # beyond that it is a document, and a person reads it
LONGEST_REFERENCE = 60  # characters; no case system's number is longer

SYSTEMS, IDENTIFIERS, DATE = "systems", "identifiers", "date"
LABELS = {SYSTEMS: "Systems searched", IDENTIFIERS: "Searched on", DATE: "Date searched"}  # as our letters ask for it

_SEARCHED = r"(?:searched|checked|looked at)"
_THINGS = r"(?:systems?|records?|databases?)"
_PATTERNS = {
    SYSTEMS: rf"{_THINGS} (?:we |i )?{_SEARCHED}|{_SEARCHED} (?:the |these )?{_THINGS}|searched in",
    IDENTIFIERS: rf"{_SEARCHED} (?:on|by|for|under|against|using|with)|identifiers?(?: (?:used|{_SEARCHED}))?"
    r"|search(?:ed)? terms?|details used",
    DATE: rf"(?:date|day|when|time) (?:we |i )?(?:{_SEARCHED}|of (?:the )?(?:search|check))|search date"
    rf"|{_SEARCHED} (?:at|date)",
}
_MARKS = r"[ \t*_•-]{0,10}"
_LINES = {
    part: re.compile(rf"{_MARKS}(?:{label})[ *_]{{0,4}}(?::|=| [–-] )(.*)", re.IGNORECASE)
    for part, label in _PATTERNS.items()
}
_NOTHING = re.compile(  # what stands in brackets is our own request, left standing
    r"(?:\((?:which|when)\b.*|\(.*\)|\W*"
    r"|none|no|nil|n/?a|unknown|not known|not searched|tbc|tba|to follow|see (?:above|below))",
    re.IGNORECASE,
)
_TELLS = re.compile(  # no list of systems, names and dates has such words
    r"\b(?:is|was|are|were|has|have|had|be(?:en)?|known|knows?|stands?|please|ring|call me|but|not|none|nothing"
    r"|nobody|never|cannot|can't|couldn't|where|down|offline|unavailable|yet|later|pending|except|although|however"
    r"|he|she|his|her|him|their|they)\b"
    r"|[;!?]",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    rf"\d{{4}}-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-](?:\d{{4}}|\d\d)\b|\d\d?(?:st|nd|rd|th)? (?:of )?{_MONTH}"
    rf"|{_MONTH} \d\d?|\b(?:today|yesterday|this (?:morning|afternoon|evening))\b",
    re.IGNORECASE,
)
_OUR_REFERENCE = re.compile(
    rf"{_MARKS}our (?:own )?ref(?:erence|\.)?(?: no\.?| number)?[ *_]{{0,4}}[:=](.*)", re.IGNORECASE
)
_SHARED = re.compile(r"\W{0,10}may be shared\W{0,10}", re.IGNORECASE)


def nil_missing(text: str) -> tuple[str, ...]:
    """What a nil return in these words does not say, of systems, identifiers and date."""
    said = {part for line in _lines(text) for part, pattern in _LINES.items() if _is_said(part, pattern, line)}
    return tuple(part for part in LABELS if part not in said)


def is_labelled(line: str) -> bool:
    """Whether a line is one of those for which our letters ask beside an answer, and says something."""
    text = line.replace("’", "'").strip()[:LONGEST_LINE]
    return may_be_shared(text) or any(_is_said(part, pattern, text) for part, pattern in _LINES.items())


def _is_said(part: str, pattern: re.Pattern[str], line: str) -> bool:
    found = pattern.fullmatch(line)
    if not found or _NOTHING.fullmatch(value := found[1].strip(" \t*_")) or tells(value):
        return False
    if part == DATE:
        return bool(_DATE.search(value))
    return part != IDENTIFIERS or bool(re.search(r"[^\W\d_]{2}|\d{5}", _DATE.sub("", value)))


def tells(value: str) -> bool:
    """Whether more is told than what was searched, on what and when: "none, our system is down", "his brother is
    known to us"."""
    return bool(_TELLS.search(value))


def own_reference(text: str) -> str:
    """The agency's own reference, from a line "Our ref: ..."; "" when none plainly stands there."""
    return next((ref for line in _lines(text) if (ref := _reference_in(line))), "")


def _reference_in(line: str) -> str:
    found = _OUR_REFERENCE.fullmatch(line)
    return as_reference(found[1].strip(" \t*_")) if found else ""


def as_reference(text: str) -> str:
    """A reference as it may stand in a letter: one short line that can be seen, or ""."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    known = bool(re.search(r"\w", one_line)) and not _NOTHING.fullmatch(one_line)
    return one_line if known and len(one_line) <= LONGEST_REFERENCE else ""


def may_be_shared(text: str) -> bool:
    """Whether a line says just that: what is told may be used in what leaves the hub."""
    return any(_SHARED.fullmatch(line) for line in _lines(text))


def _lines(text: str) -> Iterator[str]:
    return (line.strip()[:LONGEST_LINE] for line in text.replace("’", "'").splitlines()[:LINES])
