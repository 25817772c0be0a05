"""Attachments as they are taken in: which fit, under which name they are shown, and as which bodies they are kept.

1. What a file is its content says (mailflow/attached.py); the name that it came with is text to show, and no more.
2. A name shows nothing that it is not: no sign that turns the direction of writing, no folder, and at its end what
   the file is. It is kept sealed with the case, the file under a random id.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from exchange import content
from exchange.case.attachment import Attached, FileKind, Scan
from exchange.hub import Hub
from exchange.store.database import Transaction
from mailflow import attached
from templates.languages import N_, say

LARGEST = 10 * 1024 * 1024  # octets of one: a dozen scanned pages, or a photograph as a telephone takes it
MOST = 5  # of one message: who has more sends them in another, or by encrypted mail
LONGEST_NAME = 80  # characters shown
ENDINGS: dict[FileKind, tuple[str, ...]] = {
    FileKind.PDF: ("pdf",),
    FileKind.JPEG: ("jpg", "jpeg"),
    FileKind.PNG: ("png",),
    FileKind.GIF: ("gif",),
    FileKind.WEBP: ("webp",),
    FileKind.HEIC: ("heic", "heif"),
    FileKind.WORD: ("docx",),
    FileKind.ODT: ("odt",),
    FileKind.TEXT: ("txt", "csv", "md"),
    FileKind.MAIL: ("eml",),
    FileKind.OUTLOOK: ("msg",),
}
ACCEPT = ",".join(f".{ending}" for endings in ENDINGS.values() for ending in endings)  # for a browser's own window
LABELS = {
    FileKind.PDF: N_("PDF"),
    FileKind.JPEG: N_("Photograph (JPEG)"),
    FileKind.PNG: N_("Picture (PNG)"),
    FileKind.GIF: N_("Picture (GIF)"),
    FileKind.WEBP: N_("Picture (WebP)"),
    FileKind.HEIC: N_("Photograph (HEIC)"),
    FileKind.WORD: N_("Word document"),
    FileKind.ODT: N_("OpenDocument text"),
    FileKind.TEXT: N_("Plain text"),
    FileKind.MAIL: N_("Saved mail"),
    FileKind.OUTLOOK: N_("Saved mail (Outlook)"),
}
_WHY = {
    attached.TYPE: N_(
        "“%(name)s” is of a kind that we do not take. Send a PDF, a photograph, a Word or OpenDocument text, plain "
        "text or a saved mail."
    ),
    attached.PROGRAM: N_(
        "“%(name)s” holds a program, or fetches something from elsewhere. Save it as a PDF and send that."
    ),
    attached.LOCKED: N_(
        "“%(name)s” is locked with a password. Take the password off: what you send here is encrypted anyway."
    ),
    attached.EMPTY: N_("“%(name)s” is empty. Choose it again."),
    attached.DAMAGED: N_(
        "“%(name)s” cannot be read. Open it on your side to see that it is whole, or send it as a PDF."
    ),
}
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # names that Windows takes for devices
_ODD = re.compile(r'[<>:"/\\|?*]')


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as a browser sent it."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """One file that fits."""

    id: str
    kind: FileKind
    name: str = field(repr=False)  # as it is shown
    content: bytes = field(repr=False)

    @property
    def told(self) -> dict[str, str]:
        """What is kept of it beside its content."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "size": str(len(self.content)),
            "sha256": hashlib.sha256(self.content).hexdigest(),
        }


class Unfit(ValueError):
    """This file is not taken; the text says why, and what to do."""


async def take(hub: Hub, upload: Upload) -> Taken:
    """The file, if it may be taken. Raises Unfit."""
    name = shown_name(upload.name)
    if len(upload.content) > LARGEST:
        raise Unfit(
            say("“%(name)s” is larger than %(most)s. Send it in parts, or smaller.", name=name, most=size(LARGEST))
        )
    found = await attached.known(upload.content)
    if found.kind is None:
        raise Unfit(say(_WHY[found.why], name=name))
    return Taken(hub.chance.id(), found.kind, shown_name(upload.name, found.kind), upload.content)


def shown_name(name: str, kind: FileKind | None = None) -> str:
    """A name fit to be shown and saved; with `kind`, one that ends as a file of that kind does."""
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    seen = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable())
    kept = " ".join(_ODD.sub("_", seen).split()).strip(". ")
    if _RESERVED.match(kept):
        kept = f"_{kept}"
    stem, dot, ending = kept.rpartition(".")
    if kind is None or (dot and ending.lower() in ENDINGS[kind]):
        room = LONGEST_NAME - len(ending) - 1
        return (f"{stem[:room]}.{ending}" if dot and len(ending) < 8 else kept[:LONGEST_NAME]) or "file"
    return f"{kept[: LONGEST_NAME - 5] or 'file'}.{ENDINGS[kind][0]}"


def size(octets: int) -> str:
    """As people say it."""
    if octets >= 1024 * 1024:
        return f"{octets / (1024 * 1024):.1f} MB".replace(".0 ", " ")
    return f"{octets / 1024:.0f} KB" if octets >= 1024 else f"{octets} bytes"


def codes(hub: Hub, files: Iterable[Taken]) -> tuple[Attached, ...]:
    """The files as an event names them: waiting for the scanner, where there is one."""
    scan = Scan.WAITING if hub.scans else Scan.NONE
    return tuple(Attached(f.id, f.kind, scan) for f in files)


def parts(files: Iterable[Taken]) -> dict[str, bytes]:
    """The files as bodies; nothing when there are none."""
    found = tuple(files)
    if not found:
        return {}
    listed = json.dumps([f.told for f in found], ensure_ascii=False).encode()
    return {content.FILES: listed, **{f"{content.FILE}{f.id}": f.content for f in found}}


async def named(hub: Hub, tx: Transaction, case_id: str) -> dict[str, dict[str, str]]:
    """What is kept of each file of a case beside its content, by its id; what was disposed of is left out."""
    lists = [json.loads(plain) for _, _, plain in await hub.opened(tx, case_id, content.FILES)]
    return {one["id"]: one for listed in lists for one in listed}


async def content_of(hub: Hub, tx: Transaction, case_id: str, file: str) -> bytes | None:
    """The file itself; None when it was disposed of."""
    return next((plain for _, _, plain in await hub.opened(tx, case_id, f"{content.FILE}{file}")), None)
