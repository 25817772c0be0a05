"""Outside: what stands beside a sealed letter, or in its place, for anybody to read. It says nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from templates import moments
from templates.addressed import NOT_RATED, Sender, Urgency
from templates.languages import N_


@dataclass(frozen=True, slots=True)
class Beside:
    """Beside a sealed file: how to open it. It must be the same for every letter but for the reference."""

    sender: Sender
    reference: str  # "" for a letter of no case
    file: str  # its name

    @property
    def opened(self) -> str:
        """What opening makes of it."""
        return self.file.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Waits:
    """To a mailbox: a letter waits to be fetched."""

    sender: Sender
    reference: str
    page: str = field(repr=False)
    until: datetime
    now: datetime
    by: datetime | None = None  # when the letter itself asks for something: by then somebody must have opened it
    urgency: Urgency = NOT_RATED

    @property
    def late(self) -> bool:
        """What it asks for was due before it was written."""
        return self.by is not None and self.by <= self.now

    @property
    def opened_by(self) -> str:
        """The time of `by`, as said aloud."""
        return moments.soon(self.by, self.sender.timezone, self.now) if self.by else ""


@dataclass(frozen=True, slots=True)
class Safely:
    """To a mailbox that answered in clear, once: how to answer safely."""

    sender: Sender
    agency: str
    fingerprint: tuple[str, ...]  # of the hub's key, in groups of four
    counts: bool = True  # False: a person reads it first, for nothing proves who wrote it, or it is unclear


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """To whoever may fetch a letter, by mail or as a short message: the code, and nothing of the letter."""

    sender: Sender
    code: str = field(repr=False)
    until: datetime

    @property
    def shown(self) -> str:
        """In two halves, as people read numbers."""
        middle = len(self.code) // 2
        return f"{self.code[:middle]} {self.code[middle:]}"


QUIET: dict[type[Safely] | type[OneTimeCode], str] = {  # what stands outside of those that have no reference to show
    Safely: N_("Please answer our messages encrypted"),
    OneTimeCode: N_("Your code"),
}
