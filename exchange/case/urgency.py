"""Urgency: whose clocks hold for what an agency is asked, and what is most urgent there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.clock import ClockSpec
from exchange.case.rules import Rating, Rules
from exchange.case.state import Case


def urgent(case: Case, subjects: tuple[str, ...], rules: Rules) -> bool:
    """Whether what is waited for is the most urgent there is: by a rating, provisional ones too, or in danger."""
    most = rules.ratings[0].code
    return case.danger or any(s.rating == most for s in case.subjects if s.id in subjects)


def most_urgent(case: Case, subjects: tuple[str, ...], rules: Rules) -> Rating:
    """The clocks of a leg: the most urgent rating of its subjects; beside one who is not rated yet, whichever of the
    two runs out first. Whoever is said to be in danger counts as most urgent until a person has rated them."""
    given = {s.rating for s in case.subjects if s.id in subjects}
    if case.danger and "" in given:
        return rules.ratings[0]
    rated = next((r for r in rules.ratings if r.code in given), rules.unrated)
    if "" not in given:
        return rated

    def sooner(one: ClockSpec, other: ClockSpec) -> ClockSpec:
        return min(one, other, key=lambda spec: clock.due(spec, case.received_at, rules.calendar))

    waiting = rules.unrated
    return replace(
        rated,
        acknowledge=sooner(rated.acknowledge, waiting.acknowledge),
        answer=sooner(rated.answer, waiting.answer),
    )


def acknowledge_by(rating: Rating, at: datetime, rules: Rules) -> datetime:
    """Nobody need have answered before they say that they have it: working hours may end after elapsed ones."""
    return min(clock.due(spec, at, rules.calendar) for spec in (rating.acknowledge, rating.answer))
