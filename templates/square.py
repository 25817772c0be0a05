"""The square that a telephone's camera reads (QR, ISO/IEC 18004), drawn as SVG without a word of it in the markup."""

from __future__ import annotations

import io

import segno

SCALE = 5  # units a module: 45 modules make a picture that a camera reads from a screen at arm's length


def square(text: str) -> bytes:
    """The picture of `text`."""
    drawn = io.BytesIO()
    segno.make(text, micro=False).save(drawn, kind="svg", scale=SCALE, border=4, xmldecl=False, light="#ffffff")
    return drawn.getvalue()
