"""One answer that cannot be read costs no other: it is held as it was written, unless it protects somebody."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.case.in_part import as_written, read_in_part
from exchange.case.referral import Problem, ReferralRefused

GOOD: dict[str, Any] = {
    "concern": {"what_happened": "worry"},
    "subjects": [{"given_name": "Mina"}, {"given_name": "Otto", "date_of_birth": "31/02/2019"}],
}


def test_all_good_answers_are_taken_and_the_bad_one_is_told_as_written() -> None:
    referral, held = read_in_part(GOOD)
    assert [dict(one) for one in referral.subjects] == [{"given_name": "Mina"}, {"given_name": "Otto"}]
    assert [as_written(GOOD, one) for one in held] == [
        "subjects.2.date_of_birth: “31/02/2019” is not a date (write it as YYYY-MM-DD, for example 2019-03-27)"
    ]
    assert GOOD["subjects"][1]["date_of_birth"] == "31/02/2019", "what came is as it was"


def test_a_good_one_is_read_whole() -> None:
    assert read_in_part({**GOOD, "subjects": [{"given_name": "Mina"}]})[1] == ()


@pytest.mark.parametrize(
    "bad",
    [
        {"subjects": [{"given_name": "Mina", "address_protected": "perhaps"}]},
        {"consent": {"share": "ask me"}},
        {"referrer": {"keep_from": 7}},
        {"subjects": []},
        {"subjects": "Mina"},
        {"subjects": [7]},
        {"form": "dog"},
        {"unheard_of": "x"},
        {"concern": {"what_happened": "a\x00b"}},
        {"concern": {"what_happened": "worry", "unheard_of": "x"}},
        [],
    ],
)
def test_what_protects_somebody_or_cannot_be_told_apart_is_a_persons(bad: object) -> None:
    with pytest.raises(ReferralRefused):
        read_in_part({**GOOD, **bad} if isinstance(bad, dict) else bad)


@pytest.mark.parametrize("where", ["subjects.9.name", "subjects.x.name", "nobody", "form.what", "(whole)"])
def test_a_place_that_is_not_there_tells_no_words(where: str) -> None:
    assert as_written(GOOD, Problem(where, "odd", "mend it")) == f"{where}: odd (mend it)"
