"""Counting: of an answer that was just written down, why it does not count yet.

The same words on the page, to a program and at the terminal: whoever wrote it down may still be on the telephone.
"""

from __future__ import annotations

from exchange import wording
from exchange.case.state import Case, Leg
from exchange.desk.given import Given

_LEG = {"answered": ("leg",), "rang": ("about", "leg")}  # by act: the values that name whose answer it is


def uncounted(act: str, given: Given, after: Case) -> Leg | None:
    """The leg whose answer this act wrote down, where that ends nothing yet."""
    named = next(filter(None, (given.may(name) for name in _LEG.get(act, ()))), "")
    leg = after.leg(named) if given.may("answer") else None
    return leg if leg and leg.unqualified else None


def not_counted(leg: Leg) -> str:
    """Why a nil return ends nothing yet, and what to do about it."""
    return (
        f"This nil return does not count yet: {wording.not_said(leg.nil_missing)}. Ask, and record the answer again"
    )
