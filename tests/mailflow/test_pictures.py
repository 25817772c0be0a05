"""What came is drawn anew for whoever types it in, and what cannot be drawn takes nobody along."""

from __future__ import annotations

import io
import struct
import time
import zlib

import pikepdf
import pytest

from mailflow.pictures import HIGHEST, MOST_PAGES, WIDTH, can_be_drawn, drawn
from tests.mailflow import paper
from tests.mailflow.paper import empty_pdf, filled_pdf


def pixels(png: bytes | None) -> tuple[int, int, bytes]:
    """(width, height, rows) of a PNG file of one IDAT chunk, whose rows are not filtered."""
    assert png is not None
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    (size,) = struct.unpack(">I", png[33:37])
    assert png[37:41] == b"IDAT"
    raw = zlib.decompress(png[41 : 41 + size])
    assert len(raw) == height * (width * 3 + 1)
    assert zlib.crc32(png[37 : 41 + size]) == struct.unpack(">I", png[41 + size : 45 + size])[0]
    return width, height, raw


async def test_what_stands_in_the_boxes_is_drawn_and_so_is_a_tick() -> None:
    empty = pixels(await drawn(empty_pdf(people=1)))
    for answers in ({"s1.given_name": "Quillon"}, {"s1.category.neglect": "yes"}, {"s1.sex": "male"}):
        filled = pixels(await drawn(filled_pdf(answers, people=1)))
        assert filled[:2] == empty[:2]
        assert filled[2] != empty[2]
    assert empty[0] == WIDTH


async def test_a_photograph_is_drawn_too() -> None:
    """The smallest JPEG: one grey pixel (ITU-T T.81, baseline)."""
    grey = bytes.fromhex(
        "ffd8ffdb004300" + "01" * 64 + "ffc0000b080001000101011100"
        "ffc4001400010000000000000000000000000000000affc40014100100000000000000000000000000000000"
        "ffda0008010100003f00d2cf20ffd9"
    )
    assert can_be_drawn(grey)
    assert pixels(await drawn(grey))[2]


async def test_only_the_first_pages_are_drawn_and_none_is_larger_than_a_screen() -> None:
    with pikepdf.new() as pdf:
        for size in [(200, 100)] * MOST_PAGES + [(14_000, 14_000)] * 3:
            pdf.add_blank_page(page_size=size)
        width, height, _ = pixels(await drawn(paper.octets(pdf)))
    assert (width, height // MOST_PAGES) == (WIDTH, WIDTH // 2 + 5)
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(100, 14_000))
        assert pixels(await drawn(paper.octets(pdf)))[1] == HIGHEST


@pytest.mark.parametrize("content", [b"", b"words", b"%PDF-1.7\n%%EOF", b"\xff\xd8\xff\xe0 no photograph"])
async def test_what_cannot_be_drawn_is_none(content: bytes) -> None:
    assert await drawn(content) is None


async def test_a_locked_file_is_not_drawn() -> None:
    with pikepdf.open(io.BytesIO(empty_pdf(people=1))) as pdf:
        shut = paper.octets(pdf, encryption=pikepdf.Encryption(user="x", owner="y"))
    assert can_be_drawn(shut)
    assert await drawn(shut) is None


async def test_a_picture_of_a_billion_pixels_ends_its_child_only() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        image = pikepdf.Stream(pdf, zlib.compress(b"\0" * 1_000_000))
        image.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=40_000, Height=40_000, BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceRGB, Filter=pikepdf.Name.FlateDecode,
        )  # fmt: skip
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(a=pdf.make_indirect(image)))
        pdf.pages[0].Contents = pikepdf.Stream(pdf, b"q 500 0 0 500 0 0 cm /a Do Q")
        content = paper.octets(pdf)
    began = time.monotonic()
    await drawn(content)  # a picture or none
    assert time.monotonic() - began < 25
    assert await drawn(empty_pdf(people=1)) is not None
