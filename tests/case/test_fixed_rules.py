"""The fixed rules of clocks, each by its name, and the worked checks that show them on the days that hurt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.calendar import Calendar
from exchange.case.clock import due, read_spec
from exchange.case.event import ClockRanOut
from exchange.hubs import holidays, statutes
from tests.case.stories import NOW, RULES, Story, at, child, contact, rates, says, with_rules

LONDON = ZoneInfo("Europe/London")
DAYS = holidays.packaged()
HUB = Calendar(
    "Europe/London",
    (*((time(9), time(17)),) * 5, None, None),
    holidays=frozenset(DAYS["england-and-wales"]),
    nation="england-and-wales",
)
SCOTS = replace(HUB, holidays=frozenset(DAYS["scotland"]), nation="scotland")
ENGLAND = statutes.profile("england-wt2026")


def local(text: str) -> datetime:
    """A time as the clock on the wall of the hub shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def ends(length: str, start: str, calendar: Calendar = HUB) -> datetime:
    return due(read_spec(length), local(start), calendar)


FRIDAY = "2027-04-30T16:55"  # Monday 3 May is a bank holiday


# ---- The three types ---------------------------------------------------------------------------------------------


def test_an_elapsed_clock_is_utc_arithmetic() -> None:
    start = local("2027-03-27T23:30")  # summer time begins in the night
    assert due(read_spec("4h"), start, HUB) - start == timedelta(hours=4)


def test_a_working_clock_counts_the_minutes_the_hub_is_open() -> None:
    assert ends("4wh", "2027-04-29T15:00") == local("2027-04-30T11:00")
    assert ends("30wm", "2027-05-01T12:00") == local("2027-05-04T09:30")


@pytest.mark.parametrize(("days", "end"), [("1wd", "2027-05-05T17:00"), ("2wd", "2027-05-06T17:00")])
@pytest.mark.parametrize("start", ["2027-05-04T00:05", "2027-05-04T09:00", "2027-05-04T16:59", "2027-05-04T23:55"])
def test_a_working_day_clock_ends_at_close_of_business_so_many_working_days_after_the_start_day(
    start: str, days: str, end: str
) -> None:
    assert ends(days, start) == local(end)


# ---- The fixed rules ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [Answer.RECEIVED, Answer.ACCEPT, Answer.DECLINE, Answer.WRONG_PERSON])
def test_acknowledgement_never_pauses(answer: Answer) -> None:
    story = Story(contact(child()), rates())
    before = (story.case.subjects[0].decide_due, story.leg().answer_due, story.clocks["decide:s1"])
    story.tell(says(answer, after=30))
    assert (story.case.subjects[0].decide_due, story.leg().answer_due, story.clocks["decide:s1"]) == before


@pytest.mark.parametrize(("code", "after"), [("red", 4 * 60), ("amber", 24 * 60), ("green", 3 * 24 * 60)])
def test_a_re_rate_recomputes_from_the_original_receipt(code: str, after: int) -> None:
    story = Story(contact(child()), rates(code="amber", after=30), rates(code=code, after=200))
    assert story.case.subjects[0].decide_due == at(after)
    assert story.clocks["decide:s1"] == at(after)


def test_a_lower_rating_cannot_erase_a_breach() -> None:
    story = Story(contact(child()), rates(code="red"))
    story.run_out("decide:s1").tell(rates(code="green", after=5 * 60))
    assert story.case.subjects[0].decide_due == at(4 * 60)


def test_the_target_is_stored_at_the_start_and_another_calendar_does_not_move_it() -> None:
    office = replace(RULES, calendar=HUB, unrated=replace(RULES.unrated, decide=read_spec("1wd")))
    story = Story(contact(child()), rules=office)
    stored = story.case.subjects[0].decide_due
    assert stored == due(read_spec("1wd"), NOW, HUB)
    tomorrow = (NOW + timedelta(days=1)).date()
    story.rules = replace(office, calendar=replace(HUB, closed=frozenset({tomorrow})))
    story.tell(ClockRanOut(stored, "decide:s1"))
    assert story.case.subjects[0].decide_due == stored


