"""Posting: to whom a letter goes, decided from the directory as it stands now (by which way: ways.py).

1. What is for an agency's eyes goes to a mailbox of its own, or not at all: then the desk rings.
2. The referrer is written to sealed when their key is known, otherwise by a notice that says nothing.
3. Nobody is written to who asked not to be, whatever asked for the letter; nor told what is withheld.
4. Nothing goes to an agency that is shut out of the case, nor to its referrer where that agency would read it; nor to
   a mailbox that a SPOC who must not see it reads, or covers: but for what asks them to delete a packet, and what
   takes a meeting out of their calendar.
5. What is sealed is frozen; the gate compares it with the directory again right before the wire. It stays right for
   the mailbox it was sealed for while that is the agency's and allowed: who goes on leave meanwhile changes nothing.
6. What is written about a leg follows its packet: reminders go to whoever was asked last, a recall and new times to
   each who has it. What changes a calendar's entry goes to the calendar that has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from exchange import content, owners
from exchange.blockers import today
from exchange.case.addressee import agency_of, topics_of
from exchange.case.concluding import SHUT_OUT
from exchange.case.effect import ABOUT_LEG, TO_REFERRER, Letter
from exchange.case.feedback import Feedback
from exchange.case.leave import Leave
from exchange.case.mailbox import (
    SEALED,
    Address,
    AddressRefused,
    Directory,
    Mailbox,
    MailboxRole,
    PassedOver,
    Transport,
)
from exchange.case.presence import NO_OTHER, Presence
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.pins import Pins, pins_of
from exchange.store import casebook, evidence, leave, outbox, profiles, receipts
from exchange.store.database import Transaction
from exchange.store.evidence import Evidence
from exchange.telling import own_references
from keys.directory import AnyCertificate

# Where these went, what follows them goes too.
FOLLOWED = (Letter.PACKET, Letter.DEPUTY, Letter.INVITATION, Letter.CHASER)
# To the team, and another to the deputy ("l1/deputy").
_TO_BOTH = frozenset({Letter.RECALL, Letter.STEPPED, Letter.CORRECTED})


@dataclass(frozen=True, slots=True)
class File:
    """All that is needed to write one letter of a case."""

    case: Case
    rules: Rules
    directory: Directory
    pins: Pins
    referral: Referral | None = field(repr=False)
    contact_mail: bytes = field(repr=False)  # what is kept of the mail that began the case; b"" for other channels
    said: Mapping[str, bytes] = field(
        default_factory=dict, repr=False
    )  # every other body by name, the newest of each
    own_references: Mapping[str, str] = field(default_factory=dict, repr=False)  # by agency, its own for the case
    has_code: bool = False  # the receipt code was given to whoever told us: a letter may speak of it
    day: date = date.min  # on the hub's wall
    leaves: tuple[Leave, ...] = ()  # of that day
    went: Mapping[str, str] = field(default_factory=dict)  # those FOLLOWED, by key: for which mailbox
    leaving: bool = False  # a letter that was withdrawn is just being sent, and perhaps `went` will have it
    evidence: Mapping[str, Evidence] = field(default_factory=dict)  # of verified TLS, by mail domain
    codes_by: str = ""  # what carries one-time codes here (codes.py); "" for nothing
    owned: frozenset[str] = frozenset()  # mailboxes that their people have proved (owners.py)

    @property
    def presence(self) -> Presence:
        """Who answers today."""
        return Presence(self.directory, self.day, self.leaves)


class Known(Protocol):
    """What says how a mailbox may be reached: a case's file, or what stands now for a letter of the hub itself."""

    @property
    def directory(self) -> Directory:
        """Whom the hub may write to."""

    @property
    def pins(self) -> Pins:
        """The certificates in use."""

    @property
    def evidence(self) -> Mapping[str, Evidence]:
        """Of verified TLS, by mail domain."""

    @property
    def day(self) -> date:
        """On the hub's wall."""

    @property
    def codes_by(self) -> str:
        """What carries one-time codes here; "" for nothing."""

    @property
    def owned(self) -> frozenset[str]:
        """Mailboxes that their people have proved."""


@dataclass(frozen=True, slots=True)
class OfHub:
    """What says how a mailbox may be reached, when no case does."""

    directory: Directory
    pins: Pins
    evidence: Mapping[str, Evidence]
    day: date
    codes_by: str
    owned: frozenset[str]


