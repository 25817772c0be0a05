"""The map: state diagrams of every automaton, drawn from the very tables the core consults (`exchange map`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from exchange.case import (
    acknowledgement,
    action,
    challenge,
    delivery,
    duty,
    feedback,
    lateral_check,
    milestone,
    product,
    question,
    record,
    sorting,
    strategy_discussion,
)

_S = TypeVar("_S", bound=StrEnum)
_N = TypeVar("_N", bound=StrEnum)
Arrows = Iterable[tuple[str, str, str]]  # from, to, on what


def _free(table: Mapping[_S, frozenset[_S]]) -> Arrows:
    """A table that says what may become what, by a person's act."""
    return [(now, then, "") for now, into in table.items() for then in sorted(into)]


def _by_news(table: Mapping[tuple[_S, _N], _S] | Mapping[tuple[_S, _N], _S | None]) -> Arrows:
    """A table of (state, news) -> state; what changes nothing is left out, news that lead the same way are joined."""
    joined: dict[tuple[str, str], list[str]] = {}
    for (now, news), then in table.items():
        if then is not None and now != then:
            joined.setdefault((now, then), []).append(news)
    return [(now, then, ", ".join(news)) for (now, then), news in joined.items()]


AUTOMATA: tuple[tuple[str, str, Arrows], ...] = (
    ("Delivery of a packet", "exchange/case/delivery.py", _by_news(delivery.TABLE)),
    ("Answer of an agency", "exchange/case/acknowledgement.py", _by_news(acknowledgement.RESPONSES)),
    ("Recall of a packet", "exchange/case/lateral_check.py", _by_news(lateral_check.RECALL_TABLE)),
    ("What becomes of a decline", "exchange/case/lateral_check.py", _by_news(lateral_check.DECLINE_TABLE)),
    ("Version of an information product", "exchange/case/product.py", _by_news(product.STAGES)),
    ("Release of a passage by its owner", "exchange/case/product.py", _by_news(product.OWNERS)),
    ("Version of the record of a discussion", "exchange/case/record.py", _by_news(record.STANDINGS)),
    ("Sorting of a contact", "exchange/case/sorting.py", _free(sorting.MAY_BECOME)),
    ("Milestone of a subject", "exchange/case/milestone.py", _free(milestone.MAY_BECOME)),
    ("Handing over to the duty team", "exchange/case/duty.py", _by_news(duty.HANDINGS)),
    ("Strategy discussion", "exchange/case/strategy_discussion.py", _free(strategy_discussion.MAY_BECOME)),
    ("Challenge", "exchange/case/challenge.py", _by_news(challenge.TABLE)),
    ("Action", "exchange/case/action.py", _free(action.MAY_BECOME)),
    ("Question to the referrer", "exchange/case/question.py", _free(question.MAY_BECOME)),
    ("Words to the referrer", "exchange/case/feedback.py", _free(feedback.DRAFT_MAY_BECOME)),
    ("Feedback to the referrer", "exchange/case/feedback.py", _by_news(feedback.TELLING)),
)


def states() -> str:
    """Every automaton as a diagram in Markdown; the same tables always give the same text."""
    parts = ["# States", "", "Made by `exchange map` from the tables of the core; do not edit by hand."]
    for title, module, arrows in AUTOMATA:
        lines = [f"    {now} --> {then}" + (f": {on}" if on else "") for now, then, on in arrows]
        parts += ["", f"## {title}", "", f"The table stands in `{module}`.", "", "```mermaid", "stateDiagram-v2"]
        parts += [*lines, "```"]
    return "\n".join(parts) + "\n"
