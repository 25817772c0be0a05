"""The letters of discussions: their values. What goes by calendar mail, and the call to answer it, say nothing about
anybody; the papers are sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from templates.addressed import NOT_RATED, Answering, Sender, Urgency
from templates.disclosed import Group, Row, Warnings, groups, seen


@dataclass(frozen=True, slots=True)
class Invitation:
    """The text beside a calendar entry."""

    sender: Sender
    reference: str
    starts_at: datetime
    minutes: int
    reply_by: datetime
    papers: bool = True  # they come separately, sealed
    location: str = ""  # where to meet or join, as staff wrote it for everybody's calendar
    where: str = ""  # beside it: in the "papers", or the hub says it "later"; "" when there is nothing to say
    page: str = field(default="", repr=False)  # where to answer; not in the calendar entry, which delegates read
    kind: str = "Strategy discussion"
    moved: bool = False  # it was called for another time before
    placed: bool = False  # where it takes place was said, or said anew, since they were asked
    # To the deputy of an agency: "asked" to come in the place of a silent team, or "named" by it as who comes
    deputy: str = ""
    again: bool = False  # the entry was taken out of this calendar before
    follows: bool = False  # it is the full one that must follow one without its quorum
    urgency: Urgency = (
        NOT_RATED  # said to a deputy beside the entry, as to whom they stand in for; never in a calendar
    )


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The text beside a calendar entry that is taken back."""

    sender: Sender
    reference: str
    starts_at: datetime
    kind: str = "Strategy discussion"
    # why it is taken out of this calendar alone: "deputy_comes" in this one's place, this deputy is "not_needed", or
    # it is "not_asked" any more and is told no more;
    # "" when the meeting does not take place, "held" when it took place before its time
    why: str = ""
    page: str = field(default="", repr=False)  # where to say that one comes after all

    @property
    def whole(self) -> bool:
        """The meeting does not take place, or did already."""
        return self.why in ("", "held")


# In the place of why it was called, for an agency that may not read of everybody it is about: not even that there are
# others.
SAID_THERE = "This is said at the discussion itself."


@dataclass(frozen=True, slots=True)
class Papers:
    """For one seat at a strategy discussion, sealed: what it is about."""

    sender: Sender
    reference: str
    agency: str
    form: str
    starts_at: datetime
    minutes: int
    called: tuple[str, ...]  # names of the agencies called
    basis: str
    manifest: tuple[str, ...]
    answers: Mapping[str, str] = field(repr=False)
    warnings: Warnings
    written_at: datetime
    lanes: Mapping[str, str] = field(default_factory=dict)  # as in a packet
    own_reference: str = field(default="", repr=False)
    place: str = field(default="", repr=False)  # where to meet or join
    answering: Answering | None = None
    kind: str = "Strategy discussion"
    called_for: str = field(default="", repr=False)  # why it was called, as staff wrote it
    replied_by: datetime | None = None  # while nobody there has said whether they come: by when they must

    @property
    def reply_by(self) -> datetime:
        """By when somebody must have read it."""
        return min(self.replied_by or self.starts_at, self.starts_at)

    @property
    def why(self) -> Row | None:
        """Why it was called, for reading."""
        return Row("Why", seen(self.called_for), long=True) if self.called_for else None

    @property
    def where(self) -> Row | None:
        """Where to meet or join, for reading."""
        return Row("Where", seen(self.place), long=True) if self.place else None

    @property
    def groups(self) -> tuple[Group, ...]:
        """What is disclosed, for reading."""
        return groups(self.answers, self.manifest, self.form, self.written_at.date(), self.lanes)


@dataclass(frozen=True, slots=True)
class Chaser:
    """To an invitee who has not replied, or whose reply does not count yet."""

    sender: Sender
    reference: str
    starts_at: datetime
    now: datetime
    asked_at: datetime  # for the time that holds
    reply_by: datetime
    page: str = field(default="", repr=False)
    kind: str = "Strategy discussion"
    # why a reply does not count: "unproved", or "outdated" (it was to an earlier time), or why a person
    # must read it ("unclear", "not_opened", "wrong_sender"); "" when nobody has said
    # anything
    claim: str = ""
    urgency: Urgency = NOT_RATED
