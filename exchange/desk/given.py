"""What was given with an act, whether on a page, in JSON or on a command line: read by name, refused in words.

A page shows the words to the person; the API and the commands name the value as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

_E = TypeVar("_E", bound=StrEnum)
_ASKED = {  # what people are asked to write where the value's own name would not tell them
    "name": "who said it",
    "checked": "how you checked who they are",
    "words": "what was said",
    "necessary": "why it is necessary",
    "proportionate": "why it is proportionate",
    "justified": "why it is justified",
    "analysis": "what the hub makes of it",
    "rang": "when they rang",
}


class Unfit(ValueError):
    """What was given cannot be used; the text says what to write, `name` where."""

    def __init__(self, name: str, told: str) -> None:
        self.name = name
        super().__init__(told)


@dataclass(frozen=True, slots=True)
class Given:
    """Values by name; each may be there several times, as ticked boxes are."""

    values: Mapping[str, tuple[str, ...]] = field(repr=False)

    def may(self, name: str) -> str:
        """The text of this name without the blanks around it; "" when there is none."""
        return next(iter(self.values.get(name, ())), "").replace("\r\n", "\n").strip()

    def need(self, name: str) -> str:
        """The text of this name. Raises Unfit when there is none."""
        if not self.may(name):
            raise Unfit(name, f"Write {_ASKED.get(name, f'the {_plain(name)}')}: it is part of the record")
        return self.may(name)

    def many(self, name: str) -> tuple[str, ...]:
        """Every text of this name."""
        return tuple(filter(None, (value.strip() for value in self.values.get(name, ()))))

    def choice(self, name: str, codes: type[_E], usual: _E | None = None) -> _E:
        """One of the codes; written with - or in capitals too. Raises Unfit."""
        text = self.may(name).lower().replace("-", "_")
        if not text and usual is not None:
            return usual
        try:
            return codes(text)
        except ValueError:
            raise Unfit(name, f"Choose the {_plain(name)}, one of {', '.join(codes)}") from None

    def choices(self, name: str, codes: type[_E]) -> tuple[_E, ...]:
        """Any of the codes. Raises Unfit."""
        return tuple(Given({name: (text,)}).choice(name, codes) for text in self.many(name))

    def yes(self, name: str) -> bool:
        """Whether it was ticked."""
        return self.may(name).lower() in ("yes", "true")

    def day(self, name: str) -> date | None:
        """The date of this name, None when there is none. Raises Unfit."""
        try:
            return date.fromisoformat(self.may(name)) if self.may(name) else None
        except ValueError:
            raise Unfit(name, f"Write the {_plain(name)} as a date, like 2026-03-27") from None

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """The moment of this name in UTC, None when there is none: `2026-03-27T14:30Z`, or without an offset as the
        clock on the hub's wall shows it; a page gives it in two parts, `NAME_date` and `NAME_time`. Raises Unfit."""
        parts = (self.may(f"{name}_date"), self.may(f"{name}_time"))
        text = "T".join(parts) if any(parts) else self.may(name)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise Unfit(name, f"Write the {_plain(name)} as a date like 2026-03-27 and a time like 14:30") from None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _plain(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")
