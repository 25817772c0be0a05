"""Correspondence: what the address a mail came to is about, and who may speak there.

The address is the proof of place: it cannot be guessed. So is the Message-ID of a letter of ours that an answer
names: what answers a sealed letter comes to the hub's own address, the only one that its certificate names, and some
mail systems report where a letter is from instead of where it is to be returned to. So is the
UID of an invitation of ours, which a calendar sends back to whatever address it picked. None of them proves who
wrote; and a reference quoted in a subject or a text never joins a case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exchange.case.effect import ABOUT_LEG, OF_PRODUCTS, OF_THE_HUB, TO_REFERRER, Letter
from exchange.case.mailbox import Directory, MailboxRole
from exchange.case.rules import AgencyRules
from exchange.case.state import Case
from exchange.case.strategy_discussion import Invitee
from exchange.pins import Pins
from exchange.store import casebook, outbox
from exchange.store.casebook import NoSuchCase
from exchange.store.database import Transaction
from mailflow.delivery_report import Report
from mailflow.evidence import Evidence
from mailflow.interpret import About
from mailflow.parsed_mail import MeetingReply
from mailflow.reply_address import ReplyAddresses, Token

_PAGES = {"answer": "leg", "attend": "invitee", "action": "action"}
_PAGE = re.compile(rf"/({'|'.join(_PAGES)})/([a-z]\.[a-z0-9-]+\.[a-z2-7]+)")

LATEST = timedelta(days=30)  # a report after that long: queues give up after five days, and some servers after ten


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail belongs, as far as its address says."""

    about: About
    case: Case | None = None
    leg: str = ""
    seat: str = ""  # "d1/i2"; "d1/i2/deputy" where the deputy answers what they were asked
    product: str = ""  # "p1/w1", a passage; "x1" or "k1", what a recipient was sent
    action: str = ""  # "a1"
    letter: outbox.Row | None = None  # the letter it answers or reports on, where that is known
    agencies: tuple[AgencyRules, ...] = ()  # of the hub, for an answer that names another one
    answers: str = ""  # the key of the letter of ours that it answers, as far as its headers say
    mailboxes: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # of a seat's agency: address, id

    def mailbox_at(self, address: str) -> str:
        """The id of the agency's mailbox of this address; ""."""
        return dict(self.mailboxes).get(address.lower(), "")

    @property
    def known(self) -> bool:
        """An agency is asked about something here: what it says and nobody understands is a person's to read."""
        return bool(self.leg or self.product or self.action or self.seat)


CONTACT = Place(About("contact"))


async def place_of(
    tx: Transaction, token: Token | None, directory: Directory, pins: Pins, domain: str, now: datetime
) -> Place:
    """What a recipient address is about; the hub's own address, and one whose case is gone, is about a contact."""
    if token is None:
        return CONTACT
    if token.kind in ("bounce", "hub"):
        return await _of_letter(tx, token, now)
    try:
        case = await casebook.load(tx, token.ident.partition("-")[0])
    except NoSuchCase:
        return CONTACT
    return await _in_case(tx, case, token, directory, pins, domain)


async def _in_case(tx: Transaction, case: Case, token: Token, directory: Directory, pins: Pins, domain: str) -> Place:
    rest = token.ident.partition("-")[2]
    if token.kind == "leg":
        return await place_in_leg(tx, case, rest, directory, pins)
    if token.kind == "invitee":
        return _of_seat(case, rest.replace("-", "/"), directory, pins, domain)
    if token.kind in ("owner", "recipient"):
        return _of_product(case, rest.replace("-", "/"), directory, pins)
    if token.kind == "action":
        return _of_action(case, rest, directory, pins)
    known = next((m for m in directory.mailboxes if m.id == case.referrer.mailbox), None)
    return Place(About("referrer", (), pins.of(known.agency) if known else frozenset()), case)


async def letter_answered(tx: Transaction, message_ids: tuple[str, ...], case: Case) -> str:
    """The key of the case's letter that went out under the first of these Message-IDs that is ours; ""."""
    for message_id in message_ids:
        row = await outbox.by_message_id(tx, message_id)
        if row and row.case_id == case.id:
            return row.key
    return ""


