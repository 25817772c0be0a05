"""The JSON Schema of a referral says the same as the check that reads one."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from exchange.case.fields import BY_KEY, FIELDS, Kind
from exchange.case.referral import ReferralRefused, read
from exchange.schemas import json_schema

SCHEMA = json_schema()


def subject(**answers: str) -> dict[str, Any]:
    return {"schema": "referral/1", "form": "adult", "subjects": [answers]}


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ("neglect", True),
        ("neglect, self_neglect", True),
        ("neglect,self_neglect", True),
        ("neglect or so", False),
        ("neglect, hunger", False),
    ],
)
def test_schema_and_check_agree_on_several_codes(answer: str, fits: bool) -> None:
    told = subject(abuse=answer)
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(told) is fits
    if fits:
        assert read(told).subjects[0]["abuse"]
    else:
        with pytest.raises(ReferralRefused):
            read(told)


def test_the_schema_is_one_and_names_every_question_with_its_codes() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    parts = SCHEMA["properties"]
    parts |= {"subject": parts["subjects"]["items"], "person": parts["household"]["items"]}
    for field in FIELDS:
        shape = parts[field.section]["properties"][field.name]
        assert shape["title"] == field.label
        if field.kind is Kind.CHOICE:
            assert shape["enum"] == [*(code for code, _ in field.choices), "", None]
        assert all(label in shape["description"] for _, label in field.choices)


def test_national_codes_stand_beside_ours() -> None:
    shown = SCHEMA["properties"]["subjects"]["items"]["properties"]["category"]["description"]
    assert "neglect: Neglect (NEG)" in shown
    assert "2A: School;" in SCHEMA["properties"]["referrer"]["properties"]["source"]["description"]
    assert BY_KEY["subject.category"].codes


def test_the_questions_of_the_other_form_are_in_neither_schema_nor_check() -> None:
    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid
    for form, own, other in (("child", "school", "capacity"), ("adult", "capacity", "school")):
        fits: dict[str, Any] = {"form": form, "subjects": [{own: "yes"}]}
        not_theirs: dict[str, Any] = {"form": form, "subjects": [{other: "yes"}]}
        assert (valid(fits), valid(not_theirs)) == (True, False)
        read(fits)
        with pytest.raises(ReferralRefused, match="unknown field"):
            read(not_theirs)
    assert not valid({"subjects": [{"capacity": "yes"}]})  # without a word it is a child's
