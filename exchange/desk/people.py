"""People: who answers at each agency today, who is away and who then, what ends soon, and with which keys.

Names and numbers of people at agencies stand here for hub staff alone; what is stored of their leave are ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from exchange import key_states
from exchange.blockers import today
from exchange.case.lapse import Lapse, lapses
from exchange.case.leave import Leave, Whose
from exchange.case.mailbox import Directory, Mailbox, MailboxRole, Spoc
from exchange.case.presence import Presence
from exchange.case.rota import on_duty
from exchange.case.rules import Rules
from exchange.covering import Gap, gaps
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.policy import Action, Viewer, require
from exchange.store import leave

AHEAD = 7  # days for which too few staff are said at the desk and by commands


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, as they stand at one moment."""

    rules: Rules
    now: datetime
    presence: Presence
    leaves: tuple[Leave, ...]  # those to come too
    keys: list[dict[str, Any]]
    gaps: tuple[Gap, ...]  # of the coming days

    @property
    def directory(self) -> Directory:
        """Whom the hub may write to."""
        return self.presence.directory

    @property
    def lapses(self) -> tuple[Lapse, ...]:
        """What ends soon, or has ended."""
        return lapses(self.directory, self.presence.day)

    def rows(self) -> list[dict[str, Any]]:
        """An agency a row, as a program reads it."""
        return [
            {
                "agency": agency.id, "name": agency.name,
                "keys": [{k: v for k, v in key.items() if k != "agency"} for key in self.keys
                         if key["agency"] == agency.id],
                "mailboxes": [self._mailbox(m) for m in self.directory.of(agency.id)],
            }
            for agency in self.rules.agencies
        ]  # fmt: skip

    def _mailbox(self, mailbox: Mailbox) -> dict[str, Any]:
        calendar = mailbox.calendar(self.rules.calendar)
        there = self.presence.on_now(mailbox, self.now.astimezone(self.rules.calendar.zone))
        away = self.presence.away(mailbox)
        stands_by = mailbox.role is not MailboxRole.TEAM
        instead = mailbox if stands_by or not away else self.presence.choices(mailbox.agency)[0]
        return {
            "mailbox": mailbox.id, "role": mailbox.role.value, "telephone": mailbox.telephone,
            "address": mailbox.address.text, "transports": [t.value for t in mailbox.transports],
            "topics": list(mailbox.topics), "open": calendar.is_open(self.now),
            "opens": calendar.next_open(self.now), "away": away,
            "instead": instead.id if instead is not mailbox else "",
            "answers_now": [s.id for s in there], "people": [self._spoc(s, mailbox) for s in mailbox.spocs],
        }  # fmt: skip

    def _spoc(self, spoc: Spoc, mailbox: Mailbox) -> dict[str, Any]:
        day = self.presence.day
        gone = next((x for x in self.leaves if (x.kind, x.who) == (Whose.SPOC, spoc.id) and x.holds(day)), None)
        turns = on_duty(mailbox.rota, self.now.astimezone(self.rules.calendar.zone))
        return {
            "spoc": spoc.id, "name": spoc.name, "telephone": spoc.telephone, "topic": spoc.topic,
            "since": spoc.since, "until": spoc.until, "current": spoc.serves(day), "vetting": spoc.vetting,
            "vetted_until": spoc.vetted_until, "on_leave_until": gone.until if gone else None,
            "covered_by": gone.covered_by if gone else "", "turn": spoc.id in turns,
        }  # fmt: skip


async def people(hub: Hub, keyroom: Keyroom, viewer: Viewer) -> People:
    """Everybody, for somebody who may see them. Raises Forbidden."""
    require(viewer, Action.SEE_DIRECTORY)
    _, rules = await hub.rules()
    now = hub.clock.now()
    day = today(rules, now)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        directory, leaves = await hub.directory(tx), await leave.since(tx, day)
    presence = Presence(directory, day, tuple(x for x in leaves if x.holds(day)))
    return People(
        rules, now, presence, leaves, await key_states.key_states(hub, keyroom), await gaps(hub, rules, AHEAD)
    )


def gap_lines(found: tuple[Gap, ...]) -> tuple[str, ...]:
    """A line for each role of which too few are there, with the days."""
    days: dict[tuple[str, int], list[str]] = {}
    for gap in found:
        days.setdefault((gap.role, gap.least), []).append(f"{_short(gap.day)} ({gap.there} there)")
    return tuple(f"{role}: {least} must be there; {', '.join(on)}" for (role, least), on in days.items())


def _short(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
