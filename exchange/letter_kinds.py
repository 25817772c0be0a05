"""Every kind of letter of the hub itself, for the worker that sends them."""

from __future__ import annotations

from exchange.app import Opened
from exchange.digests import Digests
from exchange.hub_letters import Kind
from exchange.key_letters import KeyChanges
from exchange.writing import Writer


def kinds(exchange: Opened, writer: Writer) -> tuple[Kind, ...]:
    """One of each."""
    return Digests(exchange.hub, writer), KeyChanges(exchange.hub, exchange.keyroom)
