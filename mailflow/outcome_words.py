"""Plain words to an outcome, or to a challenge: only where the first line begins so; otherwise a person reads it.

    OUTCOME: early help started            of the one child or adult that is owed
    OUTCOME 2: no further action           of the second one of the packet
    OUTCOME ALL: risk reduced              the same for all of them
    CHALLENGE: we think the threshold is met
    CHALLENGE URGENT: she goes home at four
    CHALLENGE she is not safe there        in capitals, as our letters ask for it

1. Two outcomes, a negation or a condition in one line are not plain.
2. Beside an adult's outcome a line of its own says whether what they wanted came of it: "ACHIEVED: partly". Said in
   two ways it is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_LINE = 2_000  # characters looked at
_OUTCOME = re.compile(r"outcome\s*(?:for\s+)?(?P<whom>all|both|s?\d{1,2})?\s*[:,\-–]\s*(?P<what>\S.*)", re.IGNORECASE)
_CHALLENGE = re.compile(r"challenge\s*(?P<urgent>urgent|immediate(?:\s+risk)?)?\s*(?:[:,\-–]|$)", re.IGNORECASE)
# The letters invite "reply CHALLENGE, and why": in capitals it needs no colon, and "challenge accepted" stays a word.
_INVITED = re.compile(r"CHALLENGE\s+(?P<urgent>(?i:urgent|immediate(?:\s+risk)?)\b)?")
_NOT_PLAIN = re.compile(
    r"\b(not|cannot|can't|never|won't|didn't|hasn't|refused|declined|if|unless|until|whether|may|might|should"
    r"|awaiting|pending|or)\b|\?",
    re.IGNORECASE,
)
_ACHIEVED = re.compile(
    r"achieved\s*[:,\-–]\s*(?P<how>fully|partly|partially|not)(?: achieved)?[\s.!]*\Z", re.IGNORECASE
)
# The codes of exchange.case.outcome, as agencies write them.
_ROWS: tuple[tuple[str, str], ...] = (
    ("section_47", r"(section|s\.?) ?47|child protection enquiry|strategy (discussion|meeting)"),
    ("early_help", r"early help|family help"),
    ("assessment", r"(section|s\.?) ?17|\b(social work |single |family )?assessment\b"),
    ("nfa", r"\bnfa\b|no further action|closed,? no action"),
    ("advice", r"(information and )?advice (given|only|and information)|information and advice"),
    ("open_case", r"allocated worker|open case"),
    ("lado", r"\blado\b|designated officer"),
    ("marac", r"\bmarac\b"),
    ("prevent", r"\bprevent (panel|referral)|\bchannel panel"),
    ("transfer", r"transferred to|transfer to"),
    ("remained", r"risk (has )?remain(s|ed)?"),
    ("reduced", r"risk (has been |was |is )?reduced"),
    ("removed", r"risk (has been |was |is )?removed"),
    ("none_none", r"no risk (was |is )?(identified|found)"),
    ("ceased", r"ceased at (the )?(adult|individual|person|her|his|their)('s)? ?(own )?request"),
)
_TABLE = tuple((code, re.compile(pattern, re.IGNORECASE)) for code, pattern in _ROWS)


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """What came of it. Without `code` a person reads it."""

    code: str
    subject: str  # "s2"; "" when nobody is named
    every: bool
    text: str = field(repr=False)
    achieved: str = ""  # "fully", "partly", "not"; "" when nothing plain was said


@dataclass(frozen=True, slots=True)
class Disagreed:
    """They challenge the decision."""

    immediate: bool
    text: str = field(repr=False)


def read_outcome(own: str) -> ToldOutcome | None:
    """The outcome on the first filled line; None when it tells none."""
    found = _OUTCOME.match(_first(own))
    if found is None:
        return None
    what, whom = found["what"], (found["whom"] or "").lower()
    codes = {code for code, pattern in _TABLE if pattern.search(what)}
    rest = re.sub("no further action|no risk|no action", "", what, flags=re.IGNORECASE)
    plain = len(codes) == 1 and not _NOT_PLAIN.search(rest)
    every = whom in ("all", "both")
    subject = f"s{int(whom.lstrip('s'))}" if whom and not every else ""
    return ToldOutcome(codes.pop() if plain else "", subject, every, own, _achieved(own))


def read_challenge(own: str) -> Disagreed | None:
    """A disagreement on the first filled line; None when there is none."""
    found = _CHALLENGE.match(_first(own)) or _INVITED.match(_first(own))
    return Disagreed(bool(found["urgent"]), own) if found else None


def _achieved(own: str) -> str:
    found = {
        hit["how"].lower().replace("partially", "partly") for line in _lines(own) if (hit := _ACHIEVED.match(line))
    }
    return found.pop() if len(found) == 1 else ""


def _first(own: str) -> str:
    return next(_lines(own), "")


def _lines(own: str) -> Iterator[str]:
    lines = (line.strip(" \t*_\"'“”") for line in own.replace("’", "'").splitlines())
    return (line[:LONGEST_LINE] for line in lines if line)
