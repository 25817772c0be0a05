"""Leave, at the desk: who is away, from which day to which, and who covers; each change is in the directory stream.

1. A SPOC is covered by a SPOC of their own agency: nobody else has its keys. Who is away covers for nobody, in
   whichever order the two leaves are told. Whoever covers is in post for all of it, on the days that the hub file, or
   their role here, gives them.
2. Nobody says of themselves that they cover for a colleague of the hub: cover brings roles, so another gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from exchange.blockers import today
from exchange.case.leave import Leave, Whose
from exchange.case.mailbox import Directory
from exchange.desk.given import Given, Unfit
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.store import journal, leave, profiles, staff
from exchange.store.database import Transaction
from templates import moments

NOON = time(12)  # of a day on which somebody covers: roles begin and end with the day
LONGEST = timedelta(days=366)  # longer is no leave: end the assignment in the hub file, or their account
_SETS = {Whose.SPOC: Action.SET_LEAVE, Whose.STAFF: Action.SET_STAFF_LEAVE}


@dataclass(frozen=True, slots=True)
class Leaves:
    """The leave of one hub, for one viewer."""

    hub: Hub
    viewer: Viewer

    async def add(self, given: Given, leave_id: str = "") -> Leave:
        """Somebody will be away, or is; told once more under the same id, it is the same leave. Raises Unfit or
        Forbidden."""
        require(self.viewer, Action.SET_LEAVE)
        kind = given.choice("kind", Whose)
        require(self.viewer, _SETS[kind])
        day = await self._today()
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            if leave_id and (known := await leave.find(tx, leave_id)):
                return known
            who, covered_by = given.need("who"), given.may("covered_by")
            await self._known(tx, kind, who, covered_by)
            since = given.day("since") or day
            new = Leave(leave_id or self.hub.chance.id(), kind, who, since, _until(given, since, day), covered_by)
            await self._in_post(tx, new)
            await _once(tx, new)
            await leave.put(tx, new)
            await self._noted(tx, "LeaveAdded", new)
        return new

    async def end(self, leave_id: str, given: Given) -> Leave:
        """They are back: today, or on the day given; leave that has not begun is never taken. Raises Unfit."""
        day = await self._today()
        back = given.day("back") or day
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            found = await leave.find(tx, leave_id)
            require(self.viewer, _SETS[found.kind] if found else Action.SET_LEAVE)
            if found is None or found.until < max(day, found.since):
                raise Unfit("leave", "no leave of this id that is not over: see the list of leave")
            if not day <= back <= found.until + timedelta(days=1):
                raise Unfit("back", "Write the day they are back: from today until the day after the leave")
            ended = await leave.end(tx, found, max(back, found.since) - timedelta(days=1))
            await self._noted(tx, "LeaveEnded", ended)
        return ended

    async def listed(self) -> tuple[Leave, ...]:
        """All leave that is not over, the soonest first."""
        require(self.viewer, Action.SEE_DIRECTORY)
        day = await self._today()
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await leave.since(tx, day)

    async def _today(self) -> date:
        return today((await self.hub.rules())[1], self.hub.clock.now())

    async def _known(self, tx: Transaction, kind: Whose, who: str, by: str) -> None:
        if by == who:
            raise Unfit("covered_by", "Nobody covers for themselves: name somebody else, or nobody")
        if kind is Whose.SPOC:
            _are_spocs(await self.hub.directory(tx), who, by)
            return
        for name, member in (("who", who), ("covered_by", by)):
            if member and await staff.find(tx, member) is None:
                raise Unfit(name, f"nobody signs in here as “{member}”: write their staff id")
        if by == self.viewer.id:
            raise Unfit("covered_by", "You would give yourself their roles: let somebody else say that you cover")

    async def _in_post(self, tx: Transaction, new: Leave) -> None:
        """Raises Unfit unless whoever covers is there from its first day to its last."""
        days = [new.since + timedelta(days=n) for n in range((new.until - new.since).days + 1)]
        if not new.covered_by:
            return
        if new.kind is Whose.SPOC:
            spocs = (s for m in (await self.hub.directory(tx)).mailboxes for s in m.spocs if s.id == new.covered_by)
            posts = list(spocs)  # one who serves two mailboxes stands in each
            off = next((day for day in days if not any(spoc.serves(day) for spoc in posts)), None)
        else:
            member, (_, rules) = await staff.find(tx, new.covered_by), await profiles.current_rules(tx)
            now = self.hub.clock.now()
            noons = {day: datetime.combine(day, NOON, rules.calendar.zone) for day in days}
            off = next((d for d, at in noons.items() if member and not member.roles_at(max(at, now))), None)
        if off:
            why = f"{new.covered_by} is not in post on {moments.day(off)}"
            raise Unfit("covered_by", f"{why}: name somebody who is there for all of it, or write the leave in parts")

    async def _noted(self, tx: Transaction, kind: str, of: Leave) -> None:
        facts = {"leave": of.id, "whose": of.kind.value, "who": of.who, "covered_by": of.covered_by or "-"}
        days, now = {"since": str(of.since), "until": str(of.until)}, self.hub.clock.now()
        await journal.note(tx, journal.DIRECTORY, kind, now, self.hub.chance.id(), **facts, **days)


def _until(given: Given, since: date, day: date) -> date:
    until = given.day("until")
    if until is None or until < since or until < day:
        raise Unfit("until", "Write the last day of the leave: not before its first, nor before today")
    if until - since > LONGEST:
        raise Unfit("until", "That is more than a year: end the assignment in the hub file instead")
    return until


def _are_spocs(directory: Directory, who: str, by: str) -> None:
    agency = {s.id: m.agency for m in directory.mailboxes for s in m.spocs}
    for name, spoc in (("who", who), ("covered_by", by)):
        if spoc and spoc not in agency:
            raise Unfit(name, f"no SPOC “{spoc}” in the directory: write an id of the hub file")
    if by and agency[by] != agency[who]:
        raise Unfit("covered_by", f"{by} is of another agency: a SPOC is covered by a colleague")


async def _once(tx: Transaction, new: Leave) -> None:
    for old in await leave.since(tx, new.since):
        if old.kind is not new.kind or old.since > new.until:
            continue
        if old.who == new.who:
            raise Unfit("since", f"they are away from {old.since} to {old.until} already: end that leave first")
        if old.who == new.covered_by:
            away = f"{old.who} is away too, from {old.since} to {old.until}"
            raise Unfit("covered_by", f"{away}: name somebody else, or nobody, or write the leave in two parts")
        if old.covered_by == new.who:
            covers = f"{new.who} covers for {old.who}, who is away from {old.since} to {old.until}"
            raise Unfit("since", f"{covers}: end that leave and write it anew, covered by somebody else or by nobody")
