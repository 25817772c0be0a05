"""Problems: how the API says what is wrong (RFC 9457), and never with a value that was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response

KIND = "application/problem+json"


def problem(status: HTTPStatus | int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """The answer to a request that cannot be done. `more` are members of ours: `member` and `members` (what is wrong
    with each value of an act), `problems` (what is wrong with a referral)."""
    status = HTTPStatus(status)
    told = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **more}
    return Response(json.dumps(told, ensure_ascii=False), status, dict(headers or {}), media_type=KIND)


def unfit(wrong: ValueError) -> Response:
    """What was given to an act does not fit: which members, and how to mend them."""
    told = str(wrong)
    faults = dict(getattr(wrong, "faults", {}))
    detail = told[:1].upper() + told[1:]
    return problem(HTTPStatus.BAD_REQUEST, detail, member=getattr(wrong, "name", ""), members=faults)
