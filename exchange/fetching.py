"""Fetching: a letter that waits here is read by whoever has the one-time code, while it is theirs to read.

1. Looking changes nothing and tells nothing, however often it is done.
2. Before a code is sent, and before the letter is shown, it is asked again who may have it: as at the gate.
3. A code that cannot be sent is a task at once: what carries codes carries those of all.
4. The first reading is an event of the case; it acknowledges nothing.
5. A code belongs to the contact that it went to, and opens nothing once that is nobody's contact any more. So does a
   passkey, which whoever comes often makes while a letter is open: it opens what waits for that contact's mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from exchange import one_time
from exchange.case.concluding import SHUT_OUT
from exchange.case.delivery import News
from exchange.case.effect import ABOUT_LEG, TO_REFERRER, Letter, OpenTask, TaskKind
from exchange.case.event import LetterNews, PacketNews
from exchange.case.lateral_check import Recall
from exchange.case.mailbox import Transport
from exchange.code_sending import Code, CodeSender
from exchange.fetched_letter import FetchedLetter
from exchange.hub import Hub
from exchange.packing import bound, to_fetch
from exchange.posting import File, Held, Known, file_of, of_hub, recipient
from exchange.safe import Forgotten, digest
from exchange.store import casebook, guesses, outbox, pickups, profiles, tasks
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.store.pickups import Waiting
from exchange.ways import contacts
from templates.addressed import Sender

log = structlog.get_logger()


class Standing(StrEnum):
    """Whether it can be fetched."""

    WAITS = "waits"
    TAKEN_BACK = "taken_back"  # recalled, withdrawn, or its mailbox may not have it any more
    OVER = "over"  # its time has ended, or its bytes are disposed of


class Sent(StrEnum):
    """What became of a code that was asked for."""

    SENT = "sent"
    JUST_SENT = "just_sent"  # one is on its way already
    TOO_MANY = "too_many"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Found:
    """A letter that waits, or waited."""

    row: outbox.Row
    waiting: Waiting
    reference: str  # of the case; "" for a letter of the hub itself
    agency: str
    contacts: tuple[str, ...] = field(repr=False)  # where codes may go
    standing: Standing
    sender: Sender  # the hub, as its letters show it


async def find(hub: Hub, letter_id: str) -> Found | None:
    """The letter of this id as it stands; None when none of it ever waited. Raises ShutOut for an agency that must
    not see the case."""
    async with hub.database.reading(hub.scope()) as tx:
        row, waiting = await outbox.load(tx, letter_id), await pickups.find(tx, letter_id)
        if row is None or waiting is None:
            return None
        file = await file_of(hub, tx, row.case_id, Letter(row.letter)) if row.case_id else None
        known: Known = file or await of_hub(hub, tx)
        _, rules = await profiles.current_rules(tx)
    mailbox = next((m for m in known.directory.mailboxes if m.id == waiting.mailbox), None)
    standing = _standing(row, waiting, file) if file else Standing.WAITS
    if mailbox is None or row.form != Transport.PICKUP or row.state == "withdrawn":
        standing = Standing.TAKEN_BACK
    if standing is Standing.WAITS and (row.blob is None or waiting.until <= hub.clock.now()):
        standing = Standing.OVER
    to = contacts(mailbox, known.day, known.codes_by) if mailbox else ()
    return Found(
        row, waiting, file.case.reference if file else "", mailbox.agency if mailbox else "", to, standing,
        Sender(rules.name, rules.telephone, rules.duty_telephone, rules.calendar.timezone),
    )  # fmt: skip


def _standing(row: outbox.Row, waiting: Waiting, file: File) -> Standing:
    """Whether the case still lets this mailbox have it."""
    letter = Letter(row.letter)
    to = recipient(letter, row.about, file, waiting.mailbox)
    if isinstance(to, Held) and to.why == SHUT_OUT:
        raise casebook.ShutOut("no such case", file.case.id, waiting.mailbox)
    moved = isinstance(to, Held) or (to.mailbox != waiting.mailbox and letter not in TO_REFERRER)
    if moved or _is_recalled(letter, row, file):
        return Standing.TAKEN_BACK
    return Standing.WAITS


def _is_recalled(letter: Letter, row: outbox.Row, file: File) -> bool:
    leg = file.case.leg(row.about.partition("/")[0]) if letter in ABOUT_LEG else None
    return leg is not None and leg.recall is not Recall.NONE


async def send_code(hub: Hub, found: Found, contact: str, sender: CodeSender, secret: bytes) -> Sent:
    """A new one-time code to one of the letter's contacts."""
    now, letter = hub.clock.now(), found.row.id
    code, until = one_time.make(hub.chance), now + one_time.LIFETIME
    async with hub.database.transaction(hub.scope()) as tx:
        last = await pickups.find(tx, letter, lock=True)
        if last and last.code_until and last.code_until - one_time.LIFETIME + one_time.PAUSE > now:
            return Sent.JUST_SENT
        if await guesses.tried(tx, _asked(letter)) >= one_time.MOST_CODES:
            task = OpenTask(f"codes:{letter}", TaskKind.CODES, found.row.about.partition("/")[0], now)
            await tasks.open_(tx, found.row.case_id, task, now)
            return Sent.TOO_MANY
        await guesses.wrong(tx, _asked(letter), now + guesses.A_YEAR)
        await pickups.set_code(tx, letter, one_time.kept(secret, _of(letter, contact), code), until)
    sent = await sender.send(Code(contact, code, until, found.sender, now, hub.chance.id()))
    async with hub.database.transaction(hub.scope()) as tx:
        if sent:
            await tasks.close(tx, "", TaskKind.CODES_FAIL, now)
        else:
            log.warning("one-time code not sent", mailbox=found.waiting.mailbox)
            await pickups.used(tx, letter)
            task = OpenTask(TaskKind.CODES_FAIL, TaskKind.CODES_FAIL, found.waiting.mailbox, now)
            await tasks.open_(tx, "", task, now)  # one, whosever code it was: what carries them is the hub's
    return Sent.SENT if sent else Sent.FAILED


