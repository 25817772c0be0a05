"""Dispatch: the loop that writes, seals and keeps each letter asked for, then sends the very bytes it kept.

1. Sealed bytes are kept before the first attempt; every retry sends them again, with the same Message-ID.
2. A letter that cannot be sealed is held and the desk told: nothing goes out readable, nobody is silently skipped.
3. The gate reads the final bytes again right before the wire, and compares them with the directory as it is now.
4. What a server said is an event; one transaction per recipient.
5. What is not most urgent goes to a silent agency only while somebody there reads it (waiting.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from exchange import blockers, content, waiting
from exchange.case.delivery import News
from exchange.case.effect import TO_REFERRER, Letter
from exchange.case.event import LetterNews, PacketNews
from exchange.case.mailbox import MailboxRole
from exchange.case.presence import ANOTHER_MAILBOX
from exchange.case.sealed import PublicNotice, Sealed, Sendable, TlsOnly
from exchange.config import Work
from exchange.fault import fault
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.posting import File, Held, Recipient, Way, file_of, recipient, way
from exchange.safe import Item
from exchange.store import outbox
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.writing import Writer
from keys.directory import NotUsable
from keys.openpgp.packets import recipient_key_ids
from keys.openpgp.seal import SealRefused
from keys.vault import bound_data
from mailflow import gate
from mailflow.reply_address import ReplyAddresses
from mailflow.retry import next_attempt
from mailflow.sender import Relay
from mailflow.verdict import Accepted, Deferred, Refused, Uncertain, Verdict

log = structlog.get_logger()
Settles = Callable[[Transaction, Recorded | None], Awaitable[None]]  # what is stored with the news of a letter


class LeaseLost(RuntimeError):
    """Another worker has this letter now: whatever we were about to store is theirs to store."""


class Dispatch:
    """One worker that sends letters."""

    of_hub = False  # of cases; those of the hub itself are another worker's (hub_letters.py)

    def __init__(
        self, hub: Hub, keyroom: Keyroom, relay: Relay, addresses: ReplyAddresses, writer: Writer, work: Work
    ) -> None:
        self._hub, self._keyroom, self._relay, self._addresses = hub, keyroom, relay, addresses
        self._writer, self._work = writer, work

    async def once(self) -> int:
        """Claim and carry out one batch; returns how many letters were claimed."""
        now, lease = self._hub.clock.now(), self._hub.chance.id()
        until = now + timedelta(seconds=self._work.lease)
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            rows = await outbox.claim(tx, now, until, lease, self._work.batch, of_hub=self.of_hub)
        fault("dispatch.claimed")
        cases = {row.case_id: [r for r in rows if r.case_id == row.case_id] for row in rows}
        await asyncio.gather(*(self._of_case(case_id, of, lease) for case_id, of in cases.items()))
        return len(rows)

    async def _of_case(self, case_id: str, rows: list[outbox.Row], lease: str) -> None:
        """One case's letters: what they are written from is opened once for all of them."""
        hub = self._hub
        try:
            async with hub.database.reading(hub.scope()) as tx:
                file = await file_of(hub, tx, case_id)
        except Exception:
            log.exception("case not opened", case=case_id)
            return
        await asyncio.gather(*(self._one(row, file, lease) for row in rows))

    async def _one(self, row: outbox.Row, file: File, lease: str) -> None:
        try:
            if await self._waits(row, file, lease):
                return
            kept = await self._prepare(row, file, lease) if row.state == "waiting" else row
            if kept is not None:
                await self._send(kept, lease)
        except LeaseLost:
            log.info("letter taken over", outbox=row.id)
        except Exception:
            log.exception("letter not sent", outbox=row.id)

    async def _waits(self, row: outbox.Row, file: File, lease: str) -> bool:
        """Whether nobody reads the mailbox now: then it is left to the digest, or put off until somebody does."""
        unread = waiting.unread(Letter(row.letter), row.about, file, self._hub.clock.now())
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
            await self._held(row, lease, found.why)
            return None
        message_id = self._writer.message_id(row)
        try:
            what = await self._writer.write(row, file, found, message_id)
        except SealRefused:
            await self._held(row, lease, "not_sealed")
            return None
        if file.case.disposals:  # the key that this process remembers may be destroyed
            hub.safe.let_go((content.letters(row.case_id),))
        kept = await self._kept(row, what, found, message_id, lease, _in_place(file, found.recipient))
        await blockers.told(hub, file.directory, file.rules, letter, found.recipient.agency)
        return kept

    async def _kept(
        self, row: outbox.Row, what: Sendable, by: Way, message_id: str, lease: str, code: str = ""
    ) -> outbox.Row | None:
        """Keep the bytes: every attempt sends these. `code` says whose mailbox it is, if not the team's."""
        hub = self._hub
        fingerprint = by.certificate.fingerprint if by.certificate else ""
        form = "sealed" if by.certificate else "notice"
        sealed = await hub.safe.seal([Item(content.letters(row.case_id), self._bound(row), _packed(what))])
        fault("dispatch.before-keep")
        frozen = outbox.Kept(by.recipient.mailbox, fingerprint, form, message_id, sealed[0])
        await self._keep(row, lease, frozen, code)
        fault("dispatch.after-keep")
        async with hub.database.reading(hub.scope()) as tx:
            return await outbox.load(tx, row.id)

    def _bound(self, row: outbox.Row) -> bytes:
        return bound_data(self._hub.id, row.case_id, row.id, "outgoing")

    async def _keep(self, row: outbox.Row, lease: str, kept: outbox.Kept, code: str) -> None:
        async def keep(tx: Transaction, _recorded: Recorded | None = None) -> None:
            if not await outbox.keep(tx, row.id, lease, kept):
                raise LeaseLost

        if row.letter == Letter.PACKET:
            event = PacketNews(self._hub.clock.now(), row.about, News.KEPT, code)
            await self._hub.record(row.case_id, event, f"kept:{row.id}", also=keep)
        else:
            async with self._hub.database.transaction(self._hub.scope()) as tx:
                await keep(tx)

    async def _held(self, row: outbox.Row, lease: str, why: str) -> None:
        await self._news(row, lease, News.HELD, why, "failed")

    async def _send(self, row: outbox.Row, lease: str) -> None:
        what = await self._unpacked(row)
        stopped = await self._gate(row, what)
        if await self._withdrawn(row):
            return
        if stopped:
            log.error("gate stopped a letter", outbox=row.id, code=stopped)
            await self._held(row, lease, f"gate:{stopped}")
            return
        # RFC 3834 3.3: what answers automatically has a null return path; everything else one of its own (VERP).
        mail_from = "" if row.letter == Letter.RECEIPT else self._addresses.make("bounce", row.id)
        verdict = await self._relay.send(what, mail_from)
        fault("dispatch.before-verdict")
        await self._verdict(row, lease, verdict)

    async def _withdrawn(self, row: outbox.Row) -> bool:
        """Whether it was taken back since it was claimed: asked last, so that what is recalled in time stays here."""
        async with self._hub.database.reading(self._hub.scope()) as tx:
            now = await outbox.load(tx, row.id)
        return now is not None and now.state == "withdrawn"

    async def _unpacked(self, row: outbox.Row) -> Sendable:
        assert row.blob is not None  # noqa: S101 - a kept letter has its bytes
        plain = (await self._hub.safe.open(row.blob, self._bound(row))).data
        size = int.from_bytes(plain[:2], "big")
        address, message = plain[2 : 2 + size].decode(), plain[2 + size :]
        if row.form == "sealed":
            return Sealed(message, row.fingerprint or "", address)
        return TlsOnly(message, address) if row.form == "tls" else PublicNotice(message, address)

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
        key_ids = await self._key_ids(row, file, to)
        if isinstance(key_ids, str):
            return key_ids
        others = frozenset(m.address.text for m in file.directory.mailboxes if m.address.text != to.address)
        found = gate.check(what, gate.Expected(to.address, key_ids, others), recipient_key_ids)
        return found.why if isinstance(found, gate.GateStopped) else ""

    async def _key_ids(self, row: outbox.Row, file: File, to: Recipient) -> frozenset[str] | str | None:
        if row.form != "sealed":
            return None
        if file.pins.agency_of(row.fingerprint or "") != to.agency:
            return "key_changed"
        found = await self._keyroom.usable(file.pins.known[row.fingerprint or ""], self._hub.clock.now())
        return found.why if isinstance(found, NotUsable) else frozenset(found.encryption_key_ids)

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
        due = next_attempt(row.attempts + 1, row.first_at, now, jitter, self._work.retry_scale)
        if due is None:
            await self._news(row, lease, News.REFUSED, "gave_up", "failed", told)
            return

        async def later(tx: Transaction, _recorded: Recorded | None) -> None:
            if not await outbox.later(tx, row.id, lease, due):
                raise LeaseLost

        await self._record(row, news, code, told, later)

    async def _news(
        self,
        row: outbox.Row,
        lease: str,
        news: News,
        code: str,
        state: str,
        told: dict[str, object] | None = None,
    ) -> None:
        async def settle(tx: Transaction, _recorded: Recorded | None) -> None:
            if not await outbox.settle(tx, row.id, lease, state, self._hub.clock.now()):
                raise LeaseLost

        await self._record(row, news, code, told, settle)

    async def _record(
        self, row: outbox.Row, news: News, code: str, told: dict[str, object] | None, also: Settles
    ) -> None:
        now = self._hub.clock.now()
        letter = Letter(row.letter)
        event: PacketNews | LetterNews = LetterNews(now, letter, row.about, news, code, row.form == "notice")
        if letter is Letter.PACKET:
            event = PacketNews(now, row.about, news, code)
        parts = {content.SERVER: json.dumps(told).encode()} if told else {}
        cause = f"send:{row.id}:{row.attempts}:{news}"
        await self._hub.record(row.case_id, event, cause, parts, also=also)


def _in_place(file: File, to: Recipient) -> str:
    """Whose mailbox it is, when it is not the team's: `deputy`, `lead`."""
    role = next((m.role for m in file.directory.mailboxes if m.id == to.mailbox), MailboxRole.TEAM)
    return "" if role is MailboxRole.TEAM else role


def _packed(what: Sendable) -> bytes:
    address = what.recipient.encode()
    return len(address).to_bytes(2, "big") + address + what.message
