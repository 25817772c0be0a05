"""Statutory profiles: what they say, and that a hub file cannot say less."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from exchange.case.clock import ClockKind, read_spec
from exchange.case.rules import Rules
from exchange.case.statute import Statute
from exchange.hubs import statutes
from exchange.hubs.canonical import canonical_rules, content_hash, rules_from
from exchange.hubs.difference import changes
from exchange.hubs.loader import HubFileRefused, read
from tests.hubs.test_loader import GOOD

QUORATE = GOOD.replace('quorum = ["police"]', 'quorum = ["social_care", "police", "health"]').replace(
    'functions = ["police"]', 'functions = ["police", "social_care"]'
)
NAMED = QUORATE.replace('first_look = "30m"', 'statute = "england-wt2026"\nfirst_look = "30m"')


def rules(*swaps: tuple[str, str], more: str = "") -> Rules:
    text = NAMED
    for old, new in swaps:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return read(text + more).rules


def length(name: str, clock: str) -> tuple[str, bool] | None:
    """A clock's length and whether it binds."""
    found = statutes.profile(name).clock(clock)
    if found is None:
        return None
    spec = found.spec
    written = f"{spec.days}wd" if spec.kind is ClockKind.WORKING_DAYS else f"{spec.seconds / 3600:g}h"
    return written, found.limit is not None


@pytest.mark.parametrize("name", ["england-wt2023", "england-wt2026"])
@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("next_steps", ("1wd", True)),
        ("assessment", ("45wd", True)),
        ("icpc", ("15wd", True)),
        ("return_interview", ("72h", False)),
        ("police_protection", ("72h", True)),
        ("emergency_order", ("192h", True)),
        ("lado", ("1wd", False)),
        ("fgm_report", ("1wd", True)),
        ("strategy_discussion", ("24h", False)),
        ("strategy_record", ("1wd", False)),
        ("outcome_chase", ("5wd", False)),
        ("escalation_1", ("2wd", False)),
        ("escalation_2", ("5wd", False)),
        ("escalation_3", ("2wd", False)),
        ("breach_report", ("72h", False)),
    ],
)
def test_england_says(name: str, clock: str, said: tuple[str, bool]) -> None:
    assert length(name, clock) == said


@pytest.mark.parametrize(
    ("name", "clock", "said"),
    [
        ("wales", "adult_strategy", ("7wd", True)),
        ("wales", "written_referral", ("24h", False)),
        ("wales", "icpc", None),  # not confirmed: no profile guesses
        ("scotland", "planning_meeting", ("672h", False)),
        ("scotland", "ird_record", ("0wd", False)),
        ("scotland", "conference_minute", ("10wd", False)),
        ("scotland", "next_steps", None),
        ("", "outcome_chase", ("5wd", False)),
        ("", "icpc", None),
    ],
)
def test_the_other_nations_say_what_is_confirmed(name: str, clock: str, said: tuple[str, bool] | None) -> None:
    assert length(name, clock) == said


@pytest.mark.parametrize("name", ["", *statutes.names()])
def test_every_clock_says_when_it_runs_and_where_it_comes_from(name: str) -> None:
    profile = statutes.profile(name)
    assert len({c.name for c in profile.clocks}) == len(profile.clocks)
    for one in profile.clocks:
        assert all((one.label, one.starts, one.stops, one.source)), one.name
        assert one.limit is None or "unconfirmed" not in one.source
        assert set(one.forms) <= {"child", "adult"}
    if name:
        assert profile.nation in ("england", "wales", "scotland")
        assert statutes.holidays(name) in ("england-and-wales", "scotland")


def test_a_hub_file_without_a_statute_still_has_the_usual_clocks() -> None:
    statute = read(GOOD).rules.statute
    assert statute.id == ""
    assert {c.limit for c in statute.clocks} == {None}


