"""Disposing: what may be done to a record at the end of its life, or kept from being done."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.disposal import (
    SHARED,
    TRANSPORT,
    Disposal,
    Disposed,
    Hold,
    LegalHoldLifted,
    LegalHoldSet,
)
from exchange.case.effect import CloseTask
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step

TASK = "dispose"  # the key of the task that says something is due


def hold_set(case: Case, event: LegalHoldSet, rules: Rules) -> Step:
    """Hold the record. Holding it twice for one reason changes nothing."""
    if any(hold.in_force and hold.why is event.why for hold in case.holds):
        return Step(case)
    return Step(replace(case, holds=(*case.holds, Hold(event.at, event.by, event.why))), (CloseTask(TASK),))


def hold_lifted(case: Case, event: LegalHoldLifted, rules: Rules) -> Step:
    """One reason is over; the others still hold."""
    if not any(hold.in_force and hold.why is event.why for hold in case.holds):
        raise CannotHappen("the record is not held for this reason: look at its holds again")
    ended = tuple(
        replace(hold, lifted_at=event.at, lifted_by=event.by) if hold.in_force and hold.why is event.why else hold
        for hold in case.holds
    )
    return Step(replace(case, holds=ended))


def on_hold(case: Case) -> bool:
    """Whether nothing of the case may be disposed of."""
    return any(hold.in_force for hold in case.holds)


def disposed(case: Case, event: Disposed, rules: Rules) -> Step:
    """Parts of the record are destroyed. The schedule in force today is the edge's to read (retention.lives): rules
    of a receipt years ago would keep a record longer, or shorter, than is lawful now."""
    if case.closed is None:
        raise CannotHappen("this case is open: nothing of it is disposed of before it is closed")
    if on_hold(case):
        raise CannotHappen("a legal hold stands on this record: a records officer must lift it first")
    if event.at < event.due:
        raise CannotHappen("this is not due yet: see `exchange retention list` for when it is")
    if not event.parts or not all(_is_part(case, part) for part in event.parts):
        raise CannotHappen("name parts of this case: a subject, a contribution, “case” or “transport”")
    gone = Disposal(event.at, event.by, event.parts, event.rule)
    return Step(replace(case, disposals=(*case.disposals, gone)), (CloseTask(TASK),))


def _is_part(case: Case, part: str) -> bool:
    if part in (SHARED, TRANSPORT):
        return True
    return bool(case.subject(part) or case.contribution(part) or case.leg(part) or case.product(part)) or bool(
        case.record(part)
    )
