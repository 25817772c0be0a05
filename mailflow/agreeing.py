"""Whether the owner of a contribution agrees that these words leave the hub, in its own plain words. Pure.

1. "AGREE" counts only where it stands alone: a condition, a negation, a question or both answers are unclear.
2. A refusal may give its reason in any words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailflow.words import LINES, LONGEST_LINE

_OPENING = re.compile(r"(hi|hello|hi all|thanks|thank you|many thanks|sorry|unfortunately)\b[ ,.:;!]*", re.IGNORECASE)
_REFUSES = re.compile(
    r"(no\W+)?(i |we )?(refuse[ds]?\b|disagree\b|object\b|do not agree\b|don't agree\b|cannot agree\b|can't agree\b)"
    r"|not agreed\b",
    re.IGNORECASE,
)
_AGREES = re.compile(r"(i |we )?agree[ds]?\b", re.IGNORECASE)
_ABOUT = re.compile(r"agree|refus|object", re.IGNORECASE)
# Words that bind an agreement to something: somebody reads what.
_BINDS = re.compile(
    r"\b(if|unless|until|provided|except|but|only|subject to|as long as|without|however|not|never|cannot|can't|don't"
    r"|change|remove|instead|before|after|once|whether|would|may|might|should)\b",
    re.IGNORECASE,
)


def read_agreement(own: str) -> bool | None:
    """True, False, or None when a person must read it."""
    plain = own.replace("’", "'")
    lines = [line.strip(" \t*_\"'“”") for line in plain.splitlines()]
    lines = [line for line in lines if line][:LINES]
    found = {answer for line in lines for answer in _answers(line)}
    if found != {True}:
        return False if found == {False} else None
    bound = any(_BINDS.search(line) or "?" in line for line in lines)
    return None if bound else True


def _answers(line: str) -> Iterator[bool | None]:
    for sentence in re.split(r"(?<=[.!?;:])\s+", line[:LONGEST_LINE]):
        opening = _OPENING.match(sentence)
        words = sentence[opening.end() :] if opening else sentence
        if _REFUSES.match(words):
            yield None if sentence.endswith("?") else False
            return  # what follows is the reason
        agrees = _AGREES.match(words)
        if agrees and not _ABOUT.search(words[agrees.end() :]):
            yield True
        elif _ABOUT.search(words):
            yield None
