"""As written: what a packet says of its leg, so that one whose times change while it is written is written anew.

Writing and sealing take a moment, in which somebody may rate, correct or sort. What was written before that never
leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.case.effect import Letter
from exchange.case.state import Case, Leg
from exchange.store import outbox


class Outdated(RuntimeError):
    """What the letter says of the case changed while it was written: it is written anew."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a letter was written from."""

    leg: Leg
    corrections: int  # how often answers had been put right
    sortings: int  # how often it had been sorted: whose open case it is stands in the packet

    @property
    def told(self) -> tuple[object, ...]:
        """What would make it another letter."""
        leg = self.leg
        of_leg = leg.acknowledge_due, leg.answer_due, leg.subjects, leg.manifest, leg.kept_back
        return *of_leg, self.corrections, self.sortings


def as_written(row: outbox.Row, case: Case) -> Written | None:
    """What the letter tells of a leg; None for letters that tell of none."""
    if row.letter not in (Letter.PACKET, Letter.DEPUTY):
        return None
    return _written(row.about.partition("/")[0], case)


def refuse_outdated(written: Written, case: Case) -> None:
    """Raises Outdated when the case does not say any more what was written."""
    now = _written(written.leg.id, case)
    if now is None or now.told != written.told:
        raise Outdated


def _written(leg: str, case: Case) -> Written | None:
    found = case.leg(leg)
    return Written(found, len(case.corrections), len(case.sortings)) if found else None
