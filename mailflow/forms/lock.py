"""A file that wants a password: recognised, and opened with one. Runs on strangers' bytes: only in the limited child.

Here and not with the keys of the hub (`keys/`), for the process that holds those should never unpack such a file. The
password is in this process only while it opens one file, and is written nowhere.
"""

from __future__ import annotations

import io

import msoffcrypto
from msoffcrypto.exceptions import InvalidKeyError
from msoffcrypto.format import doc97, ooxml, ppt97, xls97
from msoffcrypto.method import ecma376_agile

from mailflow.document import Document, State

LOADED = (ooxml, ecma376_agile.default_backend())  # late otherwise, when the child can open no file any more


class _InMemory:
    """What the older formats are unpacked through: the child can make no temporary file."""

    TemporaryFile = io.BytesIO


for _older in (doc97, xls97, ppt97):
    _older.tempfile = _InMemory


def look(content: bytes) -> Document | None:
    """An older file of Office, or one that is locked; None when it is neither."""
    file = msoffcrypto.OfficeFile(io.BytesIO(content))
    if file.is_encrypted():
        return Document("office", State.LOCKED)
    return Document("office", State.OTHER, "old") if file.format == "doc97" else None


def opened(content: bytes, password: str) -> bytes | None:
    """The file without its lock; None when the password is another. Raises anything when it is damaged, or was
    changed after it was locked."""
    file, out = msoffcrypto.OfficeFile(io.BytesIO(content)), io.BytesIO()
    whole = {"verify_integrity": True} if file.format == "ooxml" else {}  # the older formats prove nothing
    try:
        file.load_key(password=password, **({"verify_password": True} if whole else {}))
        file.decrypt(out, **whole)
    except InvalidKeyError:
        return None
    return out.getvalue()
