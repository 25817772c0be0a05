"""Calendar letters: the mail that puts a discussion into somebody's calendar, changes it there, or takes it out.

1. A discussion is one UID for its whole life; every entry of it that is taken back or given again for one seat
   alone has a number beyond the last one that this calendar has (RFC 5546 2.1.4), and a later stamp: a client that
   orders by the number alone would keep a meeting struck out that was given again.
2. It names nobody. Its location is the one thing in it that a person typed, looked at when it was
   (desk/convening.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from exchange import content, correspondence, waiting
from exchange.case.effect import Letter
from exchange.case.packet import struck
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion
from exchange.posting import File
from mailflow import meeting
from templates import letters
from templates.addressed import NOT_RATED, Sender

_OVER = {Meeting.CANCELLED: "", Meeting.HELD: "held"}  # why an entry leaves everybody's calendar
_OUT = frozenset({Letter.CANCELLATION, Letter.UNINVITED})
OF_CALENDARS = _OUT | {Letter.INVITATION}  # and what asks a deputy to come


def seat_of(file: File, about: str) -> tuple[StrategyDiscussion, Invitee]:
    """The discussion and the seat that a letter is about. Raises LookupError when there is no such."""
    name, _, seat = about.removesuffix("/deputy").partition("/")
    discussion = file.case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    if discussion is None or invitee is None:
        raise LookupError("a letter about a seat that is not there")
    return discussion, invitee


def said(file: File, name: str, discussion: StrategyDiscussion) -> str:
    """What staff wrote of where it is; an address may have become secret since."""
    return struck(file.referral, file.said.get(f"{name}{discussion.id}", b"").decode())


@dataclass(frozen=True, slots=True)
class Entry:
    """One letter about one entry."""

    letter: Letter
    about: str  # "d1/i2", or "d1/i2/deputy" for the calendar of the deputy
    file: File
    organizer: str  # where calendars send their replies
    to: str
    now: datetime

    def written(self, sender: Sender, page: str, domain: str) -> tuple[letters.Written, bytes]:
        """Its words, and the calendar beside them; the page to answer on stands in the words alone."""
        if self.letter in _OUT:
            told = self._taken_back(sender, page)
            return letters.write(told), meeting.calendar_cancel(self._values(domain), whole=told.whole)
        asked = self._asked(sender, page)
        quiet = letters.write(replace(asked, page="", urgency=NOT_RATED)).text
        return letters.write(asked), meeting.calendar_request(self._values(domain), quiet, asked.location)

    def _values(self, domain: str) -> meeting.Entry:
        case, (discussion, _) = self.file.case, seat_of(self.file, self.about)
        return meeting.Entry(
            uid=correspondence.uid(case, discussion.id, domain), sequence=self._sequence(), organizer=self.organizer,
            organizer_name=self.file.rules.name, attendee=self.to, starts_at=discussion.starts_at,
            minutes=discussion.minutes, summary=f"Meeting {case.reference}", stamp=self.now,
        )  # fmt: skip

    def _sequence(self) -> int:
        """Rule 1."""
        discussion, seat = seat_of(self.file, self.about)
        if discussion.state is not Meeting.CALLED:
            return discussion.sequence
        out = self.letter in _OUT
        return discussion.sequence + max(2 * seat.turns - out, out)

    def _taken_back(self, sender: Sender, page: str) -> letters.Cancellation:
        discussion, _ = seat_of(self.file, self.about)
        alone = "not_needed" if self._of_deputy else "deputy_comes"
        why = "not_asked" if self.letter is Letter.UNINVITED else _OVER.get(discussion.state, alone)
        page = page if why == alone else ""
        kind = self._kind(discussion)
        return letters.Cancellation(sender, self.file.case.reference, discussion.starts_at, kind, why, page)

    def _asked(self, sender: Sender, page: str) -> letters.Invitation:
        discussion, seat = seat_of(self.file, self.about)
        named = seat.attendance in (Attendance.DEPUTY, Attendance.DELEGATED)
        return letters.Invitation(
            sender, self.file.case.reference, discussion.starts_at, discussion.minutes,
            max(seat.due or discussion.starts_at, self.now) if self._of_deputy else seat.due or discussion.starts_at,
            location=said(self.file, content.LOCATION, discussion), page=page, kind=self._kind(discussion),
            where=self._where(discussion), moved=bool(discussion.time_since),
            placed=self._placed_since(discussion, seat),
            deputy=("named" if named else "asked") if self._of_deputy else "",
            again=seat.turns > 0 and not self._of_deputy and bool(seat.word() or seat.word(deputy=True)),
            urgency=waiting.urgency(self.file, self.about) if self._of_deputy else NOT_RATED,
            follows=any(d.full_owed and d.full_due == discussion.deadline for d in self.file.case.discussions),
        )  # fmt: skip

    def _placed_since(self, discussion: StrategyDiscussion, seat: Invitee) -> bool:
        """Whether the place was said after this calendar had its entry."""
        asked = seat.deputy_asked_at if self._of_deputy else seat.asked_at
        return bool(discussion.placed_at and asked and asked < discussion.placed_at)

    def _where(self, discussion: StrategyDiscussion) -> str:
        """What the words say of the place where the entry itself does not name it."""
        if said(self.file, content.PLACE, discussion):
            return "papers"
        return "later" if discussion.placeless else ""

    @property
    def _of_deputy(self) -> bool:
        return self.about.endswith("/deputy")

    def _kind(self, discussion: StrategyDiscussion) -> str:
        return self.file.rules.discussion(discussion.kind).label
