"""Who refers often is let in by a domain of their own, or one by one; a domain that many share lets nobody in."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.case.organisation import Colleague
from exchange.hubs import loader
from exchange.hubs.canonical import directory_from, directory_json
from exchange.hubs.difference import changes
from exchange.hubs.loader import HubFileRefused

SCHOOL = """
[referrers.school]
name = "Madeupton Primary"
domains = ["madeupton.example"]
people = [{ address = "Nurse@shared.example", since = 2026-01-05, until = 2026-12-31 }]
"""


def text(more: str) -> str:
    return loader.packaged("example") + more


def test_organisations_are_read_kept_and_told_apart() -> None:
    before, after = loader.read(text("")), loader.read(text(SCHOOL))
    school = after.directory.referrers[-1]
    assert (school.id, school.domains) == ("school", ("madeupton.example",))
    assert school.people == (Colleague("nurse@shared.example", date(2026, 1, 5), date(2026, 12, 31)),)
    assert directory_from(directory_json(after.directory)) == after.directory
    told = "\n".join(changes(before, after))
    assert "+ referrer school (Madeupton Primary)" in told
    assert "nurse@shared.example from 2026-01-05 until 2026-12-31" in told
    assert changes(after, after) == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('domains = ["madeupton.example"]', 'domains = ["nhs.net"]'), "many share nhs.net"),
        (('domains = ["madeupton.example"]', 'domains = ["gmail.com"]'), "public webmail"),
        (('domains = ["madeupton.example"]', 'domains = ["madeupton-primary.example"]'), "already of"),
        (("Nurse@shared.example", "ima.fiction@shared-mail.example"), "already of"),
        (("until = 2026-12-31", "until = 2025-12-31"), "before since"),
        (('name = "Madeupton Primary"', 'name = "Madeupton Primary"\nagency = "nobody"'), "no such agency"),
    ],
)
def test_what_would_show_one_the_referrals_of_another_is_refused(change: tuple[str, str], fault: str) -> None:
    with pytest.raises(HubFileRefused, match=fault):
        loader.read(text(SCHOOL.replace(*change)))


def test_an_organisation_of_nobody_is_refused() -> None:
    with pytest.raises(HubFileRefused, match="nobody could sign in"):
        loader.read(text('\n[referrers.empty]\nname = "Nobody"\n'))
