"""Contacting: a concern in whatever channel becomes the event that begins a case, with its content.

Used by mail, web form, API and telephone entry alike: there is no second door.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from exchange import attachments, colleagues, consulted, content
from exchange.attachments import Taken
from exchange.case.event import ContactReceived
from exchange.case.feedback import Contact as ToldBy
from exchange.case.feedback import ReferrerClass, class_of_source, forbids_mail, safe_contact
from exchange.case.in_part import as_written, read_in_part
from exchange.case.mailbox import Address, AddressRefused, Directory, Mailbox
from exchange.case.referral import Referral, ReferralRefused, present, subject_codes
from exchange.case.rules import Rules
from exchange.case.sealed import Signed
from exchange.case.state import Case, ReferrerCodes
from exchange.hub import Also, Hub
from exchange.pins import Pin, Pins
from exchange.store import matching
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.tokens import LIKELY, subject_tokens

if TYPE_CHECKING:  # what reads mail takes a while to load, and most commands read none
    from mailflow.evidence import Evidence
    from mailflow.interpret import Wrote

HELD = "Everything else was taken: ask whoever wrote it, and correct it on this page"
_NOBODY = frozenset({"no", "none", "nobody", "no one", "n a", "na", "not applicable"})  # how people write a blank


@dataclass(frozen=True, slots=True)
class Contact:
    """A concern, ready to be recorded."""

    channel: str
    securely: bool
    referrer: ReferrerCodes
    referral: Referral | None = field(default=None, repr=False)
    parts: content.Parts = field(default_factory=dict, repr=False)
    since: datetime | None = None  # when they rang, if that was before it is recorded
    by_hand: bool = False  # the referral was read from a form that somebody filled in
    locked: str = ""  # the mail, when a file in it wants a password
    files: tuple[Taken, ...] = field(default=(), repr=False)  # that came with it by form


@dataclass(frozen=True, slots=True)
class Lodged:
    """What was recorded."""

    case_id: str
    reference: str
    recorded: Recorded


async def lodge(hub: Hub, contact: Contact, cause: str, *, actor: str = "system", also: Also | None = None) -> Lodged:
    """Record a contact, once per cause, and index its subjects."""
    wanted, rules = await hub.rules()
    case_id, now = hub.chance.id(), hub.clock.now()
    referral = contact.referral
    restricted, unsettled = await kept_from(hub, referral, rules) if referral else ((), False)
    event = ContactReceived(
        at=now,
        case=case_id,
        hub=hub.id,
        reference=hub.chance.reference(rules.prefix),
        rules=wanted,
        channel=contact.channel,
        securely=contact.securely,
        referrer=contact.referrer,
        subjects=subject_codes(referral, now.astimezone(rules.calendar.zone).date()) if referral else (),
        fields=present(referral) if referral else (),
        danger=bool(referral and referral.concern.get("immediate_danger") == "yes"),
        restricted=restricted,
        unsettled=unsettled,
        since=contact.since,
        by_hand=contact.by_hand,
        locked=contact.locked,
        files=attachments.codes(hub, contact.files),
    )
    parts = {**contact.parts, **(content.parts_of(referral) if referral else {}), **attachments.parts(contact.files)}

    async def with_index(tx: Transaction, recorded: Recorded) -> None:
        if referral and not recorded.again:
            named = consulted.tokens(hub.index_secret, referral)
            await matching.put(tx, case_id, (*subject_tokens(hub.index_secret, referral), *named))
        if not recorded.again:
            whose = colleagues.tokens(hub.index_secret, contact.referrer, _address(contact))
            await matching.put(tx, case_id, whose)
        if also is not None:
            await also(tx, recorded)

    recorded = await hub.record(case_id, event, cause, parts, actor=actor, also=with_index)
    return Lodged(recorded.case.id, recorded.case.reference, recorded)


def _address(contact: Contact) -> str:
    """Where the referrer can be written to at work: as they say, or the proved sender of a mail; ""."""
    if contact.referral and (said := contact.referral.referrer.get("mail", "")):
        return said
    mail = contact.parts.get(content.MAIL)
    return str(json.loads(mail)["from"]) if mail and contact.referrer.replyable else ""


async def kept_from(hub: Hub, referral: Referral, rules: Rules) -> tuple[tuple[str, ...], bool]:
    """(agencies that must not see it, whether a person must settle who else must not): as the referrer says; and
    settled it must be where somebody like these is in a case that is kept from an agency. Which, nobody is told."""
    named, unsettled = named_to_keep_out(referral, rules)
    tokens = [t.token for t in subject_tokens(hub.index_secret, referral)]
    async with hub.database.reading(hub.scope()) as tx:
        return named, unsettled or await matching.is_kept_from_an_agency(tx, tokens, LIKELY)


def named_to_keep_out(referral: Referral, rules: Rules) -> tuple[tuple[str, ...], bool]:
    """(agencies that the referrer says must not see it, whether a person must settle whom else they meant).

    An agency counts as named by its name or id, or by what it does; one that is only part of what was written is shut
    out too, and a person reads the rest: a name we do not know must never mean "nobody".
    """
    written = referral.referrer.get("keep_from", "")
    named = [words for part in re.split(r"[,;\n]", written) if (words := _plain(part)) and words not in _NOBODY]
    found: list[str] = []
    settled = True
    for words in named:
        whole = [a.id for a in rules.agencies if words in {_plain(a.id), _plain(a.name), *map(_plain, a.functions)}]
        settled = settled and bool(whole)
        found += whole or [a.id for a in rules.agencies if f" {_plain(a.name)} " in f" {words} "]
    return tuple(dict.fromkeys(found)), not settled


def _plain(text: str) -> str:
    """As it may be typed: any case, without marks."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def referrer_from(referral: Referral, **more: object) -> ReferrerCodes:
    """The codes of whoever filled in a referral."""
    source = referral.referrer.get("source", "")
    contact, may_mail = safe_contact(referral.referrer)
    codes = ReferrerCodes(
        referrer_class=class_of_source(source),
        source=source,
        replyable=_is_address(referral.referrer.get("mail", "")),
        contact=contact,
        may_mail=may_mail,
        telephone=bool(referral.referrer.get("telephone")),
    )
    return replace(codes, **more)  # type: ignore[arg-type]


