"""The witness: takes heads of the record and sends them outside, signed, to people who can hold us to them."""

from __future__ import annotations

from datetime import timedelta

import structlog

from exchange.case.sealed import PublicNotice
from exchange.config import Audit
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.signing import UNSIGNED, Signing
from exchange.store import heads
from exchange.store.heads import Head
from mailflow import compose
from mailflow.sender import Accepted, Carrier

log = structlog.get_logger()


class Witness:
    """One worker that sends a head whenever the last is old enough.

    A mail that is lost costs nothing: the next head speaks for everything before it too.
    """

    def __init__(
        self, hub: Hub, keyroom: Keyroom, relay: Carrier, hub_address: str, settings: Audit, dkim: Signing = UNSIGNED
    ) -> None:
        self._hub, self._keyroom, self._relay, self._dkim = hub, keyroom, relay, dkim
        self._from, self._settings = hub_address, settings

    async def once(self) -> int:
        """Send a head if one is due; returns how many were sent."""
        hub = self._hub
        if not self._settings.heads_to:
            return 0
        async with hub.database.transaction(hub.scope()) as tx:
            last, now = await heads.last_at(tx), hub.clock.now()
            if last is not None and now - last < timedelta(seconds=self._settings.heads_every):
                return 0
            head = await heads.take(tx, now, hub.chance.id())
        await self._send(head)
        return 1

    async def _send(self, head: Head) -> None:
        signed = await self._keyroom.clearsign(head.text)
        domain, to = self._from.partition("@")[2], self._settings.heads_to
        headers = compose.outer_headers(
            from_address=self._from, to=to, message_id=compose.message_id(domain, f"{head.hub}/head/{head.number}"),
            date=head.at, subject=f"Head {head.number} of the record", automatic=True,
        )  # fmt: skip
        notice = PublicNotice(compose.plain_message(headers, signed), to)
        verdict = await self._relay.send(self._dkim.signed(notice, head.at), "")
        if not isinstance(verdict, Accepted):
            log.warning("a head was not sent: the next one speaks for it", number=head.number)
