"""Attached files: what a stranger's file is, by its content and never by its name, and the words in it for reading.

1. What is not on the list is not taken: no program, no web page, no drawing that is one (SVG), no archive.
2. A Word or OpenDocument text that holds a program, or fetches something from elsewhere, is not taken either.
3. Both questions are asked in a limited child of their own (limited.py), which answers one and ends: an archive that
   unpacks to more than the child may hold ends only the child.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

from exchange.case.attachment import FileKind
from mailflow.limited import Child, Died, serve

WALL = 10.0  # seconds for one file; an honest one takes less than one
WORDS_MAX = 50_000  # characters, for a person to read
MOST_ENTRIES = 1_000  # of an archive: a long report with pictures has a few hundred
UNPACKED_MAX = 200_000_000  # octets of an archive, as it says itself: what is read of it is bounded again
_KIND, _WORDS = b"k", b"w"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WRONG = 30  # of olefile, which oxmsg reads with: against the format
_PICTURES = {
    ".jpg": FileKind.JPEG, ".jpeg": FileKind.JPEG, ".jfif": FileKind.JPEG, ".jpe": FileKind.JPEG,
    ".png": FileKind.PNG, ".gif": FileKind.GIF, ".webp": FileKind.WEBP,
    ".heif": FileKind.HEIC, ".heic": FileKind.HEIC,
}  # fmt: skip
_ODT = b"application/vnd.oasis.opendocument.text"
_CODE = re.compile(rb"^\s*(<|\{\\rtf|#!)", re.IGNORECASE)  # pages, drawings, rich text, scripts: not plain text
_HEADERS = re.compile(rb"^(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n")
_OF_A_MAIL = re.compile(rb"^(?:from|to|subject|date|received|message-id):", re.IGNORECASE | re.MULTILINE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
TYPE, PROGRAM, LOCKED, EMPTY, DAMAGED = "type", "program", "locked", "empty", "damaged"


@dataclass(frozen=True, slots=True)
class Known:
    """What a file is; or why it is not taken."""

    kind: FileKind | None
    why: str = ""  # TYPE, PROGRAM, LOCKED, EMPTY or DAMAGED


@dataclass(frozen=True, slots=True)
class Words:
    """What can be read in a file, in parts with a heading each."""

    parts: tuple[tuple[str, str], ...] = field(default=(), repr=False)


async def known(content: bytes) -> Known:
    """What it is. Never raises for what a stranger made."""
    if not content:
        return Known(None, EMPTY)
    told = await _asked(_KIND + content)
    if told is None:
        return Known(None, DAMAGED)
    kind, why = told
    return Known(FileKind(kind) if kind else None, why)


async def words(kind: FileKind, content: bytes) -> Words:
    """What can be read in it; nothing when it cannot be."""
    told = await _asked(_WORDS + kind.encode().ljust(10) + content)
    return Words(tuple((heading, text) for heading, text in told or ()))


async def _asked(question: bytes) -> Any:
    child = Child("mailflow.attached")
    try:
        return json.loads(await child.ask(question, WALL))
    except Died:
        return None
    finally:
        await child.end()


def _known(content: bytes) -> bytes:
    try:
        kind, why = _kind(content)
    except Exception:  # noqa: BLE001 - the libraries raise in many ways on strangers' files
        kind, why = "", DAMAGED
    return json.dumps([kind, why]).encode()


def _kind(content: bytes) -> tuple[str, str]:
    if content.startswith(b"%PDF-"):
        return FileKind.PDF, ""
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    if content.startswith(_OLE):
        return _compound(content)
    if _text(content) is not None:
        return _written(content)
    try:
        named = {match.extension for match in puremagic.magic_string(content)[:3]}
    except puremagic.PureError:  # nothing that it knows
        return "", TYPE
    kind = next((kind for extension, kind in _PICTURES.items() if extension in named), None)
    return (kind, "") if kind else ("", TYPE)


def _written(content: bytes) -> tuple[str, str]:
    if _CODE.match(content.removeprefix(b"\xef\xbb\xbf")):
        return "", TYPE
    head = _HEADERS.match(content.replace(b"\r\n", b"\n")[:100_000])
    of_a_mail = head is not None and len(_OF_A_MAIL.findall(head[0])) > 1
    return FileKind.MAIL if of_a_mail else FileKind.TEXT, ""


def _packed(content: bytes) -> tuple[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entries = package.infolist()
        names = {entry.filename.lower() for entry in entries}
        if len(entries) > MOST_ENTRIES or len(names) < len(entries):
            return "", TYPE
        if sum(entry.file_size for entry in entries) > UNPACKED_MAX:
            return "", TYPE
        if "word/document.xml" in names:
            found = word_form.read(content)
            return ("", PROGRAM) if found.state is State.REFUSED else (FileKind.WORD, "")
        if "mimetype" in names and package.read("mimetype").strip() == _ODT:
            return ("", PROGRAM) if odt_form.has_programs(content) else (FileKind.ODT, "")
    return "", TYPE


def _compound(content: bytes) -> tuple[str, str]:
    """Outlook's messages share their wrapping with old Word files, and with new ones that are locked."""
    try:
        oxmsg.Message.load(io.BytesIO(content)).message_headers  # noqa: B018 - whether it can be read at all
    except Exception:  # noqa: BLE001 - as above
        try:
            found = lock.look(content)
        except Exception:  # noqa: BLE001 - as above
            return "", TYPE if _is_whole(content) else DAMAGED
        return "", LOCKED if found and found.state is State.LOCKED else TYPE
    return FileKind.OUTLOOK, ""


