"""The people of a hub file: whose mailbox it is, when somebody reads it, who answers there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from exchange.case.calendar import WHOLE_DAY
from exchange.case.mailbox import MailboxRole
from exchange.hubs.loader import HubFileRefused, packaged, read

EXAMPLE = packaged("example")
FILE = read(EXAMPLE)
POLICE, CONTROL = FILE.directory.of("police")
HEALTH = FILE.directory.of("health")[0]


def test_the_team_is_asked_and_the_deputy_stands_by() -> None:
    assert FILE.directory.team("police") == (POLICE,)
    assert FILE.directory.standing_by("police", MailboxRole.DEPUTY) == (CONTROL,)
    assert FILE.directory.standing_by("police", MailboxRole.LEAD) == ()


def test_a_mailbox_for_a_topic_comes_first() -> None:
    second = '[[agencies.police.mailbox]]\naddress = "cse@police.example"\ntransports = ["openpgp"]\n'
    text = EXAMPLE.replace("[agencies.health]\n", f'{second}telephone = "01632 960113"\ntopics = ["exploitation"]\n'
                           "\n[agencies.health]\n")  # fmt: skip
    directory = read(text).directory
    assert [m.address.text for m in directory.team("police")] == ["mash@police.example", "cse@police.example"]
    first = directory.team("police", frozenset({"exploitation"}))[0]
    assert first.address.text == "cse@police.example"


def test_hours_are_the_mailboxs_own_or_the_hubs() -> None:
    hub = FILE.rules.calendar
    assert CONTROL.hours == (WHOLE_DAY,) * 7
    assert HEALTH.hours[0] == (time(8), time(18))
    assert POLICE.calendar(hub) is hub
    boxing_day = datetime(2026, 12, 28, 9, tzinfo=UTC)  # the substitute bank holiday
    assert HEALTH.calendar(hub).next_open(boxing_day) == datetime(2026, 12, 29, 8, tzinfo=UTC)
    assert CONTROL.calendar(hub).next_open(boxing_day) == boxing_day
    summer_night = datetime(2027, 7, 5, 22, tzinfo=UTC)
    assert HEALTH.calendar(hub).next_open(summer_night) == datetime(2027, 7, 6, 7, tzinfo=UTC)  # 8:00 in London


def test_a_single_point_of_contact_has_an_id_and_a_vetting() -> None:
    ada, bob, _ = POLICE.spocs
    assert (ada.id, bob.id) == ("police-mash-1", "police-sergeant")
    assert (bob.vetting, bob.vetted_until) == ("NPPV3", date(2028, 6, 30))
    assert ada.serves(date(2027, 1, 3))
    assert not ada.serves(date(2027, 1, 4))
    assert not bob.serves(date(2027, 1, 3))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('role = "deputy"', 'role = "depty"', "did you mean deputy"),
        ('hours = "always"\n', "hours = {}\n", "never open"),
        ('address = "duty@probation.example"', 'address = "duty@probation.example"\nrole = "lead"',
         "no mailbox of its team"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(old: str, new: str, fault: str) -> None:
    with pytest.raises(HubFileRefused, match=fault):
        read(EXAMPLE.replace(old, new))
