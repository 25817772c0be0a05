"""Any document of a mail, read or unlocked as its kind needs. Runs on strangers' bytes: only in the limited child.

Total: a file that no library can make anything of is a value, and says that it is damaged.
"""

from __future__ import annotations

import codecs
import logging

from mailflow.document import Document, State, kind_of
from mailflow.forms import lock, odt_form, pdf_form, word_form

LARGEST = 40_000_000  # octets: no mail is larger


def look(content: bytes) -> Document | None:
    """What it is and holds; None for what is no PDF, Word or OpenDocument file, and not locked."""
    kind = kind_of(content)
    try:
        match kind:
            case "pdf":
                return pdf_form.read(content)
            case "word":
                return word_form.read(content)
            case "odt":
                return odt_form.read(content)
            case "office":
                return lock.look(content)
    except (RecursionError, MemoryError):
        return Document(kind, State.DAMAGED, "too_much")
    except Exception:  # noqa: BLE001 - the libraries raise in many ways on strangers' files
        return Document(kind, State.DAMAGED, "damaged") if kind != "office" else None
    return None


def unlock(content: bytes, password: str) -> bytes | None:
    """The file without its lock; None when the password is another, or the file is damaged."""
    try:
        opened = pdf_form.opened(content, password) if kind_of(content) == "pdf" else lock.opened(content, password)
    except Exception:  # noqa: BLE001 - as above; and a wrong password may look like any kind of damage
        return None
    return opened if opened is not None and len(opened) <= LARGEST else None


def warm() -> None:
    """Import what is imported late, before the child's doors are closed; and let no library log what it reads."""
    quiet = logging.getLogger("pypdf")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    for encoding in (
        "charmap",
        "utf-16-be",
        "utf-16-le",
        "cp437",
    ):  # of the words on a page, and of names in archives
        codecs.lookup(encoding)
    for mark in (b"%PDF-1.7", b"PK\x03\x04word/", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        look(mark)
