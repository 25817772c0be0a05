"""The letters after the decision, all sealed: an action, a hand-over, what came of it, replies to who disagrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from templates.addressed import Answering, Sender
from templates.disclosed import Group, Row, Warnings, groups


@dataclass(frozen=True, slots=True)
class ToDo:
    """To an agency, sealed: an action that it owns; `overdue` asks again."""

    sender: Sender
    reference: str
    agency: str  # its name
    words: str = field(repr=False)
    due: datetime
    answering: Answering
    own_reference: str = field(default="", repr=False)
    overdue: bool = False
    agreed: bool = False  # in a strategy discussion, whose record follows
    form: str = "child"
    warnings: Warnings = Warnings()  # noqa: RUF009 - frozen
    manifest: tuple[str, ...] = ()  # who it is about, as far as the agency knows of them already
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    now: datetime | None = None

    @property
    def groups(self) -> tuple[Group, ...]:
        """Who it is about, for reading."""
        return groups(self.answers, self.manifest, self.form, self.now.date()) if self.now else ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """To an agency, sealed: it is asked to take on those that are named, as decided; the hub's until it accepts."""

    sender: Sender
    reference: str
    agency: str
    answering: Answering
    form: str
    manifest: tuple[str, ...]  # who they are
    answers: Mapping[str, str] = field(repr=False)
    decided: Mapping[str, str]  # what was decided, by subject
    accept_by: datetime
    written_at: datetime
    again: bool = False  # it was asked before
    lanes: Mapping[str, str] = field(default_factory=dict)  # as in a packet
    own_reference: str = field(default="", repr=False)
    warnings: Warnings = Warnings()  # noqa: RUF009 - frozen
    cautions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of the routes that are taken, by subject

    @property
    def groups(self) -> tuple[Group, ...]:
        """Each of them, what was decided, and what nobody may forget of it."""
        usual = "Child" if self.form == "child" else "Adult"
        known = {
            g.owner: g for g in groups(self.answers, self.manifest, self.form, self.written_at.date(), self.lanes)
        }
        return tuple(
            Group(
                known[s].title if s in known else self.lanes.get(s, usual),
                (*(known[s].rows if s in known else ()), Row("Decided", decided),
                 *(Row("Keep to this", words) for words in self.cautions.get(s, ()))), s,
            )
            for s, decided in self.decided.items()
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutcomeAsked:
    """To an agency that took somebody on: what came of it?"""

    sender: Sender
    reference: str
    answering: Answering
    since: datetime  # it took them on
    due_at: datetime  # asked again then
    now: datetime
    several: bool = False  # the outcome of more than one is owed
    own_reference: str = field(default="", repr=False)
    form: str = "child"
    warnings: Warnings = Warnings()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class ChallengeReply:
    """To an agency that disagreed, sealed: the reply, and with whom it stands."""

    sender: Sender
    reference: str
    answering: Answering
    words: str = field(repr=False)
    open: bool
    stands_with: str
    reply_by: datetime
    own_reference: str = field(default="", repr=False)
    form: str = "child"
    warnings: Warnings = Warnings()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Replied:
    """To a referrer who disagreed, sealed: the reply, and with whom it stands."""

    sender: Sender
    reference: str
    words: str = field(repr=False)
    open: bool
    stands_with: str
    reply_by: datetime
    page: str  # of receipts; "" for somebody who was never given a code
