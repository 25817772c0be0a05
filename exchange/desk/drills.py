"""Drills at the desk: which mailbox has proved that somebody there can open what we send, and asking them to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from exchange import drilling, owners
from exchange.case.mailbox import Mailbox
from exchange.desk.given import Unfit
from exchange.drilling import Heard
from exchange.hub import Hub
from exchange.pins import pins_of
from exchange.policy import Action, Viewer, require
from exchange.store import drills, profiles
from exchange.store.database import Transaction
from exchange.store.drills import Drill

NEVER, WAITING, PROVED, FAILED = "never", "waiting", "proved", "failed"  # how a mailbox stands


@dataclass(frozen=True, slots=True)
class Standing:
    """What one mailbox has proved."""

    mailbox: Mailbox
    agency: str  # its name
    last: Drill | None  # the last one asked
    proved: Drill | None  # the last one answered
    next_at: datetime | None  # None while it is being asked
    failed: Drill | None = None  # the last that failed, when nobody has proved it since; another may run
    over: bool = False  # what was proved was proved by a key that is used no more
    to_ring: bool = False  # it needs no key, and nothing goes there until its words were heard by telephone

    @property
    def state(self) -> str:
        """`never` asked, `waiting` for the words, `proved`, or `failed`: one was not answered, and none since."""
        if self.last is None:
            return NEVER
        if self.failed:
            return FAILED
        if not self.last.ended:
            return WAITING
        return PROVED if self.last.ended == drills.ANSWERED else FAILED

    def row(self) -> dict[str, Any]:
        """As a program reads it."""
        last, proved = self.last, self.proved
        return {
            "mailbox": self.mailbox.id, "agency": self.mailbox.agency, "state": self.state,
            "telephone": self.mailbox.telephone,
            "proved_at": proved.answered_at if proved else None, "transport": proved.transport if proved else "",
            "fingerprint": proved.fingerprint if proved else "", "heard": proved.heard if proved else "",
            "took_minutes": round(proved.took / timedelta(minutes=1)) if proved and proved.took is not None else None,
            "asked_at": last.asked_at if last else None, "due": last.due if last and not last.ended else None,
            "ended": last.ended if last else "", "next_at": self.next_at,
            "failed_at": self.failed.asked_at if self.failed else None, "to_ring": self.to_ring,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DrillDesk:
    """One member of staff asking mailboxes to prove that they can open what we send."""

    hub: Hub
    viewer: Viewer

    async def standing(self) -> tuple[Standing, ...]:
        """Every mailbox, as the hub file lists them. Raises Forbidden."""
        require(self.viewer, Action.SEE_DIRECTORY)
        return await standing(self.hub)

    async def ask(self, mailboxes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Send each a drill; (asked now, being asked already). Raises Forbidden, or Unfit for one we do not have."""
        require(self.viewer, Action.DRILL)
        _, rules = await self.hub.rules()
        asked: list[str] = []
        waiting: list[str] = []
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            known = {m.id: m for m in (await self.hub.directory(tx)).mailboxes}
            for wanted in mailboxes:
                if wanted not in known:
                    raise Unfit("mailbox", f"No mailbox “{wanted}”: use one of {', '.join(known)}")
                began = await drilling.begin(self.hub, tx, known[wanted], rules)
                (asked if began else waiting).append(wanted)
        return tuple(asked), tuple(waiting)

    async def heard(self, mailbox: str, words: str) -> Drill:
        """Somebody there read the words out over the telephone. Raises Forbidden, or Unfit saying what is wrong."""
        require(self.viewer, Action.DRILL)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            asked = await drills.of_mailbox(tx, mailbox)
            if not asked:
                raise Unfit("mailbox", f"“{mailbox}” was never sent a test: send one first")
            last = asked[0]
            if not self.viewer.named and await self._to_ring(tx, mailbox):
                raise Unfit("words", "A member of staff hears them, under their own name: --as ID")
            found = await drilling.hear(self.hub, tx, last.id, words, "telephone")
            proved = await drills.load(tx, last.id)
        if found is Heard.AGAIN:
            raise Unfit("mailbox", "Its last test was answered before: there is nothing to hear")
        if found is not Heard.RIGHT or proved is None:
            raise Unfit("words", "These are not the three words of its last test: have them read out again")
        return proved

    async def _to_ring(self, tx: Transaction, mailbox: str) -> bool:
        directory = await self.hub.directory(tx)
        owned = await owners.proved(tx, directory)
        return any(m.id == mailbox and owners.needs_proof(m, owned) for m in directory.mailboxes)


def _went_readable(drill: Drill | None) -> bool:
    """A sealed one proves the mailbox by its words alone."""
    return drill is not None and drill.sent_at is not None and not drill.fingerprint


async def standing(hub: Hub) -> tuple[Standing, ...]:
    """Every mailbox, whoever asks: no name and no address is in it."""
    _, rules = await hub.rules()
    async with hub.database.reading(hub.scope("operator")) as tx:
        directory, newest = await hub.directory(tx), await drills.newest(tx)
        failed, owned = await drills.unanswered(tx), await owners.proved(tx, directory)
        pins = await pins_of(hub, tx)
        since = await profiles.since(tx) or hub.clock.now()
    found = []
    for mailbox in directory.mailboxes:
        last, proved = newest.get(mailbox.id, (None, None))
        here = mailbox.address_since
        if here and proved and proved.asked_at < here:  # at the address of before: it says nothing of this one
            proved = None
            last = last if last and last.asked_at >= here else None
        known = rules.agency(mailbox.agency)
        name = known.name if known else mailbox.agency
        found.append(
            Standing(
                mailbox,
                name,
                last,
                proved,
                drilling.next_at(mailbox, last, since),
                failed.get(mailbox.id),
                proved is not None and drilling.is_of_old_key(proved, pins),
                owners.needs_proof(mailbox, owned) and _went_readable(last),
            )
        )
    return tuple(found)
