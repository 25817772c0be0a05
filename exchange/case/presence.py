"""Presence: who of an agency answers on a day, through which mailbox it is asked then, and whom to ring.

1. A mailbox whose every current SPOC is on leave is asked only when nobody else of the agency is there. One for which
   no SPOC is named is read by whoever works there: nobody's leave closes it.
2. A SPOC who must not see a case takes their mailboxes out of it, and those that they cover for somebody on leave:
   cover never gives back what a restriction took.
3. The lead's mailbox is asked when nothing else of the agency is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from exchange.case.leave import Leave, Whose, away, covered
from exchange.case.mailbox import Directory, Mailbox, MailboxRole, Spoc
from exchange.case.rota import on_duty

NOBODY: frozenset[str] = frozenset()
# Why a letter is held, in the words of its news:
NO_OTHER = "no_other_mailbox"  # every mailbox of the agency is read by somebody who must not see the case
ANOTHER_MAILBOX = "gate:another_mailbox"  # it was sealed for a mailbox to which it may not go any more


@dataclass(frozen=True, slots=True)
class Presence:
    """The agencies' people on one day."""

    directory: Directory
    day: date
    leaves: tuple[Leave, ...] = ()

    @property
    def on_leave(self) -> frozenset[str]:
        """The ids of the SPOCs who are on leave."""
        return away(self.leaves, Whose.SPOC, self.day)

    def current(self, mailbox: Mailbox) -> tuple[Spoc, ...]:
        """Whose assignment is in force, on leave or not."""
        return tuple(s for s in mailbox.spocs if s.serves(self.day))

    def present(self, mailbox: Mailbox) -> tuple[Spoc, ...]:
        """Who answers there that day."""
        return tuple(s for s in self.current(mailbox) if s.id not in self.on_leave)

    def away(self, mailbox: Mailbox) -> bool:
        """Whether everybody who answers there is on leave."""
        return bool(self.current(mailbox)) and not self.present(mailbox)

    def on_now(self, mailbox: Mailbox, at: datetime) -> tuple[Spoc, ...]:
        """Who answers there at this moment of the hub's wall: by the rota if there is one, or everybody present."""
        there = self.present(mailbox)
        turns = on_duty(mailbox.rota, at)
        return tuple(s for s in there if s.id in turns) if mailbox.rota else there

    def avoided(self, spocs: frozenset[str]) -> frozenset[str]:
        """The mailboxes that these SPOCs may read, now or later, or cover for somebody today."""
        mine = frozenset(who for spoc in spocs for who in (spoc, *covered(self.leaves, Whose.SPOC, spoc, self.day)))
        return frozenset(m.id for m in self.directory.mailboxes if any(self._reads(s, mine) for s in m.spocs))

    def _reads(self, spoc: Spoc, ids: frozenset[str]) -> bool:
        return spoc.id in ids and (spoc.until is None or self.day <= spoc.until)

    def choices(
        self, agency: str, topics: frozenset[str] = NOBODY, without: frozenset[str] = NOBODY
    ) -> tuple[Mailbox, ...]:
        """Where the agency may be asked, first choice first: its team, who covers for it, its deputies, its lead."""
        team = [m for m in self.directory.team(agency, topics) if m.id not in without]
        deputies = [m for m in self._deputies(agency) if m.id not in without]
        lead = [m for m in self.directory.standing_by(agency, MailboxRole.LEAD) if m.id not in without]
        there = [m for m in (*team, *deputies) if not self.away(m)]
        if not team:  # nobody of the team may see it: then whoever else there is
            return tuple(dict.fromkeys((*there, *deputies, *lead)))
        return tuple(dict.fromkeys((*there, *team, *deputies, *lead)))

    def _deputies(self, agency: str) -> tuple[Mailbox, ...]:
        """Its deputies' mailboxes; first those of whoever covers for somebody of the agency who is on leave."""
        mine = {s.id for m in self.directory.of(agency) for s in m.spocs}
        cover = {x.covered_by for x in self.leaves if x.who in mine and x.holds(self.day)}
        found = self.directory.standing_by(agency, MailboxRole.DEPUTY)
        return tuple(sorted(found, key=lambda m: cover.isdisjoint(s.id for s in self.present(m))))

    def deputies(self, agency: str, without: frozenset[str] = NOBODY) -> tuple[Mailbox, ...]:
        """Where a deputy of the agency is there to be asked."""
        return tuple(m for m in self._deputies(agency) if m.id not in without and not self.away(m))

    def champions(
        self, agency: str, topics: frozenset[str], without: frozenset[str] = NOBODY
    ) -> tuple[tuple[Mailbox, Spoc], ...]:
        """Who at the agency is there and answers for one of the topics, each with the mailbox that they read."""
        return tuple(
            (m, s)
            for m in self.directory.of(agency)
            for s in self.present(m)
            if s.topic in topics and m.id not in without
        )
