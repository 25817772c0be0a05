"""What was given with an act, whether on a page, in JSON or on a command line: read by name, refused in words.

A page shows the words to the person, each at the control it is about; the API and the commands name the value and its
codes as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from exchange import written_days

_E = TypeVar("_E", bound=StrEnum)
_ASKED = {  # what people are asked to write where the value's own name would not tell them
    "needs_why": "why they have needs for care and support, or have not",
    "risk_why": "why they are at risk of abuse or neglect, or are not",
    "unable_why": "why they cannot protect themselves, or can",
    "name": "who said it",
    "checked": "how you checked who they are",
    "words": "what was said",
    "necessary": "why it is necessary",
    "proportionate": "why it is proportionate",
    "justified": "why it is justified",
    "analysis": "what the hub makes of it",
    "worry": "what the worry about them is",
}
_CHOSEN = {  # what people choose rather than write
    "person": "whom of the household it is about",
    "subject": "whom it is about",
    "decision": "the decision",
    "rating": "the rating",
    "agency": "the agency",
    "leg": "the agency",
    "answer": "the answer",
    "level": "the level of need",
    "cohort": "the stream of work",
    "into": "what sort of contact it is",
    "ground": "the ground",
    "clock": "the clock",
    "owner": "who does it",
    "doing": "how it stands",
    "action_id": "the action",
    "outcome": "what came of it",
    "passage": "whose words it is about",
    "product": "the product",
    "purpose": "the purpose",
    "word": "whether they agree",
    "agrees": "whether you agree",
    "what": "what is not shared",
    "who": "who must not see it",
    "why": "why",
    "route": "how they may be told",
    "challenge": "which challenge",
    "question": "which question",
    "questions": "what is asked",
    "reply": "which reply",
    "attendance": "what they said",
    "entry": "which entry of the history",
    "kind": "the kind",
    "about": "which agency, or whose seat",
}
_WHEN = {  # what is written as a date, or as a date and a time
    "due": "by when it is to be done, like 27/11/2026",
    "review": "the day on which it is looked at again, like 27/11/2026",
    "since": "the moment it counts from: the date like 27/11/2026 and the time like 14:30",
    "rang": "when it was rung: the date like 27/11/2026 and the time like 14:30",
    "starts": "when it starts: the date like 27/11/2026 and the time like 14:30",
}


_NO_CODES: Mapping[str, Iterable[str]] = MappingProxyType({})


class Unfit(ValueError):
    """What was given cannot be used; the text says what to write, `name` where, `codes` what would do."""

    def __init__(self, name: str, told: str, codes: Iterable[str] = ()) -> None:
        self.name, self.faults = name, {name: told}
        known = ", ".join(codes)
        super().__init__(f"{told}, one of {known}" if known else told)


class Several(Unfit):
    """Several values cannot be used, each for a reason of its own: all of it is told at once."""

    def __init__(self, found: Mapping[str, str], told: Iterable[str] = ()) -> None:
        super().__init__(next(iter(found)), "; ".join(told or found.values()))
        self.faults = dict(found)


class Lacking(Several):
    """Some of what the act cannot do without is missing."""

    def __init__(self, names: Iterable[str], codes: Mapping[str, Iterable[str]]) -> None:
        found = {name: _missing(name) for name in names}
        told = [f"{said}, one of {', '.join(codes[n])}" if n in codes else said for n, said in found.items()]
        super().__init__(found, told)


def sentence(wrong: ValueError) -> str:
    """What is wrong, as a sentence of its own."""
    told = str(wrong)
    return told[:1].upper() + told[1:]


def faults(wrong: ValueError) -> dict[str, str]:
    """What is wrong, by the name of the value it is about; "" for what is about no single one."""
    found = dict(getattr(wrong, "faults", {})) or {"": str(wrong)}
    return {name: told[:1].upper() + told[1:] for name, told in found.items()}


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
            raise Unfit(name, _missing(name))
        return self.may(name)

    def complete(self, names: Iterable[str], codes: Mapping[str, Iterable[str]] = _NO_CODES) -> None:
        """Raises Lacking unless there is something of each name; `codes` are those that would do for some."""
        lacking = [name for name in names if not any(map(self.may, (name, f"{name}_date", f"{name}_time")))]
        if lacking:
            raise Lacking(lacking, codes)

    def under(self, prefix: str) -> tuple[str, ...]:
        """What follows the prefix in each name that has some text."""
        return tuple(name.removeprefix(prefix) for name in self.values if name.startswith(prefix) and self.may(name))

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
            raise Unfit(name, f"Choose {_CHOSEN.get(name, f'the {_plain(name)}')}", codes) from None

    def choices(self, name: str, codes: type[_E]) -> tuple[_E, ...]:
        """Any of the codes. Raises Unfit."""
        return tuple(Given({name: (text,)}).choice(name, codes) for text in self.many(name))

    def yes(self, name: str) -> bool:
        """Whether it was ticked, or said. Raises Unfit for what is neither yes nor no: it is never taken as a no."""
        said = self.may(name).lower()
        if said not in ("yes", "true", "no", "false", ""):
            raise Unfit(name, f"Say yes or no to “{_plain(name)}”")
        return said in ("yes", "true")

    def day(self, name: str) -> date | None:
        """The date of this name, None when there is none. Raises Unfit."""
        try:
            return written_days.day(self.may(name)) if self.may(name) else None
        except ValueError:
            raise Unfit(
                name, f"Write {_WHEN.get(name) or f'the {_plain(name)} as a date, like 27/11/2026'}"
            ) from None

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """The moment of this name in UTC, None when there is none: `2026-03-27T14:30Z`, or without an offset as the
        clock on the hub's wall shows it; a page gives it in two parts, `NAME_date` and `NAME_time`. Raises Unfit."""
        parts = (self.may(f"{name}_date"), self.may(f"{name}_time"))
        text = "T".join(parts) if any(parts) else self.may(name)
        if not text:
            return None
        try:
            found = written_days.moment(text)
        except ValueError:
            told = _WHEN.get(name) or f"the {_plain(name)} as a date like 27/11/2026 and a time like 14:30"
            raise Unfit(name, f"Write {told}") from None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def asked_for(name: str) -> str:
    """What a value is, in words."""
    return _CHOSEN.get(name) or _ASKED.get(name) or _WHEN.get(name) or _plain(name)


def _missing(name: str) -> str:
    if name in _CHOSEN:
        return f"Choose {_CHOSEN[name]}"
    if name in _WHEN:
        return f"Write {_WHEN[name]}"
    return f"Write {_ASKED.get(name, f'the {_plain(name)}')}: it is part of the record"


def _plain(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")
