"""Corrections: what hub staff had typed in wrongly about a contact, put right. What was said before is kept.

1. An event names answers, never their words: those before and those after are sealed bodies.
2. Each has its number in the case: letters that tell an agency of it are about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# Answers of these sections are not given on by a correction: an act of its own does more than change the words.
ELSEWHERE = {"referrer.keep_from": "restrict"}


@dataclass(frozen=True, slots=True)
class Correction:
    """Answers that were put right together."""

    at: datetime
    by: str
    names: tuple[str, ...]  # "concern.what_happened", "s1.date_of_birth", "p1.name"


@dataclass(frozen=True, slots=True)
class WordsCorrected:
    """What somebody said to hub staff, and was written down wrongly, is put right; both stay in the history."""

    at: datetime
    by: str
    entry: str  # the event that was typed in
