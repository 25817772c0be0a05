"""Dispatch: the loop that writes, seals and keeps each letter asked for, then sends the very bytes it kept.

1. Sealed bytes are kept before the first attempt; every retry sends them again, with the same Message-ID.
2. A letter that cannot be sealed is held and the desk told: nothing goes out readable, nobody is silently skipped.
3. The gate reads the final bytes again right before the wire, and compares them with the directory as it is now.
4. What a server said is an event; one transaction per recipient.
5. A reminder goes to nobody who has not what it reminds of (left_behind.py).
6. What is not most urgent goes to a silent agency only while somebody there reads it (waiting.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from exchange import blockers, ceilings, content, domains, left_behind, stepping, waiting
from exchange.as_written import Outdated, Written, as_written, refuse_outdated
from exchange.case.delivery import FELL, NO_TLS, News
from exchange.case.effect import AUTOMATIC, TO_REFERRER, Letter
from exchange.case.event import LetterNews, PacketNews
from exchange.case.mailbox import MailboxRole, PassedOver, Transport
from exchange.case.presence import ANOTHER_MAILBOX
from exchange.case.sealed import Sendable, TlsOnly, ToFetch
from exchange.config import Work
from exchange.fault import fault
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.packing import NOTICE, bound, packed, unpacked
from exchange.pins import pin_of
from exchange.posting import File, Held, Known, Recipient, Way, file_of, recipient
from exchange.safe import Item
from exchange.store import casebook, certificates, evidence, outbox, pickups
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.traffic import Traffic
from exchange.ways import also_of, usable, usable_at, way
from exchange.writing import Writer
from keys.directory import NotUsable
from keys.openpgp.seal import SealRefused
from keys.recipients import recipient_key_ids
from mailflow import gate
from mailflow.reply_address import ReplyAddresses
from mailflow.retry import PATIENCE, TLS_PATIENCE, next_attempt
from mailflow.sender import Carrier
from mailflow.verdict import Accepted, Deferred, Refused, Uncertain, Verdict

log = structlog.get_logger()
_SEALS = {Transport.OPENPGP_ATTACHMENT.value: "attached", Transport.SMIME.value: "smime"}
AT_ONCE = 20  # attempts after which a letter that is written anew waits a little
Settles = Callable[[Transaction, Recorded | None], Awaitable[None]]  # what is stored with the news of a letter


class LeaseLost(RuntimeError):
    """Another worker has this letter now: whatever we were about to store is theirs to store."""


class Dispatch:
    """One worker that sends letters."""

    of_hub = False  # of cases; those of the hub itself are another worker's (hub_letters.py)

    def __init__(
        self, hub: Hub, keyroom: Keyroom, relay: Carrier, addresses: ReplyAddresses, writer: Writer, work: Work
    ) -> None:
        self._hub, self._keyroom, self._relay, self._addresses = hub, keyroom, relay, addresses
        self._writer, self._work = writer, work
        self._traffic = Traffic(work.batch)

    async def once(self) -> int:
        """Claim one batch and see it to its end; returns how many letters were claimed."""
        claimed = await self.begin()
        await self._traffic.finish()
        return claimed

    async def begin(self) -> int:
        """Claim what there is room for, and begin with it; returns how many letters were claimed."""
        room = await self._traffic.room()
        now, lease = self._hub.clock.now(), self._hub.chance.id()
        until = now + timedelta(seconds=self._work.lease)
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            rows = await outbox.claim(tx, now, until, lease, room, of_hub=self.of_hub, not_to=self._traffic.full)
        fault("dispatch.claimed")
        for case_id, of in {row.case_id: [r for r in rows if r.case_id == row.case_id] for row in rows}.items():
            self._traffic.begin(self._of_case(case_id, of, lease), len(of))
        return len(rows)

    async def stop(self) -> None:
        """Leave what is under way to its lease."""
        await self._traffic.stop()

    async def _of_case(self, case_id: str, rows: list[outbox.Row], lease: str) -> None:
        """One case's letters: what they are written from is opened once for all of them."""
        hub = self._hub
        try:
            async with hub.database.reading(hub.scope()) as tx:
                file = await file_of(hub, tx, case_id)
        except Exception:
            log.exception("case not opened", case=case_id)
            self._traffic.done(len(rows))
            return
        reminders = {r.about: r.id for r in rows if r.letter == Letter.REMINDER and r.state == "waiting"}
        told = {reminders[about] for about in waiting.told_by_another(tuple(reminders), file)}
        await asyncio.gather(
            *(self._one(row, file, lease, told=row.id in told) for row in rows), return_exceptions=True
        )

    async def _one(self, row: outbox.Row, file: File, lease: str, *, told: bool) -> None:
        try:
            if await left_behind.first(self._hub, row, file, lease) or await self._waits(row, file, lease, told):
                return
            kept = await self._prepare(row, file, lease) if row.state == "waiting" else row
            if kept is not None:
                await self._send(kept, lease)
        except LeaseLost:
            log.info("letter taken over", outbox=row.id)
        except Outdated:
            await self._anew(row, lease)
        except Exception:
            log.exception("letter not sent", outbox=row.id)
        finally:
            self._traffic.done()

    async def _waits(self, row: outbox.Row, file: File, lease: str, told: bool) -> bool:
        """Whether nobody reads the mailbox now: then it is left to the digest, or put off until somebody does. So is
        what another reminder tells of."""
        now = self._hub.clock.now()
        unread = waiting.Unread(now, True) if told else waiting.unread(Letter(row.letter), row.about, file, now)
        if unread is None:
            return False
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            if unread.gathered:
                await outbox.settle(tx, row.id, lease, "gathered", self._hub.clock.now())
            else:
                await outbox.put_off(tx, row.id, lease, unread.until)
        return True

    async def _prepare(self, row: outbox.Row, file: File, lease: str) -> outbox.Row | None:
        """Write and seal the letter and keep its bytes; None when it cannot go."""
        hub, now = self._hub, self._hub.clock.now()
        letter = Letter(row.letter)
        to = recipient(letter, row.about, file)
        found = to if isinstance(to, Held) else await way(letter, to, file, self._keyroom, now)
        if isinstance(found, Held):
            await self._held(row, lease, found.why, found.passed)
            return None
        if await self._answered_enough(row, found):
            await self._held(row, lease, ceilings.TOO_MANY)
            return None
        message_id = self._writer.message_id(row)
        try:
            what = await self._writer.write(row, file, found, message_id)
        except SealRefused:
            await self._held(row, lease, "not_sealed")
            return None
        if file.case.disposals:  # the key that this process remembers may be destroyed
            hub.safe.let_go((content.letters(row.case_id),))
        in_place = _in_place(file, found.recipient)
        kept = await self._kept(row, what, found, message_id, lease, in_place, as_written(row, file.case))
        await stepping.told(hub, found)
        await blockers.told(hub, file.directory, file.rules, letter, found.recipient.agency)
        return kept

    async def _anew(self, row: outbox.Row, lease: str) -> None:
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await outbox.put_off(tx, row.id, lease, self._hub.clock.now())

    async def _answered_enough(self, row: outbox.Row, by: Way) -> bool:
        automatic = row.letter in AUTOMATIC
        return automatic and await ceilings.reached(self._hub, by.recipient.address, row.id, self._work.answers)

    async def _kept(
        self, row: outbox.Row, what: Sendable | ToFetch, by: Way, message_id: str, lease: str, code: str = "",
        as_written: Written | None = None,
    ) -> outbox.Row | None:  # fmt: skip
        """Keep the bytes: every attempt sends these. `code` says whose mailbox it is, if not the team's. Raises
        Outdated when the leg is not any more `as_written` about."""
        hub = self._hub
        what = self._writer.dkim.of_letter(what, hub.clock.now())
        fingerprint = by.certificate.fingerprint if by.certificate else ""
        sealed = await hub.safe.seal([Item(content.letters(row.case_id), bound(hub, row), packed(what))])
        fault("dispatch.before-keep")
        frozen = outbox.Kept(by.recipient.mailbox, fingerprint, by.transport or NOTICE, message_id, sealed[0])
        until = what.until if isinstance(what, ToFetch) else None
        news = _News(News.KEPT, code, by.transport or "", by.passed, until)
        await self._keep(row, lease, frozen, news, as_written)
        fault("dispatch.after-keep")
        async with hub.database.reading(hub.scope()) as tx:
            return await outbox.load(tx, row.id)

    async def _keep(
        self, row: outbox.Row, lease: str, kept: outbox.Kept, news: _News, as_written: Written | None = None
    ) -> None:
        hub, now = self._hub, self._hub.clock.now()

        async def keep(tx: Transaction, recorded: Recorded | None = None) -> None:
            if as_written:
                case = recorded.case if recorded else await casebook.load(tx, row.case_id)
                refuse_outdated(as_written, case)
            if not await outbox.keep(tx, row.id, lease, kept):
                raise LeaseLost
            if news.until:
                await pickups.put(tx, pickups.Waiting(row.id, row.case_id, row.about, kept.mailbox, now, news.until))

        if row.letter == Letter.PACKET or (row.case_id and news.passed):  # a step down is told of every letter
            cause = f"kept:{row.id}:{row.attempts}" if row.attempts else f"kept:{row.id}"
            await hub.record(row.case_id, news.of(row, now), cause, also=keep)
        else:
            async with hub.database.transaction(hub.scope()) as tx:
                await keep(tx)

    async def _held(self, row: outbox.Row, lease: str, why: str, passed: tuple[PassedOver, ...] = ()) -> None:
        if not passed:
            await self._news(row, lease, News.HELD, why, "failed")
            return
        held = _News(News.HELD, why, "", passed, None)
        await self._store(row, held, None, self._settling(row, lease, "held"))

    async def _fell(self, row: outbox.Row, lease: str, why: str) -> None:
        """What was kept may go by its transport no more: the letter is written anew, by the next that works."""
        wait = timedelta(minutes=1) if row.attempts > AT_ONCE else timedelta(0)  # never in a tight circle
        due = self._hub.clock.now() + wait

        async def again(tx: Transaction, _recorded: Recorded | None) -> None:
            if not await outbox.again(tx, row.id, lease, due):
                raise LeaseLost

        await self._record(row, News.HELD, f"{FELL}{why.removeprefix(FELL)}", None, again)

    async def _send(self, row: outbox.Row, lease: str) -> None:
        """What follows is stored once there is room for the next letter to that mailbox: storing wakes the worker."""
        async with self._traffic.lane(row.mailbox or "") as free:
            follows = await self._let_go(row, lease) if free else partial(self._hand_back, row, lease)
        await follows()

    async def _let_go(self, row: outbox.Row, lease: str) -> Callable[[], Awaitable[None]]:
        what = await self._unpacked(row)
        stopped = await self._gate(row, what)
        if await self._withdrawn(row):
            return partial(self._hand_back, row, lease)
        if stopped.startswith(FELL):
            return partial(self._fell, row, lease, stopped)
        if stopped:
            log.error("gate stopped a letter", outbox=row.id, code=stopped)
            return partial(self._held, row, lease, f"gate:{stopped}")
        # RFC 3834 3.3: what answers automatically has a null return path; everything else one of its own (VERP).
        mail_from = "" if row.letter in AUTOMATIC else self._addresses.returned(row.id, row.attempts + 1)
        with self._traffic.going():
            verdict = await self._relay.send(what, mail_from)
        fault("dispatch.before-verdict")
        return partial(self._verdict, row, lease, verdict)

    async def _hand_back(self, row: outbox.Row, lease: str) -> None:
        """Others are on their way to that mailbox: once there is room it is claimed again. Or it was taken back."""
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await outbox.put_off(tx, row.id, lease, row.due)

    async def _withdrawn(self, row: outbox.Row) -> bool:
        """Whether it was taken back since it was claimed: asked last, so that what is recalled in time stays here."""
        async with self._hub.database.reading(self._hub.scope()) as tx:
            now = await outbox.load(tx, row.id)
        return now is not None and now.state == "withdrawn"

    async def _unpacked(self, row: outbox.Row) -> Sendable:
        assert row.blob is not None  # noqa: S101 - a kept letter has its bytes
        what = unpacked(row, (await self._hub.safe.open(row.blob, bound(self._hub, row))).data)
        if not isinstance(what, TlsOnly):
            return what
        async with self._hub.database.reading(self._hub.scope()) as tx:
            found = (await evidence.known(tx)).get(_domain(what.recipient))
        return replace(what, servers=found.accepted if found else ())

    async def _gate(self, row: outbox.Row, what: Sendable) -> str:
        """Why this may not go, or ""."""
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            file = await file_of(hub, tx, row.case_id, Letter(row.letter))
        to = recipient(Letter(row.letter), row.about, file, row.mailbox or "")
        if isinstance(to, Held):
            return to.why
        if row.mailbox and to.mailbox != row.mailbox and row.letter not in TO_REFERRER:
            return ANOTHER_MAILBOX.removeprefix("gate:")
        return await self._judged(row, what, to, file)

    async def _judged(self, row: outbox.Row, what: Sendable, to: Recipient, known: Known) -> str:
        """Why these bytes may not go to this mailbox as things stand now, or ""."""
        key_ids = await self._key_ids(row, known, to)
        if isinstance(key_ids, str):
            return f"{FELL}{key_ids}"
        others = frozenset(m.address.text for m in known.directory.mailboxes if m.address.text != to.address)
        form = _SEALS.get(row.form or "", "mime")
        expected = gate.Expected(to.address, key_ids, others, form, tls=row.form == Transport.TLS)
        found = gate.check(what, expected, recipient_key_ids)
        if not isinstance(found, gate.GateStopped):
            return ""
        if found.why == "key_ids" and key_ids is not None:  # perhaps a key of theirs that was retired meanwhile
            ever = replace(expected, key_ids=key_ids | await self._key_ids_ever(to))
            if not isinstance(gate.check(what, ever, recipient_key_ids), gate.GateStopped):
                return f"{FELL}key_changed"
        return found.why

    async def _key_ids_ever(self, to: Recipient) -> frozenset[str]:
        """The keys of all certificates that its people have, or had."""
        async with self._hub.database.reading(self._hub.scope()) as tx:
            pins = [
                await pin_of(self._hub, one)
                for one in await certificates.ever(tx)
                if one.agency == to.agency and one.mailbox in ("", to.mailbox) and one.live_at
            ]
        known = [await self._keyroom.described(pin) for pin in pins]
        return frozenset(key for one in known for key in one.encryption_key_ids)

    async def _key_ids(self, row: outbox.Row, known: Known, to: Recipient) -> frozenset[str] | str | None:
        """The keys that may open it, None for what is not sealed to any; or why its transport may be used no more:
        the mailbox lists it no more, the key is not theirs or not good any more, the evidence is over."""
        if row.form == NOTICE:
            return None
        transport = Transport(row.form or "")
        if transport not in to.transports:
            return "not_listed"
        if transport in (Transport.TLS, Transport.PICKUP):
            now, test = self._hub.clock.now(), row.letter == Letter.DRILL
            why = await usable(transport, to, known, self._keyroom, now, test=test)
            return why if isinstance(why, str) else None
        pin = known.pins.known.get(row.fingerprint or "")
        if pin is None or pin.agency != to.agency or pin.mailbox not in ("", to.mailbox):
            return "key_changed"
        now = self._hub.clock.now()
        found = await usable_at(pin, to.mailbox, known.directory, self._keyroom, now)
        if isinstance(found, NotUsable):
            return found.why
        also = await also_of(found, to, known, self._keyroom, now)
        return frozenset(key for one in (found, *also) for key in one.encryption_key_ids)

    async def _verdict(self, row: outbox.Row, lease: str, verdict: Verdict) -> None:
        match verdict:
            case Accepted(server, reply, tls):
                told = {"host": server, "reply": reply, "tls": tls}
                await self._news(row, lease, News.ACCEPTED, "250", "sent", told)
            case Refused(code, why):
                await self._news(row, lease, News.REFUSED, code, "failed", {"reply": why})
            case Deferred(code, why):
                await self._again(row, lease, News.DEFERRED, code, {"reply": why})
            case Uncertain(why):
                await self._again(row, lease, News.UNCERTAIN, "dot", {"reply": why})

    async def _again(self, row: outbox.Row, lease: str, news: News, code: str, told: dict[str, object]) -> None:
        now = self._hub.clock.now()
        jitter = self._hub.chance.bytes(1)[0] / 255
        no_tls = row.form == Transport.TLS and code == NO_TLS
        patience = TLS_PATIENCE if no_tls else PATIENCE
        due = next_attempt(row.attempts + 1, row.first_at, now, jitter, self._work.retry_scale, patience)
        if due is None and no_tls:
            await self._give_up_tls(row, lease)
            return
        if due is None:
            await self._news(row, lease, News.REFUSED, "gave_up", "failed", told)
            return

        async def later(tx: Transaction, _recorded: Recorded | None) -> None:
            if not await outbox.later(tx, row.id, lease, due):
                raise LeaseLost

        await self._record(row, news, code, told, later)
        if no_tls:
            await domains.fails(self._hub, row.mailbox or "")

    async def _give_up_tls(self, row: outbox.Row, lease: str) -> None:
        """The verified TLS that was agreed is not there, for hours: what was known of the domain is over, and the
        letter goes by the next transport that its mailbox lists, or is held."""
        what = await self._unpacked(row)
        await domains.end(self._hub, _domain(what.recipient), "no_tls")
        await self._fell(row, lease, "no_tls")

    async def _news(
        self,
        row: outbox.Row,
        lease: str,
        news: News,
        code: str,
        state: str,
        told: dict[str, object] | None = None,
    ) -> None:
        await self._record(row, news, code, told, self._settling(row, lease, state))
        if news is News.ACCEPTED and row.form == Transport.TLS:
            await domains.works(self._hub, row.mailbox or "")

    def _settling(self, row: outbox.Row, lease: str, state: str) -> Settles:
        async def settle(tx: Transaction, _recorded: Recorded | None) -> None:
            if not await outbox.settle(tx, row.id, lease, state, self._hub.clock.now()):
                raise LeaseLost

        return settle

    async def _record(
        self, row: outbox.Row, news: News, code: str, told: dict[str, object] | None, also: Settles
    ) -> None:
        transport = row.form if row.form and row.form != NOTICE else ""
        await self._store(row, _News(news, code, transport, (), await self._until(row, news)), told, also)

    async def _store(self, row: outbox.Row, news: _News, told: dict[str, object] | None, also: Settles) -> None:
        parts = {content.SERVER: json.dumps(told).encode()} if told else {}
        cause = f"send:{row.id}:{row.attempts}:{news.news}"
        await self._hub.record(row.case_id, news.of(row, self._hub.clock.now()), cause, parts, also=also)

    async def _until(self, row: outbox.Row, news: News) -> datetime | None:
        """Until when it waits to be fetched, once its notice is with a server."""
        if news is not News.ACCEPTED or row.form != Transport.PICKUP:
            return None
        async with self._hub.database.reading(self._hub.scope()) as tx:
            waiting = await pickups.find(tx, row.id)
        return waiting.until if waiting else None


@dataclass(frozen=True, slots=True)
class _News:
    """What became known of a letter."""

    news: News
    code: str
    transport: str
    passed: tuple[PassedOver, ...]
    until: datetime | None

    def of(self, row: outbox.Row, now: datetime) -> PacketNews | LetterNews:
        """As an event of the case."""
        more = (self.transport, self.passed, self.until)
        if row.letter == Letter.PACKET:
            return PacketNews(now, row.about, self.news, self.code, *more)
        return LetterNews(now, Letter(row.letter), row.about, self.news, self.code, row.form == NOTICE, *more)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _in_place(file: File, to: Recipient) -> str:
    """Whose mailbox it is, when it is not the team's: `deputy`, `lead`."""
    role = next((m.role for m in file.directory.mailboxes if m.id == to.mailbox), MailboxRole.TEAM)
    return "" if role is MailboxRole.TEAM else role
