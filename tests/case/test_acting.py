"""Actions: owned by the hub or an agency, due by a time, and loud when it has passed."""

from __future__ import annotations

from itertools import product

import pytest

from exchange.case.action import HUB, MAY_BECOME, ActionMoved, ActionSet, Doing
from exchange.case.advance import CannotHappen
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import Event, ReferrerReplied
from tests.case.stories import CLOSE, CLOSE_ANYWAY, LOOK, Story, at, child, contact, decides, rates


def sets(owner: str = "police", action: str = "a1", subjects: tuple[str, ...] = ("s1",)) -> ActionSet:
    return ActionSet(at(100), "manager-1", action, owner, subjects, at(500))


def moves(doing: Doing, action: str = "a1") -> ActionMoved:
    return ActionMoved(at(200), "duty-1", action, doing)


def told(*events: Event) -> Story:
    return Story(contact(child()), *events)


def test_an_agency_learns_of_its_action_by_a_letter_and_the_hub_needs_none() -> None:
    story = told(sets(), sets(HUB, "a2"))
    assert [s.key for s in story.waiting.values() if s.letter is Letter.ACTION] == ["action:a1"]
    assert (story.clocks["action:a1"], story.clocks["action:a2"]) == (at(500), at(500))


def test_an_overdue_action_is_pressed_until_it_is_done() -> None:
    story = told(sets()).run_out("action:a1", "action:a1")
    assert TaskKind.ACTION in story.kinds()
    story.tell(moves(Doing.DONE))
    assert TaskKind.ACTION not in story.kinds()
    assert "action:a1" not in story.clocks
    done = story.case.action("a1")
    assert done
    assert (done.ended_at, done.ended_by) == (at(200), "duty-1")


@pytest.mark.parametrize("name", ["action:a1", "action:a9"])
def test_a_clock_of_an_action_that_is_settled_asks_nobody(name: str) -> None:
    story = told(sets(), moves(Doing.DONE))
    story.clocks[name] = at(500)
    assert TaskKind.ACTION not in story.run_out(name).kinds()


@pytest.mark.parametrize(("now", "into"), [*product(Doing, Doing)])
def test_every_action_becomes_what_its_table_says(now: Doing, into: Doing) -> None:
    story = told(sets(), *(() if now is Doing.OPEN else (moves(now),)))
    before = story.case
    try:
        story.tell(moves(into))
    except CannotHappen:
        assert into not in MAY_BECOME[now]
        assert story.case == before
    found = story.case.action("a1")
    assert found
    assert found.doing is (into if into in MAY_BECOME[now] else now)
    assert ("action:a1" in story.clocks) is (found.doing is Doing.OPEN)


def test_a_letter_about_an_action_that_is_dropped_before_it_left_is_withdrawn() -> None:
    assert "action:a1" not in told(sets(), moves(Doing.DROPPED)).waiting


@pytest.mark.parametrize(
    ("events", "event", "why"),
    [
        ((sets(),), sets(), "already there"),
        ((), sets("nobody"), "no agency “nobody”"),
        ((), sets(subjects=()), "name the subjects"),
        ((), sets(subjects=("s9",)), "name the subjects"),
        ((CLOSE_ANYWAY,), sets(), "closed"),
        ((), moves(Doing.DONE), "no action “a1”"),
    ],
)
def test_what_cannot_be_set_is_said_and_changes_nothing(events: tuple[Event, ...], event: Event, why: str) -> None:
    story = told(*events)
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before


def test_a_case_does_not_close_with_an_open_action_and_goes_on_with_it_when_it_is_opened_again() -> None:
    story = told(LOOK, rates(), decides(), sets(HUB))
    story.tell(*(_answered(n) for n in range(1, len(story.case.legs) + 1)))
    with pytest.raises(CannotHappen, match="an action is still open"):
        story.tell(CLOSE)
    story.tell(CLOSE_ANYWAY).run_out("action:a1")
    assert TaskKind.ACTION not in story.kinds()
    story.tell(ReferrerReplied(at(3000), answers=False))
    assert story.clocks["action:a1"] == at(500)


def _answered(number: int) -> Event:
    from exchange.case.acknowledgement import Answer
    from tests.case.stories import says

    return says(Answer.INFORMATION, f"l{number}")