async def place_of_returned(
    tx: Transaction, e: Evidence, case: Case, directory: Directory, now: datetime
) -> Place | None:
    """The letter of a case that a report is about, once a person has said that it is about this case: the one it
    names, or what went last to an address that it names; a packet before all else."""
    if e.report is None:
        return None
    named = await place_by_report(tx, e.report, (*e.mail.in_reply_to, *reversed(e.mail.references)), now)
    if named and named.case and named.case.id == case.id:
        return named
    to = {one for r in e.report.recipients for one in (r.address, r.original) if one}
    mailboxes = {m.id for m in directory.mailboxes if m.address.text.lower() in to}
    sent = [row for row in await outbox.of_case(tx, case.id) if row.mailbox in mailboxes and row.sent_at]
    sent.sort(key=lambda row: (row.letter == Letter.PACKET, row.sent_at))
    return Place(About("bounce"), case, letter=sent[-1]) if sent else None


async def place_by_thread(
    tx: Transaction, message_ids: tuple[str, ...], directory: Directory, pins: Pins, domain: str
) -> Place | None:
    """What the first letter of ours is about that was sent under one of these Message-IDs."""
    for message_id in message_ids:
        row = await outbox.by_message_id(tx, message_id)
        if row and row.letter in OF_THE_HUB:
            return Place(About("hub"), letter=row)
        if row and row.case_id:
            case = await casebook.load(tx, row.case_id)
            token = answered_at(Letter(row.letter), row.about, case)
            return replace(await _in_case(tx, case, token, directory, pins, domain), letter=row, answers=row.key)
    return None


async def place_by_report(
    tx: Transaction, report: Report, message_ids: tuple[str, ...], now: datetime
) -> Place | None:
    """The letter of ours that did not arrive, by the Message-ID that the report gives back: older Exchange, Notes and
    gateways return mail to whoever is named in From. Whoever has it had the letter; that nobody got it makes a person
    ring, so only that is believed here."""
    if report.kind not in ("failed", "delayed"):
        return None
    for message_id in dict.fromkeys((report.original_message_id, *message_ids)):
        row = await outbox.by_message_id(tx, message_id) if message_id else None
        if row and row.case_id and row.sent_at and now - row.sent_at <= LATEST:
            return Place(About("bounce"), await casebook.load(tx, row.case_id), letter=row)
    return None


async def place_by_calendar(
    tx: Transaction, meetings: tuple[MeetingReply, ...], directory: Directory, pins: Pins, domain: str
) -> Place | None:
    """The seat that a calendar answers for: that of the agency whose mailbox it names, or whose mail domain."""
    for said in meetings:
        case_id, dash, discussion = said.uid.removesuffix(f"@{domain}").rpartition("-")
        if not dash or not said.uid.endswith(f"@{domain}"):
            continue
        try:
            case = await casebook.load(tx, case_id)
        except NoSuchCase:
            continue
        if seat := _seat_of(case, discussion, said.attendee, directory):
            return _of_seat(case, f"{discussion}/{seat}", directory, pins, domain)
    return None


def _seat_of(case: Case, discussion: str, attendee: str, directory: Directory) -> str:
    found = case.discussion(discussion)
    seats = found.invitees if found else ()
    own = [i.id for i in seats if attendee in {m.address.text.lower() for m in directory.of(i.agency)}]
    shared = [i.id for i in seats if attendee.rpartition("@")[2] in _domains(directory, i.agency)]
    fits = own or shared
    if len(fits) != 1 or found is None:
        return ""
    return fits[0] + ("/deputy" if _is_deputys(found.invitee(fits[0]), attendee, directory) else "")


def _is_deputys(seat: Invitee | None, attendee: str, directory: Directory) -> bool:
    """Whether it is the calendar of the deputy whom we asked that answers."""
    if seat is None or seat.deputy_asked_at is None:
        return False
    of = directory.of(seat.agency)
    return any(m.role is MailboxRole.DEPUTY and m.address.text.lower() == attendee for m in of)


