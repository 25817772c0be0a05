"""Forms with files: what was posted, held in memory and never on a disk in readable form.

1. Of each file no more is kept than one octet beyond what may be sent, and of surplus files nothing at all: the
   fields of the form are read all the same, so that nothing typed is lost over a photograph that was too large.
2. The whole of a form is bounded too: beyond that nothing is read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from http import HTTPStatus

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from exchange.attachments import LARGEST, MOST, Upload
from exchange.web import forgery
from exchange.web.context import Site
from exchange.web.forgery import Form

WHOLE = 300 * 1024 * 1024  # octets that are read at all: thirty photographs chosen at once still get a plain answer
_MOST_FILES = 200  # of which MOST are kept


class _InMemory(MultiPartParser):
    """Rule 1."""

    spool_max_size = 2 * LARGEST  # more than is ever kept of one: it never rolls over to a file

    def on_part_begin(self) -> None:
        """A field or a file."""
        super().on_part_begin()
        self._kept = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """A piece of it."""
        if self._current_part.file is not None:
            room = 0 if self._current_files > MOST else LARGEST + 1 - self._kept
            end = min(end, start + room)
            self._kept += end - start
        if end > start:
            super().on_part_data(data, start, end)


async def read(site: Site, request: Request) -> tuple[Form, tuple[Upload, ...]]:
    """The form and its files; of more than MOST the others are there without their content. Raises Forged, and 413 or
    400 for what is no form of ours."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await site.form(request), ()
    parser = _InMemory(
        request.headers, _bounded(request), max_files=_MOST_FILES, max_fields=forgery.MOST_FIELDS,
        max_part_size=forgery.LARGEST_FIELD,
    )  # fmt: skip
    try:
        posted = await parser.parse()
    except MultiPartException:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    try:
        fields: dict[str, tuple[str, ...]] = {}
        files = []
        for name, value in posted.multi_items():
            if isinstance(value, UploadFile):
                files.append(Upload(value.filename or "", await value.read()))
            else:
                fields[name] = (*fields.get(name, ()), value)
    finally:
        await posted.close()
    form = forgery.proved(request, Form(fields), site.cookie("form"), site.cookie_secret)
    return form, tuple(f for f in files if f.name or f.content)  # a control with nothing chosen sends an empty one


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    count = 0
    async for piece in request.stream():
        count += len(piece)
        if count > WHOLE:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        yield piece
