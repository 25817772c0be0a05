"""Outlook's own wrappings, made from their published formats (MS-OXTNEF, MS-CFB, MS-OXMSG), for tests."""

from __future__ import annotations

import struct

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def tnef(body: str = "", files: dict[str, bytes] | None = None) -> bytes:
    """A winmail.dat with a plain body and files."""
    made = [struct.pack("<IH", 0x223E9F78, 1)]
    if body:
        made.append(_object(1, 0x800C, 2, body.encode()))
    for name, content in (files or {}).items():
        made.append(_object(2, 0x9002, 6, bytes(14)))  # attAttachRendData begins an attachment
        made.append(_object(2, 0x8010, 1, name.encode() + b"\0"))
        made.append(_object(2, 0x800F, 6, content))
    return b"".join(made)


def _object(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def msg(subject: str, body: str) -> bytes:
    """A .msg file: a compound file with one stream for each text."""
    streams = {  # a stream of less than 4096 octets would belong in a "mini stream": these are longer
        "__substg1.0_0037001F": subject.ljust(_SECTOR * 4).encode("utf-16-le"),
        "__substg1.0_1000001F": body.ljust(_SECTOR * 4).encode("utf-16-le"),
    }
    entries = b"".join(
        struct.pack("<HHIII", 0x1F, tag, 6, len(data) + 2, 0)
        for tag, data in ((0x0037, streams["__substg1.0_0037001F"]), (0x1000, streams["__substg1.0_1000001F"]))
    )
    filling = b"".join(struct.pack("<HHIII", 0x03, 0x7000 + n, 6, 0, 0) for n in range(300))
    return _compound({**streams, "__properties_version1.0": bytes(32) + entries + filling})


def _compound(streams: dict[str, bytes]) -> bytes:
    """Sector 0 is the allocation table, 1 and 2 the directory, then the streams, none of them small."""
    table, sectors, entries = [_FAT, 2, _END], [], []
    for number, (name, data) in enumerate(streams.items(), 1):
        start, count = len(table), max(1, -(-len(data) // _SECTOR))
        table += [*range(start + 1, start + count), _END]
        sectors.append(data.ljust(count * _SECTOR, b"\0"))
        right = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, 2, start, len(data), right=right))
    root = _entry("Root Entry", 5, _END, 0, child=1)
    directory = b"".join([root, *entries]).ljust(2 * _SECTOR, b"\0")
    fat = struct.pack(f"<{len(table)}I", *table).ljust(_SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    return head.ljust(_SECTOR, b"\xff") + fat + directory + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + struct.pack("<III", _FREE, right, child)
        + bytes(16 + 4 + 16)
        + struct.pack("<IQ", start, size)
    )
