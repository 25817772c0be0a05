"""Plain words to an invitation: whether somebody comes, sends a deputy, or writes instead; `unclear` for a person.

1. A deputy counts only where it is said plainly that somebody else comes in their place: a condition, a question or a
   "not" beside it is for a person to read.
2. Who the deputy is stays in the words: no name comes out of here.
"""

from __future__ import annotations

import re

from mailflow import words

LINES = 5  # filled lines in which an answer is looked for
LONGEST_LINE = 2_000  # characters looked at in one line
_COMES = r"(come|attend|join|be there|stand in|go|take part|cover|dial in|represent (us|me))\b"
_WILL = rf"(will|is going to|is able to|can|shall|'ll) {_COMES}"
_FOR_US = r"\b(for (me|us)\b|instead\b|in (my|our) (place|stead)\b|on (my|our) behalf\b|as (my|our) deputy\b)"
_DEPUTY = re.compile(
    rf"^(deputy\b"
    rf"|(?!.*\b(i|we) (will|can|shall)\b).{{0,80}}\b{_WILL}.{{0,80}}{_FOR_US}"
    rf"|.{{0,40}}\b(my|our) (deputy|colleague|manager|stand-in)\b.{{0,60}}\b{_WILL}"
    rf"|.{{0,40}}\b(sending|send)\b.{{1,60}}{_FOR_US})",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"^written( contribution| answer| report)?\s*:", re.IGNORECASE)
_DOUBT = re.compile(
    r"\?|\b(if|unless|until|whether|may|might|maybe|perhaps|could|would|should|not|nobody|no one|cannot|can't|won't"
    r"|never|try|trying|hope|hoping|let you know|tbc)\b",
    re.IGNORECASE,
)
_SAID = {"attend": "accepted", "tentative": "tentative", "not_attend": "declined"}


def read_attendance(own: str) -> str:
    """accepted, tentative, declined, deputy, written or "" in somebody's own words."""
    plain = own.replace("’", "'")
    lines = [line.strip(" \t*_\"'“”") for line in plain.splitlines() if line.strip(" \t*_\"'“”.")][:LINES]
    if lines and _WRITTEN.match(lines[0]):
        return "written"
    sentences = [s for line in lines for s in _sentences(line[:LONGEST_LINE])]
    deputies = [s for s in sentences if _DEPUTY.match(s)]
    if not deputies:
        return _SAID.get(words.read_answer(own).answer, "")
    doubtful = any(_DOUBT.search(s) for s in deputies) or any("?" in s for s in sentences)
    return "" if doubtful or _says_more(sentences, deputies) else "deputy"


def _sentences(line: str) -> list[str]:
    """The sentences of a line; what follows "but" or a comma after "cannot make it" is said for itself."""
    return [s for s in re.split(r"(?<=[.!?;])\s+|,\s+(?:but |and |so )?|\s+but\s+", line) if s]


def _says_more(sentences: list[str], deputies: list[str]) -> bool:
    """Whether they also answer something that is no refusal: then a person reads it."""
    answers = {words.read_answer(s).answer for s in sentences if s not in deputies}
    return bool(answers - {"not_attend", "unclear"})
