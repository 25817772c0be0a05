"""A hub file is changed in one place, and says what it said in all others; comments stay."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from exchange.hubs import editing, loader
from exchange.hubs.editing import Change, Place

EXAMPLE = loader.packaged("example")
POLICE: Place = ("agencies", "police", "mailbox", 0)
BOX = {"address": "duty@fire.example", "transports": ["openpgp"], "telephone": "01632 960180"}
NEW = {"name": "Fibton Fire", "functions": ["fire"], "basis": "6(1)(e)", "mailbox": BOX}


@pytest.mark.parametrize(
    "change",
    [
        editing.put(POLICE, {"telephone": "01632 960119", "drill": None}),
        editing.put(("hub",), {"name": "Fakeshire’s “own” hub", "digest": None}),
        editing.put(("calendar",), {"closed": [date(2026, 12, 24), date(2026, 12, 31)]}),
        editing.put(("calendar",), {"dates": {"2027-03-25": "08:30-12:30", "2027-04-01": "closed"}}),
        editing.put(("agencies", "health", "mailbox", "spocs", 0), {"until": date(2027, 1, 1)}),
        editing.add_row(("agencies", "health"), "mailbox", BOX),
        editing.add_row(POLICE, "spocs", {"name": "Di Devised", "since": date(2027, 1, 1)}),
        editing.add_row(("agencies", "health", "mailbox"), "spocs", {"name": "Di", "since": date(2027, 1, 1)}),
        editing.add_row((), "agreements", {"id": "two", "parties": ["police"]}),
        editing.add_table(("agencies",), "fire", NEW),
        editing.put_anew(("letters", "receipt"), {"opening": "Two lines:\n“quoted” \\ {hub}", "closing": None}),
        editing.put_anew(("letters", "receipt"), {"opening": None}),
        editing.take_out(("agencies", "police", "mailbox", 1)),
        editing.take_out(("routes", 2)),
    ],
)
def test_only_what_was_meant_changes(change: Change) -> None:
    meant = tomllib.loads(EXAMPLE)
    change(meant)
    written = editing.edited(EXAMPLE, change)
    assert tomllib.loads(written) == meant
    kept = {line for line in EXAMPLE.splitlines() if line.startswith("#")}
    assert len(kept - set(written.splitlines())) <= 12  # of a table that is taken out, those that follow it


def test_a_change_that_changes_nothing_leaves_the_text() -> None:
    demo = loader.packaged("demo").replace(" }]", "}]")
    assert editing.edited(demo, editing.put(("hub",), {"name": "Fakeshire MASH"})) == demo


def test_what_a_form_cannot_change_is_refused() -> None:
    def break_it(data: object) -> None:
        if type(data) is not dict:
            raise KeyError

    with pytest.raises(editing.CannotEdit, match="change the text of the file"):
        editing.edited(EXAMPLE, break_it)
