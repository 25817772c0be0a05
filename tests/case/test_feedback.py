"""Who may be told what follows from the class of referrer, and who is unknown is told least."""

from __future__ import annotations

import pytest

from exchange.case.code_lists import SOURCES
from exchange.case.feedback import MAY_BE_TOLD, SETTLED, Feedback, ReferrerClass, Told, class_of_source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ReferrerClass.PUBLIC),
        ("1A", ReferrerClass.PUBLIC),
        ("1B", ReferrerClass.PUBLIC),
        ("1C", ReferrerClass.PUBLIC),
        ("1D", ReferrerClass.PUBLIC),
        ("2A", ReferrerClass.PROFESSIONAL),
        ("3A", ReferrerClass.PROFESSIONAL),
        ("6", ReferrerClass.PROFESSIONAL),
        ("9", ReferrerClass.ANONYMOUS),
        ("10", ReferrerClass.PUBLIC),
    ],
)
def test_a_source_has_its_class(source: str, expected: ReferrerClass) -> None:
    assert class_of_source(source) is expected


def test_a_source_that_nobody_knows_is_no_profession() -> None:
    assert "77" not in dict(SOURCES.choices)
    assert class_of_source("77") is not ReferrerClass.PROFESSIONAL


@pytest.mark.parametrize("referrer", list(ReferrerClass))
def test_everybody_hears_that_it_was_received(referrer: ReferrerClass) -> None:
    assert Told.RECEIVED in MAY_BE_TOLD[referrer]


@pytest.mark.parametrize("secret", [Told.DECISION, Told.ALTERNATIVES, Told.CHALLENGE, Told.CONTACT])
def test_only_a_professional_hears_the_decision_and_how_to_challenge_it(secret: Told) -> None:
    assert [who for who, may in MAY_BE_TOLD.items() if secret in may] == [ReferrerClass.PROFESSIONAL]


def test_a_restricted_referrer_hears_only_that_it_is_being_dealt_with() -> None:
    assert MAY_BE_TOLD[ReferrerClass.RESTRICTED] == {Told.RECEIVED, Told.BEING_DEALT_WITH}


@pytest.mark.parametrize("open_", [Feedback.NOT_DUE, Feedback.DUE, Feedback.DISPUTED, Feedback.UNDELIVERABLE])
def test_who_was_not_told_or_disagrees_is_not_settled(open_: Feedback) -> None:
    assert open_ not in SETTLED
