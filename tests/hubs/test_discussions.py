"""The discussions of a hub file: who is invited, the variants beside the strategy discussion, and the sessions."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from exchange.case.clock import ClockKind
from exchange.hubs.loader import HubFileRefused, read
from tests.hubs.test_loader import GOOD

MORE = """
[strategy.variants.ird]
label = "Inter-agency referral discussion"
form = "child"
quorum = ["police"]
chair = "police"
invite = ["police"]
referrer = false
clock = "strategy_record"
minutes = 30

[strategy.variants.planning_meeting]
label = "Planning meeting"
form = "adult"
quorum = ["police"]
chair = "police"

[sessions.daily]
label = "Daily session"
at = "14:00"
days = ["mon", "fri"]
cut_off = "30m"
roster = ["police"]
kind = "planning_meeting"
location = "Room 1"
telephone = "01632 960105"
"""


def test_the_kinds_and_the_sessions_are_read() -> None:
    rules = read(GOOD + MORE).rules
    ird, planning = rules.strategy.variants
    assert (ird.kind, ird.label, ird.form, ird.minutes) == ("ird", "Inter-agency referral discussion", "child", 30)
    assert (ird.invite, ird.referrer, ird.clock) == (("police",), False, "strategy_record")
    assert (planning.clock, planning.invited, planning.referrer) == ("adult_strategy", ("police",), True)
    assert planning.reply.kind is ClockKind.ELAPSED
    (daily,) = rules.sessions
    assert (daily.at, daily.days, daily.cut_off) == (time(14), (0, 4), timedelta(minutes=30))
    assert (daily.roster, daily.kind, daily.minutes) == (("police",), "planning_meeting", 60)


def test_without_them_the_hub_has_one_kind_and_no_session() -> None:
    rules = read(GOOD).rules
    assert (rules.strategy.variants, rules.sessions) == ((), ())
    assert rules.strategy.emergency == ("police",)
    assert (rules.strategy.label, rules.strategy.clock) == ("Strategy discussion", "strategy_discussion")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('at = "14:00"', 'at = "2 pm"', "sessions.daily.at"),
        ('at = "14:00"', 'at = "14:00Z"', "sessions.daily.at"),
        ('cut_off = "30m"', 'cut_off = "1wd"', "sessions.daily.cut_off"),
        ('days = ["mon", "fri"]', 'days = ["monday"]', "did you mean mon?"),
        ('roster = ["police"]', 'roster = ["polise"]', "did you mean police?"),
        ('kind = "planning_meeting"', 'kind = "planing_meeting"', "did you mean planning_meeting?"),
        ("referrer = false", 'referrer = "no"', "neither true nor false"),
        ('clock = "strategy_record"', 'clock = "strategy"', "no such clock"),
        ('label = "Planning meeting"\n', "", "strategy.variants.planning_meeting.label"),
        ('form = "adult"\nquorum = ["police"]', 'form = "adult"\nquorum = ["health"]', "not of the quorum"),
        ("[sessions.daily]", "[sessions.Daily]", "not an id"),
    ],
)
def test_a_fault_is_named(old: str, new: str, told: str) -> None:
    assert MORE.count(old) == 1
    with pytest.raises(HubFileRefused) as refused:
        read(GOOD + MORE.replace(old, new))
    assert told in str(refused.value)
