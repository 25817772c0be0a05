"""Files inside plain text, as programs wrote them before MIME and some scanners still do: `begin 644 name` ... `end`.

A block counts only when it is whole and its lines are: a person may begin a line with "begin".
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

MOST = 20  # files of one text
TRIED = 200  # lines that begin as a file does: with more of them, what they are is somebody's to see
LINE_MAX = 80  # octets of an encoded line: 61 and a stray space
_BEGIN = re.compile(rb"begin [0-7]{3,4} (\S[^\r\n]{0,199})\r?\n?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """One file, and where it stood."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    start: int
    end: int


def blocks(body: bytes) -> list[Block]:
    """Every file in a text, in order."""
    found: list[Block] = []
    at = 0
    for _ in range(TRIED):
        at = _line_with_begin(body, at)
        if at < 0 or len(found) >= MOST:
            break
        block = _block(body, at)
        found += [block] if block else []
        at = block.end if block else at + 6
    return found


def without(body: bytes, found: list[Block]) -> bytes:
    """The text that is left when the files are taken out."""
    pieces, at = [], 0
    for block in found:
        pieces.append(body[at : block.start])
        at = block.end
    return b"".join((*pieces, body[at:]))


def _line_with_begin(body: bytes, at: int) -> int:
    if at == 0 and body[:6].lower() == b"begin ":
        return 0
    found = body.find(b"\nbegin ", max(at - 1, 0))
    return found + 1 if found >= 0 else -1


def _block(body: bytes, start: int) -> Block | None:
    head = _BEGIN.match(body, start)
    if head is None:
        return None
    out, at = bytearray(), head.end()
    while at < len(body):
        stop = body.find(b"\n", at, at + LINE_MAX + 2)
        stop = stop if stop >= 0 else min(len(body), at + LINE_MAX + 2)
        line, at = body[at:stop].rstrip(b"\r\n"), stop + 1
        if line.strip() == b"end" and out:
            name = head[1].decode("utf-8", "replace").strip()
            return Block(name, bytes(out), start, min(at, len(body)))
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            return None
    return None
