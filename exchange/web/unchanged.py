"""Unchanged: whoever has what they ask for already (`If-None-Match`) is told so, and nothing is sent again (304).

The tag is made of what would be sent, so that it never says “unchanged” of what is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute


class Tagged(APIRoute):
    """A route whose answers to GET have a tag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own, and then the tag."""
        handler = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await handler(request)
            if request.method != "GET" or response.status_code != HTTPStatus.OK:
                return response
            version = response.headers.get("etag", "").strip('"')
            digest = hashlib.sha256(bytes(response.body)).hexdigest()[:16]
            tag = f'"{version}.{digest}"' if version else f'"{digest}"'
            response.headers["ETag"] = tag
            if tag not in _had(request):
                return response
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})

        return tagged


def _had(request: Request) -> set[str]:
    """The tags of what the caller has (RFC 9110 13.1.2); on the way one may have been made weak."""
    given = ",".join(request.headers.getlist("if-none-match"))
    return {one.strip().removeprefix("W/") for one in given.split(",")}
