"""Letters of the hub itself, which belong to no case: one worker asks for them, writes, keeps, gates and sends them.

1. A letter's id follows from what it is (its key): whoever asks, and however often, there is one.
2. It says nothing of a case that its reader may not know; what only its reader may know goes sealed, or not at all.
3. What became of it is a line in the stream `letters`, and a task with the telephone number when it cannot arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.mailbox import Mailbox
from exchange.case.sealed import PublicNotice, Sealed, Sendable
from exchange.config import Work
from exchange.dispatch import Dispatch, LeaseLost, Settles
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.of_no_case import Draft, Kind, mailbox_of, noted
from exchange.pins import Pins, pins_of
from exchange.posting import Held
from exchange.store import outbox
from exchange.writing import Writer
from keys.directory import NotUsable
from keys.openpgp.packets import recipient_key_ids
from keys.openpgp.seal import SealRefused
from mailflow import compose, gate, pgp_mime
from mailflow.reply_address import ReplyAddresses
from mailflow.sender import Relay
from templates import letters

log = structlog.get_logger()


class HubLetters(Dispatch):
    """One worker for every kind of letter that belongs to no case."""

    of_hub = True

    def __init__(
        self, hub: Hub, keyroom: Keyroom, relay: Relay, addresses: ReplyAddresses, writer: Writer, work: Work,
        kinds: Iterable[Kind],
    ) -> None:  # fmt: skip
        super().__init__(hub, keyroom, relay, addresses, writer, work)
        self._kinds = {kind.letter: kind for kind in kinds}

    async def once(self) -> int:
        """Ask for what is due, then send what waits."""
        for kind in self._kinds.values():
            try:
                await kind.ask()
            except Exception:
                log.exception("letters not asked for", letter=str(kind.letter))
        return await super().once()

    async def _of_case(self, case_id: str, rows: list[outbox.Row], lease: str) -> None:
        await asyncio.gather(*(self._letter(row, lease) for row in rows))

    async def _letter(self, row: outbox.Row, lease: str) -> None:
        try:
            kept = await self._written(row, lease) if row.state == "waiting" else row
            if kept is not None:
                await self._send(kept, lease)
        except LeaseLost:
            log.info("letter taken over", outbox=row.id)
        except Exception:
            log.exception("letter of the hub not sent", outbox=row.id, letter=row.letter)

    async def _written(self, row: outbox.Row, lease: str) -> outbox.Row | None:
        """Write it as things stand now, and keep it; None when it does not go."""
        draft = await self._kinds[Letter(row.letter)].draft(row)
        if draft is None:
            async with self._hub.database.transaction(self._hub.scope()) as tx:
                await outbox.settle(tx, row.id, lease, "withdrawn", self._hub.clock.now())
            return None
        if isinstance(draft, Held):
            await self._held(row, lease, draft.why)
            return None
        message_id = self._writer.message_id(row)
        try:
            what = await self._finished(draft, message_id)
        except SealRefused:
            await self._held(row, lease, "not_sealed")
            return None
        return await self._kept(row, what, draft.way, message_id, lease)

    async def _finished(self, draft: Draft, message_id: str) -> Sendable:
        """The bytes for the wire. Raises SealRefused."""
        words, to, now = letters.write(draft.told), draft.way.recipient.address, self._hub.clock.now()
        ours, name = self._writer.hub_address, draft.told.sender.name
        outer = compose.outer_headers(
            from_address=ours, to=to, message_id=message_id, date=now, subject=words.quiet_subject, from_name=name,
            reply_to=draft.reply_to,
        )  # fmt: skip
        certificate = draft.way.certificate
        if certificate is None:
            return PublicNotice(compose.plain_message(outer, words.text), to)
        inner = compose.inner_message(
            words.subject, words.text, from_address=ours, to=to, reply_to=draft.reply_to, message_id=message_id,
            date=now, from_name=name, outer=outer,
        )  # fmt: skip
        armored = await self._keyroom.seal(inner, certificate, now)
        return Sealed(pgp_mime.wrap(outer, armored), certificate.fingerprint, to)

    async def _gate(self, row: outbox.Row, what: Sendable) -> str:
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            directory, pins = await hub.directory(tx), await pins_of(hub, tx)
        mailbox = mailbox_of(directory, row)
        if mailbox is None:
            return "no_mailbox"
        readers = await self._readers(row, mailbox, pins)
        if isinstance(readers, str):
            return readers
        others = frozenset(m.address.text for m in directory.mailboxes if m.address != mailbox.address)
        found = gate.check(what, gate.Expected(mailbox.address.text, readers, others), recipient_key_ids)
        return found.why if isinstance(found, gate.GateStopped) else ""

    async def _readers(self, row: outbox.Row, mailbox: Mailbox, pins: Pins) -> frozenset[str] | str | None:
        """The key ids that may open it; None for what is not sealed; or why it may not go."""
        if row.form != "sealed":
            return None
        pin = pins.known.get(row.fingerprint or "")
        if pin is None or pin.agency != mailbox.agency or pin.mailbox not in ("", mailbox.id):
            return "key_changed"
        found = await self._keyroom.usable(pin, self._hub.clock.now())
        return found.why if isinstance(found, NotUsable) else frozenset(found.encryption_key_ids)

    async def _record(
        self, row: outbox.Row, news: News, code: str, told: dict[str, object] | None, also: Settles
    ) -> None:
        """No case to record it in: a line in a stream of the hub, and whatever follows for this kind."""
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await noted(self._hub, tx, row, news, code)
            await self._kinds[Letter(row.letter)].news(tx, row, news, code, self._hub.clock.now())
            await also(tx, None)
