"""Ownership: every open case is somebody's, by a role-bound id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Owned:
    """A member of staff takes the case, or is given it; `before` is whose it was when it was handed over."""

    at: datetime
    by: str
    owner: str  # staff id
    before: str = ""
