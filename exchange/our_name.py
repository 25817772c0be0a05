"""Our name: how the hub stands in its letters, with the words that it adds to them."""

from __future__ import annotations

from exchange.case.rules import Rules
from templates.addressed import Sender


def sender_of(rules: Rules) -> Sender:
    """The hub, as its letters show it."""
    words = {own.letter: own for own in rules.letters}
    calendar = rules.calendar
    return Sender(rules.name, rules.telephone, rules.duty_telephone, calendar.timezone, words, calendar)
