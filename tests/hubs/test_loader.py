"""Hub files: those that come with the exchange hold, and a bad one is refused with line, key, value and remedy."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from exchange.case.clock import due, read_spec
from exchange.case.fields import FIELDS, Part
from exchange.case.mailbox import Transport
from exchange.case.referral import age_band
from exchange.case.routing import needs
from exchange.hubs import shapes
from exchange.hubs.loader import HubFileRefused, packaged, read

GOOD = """\
[hub]
id = "fakeshire"
name = "Fakeshire MASH"
prefix = "MASH"
telephone = "01632 960100"
duty_telephone = "01632 960199"
first_look = "30m"
feedback = "1wd"
reminders = [0.5, 1.0]
cohorts = ["child"]

[calendar]
timezone = "Europe/London"
holidays = "england-wales"
closed = [2026-12-24]
hours = { mon = "09:00-17:00", fri = "09:00-16:30" }

[ratings.red]
label = "Red"
acknowledge = "30m"
answer = "2h"
decide = "4h"

[unrated]
acknowledge = "1h"
answer = "4h"
decide = "1wd"

[strategy]
quorum = ["police"]
chair = "police"
minutes = 60

[agencies.police]
name = "Fakeshire Constabulary"
functions = ["police"]
basis = "6(1)(e)"

[agencies.police.mailbox]
address = "mash@police.example"
transports = ["openpgp", "pickup"]
telephone = "01632 960110"
domains = ["police.example"]
spocs = [{ name = "Ada Made-Up", since = 2026-01-05, until = 2026-06-30 }]

[agencies.health]
name = "Fibshire NHS Trust"
functions = ["health"]
basis = "6(1)(e)"

[[agencies.health.mailbox]]
address = "safeguarding@health.example"
transports = ["openpgp"]
telephone = "01632 960120"

[[agencies.health.mailbox]]
id = "night"
address = "night@health.example"
transports = ["openpgp"]
telephone = "01632 960121"

[[routes]]
agency = "police"
parts = ["identity", "risk"]
purpose = "holds what is known of the household"
cohorts = ["child"]

