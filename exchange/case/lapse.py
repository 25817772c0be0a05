"""Lapses: assignments and vettings that end soon, or have ended. They are said early, and stop nothing.

An agency that nobody answers for is reached all the same: by its mailbox, and by the telephone number beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from exchange.case.mailbox import Directory, Mailbox, Spoc

AHEAD = timedelta(days=30)  # long enough to vet somebody else, as agencies have told


class Lapsing(StrEnum):
    """What ends."""

    ASSIGNMENT_ENDS = "assignment_ends"
    VETTING_ENDS = "vetting_ends"
    VETTING_EXPIRED = "vetting_expired"
    NOBODY = "nobody"  # no assignment to the mailbox is in force


@dataclass(frozen=True, slots=True)
class Lapse:
    """One thing that ends, or has ended."""

    what: Lapsing
    mailbox: str
    spoc: str = ""  # id; "" when it is about the mailbox
    day: date | None = None  # the last one


def lapses(directory: Directory, day: date) -> tuple[Lapse, ...]:
    """All of them, in the order of the directory."""
    return tuple(lapse for mailbox in directory.mailboxes for lapse in _of(mailbox, day))


def _of(mailbox: Mailbox, day: date) -> Iterator[Lapse]:
    if mailbox.spocs and not any(s.serves(day) for s in mailbox.spocs):
        yield Lapse(Lapsing.NOBODY, mailbox.id)
    for spoc in mailbox.spocs:
        if not spoc.serves(day):
            continue
        if spoc.until and spoc.until <= day + AHEAD and not _followed(mailbox, spoc, spoc.until):
            yield Lapse(Lapsing.ASSIGNMENT_ENDS, mailbox.id, spoc.id, spoc.until)
        if spoc.vetted_until and spoc.vetted_until < day:
            yield Lapse(Lapsing.VETTING_EXPIRED, mailbox.id, spoc.id, spoc.vetted_until)
        elif spoc.vetted_until and spoc.vetted_until <= day + AHEAD:
            yield Lapse(Lapsing.VETTING_ENDS, mailbox.id, spoc.id, spoc.vetted_until)


def _followed(mailbox: Mailbox, spoc: Spoc, last: date) -> bool:
    """Whether somebody else does the same there on the day after."""
    after = last + timedelta(days=1)
    return any(s.id != spoc.id and s.topic == spoc.topic and s.serves(after) for s in mailbox.spocs)
