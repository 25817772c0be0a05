"""Enclosing: the files that go inside the seal with a letter, for machines and for paper."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from mailflow.compose import Attachment
from templates import letters
from templates.document import DocumentRefused, packet_pdf, product_pdf
from templates.letters import ALetter
from templates.packet_file import packet_json

_Letter = TypeVar("_Letter")


async def attachments(told: ALetter, now: datetime) -> tuple[Attachment, ...]:
    """The files of this letter; most have none."""
    if isinstance(told, letters.Product):
        return await _page("product.pdf", product_pdf, told, now)
    if not isinstance(told, letters.Packet):
        return ()
    data = Attachment("packet.json", "application/json", packet_json(told))
    return *await _page("packet.pdf", packet_pdf, told, now), data  # people open the first


async def _page(
    name: str, made: Callable[[_Letter, datetime], bytes], told: _Letter, now: datetime
) -> tuple[Attachment, ...]:
    try:
        document = await asyncio.to_thread(made, told, now)
    except DocumentRefused:  # the text says the same: a page that cannot be set holds nothing up
        return ()
    return (Attachment(name, "application/pdf", document),)
