"""Ahead: what happens next to what somebody owes, and when; how long there is left, and whom to ring until then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from exchange import scripts
from exchange.case import escalating
from exchange.case.escalation import Rung
from exchange.case.mailbox import MailboxRole
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import Attendance, Invitee, StrategyDiscussion
from exchange.owed import Owed
from templates.moments import span

RUNGS = {  # what the next rung does
    Rung.DEPUTY: "their deputy is asked",
    Rung.LEAD: "their lead is told",
    Rung.MANAGER: "the hub manager is told",
    Rung.BOARD: "it goes into the board’s log",
}
_NOBODY_THERE = {  # what it cannot do
    Rung.DEPUTY: "they have no deputy who could be asked",
    Rung.LEAD: "they have no lead who could be told",
}
_NO_MAILBOX = "no reminder goes: nobody there may be written to; ask another agency in its place"
_PRESSED = "the desk is asked again to ring"
_REMINDED = "they are reminded by mail"
_HELD_BACK = "no reminder goes: what was sent has not reached them"
_BY_MAIL = frozenset({"acknowledgement", "answer", "unqualified_nil", "attendance"})


def left(due: datetime, now: datetime) -> str:
    """`25 minutes left`, `late by 2 days`."""
    return f"{span(due - now)} left" if now < due else f"late by {span(now - due)}"


@dataclass(frozen=True, slots=True)
class Ahead:
    """One case, read for what comes next."""

    case: Case
    rules: Rules
    presence: Presence
    wakes: dict[str, datetime]  # its running clocks
    now: datetime

    def of(self, owed: Owed) -> Owed:
        """The same, with what comes next."""
        owed = replace(owed, left=left(owed.due, self.now))
        agency = scripts.agency_about(self.case, owed.about)
        if owed.what not in _BY_MAIL or not agency:
            return owed
        found = scripts.numbers_about(self.case, owed.about, self.presence)
        then, at = self._next(owed)
        return replace(
            owed, agency=agency, numbers=tuple((n.who, n.telephone) for n in found), then=then, next_at=at,
            telephone=found[0].telephone if found else "", who=found[0].who if found else "",
        )  # fmt: skip

    def _next(self, owed: Owed) -> tuple[str, datetime | None]:
        leg, invitee = self.case.leg(owed.about), self.case.seat(owed.about)
        discussion = self.case.discussion(owed.about.partition("/")[0])
        if leg:
            return self._of_leg(leg)
        return self._of_seat(discussion, invitee) if discussion and invitee else ("", owed.next_at)

    def _of_leg(self, leg: Leg) -> tuple[str, datetime | None]:
        ring = self.wakes.get(f"ring:{leg.id}")
        awaited = leg.acknowledged_at is None
        at = self.wakes.get(f"{'remind' if awaited else 'answer'}:{leg.id}")
        nudge = None if awaited else self.wakes.get(f"nudge:{leg.id}")
        if ring and (at is None or ring < at):
            return "nobody was reached: " + _PRESSED, ring
        if nudge and (at is None or nudge < at) and leg.arrived:
            return self._reminded(leg.agency), nudge
        due = leg.acknowledge_due if awaited else leg.answer_due
        if at and at < due:
            return self._reminded(leg.agency) if leg.arrived else _HELD_BACK, at
        rung = escalating.next_rung(leg.rungs, escalating.since(leg), self.rules)
        return self._words(rung, leg.agency, leg.arrived, leg.deputy_asked_at), at

    def _of_seat(self, discussion: StrategyDiscussion, seat: Invitee) -> tuple[str, datetime | None]:
        about = f"{discussion.id}/{seat.id}"
        at, ring = self.wakes.get(f"chase:{about}"), self.wakes.get(f"ring:{about}")
        if ring and (at is None or ring < at):
            return "nobody was reached: " + _PRESSED, ring
        soon = self.wakes.get(f"soon:{about}")
        if soon and (at is None or soon < at) and seat.arrived:
            return self._reminded(seat.agency), soon
        if seat.attendance is not Attendance.AWAITED:
            return _PRESSED, at
        if not seat.chased:
            return ("they are chased by mail" if seat.arrived else _PRESSED), at
        rung = escalating.next_rung(seat.rungs, escalating.seat_since(discussion, seat), self.rules)
        return self._words(rung, seat.agency, seat.arrived, seat.deputy_asked_at), at

    @property
    def _avoided(self) -> frozenset[str]:
        return self.presence.avoided(self.case.spocs_shut_out)

    def _reminded(self, agency: str) -> str:
        return _REMINDED if self.presence.choices(agency, without=self._avoided) else _NO_MAILBOX

    def _words(self, rung: Rung | None, agency: str, arrived: bool, deputy_asked: datetime | None) -> str:
        """The desk is pressed, and the next rung reached: as far as there is somebody on it."""
        if rung is None or (rung is Rung.DEPUTY and deputy_asked):  # who was asked once is not asked again
            return _PRESSED
        if rung in _NOBODY_THERE and not self._there(rung, agency):
            return f"{_PRESSED}; {_NOBODY_THERE[rung]}"
        if rung is Rung.LEAD and not arrived:
            return f"{_PRESSED}, and to ring their lead"
        return f"{_PRESSED}, and {RUNGS[rung]}"

    def _there(self, rung: Rung, agency: str) -> bool:
        if rung is Rung.DEPUTY:  # not the one who is asked already, because everybody of the team is away
            asked = {m.id for m in self.presence.choices(agency, without=self._avoided)[:1]}
            return bool(self.presence.deputies(agency, self._avoided | asked))
        leads = self.presence.directory.standing_by(agency, MailboxRole.LEAD)
        return any(m.id not in self._avoided for m in leads)