def _is_address(text: str) -> bool:
    try:
        Address(text)
    except AddressRefused:
        return False
    return True


def contact_from_mail(e: Evidence, wrote: Wrote, mail_id: str, directory: Directory, pins: Pins) -> Contact:
    """A contact that came by mail: structured when it holds a referral we can read, otherwise for a person."""
    sender = _proved_mailbox(e, directory, pins)
    forged = _forged(e, directory) if sender is None else ""
    proved = sender is not None or bool(e.authenticity.aligned_domain)
    address = e.mail.from_addresses[0] if len(e.mail.from_addresses) == 1 else ""
    mail = {
        "inbox": mail_id,
        "from": address,
        "message_id": e.mail.message_id,
        "oddities": list(e.content.oddities),
        "not_opened": e.not_opened or e.content.unreadable,
        "alike": e.alike,
        "unproved": not proved,
        "forged": forged,
    }
    referral, problems, held = _referral(wrote) if not forged else (None, list(wrote.problems), False)
    mail["problems"] = problems
    parts = {content.MAIL: json.dumps(mail).encode(), content.WORDS: wrote.text.encode()}
    codes = ReferrerCodes(ReferrerClass.PROFESSIONAL if sender else ReferrerClass.PUBLIC, "")
    if referral:
        codes = referrer_from(referral)
    elif forbids_mail(wrote.text):  # a person reads it before anything is written to this address
        codes = replace(codes, contact=ToldBy.TELEPHONE, may_mail=False)
    codes = replace(
        codes,
        mailbox=sender.id if sender else "",
        replyable=proved and _is_address(address),
        # RFC 3834 2: no machine's mail is answered by a machine, no list's, and nothing that goes round in circles.
        proved=proved and e.answerable and not (e.automatic or e.looped),
    )
    return Contact(
        "mail", e.sealed or bool(e.not_opened), codes, referral, parts, by_hand=wrote.by_hand or held,
        locked=mail_id if wrote.locked else "",
    )  # fmt: skip


def referrer_addresses(case: Case, bodies: list[tuple[str, bytes]], directory: Directory) -> tuple[str, ...]:
    """The addresses that are the referrer's own, as far as the case says: of their mailbox, of the mail that began
    it, and the one that they gave."""
    found = [m.address.text for m in directory.mailboxes if m.id == case.referrer.mailbox]
    first = (
        next((plain for name, plain in bodies if name == content.MAIL), b"{}") if case.channel == "mail" else b"{}"
    )
    referral = content.referral_from(bodies)
    found += [json.loads(first).get("from", ""), referral.referrer.get("mail", "") if referral else ""]
    return tuple(dict.fromkeys(one.lower() for one in found if one))


def _proved_mailbox(e: Evidence, directory: Directory, pins: Pins) -> Mailbox | None:
    if isinstance(e.signer, Signed) and pins.agency_of(e.signer.fingerprint):
        return _mailbox_of(pins.known[e.signer.fingerprint], directory)
    if not e.authenticity.aligned_domain:
        return None
    return next((m for m in directory.mailboxes if m.address.text in e.mail.from_addresses), None)


def _forged(e: Evidence, directory: Directory) -> str:
    """The domain it says it is from, where that is one of those we work with and its own policy disowns the mail
    (RFC 7489): then nobody is asked before a person has read it. Anybody else's mail is as the public form is."""
    known = {d.lower() for m in directory.mailboxes for d in (*m.domains, m.address.domain)}
    domain = e.authenticity.from_domain.lower()
    disowned = e.authenticity.dmarc == "fail" and not e.authenticity.aligned_domain
    return domain if disowned and domain in known else ""


def _mailbox_of(pin: Pin, directory: Directory) -> Mailbox | None:
    of = directory.of(pin.agency)
    return next((m for m in of if m.id == pin.mailbox), next(iter(of), None))


def _referral(wrote: Wrote) -> tuple[Referral | None, list[str], bool]:
    """The referral, what of it could not be read, and whether some of it is held as it was written."""
    problems = list(wrote.problems)
    if wrote.data is None:
        return None, problems, False
    try:
        referral, held = read_in_part(wrote.data)
    except ReferralRefused as refused:
        return None, [*(as_written(wrote.data, p) for p in refused.problems), *problems], False
    return referral, [*(f"{as_written(wrote.data, p)}. {HELD}" for p in held), *problems], bool(held)