def _is_whole(content: bytes) -> bool:
    """Whether the parts that its directory names can be read: a locked Word file that was cut is no other kind."""
    try:
        with storage.OleFileIO(io.BytesIO(content), raise_defects=_WRONG) as file:  # type: ignore[attr-defined]
            return all(file.openstream(path).read() is not None for path in file.listdir())
    except Exception:  # noqa: BLE001 - as above
        return False


def _text(content: bytes) -> str | None:
    """The words of a plain text; None when it is none."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for name in (encoding, "cp1252"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.search(text) else text
    return None


def _told(question: bytes) -> bytes:
    kind, content = FileKind(question[:10].strip().decode()), question[10:]
    try:
        found = [(heading, text[:WORDS_MAX]) for heading, text in _read(kind, content) if text.strip()]
    except Exception:  # noqa: BLE001 - as above
        found = []
    return json.dumps(found).encode()


def _read(kind: FileKind, content: bytes) -> list[tuple[str, str]]:
    match kind:
        case FileKind.TEXT:
            return [("", _text(content) or "")]
        case FileKind.WORD:
            found = word_form.read(content)
            return [("", found.text), ("", "\n".join(f"{box.name}: {box.written}" for box in found.boxes))]
        case FileKind.ODT:
            return [("", odt_form.words(content) or "")]
        case FileKind.MAIL:
            mail = mime.read(content)
            return [*_message(mail.subject, ", ".join(mail.from_addresses), mail.text), *_inside(mail.files)]
        case FileKind.OUTLOOK:
            message = oxmsg.Message.load(io.BytesIO(content))
            text = message.body or text_body.from_html(message.html_body or "")
            return _message(message.subject or "", message.sender or "", text)
    return []


def _message(subject: str, sender: str, text: str) -> list[tuple[str, str]]:
    return [("Subject", subject), ("From", sender), ("", text)]


def _inside(files: tuple[Part, ...]) -> list[tuple[str, str]]:
    return [("Files inside it", "\n".join(f.file_name for f in files if f.file_name))]


if __name__ == "__main__":
    import oxmsg
    import puremagic
    from oxmsg import storage

    from mailflow import charset, mime, text_body
    from mailflow.document import State
    from mailflow.forms import documents, lock, odt_form, word_form
    from mailflow.parsed_mail import Part

    charset.load_all()
    documents.warm()
    mime.read(b"From: =?utf-8?q?a?= <a@b.example>\r\nDate: x\r\n\r\nwarm\r\n")  # imports what is imported late
    _known(b"\x89PNG\r\n\x1a\n\0\0\0\0IHDR")
    _known(_OLE + bytes(600))
    serve({_KIND: _known, _WORDS: _told})
