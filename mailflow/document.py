"""Documents in a mail, PDF and Word files, as far as they were read: values only, and no parser.

1. What is written stands as it was written; what it means is said by whoever knows the questions (forms/filled.py).
2. A document that could not be read says why, in a code; its file stays with the mail all the same.
3. A file that is named or typed as one of these is one, though its octets be none: else nothing would say that there
   was a form.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_HEAD = 1024  # octets within which readers look for the mark (ISO 32000-1, note to 7.5.2)
# An OpenDocument text says first what it is, uncompressed (ODF 1.2, part 3, 3.3).
_ODT, _MIMETYPE = b"mimetypeapplication/vnd.oasis.opendocument.text", 120
_WORD = b"word/"  # what the names of a Word file's parts begin with

_ENDINGS = {".pdf": "pdf", ".docx": "word", ".odt": "odt", ".doc": "office"}
_TYPES = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/msword": "office",
}
_SEALED = b"-----BEGIN PGP"  # some programs leave a sealed file its name: the seal is what is told of it


class State(StrEnum):
    """What a document was found to be."""

    FORM = "form"  # ours, with answers in it
    BLANK = "blank"  # ours, and not one answer in it: printed, scanned, or made flat by the program that saved it
    OTHER = "other"  # not our form: a person reads it
    LOCKED = "locked"  # it wants a password
    REFUSED = "refused"  # it holds what no form holds: a program, or something to fetch from elsewhere
    DAMAGED = "damaged"  # it could not be read to its end


class How(StrEnum):
    """How an answer came into its box."""

    TYPED = "typed"
    CHOSEN = "chosen"  # from a list
    TICKED = "ticked"


@dataclass(frozen=True, slots=True)
class Box:
    """One answer of a form, in its box."""

    name: str  # "s1.given_name"
    written: str = field(repr=False)
    how: How = How.TYPED


@dataclass(frozen=True, slots=True)
class Document:
    """One PDF, Word or OpenDocument file."""

    kind: str  # "pdf" | "word" | "odt" | "office"
    state: State
    # A code: what is wrong with it, or "flat", "scan", "open" (its protection was taken off), "marks" (the names of
    # its boxes were lost, and its bookmarks tell them).
    why: str = ""
    version: str = ""  # what it says it is: "referral/1 child"
    boxes: tuple[Box, ...] = field(default=(), repr=False)
    text: str = field(default="", repr=False)  # of what is not our form: for a person to read, never an answer
    file_name: str = field(default="", repr=False)
    digest: str = ""  # of its octets: which of the mail's files it is


def kind_of(content: bytes) -> str:
    """By what it holds, for names are anybody's: "pdf", "word", "odt", "office" (an older or a locked one), ""."""
    if _PDF in content[:_PDF_HEAD]:
        return "pdf"
    if content.startswith(_ZIP):
        if _ODT in content[:_MIMETYPE]:
            return "odt"
        return "word" if _WORD in content else ""
    return "office" if content.startswith(_OLE) else ""


def claimed(content_type: str, file_name: str, content: bytes) -> str:
    """What a file says that it is, by its name or else its type, whatever it holds; "" for no document."""
    if content.lstrip().startswith(_SEALED):
        return ""
    named = next((kind for ending, kind in _ENDINGS.items() if file_name.lower().endswith(ending)), "")
    return named or _TYPES.get(content_type, "")


def digest_of(content: bytes) -> str:
    """Which file it is."""
    return hashlib.sha256(content).hexdigest()


def plain(one: Document) -> list[Any]:
    """As JSON can carry it."""
    boxes = [[box.name, box.written, box.how] for box in one.boxes]
    return [one.kind, one.state, one.why, one.version, boxes, one.text]


def from_plain(told: list[Any]) -> Document:
    """The value again."""
    kind, state, why, version, boxes, text = told
    found = tuple(Box(name, written, How(how)) for name, written, how in boxes)
    return Document(kind, State(state), why, version, found, text)


def named(one: Document, file_name: str, digest: str) -> Document:
    """The same, and which file it is."""
    return replace(one, file_name=file_name, digest=digest)
