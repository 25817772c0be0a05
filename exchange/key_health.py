"""Key health: every night each certificate is tried, and whoever must renew one hears of it while it still works.

1. One run a day for a hub, on whichever node; what it does has ids of its own, so that a second run does nothing.
2. One that has never had a key is not broken, but not there yet: they are one task (going_live.py).
3. A mailbox is as well as the longest-lived certificate that its people have proved, for each kind that it lists: a
   renewed or a new one stops the warnings. Another that is sealed to beside it is somebody else's, or an old one that
   nobody has taken out: its end is told apart, until it is renewed or retired.
4. Warnings are 90, 30 and 7 days ahead, each once, sealed to a key that works: to the mailbox, its agency's deputies,
   and the desk. One that ends without them is the desk's to ring about, once, until it is mended.
5. With what people sign by S/MIME a mailbox stands as with its keys: after its end their answers prove nothing. It is
   told apart only where it is not the certificate that is sealed to as well.
6. Nothing here decides by which transport a letter goes (ways.py): a key that cannot be used is passed over there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from exchange import going_live
from exchange.case.effect import Letter, OpenTask, SendLetter, TaskKind
from exchange.case.mailbox import Directory, Mailbox, MailboxRole
from exchange.case.rules import Rules
from exchange.enrolling import SIGNATURE
from exchange.hub import Hub
from exchange.key_letters import NAMED_BY, OF_TRANSPORT
from exchange.keyroom import Keyroom
from exchange.of_no_case import (
    NO_CASE,
    Draft,
    Kind,
    as_it_stands,
    ask_for,
    mailbox_of,
    name_of,
    recipient_at,
    sender_of,
)
from exchange.pins import Pin, pin_of
from exchange.posting import Held, of_hub
from exchange.store import certificates, journal, outbox, profiles, tasks
from exchange.store.certificates import Kind as CertificateKind
from exchange.store.database import Transaction
from exchange.ways import OTHER_ADDRESS, way
from exchange.writing import Writer
from keys.directory import NOTICE_DAYS, NotUsable, Usable, usable
from keys.openpgp.certificate import Certificate
from keys.refusal import Refused
from templates.key_letters import KeyWarning

NIGHT = time(3)  # on the hub's wall: after it the day's run is due, whenever a worker is there for it
OF_KEYS = (TaskKind.KEY_ENDS, TaskKind.KEY_UNUSABLE)
_PROBE = b"A trial: can this certificate be sealed to?\n"


@dataclass(frozen=True, slots=True)
class Tried:
    """A certificate as it was found."""

    pin: Pin
    in_use: bool  # False: proved, and held for a day
    why: str  # it cannot be used; "" when it can
    until: datetime | None  # None: it never ends
    addresses: tuple[str, ...] = field(default=(), repr=False)  # that it names
    signs_only: bool = False  # it is never sealed to
    signs_until: datetime | None = None  # of S/MIME: until when what it signs is believed; None: it signs nothing

    def at(self, mailbox: Mailbox) -> Tried:
        """As it is for this mailbox."""
        other = self.pin.outlived_by(mailbox.address_since) and mailbox.address.text not in self.addresses
        return replace(self, why=OTHER_ADDRESS) if other and not self.why else self


@dataclass(frozen=True, slots=True)
class Standing:
    """How a mailbox stands with one kind of certificate, or with what its people sign by it."""

    mailbox: Mailbox
    kind: CertificateKind
    why: str  # nothing can be sealed to it today, or nothing that it signs is believed; "" when it can
    best: Tried | None  # the one that lasts longest
    task: TaskKind = TaskKind.KEY_ENDS  # what the desk is asked: of another beside the best, of what they sign

    @property
    def of(self) -> str:
        """What it is about, beside the mailbox."""
        if self.task is TaskKind.ONE_KEY_ENDS and self.best:
            return self.best.pin.fingerprint[:NAMED_BY]
        return SIGNATURE if self.task is TaskKind.SIGNATURE_ENDS else self.kind

    def mark(self, now: datetime) -> int | None:
        """The latest of the 90, 30 and 7 day marks that has been passed."""
        if self.why or self.best is None or self.best.until is None:
            return None
        left = self.best.until - now
        return min((days for days in NOTICE_DAYS if left <= timedelta(days=days)), default=None)


async def tried(hub: Hub, keyroom: Keyroom, agency: str | None = None) -> tuple[Tried, ...]:
    """Every certificate that was proved (of one agency, when given), tried now: by its own dates, and by sealing
    something to it."""
    now = hub.clock.now()
    async with hub.database.reading(hub.scope()) as tx:
        pinned = [c for c in await certificates.known(tx, agency) if c.live_at is not None]
    found = []
    for one in pinned:
        pin = await pin_of(hub, one)
        verdict = await _try(pin, keyroom, now)
        until = verdict.until if isinstance(verdict, Usable) else None
        why = verdict.why if isinstance(verdict, NotUsable) else ""
        itself = await keyroom.described(pin)
        signs_only = not isinstance(itself, Certificate) and itself.signs_only
        signs = not isinstance(itself, Certificate) and itself.can_sign and (signs_only or not itself.why_never)
        in_use = one.live_at is not None and one.live_at <= now
        until_when = itself.expires if signs else None
        found.append(Tried(pin, in_use, why, until, itself.addresses, signs_only, until_when))
    return tuple(found)


async def _try(pin: Pin, keyroom: Keyroom, now: datetime) -> Usable | NotUsable:
    try:
        certificate = await keyroom.usable(pin, now)
        if isinstance(certificate, NotUsable):
            return certificate
        await keyroom.seal(_PROBE, certificate, now)
    except Refused:
        return NotUsable("not_sealed")
    return usable(certificate, now)


def standings(directory: Directory, found: Iterable[Tried]) -> Iterator[Standing]:
    """Each mailbox with each kind of certificate that its transports need."""
    known = tuple(found)
    for mailbox in directory.mailboxes:
        for kind in dict.fromkeys(OF_TRANSPORT[t] for t in mailbox.transports if t in OF_TRANSPORT):
            yield standing_of(mailbox, kind, known)


def standing_of(mailbox: Mailbox, kind: CertificateKind, found: Iterable[Tried]) -> Standing:
    """How one mailbox stands with one kind."""
    mine = [t for t in found if t.pin.kind is kind and t.pin.agency == mailbox.agency]
    mine = [t.at(mailbox) for t in mine if t.pin.mailbox in ("", mailbox.id) and not t.signs_only]
    good = [t for t in mine if not t.why]
    best = max(good, key=lambda t: (t.until is None, t.until.timestamp() if t.until else 0.0), default=None)
    why = "" if any(t.in_use for t in good) else next((t.why for t in mine if t.why), "no_key")
    return Standing(mailbox, kind, why, best)


def signing_of(mailbox: Mailbox, found: Iterable[Tried], now: datetime) -> Standing | None:
    """How a mailbox stands with what its people sign by S/MIME; None where they do not, or hear of it anyway, because
    that is the certificate that is sealed to."""
    known = tuple(found)
    ends = [(t.signs_until, t) for t in known if t.signs_until and t.pin.agency == mailbox.agency]
    ends = [(until, t) for until, t in ends if t.pin.mailbox in ("", mailbox.id)]
    if not ends:
        return None
    until, best = max(ends, key=lambda one: one[0])
    if CertificateKind.SMIME in {OF_TRANSPORT.get(t) for t in mailbox.transports}:
        sealing = standing_of(mailbox, CertificateKind.SMIME, known)
        if (sealing.best and sealing.best.pin == best.pin) or (sealing.why and not best.signs_only):
            return None
    why = "" if now < until else "key_expired"
    return Standing(mailbox, CertificateKind.SMIME, why, replace(best, until=until), TaskKind.SIGNATURE_ENDS)


def others_of(mailbox: Mailbox, found: Iterable[Tried]) -> Iterator[Standing]:
    """Each certificate that is sealed to beside the one that lasts longest, or was until it ended."""
    known = tuple(found)
    for one in standings(Directory((mailbox,)), known):
        mine = [t for t in known if t.pin.kind is one.kind and t.pin.agency == mailbox.agency and t.in_use]
        mine = [t.at(mailbox) for t in mine if t.pin.mailbox in ("", mailbox.id) and not t.signs_only]
        own = [t for t in mine if t.pin.mailbox]
        for other in own or mine:
            beside = one.best is not None and not one.why and other.pin != one.best.pin
            if beside and other.why in ("", "key_expired"):
                yield Standing(mailbox, one.kind, other.why, other, TaskKind.ONE_KEY_ENDS)


async def ring_about(hub: Hub, keyroom: Keyroom, agency: str) -> None:
    """Have somebody ring about every mailbox of an agency to which nothing can be sealed by one of its transports."""
    found = await tried(hub, keyroom, agency)
    async with hub.database.transaction(hub.scope()) as tx:
        opened = {t.key for t in await tasks.pending(tx, NO_CASE)}
        mine = Directory(tuple(m for m in (await hub.directory(tx)).mailboxes if m.agency == agency))
        for one in standings(mine, found):
            if one.why and _task(TaskKind.KEY_UNUSABLE, one) not in opened:
                await _ring(hub, tx, one)


async def _ring(hub: Hub, tx: Transaction, one: Standing) -> None:
    now, kind = hub.clock.now(), TaskKind.KEY_UNUSABLE if one.task is TaskKind.KEY_ENDS else one.task
    facts = {"mailbox": one.mailbox.id, "of": one.of, "code": one.why}
    await journal.note(tx, journal.LETTERS, "KeyUnusable", now, hub.chance.id(), **facts)
    await tasks.open_(tx, NO_CASE, OpenTask(_task(kind, one), kind, f"{one.why}:{one.mailbox.id}", now), now)


class KeyWarnings(Kind):
    """Tries every certificate each night, and writes the warnings."""

    letter = Letter.KEY_WARNING

    def __init__(self, hub: Hub, keyroom: Keyroom, writer: Writer) -> None:
        self._hub, self._keyroom, self._writer = hub, keyroom, writer
        self._ran: date | None = None

    async def ask(self) -> None:
        """The day's run, if it is due and nobody has done it."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            standing = await as_it_stands(hub, tx)
            if standing is None:
                return
            rules, directory = standing
            at = now.astimezone(rules.calendar.zone)
            day = at.date() if at.time() >= NIGHT else at.date() - timedelta(days=1)
            if self._ran == day or await journal.has(tx, _id(hub, "tried", day.isoformat())):
                self._ran = day
                return
        await self._run(directory, day, now)
        self._ran = day

    async def _run(self, directory: Directory, day: date, now: datetime) -> None:
        """Say what is to be said of every mailbox; the line of the day comes last, so that a run that broke is done
        again."""
        hub = self._hub
        found = await tried(hub, self._keyroom)
        async with hub.database.transaction(hub.scope()) as tx:
            missing = await going_live.keyless(tx, directory)
            await going_live.told(hub, tx, missing)
        listed = tuple(one for one in standings(directory, found) if (one.mailbox.id, one.kind) not in missing)
        apart = [s for m in directory.mailboxes if (s := signing_of(m, found, now))]
        apart += [s for m in directory.mailboxes for s in others_of(m, found)]
        asked = {_task(kind, one) for kind in OF_KEYS for one in listed}
        opened = await self._opened(asked | {_task(one.task, one) for one in apart})
        for standing in (*listed, *apart):
            async with hub.database.transaction(hub.scope()) as tx:
                told = self._told if standing.task is TaskKind.KEY_ENDS else self._told_apart
                await told(tx, standing, directory, opened, now)
        broken = sorted(t.pin.fingerprint for t in found if t.why and not t.signs_only)
        async with hub.database.transaction(hub.scope()) as tx:
            await journal.note_once(
                tx, journal.LETTERS, "KeysTried", now, _id(hub, "tried", day.isoformat()), day=day.isoformat(),
                tried=len(found), unusable=broken,
            )  # fmt: skip

    async def _opened(self, listed: set[str]) -> frozenset[str]:
        """The tasks about keys that are open; those of a mailbox or transport that is no more are closed."""
        hub = self._hub
        async with hub.database.transaction(hub.scope()) as tx:
            kinds = (*OF_KEYS, TaskKind.SIGNATURE_ENDS, TaskKind.ONE_KEY_ENDS)
            found = {t.key for t in await tasks.pending(tx, NO_CASE) if t.kind in kinds}
            for gone in found - listed:
                await tasks.close(tx, NO_CASE, gone, hub.clock.now())
        return frozenset(found & listed)

    async def _told(
        self, tx: Transaction, one: Standing, directory: Directory, opened: frozenset[str], now: datetime
    ) -> None:
        """Ring about what cannot be used, once, until it is mended; warn of what ends."""
        ends, over, mark = _task(TaskKind.KEY_ENDS, one), _task(TaskKind.KEY_UNUSABLE, one), one.mark(now)
        if one.why and over not in opened:
            await _ring(self._hub, tx, one)
        if not one.why:
            await tasks.close(tx, NO_CASE, over, now)
        if mark is None or one.best is None or one.best.until is None:
            await tasks.close(tx, NO_CASE, ends, now)
        else:
            await self._warn(tx, one, one.best.pin, one.best.until, mark, directory)

    async def _told_apart(
        self, tx: Transaction, one: Standing, directory: Directory, opened: frozenset[str], now: datetime
    ) -> None:
        """One task from the first warning on, until it is mended."""
        ends, mark = _task(one.task, one), one.mark(now)
        if one.why and ends not in opened:
            await _ring(self._hub, tx, one)
        if mark and one.best and one.best.until:
            await self._warn(tx, one, one.best.pin, one.best.until, mark, directory)
        elif not one.why:
            await tasks.close(tx, NO_CASE, ends, now)

    async def _warn(
        self, tx: Transaction, one: Standing, pin: Pin, until: datetime, mark: int, directory: Directory
    ) -> None:
        """Ask for the letters and the task of one mark, once."""
        now, ends = self._hub.clock.now(), _task(one.task, one)
        said = _id(self._hub, "warned", ends, pin.fingerprint, until.isoformat(), str(mark))
        facts = {"mailbox": one.mailbox.id, "fingerprint": pin.fingerprint, "until": until.isoformat(), "days": mark}
        if not await journal.note_once(tx, journal.LETTERS, "KeyWarned", now, said, **facts):
            return
        for mailbox in _hear(one.mailbox, directory):
            which = "\0".join((mailbox.id, pin.fingerprint, until.isoformat(), str(mark)))
            key = f"{Letter.KEY_WARNING}:{hashlib.sha256(which.encode()).hexdigest()[:32]}"
            about = f"{mailbox.id}/{pin.fingerprint[:NAMED_BY]}"
            await ask_for(self._hub, tx, SendLetter(key, Letter.KEY_WARNING, about))
        ask = OpenTask(ends, one.task, f"{Letter.KEY_WARNING}:{one.mailbox.id}", until)
        await tasks.open_(tx, NO_CASE, ask, now)

    async def draft(self, row: outbox.Row) -> Draft | Held | None:
        """The warning, as the keys stand now; None when it is mended, or the certificate or mailbox is gone."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            _, rules = await profiles.current_rules(tx)
            known = await of_hub(hub, tx)
        directory, reader = known.directory, mailbox_of(known.directory, row)
        found = await tried(hub, self._keyroom, reader.agency) if reader else ()
        named = row.about.partition("/")[2]
        ending = next((t for t in found if reader and _is(t, named, reader.agency)), None)
        if reader is None or ending is None:
            return None
        whose = next((m for m in directory.mailboxes if m.id == ending.pin.mailbox), reader)
        one = _ends(whose, ending.pin, found, now)
        if one is None:
            return None
        by = await way(Letter.KEY_WARNING, recipient_at(reader), known, self._keyroom, now)
        if isinstance(by, Held):
            return by
        told = self._letter(rules, reader, one, now, sealed=by.transport is not None)
        return Draft(told, by, self._writer.addresses.make("hub", row.id))

    def _letter(self, rules: Rules, reader: Mailbox, of: Standing, now: datetime, *, sealed: bool) -> KeyWarning:
        assert of.best is not None and of.best.until is not None  # noqa: S101, PT018 - the caller looked
        return KeyWarning(
            sender_of(rules), name_of(rules, reader.agency), of.mailbox.address.text if sealed else "",
            of.best.pin.fingerprint, of.best.until, now, deputy=of.mailbox is not reader,
            signs=of.task is TaskKind.SIGNATURE_ENDS, beside=of.task is TaskKind.ONE_KEY_ENDS,
        )  # fmt: skip


def _ends(mailbox: Mailbox, pin: Pin, found: tuple[Tried, ...], now: datetime) -> Standing | None:
    """In what way the end of this certificate is to be told, if it still is."""
    signing = signing_of(mailbox, found, now)
    every = (standing_of(mailbox, pin.kind, found), *others_of(mailbox, found), *((signing,) if signing else ()))
    return next((one for one in every if one.mark(now) is not None and one.best and one.best.pin == pin), None)


def _is(found: Tried, named: str, agency: str) -> bool:
    return found.pin.agency == agency and found.pin.fingerprint.startswith(named)


def _task(kind: TaskKind, one: Standing) -> str:
    """The one task of its kind about a mailbox and its certificates."""
    return f"{kind}:{one.mailbox.id}:{one.kind}"


def _hear(mailbox: Mailbox, directory: Directory) -> tuple[Mailbox, ...]:
    """Who hears of it: its own people, and the deputies of its agency."""
    deputies = directory.standing_by(mailbox.agency, MailboxRole.DEPUTY)
    return (mailbox, *(d for d in deputies if d.id != mailbox.id))


def _id(hub: Hub, *parts: str) -> str:
    """The id of a line that is written once, whoever writes it."""
    return hashlib.sha256("\0".join((hub.id, *parts)).encode()).hexdigest()[:32]
