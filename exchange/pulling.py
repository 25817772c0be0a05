"""Pulling: mail is taken out of a shared mailbox, one after the other, and is ours once it is durable.

1. Durable first, then put away, then remembered. Wherever this is cut off, the same mail is read again, and is the
   one we have (its identity is recipient, author's headers and body: mailroom.py).
2. Other UIDVALIDITY: the UIDs mean other mails now. All of them are looked at again, and none is taken twice.
3. Whether somebody has read a mail there says nothing: staff may open it, answer it, mark it.
4. What cannot be taken (too large, not given by the server) stays where it is, and a person is told; the mails after
   it do not wait. A mailbox that cannot be read for minutes is told of too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from exchange.case.effect import TaskKind
from exchange.fault import fault
from exchange.hub import Hub
from exchange.mailroom import accept
from exchange.stepping import lower, raise_once
from exchange.store import pulled
from mailflow.delivered_to import envelope_of
from mailflow.shared_mailbox import Access, MailboxAway, NotGiven, SharedMailbox, Waiting

log = structlog.get_logger()
MOST_TRIES = 4  # of a mail that the server does not give, or hangs up on
PATIENCE = timedelta(minutes=5)  # with a mailbox that cannot be read, before a person is told
NAME = "imap"  # of the mailbox, where the desk hears of it


def place_of(access: Access) -> str:
    """Which mailbox that is, without saying whose."""
    place = f"{access.host}\0{access.username}\0{access.folder}".lower()
    return hashlib.sha256(place.encode()).hexdigest()[:32]


class Pulling:
    """One worker with one mailbox."""

    def __init__(self, hub: Hub, box: SharedMailbox, is_ours: Callable[[str], bool], hub_address: str) -> None:
        self._hub, self._box, self._is_ours, self._hub_address = hub, box, is_ours, hub_address
        self._name = place_of(box.access)
        self._tries: dict[int, int] = {}
        self._well_at: datetime = hub.clock.now()
        self._away = False

    async def once(self) -> int:
        """Look once, and take all that is new; how many mails were. Raises MailboxAway after it was told of."""
        try:
            taken = await self._taken()
        except MailboxAway as away:
            await self._cannot_read(away)
            raise
        await self._reads_again()
        return taken

    async def _taken(self) -> int:
        async with self._hub.database.reading(self._hub.scope()) as tx:
            known = await pulled.position(tx, self._name)
        look = await self._box.look(*(known or (0, 0)))
        if look.anew:
            if known:
                log.warning("the mailbox numbers its mails anew: all are looked at again", where=NAME)
            async with self._hub.database.transaction(self._hub.scope()) as tx:
                await pulled.begin(tx, self._name, look.validity, self._hub.clock.now())
        taken = 0
        for mail in look.waiting:
            if await self._take(mail):
                taken += 1
            elif self._tries.get(mail.uid, 0):
                return taken  # tried again at the next look, before those after it
            async with self._hub.database.transaction(self._hub.scope()) as tx:
                await pulled.reached(tx, self._name, look.validity, mail.uid, self._hub.clock.now())
        return taken

    async def _take(self, mail: Waiting) -> bool:
        """Whether it is ours now."""
        if mail.size > self._box.largest:
            await self._tell(mail.uid)
            return False
        try:
            raw = await self._box.fetch(mail.uid)
        except (NotGiven, MailboxAway) as why:  # servers hang up on what they cannot read themselves
            if not await self._not_given(mail.uid) and isinstance(why, MailboxAway):
                raise
            return False
        self._tries.pop(mail.uid, None)
        if raw is None:
            return False  # somebody took it away meanwhile: it was theirs to do so
        await accept(self._hub, envelope_of(raw, self._is_ours, self._hub_address), raw)
        fault("pulling.taken")
        await self._box.put_away(mail.uid)
        fault("pulling.put-away")
        return True

    async def _not_given(self, uid: int) -> bool:
        """Whether it was tried often enough, and a person was told of it: one bad mail keeps no other back."""
        self._tries[uid] = self._tries.get(uid, 0) + 1
        if self._tries[uid] < MOST_TRIES:
            return False
        self._tries.pop(uid)
        await self._tell(uid)
        return True

    async def _tell(self, uid: int) -> None:
        """A person must look at the mailbox itself."""
        log.error("a mail of the shared mailbox was not taken", where=NAME, mail=str(uid))
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await raise_once(tx, TaskKind.NOT_FETCHED, f"{NAME}:{uid}", self._hub.clock.now())

    async def _cannot_read(self, away: MailboxAway) -> None:
        log.error("the shared mailbox cannot be read", where=NAME, code=away.code)
        now = self._hub.clock.now()
        if self._away or now - self._well_at < PATIENCE:
            return
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await raise_once(tx, TaskKind.MAIL_AWAY, NAME, now)
        self._away = True

    async def _reads_again(self) -> None:
        self._well_at = self._hub.clock.now()
        if not self._away:
            return
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await lower(tx, TaskKind.MAIL_AWAY, NAME, self._well_at)
        self._away = False
