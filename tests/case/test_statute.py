"""Configuration cannot weaken a statutory clock; where the law is silent, the hub's own length holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.case.calendar import Calendar
from exchange.case.clock import ClockKind, ClockSpec, due, read_spec
from exchange.case.statute import NEXT_STEPS, NamedClock, Statute, is_slower
from tests.case.stories import ALWAYS, OFFICE, RULES, Story, adult, at, child, contact, rates, with_rules

LIMIT = read_spec("15wd")
ICPC = NamedClock("icpc", "Conference", "discussion", "held", LIMIT, "guidance", ("child",), LIMIT)
LAW = Statute("law", "The law", "england", date(2026, 3, 1), (ICPC,))
MONDAY = datetime(2027, 5, 10, 10, tzinfo=UTC)
HOLIDAY = date(2027, 5, 31)
LAZY = Calendar(  # opens one morning a week, and shuts for half of May
    "Europe/London",
    (None, None, (time(9), time(12)), None, None, None, None),
    closed=frozenset(date(2027, 5, day) for day in range(12, 28)),
    holidays=frozenset({HOLIDAY}),
)


def test_a_clock_is_known_by_its_name_and_for_whom_it_is() -> None:
    assert LAW.due("icpc", "child", MONDAY, OFFICE) == datetime(2027, 5, 31, 16, tzinfo=UTC)
    assert LAW.due("icpc", "adult", MONDAY, OFFICE) is None
    assert LAW.due("unheard-of", "child", MONDAY, OFFICE) is None
    assert Statute().due("icpc", "child", MONDAY, OFFICE) is None


def test_a_hubs_closures_do_not_move_a_statutory_clock() -> None:
    assert due(LIMIT, MONDAY, LAZY) > datetime(2027, 8, 1, tzinfo=UTC)
    assert ICPC.due(MONDAY, LAZY) == datetime(2027, 6, 1, 16, tzinfo=UTC)  # the bank holiday counts for all


def test_a_hub_may_be_faster_than_the_statute() -> None:
    assert replace(ICPC, spec=read_spec("10wd")).due(MONDAY, OFFICE) == datetime(2027, 5, 24, 16, tzinfo=UTC)


def test_what_does_not_bind_is_the_hubs_own() -> None:
    assert replace(ICPC, limit=None).due(MONDAY, LAZY) == due(LIMIT, MONDAY, LAZY)


@given(
    own=st.builds(ClockSpec, st.sampled_from(ClockKind), st.floats(0, 90 * 86400), st.integers(0, 90)),
    hours=st.integers(0, 366 * 24),
    calendar=st.sampled_from([LAZY, OFFICE, ALWAYS]),
)
@settings(derandomize=True, max_examples=200, deadline=None, database=None)
def test_no_configuration_weakens_a_clock_that_binds(own: ClockSpec, hours: int, calendar: Calendar) -> None:
    start = MONDAY + hours * (datetime(2027, 1, 1, 1) - datetime(2027, 1, 1))  # noqa: DTZ001 - a difference
    assert replace(ICPC, spec=own).due(start, calendar) <= due(LIMIT, start, calendar.statutory())


@pytest.mark.parametrize(
    ("own", "limit", "slower"),
    [
        ("1wd", "1wd", False),
        ("2wd", "1wd", True),
        ("24h", "1wd", False),
        ("25h", "1wd", True),
        ("72h", "3wd", False),
        ("8wh", "1wd", False),
        ("9wh", "1wd", True),
        ("72h", "72h", False),
        ("73h", "72h", True),
        ("3wd", "72h", True),
        ("1wh", "72h", True),
    ],
)
def test_slower_is_what_a_person_would_call_slower(own: str, limit: str, slower: bool) -> None:
    assert is_slower(read_spec(own), read_spec(limit), OFFICE) is slower


def test_working_time_of_a_hub_that_never_opens_is_slower_than_any_day() -> None:
    assert is_slower(read_spec("1wm"), read_spec("1wd"), replace(OFFICE, hours=(None,) * 7))


STEPS = replace(ICPC, name=NEXT_STEPS, spec=read_spec("1wd"), limit=read_spec("1wd"))
UNDER_LAW = {"calendar": OFFICE, "statute": Statute("law", clocks=(STEPS,))}
CLOSE = due(read_spec("1wd"), at(0), OFFICE)


def test_a_childs_next_steps_are_due_by_the_statute_however_slow_the_hub() -> None:
    slow = replace(RULES.unrated, decide=read_spec("9d"))
    story = Story(contact(child(), adult("s2")), rules=with_rules(unrated=slow, **UNDER_LAW))
    assert [s.decide_due for s in story.case.subjects] == [CLOSE, at(9 * 24 * 60)]
    assert story.clocks["decide:s1"] == CLOSE
    story.tell(rates(code="green"), rates("s2", code="green"))
    assert [s.decide_due for s in story.case.subjects] == [CLOSE, at(3 * 24 * 60)]


def test_a_persons_rating_may_be_what_decides_the_next_steps() -> None:
    story = Story(contact(child()), rules=with_rules(next_steps="rating", **UNDER_LAW))
    assert story.case.subjects[0].decide_due == at(24 * 60)
    story.tell(rates(code="green"))
    assert story.case.subjects[0].decide_due == at(3 * 24 * 60)
