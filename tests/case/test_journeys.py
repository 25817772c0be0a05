"""Every journey asks questions of the one list, can be sent, and asks as little as it needs."""

from __future__ import annotations

import pytest

from exchange.case.fields import BY_KEY, FIELDS
from exchange.case.journeys import JOURNEYS, SHARED, SOURCE_OF, Journey
from exchange.case.topics import fields

MUST = {"concern.immediate_danger", "concern.what_happened", "subject.given_name"}


def asked(journey: Journey, form: str = "child") -> dict[str, tuple[str, ...]]:
    """Each question of a journey, with its codes."""
    topics = [s.topic for s in JOURNEYS[journey] if s.topic and form in s.topic.forms]
    return {f.key: tuple(code for code, _ in f.choices) for t in topics for f in fields(t, form)}


@pytest.mark.parametrize("journey", list(Journey))
def test_a_journey_asks_what_a_referral_cannot_do_without_and_offers_no_code_of_its_own(journey: Journey) -> None:
    found = asked(journey)
    assert set(found) >= MUST
    for key, codes in found.items():
        assert set(codes) <= {code for code, _ in BY_KEY[key].choices}, key


@pytest.mark.parametrize("form", ["child", "adult"])
def test_whoever_writes_as_part_of_their_work_is_asked_everything(form: str) -> None:
    assert set(asked(Journey.WORK, form)) == {f.key for f in FIELDS if form in f.forms}


@pytest.mark.parametrize(
    ("journey", "most"), [(Journey.PUBLIC, 22), (Journey.YOUNG, 12), (Journey.BUSINESS, 13)]
)  # fmt: skip
def test_everybody_else_is_asked_little(journey: Journey, most: int) -> None:
    usual = [s.topic for s in JOURNEYS[journey] if s.topic and s.when != "more"]
    assert len({f.key for t in usual for f in fields(t, "child")}) <= most


@pytest.mark.parametrize("journey", [Journey.YOUNG, Journey.BUSINESS])
def test_children_and_businesses_are_asked_nothing_about_consent(journey: Journey) -> None:
    assert not [key for key in asked(journey) if key.startswith("consent.")]


def test_what_may_be_the_same_is_a_question_about_each_and_never_about_health() -> None:
    for name in (name for names in SHARED.values() for name in names):
        assert f"subject.{name}" in BY_KEY
    assert not {"nhs_number", "disability", "words"} & {n for names in SHARED.values() for n in names}


def test_a_child_says_whom_it_is_about_and_that_is_the_source() -> None:
    assert set(SOURCE_OF.values()) <= {code for code, _ in BY_KEY["referrer.source"].choices}
