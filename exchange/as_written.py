"""As written: what a packet says of its leg, so that one whose times change while it is written is written anew.

Writing and sealing take a moment, in which somebody may rate or correct. What was written before that never leaves.
"""

from __future__ import annotations

from exchange.case.effect import Letter
from exchange.case.state import Case, Leg
from exchange.store import outbox


class Outdated(RuntimeError):
    """What the letter says of the case changed while it was written: it is written anew."""


def as_written(row: outbox.Row, case: Case) -> Leg | None:
    """The leg whose times and parts the letter names; None for letters that name none."""
    return case.leg(row.about.partition("/")[0]) if row.letter in (Letter.PACKET, Letter.DEPUTY) else None


def refuse_outdated(written: Leg, case: Case) -> None:
    """Raises Outdated when the case does not say any more what was written."""
    if _told(case.leg(written.id)) != _told(written):
        raise Outdated


def _told(leg: Leg | None) -> tuple[object, ...]:
    return (leg.acknowledge_due, leg.answer_due, leg.subjects, leg.manifest, leg.kept_back) if leg else ()
