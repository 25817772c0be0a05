"""Every kind of letter of the hub itself, for the worker that sends them."""

from __future__ import annotations

from exchange.app import Opened
from exchange.digests import Digests
from exchange.drill_letters import Drills
from exchange.key_health import KeyWarnings
from exchange.key_letters import KeyChanges
from exchange.move_letters import Moving
from exchange.of_no_case import Kind
from exchange.safely import HowToAnswer
from exchange.writing import Writer


def kinds(exchange: Opened, writer: Writer) -> tuple[Kind, ...]:
    """One of each."""
    hub, keyroom = exchange.hub, exchange.keyroom
    return (
        Digests(hub, writer),
        Drills(hub, keyroom, writer),
        KeyChanges(hub, keyroom),
        Moving(hub),
        KeyWarnings(hub, keyroom, writer),
        HowToAnswer(hub, keyroom, writer),
    )
