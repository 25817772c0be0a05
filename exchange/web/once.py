"""Once: a request that is repeated under its `Idempotency-Key` acts once, and another one under that key is refused.

1. The key is taken before anything is done, so that of two at once one is told to ask again (409); it is free again
   after a refusal.
2. What is made under a key has an id that follows from the key, so that it is never made twice.
3. A key is one program's, for one address: the same key elsewhere is another.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response

from exchange.hub import Hub
from exchange.policy import Viewer
from exchange.safe import digest
from exchange.store import repeats
from exchange.store.repeats import Claim
from exchange.web.context import site_of
from exchange.web.problem import problem

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that makes or does something."""

    id: str  # of what it makes, or of what causes it: the same when it is repeated
    again: bool  # it was made before


def key_of(request: Request) -> str:
    """The key of a request; "" for none. Raises HTTPException."""
    key = request.headers.get("idempotency-key", "")
    if len(key) > LONGEST_KEY:  # never cut: two long keys would be one, and the second request be dropped
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"Idempotency-Key: at most {LONGEST_KEY} characters")
    return key


async def once(
    request: Request, viewer: Viewer, given: Mapping[str, Any], act: Callable[[Asked], Awaitable[Response]]
) -> Response:
    """What `act` answers; of what was made before, that it is there (200, and not 201)."""
    hub, key = site_of(request).hub, key_of(request)
    if not key:
        return await act(Asked(hub.chance.id(), again=False))
    secret = hub.safe.derive("requests")
    where = digest(secret, "\n".join((viewer.id, request.url.path, key)))
    asked = digest(secret, f"{where}\n{json.dumps(given, sort_keys=True)}")
    async with hub.database.transaction(hub.scope(viewer)) as tx:
        claimed = await repeats.claim(tx, where, asked, hub.clock.now())
    if claimed is Claim.OTHER:
        told = "this Idempotency-Key was used for another request: use a new key"
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, told)
    if claimed is Claim.UNDER_WAY:
        told = "the same request is being answered at this moment: send it again in a few seconds"
        return problem(HTTPStatus.CONFLICT, told, {"Retry-After": "5"})
    first, done = claimed is Claim.NEW, False
    try:
        response = await act(Asked(asked[:32], again=not first))
        done = response.status_code < HTTPStatus.BAD_REQUEST
    finally:
        if claimed is not Claim.AGAIN:
            await _settle(hub, viewer, where, asked, done=done)
    if not first and response.status_code == HTTPStatus.CREATED:
        response.status_code = HTTPStatus.OK
    return response


async def _settle(hub: Hub, viewer: Viewer, key: str, asked: str, *, done: bool) -> None:
    async with hub.database.transaction(hub.scope(viewer)) as tx:
        if done:
            await repeats.end(tx, asked, hub.clock.now())
        else:
            await repeats.let_go(tx, key, asked)