def test_a_hub_file_may_be_faster_and_replace_what_does_not_bind() -> None:
    own = rules(more='[clocks]\nicpc = "10wd"\nassessment = "24h"\nreturn_interview = "5d"\n').statute
    assert [length_of(own, name) for name in ("icpc", "assessment", "return_interview", "lado")] == [
        ("10wd", "15wd"), ("24h", "45wd"), ("5d", None), ("1wd", None),
    ]  # fmt: skip


def length_of(statute: Statute, name: str) -> tuple[str, str | None]:
    """A clock's own length and its limit, as a hub file writes them."""
    found = statute.clock(name)
    assert found
    texts = {read_spec(t): t for t in ("10wd", "15wd", "24h", "45wd", "5d", "1wd")}
    return texts[found.spec], texts[found.limit] if found.limit else None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[unrated]", '[clocks]\nicpc = "16wd"\n\n[unrated]', 'line 26: clocks.icpc: "16wd": slower than the statute '
         "(england-wt2026: Initial child protection conference): write 15wd or less"),
        ("[unrated]", '[clocks]\nassessment = "46d"\n\n[unrated]', 'line 26: clocks.assessment: "46d": slower '
         "than the statute (england-wt2026: Assessment complete): write 45wd or less"),
        ("[unrated]", '[clocks]\nfgm_report = "2wd"\n\n[unrated]', 'line 26: clocks.fgm_report: "2wd": slower than '
         "the statute (england-wt2026: Female genital mutilation of a girl under 18 reported to the police): "
         "write 1wd or less"),
        ("[unrated]", '[clocks]\npolice_protection = "4d"\n\n[unrated]', 'line 26: clocks.police_protection: "4d": '
         "slower than the statute (england-wt2026: Police protection ends): write 72h or less"),
        ("[unrated]", '[clocks]\nicpcc = "5wd"\n\n[unrated]', 'line 26: clocks.icpcc: "5wd": unknown key: '
         "did you mean icpc?"),
        ("[unrated]", '[clocks]\nicpc = "soon"\n\n[unrated]', 'line 26: clocks.icpc: "soon": not a length of time: '
         "write a length of time like 30m, 4h, 4wh (working hours) or 1wd (working days)"),
        ('decide = "1wd"', 'decide = "2wd"', 'line 28: unrated.decide: "2wd": slower than the statute '
         "(england-wt2026: Referral acknowledged, and next steps decided): write 1wd or less"),
        ('decide = "4h"', 'decide = "72h"', 'line 23: ratings.red.decide: "72h": slower than the statute '
         "(england-wt2026: Referral acknowledged, and next steps decided): write 1wd or less, or next_steps = "
         '"rating" under [hub] where a person\'s rating decides them'),
        ('first_look = "30m"', 'first_look = "3d"', 'line 8: hub.first_look: "3d": slower than the statute '
         "(england-wt2026: Referral acknowledged, and next steps decided): write 1wd or less"),
        ('"england-wt2026"', '"england-wt2062"', 'line 7: hub.statute: "england-wt2062": no such statutory profile: '
         "did you mean england-wt2026?"),
        ('"england-wales"', '"scotland"', 'line 15: calendar.holidays: "scotland": not those of england-wt2026: '
         'write "england-and-wales"'),
        ('statute = "england-wt2026"', 'statute = "england-wt2026"\nnext_steps = "hope"', 'line 8: hub.next_steps: '
         '"hope": no such end of the statutory clock: write decision or rating'),
    ],
)  # fmt: skip
def test_a_hub_file_slower_than_the_statute_is_refused_with_line_key_value_and_remedy(
    old: str, new: str, said: str
) -> None:
    assert NAMED.count(old) == 1
    with pytest.raises(HubFileRefused) as refused:
        read(NAMED.replace(old, new))
    assert str(refused.value) == said


