"""Ladder: what a hub file says of silence past a due time."""

from __future__ import annotations

from exchange.case.escalation import EscalationRules, Rung
from exchange.hubs import shapes
from exchange.hubs.reading import Table

_RUNG = shapes.mapped(shapes.one_of(Rung, "rung"), Rung, Rung.DEPUTY)


def escalation(root: Table) -> EscalationRules:
    """How the hub climbs; every key may be left out. What cannot wait must not stand still at night."""
    usual = EscalationRules()
    if "escalation" not in root:
        return usual
    table = root.table("escalation")
    return EscalationRules(
        ladder=table.may_list("ladder", _RUNG, usual.ladder),
        step=table.may("step", shapes.CLOCK, None),
        red_step=table.may("red_step", shapes.ELAPSED, None),
        call_again=table.may("call_again", shapes.ELAPSED, usual.call_again),
        duty_again=table.may("duty_again", shapes.ELAPSED, usual.duty_again),
    )
