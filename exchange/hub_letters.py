"""Letters of the hub itself, which belong to no case: one worker asks for them, writes, keeps, gates and sends them.

1. A letter's id follows from what it is (its key): whoever asks, and however often, there is one.
2. It says nothing of a case that its reader may not know; what only its reader may know goes sealed, or not at all.
3. What became of it is a line in the stream `letters`, and a task with the telephone number when it cannot arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import structlog

from exchange import ceilings, stepping
from exchange.case.delivery import FELL, News
from exchange.case.effect import AUTOMATIC, Letter
from exchange.case.sealed import Sendable, ToFetch
from exchange.config import Work
from exchange.dispatch import Dispatch, LeaseLost, Settles
from exchange.enveloping import Inside, enveloped, fetched_until
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.of_no_case import Draft, Kind, noted
from exchange.posting import Held, of_hub
from exchange.store import outbox
from exchange.writing import Writer
from keys.openpgp.seal import SealRefused
from mailflow import compose
from mailflow.reply_address import ReplyAddresses
from mailflow.sender import Carrier
from templates import letters

log = structlog.get_logger()


class HubLetters(Dispatch):
    """One worker for every kind of letter that belongs to no case."""

    of_hub = True

    def __init__(
        self, hub: Hub, keyroom: Keyroom, relay: Carrier, addresses: ReplyAddresses, writer: Writer, work: Work,
        kinds: Iterable[Kind],
    ) -> None:  # fmt: skip
        super().__init__(hub, keyroom, relay, addresses, writer, work)
        self._kinds = {kind.letter: kind for kind in kinds}
        self._asked, self._every = datetime.min.replace(tzinfo=UTC), timedelta(seconds=work.poll)

    async def begin(self) -> int:
        """Ask for what is due, then begin with what waits."""
        now = self._hub.clock.now()
        if abs(now - self._asked) >= self._every:  # time makes a letter due, not every commit that rings the bell
            self._asked = now
            await self._ask()
        return await super().begin()

    async def _ask(self) -> None:
        for kind in self._kinds.values():
            try:
                await kind.ask()
            except Exception:
                log.exception("letters not asked for", letter=str(kind.letter))

    async def _of_case(self, case_id: str, rows: list[outbox.Row], lease: str) -> None:
        await asyncio.gather(*(self._letter(row, lease) for row in rows), return_exceptions=True)

    async def _letter(self, row: outbox.Row, lease: str) -> None:
        try:
            kept = await self._written(row, lease) if row.state == "waiting" else row
            if kept is not None:
                await self._send(kept, lease)
        except LeaseLost:
            log.info("letter taken over", outbox=row.id)
        except Exception:
            log.exception("letter of the hub not sent", outbox=row.id, letter=row.letter)
        finally:
            self._traffic.done()

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
        if await self._answered_enough(row, draft.way):
            await self._held(row, lease, ceilings.TOO_MANY)
            return None
        message_id = self._writer.message_id(row)
        try:
            what = await self._finished(row, draft, message_id)
        except SealRefused:
            await self._held(row, lease, "not_sealed")
            return None
        kept = await self._kept(row, what, draft.way, message_id, lease)
        await stepping.told(self._hub, draft.way)
        return kept

    async def _finished(self, row: outbox.Row, draft: Draft, message_id: str) -> Sendable | ToFetch:
        """The bytes for the wire, or what waits here and its notice. Raises SealRefused."""
        key, to, now = self._writer.ours, draft.way.recipient.address, self._hub.clock.now()
        words = key.said(letters.write(draft.told), draft.way.certificate)
        ours, sender, reply_to = self._writer.hub_address, draft.told.sender, draft.way.answered_at(draft.reply_to)
        outer = compose.outer_headers(
            from_address=ours, to=to, message_id=message_id, date=now, subject=words.quiet_subject,
            from_name=sender.name, reply_to=reply_to, autocrypt=key.autocrypt,
            automatic=Letter(row.letter) in AUTOMATIC or row.letter == Letter.DIGEST,
        )  # fmt: skip
        _, rules = await self._hub.rules()
        inside = Inside(
            draft.told, words, (), outer, ours, reply_to, message_id, now, sender, "",
            self._writer.fetch_page(row), fetched_until(rules, now),
        )  # fmt: skip
        return await enveloped(inside, draft.way, self._keyroom)

    async def _gate(self, row: outbox.Row, what: Sendable) -> str:
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            known = await of_hub(hub, tx)
            to = await self._kinds[Letter(row.letter)].recipient(known.directory, tx, row)
        return await self._judged(row, what, to, known) if to else "no_mailbox"

    async def _record(
        self, row: outbox.Row, news: News, code: str, told: dict[str, object] | None, also: Settles
    ) -> None:
        """No case to record it in: a line in a stream of the hub, and whatever follows for this kind."""
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await noted(self._hub, tx, row, news, code)
            if not code.startswith(FELL):  # it is written anew, by the next transport
                await self._kinds[Letter(row.letter)].news(tx, row, news, code, self._hub.clock.now())
            await also(tx, None)
