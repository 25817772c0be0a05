"""Files hold nothing up; nobody opens one before the scanner has looked, and a silent scanner is told to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.attachment import Attached, FileKind, FileScanned, Scan
from exchange.case.disposal import Disposed
from exchange.case.effect import TaskKind
from exchange.case.event import InformationAdded
from tests.case.stories import CLOSE_ANYWAY, LOOK, Story, at, child, contact

WAITS = Attached("f1", FileKind.PDF, Scan.WAITING)
PLAIN = Attached("f2", FileKind.TEXT, Scan.NONE)
CAME = replace(contact(child()), files=(WAITS, PLAIN))
CLEAN, FOUND = FileScanned(at(1), "f1", clean=True), FileScanned(at(1), "f1", clean=False)


def test_a_concern_with_files_is_routed_as_one_without() -> None:
    story, without = Story(CAME), Story(contact(child()))
    assert story.letters == without.letters
    assert story.case.files == (WAITS, PLAIN)
    assert not story.case.files[0].may_be_opened
    assert story.case.files[1].may_be_opened  # a hub without a scanner says so on the page
    assert story.clocks["scan:f1"] == at(5)
    assert "scan:f2" not in story.clocks


def test_what_the_scanner_finds_clean_may_be_opened_and_nobody_is_asked_anything() -> None:
    story = Story(CAME, CLEAN)
    assert story.case.files[0].may_be_opened
    assert "scan:f1" not in story.clocks
    assert story.kinds() == Story(contact(child())).kinds()
    story.tell(replace(FOUND, at=at(2)))
    assert story.case.files[0].scan is Scan.CLEAN  # what it said first holds


def test_what_is_infected_stays_shut_and_a_person_is_told() -> None:
    story = Story(CAME, FOUND)
    assert not story.case.files[0].may_be_opened
    assert story.tasks["infected:f1"].kind is TaskKind.INFECTED


def test_a_silent_scanner_is_told_to_a_person_again_and_again_until_it_has_looked() -> None:
    story = Story(CAME).run_out("scan:f1")
    assert story.tasks["scan:f1"].kind is TaskKind.SCAN
    assert story.clocks["scan:f1"] > at(5)
    assert not story.case.files[0].may_be_opened
    story.run_out("scan:f1").tell(CLEAN)
    assert "scan:f1" not in {*story.tasks, *story.clocks}


def test_a_file_added_later_is_unread_and_shut_alike_and_waits_on_in_a_closed_case() -> None:
    story = Story(contact(child()), LOOK, InformationAdded(at(100), "referrer", "web", files=(WAITS,)))
    assert story.case.looked_at is None
    assert story.clocks["scan:f1"] == at(105)
    story.tell(CLOSE_ANYWAY).run_out("scan:f1")
    assert story.tasks["scan:f1"].kind is TaskKind.SCAN
    assert "scan:f1" in story.clocks


@pytest.mark.parametrize("clock", ["scan:f9", "scan:f2"])
def test_nothing_is_asked_about_a_file_that_does_not_wait(clock: str) -> None:
    story = Story(CAME)
    story.clocks[clock] = at(5)
    story.run_out(clock)
    assert clock not in {*story.tasks, *story.clocks}
    story.tell(FileScanned(at(6), "f9", clean=False))
    assert "infected:f9" not in story.tasks


def test_what_was_disposed_of_is_not_waited_for() -> None:
    story = Story(
        CAME, LOOK, CLOSE_ANYWAY, Disposed(at(5000), "records-1", ("case", "transport"), "nfa 6y", at(4000))
    )
    story.run_out("scan:f1")
    assert "scan:f1" not in {*story.tasks, *story.clocks}
