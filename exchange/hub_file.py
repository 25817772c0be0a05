"""The hub file: weighed against what is in force, and put in force, in the same way for commands and pages.

1. A file is judged by the loader, whoever brings it; the lines that tell of a change are those of `hubs.difference`.
2. The text is kept sealed as people wrote it, comments and all: it is what is changed next.
3. A change that began from another text than the one in force is refused: somebody else was quicker.
4. Whom something is sent to, and how, and what each letter shows of the hub itself, whom people ring above all, is
   changed by two people where it is changed on pages (`Weighed.two`).
5. A file that an operator brings takes back nothing that was changed on pages since theirs, unless they say so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from exchange import blockers, calendars, mailbox_changes, moves, ways_lost
from exchange.case.moving import Move
from exchange.hub import Hub
from exchange.hubs import canonical, difference, loader
from exchange.hubs.refusal import HubError
from exchange.policy import Viewer
from exchange.policy import roles as read_roles
from exchange.safe import Item, digest
from exchange.store import journal, profiles
from exchange.store.database import Transaction
from keys.vault import bound_data

DIGEST = 24  # hexadecimal digits of what stands for an address in the record: 96 bits
OPERATOR = "operator"  # who brings a file by command
_KEPT = "HubFileKept"  # the line of the record that there is another text
_KIND = "file"  # of profile: the text, beside the rules and the directory that are read from it

Also = Callable[[Transaction], Awaitable[None]]


class Overtaken(HubError):
    """Somebody else has changed the hub file since you began: look at it as it is now, and make your change again."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hub file that could be put in force, and what it would change."""

    text: str = field(repr=False)
    file: loader.HubFile = field(repr=False)
    before: loader.HubFile | None = field(repr=False)  # None: it would be the first
    lines: tuple[str, ...]  # empty when it changes nothing
    every: tuple[Move, ...] = ()  # mailboxes on their way, as they would be then
    fresh: tuple[Move, ...] = ()  # of those, the new ones
    lost: tuple[str, ...] = ()  # what it would take from the ways to a mailbox, in sentences

    @property
    def told(self) -> tuple[str, ...]:
        """What would change, and what follows from it."""
        return (*self.lines, *(moves.line(move) for move in self.fresh if not move.quiet))

    @property
    def two(self) -> bool:
        """Rule 4: whether a second person must agree to it."""
        return self.before is None or _reaching(self.before) != _reaching(self.file)


