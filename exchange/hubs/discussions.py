"""The discussions of a hub file: the strategy discussion, its variants, and the sessions that recur."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from exchange.case.rules import DiscussionRules, StrategyRules
from exchange.case.session import Session
from exchange.hubs import shapes, statutes
from exchange.hubs.agencies import Register
from exchange.hubs.hours import DAYS
from exchange.hubs.reading import Table
from exchange.hubs.statutes import Law

_WEEK = DAYS[:5]


def strategy(root: Table, known: Register, law: Law, statute: str) -> StrategyRules:
    """Who must be there: at least those of the statute; a function that no agency has could never be."""
    table = root.table("strategy")
    rules = StrategyRules(**_kind(table, known, law, StrategyRules()), variants=tuple(_variants(table, known, law)))
    least = statutes.quorum(statute)
    if table.sound("quorum") and not set(least) <= set(rules.quorum):
        said = ", ".join(f'"{function}"' for function in dict.fromkeys((*least, *rules.quorum)))
        table.fault("quorum", f"below the minimum of the statute ({statute})", f"write [{said}]")
    return rules


def _variants(table: Table, known: Register, law: Law) -> Iterator[DiscussionRules]:
    if "variants" not in table:
        return
    for name, row in table.table("variants").every(shapes.IDENTITY):
        form = row.may("form", shapes.FORM, "")
        clock = "adult_strategy" if form == "adult" else "strategy_discussion"
        usual = DiscussionRules(form=form, clock=clock)
        read = _kind(row, known, law, usual)
        yield DiscussionRules(**{**read, "kind": name, "label": row.need("label", shapes.TEXT), "form": form})


def _kind(table: Table, known: Register, law: Law, usual: DiscussionRules) -> dict[str, Any]:
    function = shapes.one_of(known.functions(), "function of an agency")
    clock = shapes.one_of((c.name for c in law.statute.clocks), "clock")
    quorum, chair = table.need_list("quorum", function), table.need("chair", function)
    if table.sound("quorum") and table.sound("chair") and chair not in quorum:
        table.fault("chair", "not of the quorum", "name one of the functions that must be there")
    least = tuple(f for f in usual.emergency if f in quorum) or quorum
    return {
        "quorum": quorum,
        "chair": chair,
        "reply": table.may("reply", shapes.CLOCK, usual.reply),
        "minutes": table.may("minutes", shapes.MINUTES, usual.minutes),
        "label": table.may("label", shapes.TEXT, usual.label),
        "invite": table.may_list("invite", function),
        "referrer": table.may("referrer", shapes.YES, True),
        "emergency": table.may_list("emergency", function, least),
        "clock": table.may("clock", clock, usual.clock),
        "record": table.may("record", clock, usual.record),
    }


def sessions(root: Table, known: Register, held: StrategyRules) -> Iterator[Session]:
    """The sessions that recur: `[sessions.daily]`."""
    if "sessions" not in root:
        return
    agency = shapes.one_of((a.id for a in known.agencies), "agency of this file")
    kind = shapes.one_of((v.kind for v in held.variants), "variant under [strategy.variants]")
    day = shapes.one_of(DAYS, "day of the week")
    for name, table in root.table("sessions").every(shapes.IDENTITY):
        days = table.may_list("days", day, _WEEK)
        yield Session(
            id=name,
            label=table.need("label", shapes.TEXT),
            at=table.need("at", shapes.TIME),
            days=tuple(DAYS.index(d) for d in days if d in DAYS),
            cut_off=timedelta(seconds=table.need("cut_off", shapes.ELAPSED).seconds),
            roster=table.need_list("roster", agency),
            minutes=table.may("minutes", shapes.MINUTES, held.minutes),
            kind=table.may("kind", kind, ""),
            location=table.may("location", shapes.TEXT, ""),
            telephone=table.may("telephone", shapes.TELEPHONE, ""),
        )
