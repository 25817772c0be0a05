"""Waiting: what an agency owes an answer to, and whether a letter about it waits until somebody reads its mailbox.

1. Nobody is told by mail that they owe what has not reached them: the desk rings about it.
2. What is most urgent, or in danger, waits for nobody's hours.
3. A reminder that comes while a mailbox is not read is left to that mailbox's digest; a notice to a lead or a deputy
   waits until somebody reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.case import escalating
from exchange.case.delivery import THERE, Delivery
from exchange.case.effect import TO_SILENT, Letter
from exchange.case.mailbox import Directory
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion
from exchange.case.urgency import urgent
from exchange.posting import File, Held, Recipient, recipient
from templates import letters
from templates.addressed import Answering, Sender, Urgency
from templates.notices import Lead


@dataclass(frozen=True, slots=True)
class Owes:
    """One thing an agency owes."""

    agency: str
    about: str  # leg or seat
    owes: str  # "acknowledgement" | "answer" | "attendance"
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """Nobody reads the mailbox now."""

    until: datetime
    gathered: bool  # the letter is left to the digest; otherwise it goes when the mailbox is read again


def unread(letter: Letter, about: str, file: File, now: datetime) -> Unread | None:
    """Why a letter to somebody silent does not go now; None when it goes."""
    if letter not in TO_SILENT | {Letter.LEAD}:
        return None
    to = recipient(letter, about, file)
    if isinstance(to, Held) or urgent(file.case, _subjects(file.case, about), file.rules):
        return None
    opens = opens_at(file.directory, to.mailbox, file.rules, now)
    if opens <= now:
        return None
    return Unread(opens, letter in TO_SILENT and not about.endswith("/deputy"))


def opens_at(directory: Directory, mailbox: str, rules: Rules, now: datetime) -> datetime:
    """When somebody reads it next: now, while it is read."""
    found = next((m for m in directory.mailboxes if m.id == mailbox), None)
    return found.calendar(rules.calendar).next_open(now) if found else now


def _subjects(case: Case, about: str) -> tuple[str, ...]:
    name = about.partition("/")[0]
    leg, discussion = case.leg(name), case.discussion(name)
    return leg.subjects if leg else discussion.subjects if discussion else ()


def owed(case: Case) -> Iterator[Owes]:
    """All that agencies owe in a case, as far as a mail asks for it; nothing of one that is shut out."""
    if case.closed:
        return
    for leg in case.legs:
        if leg.owing and leg.arrived:
            yield _of_leg(leg)
    for discussion in case.discussions:
        for seat in discussion.invitees if discussion.state is Meeting.CALLED else ():
            if seat.attendance is Attendance.AWAITED and seat.arrived and not case.shuts_out(seat.agency):
                yield _of_seat(discussion, seat)


def owed_about(case: Case, about: str) -> Owes:
    """What is, or was, owed about a leg or a seat. Raises LookupError when there is no such."""
    leg = case.leg(about)
    if leg:
        return _of_leg(leg)
    name, _, seat = about.partition("/")
    discussion = case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    if discussion is None or invitee is None:
        raise LookupError("a letter about what is not there")
    return _of_seat(discussion, invitee)


def _of_leg(leg: Leg) -> Owes:
    if leg.acknowledged_at is None:
        return Owes(leg.agency, leg.id, "acknowledgement", leg.opened_at, leg.acknowledge_due)
    return Owes(leg.agency, leg.id, "answer", leg.opened_at, leg.answer_due)


def _of_seat(discussion: StrategyDiscussion, seat: Invitee) -> Owes:
    about = f"{discussion.id}/{seat.id}"
    return Owes(
        seat.agency, about, "attendance", escalating.seat_since(discussion, seat), seat.due or discussion.starts_at
    )


def mailbox_of(one: Owes, file: File) -> Recipient | Held:
    """Where the agency is asked for it."""
    letter = Letter.CHASER if one.owes == "attendance" else Letter.REMINDER
    return recipient(letter, one.about, file)


def digest_at(directory: Directory, mailbox: str, rules: Rules, now: datetime) -> datetime | None:
    """When today's digest goes to a mailbox: when somebody begins to read it, or at the hub's hour for it if it is
    read then. None on a day on which nobody reads it, and for one that is read day and night: nothing waits there."""
    found = next((m for m in directory.mailboxes if m.id == mailbox), None)
    if found is None:
        return None
    calendar = found.calendar(rules.calendar)
    day = now.astimezone(calendar.zone).date()
    span = calendar.span(day)
    if span is None or span[1] - span[0] >= timedelta(hours=23):  # a day of 23 hours is a whole day in March
        return None
    if rules.digest is None:
        return span[0]
    wanted = datetime.combine(day, rules.digest, calendar.zone).astimezone(span[0].tzinfo)
    return max(span[0], wanted) if wanted < span[1] else span[0]


def end_of_day(directory: Directory, mailbox: str, rules: Rules, now: datetime) -> datetime:
    """When somebody stops reading it today."""
    found = next((m for m in directory.mailboxes if m.id == mailbox), None)
    calendar = found.calendar(rules.calendar) if found else rules.calendar
    span = calendar.span(now.astimezone(calendar.zone).date())
    return span[1] if span else now


def lead(file: File, about: str, sender: Sender, agency: str, answering: Answering | None, now: datetime) -> Lead:
    """What an agency's lead is told; by the page they may say that somebody has it, where that is what is owed."""
    one = owed_about(file.case, about)
    page = answering if one.owes == "acknowledgement" else None
    leg, seat = file.case.leg(about), file.case.seat(about)
    deputy = leg.deputy_mail if leg else seat.deputy_mail if seat else Delivery.TO_SEAL
    return Lead(
        sender, file.case.reference, agency, one.owes, one.asked_at, one.due_at, now, page,
        deputy=deputy in THERE, urgency=urgency(file, about),
    )  # fmt: skip


def reminder(leg: Leg, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.Reminder:
    """What a team that is silent about its packet is told."""
    one = _of_leg(leg)
    return letters.Reminder(
        sender, file.case.reference, answering, one.asked_at, one.due_at, now, one.owes == "answer",
        urgency(file, leg.id),
    )  # fmt: skip


def stepped(leg: Leg, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.Stepped:
    """What a team is told when the times of its packet have moved."""
    acknowledge = None if leg.acknowledged_at else leg.acknowledge_due
    return letters.Stepped(
        sender, file.case.reference, answering, leg.opened_at, acknowledge, leg.answer_due, now, urgency(file, leg.id)
    )


def urgency(file: File, about: str) -> Urgency:
    """How urgent what is waited for is, as the people it is about are rated."""
    case, subjects = file.case, _subjects(file.case, about)
    given = {s.rating for s in case.subjects if s.id in subjects}
    rated = next((r.label for r in file.rules.ratings if r.code in given), "")
    return Urgency(rated, urgent(case, subjects, file.rules))
