"""Strategy discussions: agencies called together by calendar mail or by telephone, their replies, and whether they
suffice.

1. A reply says attendance and nothing else, never a safeguarding decision. It counts with proof of who wrote it: the
   address and the link of an invitation stand in clear. Without proof it is claimed: shown, counted for nothing, and
   a person asks them and confirms it, because agencies without DKIM exist. So is what answers an invitation that a
   newer one replaced: who could come at the old time has not said that they can at the new one.
2. Quorum is counted by function (social care, police, health), live, from those who said they will come, themselves
   or by a deputy; once held, from who spoke there. What somebody wrote beforehand fills no seat.
3. Every reply is kept in order; the newest by its sequence and stamp holds.
4. What a machine answers to an invitation is kept with the seat, and says no attendance.
5. The deputy whom we asked speaks for the seat beside the invitee: `standing` says whose word holds.
6. Nobody's name is here: who the deputy is, and who picked up the telephone, are sealed words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from exchange.case.acknowledgement import Proof
from exchange.case.delivery import THERE, Delivery
from exchange.case.escalation import Reached

COUNTS_FROM = Proof.DKIM  # the least proof of an attendance


class Attendance(StrEnum):
    """What an invitee said."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    COUNTER = "counter"  # proposes another time
    DELEGATED = "delegated"  # asks somebody else of the agency, who has not said so yet
    DEPUTY = "deputy"  # a deputy comes for them
    WRITTEN = "written"  # cannot come, and says in writing what the agency knows


COMES = frozenset({Attendance.ACCEPTED, Attendance.DEPUTY})
UNSETTLED = frozenset({Attendance.AWAITED, Attendance.TENTATIVE, Attendance.DELEGATED})  # nobody knows who comes
LOST = frozenset({Attendance.DECLINED, Attendance.WRITTEN})  # nobody of the seat will speak there


class Mode(StrEnum):
    """How somebody took part."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    VIDEO = "video"
    WRITTEN = "written"  # what they wrote was read out: nobody attended


class Meeting(StrEnum):
    """Where the discussion stands."""

    CALLED = "called"
    HELD = "held"
    CANCELLED = "cancelled"


MAY_BECOME: dict[Meeting, frozenset[Meeting]] = {
    Meeting.CALLED: frozenset({Meeting.HELD, Meeting.CANCELLED}),
    Meeting.HELD: frozenset({Meeting.HELD}),  # who was there is corrected
    Meeting.CANCELLED: frozenset({Meeting.HELD}),  # the mail said cancelled, and they met all the same
}


class Weight(StrEnum):
    """What became of a reply."""

    HOLDS = "holds"  # or held, until a newer one
    CLAIMED = "claimed"  # nothing proves it, or it answers an invitation that was replaced
    OLDER = "older"  # than the one that holds: it changes nothing
    LATE = "late"  # the discussion was over, or taken back


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of a seat, as it came."""

    at: datetime
    attendance: Attendance
    stamp: datetime  # when they say they wrote it
    channel: str  # "mail" | "page" | "desk"
    proof: Proof
    weight: Weight
    outdated: bool = False  # it answers an invitation that a newer one replaced
    deputy: bool = False  # said by the deputy whom we asked in the invitee's place


@dataclass(frozen=True, slots=True)
class MachineSaid:
    """What a machine answered to an invitation."""

    at: datetime
    code: str  # "automatic_reply" | "read_receipt"
    deputy: bool  # it answered what their deputy was sent