@dataclass(frozen=True, slots=True)
class HubFiles:
    """The hub files of one hub."""

    hub: Hub
    hold: timedelta  # until a mailbox with another address is written to there

    async def kept(self, tx: Transaction) -> tuple[str, str]:
        """(hash, text) of the file in force; ("", "") when it was applied by a release that kept no text."""
        try:
            found, sealed = await profiles.current(tx, _KIND)
        except profiles.NoProfile:
            return "", ""
        plain = await self.hub.safe.open(sealed, bound_data(self.hub.id, "profile", found, _KIND))
        return found, plain.data.decode()

    async def weigh(self, tx: Transaction, text: str) -> Weighed:
        """What the file would change. Raises HubFileRefused, which names every fault."""
        new = loader.read(text, await calendars.known(tx), self.hub.id)
        _know_roles(new)
        before = await self._in_force(tx)
        every, fresh = (
            await moves.applied(self.hub, tx, before.directory, new.directory, self.hold) if before else ((), ())
        )
        day = blockers.today(new.rules, self.hub.clock.now())
        lost = ways_lost.lost(before.directory, new.directory, new.rules.agencies, day) if before else ()
        return Weighed(text, new, before, difference.changes(before, new), every, fresh, lost)

    async def taken_back(self, tx: Transaction, text: str) -> tuple[str, ...]:
        """Rule 5: what was changed on pages since an operator last brought a file, and is not so in this one."""
        kept = [line for line in await journal.lines(tx, journal.DIRECTORY) if line.kind == _KEPT]
        theirs = next((line for line in reversed(kept) if line.by == OPERATOR), None)
        if theirs is None or theirs is kept[-1]:
            return ()
        old, now = await self._file(tx, str(theirs.facts["file"])), await self._in_force(tx)
        if old is None or now is None:
            return ()
        mine = frozenset(difference.changes(old, loader.read(text, await calendars.known(tx), self.hub.id)))
        return tuple(line for line in difference.changes(old, now) if line not in mine)

    async def _file(self, tx: Transaction, name: str) -> loader.HubFile | None:
        """A file that was in force; None when this release would not take it any more."""
        sealed = await profiles.find(tx, _KIND, name)
        if sealed is None:
            return None
        plain = await self.hub.safe.open(sealed, bound_data(self.hub.id, "profile", name, _KIND))
        try:
            return loader.read(plain.data.decode(), await calendars.known(tx), self.hub.id)
        except HubError:
            return None

    async def apply(
        self, text: str, actor: str | Viewer, base: str | None = None, *, also: Also | None = None, **facts: str
    ) -> Weighed:
        """Put a file in force; `base` is the hash of the text that the change began from, if anybody asks. `facts`
        are written beside it into the record. Raises HubFileRefused or Overtaken, and has changed nothing then."""
        async with self.hub.database.transaction(self.hub.scope(actor)) as tx:
            in_force, _ = await self.kept(tx)
            if base is not None and base != in_force:
                raise Overtaken
            weighed = await self.weigh(tx, text)
            if weighed.lines:
                await self._put(tx, weighed, facts)
            if canonical.content_hash(text) != in_force:
                await self._keep(tx, text)
            if also:
                await also(tx)
        return weighed

    async def _put(self, tx: Transaction, weighed: Weighed, facts: dict[str, str]) -> None:
        hub, now, new = self.hub, self.hub.clock.now(), weighed.file
        rules, directory = canonical.canonical_rules(new.rules), canonical.directory_json(new.directory)
        await profiles.put(tx, "rules", rules.encode(), rules.encode(), now)
        name = await self._seal(tx, "directory", directory)
        await blockers.lift(tx, new.directory, blockers.today(new.rules, now), now)
        await self._noted(tx, "ProfileApplied", rules=canonical.content_hash(rules), directory=name, **facts)
        await self._mailboxes_noted(tx, weighed)
        await moves.keep(hub, tx, weighed.every, weighed.fresh)

    async def _keep(self, tx: Transaction, text: str) -> None:
        """The record says that there is another text; of its changes tell the lines beside it."""
        await self._noted(tx, _KEPT, file=await self._seal(tx, _KIND, text))

    async def _seal(self, tx: Transaction, kind: str, text: str) -> str:
        name = canonical.content_hash(text)
        item = Item("profile", bound_data(self.hub.id, "profile", name, kind), text.encode())
        sealed = await self.hub.safe.seal([item])
        return await profiles.put(tx, kind, text.encode(), sealed[0], self.hub.clock.now())

    async def _mailboxes_noted(self, tx: Transaction, weighed: Weighed) -> None:
        secret = self.hub.safe.derive("directory")

        def digested(text: str) -> str:
            return digest(secret, text)[:DIGEST]

        before = weighed.before.directory if weighed.before else None
        for kind, facts in mailbox_changes.lines(before, weighed.file.directory, digested):
            await self._noted(tx, kind, **facts)

    async def _in_force(self, tx: Transaction) -> loader.HubFile | None:
        try:
            _, rules = await profiles.current_rules(tx)
        except profiles.NoProfile:
            return None
        return loader.HubFile(rules, await self.hub.filed(tx))

    async def _noted(self, tx: Transaction, kind: str, **facts: str) -> None:
        await journal.note(tx, journal.DIRECTORY, kind, self.hub.clock.now(), self.hub.chance.id(), **facts)


def _know_roles(new: loader.HubFile) -> None:
    try:
        read_roles(tuple(minimum.role for minimum in new.directory.cover))
    except ValueError as unknown:
        raise HubError(f"[cover]: {unknown}") from None


def _reaching(file: loader.HubFile) -> tuple[object, ...]:
    """What decides who is sent what, by which way, and whom those ring who read a letter or a page of ours."""
    rules, directory = file.rules, file.directory
    boxes = [facts for _, facts in mailbox_changes.lines(None, directory, str)]
    ours = rules.name, rules.telephone, rules.duty_telephone, rules.letters
    return rules.agencies, rules.routes, rules.open_cases, boxes, directory.route_types, ours