# ---- The worked checks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "end"),
    [("1wd", "2027-05-04T17:00"), ("4h", "2027-04-30T20:55"), ("4wh", "2027-05-04T12:55")],
)
def test_five_to_five_on_the_friday_before_a_bank_holiday(length: str, end: str) -> None:
    assert ends(length, FRIDAY) == local(end)


def test_red_runs_out_of_hours_where_the_profile_says_so() -> None:
    def red(decide: str) -> datetime:
        rating = replace(RULES.rating("red"), decide=read_spec(decide))
        rules = with_rules(calendar=HUB, ratings=(rating,))
        friday = replace(contact(child()), at=local(FRIDAY))
        story = Story(friday, replace(rates(), at=local(FRIDAY) + timedelta(minutes=2)), rules=rules)
        return story.case.subjects[0].decide_due

    assert red("4h") == local("2027-04-30T20:55")  # day and night: Friday evening
    assert red("4wh") == local("2027-05-04T12:55")  # while the hub is open: Tuesday, which no red can wait for


def test_one_working_day_over_christmas() -> None:
    assert ends("1wd", "2026-12-24T10:00") == local("2026-12-29T17:00")


def test_four_hours_over_the_change_of_the_clocks() -> None:
    assert ends("4h", "2027-03-27T23:30") == local("2027-03-28T04:30")


def test_the_change_of_the_clocks_falls_on_easter_and_moves_no_close_of_business() -> None:
    assert ends("1wd", "2027-03-25T16:00") == local("2027-03-30T17:00")
    assert ends("1wh", "2027-03-25T16:30") == local("2027-03-30T09:30")


@pytest.mark.parametrize(
    ("clock", "end"),
    [("icpc", "2027-05-24T17:00"), ("assessment", "2027-07-06T17:00"), ("next_steps", "2027-05-04T17:00")],
)
def test_statutory_working_days_from_that_friday(clock: str, end: str) -> None:
    assert ENGLAND.due(clock, "child", local(FRIDAY), HUB) == local(end)


def test_a_return_interview_is_due_three_nights_after_the_return() -> None:
    assert ENGLAND.due("return_interview", "child", local(FRIDAY), HUB) == local("2027-05-03T16:55")


@pytest.mark.parametrize(
    ("start", "england", "scotland"),
    [
        ("2027-03-26T10:00", "2027-03-30T17:00", "2027-03-29T17:00"),  # Scotland works on Easter Monday
        ("2027-01-01T10:00", "2027-01-04T17:00", "2027-01-05T17:00"),  # and keeps the second of January
        ("2026-06-12T10:00", "2026-06-15T17:00", "2026-06-16T17:00"),  # a day announced late, for Scotland only
        ("2027-11-29T10:00", "2027-11-30T17:00", "2027-12-01T17:00"),
        ("2027-08-27T10:00", "2027-08-31T17:00", "2027-08-30T17:00"),
    ],
)
def test_one_working_day_differs_by_nation(start: str, england: str, scotland: str) -> None:
    assert ends("1wd", start) == local(england)
    assert ends("1wd", start, SCOTS) == local(scotland)


def test_northern_ireland_keeps_the_seventeenth_of_march_and_the_twelfth_of_july() -> None:
    ulster = replace(HUB, holidays=frozenset(DAYS["northern-ireland"]))
    assert ends("1wd", "2027-03-16T10:00", ulster) == local("2027-03-18T17:00")
    assert ends("1wd", "2027-07-09T10:00", ulster) == local("2027-07-13T17:00")


def test_a_hub_open_day_and_night_loses_no_moment_at_midnight() -> None:
    assert ends("48wh", "2027-06-01T10:00", RULES.calendar) == local("2027-06-03T10:00")
