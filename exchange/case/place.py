"""Places: by which words an address gives itself away, however somebody writes it down.

1. A house number beside the word of its street tells the house: "3 Secret", whatever stands after it.
2. The words that many addresses share (street, road, house...) tell nothing by themselves: an honest meeting place is
   not refused for them.
3. Of a protected address every word that is its own tells; of another one only the house as a whole does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# Of buildings, streets and what stands in every town. A line with one of the first names a house or a street.
_BUILT = frozenset({
    "street", "st", "road", "rd", "lane", "ln", "avenue", "ave", "close", "court", "ct", "house", "flat", "way",
    "drive", "row", "hill", "terrace", "gardens", "grove", "square", "crescent", "cottage", "farm", "lodge",
    "villa", "building", "buildings", "apartment", "block", "unit", "mews", "walk", "rise",
})  # fmt: skip
_SHARED = _BUILT | frozenset({
    "the", "of", "and", "at", "in", "on", "by", "near", "with", "north", "south", "east", "west", "upper",
    "lower", "old", "new", "high", "church", "station", "mill", "green", "main", "school", "hospital", "hub",
    "mash", "police", "centre", "center", "community", "family", "office", "town", "city", "hall", "library",
    "surgery", "clinic", "room", "floor", "park", "place", "view", "village", "council", "civic", "children",
    "adult", "social", "care", "health", "meeting", "suite", "wing", "door", "entrance",
})  # fmt: skip
_SHORTEST_WORD = 4  # letters: shorter ones ("ivy" aside) are in every text
_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})\b")


def words(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, in order, as they are compared."""
    return tuple(re.findall(r"\w+", text.casefold()))


def houses(text: str) -> tuple[str, ...]:
    """Every house number with the first word of its street: `3 secret`."""
    return tuple(f"{a} {b}" for a, b in pairwise(words(text)) if a[0].isdigit() and _is_own(b, shortest=2))


def streets(text: str) -> tuple[str, ...]:
    """Every line that begins with a house number, without it: `refuge row`. A short street tells enough."""
    found = (re.match(r"\s*(?:(?:flat|unit|apartment)\s+\w+[\s,]+)?\d\w*\s+(.*\S)", line, re.IGNORECASE)
             for line in re.split(r"[\r\n,;]+", text))  # fmt: skip
    named = (hit[1] for hit in found if hit)
    return tuple(line for line in named if len(words(line)) > 1 and any(map(_is_own, words(line))))


_SAME = (("street", "st"), ("road", "rd"), ("lane", "ln"), ("avenue", "ave"), ("court", "ct"), ("close", "cl"),
         ("drive", "dr"), ("crescent", "cres"), ("gardens", "gdns"), ("grove", "gr"), ("square", "sq"),
         ("terrace", "ter"))  # fmt: skip
_KINDS = {one: kinds for kinds in _SAME for one in kinds}  # what the kind of a street is written as


def spellings(text: str) -> tuple[str, ...]:
    """Every line that begins with a house number, with the kind of its street left out or written another way:
    `4 hidden refuge`, `4 secret ln`; without the number too, where that still tells the street."""
    found: list[str] = []
    for number, *street in filter(None, map(words, re.split(r"[\r\n,;]+", text))):
        if not number[0].isdigit() or len(street) < 2 or street[-1] not in _KINDS:
            continue
        name = " ".join(street[:-1])
        told = [name] if len(street) > 2 and any(map(_is_own, street[:-1])) else []
        told += [f"{name} {kind}" for kind in _KINDS[street[-1]]] if any(map(_is_own, street[:-1])) else []
        found += [f"{number} {name}", *(f"{number} {one}" for one in told), *told]
    return tuple(dict.fromkeys(found))


def tells(text: str, address: str, *, protected: bool) -> bool:
    """Whether a text gives this address away."""
    said = words(text)
    joined = f" {' '.join(said)} "
    if any(f" {group} " in joined for group in (*houses(address), *_whole_lines(address))):
        return True
    if _postcodes(text) & _postcodes(address):
        return True
    return protected and not _own(address).isdisjoint(said)


def _postcodes(text: str) -> set[str]:
    return {"".join(parts) for parts in _POSTCODE.findall(text.casefold())}


def _whole_lines(address: str) -> Iterator[str]:
    """The lines that name a house or a street, and more than shared words: `refuge house`, `9 hidden lane`."""
    for line in _telling_lines(address):
        if len(line) > 1 and any(_is_own(word) for word in line):
            yield " ".join(line)


def _own(address: str) -> set[str]:
    return {word for line in _telling_lines(address) for word in line if _is_own(word)}


def _telling_lines(address: str) -> Iterator[tuple[str, ...]]:
    """The first line, and every other one with a number or the name of something built: not the town alone."""
    lines = [
        found for line in re.split(r"[\r\n,;]+", address) if (found := words(_POSTCODE.sub(" ", line.casefold())))
    ]
    for place, line in enumerate(lines):
        if not place or line[0][0].isdigit() or not _BUILT.isdisjoint(line):
            yield line


def _is_own(word: str, shortest: int = _SHORTEST_WORD) -> bool:
    return len(word) >= shortest and not word[0].isdigit() and word not in _SHARED
