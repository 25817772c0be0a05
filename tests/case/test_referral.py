"""A referral is read as told, refused only for what cannot be understood, and gives away codes and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from exchange.case.fields import BY_KEY
from exchange.case.referral import (
    LONGEST_ANSWER,
    MOST_PERSONS,
    MOST_SUBJECTS,
    Referral,
    ReferralRefused,
    age_band,
    answered,
    present,
    read,
    subject_codes,
    wrong,
)

TODAY = date(2026, 11, 24)
BANDS = {"unborn", "under_5", "school", "16_17", "adult", "unknown"}
TOLD: dict[str, Any] = {
    "schema": "referral/1",
    "form": "child",
    "referrer": {"name": "Rowan Nobody", "source": "2A", "telephone": "01632 960001"},
    "concern": {"immediate_danger": "no", "what_happened": "A bruise.\nNobody could say from what."},
    "consent": {"informed": "no", "why_not": "unsafe_child"},
    "subjects": [
        {"given_name": " Robin ", "postcode": "zz99 9zz", "address_protected": "yes", "date_of_birth": "2019-03-27"},
        {"given_name": "Wren", "family_name": ""},
    ],
    "household": [{"name": "Ash Nobody", "poses_risk": "unknown"}],
}


def problems(data: object, *, need_required: bool = False) -> dict[str, str]:
    with pytest.raises(ReferralRefused) as refused:
        read(data, need_required=need_required)
    assert all(p.remedy for p in refused.value.problems)
    return {p.where: p.what for p in refused.value.problems}


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("10", "school"), ("about 4", "under_5"), ("8 or 9", "school"), ("14-17", "unknown"), ("5 months", "under_5"),
        ("baby", "under_5"), ("17", "16_17"), ("30", "adult"), ("", "unknown"), ("ten", "unknown"),
        ("999", "unknown"),
    ],
)  # fmt: skip
def test_an_age_that_was_guessed_counts_where_no_birth_is_known(age: str, band: str) -> None:
    assert age_band({"age": age}, "child", TODAY) == band
    assert age_band({"age": age, "date_of_birth": "2018-05-01"}, "child", TODAY) == "school"


def test_what_is_told_is_read_and_written_back_the_same() -> None:
    referral = read(TOLD)
    assert referral.subjects[0]["given_name"] == "Robin"
    assert "family_name" not in referral.subjects[1]
    assert read(referral.data()) == referral


def test_a_name_is_enough_unless_the_person_is_still_there_to_be_asked() -> None:
    least = {"subjects": [{"given_name": "Robin"}]}
    assert read(least).form == "child"
    assert set(problems(least, need_required=True)) == {
        "referrer.source",
        "concern.immediate_danger",
        "concern.what_happened",
    }
    assert read(TOLD, need_required=True) == read(TOLD)


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("2A", {"referrer.name", "referrer.telephone"}),
        ("8", {"referrer.name", "referrer.telephone"}),
        ("1B", set()),
        ("9", set()),
        ("10", set()),
    ],
)
def test_who_writes_as_part_of_their_work_says_who_they_are_and_nobody_else_must(
    source: str, needed: set[str]
) -> None:
    told = {
        "referrer": {"source": source},
        "concern": {"immediate_danger": "no", "what_happened": "worry"},
        "subjects": [{"given_name": "Robin"}],
    }
    assert set(problems(told, need_required=True) if needed else ()) == needed
    assert read(told).subjects
    if not needed:
        assert read(told, need_required=True).referrer == {"source": source}


def test_a_baby_not_yet_born_needs_no_name() -> None:
    told = {
        "referrer": {"source": "9"},
        "concern": {"immediate_danger": "no", "what_happened": "worry"},
        "subjects": [{"unborn": "yes", "expected_date": "2027-03-01"}],
    }
    assert read(told, need_required=True).subjects[0]["unborn"] == "yes"
    told["subjects"] = [{"unborn": "no"}]
    assert set(problems(told, need_required=True)) == {"subjects.1.given_name"}


@pytest.mark.parametrize(
    ("data", "where", "what"),
    [
        ("a letter", "(whole)", "not a JSON object"),
        ({"form": "pet"}, "form", "unknown form"),
        ({"form": ["child"]}, "form", "unknown form"),
        (TOLD | {"schema": "referral/9"}, "schema", "unknown version"),
        (TOLD | {"colour": "blue"}, "colour", "unknown member"),
        (TOLD | {"subjects": []}, "subjects", "nobody is named"),
        (TOLD | {"subjects": {"given_name": "Robin"}}, "subjects", "nobody is named"),
        (TOLD | {"household": "Ash"}, "household", "not a list"),
        (TOLD | {"subjects": [{}] * (MOST_SUBJECTS + 1)}, "subjects", "more than 20"),
        (TOLD | {"household": [{}] * (MOST_PERSONS + 1)}, "household", "more than 40"),
        (TOLD | {"subjects": ["Robin"]}, "subjects.1", "not a JSON object"),
        (TOLD | {"concern": {"shoe_size": "7"}}, "concern.shoe_size", "unknown field"),
        (TOLD | {"subjects": [{"capacity": "yes"}]}, "subjects.1.capacity", "unknown field"),  # of the adult form
        (TOLD | {"subjects": [{"date_of_birth": "27/03/2019"}]}, "subjects.1.date_of_birth", "not a date"),
        (TOLD | {"subjects": [{}, {"given_name": 7}]}, "subjects.2.given_name", "not text"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_place_and_remedy(data: object, where: str, what: str) -> None:
    assert problems(data)[where] == what


def test_a_refusal_names_every_fault_and_repeats_no_value() -> None:
    with pytest.raises(ReferralRefused) as refused:
        read(TOLD | {"concern": {"immediate_danger": "Robin is hurt"}, "household": [{"date_of_birth": "when Wren"}]})
    assert len(refused.value.problems) == 2
    assert "Robin" not in str(refused.value)
    assert "Wren" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("subject.given_name", "Robin", None),
        ("subject.given_name", None, "not text"),
        ("subject.given_name", "Rob\x00in", "has control characters"),
        ("concern.what_happened", "first\r\nthen\tthis", None),
        ("concern.what_happened", "x" * LONGEST_ANSWER, None),
        ("concern.what_happened", "x" * (LONGEST_ANSWER + 1), "longer than 20000 characters"),
        ("subject.date_of_birth", " 2019-03-27 ", None),
        ("subject.date_of_birth", "2019-02-30", "not a date"),
        ("subject.date_of_birth", "20190327", "not a date"),
        ("subject.date_of_birth", "2019-W13-3", "not a date"),
        ("consent.informed", "yes", None),
        ("consent.informed", "perhaps", "not one of the choices"),
        ("subject.category", "neglect", None),
        ("subject.category", "neglect , emotional,", None),
        ("subject.category", "neglect; emotional", "not one of the choices"),
        ("subject.category", "neglect, hunger", "not one of the choices"),
    ],
)
def test_an_answer_is_wrong_only_when_it_cannot_be_read(key: str, value: object, what: str | None) -> None:
    fault = wrong(value, BY_KEY[key])
    assert (fault and fault[0]) == what


def test_a_blank_answer_is_absent_however_it_is_typed() -> None:
    referral = read({"subjects": [{"given_name": "Robin", "family_name": "   ", "school": ""}]})
    assert referral.subjects == ({"given_name": "Robin"},)


def test_spaces_are_no_answer_to_what_must_be_answered() -> None:
    assert "subjects.1.given_name" in problems(TOLD | {"subjects": [{"given_name": "  "}]}, need_required=True)


def test_the_codes_of_a_subject_say_which_answers_exist_and_never_what_they_say() -> None:
    first, second = subject_codes(read(TOLD), TODAY)
    assert (first.id, first.age_band, first.area, first.address_protected) == ("s1", "school", "ZZ99", True)
    assert first.fields == ("address_protected", "date_of_birth", "given_name", "postcode")
    assert (second.id, second.age_band, second.area, second.address_protected) == ("s2", "unknown", "", False)
    assert "Robin" not in repr((first, second))


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2026-11-25", "unborn"),
        ("2026-11-24", "under_5"),
        ("2021-11-25", "under_5"),
        ("2021-11-24", "school"),
        ("2010-11-25", "school"),
        ("2010-11-24", "16_17"),
        ("2008-11-25", "16_17"),
        ("2008-11-24", "adult"),
        ("1926-01-01", "adult"),
    ],
)
def test_a_child_is_of_its_band_from_the_birthday_on(born: str, band: str) -> None:
    assert age_band({"date_of_birth": born}, "child", TODAY) == band


@pytest.mark.parametrize(
    ("answers", "form", "band"),
    [
        ({}, "child", "unknown"),
        ({"expected_date": "2027-02-01"}, "child", "unborn"),
        ({"unborn": "yes"}, "child", "unborn"),
        ({"unborn": "no"}, "child", "unknown"),
        ({"unborn": "yes", "date_of_birth": "2026-11-20"}, "child", "under_5"),  # born since
        ({"date_of_birth": "2019-03-27"}, "adult", "adult"),
    ],
)
def test_a_band_without_a_date_of_birth_follows_what_else_is_known(
    answers: dict[str, str], form: str, band: str
) -> None:
    assert age_band(answers, form, TODAY) == band


def test_a_year_typed_wrongly_still_gives_a_band() -> None:
    assert age_band({"date_of_birth": "0019-03-27"}, "child", TODAY) in BANDS


@pytest.mark.parametrize(
    ("postcode", "area"),
    [("zz99 9zz", "ZZ99"), ("ZZ9 9ZZ", "ZZ9"), ("Z9 9ZZ", "Z9"), ("ZZ99", ""), ("ZZ99 9ZZ or near", "")],
)
def test_the_area_is_the_outward_part_of_a_whole_postcode(postcode: str, area: str) -> None:
    referral = Referral("child", subjects=({"postcode": postcode},))
    assert subject_codes(referral, TODAY)[0].area == area


def test_every_answer_has_its_place_and_its_name() -> None:
    referral = read(TOLD)
    assert ("s2", "subject.given_name", "Wren") in list(answered(referral))
    assert ("p1", "person.name", "Ash Nobody") in list(answered(referral))
    names = present(referral)
    assert {"referrer.name", "concern.what_happened", "consent.why_not", "s1.given_name", "p1.name"} <= set(names)
    assert len(names) == len(set(names))


def test_a_referral_shows_nothing_of_itself_in_a_log() -> None:
    assert repr(read(TOLD)) == "Referral(form='child')"


def test_several_codes_are_kept_in_one_way_however_they_are_typed() -> None:
    told = {"form": "adult", "subjects": [{"abuse": " self_neglect,financial ,self_neglect"}, {"abuse": " , "}]}
    first, second = read(told).subjects
    assert first == {"abuse": "financial, self_neglect"}
    assert second == {}


def test_siblings_of_whom_one_is_not_yet_born() -> None:
    told = {"subjects": [{"given_name": "Wren", "date_of_birth": "2017-01-01"}, {"expected_date": "2027-03-27"}]}
    assert [c.age_band for c in subject_codes(read(told), TODAY)] == ["school", "unborn"]
