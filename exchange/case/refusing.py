"""Refusing: an adult who can decide for themselves has said no, and it is respected until a person records a ground.

It holds for whoever else would be told of them: asked, invited, given something to do, or handed the case. A ground
may be recorded for some agencies alone. What concerns the others of the household goes on, about them alone (domain
3.8), and without the words that were said with the contact (`Case.words_for`).
"""

from __future__ import annotations

from collections.abc import Iterable

from exchange.case.state import Case
from exchange.case.step import CannotHappen


def respect(case: Case, subjects: Iterable[str], agencies: Iterable[str]) -> None:
    """Raises CannotHappen when one of these subjects refuses that one of these agencies is told, or is in the case by
    error alone."""
    agencies = tuple(agencies)
    wrong = [s.id for s in case.subjects if s.id in subjects and s.in_error]
    if wrong:
        raise CannotHappen(f"entered in error ({', '.join(wrong)}): leave them out")
    refusing = [s.id for s in case.subjects if s.id in subjects and any(map(s.keeps_from, agencies))]
    if refusing:
        raise CannotHappen(
            f"an adult with capacity refuses ({', '.join(refusing)}), so that no agency is told about them but those "
            "for which a manager recorded a ground: leave them out and go on about the others, or let a manager "
            "record the ground first (override_refusal)"
        )
