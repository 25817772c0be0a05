"""Nobody is asked what they know before they are asked to say that they have it, by any hub file at any hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange import hubs
from exchange.case import clock
from exchange.case.clock import read_spec
from exchange.case.urgency import acknowledge_by
from exchange.hubs.loader import packaged, read

# Every three hours of three weeks: Easter with the change of the clocks, and a Friday before a bank holiday.
HOURS = [datetime(2027, 3, 19, tzinfo=UTC) + timedelta(hours=3 * n) for n in range(21 * 8)]
HOURS += [at + timedelta(days=35) for at in HOURS]
NAMES = sorted(path.stem for path in Path(hubs.__file__).parent.glob("*.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_never_due_before_its_acknowledgement(name: str) -> None:
    rules = read(packaged(name)).rules
    for rating in (*rules.ratings, rules.unrated):
        for at in HOURS:
            answer = clock.due(rating.answer, at, rules.calendar)
            assert at < acknowledge_by(rating, at, rules) <= answer <= clock.due(rating.decide, at, rules.calendar)
            # The file itself says so: nothing has to be brought forward, into a night in which nobody reads mail.
            assert clock.due(rating.acknowledge, at, rules.calendar) <= answer, (rating.code, at)


def test_where_a_hub_file_crosses_its_clocks_the_acknowledgement_is_due_with_the_answer() -> None:
    rules = read(packaged("example")).rules
    crossed = replace(rules.rating("amber"), acknowledge=read_spec("2wh"), answer=read_spec("12h"))
    friday = datetime(2027, 4, 30, 15, 0, tzinfo=UTC)  # 16:00 by the clock on the wall, before a bank holiday
    assert clock.due(crossed.acknowledge, friday, rules.calendar) > friday + timedelta(hours=12)
    assert acknowledge_by(crossed, friday, rules) == friday + timedelta(hours=12)


def test_every_hub_file_of_the_package_is_looked_at() -> None:
    assert {"demo", "example"} <= set(NAMES)