def quoted(text: str, addresses: ReplyAddresses) -> Token | None:
    """What a sealed letter is about whose page for answers stands in a text: for programs that quote what they answer
    and do not say which mail that was."""
    for page, written in _PAGE.findall(text):
        token = addresses.read_page(written)
        if token and token.kind == "page":
            return Token(_PAGES[page], token.ident)
    return None


def answered_at(letter: Letter, about: str, case: Case) -> Token:
    """What an answer to a letter of a case is about."""
    leg = about.partition("/")[0]
    if letter in TO_REFERRER:
        return Token("referrer", case.id)
    if letter in ABOUT_LEG or (letter is Letter.LEAD and case.leg(about)):
        return Token("leg", f"{case.id}-{leg}")
    if letter in (Letter.ACTION, Letter.ACTION_CHASER):
        return Token("action", f"{case.id}-{about}")
    if letter in OF_PRODUCTS or letter is Letter.RECORD:
        kind = "recipient" if letter in (Letter.PRODUCT, Letter.RECORD) else "owner"
        return Token(kind, f"{case.id}-{about.replace('/', '-')}")
    return Token("invitee", f"{case.id}-{about.replace('/', '-')}")  # a deputy's entry has an address of its own


async def _of_letter(tx: Transaction, token: Token, now: datetime) -> Place:
    """What a report is about, or an answer to a letter of the hub itself."""
    ident, attempt = token.attempt if token.kind == "bounce" else (token.ident, 0)
    row = await outbox.load(tx, ident)
    if row is None or (token.kind == "bounce" and not _is_about(row, attempt, now)):
        return Place(About(token.kind))
    case = await casebook.load(tx, row.case_id) if row.case_id else None
    return Place(About(token.kind), case, letter=row)


def _is_about(row: outbox.Row, attempt: int, now: datetime) -> bool:
    """Whether a report about this attempt is about the letter as it went (T16). An earlier attempt with the same
    bytes counts like the last. One that we never made, one from before the letter was written anew, and whatever
    comes after weeks is a person's to read."""
    return row.written < attempt <= row.attempts + 1 and now - (row.sent_at or now) <= LATEST


async def place_in_leg(tx: Transaction, case: Case, leg_id: str, directory: Directory, pins: Pins) -> Place:
    """What is asked of one agency in a case."""
    leg = case.leg(leg_id)
    if leg is None:
        return CONTACT
    domains = _domains(directory, leg.agency)
    agencies = (await casebook.rules_of(tx, case)).agencies
    return Place(About("leg", domains, pins.of(leg.agency)), case, leg=leg_id, agencies=agencies)


def _of_product(case: Case, about: str, directory: Directory, pins: Pins) -> Place:
    agency = case.spoken_to(about)
    if not agency:
        return CONTACT
    kind = "owner" if "/" in about else "recipient"
    return Place(About(kind, _domains(directory, agency), pins.of(agency)), case, product=about)


def _of_action(case: Case, action: str, directory: Directory, pins: Pins) -> Place:
    found = case.action(action)
    if found is None:
        return CONTACT
    about = About("action", _domains(directory, found.owner), pins.of(found.owner))
    return Place(about, case, action=action)


def _of_seat(case: Case, seat: str, directory: Directory, pins: Pins, domain: str) -> Place:
    name, _, invitee_id = seat.removesuffix("/deputy").partition("/")
    discussion = case.discussion(name)
    invitee = discussion.invitee(invitee_id) if discussion else None
    if invitee is None:
        return CONTACT
    known = tuple((m.address.text.lower(), m.id) for m in directory.of(invitee.agency))
    about = About(
        "invitee", _domains(directory, invitee.agency), pins.of(invitee.agency), uid(case, name, domain),
        tuple(address for address, _ in known),
    )  # fmt: skip
    return Place(about, case, seat=seat, mailboxes=known)


def uid(case: Case, discussion: str, domain: str) -> str:
    """The UID of a discussion's calendar entry: one for its whole life (RFC 5545 3.8.4.7)."""
    return f"{case.id}-{discussion}@{domain}"


def _domains(directory: Directory, agency: str) -> tuple[str, ...]:
    mailboxes = directory.of(agency)
    return tuple({d for m in mailboxes for d in (*m.domains, m.address.domain)})
