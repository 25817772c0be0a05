"""Bytes in whatever character set a stranger named, or did not name, to text: total."""

from __future__ import annotations

import codecs
import encodings
import pkgutil
import sys

from charset_normalizer import from_bytes

# Names that mail uses and Python does not know, or knows as something narrower than what senders mean
# (the WHATWG encoding standard's labels: "iso-8859-1" is written by programs that send windows-1252).
_MEANT = {
    "ansi_x3.4-1968": "ascii",
    "cp-850": "cp850",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "latin1": "cp1252",
    "mac": "mac_roman",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "x-mac-roman": "mac_roman",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
}
# Python calls these text encodings; nobody's mail is written in them, and two of them can be made slow.
_PSEUDO = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem")
_NEVER = frozenset(name.replace("_", "-") for name in _PSEUDO)
_PLAUSIBLE = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949", "utf_16"),
]
_ASCII = bytes(range(128))
GUESS_AT_LEAST = 24  # octets beyond ASCII
GUESS_FROM = 8 * 1024  # octets looked at to guess a character set: enough to tell, cheap enough to bound


def known(name: str) -> str:
    """Python's name for that character set, or '' when it is none."""
    label = name.strip().strip("\"'").lower()
    try:
        info = codecs.lookup(_MEANT.get(label, label))
    except Exception:  # noqa: BLE001 - a lookup imports modules, whose names a stranger chooses: whatever fails is unknown
        return ""
    is_text = getattr(info, "_is_text_encoding", False)  # excludes zlib, hex, rot13...
    return info.name if is_text and info.name not in _NEVER else ""


def decode(data: bytes, charset: str, *, guess: bool = False) -> tuple[str, bool]:
    """The text, and whether the named character set was known and true of the bytes. Guessing costs
    milliseconds, so only a body asks for it."""
    named = known(charset or "utf-8")
    for name in (named, "utf-8"):
        if name:
            try:
                return data.decode(name), name == named
            except (UnicodeError, ValueError):
                continue
    return data.decode(_likely(data[:GUESS_FROM]) if guess else "cp1252", errors="replace"), False


def _likely(sample: bytes) -> str:
    """What a few odd letters are in is windows-1252, as most British mail that names nothing; a guess from so
    little would be Korean as often as not."""
    if len(sample.translate(None, _ASCII)) < GUESS_AT_LEAST:
        return "cp1252"
    found = from_bytes(sample, cp_isolation=_PLAUSIBLE).best()
    return found.encoding if found else "cp1252"


def load_all() -> None:
    """Import every codec now, for a process that will not be able to open a file later. What mail is never written in
    is none there, by whatever spelling, for Python's own mail library too: it would raise on some of them."""
    for name in _PSEUDO:
        sys.modules[f"encodings.{name}"] = None  # type: ignore[assignment] # how Python says: not to be imported
    for module in pkgutil.iter_modules(encodings.__path__):
        known(module.name)
    for meant in _MEANT.values():
        known(meant)
    from_bytes("Żółć, détresse".encode("cp1250")).best()