async def of_hub(hub: Hub, tx: Transaction) -> OfHub:
    """As it stands now. Raises NoProfile before any hub file is applied."""
    _, rules = await profiles.current_rules(tx)
    day, directory = today(rules, hub.clock.now()), await hub.directory(tx)
    return OfHub(
        directory, await pins_of(hub, tx), await evidence.known(tx), day, hub.codes_by,
        await owners.proved(tx, directory),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address, and whose it is."""

    address: str = field(repr=False)
    mailbox: str = ""  # "" for a referrer who is in no directory
    agency: str = ""
    transports: tuple[Transport, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """It cannot go, and why: `no_mailbox`, `no_deputy`, `no_other_mailbox`, `no_transport`, the reason of the first
    transport that was passed over, `no_address`, `do_not_write`, `withheld`, or `restricted`: they must not see the
    case."""

    why: str
    passed: tuple[PassedOver, ...] = ()  # all of its mailbox's transports


@dataclass(frozen=True, slots=True)
class Way:
    """How a letter goes: by a transport that only its mailbox's people can read, or (without one) as a notice."""

    recipient: Recipient
    certificate: AnyCertificate | None = None  # for the transports that seal to one
    transport: Transport | None = None
    passed: tuple[PassedOver, ...] = ()  # the transports before it, and why not
    also: tuple[AnyCertificate, ...] = ()  # of others who read the same mailbox, sealed to together with it

    def answered_at(self, address: str) -> str:
        """The address that the letter asks answers to: "" for the hub's own (enveloping, rule 3)."""
        return "" if self.transport in SEALED else address


async def file_of(hub: Hub, tx: Transaction, case_id: str, letter: Letter | None = None) -> File:
    """Fetch and open what a case's letters are written from; with `letter`, only what says to whom that one goes."""
    case = await casebook.load(tx, case_id)
    leaving = await outbox.leaving(tx, case_id, hub.clock.now())  # before it is asked what went
    opened = await hub.opened(tx, case_id) if letter is None or letter in TO_REFERRER else []
    named = [(name, plain) for _, name, plain in opened]
    rules = await casebook.rules_of(tx, case)
    day, directory = today(rules, hub.clock.now()), await hub.directory(tx)
    return File(
        case=case,
        rules=rules,
        directory=directory,
        pins=await pins_of(hub, tx),
        referral=content.referral_from(named),
        contact_mail=_contact_mail(case, opened),
        said=dict(named),
        own_references=own_references(case, named),
        has_code=await receipts.find(tx, hub.codes.receipt_digest(hub.codes.receipt(case_id))) is not None,
        day=day,
        leaves=await leave.on(tx, day),
        went=await outbox.mailboxes(tx, case_id, *FOLLOWED),
        leaving=leaving,
        evidence=await evidence.known(tx),
        codes_by=hub.codes_by,
        owned=await owners.proved(tx, directory),
    )


def _contact_mail(case: Case, opened: list[tuple[str, str, bytes]]) -> bytes:
    # Every later mail of the case has such a body too, an agency's among them: only the first is the referrer's.
    if case.channel != "mail":
        return b""
    return next((plain for _, name, plain in opened if name == content.MAIL), b"")


def recipient(letter: Letter, about: str, file: File, frozen: str = "") -> Recipient | Held:
    """Who gets it; once it is sealed, `frozen` is the mailbox it was sealed for, which stays the one if it may."""
    if letter in TO_REFERRER:
        return _kept_back(letter, file.case) or _referrer(file)
    agency = agency_of(letter, about, file.case)
    if letter is Letter.UNINVITED:
        return _uninvited(about, agency, file, frozen)
    if file.case.shuts_out(agency) and letter is not Letter.RECALL:
        return Held(SHUT_OUT)
    if letter is Letter.LEAD:
        return _lead(agency, file)
    if about.endswith("/deputy") and letter in (Letter.CHASER, Letter.PAPERS, Letter.CANCELLATION):
        return _deputy(letter, about, agency, file, frozen)
    return _agency(letter, about, agency, file, frozen)


def _lead(agency: str, file: File) -> Recipient | Held:
    """Its lead's mailbox; never that of somebody who must not see the case."""
    avoided = file.presence.avoided(file.case.spocs_shut_out)
    found = (m for m in file.directory.standing_by(agency, MailboxRole.LEAD) if m.id not in avoided)
    return next((_at(mailbox) for mailbox in found), Held("no_mailbox"))


def _deputy(letter: Letter, about: str, agency: str, file: File, frozen: str) -> Recipient | Held:
    """The mailbox of a deputy who is there, and is not whom the team is asked at, because everybody of it is away."""
    avoided = file.presence.avoided(file.case.spocs_shut_out)
    wanted = (frozen,) if frozen else tuple(_chosen(letter, about, file))
    known = [m for m in file.directory.of(agency) if m.id not in avoided]
    mine = [m for name in wanted for m in known if m.id == name]
    if letter is Letter.CANCELLATION:
        return next((_at(mailbox) for mailbox in mine), Held("no_mailbox"))
    asked = file.presence.choices(agency, topics_of(letter, about, file.case), avoided)[:1]
    others = file.presence.deputies(agency, avoided | {m.id for m in asked})
    return next((_at(mailbox) for mailbox in (*mine, *others)), Held("no_mailbox"))


def _chosen(letter: Letter, about: str, file: File) -> Iterator[str]:
    """Which deputy: the one who was asked already for this time, or to whom the invitee passed the invitation on."""
    if letter is not Letter.CHASER:
        yield from _asked_deputies(about, file)
    seat = file.case.seat(about.removesuffix("/deputy"))
    if seat and seat.delegate and letter is not Letter.CANCELLATION:
        yield seat.delegate


def _asked_deputies(about: str, file: File) -> Iterator[str]:
    """The deputies who were asked to come for a seat, the newest first."""
    asked = f"deputy:{about.removesuffix('/deputy')}:"
    yield from (mailbox for key, mailbox in reversed(tuple(file.went.items())) if key.startswith(asked))


def _entry_in(letter: Letter, about: str, file: File) -> Iterator[str]:
    """Whose calendar has the entry of a seat: what changes it, or takes it out, goes there."""
    if letter in (Letter.INVITATION, Letter.CANCELLATION):
        sent = (f"invitation:{about}", f"invitation:{about}:")
        yield from (m for key, m in reversed(tuple(file.went.items())) if key == sent[0] or key.startswith(sent[1]))


def _uninvited(about: str, agency: str, file: File, frozen: str) -> Recipient | Held:
    """The mailbox of those who are shut out in whose calendar the meeting stands, and nobody else."""
    letter = Letter.CHASER if about.endswith("/deputy") else Letter.INVITATION
    out = file.presence.avoided(file.case.spocs_shut_out)
    theirs = [m for m in file.directory.of(agency) if file.case.shuts_out(agency) or m.id in out]
    asked = _asked_deputies(about, file) if letter is Letter.CHASER else _entry_in(letter, about, file)
    wanted = (frozen,) if frozen else tuple(asked)
    found = (m for name in wanted for m in theirs if m.id == name)
    return next((_at(mailbox) for mailbox in found), Held("no_mailbox"))


def _at(mailbox: Mailbox) -> Recipient:
    return Recipient(mailbox.address.text, mailbox.id, mailbox.agency, mailbox.transports)


def _kept_back(letter: Letter, case: Case) -> Held | None:
    """Asked at the sealing and again right before the wire: the referrer may have said so in between."""
    if not case.referrer.may_mail:
        return Held("do_not_write")
    withheld = case.feedback is Feedback.WITHHELD and letter in (Letter.OUTCOME, Letter.NEWS)
    return Held("withheld") if withheld else None


def _agency(letter: Letter, about: str, agency: str, file: File, frozen: str) -> Recipient | Held:
    known = file.directory.of(agency)
    avoided = frozenset() if letter is Letter.RECALL else file.presence.avoided(file.case.spocs_shut_out)
    allowed = [m for m in known if m.id not in avoided]
    wanted = [frozen] if frozen else [*_of_leg(letter, about, file), *_entry_in(letter, about, file)]
    mailbox = next((m for name in wanted for m in allowed if m.id == name), None)
    if mailbox is None:
        mailbox = next(iter(_choices(letter, about, agency, file, avoided)), None)
    if mailbox:
        return Recipient(mailbox.address.text, mailbox.id, agency, mailbox.transports)
    if known and letter is Letter.DEPUTY:
        return Held("no_deputy")
    return Held(NO_OTHER if known else "no_mailbox")


def _of_leg(letter: Letter, about: str, file: File) -> Iterator[str]:
    """Where what is written about a leg goes: after its packet, to whoever was asked last."""
    leg = about.partition("/")[0]
    if letter in (Letter.PACKET, Letter.DEPUTY) or letter not in ABOUT_LEG:
        return
    deputy, packets = f"deputy:{leg}", [m for key, m in file.went.items() if f"{key}:".startswith(f"packet:{leg}:")]
    if deputy in file.went and (letter not in _TO_BOTH or about.endswith("/deputy")):
        yield file.went[deputy]
    yield from reversed(packets)


def _choices(letter: Letter, about: str, agency: str, file: File, avoided: frozenset[str]) -> tuple[Mailbox, ...]:
    if letter is not Letter.DEPUTY:
        return file.presence.choices(agency, topics_of(letter, about, file.case), avoided)
    has_it = {m for key, m in file.went.items() if f"{key}:".startswith(f"packet:{about}:")}
    return file.presence.deputies(agency, avoided | has_it)


def _referrer(file: File) -> Recipient | Held:
    for mailbox in file.directory.mailboxes:
        if mailbox.id == file.case.referrer.mailbox and not file.case.shuts_out(mailbox.agency):
            return Recipient(mailbox.address.text, mailbox.id, mailbox.agency, mailbox.transports)
    if not file.case.referrer.replyable:
        return Held("no_address")
    given = file.referral.referrer.get("mail", "") if file.referral else ""
    written = [_address(text) for text in (json.loads(file.contact_mail or b"{}").get("from"), given) if text]
    known = [address for address in written if address]
    safe = [address for address in known if not _reaches_those_shut_out(address, file)]
    if safe:
        return Recipient(safe[0].text)
    return Held(SHUT_OUT if known else "no_address")


def _address(text: str) -> Address | None:
    try:
        return Address(text)
    except AddressRefused:
        return None


def _reaches_those_shut_out(address: Address, file: File) -> bool:
    """Whether an agency that is shut out could read what is sent there: its mailbox, or its own domain."""
    theirs = [m for m in file.directory.mailboxes if file.case.shuts_out(m.agency)]
    return any(address == m.address or address.domain in m.domains for m in theirs)
