"""Auditing at the desk: the record is read, verified and exported, and that it was is itself in the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from exchange.desk.given import Given, Unfit
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require, require_person
from exchange.spreadsheet import as_csv
from exchange.store import audit, audit_log, heads, journal
from exchange.store.audit_log import Entry, Place, Wanted

PAGE = 100  # entries on one page
MOST = 100_000  # rows of one export: what a spreadsheet still opens; narrow the dates for more
HEAD = ("When (UTC)", "Stream", "Number", "What", "By", "Facts", "Link of the chain")


@dataclass(frozen=True, slots=True)
class Read:
    """One page of the record."""

    entries: tuple[Entry, ...]
    count: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Auditing:
    """The record of one hub, for one viewer."""

    hub: Hub
    viewer: Viewer

    async def wanted(self, given: Given) -> Wanted:
        """What somebody wants to see; days are those of the hub's wall. Raises Unfit."""
        since, until = given.day("since"), given.day("until")
        if since and until and until < since:
            raise Unfit("until", "Write the later day last")
        after = until + timedelta(days=1) if until else None
        return Wanted(
            given.may("case").upper()[:40], given.may("by")[:80], given.may("kind")[:80], await self._start(since),
            await self._start(after),
        )  # fmt: skip

    async def read(self, wanted: Wanted, page: int) -> Read:
        """One page, from 1. Raises Forbidden."""
        require(self.viewer, Action.READ_AUDIT)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            found = await audit_log.entries(tx, wanted, PAGE, (page - 1) * PAGE)
            read = Read(found, await audit_log.count(tx, wanted), await audit_log.kinds(tx))
        await self._noted("AuditRead", wanted)
        return read

    async def older(self, wanted: Wanted, most: int, beyond: Place | None) -> tuple[Entry, ...]:
        """At most so many, older than a place: what is recorded meanwhile moves nothing. Raises Forbidden."""
        require(self.viewer, Action.READ_AUDIT)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            found = await audit_log.entries(tx, wanted, most, beyond=beyond)
        await self._noted("AuditRead", wanted)
        return found

    async def verify(self, head: str = "") -> audit.Verified | audit.Broken:
        """Whether the whole record holds, and reaches to a head that was kept outside. Raises Unfit or Forbidden."""
        require(self.viewer, Action.READ_AUDIT)
        kept = heads.read(head) if head else None
        if head and kept is None:
            raise Unfit("head", "This holds no head: paste what came by mail, or what `exchange audit head` printed")
        async with self.hub.database.reading(self.hub.scope()) as tx:  # in nobody's name: a case kept from them too
            found = await audit.verify(tx, kept)
        await self.hub.note(journal.ACCESS, "AuditVerified", self.viewer.id, holds=str(_holds(found)))
        return found

    async def export(self, wanted: Wanted) -> str:
        """All that is wanted, as a spreadsheet. Raises Unfit or Forbidden."""
        require_person(self.viewer, Action.EXPORT)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            number = await audit_log.count(tx, wanted)
            if number > MOST:
                raise Unfit("since", f"That is {number} lines: choose days between which there are fewer than {MOST}")
            found = await audit_log.entries(tx, wanted, MOST)
        await self._noted("AuditExported", wanted)
        return as_csv(HEAD, (_row(entry) for entry in found))

    async def _start(self, day: date | None) -> datetime | None:
        if day is None:
            return None
        _, rules = await self.hub.rules()
        return datetime.combine(day, time.min, rules.calendar.zone)

    async def _noted(self, kind: str, wanted: Wanted) -> None:
        asked = {"case": wanted.case, "of": wanted.by, "what": wanted.kind,
                 "since": str(wanted.since or ""), "until": str(wanted.until or "")}  # fmt: skip
        await self.hub.note(journal.ACCESS, kind, self.viewer.id, **{k: v for k, v in asked.items() if v})


def _holds(found: audit.Verified | audit.Broken) -> bool:
    return isinstance(found, audit.Verified)


def _row(entry: Entry) -> tuple[object, ...]:
    facts = "; ".join(f"{name}={value}" for name, value in entry.facts.items())
    return entry.at.isoformat(timespec="seconds"), entry.stream, entry.seq, entry.kind, entry.by, facts, entry.chain
