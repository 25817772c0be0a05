"""Forms of a hub file: what it says is shown, what was altered is written, and a fault stands at its field."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from exchange.hubs import editing, entries, loader
from exchange.hubs.refusal import HubFileRefused

EXAMPLE = loader.packaged("example")
DATA = tomllib.loads(EXAMPLE)
WHICH = {
    "hub": "hub", "calendar": "calendar", "rating": "red", "agency": "police", "mailbox": "police-control",
    "person": "police-mash-1", "agreement": "fakeshire-isa", "route": "3", "turn": "police-mash-2",
    "keep": "1", "clocks": "clocks",
}  # fmt: skip


def place(what: str, which: str) -> editing.Place:
    found = entries.place(DATA, what, which)
    assert found is not None
    return found


@pytest.mark.parametrize("what", WHICH)
def test_a_form_that_is_sent_back_as_it_came_changes_nothing(what: str) -> None:
    where = place(what, WHICH[what])
    texts = entries.texts(DATA, where, what)
    assert texts
    written = editing.edited(EXAMPLE, entries.altered(DATA, where, what, texts))
    assert tomllib.loads(written) == DATA
    assert loader.read(written) == loader.read(EXAMPLE)


@pytest.mark.parametrize(
    ("what", "which", "name", "typed", "said"),
    [
        ("hub", "hub", "digest", "", None),
        ("calendar", "calendar", "closed", "2026-12-24\r\n2026-12-31", [date(2026, 12, 24), date(2026, 12, 31)]),
        ("calendar", "calendar", "hours", "always", "always"),
        ("calendar", "calendar", "hours", "mon 08:00-18:00\ntue closed", {"mon": "08:00-18:00", "tue": "closed"}),
        ("mailbox", "police-mash", "transports", "openpgp,  pickup,", ["openpgp", "pickup"]),
        ("mailbox", "police-mash", "drill", "60", 60),
        ("mailbox", "health-1", "telephone", "01632 960129", "01632 960129"),
        ("person", "health-1-1", "until", "2027-01-31", date(2027, 1, 31)),
        ("route", "1", "parts", "all", "all"),
        ("turn", "police-mash-1", "hours", "07:00-15:00", "07:00-15:00"),
        ("keep", "1", "keep", "7y", "7y"),
        ("clocks", "clocks", "icpc", "10wd", "10wd"),
    ],
)
def test_what_is_typed_is_written(what: str, which: str, name: str, typed: str, said: Any) -> None:
    where = place(what, which)
    given = {**entries.texts(DATA, where, what), name: typed}
    after = tomllib.loads(editing.edited(EXAMPLE, entries.altered(DATA, where, what, given)))
    assert editing.at(after, where).get(name) == said


def test_something_new_is_added_where_it_belongs() -> None:
    box = {"address": "duty@fire.example", "transports": "openpgp", "telephone": "01632 960180"}
    agency = {"id": "fire", "name": "Fibton Fire", "functions": "fire", "basis": "6(1)(e)", **box}
    for what, of, given in (
        ("agency", "", agency),
        ("mailbox", "health", {**box, "role": "deputy"}),
        ("person", "health-1", {"name": "Di Devised", "since": "2027-01-01"}),
        ("agreement", "", {"id": "two", "name": "Two", "parties": "police, health", "since": "2027-01-01"}),
        ("turn", "police-mash", {"spoc": "police-mash-1", "days": "sat, sun", "hours": "20:00-08:00"}),
        ("keep", "", {"record": "nfa", "keep": "7y", "from": "closed"}),
        ("route", "", {"agency": "police", "purpose": "why", "parts": "identity, risk", "forms": "adult"}),
    ):
        change = entries.begun(DATA, what, of, given)
        assert change
        assert loader.read(editing.edited(EXAMPLE, change)) != loader.read(EXAMPLE)
    assert entries.begun(DATA, "mailbox", "nobody", box) is None


@pytest.mark.parametrize("what", sorted(entries.ENDS))
def test_what_can_end_is_taken_out(what: str) -> None:
    written = editing.edited(EXAMPLE, entries.ended(place(what, WHICH[what])))
    assert tomllib.loads(written) != DATA


def test_a_fault_stands_at_its_field_and_another_one_is_told_whole() -> None:
    where = place("mailbox", "police-mash")
    texts = entries.texts(DATA, where, "mailbox")
    given = {**texts, "address": "no address", "transports": "pigeon", "role": "lead"}
    with pytest.raises(HubFileRefused) as refused:
        loader.read(editing.edited(EXAMPLE, entries.altered(DATA, where, "mailbox", given)))
    told = entries.at_fields(DATA, refused.value.faults, where, "mailbox")
    assert "one plain mail address" in told["address"]
    assert "pigeon" not in told["transports"]
    with pytest.raises(HubFileRefused) as refused:
        loader.read(editing.edited(EXAMPLE, entries.ended(place("agency", "police"))))
    (whole,) = entries.at_fields(DATA, refused.value.faults, ("agencies", "police"), "agency").items()
    assert whole[0] == ""
    assert "line " in whole[1]


def test_what_is_not_there_has_no_place() -> None:
    assert entries.place(DATA, "mailbox", "nobody") is None
    assert entries.place(DATA, "rating", "purple") is None
    assert entries.place(DATA, "hub", "other") is None
    assert entries.place(DATA, "nonsense", "x") is None
    assert entries.fields(DATA, "nonsense") == ()
