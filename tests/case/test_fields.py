"""One list of questions serves every form, and each has its place in a packet."""

from __future__ import annotations

import pytest

from exchange.case.fields import BY_KEY, FIELDS, Field, Kind, Part, Section, questions


def test_no_question_is_asked_under_the_name_of_another() -> None:
    assert len(BY_KEY) == len(FIELDS)


def test_every_part_of_a_packet_has_a_question() -> None:
    assert {f.part for f in FIELDS} == set(Part)


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.key)
def test_a_choice_offers_different_codes_and_nothing_else_offers_any(field: Field) -> None:
    codes = [code for code, _ in field.choices]
    assert bool(codes) is (field.kind is Kind.CHOICE)
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("form", "asked", "not_asked"), [("child", "school", "capacity"), ("adult", "capacity", "school")]
)
def test_each_form_asks_what_concerns_it(form: str, asked: str, not_asked: str) -> None:
    names = [f.name for f in questions(Section.SUBJECT, form)]
    assert asked in names
    assert not_asked not in names
    assert names[0] == "given_name"


def test_a_question_whether_an_address_is_secret_travels_with_the_risks() -> None:
    assert BY_KEY["subject.address_protected"].part is Part.RISK
