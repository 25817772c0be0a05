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


@pytest.mark.parametrize(("written", "days"), [('"weekly"', 7), ('"yearly"', 365), ("14", 14)])
def test_a_mailbox_is_drilled_as_often_as_it_says(written: str, days: int) -> None:
    assert (POLICE.drill_days, CONTROL.drill_days) == (30, 91)
    changed = read(EXAMPLE.replace('drill = "monthly"', f"drill = {written}")).directory
    assert changed.of("police")[0].drill_days == days


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
        ('drill = "monthly"', 'drill = "never"', "a number of days from 7 to 366"),
        ('drill = "monthly"', "drill = 1", "not how often"),
        ('hours = "always"\n', "hours = {}\n", "never open"),
        ('address = "duty@probation.example"', 'address = "duty@probation.example"\nrole = "lead"',
         "no mailbox of its team"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(old: str, new: str, fault: str) -> None:
    with pytest.raises(HubFileRefused, match=fault):
        read(EXAMPLE.replace(old, new))


def test_a_rota_says_whose_turn_it_is_by_day_and_by_date() -> None:
    day, late = POLICE.rota
    assert (day.spoc, day.days, day.begins, day.ends) == ("police-mash-1", (0, 1, 2, 3, 4), time(8), time(16))
    assert late.spoc == "police-exploitation"
    night = EXAMPLE.replace('days = ["mon", "tue", "wed", "thu", "fri"]\nhours = "16:00-20:00"',
                            'dates = [2026-12-25]\nhours = "20:00-08:00"')  # fmt: skip
    turn = read(night).directory.of("police")[0].rota[1]
    assert (turn.dates, turn.begins, turn.ends) == ((date(2026, 12, 25),), time(20), time(8))


def test_the_least_number_of_staff_of_a_role_stands_in_the_file_or_nowhere() -> None:
    assert [(m.role, m.least) for m in FILE.directory.cover] == [("screening_officer", 1), ("decision_manager", 1)]
    assert read(packaged("demo")).directory.cover == ()


HOURS = 'hours = "16:00-20:00"'


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('spoc = "police-exploitation"', 'spoc = "police-explotation"', "did you mean police-exploitation"),
        (HOURS, 'hours = "from four"', "not a turn"),
        (HOURS, 'hours = "16:00Z-20:00Z"', "not a turn"),
        (HOURS, f"{HOURS}\ndates = [2026-12-25]", "on no day, or by both"),
        ('days = ["mon", "tue", "wed", "thu", "fri"]\nhours = "16', 'hours = "16', "on no day, or by both"),
        ('days = ["mon", "tue", "wed", "thu", "fri"]\nhours = "16', 'days = ["mo"]\nhours = "16', "no such day"),
        ('name = "Nurse Dot Notional"', 'id = "police-sergeant", name = "Nurse Dot Notional"',
         "already a person of police"),
        ("decision_manager = 1", "decision_manager = 0", "not a number of staff"),
    ],
)  # fmt: skip
def test_a_rota_and_a_cover_that_cannot_be_are_refused(old: str, new: str, fault: str) -> None:
    with pytest.raises(HubFileRefused, match=fault):
        read(EXAMPLE.replace(old, new))
