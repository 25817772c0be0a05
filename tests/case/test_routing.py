"""Rows decide who is asked about whom with which parts; nothing is guessed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange.case.event import AgencyAsked
from exchange.case.fields import Part
from exchange.case.referral import SubjectCodes
from exchange.case.routing import ASKED_PARTS, ASKED_PURPOSE, Need, asked, matches, needs, parts_of, tells_household
from exchange.case.rules import Route
from exchange.case.state import Stamp, SubjectEpisode
from tests.case.stories import RULES, Story, adult, at, child, contact, with_rules

CODES = SubjectCodes("s1", "child", "school", cohort="child", area="ZZ99")
ROW = Route("police", (Part.IDENTITY,), "investigates")


def episode(codes: SubjectCodes = CODES, rating: str = "") -> SubjectEpisode:
    ratings = (Stamp(at(1), "duty-1", rating),) if rating else ()
    return SubjectEpisode(codes, at(60), ratings)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({}, True),
        ({"forms": ("child",)}, True),
        ({"forms": ("adult",)}, False),
        ({"cohorts": ("child", "adult")}, True),
        ({"cohorts": ("prevent",)}, False),
        ({"ratings": ("red",)}, True),
        ({"ratings": ("green",)}, False),
        ({"age_bands": ("school", "16_17")}, True),
        ({"age_bands": ("under_5",)}, False),
        ({"areas": ("ZZ99",)}, True),
        ({"areas": ("ZZ1",)}, False),
        ({"forms": ("child",), "areas": ("ZZ1",)}, False),
    ],
)
def test_a_row_holds_when_all_its_conditions_do(condition: dict[str, Any], holds: bool) -> None:
    assert matches(replace(ROW, **condition), episode(rating="red")) is holds


def test_rows_of_one_agency_join_into_one_need() -> None:
    rules = with_rules(
        routes=(
            Route("police", (Part.IDENTITY, Part.RISK), "investigates", forms=("child",)),
            Route("health", (Part.HEALTH,), "treats"),
            Route("police", (Part.RISK, Part.CONCERN), "patrols"),
        )
    )
    found = needs([episode(child("s1")), episode(adult("s2"))], rules, "receipt")
    assert found == (
        Need("police", ("s1", "s2"), (Part.IDENTITY, Part.RISK, Part.CONCERN), "investigates"),
        Need("health", ("s1", "s2"), (Part.HEALTH,), "treats"),
    )


def test_a_row_that_waits_for_a_rating_says_nothing_at_receipt() -> None:
    red = episode(child("s1"), "red")
    assert "probation" not in {need.agency for need in needs([red], RULES, "receipt")}
    assert [need.agency for need in needs([red], RULES, "rating")] == ["probation"]


@pytest.mark.parametrize(
    ("agency", "parts", "purpose"),
    [
        ("probation", (Part.IDENTITY, Part.RISK), "knows the offender"),
        ("housing", ASKED_PARTS, ASKED_PURPOSE),
    ],
)
def test_an_agency_asked_by_a_person_gets_what_its_rows_say_or_the_least_that_makes_sense(
    agency: str, parts: tuple[Part, ...], purpose: str
) -> None:
    assert asked(agency, ("s1",), RULES) == Need(agency, ("s1",), parts, purpose)


MIXED = with_rules(
    routes=(
        Route("police", (Part.IDENTITY, Part.HOUSEHOLD), "investigates", forms=("child",)),
        Route("police", (Part.IDENTITY, Part.RISK), "investigates", forms=("adult",)),
    )
)


def test_the_rows_that_apply_say_whether_an_agency_is_told_of_the_household_and_no_others() -> None:
    of_child = Story(contact(child()), rules=MIXED).leg("l1")
    of_adult = Story(contact(adult("s1")), rules=MIXED).leg("l1")
    both = Story(contact(child(), adult("s2")), rules=MIXED).leg("l1")
    assert [tells_household(leg, MIXED) for leg in (of_child, of_adult, both)] == [True, False, True]
    assert parts_of(of_adult, MIXED) == (Part.IDENTITY, Part.RISK)


def test_whoever_a_person_asks_is_told_what_any_of_its_rows_would_tell() -> None:
    story = Story(contact(adult("s1")), rules=with_rules(routes=MIXED.routes[:1])).tell(
        AgencyAsked(at(5), "duty-1", "police", ("s1",))
    )
    assert tells_household(story.leg("l1"), MIXED)


def test_of_a_leg_that_kept_no_parts_only_rows_that_all_tell_of_the_household_count() -> None:
    before = replace(Story(contact(child()), rules=MIXED).leg("l1"), parts=())
    assert not tells_household(before, MIXED)
    assert tells_household(before, with_rules(routes=MIXED.routes[:1]))
    assert not tells_household(replace(before, agency="housing"), MIXED)
    assert parts_of(before, MIXED) == (Part.IDENTITY, Part.HOUSEHOLD, Part.RISK)