@dataclass(frozen=True, slots=True)
class Invitee:
    """One agency's seat."""

    id: str  # "i1" within the discussion
    agency: str
    function: str
    attendance: Attendance = Attendance.AWAITED
    asked_at: datetime | None = None  # when it was asked, for the time that holds
    said_at: datetime | None = None  # DTSTAMP of the reply that holds; when it was asked anew, for what is older
    chased: int = 0
    due: datetime | None = None  # by when they were asked to reply; no chasing moves it
    attended: bool = False
    rungs: tuple[Reached, ...] = ()  # of the ladder, those reached by silence
    claimed: Attendance | None = None  # what a reply says that nothing proves, until somebody confirms it
    proposed: datetime | None = None  # the other time that they would come
    mode: Mode | None = None  # how they took part, once held
    by_deputy: bool = False  # somebody else of the agency sat there for them
    history: tuple[Reply, ...] = ()  # every reply in the order in which it came
    mail: Delivery = Delivery.TO_SEAL  # where the newest invitation is
    machines: tuple[MachineSaid, ...] = ()  # shown, never counted
    deputy_asked_at: datetime | None = None  # when their deputy was asked to come, for the time that holds
    deputy_mail: Delivery = Delivery.TO_SEAL  # where the letter to the deputy is, once they were asked
    asked_again: tuple[datetime, ...] = ()  # when somebody at the desk asked once more, by mail
    taken_back: bool = False  # the entry in the invitee's own calendar: their deputy comes, and has one
    turns: int = 0  # how often an entry was taken back or given again beside what moves the whole discussion
    unread: str = ""  # why a person must read what they said last: "unclear" | "wrong_sender" | "not_opened"
    delegate: str = ""  # the mailbox of the agency to which the invitee passed the invitation on
    shut_out: bool = False  # its agency was, after it had been called: it is not asked, and fills no quorum

    def word(self, *, deputy: bool = False) -> Reply | None:
        """What the invitee, or the deputy whom we asked, has said last about the time that holds."""
        since = self.asked_at
        mine = (r for r in reversed(self.history) if r.weight is Weight.HOLDS and r.deputy is deputy)
        return next((r for r in mine if since is None or r.at >= since), None)

    @property
    def outdated(self) -> bool:
        """What is claimed answers an invitation that a newer one replaced."""
        newest = next((r for r in reversed(self.history) if r.weight is Weight.CLAIMED), None)
        return self.claimed is not None and newest is not None and newest.outdated

    @property
    def arrived(self) -> bool:
        """The invitation is, or may be, in their hands."""
        return self.mail in THERE


@dataclass(frozen=True, slots=True)
class Present:
    """An agency that took part."""

    agency: str
    mode: Mode = Mode.IN_PERSON
    by_deputy: bool = False


@dataclass(frozen=True, slots=True)
class Rang:
    """An agency that was rung for an emergency discussion; whom they asked for is sealed."""

    agency: str
    at: datetime
    reached: bool


@dataclass(frozen=True, slots=True)
class StrategyDiscussion:
    """One discussion of a case."""

    id: str  # "d1" within the case
    called_at: datetime
    called_by: str
    starts_at: datetime
    minutes: int
    subjects: tuple[str, ...]
    invitees: tuple[Invitee, ...]
    sequence: int = 0
    state: Meeting = Meeting.CALLED
    held_at: datetime | None = None  # when it was recorded as held
    cancelled_at: datetime | None = None
    began_at: datetime | None = None  # when it began, if that was not `starts_at`
    kind: str = ""  # which variant of the hub file; "" is the strategy discussion itself
    deadline: datetime | None = None  # by when it must have been held
    session: str = ""  # the recurring session on whose agenda it is
    inquorate: bool = False  # held although the quorum was not there; the reason is sealed
    by_telephone: bool = False  # recorded after the fact: nobody was invited by mail
    emergency: bool = False
    rang: tuple[Rang, ...] = ()  # who was rung for it, in order
    full_due: datetime | None = None  # of one without its quorum: by when the full discussion must have been held
    followed_by: str = ""  # the discussion that was
    placeless: bool = False  # nobody has said yet where it takes place
    placed_at: datetime | None = None  # when the place was said, for the time that holds
    timed: int | None = None  # the sequence of the entry that set its time; None: that of the newest

    def invitee(self, invitee: str) -> Invitee | None:
        """The invitee of this id."""
        return next((i for i in self.invitees if i.id == invitee), None)

    def with_invitee(self, changed: Invitee) -> StrategyDiscussion:
        """The same discussion with one seat changed."""
        return replace(self, invitees=tuple(changed if i.id == changed.id else i for i in self.invitees))

    def over(self, now: datetime) -> bool:
        """It takes place no more: it was held or taken back, or its time is past and nobody has recorded it yet."""
        return self.state is not Meeting.CALLED or now >= self.starts_at + timedelta(minutes=self.minutes)

    @property
    def time_since(self) -> int:
        """The lowest sequence of an entry that has the time which holds: who answered it need not answer again."""
        return self.sequence if self.timed is None else self.timed

    @property
    def full_owed(self) -> bool:
        """The full discussion that must follow has not been held."""
        return self.full_due is not None and not self.followed_by


