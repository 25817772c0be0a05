"""Rows decide who is asked about whom with which parts; nothing is guessed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange.case.fields import Part
from exchange.case.referral import SubjectCodes
from exchange.case.routing import ASKED_PARTS, ASKED_PURPOSE, Need, asked, matches, needs
from exchange.case.rules import Route
from exchange.case.state import Stamp, SubjectEpisode
from tests.case.stories import RULES, adult, at, child, with_rules

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
