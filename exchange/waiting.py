"""Waiting: what an agency owes an answer to, and whether a letter about it waits until somebody reads its mailbox.

1. Nobody is told by mail that they owe what has not reached them: the desk rings about it.
2. What is most urgent, or in danger, waits for nobody's hours.
3. Of several reminders of one case that come to one mailbox together, one goes, and tells of all.
4. A reminder that comes while a mailbox is not read is left to that mailbox's digest; a notice to a lead or a deputy,
   and whatever is asked once more by a sealed letter, waits until somebody reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.case import escalating
from exchange.case.action import HUB, Doing
from exchange.case.delivery import THERE, Delivery
from exchange.case.effect import TO_REFERRER, TO_SILENT, Letter
from exchange.case.mailbox import Directory
from exchange.case.outcome import OutcomeOwed
from exchange.case.rules import Rules
from exchange.case.soon import HAND_OVER
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion
from exchange.case.urgency import urgent
from exchange.posting import File, Held, Recipient, recipient
from templates import letters
from templates.addressed import NOT_RATED, Answering, Sender, Urgency
from templates.notices import Lead, Waiting

# What is urgent for nobody, however urgent its case is: it tells what was done, or asks what came of it.
_CALM = TO_REFERRER | {
    Letter.RECALL, Letter.OVERRIDDEN, Letter.RECORD, Letter.OUTCOME_ASKED, Letter.CHALLENGE_REPLY,
}  # fmt: skip
MOMENT = timedelta(seconds=2)  # in which a mail that is under way arrives, or fails


@dataclass(frozen=True, slots=True)
class Owes:
    """One thing an agency owes."""

    agency: str
    about: str  # leg, seat or action; "l1/handover" for what was handed over
    owes: str  # "acknowledgement" | "answer" | "attendance" | "hand_over" | "action"
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """Nobody reads the mailbox now."""

    until: datetime
    gathered: bool  # the letter is left to the digest; otherwise it goes when the mailbox is read again


def unread(letter: Letter, about: str, file: File, now: datetime) -> Unread | None:
    """Why a letter to somebody silent does not go now; None when it goes. What takes an invitation out of a calendar
    waits until it is known whether that has left."""
    if letter is Letter.UNINVITED and file.leaving:
        return Unread(now + MOMENT, False)
    beside = letter is Letter.PAPERS and about.endswith("/deputy")  # with the entry that asks a deputy to come
    if letter not in TO_SILENT | {Letter.LEAD} and not beside and not _once_more(letter, about, file.case):
        return None
    to = recipient(letter, about, file)
    if isinstance(to, Held) or urgent(file.case, _subjects(file.case, about), file.rules):
        return None
    opens = opens_at(file.directory, to.mailbox, file.rules, now)
    if opens <= now:
        return None
    return Unread(opens, letter in TO_SILENT and not about.endswith("/deputy"))


def _once_more(letter: Letter, about: str, case: Case) -> bool:
    """Whether a sealed letter asks again for what was asked before."""
    owed = case.outcome_owed(about.partition("/")[0])
    again = {Letter.HAND_OVER: owed.again if owed else 0, Letter.OUTCOME_ASKED: owed.asked if owed else 0}
    return again.get(letter, 0) > 0


def opens_at(directory: Directory, mailbox: str, rules: Rules, now: datetime) -> datetime:
    """When somebody reads it next: now, while it is read."""
    found = next((m for m in directory.mailboxes if m.id == mailbox), None)
    return found.calendar(rules.calendar).next_open(now) if found else now


def _subjects(case: Case, about: str) -> tuple[str, ...]:
    name = about.partition("/")[0]
    found = case.leg(name) or case.discussion(name) or case.action(name)
    return found.subjects if found else _of_product(case, name)


def _of_product(case: Case, name: str) -> tuple[str, ...]:
    """Whom a product is about, or what was sent of it."""
    sent = case.disclosure(name)
    product = case.product(sent.product if sent else name)
    version = product.version(sent.version) if sent and product else product.latest if product else None
    return version.subjects if version else ()


def owed(case: Case) -> Iterator[Owes]:
    """All that agencies owe in a case, as far as a mail asks for it; nothing of one that is shut out."""
    if case.closed:
        return
    for leg in case.legs:
        if leg.owing and leg.arrived:
            yield _of_leg(leg)
    for discussion in case.discussions:
        for seat in discussion.invitees if discussion.state is Meeting.CALLED else ():
            out = seat.shut_out or case.shuts_out(seat.agency)
            if seat.attendance is Attendance.AWAITED and seat.arrived and not out:
                yield _of_seat(discussion, seat)
    yield from _undertaken(case)


def _undertaken(case: Case) -> Iterator[Owes]:
    """What was handed over and nobody there has accepted, and what agencies are to do."""
    for owed in case.outcomes_owed:
        leg = case.leg(owed.leg)
        if owed.offered and owed.accept_by and leg and leg.arrived and not leg.shut_out:
            yield Owes(owed.agency, f"{leg.id}/{HAND_OVER}", "hand_over", offered_at(owed), owed.accept_by)
    for action in case.actions:
        if action.doing is Doing.OPEN and action.owner != HUB and not case.shuts_out(action.owner):
            yield Owes(action.owner, action.id, "action", action.set_at, action.due)


def offered_at(owed: OutcomeOwed) -> datetime:
    """When what is offered now was handed over."""
    return owed.offered_at or owed.since


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


_ASKS = {"attendance": Letter.CHASER, "action": Letter.ACTION_CHASER}


def mailbox_of(one: Owes, file: File) -> Recipient | Held:
    """Where the agency is asked for it."""
    return recipient(letter_of(one), one.about, file)


def letter_of(one: Owes) -> Letter:
    """What reminds of it."""
    return _ASKS.get(one.owes, Letter.REMINDER)


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
    asked = leg or seat
    deputy = asked.deputy_mail if asked and asked.deputy_asked_at else Delivery.TO_SEAL
    return Lead(
        sender, file.case.reference, agency, one.owes, one.asked_at, one.due_at, now, page,
        deputy=deputy in THERE, urgency=urgency(file, about),
    )  # fmt: skip


def reminder(
    leg: Leg, file: File, sender: Sender, answering: Answering, now: datetime, page: Callable[[Leg], str]
) -> letters.Reminder:
    """What a team that is silent about its packet is told, and of its other packets of the case; `page` is where it
    is said that a person has one."""
    one = _of_leg(leg)
    also = tuple(
        Waiting(file.case.reference, owes.owes, owes.asked_at, owes.due_at, page(other) if not other.acknowledged_at
                else "", urgency=urgency(file, other.id))
        for other in _beside(leg, file) for owes in (_of_leg(other),)
    )  # fmt: skip
    return letters.Reminder(
        sender, file.case.reference, answering, one.asked_at, one.due_at, now, one.owes == "answer",
        urgency(file, leg.id), also=also,
    )  # fmt: skip


def _beside(leg: Leg, file: File) -> Iterator[Leg]:
    """The other packets of its agency that wait in the same mailbox."""
    to = recipient(Letter.REMINDER, leg.id, file)
    for other in file.case.legs:
        theirs = other.agency == leg.agency and other.id != leg.id and other.owing and other.arrived
        if theirs and recipient(Letter.REMINDER, other.id, file) == to:
            yield other


def told_by_another(reminded: Sequence[str], file: File) -> frozenset[str]:
    """Of packets that are reminded of at one moment, those of which the reminder about another tells (rule 3): the
    most urgent, or the first, is told of by itself."""
    first: dict[str, str] = {}
    by_urgency = sorted(reminded, key=lambda about: not urgent(file.case, _subjects(file.case, about), file.rules))
    for about in by_urgency:
        to, leg = recipient(Letter.REMINDER, about, file), file.case.leg(about)
        if isinstance(to, Recipient) and leg and leg.owing and leg.arrived:
            first.setdefault(to.mailbox, about)
    kept = frozenset(first.values())
    told = (a for a in reminded if isinstance(to := recipient(Letter.REMINDER, a, file), Recipient)
            and to.mailbox in first)  # fmt: skip
    return frozenset(told) - kept


def hand_over(leg: Leg, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.Reminder:
    """What an agency is told that has not accepted what was handed over to it."""
    owed = file.case.outcome_owed(leg.id)
    asked, due = (offered_at(owed), owed.accept_by) if owed else (leg.opened_at, None)
    return letters.Reminder(
        sender, file.case.reference, answering, asked, due or now, now, urgency=urgency(file, leg.id), hand_over=True
    )


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


def urgency_of(letter: Letter, about: str, file: File) -> Urgency:
    """How urgent it is that somebody opens this letter."""
    return NOT_RATED if letter in _CALM else urgency(file, about)