@dataclass(frozen=True, slots=True)
class SeatUnclear:
    """Something was said at a seat that says neither yes nor no: a person must read it."""

    at: datetime
    discussion: str
    invitee: str
    why: str  # "unclear" | "wrong_sender" | "not_opened"


@dataclass(frozen=True, slots=True)
class SeatEvidence:
    """An automatic reply or a read receipt to an invitation: shown, never counted."""

    at: datetime
    discussion: str
    invitee: str
    code: str  # "automatic_reply" | "read_receipt"
    deputy: bool = False  # it answers what their deputy was sent


@dataclass(frozen=True, slots=True)
class InviteesAdded:
    """More agencies are called to a discussion."""

    at: datetime
    by: str
    discussion: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiscussionMoved:
    """The discussion takes place at another time; everybody is asked anew."""

    at: datetime
    by: str
    discussion: str
    starts_at: datetime
    placed: bool = False  # where it takes place is said with it, in sealed words
    in_papers: bool = False  # in words that go into the sealed papers alone


@dataclass(frozen=True, slots=True)
class DiscussionPlaced:
    """Where the discussion takes place is said, or said anew, in sealed words; its time stays."""

    at: datetime
    by: str
    discussion: str
    in_papers: bool = False  # in words that go into the sealed papers alone


@dataclass(frozen=True, slots=True)
class DiscussionCancelled:
    """The discussion does not take place; the reason is sealed."""

    at: datetime
    by: str
    discussion: str


@dataclass(frozen=True, slots=True)
class FullFollows:
    """What its quorum lacked, a full discussion makes up, which is called at once."""

    starts_at: datetime | None = None  # None: half-way through the day on which it must have been held
    referrer: str = ""  # the agency of the case's referrer, where the directory knows it


@dataclass(frozen=True, slots=True)
class DiscussionTelephoned:
    """A discussion by telephone, recorded after the fact."""

    at: datetime
    by: str
    discussion: str
    started_at: datetime
    subjects: tuple[str, ...]
    present: tuple[Present, ...]
    kind: str = ""
    emergency: bool = False  # it could not wait for those who were not reached
    rang: tuple[Rang, ...] = ()
    inquorate: bool = False  # knowingly, for a reason that is sealed
    full: FullFollows | None = None  # what its quorum lacks, a full one makes up; None for older records


def missing(discussion: StrategyDiscussion, quorum: tuple[str, ...]) -> tuple[str, ...]:
    """The functions of the quorum nobody has yet said they will fill; once held, nobody filled."""
    if discussion.state is Meeting.HELD:
        there = {i.function for i in discussion.invitees if i.attended}
    else:
        there = {i.function for i in discussion.invitees if i.attendance in COMES and not i.shut_out}
    return tuple(f for f in quorum if f not in there)


def out_of_reach(discussion: StrategyDiscussion, quorum: tuple[str, ...]) -> tuple[str, ...]:
    """The functions of the quorum that no seat can fill any more: none was called, or all said no, or may not
    see it."""
    open_ = {i.function for i in discussion.invitees if i.attendance not in LOST and not i.shut_out}
    return tuple(f for f in quorum if f not in open_)


def standing(seat: Invitee) -> Attendance:
    """What the seat says, of its invitee's word and its deputy's. Who comes fills it, the invitee first; that the
    deputy cannot come is no word of the invitee's."""
    own, deputys = seat.word(), seat.word(deputy=True)
    if own and own.attendance is Attendance.DEPUTY and _cannot_since(deputys, own.at):
        return Attendance.DELEGATED  # somebody else of the agency, as they said; but nobody has said it themselves
    if own and own.attendance in COMES:
        return own.attendance
    if deputys and deputys.attendance in COMES:
        return Attendance.DEPUTY
    if own:
        return own.attendance
    lost = deputys is None or deputys.attendance is Attendance.DECLINED
    return Attendance.AWAITED if deputys is None or lost else deputys.attendance


def _cannot_since(deputys: Reply | None, at: datetime) -> bool:
    return deputys is not None and deputys.attendance is Attendance.DECLINED and deputys.at > at


def holds(now: Invitee, stamp: datetime) -> bool:
    """Whether a reply stamped `stamp` is newer than the one that holds (ecosystem: ignore an older DTSTAMP). A stamp
    has whole seconds (RFC 5545 3.3.5): within one second the later to arrive is the newer."""
    return now.said_at is None or stamp >= now.said_at.replace(microsecond=0)
