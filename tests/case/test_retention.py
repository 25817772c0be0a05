"""Each part of a record lives as long as the schedule says, and never less than that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.decision import Decision, Specialist
from exchange.case.disposal import SHARED, TRANSPORT, Keep, RecordType, Since
from exchange.case.event import Answered, Closed, DiscussionCalled, OutcomeRecorded
from exchange.case.product import ProductDrafted, ProductReleased, Purpose
from exchange.case.referral import age_band
from exchange.case.retention import Life, last_contact, lives
from exchange.case.state import Case
from tests.case.stories import CLOSE_ANYWAY, NOW, Story, adult, at, child, contact, decides, rates

SCHEDULE = (
    Keep(RecordType.NFA, Since.LAST_CONTACT, years=6),
    Keep(RecordType.SECTION_17, Since.BIRTH, years=18),
    Keep(RecordType.SECTION_17, Since.LAST_CONTACT, years=3),
    Keep(RecordType.CHILD_PROTECTION, Since.BIRTH, years=25),
    Keep(RecordType.ADULT, Since.CLOSED, years=6),
    Keep(RecordType.LADO, Since.DECIDED, years=10),
    Keep(RecordType.CONSULTATION, Since.CLOSED, years=1),
    Keep(RecordType.TRANSPORT, Since.CLOSED, days=30),
)
CLOSED = CLOSE_ANYWAY.at


def part(case: Case, name: str) -> Life:
    """The life of one part."""
    return next(life for life in lives(case, SCHEDULE) if life.part == name)


def decided(*decisions: Decision, who: str = "s1") -> Story:
    """A child about whom so much was decided, one after the other; the case is closed."""
    story = Story(contact(child()), rates())
    for n, decision in enumerate(decisions):
        story.tell(decides(who, decision, after=60 + n))
    return story.tell(CLOSE_ANYWAY)


def years(moment: datetime, number: int) -> datetime:
    return moment.replace(year=moment.year + number)


def test_truth_10_an_nfa_record_lives_so_long_and_no_longer() -> None:
    case = decided(Decision.NFA).case
    assert part(case, "s1") == Life("s1", years(CLOSED, 6), "nfa 6y from last_contact")


def test_siblings_differ_and_the_shared_part_lives_as_long_as_the_longest() -> None:
    told = [Answered(at(30), "police", "l1", Answer.INFORMATION, Proof.DKIM, "mail", contribution="c1")]
    story = Story(contact(child(), child("s2", "under_5")), *told, rates(), rates("s2"))
    story.tell(
        Answered(at(31), "education", "l3", Answer.INFORMATION, Proof.DKIM, "mail", contribution="c2"),
        decides("s1", Decision.NFA),
        decides("s2", Decision.SECTION_47),
        CLOSE_ANYWAY,
    )
    short, long = part(story.case, "s1"), part(story.case, "s2")
    assert short.until
    assert long.until
    assert short.until < long.until
    assert part(story.case, SHARED).until == part(story.case, "c1").until == long.until
    assert story.leg("l3").subjects == ("s1",)
    assert part(story.case, "c2").until == short.until  # the school told of the one child only


def test_of_several_rows_and_several_decisions_the_longest_counts() -> None:
    both = part(decided(Decision.NFA, Decision.ASSESSMENT).case, "s1")
    assert both.until == years(CLOSED, 18 - 5)  # of school age: five years old at the least
    assert both.rule == "nfa 6y from last_contact; section_17 18y from birth; section_17 3y from last_contact"
    stepped_down = part(decided(Decision.SECTION_47, Decision.NFA).case, "s1")
    assert stepped_down.until == years(CLOSED, 25 - 5)


@pytest.mark.parametrize("decision", [Decision.MARAC, Decision.PREVENT, Decision.OPEN_CASE])
def test_a_route_that_says_nothing_of_the_record_keeps_it_as_long_as_the_form_allows(decision: Decision) -> None:
    assert part(decided(decision).case, "s1").rule == "child_protection 25y from birth"


def test_undecided_is_kept_as_long_as_the_longest_of_its_form() -> None:
    child_case = Story(contact(child()), CLOSE_ANYWAY).case
    assert part(child_case, "s1").rule == "child_protection 25y from birth"
    adult_case = Story(contact(adult()), CLOSE_ANYWAY).case
    assert part(adult_case, "s1") == Life("s1", years(CLOSED, 6), "adult 6y from closed")


def test_a_type_of_record_without_a_row_is_kept_for_ever() -> None:
    case = decided(Decision.NFA, Decision.EARLY_HELP).case
    assert part(case, "s1") == Life("s1", None, "nfa 6y from last_contact")
    assert part(case, SHARED).until is None
    assert {life.until for life in lives(case, ())} == {None}


def test_nothing_of_an_open_case_has_an_end() -> None:
    story = Story(contact(child()), rates(), decides("s1", Decision.NFA))
    assert {life.until for life in lives(story.case, SCHEDULE)} == {None}


def test_a_contact_in_which_nobody_is_named_lives_as_a_consultation_does() -> None:
    case = Story(contact(channel="mail"), CLOSE_ANYWAY).case
    assert part(case, SHARED) == Life(SHARED, years(CLOSED, 1), "consultation 1y from closed")


def test_transport_copies_live_for_days() -> None:
    assert part(decided(Decision.SECTION_47).case, TRANSPORT).until == CLOSED.replace(day=CLOSED.day) + (
        at(30 * 24 * 60) - NOW
    )


def test_a_life_counts_from_the_decision_where_the_row_says_so() -> None:
    assert part(decided(Decision.LADO).case, "s1").until == years(at(60), 10)
    beside = Story(contact(child()), rates(), decides("s1", Decision.ASSESSMENT, after=60, routes=(Specialist.LADO,)))
    rule = part(beside.tell(CLOSE_ANYWAY).case, "s1").rule
    assert "lado 10y" in rule
    assert "section_17" in rule  # the longer of the two holds
    never = (Keep(RecordType.CHILD_PROTECTION, Since.DECIDED, years=1),)
    undecided = Story(contact(child()), CLOSE_ANYWAY).case
    assert next(life for life in lives(undecided, never) if life.part == "s1").until == years(CLOSED, 1)


def test_what_is_said_after_the_end_is_a_contact_too() -> None:
    story = decided(Decision.NFA)
    assert last_contact(story.case) == CLOSED
    late = Answered(at(9000), "police", "l1", Answer.NOTHING_KNOWN, Proof.DKIM, "mail")
    story.tell(late, OutcomeRecorded(at(9001), "duty-1", "s1", "assessment"))
    assert last_contact(story.case) == at(9001)
    assert part(story.case, "s1").until == years(at(9001), 6)
    story.tell(DiscussionCalled(at(9002), "manager-1", "d1", at(9900), ("s1",), ("police",)))
    assert last_contact(story.case) == at(9002)


def test_a_life_that_would_end_on_a_day_that_is_not_there_ends_on_the_next() -> None:
    leap = datetime(2028, 2, 29, 9, tzinfo=UTC)
    case = Story(contact(adult()), Closed(leap, "manager-1", override=True)).case
    rows = (Keep(RecordType.ADULT, Since.CLOSED, years=1),)
    assert next(life for life in lives(case, rows) if life.part == "s1").until == datetime(2029, 3, 1, 9, tzinfo=UTC)


def test_a_contribution_whose_leg_is_about_nobody_any_more_lives_with_everybody() -> None:
    told = Answered(at(30), "police", "l1", Answer.INFORMATION, Proof.DKIM, "mail", contribution="c1")
    story = Story(contact(child()), told, rates(), decides("s1", Decision.NFA), CLOSE_ANYWAY)
    case = story.case.with_leg(replace(story.leg(), subjects=("s9",)))
    assert part(case, "c1").until == part(case, "s1").until


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    born=st.dates(date(1930, 1, 1), date(2027, 8, 1)),
    typed=st.integers(0, 400),
    closed=st.integers(0, 3000),
    unknown=st.booleans(),
)
def test_nobody_s_record_ends_before_the_birthday_the_schedule_names(
    born: date, typed: int, closed: int, unknown: bool
) -> None:
    """Whatever the date of birth that the journey does not know, and whenever the age band was taken."""
    taken = at(typed * 24 * 60)
    answers = {} if unknown else {"date_of_birth": born.isoformat()}
    if unknown and born > taken.date():
        answers = {"expected_date": born.isoformat()}
    band = age_band(answers, "child", taken.date())
    subject = replace(child(), age_band=band)
    end = Closed(at((typed + closed) * 24 * 60), "manager-1", override=True)
    until = part(Story(contact(subject), end).case, "s1").until
    assert until
    assert until.date() >= date(born.year + 25, born.month, min(born.day, 28))


def test_products_and_references_live_as_long_as_those_they_are_about() -> None:
    drafted = ProductDrafted(at(40), "duty-1", "p1", "v1", ("s1",), ("housing",), ())
    both = replace(drafted, product="p2", subjects=("s1", "s2"))
    story = Story(contact(child(), child("s2", "under_5")), drafted, both, rates(), rates("s2"))
    story.tell(decides("s1", Decision.NFA), decides("s2", Decision.SECTION_47), CLOSE_ANYWAY)
    short, long = part(story.case, "s1").until, part(story.case, "s2").until
    assert [part(story.case, name).until for name in ("p1", "p2", "l1", "l3")] == [short, long, long, short]
    sent = ProductReleased(at(41), "manager-1", "p1", "v1", Purpose.SAFEGUARD_CHILD)
    assert last_contact(Story(contact(child()), drafted, sent).case) == at(41)
