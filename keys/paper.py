"""Keys on paper: octets as lines that a person can type again, each with a check of its own.

1. A line is its number, up to 24 octets in hexadecimal, and a check over both: a slip names its line.
2. The last line is a check over everything: no line is missing or there twice.
3. What is on the paper is as secret as what it was made from; nothing here encrypts.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator

from keys.refusal import Refused

_OCTETS = 24  # of a line: 48 digits, in groups of four, fit on A4 in a large type
_LINE = re.compile(r"\s*(\d{1,4})\s*:\s*([0-9A-F\s]+?)\s*/\s*([0-9A-F]{4})\s*", re.IGNORECASE)
_END = re.compile(r"\s*end\s*:\s*(\d{1,4})\s*/\s*([0-9A-F\s]{16,30})\s*", re.IGNORECASE)
MOST_LINES = 2000


class PaperRefused(Refused):
    """What was typed is not what was printed: the text names the line, and never what should stand there."""


def lines(data: bytes) -> Iterator[str]:
    """The octets as numbered lines, and a last one over all of them."""
    pieces = [data[i : i + _OCTETS] for i in range(0, len(data), _OCTETS)]
    for number, piece in enumerate(pieces, 1):
        yield f"{number:3}: {_grouped(piece.hex().upper())} / {_check(number, piece)}"
    yield f"end: {len(pieces)} / {_grouped(_over_all(data))}"


def read(text: str) -> bytes:
    """The octets of a printed text, whatever else stands around its lines. Raises PaperRefused."""
    found: dict[int, bytes] = {}
    end: re.Match[str] | None = None
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            number = int(match[1])
            if number in found:
                raise PaperRefused(f"line {number} is there twice")
            found[number] = _octets(number, match[2], match[3])
        end = _END.fullmatch(line) or end
    if end is None:
        raise PaperRefused("the last line, which begins with “end”, is missing or misspelt")
    count = int(end[1])
    missing = [number for number in range(1, min(count, MOST_LINES) + 1) if number not in found]
    if missing or len(found) != count:
        what = (
            f"line {missing[0]} is missing or misspelt" if missing else "there are more lines than the last one says"
        )
        raise PaperRefused(what)
    data = b"".join(found[number] for number in sorted(found))
    if _over_all(data) != _plain(end[2]):
        raise PaperRefused("all lines are right each by itself, and not together: the paper is not of one piece")
    return data


def _octets(number: int, digits: str, check: str) -> bytes:
    try:
        piece = bytes.fromhex(_plain(digits))
    except ValueError:
        raise PaperRefused(f"line {number} has an odd number of digits: one is missing or too many") from None
    if _check(number, piece) != check.upper():
        raise PaperRefused(f"line {number} is not what was printed: look at it digit by digit")
    return piece


def _check(number: int, piece: bytes) -> str:
    return f"{binascii.crc_hqx(number.to_bytes(2, 'big') + piece, 0xFFFF):04X}"


def _over_all(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16].upper()


def _plain(digits: str) -> str:
    return "".join(digits.split()).upper()


def _grouped(digits: str) -> str:
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))
