"""What a hub file would change: a line for every change, and none for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from exchange.case.clock import ClockSpec, read_spec
from exchange.case.mailbox import Address, Spoc
from exchange.case.organisation import Colleague
from exchange.case.rota import Turn
from exchange.hubs.difference import changes, clock_text
from exchange.hubs.loader import HubFile, packaged, read

TEXT = packaged("example")
FILE = read(TEXT)


def changed(*swaps: tuple[str, str]) -> tuple[str, ...]:
    text = TEXT
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new, 1)
    return changes(FILE, read(text))


def test_nothing_changes_twice() -> None:
    assert changes(FILE, read(TEXT + "\n# a comment\n")) == ()


def test_a_first_file_is_all_new() -> None:
    lines = changes(None, FILE)
    assert all(line.startswith("+ ") for line in lines)
    assert "+ agency police (Fakeshire Constabulary)" in lines
    assert "+ clock red.acknowledge 30m" in lines
    assert "+ hours wed 10:30-17:00" in lines
    assert "+ mailbox police-mash (police, mash@police.example)" in lines
    assert "+ spoc of police-mash Constable Cy Figment from 2026-03-02, exploitation, police-exploitation" in lines


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ('acknowledge = "30m"', 'acknowledge = "20m"', ("~ clock red.acknowledge 30m -> 20m",)),
        ('name = "Fibton Homes"', 'name = "Fibton"', ("~ agency housing name Fibton Homes -> Fibton",)),
        ('"control-room@', '"control@', ("~ mailbox police-control address control-room@police.example -> "
                                         "control@police.example",)),
        ("until = 2027-01-03\n", "", (
            "- spoc of police-mash Sergeant Ada Made-Up from 2026-01-05 until 2027-01-03, 01632 960111,"
            " police-mash-1",
            "+ spoc of police-mash Sergeant Ada Made-Up from 2026-01-05, 01632 960111, police-mash-1")),
        ("closed = [2026-12-24]", "closed = []", ("- closed 2026-12-24",)),
        ('wed = "10:30-17:00", ', "", ("~ hours wed 10:30-17:00 -> closed",)),
        ('reply = "1h"', 'reply = "30m"', ("~ strategy discussion reply 1h -> 30m",)),
        ("reminders = [0.5, 0.8, 1.0]", "reminders = [1]", ("~ hub fakeshire reminders 0.5, 0.8, 1.0 -> 1.0",)),
        ('domains = ["probation.example"]', "", ("~ mailbox probation-1 domains probation.example -> -",)),
        ("until = 2028-01-04", "until = 2027-06-30",
         ("~ agreement fakeshire-isa until 2028-01-04 -> 2027-06-30",)),
        ('agreement = "4h" ', 'agreement = "2h" ', ("~ product release agreement 4h -> 2h",)),
        ('"identity", "education", "voice"', '"identity"', (
            "- route on receipt to education about forms child; age_bands school, 16_17: identity, education, voice"
            " – sees the child every school day",
            "+ route on receipt to education about forms child; age_bands school, 16_17: identity"
            " – sees the child every school day")),
    ],
)  # fmt: skip
def test_each_change_has_its_line(old: str, new: str, lines: tuple[str, ...]) -> None:
    assert changed((old, new)) == lines


def test_order_counts() -> None:
    rules = FILE.rules
    turned = replace(rules, ratings=rules.ratings[::-1])
    line = "~ order of rating: unrated | red | amber | green -> unrated | green | amber | red"
    assert changes(FILE, replace(FILE, rules=turned)) == (line,)
    boxes = FILE.directory.mailboxes
    swapped = replace(FILE.directory, mailboxes=(boxes[1], boxes[0], *boxes[2:]))
    assert changes(FILE, replace(FILE, directory=swapped))[0].startswith(
        "~ order of mailbox: police-mash | police-co"
    )


def test_no_field_can_change_unseen() -> None:
    """Every leaf of the rules and the directory, changed alone, gives at least one line."""
    variants = list(_variants(FILE))
    assert len(variants) > 250
    for where, variant in variants:
        assert variant != FILE
        assert changes(FILE, variant), where


NEW = {
    "spocs": (Spoc("Gus Ghost", date(2026, 1, 5)),),
    "rota": (Turn("gus", time(8), time(16), (0,)),),
    "people": (Colleague("gus@ghost.example", date(2026, 1, 5)),),
}
OTHER: dict[type, Callable[[Any], Any]] = {  # how a leaf of each type is changed
    time: lambda at: at.replace(hour=(at.hour + 1) % 24),
    str: lambda text: f"{text}x",
    int: lambda number: number + 1,
    float: lambda number: number + 1,
    date: lambda day: day + timedelta(days=1),
    frozenset: lambda days: frozenset(list(days)[1:]),
    ClockSpec: lambda spec: replace(spec, seconds=spec.seconds + 1, days=spec.days + 1),
    Address: lambda address: Address(f"x{address.text}"),
}


def _variants(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """The value with one leaf changed, for each leaf."""
    if type(value) in OTHER:
        yield where, OTHER[type(value)](value)
    elif isinstance(value, tuple):
        yield where, value[1:] if value else NEW.get(where.rpartition(".")[2], ("new",))
        for n, one in enumerate(value):
            yield from ((at, (*value[:n], v, *value[n + 1 :])) for at, v in _variants(one, f"{where}.{n}"))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _with_one_field_changed(value, where)


def _with_one_field_changed(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    for f in fields(value):
        changed = _variants(getattr(value, f.name), f"{where}.{f.name}")
        yield from ((at, replace(value, **{f.name: v})) for at, v in changed)


@pytest.mark.parametrize("text", ["20s", "90s", "30m", "4h", "3d", "30wm", "4wh", "1wd", "1.5h", "0.1s", "0.5wm"])
def test_a_clock_is_written_as_it_may_be_read(text: str) -> None:
    assert read_spec(clock_text(read_spec(text))) == read_spec(text)


def test_an_unchanged_file_read_anew_is_equal() -> None:
    assert isinstance(FILE, HubFile)
    assert changes(read(packaged("demo")), read(packaged("demo"))) == ()
