"""The hub's own words in its letters, as a hub file has them: [letters.receipt] with opening and closing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from exchange.case.own_words import LONGEST, MAY_CLOSE, MAY_OPEN, NAMES, OwnWords
from exchange.hubs import shapes
from exchange.hubs.reading import Shape, Table, Unfit

_LETTER = shapes.one_of(MAY_CLOSE, "letter to which words can be added")
_ODD = frozenset({"Cc", "Cf", "Co", "Cs"})  # what nobody sees, or what turns a line round


def _prose(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unfit("no text", "write some words, or leave it out")
    if len(value) > LONGEST:
        raise Unfit(f"{len(value)} characters long", f"write at most {LONGEST}")
    if any(unicodedata.category(c) in _ODD and c != "\n" for c in value):
        raise Unfit("holds a character that nobody sees", "type it anew, as plain text")
    return value.strip()


WORDS = Shape(_prose, f'"Words; {", ".join(f"{{{n}}}" for n in NAMES)} are filled in"', "words")


def letters(root: Table) -> Iterator[OwnWords]:
    """Those of the file, in the order of the letters."""
    if "letters" not in root:
        return
    found = []
    for name, table in root.table("letters").every(_LETTER):
        closing, opening = table.may("closing", WORDS, ""), table.may("opening", WORDS, "")
        if opening and name in MAY_CLOSE and name not in MAY_OPEN:
            table.fault("opening", "nothing may stand before what this letter warns of", "write it as closing")
        if not opening and not closing and table.sound("opening") == table.sound("closing"):
            table.fault("closing", "no words", "write opening or closing, or take the table out")
        found.append(OwnWords(name, opening, closing))
    yield from sorted(found, key=lambda own: MAY_CLOSE.index(own.letter) if own.letter in MAY_CLOSE else 0)
