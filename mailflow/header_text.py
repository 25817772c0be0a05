"""One header's raw value to what its sender meant: words, parameters, addresses, ids, a name; total.

1. No value of any length or shape raises, and the caller bounds its length (entity.HEADER_MAX).
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from mailflow import charset
from mailflow.parsed_mail import Pairs

WORDS_MAX = 200  # encoded words decoded in one header: Postfix and Outlook write far fewer
PARAMS_MAX = 50  # parameters of one header
FILE_NAME_MAX = 120  # characters shown

T = TypeVar("T")
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=(\s+(?==\?))?")  # RFC 2047, 2231 5
_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")
_LOOSE_ID = re.compile(r"<([^<>]{1,998})>")
_COMMENT, _COLON = re.compile(r"\([^()]*\)"), re.compile(r" *: *")
_PARAM = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
_ADDR_SPEC = re.compile(r"[^\s<>,;:\"()\[\]]{1,128}@[^\s<>,;:\"()]{1,253}")


def words(raw: bytes) -> str:
    """A header's value as text: encoded words decoded (RFC 2047), raw 8-bit read as UTF-8 or guessed."""
    return decode_words(charset.decode(raw, "utf-8")[0])


def decode_words(text: str) -> str:
    """Encoded words to text, adjacent ones of one character set joined first (clients cut letters in two)."""
    if "=?" not in text or text.count("=?") > WORDS_MAX:
        return clean(text)
    out: list[str] = []
    waiting, waiting_set, end = b"", "", 0
    for match in _WORD.finditer(text):
        name = match[1].lower()
        between = text[end : match.start()]
        if between or name != waiting_set:
            out.append(charset.decode(waiting, waiting_set)[0] + between)
            waiting = b""
        waiting, waiting_set, end = waiting + _word_octets(match[2], match[3]), name, match.end()
    out.append(charset.decode(waiting, waiting_set)[0] + text[end:])
    return clean("".join(out))


def clean(text: str) -> str:
    """On one line, without control characters: nothing decoded may become a second header."""
    kept = "".join(" " if c in "\t\r\n\x0b\x0c\x85\u2028\u2029" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs")).strip()


def params(raw: bytes) -> tuple[str, Pairs]:
    """A header's main value, lower case, and its parameters, RFC 2231 continuations joined and decoded."""
    text = charset.decode(raw, "utf-8")[0]
    main, _, _ = text.partition(";")
    found: dict[str, dict[int, tuple[bool, str]]] = {}
    for match, _ in zip(_PARAM.finditer(text, len(main)), range(PARAMS_MAX), strict=False):
        name, *rest = match[1].lower().split("*")
        extended = len(rest) > 0 and rest[-1] == ""
        number = int(rest[0]) if rest and rest[0].isascii() and rest[0].isdigit() and len(rest[0]) < 4 else 0
        found.setdefault(name, {}).setdefault(number, (extended, _unquoted(match[2])))
    return main.strip().lower(), tuple((name, _joined(pieces)) for name, pieces in found.items())


def addresses(raw: bytes) -> tuple[tuple[str, str], ...]:
    """(display name, address) of each mailbox in an address header; addresses lower case."""
    text = clean(charset.decode(raw, "utf-8")[0])
    none: list[tuple[str, str]] = []
    pairs = guarded(lambda: getaddresses([text]), none)
    good = [(decode_words(name), spec.lower()) for name, spec in pairs if _ADDR_SPEC.fullmatch(spec)]
    if not good:  # "Name <a@b" and worse: take what looks like an address
        good = [("", spec.lower()) for spec in _ADDR_SPEC.findall(text)]
    return tuple(good)


def ids(raw: bytes) -> tuple[str, ...]:
    """The message ids of a header as `<left@right>`, also Exchange's `<[..]>` and ids without brackets."""
    text = clean(charset.decode(raw, "utf-8")[0])
    found = _ID.findall(text) or _obsolete_ids(text) or [word for word in re.split(r"[\s<>,]+", text) if "@" in word]
    return tuple(dict.fromkeys(f"<{one}>" for one in found))


def _obsolete_ids(text: str) -> list[str]:
    """With comments and blanks inside, as RFC 822 allowed (RFC 5322 4.5.4)."""
    bare = ("".join(_COMMENT.sub("", one).split()) for one in _LOOSE_ID.findall(text))
    return [one for one in bare if "@" in one.strip("@")]


def date(raw: bytes) -> datetime | None:
    """The moment a Date header names, aware, if it names one."""
    text = clean(charset.decode(raw, "utf-8")[0])[:100]
    text = _COLON.sub(":", _COMMENT.sub("", text))  # RFC 5322 4.3: comments and blanks between the numbers
    found = guarded(lambda: parsedate_to_datetime(text), None)
    if found is not None and found.tzinfo is None:
        return found.replace(tzinfo=UTC)  # RFC 5322 3.3: "-0000" is UTC from an unknown zone
    return found


def file_name(text: str) -> str:
    """A name fit to be shown: no path, no control or direction-changing characters, its ending kept."""
    last = re.split(r"[/\\]", decode_words(text))[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = re.sub(r'[<>:"|?*]', "_", " ".join(kept.split())).lstrip(". ").rstrip(". ")
    if len(name) <= FILE_NAME_MAX:
        return name
    stem, dot, ending = name.rpartition(".")
    short = len(ending) <= 10
    return (stem[: FILE_NAME_MAX - 11] + dot + ending) if dot and short else name[:FILE_NAME_MAX]


def guarded(reading: Callable[[], T], otherwise: T) -> T:
    """What the standard library's parser makes of it, or `otherwise`: it raises on mail that people send."""
    try:
        return reading()
    except Exception:  # noqa: BLE001 - cpython 81091, 83281, 114906...: the list of what it raises is not closed
        return otherwise


def _word_octets(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", errors="replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    return base64_octets(raw)[0]


def base64_octets(data: bytes) -> tuple[bytes, bool]:
    """The octets, and whether all was well formed; what is not of the alphabet is skipped (RFC 2045 6.8)."""
    letters = data.translate(None, _NOT_BASE64)
    body = letters.rstrip(b"=")
    well = len(body) % 4 != 1 and b"=" not in body
    body = body.replace(b"=", b"")
    body = body[: len(body) - (len(body) % 4 == 1)]
    return base64.b64decode(body + b"=" * (-len(body) % 4)), well


_NOT_BASE64 = bytes(
    sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
)


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'))
    return re.sub(r"\([^()]*\)\s*$", "", value).strip()  # a comment after a token, as old mailers wrote


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    """RFC 2231 3 and 4: pieces in order, the character set named by the first."""
    if not any(extended for extended, _ in pieces.values()):
        return clean("".join(value for _, (_, value) in sorted(pieces.items())))
    label, octets = "", b""
    for index, (_, (extended, value)) in enumerate(sorted(pieces.items())):
        if index == 0 and extended and value.count("'") >= 2:
            label, _, value = value.split("'", 2)
        octets += unquote_to_bytes(value) if extended else value.encode("utf-8", errors="replace")
    return clean(charset.decode(octets, label)[0])
