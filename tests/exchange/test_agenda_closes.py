"""The East Sussex practice by the clock on the wall: what comes after the agenda has closed is on that of the next
working day, and what cannot wait is called for a time of its own.

The hub, its desk and its store are those of `exchange serve`; the clock is set by hand.
"""

from __future__ import annotations

from datetime import UTC, datetime

from exchange import setting_up
from exchange.case.strategy_discussion import StrategyDiscussion
from exchange.desk.acts import perform
from exchange.desk.given import Given
from exchange.desk.working import Desk
from tests.exchange.test_domains import HUB_FILE, KEEPERS, House, house

__all__ = ["house"]
SESSION = """
[sessions.daily]
label = "Daily screening session"
at = "14:00"
cut_off = "30m"
roster = ["social_care", "police", "health"]
"""


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, when the wall in London shows UTC: the 26th is a Thursday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


async def called(house: House, at: datetime, **given: str) -> StrategyDiscussion:
    """A new case is put on the session's agenda at this moment."""
    house.clock.at = at
    case = await house.lodge()
    values = {
        name: (value,) for name, value in {"session": "daily", "subjects": "s1", "reason": "why", **given}.items()
    }
    done = await perform(Desk(house.exchange.hub, KEEPERS[0]), "call", case, Given(values), f"call:{case}")
    return done.discussions[0]


async def test_a_request_after_the_cut_off_waits_for_the_next_working_day_and_a_red_one_does_not(
    house: House,
) -> None:
    await setting_up.apply_hub_file(house.exchange, "hub.toml", HUB_FILE + SESSION)
    for at, starts in (
        (on(26, 13, 25), on(26, 14)),
        (on(26, 13, 35), on(27, 14)),
        (on(27, 13, 35), on(30, 14)),  # Friday: Monday's
    ):
        found = await called(house, at)
        assert (found.starts_at, found.session) == (starts, "daily")
        assert [i.agency for i in found.invitees] == ["social_care", "police", "health"]
    red = await called(house, on(30, 14, 10), starts="2026-11-30T14:20")
    assert (red.starts_at, red.session) == (on(30, 14, 20), "")  # at once, on no agenda
    assert [i.agency for i in red.invitees] == ["social_care", "police", "health"]
