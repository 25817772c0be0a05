"""Changes of the hub file at the desk: somebody proposes one, sees what it would do, and a named person applies it.

1. What is applied is the text that was looked at: a proposal is never altered, and one that began from an older file
   than the one in force is refused.
2. Whom something is sent to, and how, and whom people ring, two people change: the one who proposed it cannot apply
   it (T11).
3. Each step is a line of the directory's stream, with the proposal's id and nobody's name or address.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from exchange.case.effect import OpenTask, TaskKind
from exchange.desk.given import Unfit
from exchange.hub import Hub
from exchange.hub_file import HubFiles, Overtaken, Weighed
from exchange.hubs.refusal import HubError
from exchange.policy import Action, Viewer, require, require_person
from exchange.safe import Item
from exchange.store import journal, proposals, tasks
from exchange.store.database import Transaction
from exchange.store.proposals import Ended, Proposal
from keys.vault import bound_data

_NO_CASE = ""
LARGEST = 200_000  # characters of a hub file: that of a large area with every agency has a tenth


class NoSuchChange(LookupError):
    """Nobody has proposed this."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A proposal as it stands now."""

    proposal: Proposal
    text: str = field(repr=False)
    lines: tuple[str, ...]  # what it would change
    refused: str  # why it cannot be applied by anybody any more; "" when it can
    two: bool
    mine: bool  # whoever looks has made it
    lost: tuple[str, ...] = ()  # of the ways to a mailbox: what to be sure of before it is applied

    @property
    def waits(self) -> bool:
        """Nobody has ended it."""
        return self.proposal.ended is Ended.WAITS

    @property
    def may_be_applied(self) -> bool:
        """By whoever looks, as far as it is about the proposal."""
        return self.waits and not self.refused and not (self.two and self.mine)


@dataclass(frozen=True, slots=True)
class Changes:
    """The hub file of one hub, for one viewer."""

    files: HubFiles
    viewer: Viewer

    @property
    def hub(self) -> Hub:
        """Whose file it is."""
        return self.files.hub

    async def in_force(self) -> tuple[str, str]:
        """(hash, text) of the file in force; ("", "") when none was kept. Raises Forbidden."""
        require(self.viewer, Action.SEE_ADMINISTRATION)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await self.files.kept(tx)

    async def propose(self, text: str, base: str, proposal: str = "") -> str:
        """Keep a file that somebody wants in force; its id. Raises HubError naming what is wrong, or Unfit."""
        require_person(self.viewer, Action.CHANGE_HUB_FILE)
        if len(text) > LARGEST:
            raise Unfit("text", "That is too long for a hub file")
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            in_force, before = await self.files.kept(tx)
            if base != in_force:
                raise Overtaken
            weighed = await self.files.weigh(tx, text)
        if not weighed.told and text == before:
            raise Unfit("", "This changes nothing")
        return await self._keep(proposal or self.hub.chance.id(), text, base, weighed)

    async def _keep(self, new: str, text: str, base: str, weighed: Weighed) -> str:
        hub = self.hub
        sealed = await hub.safe.seal([_item(hub, new, text)])
        now = hub.clock.now()
        async with hub.database.transaction(hub.scope(self.viewer)) as tx:
            await proposals.put(tx, Proposal(new, now, self.viewer.id, base, weighed.two, sealed[0]))
            await self._noted(tx, "HubFileProposed", new)
            if weighed.two:  # whoever else may is asked: nothing waits unseen
                await tasks.open_(tx, _NO_CASE, OpenTask(_task(new), TaskKind.HUB_FILE, new, now), now)
        return new

    async def look(self, proposal: str) -> Seen:
        """What it would change, as things stand now. Raises NoSuchChange or Forbidden."""
        require(self.viewer, Action.SEE_ADMINISTRATION)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            found = await self._find(tx, proposal)
            text = await self._text(found)
            in_force, _ = await self.files.kept(tx)
            mine = found.made_by == self.viewer.id
            try:
                weighed = await self.files.weigh(tx, text)
            except HubError as refused:  # the bank holidays, or what this release takes, may have changed since
                return Seen(found, text, (), str(refused), found.two, mine)
        overtaken = str(Overtaken()) if found.base != in_force else ""
        return Seen(found, text, weighed.told, overtaken, found.two or weighed.two, mine, weighed.lost)

    async def waiting(self) -> tuple[Proposal, ...]:
        """Those that nobody has ended."""
        require(self.viewer, Action.SEE_ADMINISTRATION)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await proposals.waiting(tx)

    async def apply(self, proposal: str) -> None:
        """Put it in force. Raises Unfit, HubError, NoSuchChange or Forbidden, and has changed nothing then."""
        require_person(self.viewer, Action.APPLY_HUB_FILE)
        seen = await self.look(proposal)
        if seen.two and seen.mine:
            why = "It changes whom something is sent to, or what our letters show, so somebody else must apply it"
            raise Unfit("", f"You proposed this. {why}")
        now = self.hub.clock.now()

        async def ended(tx: Transaction) -> None:
            if not await proposals.end(tx, proposal, Ended.APPLIED, self.viewer.id, now):
                raise Unfit("", "Somebody has applied or withdrawn this already")
            await tasks.close(tx, _NO_CASE, _task(proposal), now)

        await self.files.apply(
            seen.text,
            self.viewer,
            seen.proposal.base,
            also=ended,
            proposal=proposal,
            proposed_by=seen.proposal.made_by,
        )

    async def withdraw(self, proposal: str) -> None:
        """Nobody will apply it. Raises Unfit, NoSuchChange or Forbidden."""
        require_person(self.viewer, Action.CHANGE_HUB_FILE)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            await self._find(tx, proposal)
            if not await proposals.end(tx, proposal, Ended.WITHDRAWN, self.viewer.id, self.hub.clock.now()):
                raise Unfit("", "Somebody has applied or withdrawn this already")
            await tasks.close(tx, _NO_CASE, _task(proposal), self.hub.clock.now())
            await self._noted(tx, "HubFileWithdrawn", proposal)

    async def history(self) -> list[journal.Line]:
        """What was changed of the hub file, its mailboxes and keys, of leave and staff: the newest first."""
        require(self.viewer, Action.SEE_ADMINISTRATION)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return (await journal.lines(tx, journal.DIRECTORY))[::-1]

    async def _find(self, tx: Transaction, proposal: str) -> Proposal:
        found = await proposals.find(tx, proposal)
        if found is None:
            raise NoSuchChange
        return found

    async def _text(self, of: Proposal) -> str:
        bound = _item(self.hub, of.id, "").bound
        return (await self.hub.safe.open(of.blob, bound)).data.decode()

    async def _noted(self, tx: Transaction, kind: str, proposal: str) -> None:
        now, event = self.hub.clock.now(), self.hub.chance.id()
        await journal.note(tx, journal.DIRECTORY, kind, now, event, proposal=proposal)


def _task(proposal: str) -> str:
    """The one task that somebody else looks at it."""
    return f"{TaskKind.HUB_FILE}:{proposal}"


def _item(hub: Hub, proposal: str, text: str) -> Item:
    return Item("profile", bound_data(hub.id, "proposal", proposal, "file"), text.encode())
