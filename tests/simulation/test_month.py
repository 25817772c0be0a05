"""Thirty days of silence, answers, absence, bounces, leave, weekends and bank holidays: nobody is forgotten, and
nobody is woken for what can wait.

`pytest tests/simulation -m long` plays a thousand cases; the ordinary tests ten.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.demo.stage import stage
from tests.ready import ready
from tests.simulation.hours import LONDON, ROUND_THE_CLOCK, is_read
from tests.simulation.world import BEGIN, World, world

HUB_FILE = Path(__file__).parent / "hub.toml"


async def played(folder: Path, cases: int, days: int, seed: int) -> World:
    """The story, told to its end."""
    async with stage(folder) as made:
        await ready(made, HUB_FILE)
        async with world(folder / "hub", seed, cases, days) as here:
            await here.run(BEGIN + timedelta(days=days + 2))
            return here


def holds(here: World, cases: int) -> None:
    """What must be true of every month."""
    assert len(here.cases) == cases
    assert here.unheard == []  # all that is late was asked of a person by its time
    ids = Counter(mail.message_id for mail in here.mails)
    assert [key for key, times in ids.items() if times > 1] == []  # nothing was sent twice
    digests = [mail for mail in here.mails if "waiting for" in mail.subject]
    per_day = Counter((mail.to, mail.at.astimezone(LONDON).date()) for mail in digests)
    assert [key for key, times in per_day.items() if times > 1] == []
    assert [mail for mail in digests if not is_read(mail.to, mail.at)] == []
    assert [mail for mail in digests if mail.to in ROUND_THE_CLOCK] == []
    notices = [m for m in here.mails if not m.sealed and not m.calendar and m not in digests]
    at_night = [
        (m.to, m.at.isoformat(), m.reference)
        for m in notices
        if not is_read(m.to, m.at) and not here.red_since.get(m.reference, m.at + timedelta(1)) <= m.at
    ]
    assert at_night == []
    assert not [m for m in notices if b"canary-" in m.content]
    assert notices
    assert digests


@pytest.mark.timeout(300)
async def test_a_week_and_a_half_of_ten_cases(tmp_path: Path) -> None:
    here = await played(tmp_path / "s", cases=10, days=10, seed=4)
    holds(here, 10)


@pytest.mark.long
@pytest.mark.timeout(5400)
async def test_thirty_days_of_a_thousand_cases(tmp_path: Path) -> None:
    here = await played(tmp_path / "s", cases=1000, days=30, seed=2027)
    holds(here, 1000)
    assert len(here.mails) > 3000
