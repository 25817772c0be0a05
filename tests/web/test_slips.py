"""What cannot be right is noticed while the person is there; what may be right is never in the way."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.case.fields import BY_KEY, FIELDS
from exchange.case.referral import read
from exchange.web.desk_telephone import slips_of
from exchange.web.slips import of_birth, slip

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("subject.date_of_birth", "2019-03-27", True),
        ("subject.date_of_birth", "2026-11-24", True),
        ("subject.date_of_birth", "2026-11-25", False),
        ("subject.date_of_birth", "0015-01-01", False),
        ("subject.date_of_birth", "2019-02-30", False),
        ("person.date_of_birth", "2090-01-01", False),
        ("subject.expected_date", "2027-02-01", True),
        ("subject.expected_date", "2028-02-01", False),
        ("subject.expected_date", "2026-11-10", True),  # two weeks late
        ("subject.expected_date", "2026-10-01", False),
        ("referrer.mail", "nora@housing.example", True),
        ("referrer.mail", "not a mail", False),
        ("subject.postcode", "zz99 9zz", True),
        ("subject.postcode", "ZZ999ZZ", True),
        ("subject.postcode", "NOT A PC!!", False),
        ("subject.nhs_number", "999 000 0018", True),
        ("subject.nhs_number", "999 000 0019", False),
        ("subject.nhs_number", "123", False),
        ("subject.nhs_number", "999-000-0018x", False),
        ("concern.what_happened", "!!", True),
    ],
)
def test_a_slip_is_noticed_and_nothing_else_is(key: str, value: str, right: bool) -> None:
    assert (slip(BY_KEY[key], value, TODAY) == "") is right


def test_every_key_that_is_checked_is_a_question() -> None:
    assert {"referrer.mail", "subject.postcode", "subject.nhs_number"} <= {f.key for f in FIELDS}


@pytest.mark.parametrize(
    ("form", "answers", "told"),
    [
        ("child", {"date_of_birth": "2016-03-27"}, ""),
        ("child", {"date_of_birth": "2002-03-27"}, ""),  # 24: a care leaver
        ("child", {"date_of_birth": "1990-03-27"}, "This makes them 36"),
        ("adult", {"date_of_birth": "1990-03-27"}, ""),
        ("adult", {"date_of_birth": "2009-03-27"}, ""),  # 17: nearly of age
        ("adult", {"date_of_birth": "2016-03-27"}, "This makes them 10"),
        ("child", {"date_of_birth": "2016-03-27", "unborn": "yes"}, "not born yet"),
        ("child", {"expected_date": "2027-02-01", "unborn": "yes"}, ""),
        ("child", {"date_of_birth": "2027-03-27"}, ""),  # told as a date already
    ],
)
def test_a_birth_that_does_not_fit_the_form_is_noticed(form: str, answers: dict[str, str], told: str) -> None:
    found = of_birth(form, answers, TODAY)
    assert told in found
    assert bool(told) is bool(found)


def test_a_telephone_referral_tells_every_slip_at_its_own_input() -> None:
    told = read(
        {
            "form": "child",
            "referrer": {"mail": "not a mail"},
            "subjects": [
                {"given_name": "Mina", "date_of_birth": "2027-03-27"},
                {"given_name": "Bo", "date_of_birth": "1990-03-27", "postcode": "NOT A POSTCODE AT ALL"},
            ],
            "household": [{"name": "Nora", "date_of_birth": "1899-01-01"}],
        }
    )
    assert set(slips_of(told, TODAY)) == {
        "referrer.mail", "s1.date_of_birth", "s2.date_of_birth", "s2.postcode", "p1.date_of_birth",
    }  # fmt: skip