def test_slow_ratings_are_policy_where_the_law_is_silent_or_a_rating_decides_the_next_steps() -> None:
    slow = ('decide = "4h"', 'decide = "72h"')
    assert read(GOOD.replace(*slow)).rules.rating("red").decide == read_spec("72h")
    decided = rules(slow, ('statute = "england-wt2026"', 'statute = "england-wt2026"\nnext_steps = "rating"'))
    received = datetime(2027, 5, 10, 10, tzinfo=UTC)
    assert decided.decide_due(decided.rating("red"), "child", received) == datetime(2027, 5, 13, 10, tzinfo=UTC)


def test_a_hub_open_on_bank_holidays_still_counts_statutory_days_by_its_nation() -> None:
    always = rules(('holidays = "england-wales"\n', ""), ("hours = {", 'hours = "always"\ndates = {'),
                   ('mon = "09:00-17:00", fri = "09:00-16:30"', '2027-03-25 = "09:00-12:00"'))  # fmt: skip
    monday = date(2027, 5, 3)
    assert always.calendar.opening(monday) is not None
    assert always.calendar.statutory().opening(monday) is None


def test_another_edition_has_another_hash_and_a_line_that_says_so() -> None:
    old, new = (read(NAMED.replace("wt2026", year)) for year in ("wt2023", "wt2026"))
    assert content_hash(canonical_rules(old.rules)) != content_hash(canonical_rules(new.rules))
    assert rules_from(canonical_rules(new.rules)) == new.rules
    lines = changes(old, new)
    assert "~ statute of the hub id england-wt2023 -> england-wt2026" in lines
    assert "~ statute of the hub since 2023-12-15 -> 2026-03-01" in lines


def test_an_edition_that_was_followed_is_warned_of_from_that_day() -> None:
    old = statutes.profile("england-wt2023")
    assert statutes.outdated(old, date(2026, 2, 28)) == ""
    assert "england-wt2023 was followed by england-wt2026 on 2026-03-01" in statutes.outdated(old, date(2026, 3, 1))
    assert statutes.outdated(statutes.profile("england-wt2026"), date(2030, 1, 1)) == ""
    assert statutes.outdated(statutes.profile(""), date(2030, 1, 1)) == ""


@pytest.mark.parametrize("name", ["england-wt2023", "england-wt2026", "wales"])
def test_a_quorum_below_the_minimum_of_the_statute_is_refused(name: str) -> None:
    text = NAMED.replace('"england-wt2026"', f'"{name}"')
    assert read(text.replace('["social_care", "police", "health"]', '["health", "police", "social_care"]'))
    with pytest.raises(HubFileRefused) as refused:
        read(text.replace('["social_care", "police", "health"]', '["police", "health"]'))
    assert str(refused.value) == (
        'line 31: strategy.quorum: ["police", "health"]: '
        f'below the minimum of the statute ({name}): write ["social_care", "police", "health"]'
    )


def test_a_hub_may_ask_for_more_than_the_statute_and_never_hears_of_a_minimum_without_one() -> None:
    more = NAMED.replace('functions = ["health"]', 'functions = ["health", "education"]').replace(
        '["social_care", "police", "health"]', '["social_care", "police", "health", "education"]'
    )
    assert len(read(more).rules.strategy.quorum) == 4
    assert read(GOOD).rules.strategy.quorum == ("police",)
    assert statutes.quorum("scotland") == ()


@pytest.mark.parametrize("key", ["acknowledge", "answer", "decide"])
@pytest.mark.parametrize("length", ["4wh", "30wm", "1wd"])
def test_the_most_urgent_rating_runs_day_and_night(key: str, length: str) -> None:
    usual = {"acknowledge": "30m", "answer": "2h", "decide": "4h"}[key]
    written = f'{key} = "{usual}"'
    assert GOOD.count(written) == 1
    with pytest.raises(HubFileRefused) as refused:
        read(GOOD.replace(written, f'{key} = "{length}"'))
    assert f'ratings.red.{key}: "{length}": stands still out of hours' in str(refused.value)
    assert "write a length of time that runs day and night, like 4h" in str(refused.value)
