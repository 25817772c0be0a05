"""Mail inside mail: forwarded messages, Outlook's winmail.dat and .msg files, opened so that nothing in them is lost.

1. What is enclosed is shown beside what the sender wrote, and is never taken for the sender's own words.
2. Total: what cannot be opened stays a file for a person, who is told.
3. Of a damaged wrapping what can be read is shown, and that it may not be all is said (`Allowance.shut`): neither
   library raises for octets that are missing.
4. Bounded in number and depth, and by the limited child in which all this runs.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator

import oxmsg
import tnefparse
from oxmsg import storage

from mailflow import pgp_mime, smime_mime
from mailflow.parsed_mail import CipherPart, Enclosed, ParsedMail, Part, encloses
from mailflow.text_body import Allowance

DEEPEST = 3  # a message in a message in a message: further in, a person opens it
MOST_OBJECTS = 2_000  # of one winmail.dat: an attachment takes four or five
TEXT_MAX = 200_000  # characters of one
_WRONG, _FATAL = 30, 40  # of olefile, which oxmsg reads with: against the format, and past reading
_SECTOR = 512  # a compound file is made of whole ones (MS-CFB 2.2), of this size or eight times it
_PLAIN_FILE = "application/octet-stream"
Read = Callable[[bytes], ParsedMail]
Opener = Callable[[Part, Read, Allowance], Enclosed]


def opened(parts: Iterable[Part], read: Read, allowance: Allowance) -> tuple[Enclosed, ...]:
    """What the parts of a mail enclose; `read` reads a message that is in a message."""
    found: list[Enclosed] = []
    for part in parts:
        opener = _OPENERS.get(encloses(part.content_type, part.file_name))
        if opener is None:
            continue
        one = _opened(opener, part, read, allowance) if allowance.messages > 0 else None
        found += [one] if one else []
        allowance.messages -= 1
        allowance.shut = allowance.shut or one is None
    return tuple(found)


def _opened(opener: Opener, part: Part, read: Read, allowance: Allowance) -> Enclosed | None:
    try:
        return opener(part, read, allowance)
    except Exception:  # noqa: BLE001 - rule 2: the libraries raise in many ways on strangers' files
        return None


def _forwarded(part: Part, read: Read, allowance: Allowance) -> Enclosed:
    mail = read(part.content)
    if mail.unreadable:
        raise ValueError(mail.unreadable)
    return Enclosed(
        "forwarded", mail.subject, ", ".join(mail.from_addresses), mail.text[:TEXT_MAX],
        (*_files(mail.parts), *(file for inner in mail.enclosed for file in inner.parts)),
        (*mail.ciphertexts, *(shut for inner in mail.enclosed for shut in inner.ciphertexts)),
    )  # fmt: skip


def _files(parts: Iterable[Part]) -> Iterator[Part]:
    yield from (part for part in parts if part.file_name or part.disposition == "attachment")


def _winmail(part: Part, read: Read, allowance: Allowance) -> Enclosed:
    objects, whole = _objects(part.content)
    if objects > MOST_OBJECTS:  # the library takes a copy of all that follows for each
        raise ValueError("too many objects")
    allowance.shut |= not whole
    tnef = tnefparse.TNEF(part.content, do_checksum=False)
    text = _text(tnef.body) or allowance.page(_text(tnef.htmlbody))
    files = tuple(_file(one.long_filename() or one.name, bytes(one.data)) for one in tnef.attachments)
    return Enclosed("winmail", "", "", text[:TEXT_MAX], files, _sealed(text, files))


def _objects(tnef: bytes) -> tuple[int, bool]:
    """How many objects a TNEF stream says it has (MS-OXTNEF 2.1.3: level, id, length, data, checksum), and whether
    the last of them is there to its end."""
    at, count = 6, 0
    while at + 11 <= len(tnef) and count <= MOST_OBJECTS:
        at += 11 + int.from_bytes(tnef[at + 5 : at + 9], "little")
        count += 1
    return count, bool(count) and at <= len(tnef) and not tnef[at:].strip(b"\r\n\0")


def _outlook(part: Part, read: Read, allowance: Allowance) -> Enclosed:
    message = _message(part.content, allowance)
    text = message.body or allowance.page(message.html_body or "")
    files = tuple(_file(one.file_name or "", one.file_bytes or b"") for one in message.attachments)
    return Enclosed(
        "outlook", message.subject or "", message.sender or "", text[:TEXT_MAX], files, _sealed(text, files)
    )


def _message(content: bytes, allowance: Allowance) -> oxmsg.Message:
    if len(content) % _SECTOR == 0:
        with contextlib.suppress(OSError):
            return _loaded(content, _WRONG)
    allowance.shut = True
    return _loaded(content, _FATAL)


def _loaded(content: bytes, not_taken: int) -> oxmsg.Message:
    """As oxmsg.Message.load does, which takes whatever is short of fatal."""
    with storage.OleFileIO(io.BytesIO(content), raise_defects=not_taken) as file:  # type: ignore[attr-defined]
        return oxmsg.Message(storage.Storage.from_ole(file))


def _sealed(text: str, files: tuple[Part, ...]) -> tuple[CipherPart, ...]:
    return (*pgp_mime.find_in(text, files), *smime_mime.find_in(files))


_OPENERS: dict[str, Opener] = {
    "forwarded": _forwarded, "winmail": _winmail, "outlook": _outlook,
}  # fmt: skip


def _file(name: object, content: bytes) -> Part:
    shown = _text(name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in shown if c.isprintable())[:120]
    kind = "application/json" if kept.lower().endswith(".json") else _PLAIN_FILE
    return Part(kind, (), "attachment", kept or "file", content)


def _text(value: object) -> str:
    """The library gives text or octets, as it finds them."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return text.replace("\r\n", "\n").replace("\0", "")
