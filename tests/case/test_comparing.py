"""What a machine read from a form is compared by a person; a locked file is rung about, with every clock running."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.effect import TaskKind
from exchange.case.event import ContactReceived, InformationAdded
from exchange.case.original import FileUnlocked, ReadingConfirmed
from exchange.case.step import CannotHappen
from tests.case.stories import CLOSE, CLOSE_ANYWAY, LOOK, Story, at, child, contact

READ = replace(contact(child(), channel="mail"), by_hand=True)
SHUT = replace(contact(channel="mail"), locked="mail-1")


def test_what_was_read_from_a_form_is_used_at_once_and_a_person_is_asked_to_compare_it() -> None:
    story = Story(READ)
    assert [leg.agency for leg in story.case.legs] == [leg.agency for leg in Story(contact(child())).case.legs]
    assert story.case.unconfirmed
    assert story.tasks["confirm"].kind is TaskKind.CONFIRM
    assert story.tasks["confirm"].due == story.clocks["first_look"] == at(30)
    story.tell(LOOK)
    assert "confirm" in story.tasks  # to have read it is not to have compared it
    story.tell(ReadingConfirmed(at(10), "duty-1"))
    assert not story.case.unconfirmed
    assert "confirm" not in story.tasks
    story.tell(ReadingConfirmed(at(11), "duty-2"))
    assert not story.case.unconfirmed


@pytest.mark.parametrize("event", [contact(child()), replace(contact(), by_hand=True)], ids=["typed", "not read"])
def test_where_nothing_was_read_there_is_nothing_to_compare(event: ContactReceived) -> None:
    story = Story(event)
    assert not story.case.unconfirmed
    assert "confirm" not in story.tasks


def test_a_case_is_not_closed_quietly_before_somebody_compared() -> None:
    story = Story(READ, LOOK)
    with pytest.raises(CannotHappen, match="compared what was read from the form"):
        story.tell(CLOSE)
    story.tell(CLOSE_ANYWAY)
    assert story.case.closed


def test_a_locked_file_is_rung_about_while_the_first_look_runs() -> None:
    story = Story(SHUT)
    task = story.tasks["password:mail-1"]
    assert (task.kind, task.about, task.due) == (TaskKind.PASSWORD, "mail-1", at(30))
    assert story.clocks["first_look"] == at(30)
    story.tell(LOOK)
    assert story.kinds() >= {TaskKind.PASSWORD, TaskKind.TRANSCRIBE}
    story.tell(FileUnlocked(at(20), "duty-1", "mail-1", left=1))
    assert "password:mail-1" in story.tasks  # another one in the same mail
    story.tell(FileUnlocked(at(21), "duty-1", "mail-1"))
    assert "password:mail-1" not in story.tasks


@pytest.mark.parametrize(("seen", "due"), [((), 30), ((LOOK,), 50)])
def test_a_locked_file_that_comes_later_is_rung_about_too(seen: tuple[object, ...], due: float) -> None:
    story = Story(contact(child()), *seen)  # type: ignore[arg-type]
    story.tell(InformationAdded(at(20), "referrer", "mail", "mail-2"))
    assert story.tasks["password:mail-2"].due == at(due) == story.clocks["first_look"]
