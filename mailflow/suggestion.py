"""Suggestions: "not known, try youth justice" to the one agency that is meant, or to none.

1. An agency is meant when its name, its id or one of its functions stands in the words, or they in its name.
2. When another agency could be meant too, nobody is: a person reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mailflow.words import LINES, LONGEST_LINE

# Where somebody else is named: after the words for it, at the start of a sentence or behind a comma, "please"...
_TRY = re.compile(
    r"(?:^|[,;:.!–—-] {0,3}|\b(?:please|but|so|and) )"
    r"(?:try|ask|refer (?:it |this |them )?(?:on )?to|(?:it |this )?should go to|(?:it|this) is (?:one )?for) "
    r"(?:the )?([^.!?;\n]{3,100})",
    re.IGNORECASE,
)
_NAMED = re.compile(r"^\W{0,10}wrong (?:agency|service) ?[:,–-] {0,3}(?:the )?([^.!?;\n]{3,100})", re.IGNORECASE)
_AROUND = frozenset({"please", "instead", "team", "teams", "service", "services", "thanks", "the", "at", "first"})

Known = Mapping[str, tuple[str, ...]]  # id of an agency -> its name, first, and what else it is called by


def suggestion(text: str) -> str:
    """The words that name somebody else to ask; "" when none do."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][:LINES]
    found = (p.search(line[:LONGEST_LINE]) for line in lines for p in (_TRY, _NAMED))
    return next((match[1].strip() for match in found if match), "")


def meant(words: str, known: Known) -> str:
    """The id of the one agency these words mean; "" when it could be none or several."""
    said = _words(words)
    hits = sorted(_hits(said, known), key=lambda hit: len(hit[1]), reverse=True)
    if not hits:
        return ""
    agency, phrase = hits[0]
    rest = f" {said} ".replace(f" {phrase} ", " | ", 1)  # "adult social care" is not "social care" once more
    same = {other for other, p in hits if p == phrase}
    others = {other for other, p in hits if f" {p} " in rest}
    return agency if same | others == {agency} else ""


def _hits(said: str, known: Known) -> Iterator[tuple[str, str]]:
    core = " ".join(word for word in said.split() if word not in _AROUND)
    for agency, names in known.items():
        phrases = [_words(name) for name in (agency, *names)]
        yield from ((agency, phrase) for phrase in phrases if phrase and f" {phrase} " in f" {said} ")
        if len(core) > 3 and f" {core} " in f" {_words(names[0])} ":
            yield agency, core


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("’", "").replace("'", "")))
