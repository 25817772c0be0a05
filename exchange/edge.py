"""The edge: time, chance and ids enter here and are passed on as arguments, so that a month fits in a second."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

# Crockford's set less U: nothing that is misread aloud or copied wrongly (no I, L, O).
_SPOKEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_BYTES = 10  # 80 bits: ids are never secrets, only never the same


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Chance:
    """Where randomness comes from."""

    bytes: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def id(self) -> str:
        """A new id, lower-case letters and digits only, fit for a mail address and a URL."""
        return base64.b32encode(self.bytes(_ID_BYTES)).decode().lower()

    def reference(self, prefix: str) -> str:
        """A new reference as people write it: `MASH-7K2F-9QXD`."""
        text = "".join(_SPOKEN[b % 32] for b in self.bytes(8))
        return f"{prefix}-{text[:4]}-{text[4:]}"
