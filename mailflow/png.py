"""A PNG picture as the one page of a PDF, so that what draws PDF draws it too. Runs only in the limited child.

A PDF takes the compressed rows of a PNG as they are (ISO 32000-1 7.4.4.4, predictor 15): nothing is unpacked here.
"""

from __future__ import annotations

import struct

_HEAD = b"\x89PNG\r\n\x1a\n"
_MOST_PIXELS = 40_000_000  # a photograph of a good telephone has a third of it
_GREY, _COLOUR, _PALETTE, _GREY_ALPHA, _COLOUR_ALPHA = 0, 2, 3, 4, 6  # PNG 11.2.1
_CHANNELS = {_GREY: 1, _COLOUR: 3, _PALETTE: 1, _GREY_ALPHA: 2, _COLOUR_ALPHA: 4}


def in_pdf(png: bytes) -> bytes:
    """The PDF. Raises ValueError for a picture that is damaged, interlaced or too large."""
    chunks = _chunks(png)
    width, height, depth, colour, interlaced = _header(chunks)
    if interlaced or colour not in _CHANNELS or not 0 < width * height <= _MOST_PIXELS:
        raise ValueError("not drawn")
    palette = next((data for kind, data in chunks if kind == b"PLTE"), b"")
    rows = b"".join(data for kind, data in chunks if kind == b"IDAT")
    space, functions = _space(colour, palette)
    image = (
        f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent {depth} "
        f"/ColorSpace {space} /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors {_CHANNELS[colour]} "
        f"/BitsPerComponent {depth} /Columns {width} >> /Length {len(rows)} >>"
    ).encode()
    drawing = f"{width} 0 0 {height} 0 0 cm /I Do".encode()
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R "
            "/Resources << /XObject << /I 5 0 R >> >> >>".encode(),
            b"<< /Length %d >>" % len(drawing) + _stream(drawing),
            image + _stream(rows),
            functions,
        ]
    )


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], len(_HEAD)
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        found.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def _header(chunks: list[tuple[bytes, bytes]]) -> tuple[int, int, int, int, int]:
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise ValueError("no header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    return width, height, depth, colour, interlaced


def _space(colour: int, palette: bytes) -> tuple[str, bytes]:
    """(colour space, the function that leaves out what says how far one sees through)."""
    if colour == _PALETTE:
        if not palette or len(palette) % 3 or len(palette) > 768:
            raise ValueError("no palette")
        return f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]", _function(1, b"{}")
    if colour == _GREY_ALPHA:
        return "[/DeviceN [/G /A] /DeviceGray 6 0 R]", _function(2, b"{pop}")
    if colour == _COLOUR_ALPHA:
        return "[/DeviceN [/R /G /B /A] /DeviceRGB 6 0 R]", _function(4, b"{pop}")
    return ("/DeviceGray" if colour == _GREY else "/DeviceRGB"), _function(1, b"{}")


def _function(channels: int, program: bytes) -> bytes:
    domain, seen = "0 1 " * channels, "0 1 " * max(channels - 1, 1)
    head = f"<< /FunctionType 4 /Domain [{domain}] /Range [{seen}] /Length {len(program)} >>"
    return head.encode() + _stream(program)


def _stream(data: bytes) -> bytes:
    return b"\nstream\n" + data + b"\nendstream"


def _pdf(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    return out + head + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(out))
