"""Whoever has left is out on the day after, whatever their domain would say; nobody else's domain lets anybody in."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.case.organisation import Colleague, Organisation

FIRST, LAST = date(2026, 9, 1), date(2026, 11, 30)
SCHOOL = Organisation(
    "school", "Madeupton Primary", ("school.example",),
    (Colleague("gone@school.example", FIRST, LAST), Colleague("again@school.example", FIRST, LAST),
     Colleague("again@school.example", date(2027, 1, 4)), Colleague("alone@shared.example", FIRST)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "day", "let_in"),
    [
        ("anybody@school.example", LAST, True),
        ("anybody@other.example", LAST, False),
        ("anybody@not-school.example", LAST, False),
        ("anybody@sub.school.example", LAST, False),
        ("gone@school.example", LAST, True),
        ("gone@school.example", date(2026, 12, 1), False),
        ("gone@school.example", date(2026, 8, 31), False),
        ("again@school.example", date(2026, 12, 24), False),
        ("again@school.example", date(2027, 1, 4), True),
        ("alone@shared.example", LAST, True),
        ("other@shared.example", LAST, False),
    ],
)
def test_who_is_let_in(address: str, day: date, *, let_in: bool) -> None:
    assert SCHOOL.lets_in(address, day) is let_in


def test_an_organisation_that_has_ended_lets_nobody_in() -> None:
    ended = Organisation("school", "Madeupton Primary", ("school.example",), until=LAST)
    assert ended.lets_in("anybody@school.example", LAST)
    assert not ended.lets_in("anybody@school.example", date(2026, 12, 1))
