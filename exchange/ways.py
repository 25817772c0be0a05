"""Ways: by which of a mailbox's transports a letter goes, from the keys and the evidence as they stand now.

1. The first of the mailbox's own list that works today, or none: what is for an agency's eyes then does not go, and
   the desk rings. What was passed over, and why, is told with it.
2. A test of whether a mailbox is theirs goes as a packet would; where none may go yet, it is what proves the mailbox.
"""

from __future__ import annotations

from datetime import date, datetime

from exchange import one_time
from exchange.case.effect import OF_PRODUCTS, Letter
from exchange.case.mailbox import Directory, Mailbox, PassedOver, Transport
from exchange.keyroom import Keyroom
from exchange.pins import Pin
from exchange.posting import Held, Known, Recipient, Way
from exchange.store.certificates import Kind
from keys.directory import AnyCertificate, NotUsable
from keys.openpgp.certificate import Certificate

NOTICES = frozenset(  # they say nothing about anybody
    {Letter.REMINDER, Letter.STEPPED, Letter.INVITATION, Letter.CANCELLATION, Letter.CHASER, Letter.RECALL,
     Letter.LEAD, Letter.DIGEST, Letter.SAFELY, Letter.MAILBOX_MOVES, Letter.UNINVITED}
)  # fmt: skip
SEALED_ONLY = OF_PRODUCTS | {
    Letter.PACKET, Letter.DEPUTY, Letter.PAPERS, Letter.ACTION, Letter.UNQUALIFIED, Letter.MORE,
    Letter.CHALLENGE_REPLY, Letter.HAND_OVER, Letter.OUTCOME_ASKED, Letter.ACTION_CHASER, Letter.RECORD,
    Letter.ADDRESS, Letter.WORKER, Letter.DRILL, Letter.CORRECTED,
}  # fmt: skip
# What may wait on the pick-up page. Other letters to a referrer go as notices instead: who must fetch a receipt by a
# code sent to a telephone would rather not refer.
MAY_BE_FETCHED = SEALED_ONLY | {Letter.OUTCOME}
OTHER_ADDRESS = "key_other_address"
NOT_PROVED = "not_proved"  # nobody there has shown that it is theirs


async def way(letter: Letter, to: Recipient, file: Known, keyroom: Keyroom, now: datetime) -> Way | Held:
    """By which way it goes, down the mailbox's own list of transports and no further. A test goes as a packet would;
    where none may go yet, it is what proves the mailbox (owners.py)."""
    found = await _way(letter, to, file, keyroom, now)
    tests = letter is Letter.DRILL and isinstance(found, Held)
    return await _way(letter, to, file, keyroom, now, test=True) if tests else found


async def _way(
    letter: Letter, to: Recipient, file: Known, keyroom: Keyroom, now: datetime, *, test: bool = False
) -> Way | Held:
    if letter in NOTICES:
        return Way(to)
    passed: list[PassedOver] = []
    for transport in to.transports:
        if transport is Transport.PICKUP and letter not in MAY_BE_FETCHED:
            continue
        found = await usable(transport, to, file, keyroom, now, test=test)
        if not isinstance(found, str):
            also = await also_of(found, to, file, keyroom, now) if found else ()
            return Way(to, found, transport, tuple(passed), also)
        passed.append(PassedOver(transport, found))
    if letter in SEALED_ONLY:
        return Held(passed[0].why if passed else "no_transport", tuple(passed))
    return Way(to)


async def usable(
    transport: Transport, to: Recipient, file: Known, keyroom: Keyroom, now: datetime, *, test: bool = False
) -> AnyCertificate | str | None:
    """The certificate to seal to, None for a transport without one, or why this transport does not work today; for a
    `test` of whether the mailbox is theirs, whether or not they have proved it."""
    owned = test or to.mailbox in file.owned
    match transport:
        case Transport.OPENPGP | Transport.OPENPGP_ATTACHMENT:
            return await _certificate(to, Kind.OPENPGP, file, keyroom, now)
        case Transport.SMIME:
            return await _certificate(to, Kind.SMIME, file, keyroom, now)
        case Transport.TLS:
            return _unproved(to, file, now) or (None if owned else NOT_PROVED)
        case Transport.PICKUP:
            mailbox = next((m for m in file.directory.mailboxes if m.id == to.mailbox), None)
            if mailbox is None or not contacts(mailbox, file.day, file.codes_by):
                return "no_contact" if file.codes_by else "no_sender"
            return None if owned else NOT_PROVED


async def _certificate(
    to: Recipient, kind: Kind, file: Known, keyroom: Keyroom, now: datetime
) -> AnyCertificate | str:
    why = ""
    for pin in file.pins.opened_at(to.mailbox, to.agency, kind):
        found = await usable_at(pin, to.mailbox, file.directory, keyroom, now)
        if not isinstance(found, NotUsable):
            return found
        why = why or found.why
    return why or file.pins.why_none(to.mailbox, to.agency, kind)


async def also_of(
    first: AnyCertificate, to: Recipient, file: Known, keyroom: Keyroom, now: datetime
) -> tuple[AnyCertificate, ...]:
    """The other certificates of the same people: several of them may read one mailbox, each with a key of their own.
    Of the same kind, and of OpenPGP the same version; a mailbox's own, or where it has none, those of its whole
    agency."""
    kind = Kind.OPENPGP if isinstance(first, Certificate) else Kind.SMIME
    pins = list(file.pins.opened_at(to.mailbox, to.agency, kind))
    whose = next((pin.mailbox for pin in pins if pin.fingerprint == first.fingerprint), "")
    mine = [pin for pin in pins if pin.mailbox == whose and pin.fingerprint != first.fingerprint]
    found = [await usable_at(pin, to.mailbox, file.directory, keyroom, now) for pin in mine]
    return tuple(one for one in found if not isinstance(one, NotUsable) and _alike(one, first))


def _alike(one: AnyCertificate, first: AnyCertificate) -> bool:
    if isinstance(one, Certificate) and isinstance(first, Certificate):
        return one.profile == first.profile
    return type(one) is type(first)


async def usable_at(
    pin: Pin, mailbox: str, directory: Directory, keyroom: Keyroom, now: datetime
) -> AnyCertificate | NotUsable:
    """The certificate of this pin if what goes to the mailbox may be sealed to it: one that was brought while the
    mailbox had another address must name the present one."""
    found, at = await keyroom.usable(pin, now), next((m for m in directory.mailboxes if m.id == mailbox), None)
    if isinstance(found, NotUsable) or at is None or not pin.outlived_by(at.address_since):
        return found
    return found if at.address.text in found.addresses else NotUsable(OTHER_ADDRESS)


def _unproved(to: Recipient, file: Known, now: datetime) -> str:
    """Why mail may not go readable, over TLS, to the servers of this domain; "" when it may."""
    found = file.evidence.get(to.address.rpartition("@")[2])
    if found is None:
        return "no_evidence"
    return "" if found.holds(now) else "evidence_over"


def contacts(mailbox: Mailbox, day: date, codes_by: str) -> tuple[str, ...]:
    """Where one-time codes for this mailbox may go on this day, as far as we can carry them."""
    carried = one_time.CARRIES.get(codes_by, one_time.nothing)
    return tuple(contact for contact in mailbox.codes_to(day) if carried(contact))
