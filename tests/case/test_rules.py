"""Rules find their ratings and agencies, and fall back to the unrated clocks."""

from __future__ import annotations

import pytest

from tests.case.stories import RULES


@pytest.mark.parametrize(("code", "known"), [("red", True), ("green", True), ("purple", False), ("", False)])
def test_a_code_that_is_no_rating_has_the_unrated_clocks(code: str, known: bool) -> None:
    assert RULES.knows_rating(code) is known
    assert (RULES.rating(code) is RULES.unrated) is not known


def test_agencies_are_found_by_name_and_by_what_they_do() -> None:
    police = RULES.agency("police")
    assert police
    assert RULES.with_function("police") == (police,)
    assert RULES.agency("nobody") is None
    assert RULES.with_function("fire") == ()
