"""What cannot be right is noticed while the person is there; what may be right is never in the way."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.case.fields import BY_KEY, FIELDS
from exchange.web.slips import slip

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
