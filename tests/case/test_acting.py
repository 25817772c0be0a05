"""Actions: owned by the hub or an agency, due by a time, and loud when it has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.action import (
    HUB,
    ActionAnswered,
    ActionMoved,
    ActionReplyUnclear,
    ActionSet,
    Doing,
    DoingAnswer,
)
from exchange.case.advance import CannotHappen
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import Event, ReferrerReplied
from exchange.case.restriction import Kind, Restricted, Why
from tests.case.stories import CLOSE, CLOSE_ANYWAY, LOOK, Story, at, calls, child, contact, decides, rates


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
    from tests.case.stories import says as answers

    return answers(Answer.INFORMATION, f"l{number}")


def says(
    answer: DoingAnswer, after: float = 200, proof: Proof = Proof.DKIM, until: date | None = None, name: str = "a1"
) -> ActionAnswered:
    return ActionAnswered(at(after), "police", name, answer, proof, "mail", until)


def doing(story: Story) -> Doing:
    found = story.case.action("a1")
    assert found
    return found.doing


def test_an_owner_that_says_done_with_proof_ends_it_and_what_waited() -> None:
    story = told(sets()).run_out("action:a1")
    assert [s.key for s in story.waiting.values() if s.letter is Letter.ACTION_CHASER]
    story.tell(
        says(DoingAnswer.CANNOT, 510), ActionReplyUnclear(at(511), "a1", "unclear"), says(DoingAnswer.DONE, 520)
    )
    assert doing(story) is Doing.DONE
    assert not [k for k in story.tasks if k.endswith(":a1")]
    assert not [s for s in story.waiting.values() if s.letter is Letter.ACTION_CHASER]
    assert "action:a1" not in story.clocks
    before = story.case
    assert story.tell(says(DoingAnswer.DONE, 530)).case == before


@pytest.mark.parametrize("answer", [DoingAnswer.DONE, DoingAnswer.LATER])
@pytest.mark.parametrize("proof", [Proof.NONE, Proof.PAGE])
def test_too_little_proof_is_a_persons_to_read(answer: DoingAnswer, proof: Proof) -> None:
    story = told(sets(), says(answer, proof=proof))
    assert (doing(story), story.tasks["unclear:a1"].kind) == (Doing.OPEN, TaskKind.UNCLEAR_ANSWER)
    assert "action:a1" in story.clocks


def test_who_cannot_do_it_stops_no_clock_and_is_heard_with_little_proof() -> None:
    story = told(sets(), says(DoingAnswer.CANNOT, proof=Proof.PAGE))
    assert (doing(story), TaskKind.CANNOT_DO in story.kinds(), "action:a1" in story.clocks) == (
        Doing.OPEN,
        True,
        True,
    )
    story.tell(moves(Doing.DROPPED))
    assert "cannot_do:a1" not in story.tasks


@pytest.mark.parametrize(("until", "asks"), [(date(2026, 11, 24), False), (date(2026, 11, 25), True), (None, True)])
def test_a_promise_within_the_time_agreed_asks_nobody_and_a_later_one_is_a_persons(
    until: date | None, asks: bool
) -> None:
    story = told(sets(), says(DoingAnswer.LATER, until=until))
    found = story.case.action("a1")
    assert found
    assert (found.promised, found.due, story.clocks["action:a1"]) == (until, at(500), at(500))
    assert (TaskKind.NEEDS_LONGER in story.kinds()) is asks


@pytest.mark.parametrize("answer", [DoingAnswer.CANNOT, DoingAnswer.LATER])
def test_what_takes_back_done_is_a_persons_to_read(answer: DoingAnswer) -> None:
    story = told(sets(), says(DoingAnswer.DONE), says(answer, 210))
    assert (doing(story), story.tasks["unclear:a1"].about) == (Doing.DONE, "a1")


@pytest.mark.parametrize("name", ["a1", "a9"])
def test_what_is_said_of_an_action_nobody_waits_for_changes_nothing(name: str) -> None:
    story = told(sets(), moves(Doing.DROPPED))
    before = story.case
    assert story.tell(says(DoingAnswer.DONE, name=name)).case == before
    assert story.effects == ()


def test_an_overdue_action_is_chased_once_by_mail_and_then_by_telephone() -> None:
    story = told(sets(), sets(HUB, "a2")).run_out("action:a1", "action:a2")
    assert "action:a2" in story.tasks  # nobody writes to the hub
    assert "action:a1" not in story.tasks
    assert story.clocks["action:a1"] == at(560)
    story.run_out("action:a1")
    chasers = [k for k in story.letters if k.startswith("action_chaser:")]
    assert (len(chasers), "action:a1" in story.tasks) == (1, True)


def test_an_owner_that_is_shut_out_is_not_chased() -> None:
    shut = Restricted(at(150), "duty-1", Kind.AGENCY, "police", Why.CONFLICT)
    story = told(sets(), shut).run_out("action:a1")
    assert not [k for k in story.letters if k.startswith("action_chaser:")]
    assert "action:a1" in story.tasks


def test_more_time_moves_the_clock_and_ends_what_was_asked() -> None:
    story = told(sets()).run_out("action:a1", "action:a1")
    story.tell(says(DoingAnswer.LATER, 700), replace(moves(Doing.OPEN), due=at(5000)))
    assert story.clocks["action:a1"] == at(5000)
    assert not {"action:a1", "needs_longer:a1"} & set(story.tasks)
    story.run_out("action:a1")
    assert len([k for k in story.letters if k.startswith("action_chaser:")]) == 2
    story.tell(replace(moves(Doing.DONE), due=at(9000)))  # what is done has no new time
    found = story.case.action("a1")
    assert found
    assert found.due == at(5000)


def test_the_letter_of_another_action_is_not_withdrawn_with_this_one() -> None:
    story = told(sets(), *(sets(action=f"a{n}") for n in range(2, 11)), moves(Doing.DROPPED))
    assert "action:a10" in story.waiting
    assert "action:a1" not in story.waiting


def test_an_action_agreed_in_a_discussion_is_about_its_subjects() -> None:
    story = Story(contact(child(), child("s2")), calls("police"))
    story.tell(replace(sets(), discussion="d1"))
    found = story.case.action("a1")
    assert found
    assert found.discussion == "d1"
    for event in (
        replace(sets(action="a2"), discussion="d9"),
        replace(sets(action="a2", subjects=("s2",)), discussion="d1"),
    ):
        with pytest.raises(CannotHappen, match="agreed in a discussion"):
            story.tell(event)
