"""What one agency is told of a strategy discussion: the values of the letter that carries its part of the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from templates.disclosed import Group, Row, Warnings, groups

if TYPE_CHECKING:
    from templates.letters import Sender


@dataclass(frozen=True, slots=True)
class Undertaken:
    """An action as a record names it."""

    owner: str  # an agency's name, or the hub
    words: str = field(repr=False)
    due: datetime
    stands: str
    mine: bool  # the reader's


@dataclass(frozen=True, slots=True)
class Record:
    """To one agency, sealed: its part of the record of a strategy discussion."""

    sender: Sender
    reference: str
    agency: str
    own_reference: str = field(repr=False)
    title: str  # "discussion 1, version 2"
    replaces: bool  # the agency was sent an older version
    form: str
    started: datetime
    ended: datetime
    how: str
    inquorate: str  # why it went on without everybody who must be there; "" when they were there
    trigger: str = field(repr=False)
    attended: tuple[str, ...] = field(repr=False)
    apologies: tuple[str, ...]
    must_not_say: tuple[str, ...] = field(repr=False)
    must_not_ask: bool  # something must not be said about somebody who is not in this copy
    warnings: Warnings
    manifest: tuple[str, ...]  # who the people are
    answers: Mapping[str, str] = field(repr=False)
    subjects: Mapping[str, tuple[Row, ...]] = field(repr=False)  # what was decided, by subject
    information: tuple[tuple[str, str], ...] = field(repr=False)  # (agency, words)
    dissents: tuple[tuple[str, str], ...] = field(repr=False)
    actions: tuple[Undertaken, ...]
    next_at: datetime | None
    left_out: bool  # others may read more
    basis: str
    approved_at: datetime
    address: str = field(repr=False)  # where a correction is asked for
    lanes: Mapping[str, str] = field(default_factory=dict)  # as in a packet
    rung: tuple[tuple[str, datetime, bool], ...] = ()  # (agency, when, reached), of an emergency by telephone

    @property
    def people(self) -> tuple[Group, ...]:
        """Each subject: who they are, and what was recorded of them."""
        usual = "Child" if self.form == "child" else "Adult"
        words = [self.lanes.get(subject, usual) for subject in self.subjects]
        found = []
        for n, (subject, rows) in enumerate(self.subjects.items()):
            mine = tuple(name for name in self.manifest if name.startswith(f"{subject}."))
            who = groups(self.answers, mine, self.form, self.started.date())
            place, alike = words[:n].count(words[n]) + 1, words.count(words[n])
            title = f"{words[n]} {place} of {alike}" if alike > 1 else words[n]
            found.append(Group(title, (*(row for group in who for row in group.rows), *rows)))
        return tuple(found)
