"""Pictures: the pages of a stranger's PDF, or their photograph or picture, drawn anew for whoever must read it.

What a browser is given is a picture that we made: no script, no link and no font of the stranger's is in it.

1. It is drawn in a limited child of its own (limited.py), which draws one file and ends: what draws is a large
   library in another language, and nothing that a file may do to it is left for the next one, or for a mail.
2. Only the first pages are drawn, and no larger than a page on a screen.
"""

from __future__ import annotations

import io
import struct
import zlib

from mailflow.limited import Child, Died, serve

WALL = 10.0  # seconds: twelve pages take about two
MOST_PAGES = 12  # our longest form has fifteen, of which most are empty
WIDTH = 820  # pixels: half of a desk's screen, sharp enough to read handwriting
HIGHEST = 2_000  # pixels of one page: longer ones are made smaller
_GAP = 6  # pixels of grey between pages
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_DRAW = b"p"


def can_be_drawn(content: bytes) -> bool:
    """Whether it says that it is a PDF file, a photograph or a PNG picture."""
    return b"%PDF-" in content[:1024] or content.startswith((_JPEG, _PNG))


async def drawn(content: bytes) -> bytes | None:
    """The first pages below each other, as PNG; None when they cannot be drawn."""
    child = Child("mailflow.pictures")
    try:
        return await child.ask(_DRAW + content, WALL) or None
    except Died:
        return None
    finally:
        await child.end()


def _drawn(content: bytes) -> bytes:
    try:
        with _opened(content) as pdf:
            pdf.init_forms()  # what stands in the boxes is drawn too, whatever the program that filled them in drew
            pages = [_page(pdf[n]) for n in range(min(len(pdf), MOST_PAGES))]
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return b""
    return _png(pages) if pages else b""


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    if content.startswith(_PNG):
        return pypdfium2.PdfDocument(in_pdf(content))
    if not content.startswith(_JPEG):
        return pypdfium2.PdfDocument(content)
    pdf = pypdfium2.PdfDocument.new()
    image = pypdfium2.PdfImage.new(pdf)
    image.load_jpeg(io.BytesIO(content), inline=True)
    width, height = image.get_px_size()
    if not (width and height):
        raise ValueError("no photograph")
    image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    page = pdf.new_page(width, height)
    page.insert_obj(image)
    page.gen_content()
    return pdf


def _page(page: pypdfium2.PdfPage) -> tuple[int, list[bytes]]:
    """(width, rows of red, green and blue)."""
    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1), HIGHEST / max(height, 1))
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
    raw, step = bytes(bitmap.buffer), bitmap.stride
    channels = bitmap.n_channels
    rows = [raw[n * step : n * step + bitmap.width * channels] for n in range(bitmap.height)]
    return bitmap.width, [_rgb(row, channels) for row in rows]


def _rgb(row: bytes, channels: int) -> bytes:
    if channels == 1:
        return bytes(octet for octet in row for _ in range(3))
    if channels == 3:
        return row
    found = bytearray(len(row) // 4 * 3)
    for channel in range(3):
        found[channel::3] = row[channel::4]
    return bytes(found)


def _png(pages: list[tuple[int, list[bytes]]]) -> bytes:
    """One picture of all pages (PNG, ISO/IEC 15948), each row unfiltered."""
    width = max(width for width, _ in pages)
    rows: list[bytes] = []
    for n, (_, page) in enumerate(pages):
        rows += [b"\xb0" * (width * 3)] * (_GAP if n else 0)
        rows += [row.ljust(width * 3, b"\xff") for row in page]
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)  # eight bits each of red, green and blue
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    import pypdfium2

    from mailflow.png import in_pdf

    pypdfium2.PdfDocument.new().close()  # imports what is imported late
    serve({_DRAW: _drawn})
