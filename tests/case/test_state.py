"""A case finds its parts by id, and changing one leaves the others and the old case alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.delivery import FAILED, Delivery
from exchange.case.state import Stamp
from tests.case.stories import Story, at, calls, child, contact

CASE = Story(contact(child("s1"), child("s2")), calls("police")).case


def test_parts_are_found_by_id_or_not_at_all() -> None:
    assert CASE.subject("s2") is CASE.subjects[1]
    assert CASE.leg("l2") is CASE.legs[1]
    assert CASE.discussion("d1") is CASE.discussions[0]
    assert (CASE.subject("s9"), CASE.leg("l9"), CASE.discussion("d9")) == (None, None, None)


def test_changing_one_part_leaves_the_others() -> None:
    rated = replace(CASE.subjects[1], ratings=(Stamp(at(1), "duty-1", "red"),))
    changed = CASE.with_subject(rated)
    assert (changed.subjects[0], changed.subjects[1].rating) == (CASE.subjects[0], "red")
    assert CASE.subjects[1].rating == ""


@pytest.mark.parametrize("delivery", list(Delivery))
def test_a_leg_has_failed_when_mail_will_not_get_through_by_itself(delivery: Delivery) -> None:
    assert replace(CASE.legs[0], delivery=delivery).failed is (delivery in FAILED)


def test_a_rating_is_provisional_until_somebody_rates_the_subject() -> None:
    subject = CASE.subjects[0]
    seems = replace(subject, provisional="red")
    rated = replace(seems, ratings=(Stamp(at(1), "duty-1", "amber"),))
    assert [(s.rating, s.is_provisional) for s in (subject, seems, rated)] == [
        ("", False),
        ("red", True),
        ("amber", False),
    ]
