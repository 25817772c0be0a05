"""Owning: whose a case is. Whoever looks first, until somebody takes it or is given it."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.ownership import Owned
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step


def owned(case: Case, event: Owned, rules: Rules) -> Step:
    """It is theirs from now on."""
    if case.closed:
        raise CannotHappen("this case is closed: nobody need own it")
    return Step(replace(case, owner=event.owner))