[[routes]]
agency = "health"
on = "rating"
ratings = ["red"]
parts = "all"
purpose = "holds the health history"
"""

# what is replaced, by what, and the whole of what is said; {n} is the line of the replacement's last line
BROKEN = [
    ('"30m"\nfeedback', '"half an hour"\nfeedback', 'line 7: hub.first_look: "half an hour": not a length of time: '
     "write a length of time like 30m, 4h, 4wh (working hours) or 1wd (working days)"),
    ('"30m"\nfeedback', '"30wm"\nfeedback', 'line 7: hub.first_look: "30wm": stands still out of hours: '
     "write a length of time that runs day and night, like 30m"),
    ('feedback = "1wd"', 'feedback = "0m"',
     'line 8: hub.feedback: "0m": runs out at once: write a length of time above nothing, like 30m'),
    ('feedback = "1wd"', 'feedback = "101d"',
     'line 8: hub.feedback: "101d": longer than any clock of a hub: write at most 100 days'),
    ('prefix = "MASH"', 'prefix = "mash-1"', 'line 4: hub.prefix: "mash-1": not a prefix: '
     "write 2 to 8 capital letters or digits, a letter first"),
    ('telephone = "01632 960100"', "telephone = 1632960100",
     'line 5: hub.telephone: 1632960100: not text: write it in quotes, like "text"'),
    ('telephone = "01632 960100"', 'telefone = "01632 960100"',
     'line 5: hub.telefone: "01632 960100": unknown key: did you mean telephone?'),
    ('telephone = "01632 960100"\n', "", 'line 1: hub.telephone: missing: add telephone = "01632 960100"'),
    ('name = "Fakeshire MASH"', 'name = "Fakeshire\\nBcc: x"', 'line 3: hub.name: "Fakeshire\\nBcc: x": '
     "not one short line: write one line of at most 200 characters"),
    ("[0.5, 1.0]", "[0.5, 1.5]", "line 9: hub.reminders.2: 1.5: not a share of a clock: "
     "write a number above 0 and at most 1, like 0.5"),
    ("[0.5, 1.0]", "[1.0, 0.5]", "line 9: hub.reminders: [1.0, 0.5]: not in the order of time: "
     "write the smaller share first, like [0.5, 0.8, 1.0]"),
    ("[0.5, 1.0]", "[]", "line 9: hub.reminders: []: nobody would be reminded: "
     "write at least the end of the clock, [1.0]"),
    ("Europe/London", "Europe/Londn",
     'line 13: calendar.timezone: "Europe/Londn": no such time zone: did you mean Europe/London?'),
    ('"england-wales"', '"england"', 'line 14: calendar.holidays: "england": no such calendar of holidays: '
     "write england-and-wales, northern-ireland or scotland"),
    ("[2026-12-24]", '[2026-12-24,\n  "2026-12-31"]', 'line 16: calendar.closed.2: "2026-12-31": not a date: '
     "write it without quotes, like 2026-12-24"),
    ("closed = [2026-12-24]", 'dates = { 2027-03-25 = "08:30-12:30", 2027-02-29 = "closed" }',
     'line 15: calendar.dates.2027-02-29: "closed": not a date: '
     'write the day first, like 2027-03-25 = "08:30-12:30"'),
    ("closed = [2026-12-24]", 'dates = { 2027-03-25 = "half past" }',
     'line 15: calendar.dates.2027-03-25: "half past": not opening hours: '
     'write them like "09:00-17:00", or "always" or "closed"'),
    ("closed = [2026-12-24]", "dates = [2027-03-25]",
     "line 15: calendar.dates: [2027-03-25]: not a table: write it as [calendar.dates]"),
    ('mon = "09:00-17:00"', 'mon = "17:00-09:00"', 'line 16: calendar.hours.mon: "17:00-09:00": '
     'closes before it opens: write the earlier time first, like "09:00-17:00"'),
    ('mon = "09:00-17:00"', 'mon = "nine to five"', 'line 16: calendar.hours.mon: "nine to five": not opening hours: '
     'write them like "09:00-17:00", or "always" or "closed"'),
    ('mon = "09:00-17:00", fri = "09:00-16:30"', 'mon = "closed"', "line 16: calendar.hours: {...}: never open: "
     'write hours = { mon = "09:00-17:00" } or hours = "always"'),
    ("[ratings.red]", "[ratings.Red]", 'line 18: ratings.Red: "Red": not a rating\'s id: '
     "write small letters, digits, - and _, a letter first, and not unrated\n"
     'line 71: routes.2.ratings.1: "red": no such rating of this file: did you mean Red?'),
    ('quorum = ["police"]', 'quorum = ["police", "polise"]', 'line 30: strategy.quorum.2: "polise": '
     "no such function of an agency: did you mean police?"),
    ('chair = "police"', 'chair = "health"', 'line 31: strategy.chair: "health": not of the quorum: '
     "name one of the functions that must be there"),
    ("minutes = 60", "minutes = true", "line 32: strategy.minutes: true: not a length in minutes: "
     "write a whole number from 5 to 480"),
    ('functions = ["health"]', "functions = []",
     'line 48: agencies.health.functions: []: empty: write at least one, like ["police"]'),
    ('functions = ["health"]', 'functions = "health"',
     'line 48: agencies.health.functions: "health": not a list: write it in brackets, like ["police"]'),
    ('basis = "6(1)(e)"\n\n[agencies.police.m', 'basis = "6(1)(z)"\n\n[agencies.police.m', 'line 37: '
     'agencies.police.basis: "6(1)(z)": not a lawful basis: write 6(1)(e) for public bodies, 6(1)(ea) for others'),
    ('"mash@police.example"', '"pollice@"',
     'line 40: agencies.police.mailbox.address: "pollice@": not one plain mail address: write name@domain'),
    ('["openpgp", "pickup"]', '["openpgp", "pigeon"]', 'line 41: agencies.police.mailbox.transports.2: "pigeon": '
     "no such transport: write openpgp, openpgp-attachment, pickup, smime or tls"),
    ('["openpgp", "pickup"]', '["openpgp", "openpgp"]',
     'line 41: agencies.police.mailbox.transports.2: "openpgp": written twice: take one out'),
    ('["openpgp", "pickup"]', "[]",
     'line 41: agencies.police.mailbox.transports: []: empty: write at least one, like ["openpgp"]'),
    ('["police.example"]', '["gmail.com"]', 'line 43: agencies.police.mailbox.domains.1: "gmail.com": '
     "a public webmail domain: anybody can write from there: "
     "take it out; answers count by signature, or on the answer page"),
    ('["police.example"]', '["police"]', 'line 43: agencies.police.mailbox.domains.1: "police": not a mail domain: '
     "write what stands after the @, like police.example"),
    ("until = 2026-06-30", "until = 2025-06-30", "line 44: agencies.police.mailbox.spocs.1.until: 2025-06-30: "
     "before since: write the last day on which this person answers, or leave it out"),
    ("since = 2026-01-05", "since = 2026-01-05T09:00:00", "line 44: agencies.police.mailbox.spocs.1.since: "
     "2026-01-05T09:00:00: not a date: write it without quotes, like 2026-12-24"),
    ('id = "night"', 'id = "police-1"', 'line 57: agencies.health.mailbox.2.id: "police-1": '
     "already a mailbox of police: give each mailbox an id of its own"),
    ('"night@health.example"', '"MASH@police.example"', "line 58: agencies.health.mailbox.2.address: "
     '"MASH@police.example": already a mailbox of police: write each address once'),
    ('agency = "police"', 'agency = "polis"',
     'line 63: routes.1.agency: "polis": no such agency of this file: did you mean police?'),
    ('"identity", "risk"', '"identity", "rsk"',
     'line 64: routes.1.parts.2: "rsk": no such part: did you mean risk?'),
    ('cohorts = ["child"]\n\n[[routes', 'cohorts = ["adult"]\n\n[[routes',
     'line 66: routes.1.cohorts.1: "adult": no such cohort of this file: write child'),
    ('ratings = ["red"]', 'ratings = ["rad"]',
     'line 71: routes.2.ratings.1: "rad": no such rating of this file: did you mean red?'),
    ('on = "rating"\n', "", 'line 70: routes.2.ratings: [\"red\"]: nobody is rated at receipt: '
     'this row would never hold: write on = "rating"'),
    ('purpose = "holds the health history"', 'purpose = " "',
     'line 73: routes.2.purpose: " ": blank: write something'),
    ("[unrated]", "[unratd]", "line 24: unratd: {...}: unknown key: did you mean unrated?"),
    ('[hub]\nid = "fakeshire"', '[hub]\nid = fakeshire', "line 2: (TOML): id = fakeshire: Invalid value: "
     "mend this line, or the one before it"),
    ('id = "night"', 'address = "x@health.example"', "line 58: (TOML): address = \"night@health.example\": "
     "Cannot overwrite a value: mend this line, or the one before it"),
    ('"holds the health history"', '"holds the health history', "line 73: (TOML): "
     'purpose = "holds the health history: Illegal character \'\\n\': mend this line, or the one before it'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), BROKEN, ids=[b[2][:60] for b in BROKEN])
def test_a_broken_file_is_refused_with_line_key_value_and_remedy(old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(HubFileRefused) as refused:
        read(GOOD.replace(old, new))
    assert str(refused.value) == said


def test_all_faults_are_named_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace('"1wd"\nremind', '"soon"\nremind').replace('"openpgp", "pickup"', '"fax"').replace("all", "no")
    )
    with pytest.raises(HubFileRefused) as refused:
        read(text)
    assert [(f.line, f.key) for f in refused.value.faults] == [
        (8, "hub.feedback"),
        (41, "agencies.police.mailbox.transports.1"),
        (72, "routes.2.parts"),
    ]


def test_an_empty_file_names_every_table() -> None:
    with pytest.raises(HubFileRefused) as refused:
        read("")
    missing = {f.key for f in refused.value.faults}
    assert missing == {"hub", "calendar", "ratings", "unrated", "strategy", "agencies", "routes"}


def test_an_empty_table_of_ratings_is_a_fault() -> None:
    with pytest.raises(HubFileRefused) as refused:
        read("ratings = {}")
    assert "line 1: ratings: {...}: empty: write at least one table [ratings.NAME]" in str(refused.value).splitlines()


def test_the_same_row_twice_is_a_fault() -> None:
    with pytest.raises(HubFileRefused, match=r"^line 76: routes.3.agency: \"health\": the same row stands above"):
        read(GOOD + "\n" + GOOD[GOOD.index('[[routes]]\nagency = "health"') :])


def test_the_same_person_twice_is_a_fault() -> None:
    spoc = '{ name = "Ada Made-Up", since = 2026-01-05, until = 2026-06-30 }'
    with pytest.raises(
        HubFileRefused, match=r"^line 45: agencies.police.mailbox.spocs.2.name: \"Ada Made-Up\": the s"
    ):
        read(GOOD.replace(spoc, f"{spoc},\n{spoc}"))


def test_one_day_may_be_open_throughout() -> None:
    calendar = read(GOOD.replace('fri = "09:00-16:30"', 'fri = "always", sat = "closed"')).rules.calendar
    assert calendar.hours[4:6] == ((time.min, time.max), None)


def test_an_agency_without_a_mailbox_is_a_fault() -> None:
    at, end = GOOD.index("[[agencies.health.mailbox]]"), GOOD.index("[[routes]]")
    with pytest.raises(HubFileRefused, match=r"^line 46: agencies.health.mailbox: there is none: write at least one"):
        read(GOOD[:at] + GOOD[end:])


def test_windows_line_ends_and_mark_keep_the_lines() -> None:
    text = "\ufeff" + GOOD.replace('"mash@police.example"', '"pollice@"').replace("\n", "\r\n")
    with pytest.raises(HubFileRefused, match=r"^line 40: "):
        read(text)
    assert read("\ufeff" + GOOD.replace("\n", "\r\n")) == read(GOOD)


def test_what_is_left_out_has_the_usual_value() -> None:
    file = read(GOOD)
    police, health, night = file.directory.mailboxes
    assert (police.id, health.id, night.id) == ("police-1", "health-1", "night")
    assert file.directory.of("health") == (health, night)
    assert police.transports == (Transport.OPENPGP, Transport.PICKUP)
    assert health.domains == ()  # never guessed: a webmail domain would let anybody answer
    assert file.rules.unrated.code == ""
    assert file.rules.agencies[0].condition == "9(2)(g) with DPA 2018 Sch 1 para 18"
    assert file.rules.routes[1].parts == tuple(Part)
    assert file.rules.calendar.hours[1] is None
    calendar = file.rules.calendar
    assert calendar.closed == {date(2026, 12, 24)}
    assert not calendar.dates
    assert calendar.nation == "england-and-wales"  # the file still writes the older name
    assert date(2027, 5, 3) in calendar.holidays
    assert calendar.known_until == date(2028, 12, 31)


def test_every_age_band_may_be_routed_on() -> None:
    today = date(2026, 11, 23)
    born = [{"date_of_birth": date(2026 - age, 1, 1).isoformat()} for age in range(30)]
    told = [{}, {"expected_date": "2027-01-01"}, *born]
    given = {age_band(answers, form, today) for answers in told for form in ("child", "adult")}
    assert given == set(shapes.AGE_BANDS)


@pytest.mark.parametrize("name", ["example", "demo"])
def test_the_files_that_come_with_the_exchange_hold(name: str) -> None:
    file = read(packaged(name))
    assert {r.code for r in file.rules.ratings} == {"red", "amber", "green"}
    assert {f.part for f in FIELDS} == {p for r in file.rules.routes for p in r.parts}
    for mailbox in file.directory.mailboxes:
        assert mailbox.address.domain.endswith(".example")
        assert mailbox.telephone.startswith("01632 960")


def test_the_example_serves_children_and_adults() -> None:
    rules = read(packaged("example")).rules
    assert len(rules.agencies) == 7
    for form in ("child", "adult"):
        assert {"police", "health", "probation"} <= {r.agency for r in rules.routes if form in r.forms}


def test_the_demo_gives_each_agency_its_part() -> None:
    from exchange.case.referral import SubjectCodes
    from exchange.case.state import SubjectEpisode

    rules = read(packaged("demo")).rules
    young, older = (
        SubjectEpisode(SubjectCodes(f"s{n}", "child", band), decide_due=datetime(2027, 1, 1, tzinfo=UTC))
        for n, band in ((1, "under_5"), (2, "school"))
    )
    found = {need.agency: need for need in needs((young, older), rules, "receipt")}
    assert found.keys() == {"police", "health", "social_care", "education"}
    assert found["education"].subjects == ("s2",)
    assert found["health"].parts == (Part.IDENTITY, Part.HEALTH, Part.CONCERN)
    assert found["social_care"].parts == tuple(Part)
    assert rules.calendar.hours == ((time.min, time.max),) * 7


# domain.md 3.5, worked checks: the bank holiday of Monday 3 May 2027 and the closing at Christmas 2026
@pytest.mark.parametrize(
    ("spec", "start", "ends"),
    [
        ("1wd", (2027, 4, 30, 15, 55), (2027, 5, 4, 16, 0)),
        ("4h", (2027, 4, 30, 15, 55), (2027, 4, 30, 19, 55)),
        ("4wh", (2027, 4, 30, 15, 55), (2027, 5, 4, 11, 55)),
        ("15wd", (2027, 4, 30, 15, 55), (2027, 5, 24, 16, 0)),
        ("45wd", (2027, 4, 30, 15, 55), (2027, 7, 6, 16, 0)),
        ("1wd", (2026, 12, 24, 10, 0), (2026, 12, 29, 17, 0)),
    ],
)
def test_holidays_are_honoured(spec: str, start: tuple[int, ...], ends: tuple[int, ...]) -> None:
    week = ", ".join(f'{day} = "09:00-17:00"' for day in ("mon", "tue", "wed", "thu", "fri"))
    text = GOOD.replace('mon = "09:00-17:00", fri = "09:00-16:30"', week)
    calendar = read(text).rules.calendar
    assert due(read_spec(spec), datetime(*start, tzinfo=UTC), calendar) == datetime(*ends, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_file_for_another_hub_is_refused_with_its_line() -> None:
    text = packaged("example")
    assert read(text, own="fakeshire").rules.hub == "fakeshire"
    with pytest.raises(HubFileRefused) as refused:
        read(text, own="shamborough")
    (fault,) = refused.value.faults
    assert text.splitlines()[fault.line - 1].startswith("id = ")
    assert 'write "shamborough"' in str(fault)


def test_a_route_is_about_who_is_at_risk_or_missing_unless_it_says_otherwise() -> None:
    text = packaged("example")
    assert {route.roles for route in read(text).rules.routes} == {("at_risk", "missing")}
    of_risk = text.replace('agency = "probation"\non =', 'agency = "probation"\nroles = ["poses_risk"]\non =')
    assert ("poses_risk",) in {route.roles for route in read(of_risk).rules.routes}
    wrong = text.replace('agency = "probation"\non =', 'agency = "probation"\nroles = ["culprit"]\non =')
    with pytest.raises(HubFileRefused, match="culprit"):
        read(wrong)
