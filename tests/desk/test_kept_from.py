"""Whom a referrer says must not see it: a name we do not know never means nobody."""

from __future__ import annotations

import pytest

from exchange.case.referral import read
from exchange.contacting import named_to_keep_out
from exchange.hubs import loader

RULES = loader.read(loader.packaged("demo")).rules


@pytest.mark.parametrize(
    ("written", "agencies", "unsettled"),
    [
        ("", (), False),
        ("none", (), False),
        ("N/A", (), False),
        ("Fibshire NHS Trust", ("health",), False),
        ("  fibshire nhs TRUST; police\nEducation, health", ("health", "police", "education"), False),
        ("madeup-surgery", ("madeup-surgery",), False),
        ("social care", ("social_care",), False),
        ("his manager at Fibshire NHS Trust", ("health",), True),
        ("Fibshire NHS Trusty", (), True),
        ("the hospital", (), True),
        ("police, where his brother works", ("police",), True),
    ],
)
def test_what_a_referrer_writes_is_found_or_settled_by_a_person(
    written: str, agencies: tuple[str, ...], unsettled: bool
) -> None:
    referral = read({"referrer": {"keep_from": written}, "subjects": [{"given_name": "Leo"}]})
    assert named_to_keep_out(referral, RULES) == (agencies, unsettled)