def _asked(letter: str) -> str:
    """Under which name it is counted how many codes were asked for since the letter was last opened."""
    return f"one-time/{letter}"


def _of(letter: str, contact: str) -> str:
    """Rule 5: what a code is for."""
    return f"{letter}\0{contact}"


def whose_passkeys(hub: Hub, found: Found) -> dict[str, str]:
    """The contacts to whom this letter may be shown, by the id under which their passkeys are kept."""
    secret, box = hub.safe.derive("pickup-passkeys"), found.waiting.mailbox
    return {digest(secret, f"{box}\0{contact}")[:40]: contact for contact in found.contacts}


async def opened(hub: Hub, found: Found, typed: str, secret: bytes) -> str:
    """The contact whose code this is; then it is used up, and the letter is fetched. "" for a wrong one."""
    now, letter = hub.clock.now(), found.row.id
    async with hub.database.transaction(hub.scope()) as tx:
        waiting = await pickups.find(tx, letter, lock=True)
        contact = _whose(waiting, found, typed, secret) if waiting and (waiting.code_until or now) > now else ""
        if waiting is None or not contact:
            if waiting and waiting.code:
                await pickups.wrong(tx, letter)
            return ""
        await pickups.used(tx, letter)
        await guesses.forget(tx, _asked(letter))
    await fetched(hub, found)
    return contact


def _whose(waiting: Waiting, found: Found, typed: str, secret: bytes) -> str:
    if waiting.tries >= one_time.MOST_TRIES:
        return ""
    right = (c for c in found.contacts if one_time.is_right(secret, _of(waiting.letter, c), typed, waiting.code))
    return next(right, "")


async def fetched(hub: Hub, found: Found) -> None:
    """Somebody of the agency has opened it; the first time is told."""
    if found.waiting.fetched_at is None:
        await _fetched(hub, found)


async def _fetched(hub: Hub, found: Found) -> None:
    now, row = hub.clock.now(), found.row
    letter = Letter(row.letter)
    if not row.case_id:
        async with hub.database.transaction(hub.scope()) as tx:
            await pickups.fetched(tx, row.id, now)
            await tasks.close(tx, "", f"codes:{row.id}", now)
        return
    event: PacketNews | LetterNews = LetterNews(now, letter, row.about, News.FETCHED, transport=Transport.PICKUP)
    if letter is Letter.PACKET:
        event = PacketNews(now, row.about, News.FETCHED, transport=Transport.PICKUP)

    async def kept(tx: Transaction, _recorded: Recorded) -> None:
        await pickups.fetched(tx, row.id, now)
        await tasks.close(tx, row.case_id, f"codes:{row.id}", now)

    await hub.record(row.case_id, event, f"fetched:{row.id}:{row.attempts}", also=kept)


async def letter_of(hub: Hub, found: Found) -> FetchedLetter | None:
    """What is read; None once it is disposed of."""
    if found.row.blob is None:
        return None
    try:
        plain = await hub.safe.open(found.row.blob, bound(hub, found.row))
    except Forgotten:
        return None
    return FetchedLetter.read(to_fetch(plain.data))
