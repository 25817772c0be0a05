"""A nil return says how it was searched, or is asked again; a decline waits for somebody to act on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Acknowledgement, Answer, DeclineReason, Proof, Responded
from exchange.case.contribution import Marking
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import AgencyAsked, Answered, Event, MachineEvidence
from exchange.case.lateral_check import Decline, DeclineSettled, MoreGiven, NilPart, Recalled
from exchange.case.step import CannotHappen
from tests.case.stories import CLOSE_ANYWAY, Story, at, child, contact, decides, nil_return, rates, says

ALL = tuple(NilPart)
MORE = MoreGiven(at(50), "duty-1", "l1", "m1")
SETTLE = DeclineSettled(at(60), "duty-1", "l1")


def told(*events: Event) -> Story:
    return Story(contact(child()), *events)


def declines(
    reason: DeclineReason = DeclineReason.INSUFFICIENT_INFO, after: float = 20, suggested: str = ""
) -> Answered:
    return replace(says(Answer.DECLINE, after=after), reason=reason, suggested=suggested)


def wrong_agency(suggested: str = "", after: float = 40) -> Answered:
    return replace(says(Answer.WRONG_AGENCY, after=after), suggested=suggested)


def test_truth_11_a_nil_return_counts_when_it_says_where_on_what_and_when() -> None:
    story = told(nil_return())
    assert story.leg().complete
    assert not story.leg().unqualified
    assert "answer:l1" not in story.clocks


def test_truth_11_an_unqualified_nil_is_acknowledged_shown_asked_again_and_ends_nothing() -> None:
    story = told(nil_return(ALL))
    leg = story.leg()
    assert (leg.acknowledgement, leg.response) == (Acknowledgement.ACKNOWLEDGED, Responded.NOTHING_KNOWN)
    assert leg.unqualified
    assert not leg.complete
    assert leg.answered_at is None
    assert story.clocks["answer:l1"] == at(240)
    assert "remind:l1" not in story.clocks
    assert story.waiting["unqualified:l1:1"] == SendLetter("unqualified:l1:1", Letter.UNQUALIFIED, "l1")


def test_truth_11_silence_after_an_unqualified_nil_ends_at_the_desk() -> None:
    story = told(nil_return(ALL)).run_out("answer:l1")
    assert TaskKind.SILENT_AGENCY in story.kinds()


def test_an_unqualified_nil_that_is_qualified_completes_and_withdraws_the_question() -> None:
    story = told(nil_return(ALL), nil_return(after=30))
    assert story.leg().complete
    assert story.leg().answered_at == at(30)
    assert "unqualified:l1:1" not in story.waiting
    assert "answer:l1" not in story.clocks


def test_what_an_unqualified_nil_said_already_need_not_be_said_again() -> None:
    story = told(nil_return((NilPart.IDENTIFIERS, NilPart.DATE)))
    story.tell(nil_return((NilPart.SYSTEMS, NilPart.DATE), after=30))
    assert story.leg().nil_missing == (NilPart.DATE,)
    assert story.letters.count("unqualified:l1:2") == 1
    assert story.tell(nil_return((NilPart.SYSTEMS, NilPart.IDENTIFIERS), after=40)).leg().complete


def test_the_same_unqualified_nil_coming_twice_is_asked_again_once() -> None:
    story = told(nil_return(ALL), nil_return(ALL))
    assert [key for key in story.letters if key.startswith("unqualified")] == ["unqualified:l1:1"]


@pytest.mark.parametrize("first", [nil_return(), says(Answer.INFORMATION)])
def test_a_nil_that_says_less_than_what_was_told_takes_nothing_back(first: Answered) -> None:
    story = told(first)
    before = story.leg().response
    story.tell(nil_return(ALL, after=30))
    assert story.leg().response is before
    assert story.leg().complete
    assert "unqualified:l1:1" not in story.letters


def test_an_unqualified_nil_after_a_decline_owes_an_answer_again() -> None:
    story = told(declines(), nil_return(ALL, after=30))
    assert story.leg().unqualified
    assert "answer:l1" in story.clocks
    assert "declined:l1" not in story.tasks


def test_pressing_received_or_accept_does_not_qualify_a_nil() -> None:
    story = told(nil_return(ALL), says(Answer.RECEIVED, after=20), says(Answer.ACCEPT, after=30))
    assert story.leg().unqualified
    assert len([key for key in story.letters if key.startswith("unqualified")]) == 1


def test_nobody_is_asked_again_about_a_closed_case() -> None:
    assert "unqualified:l1:1" not in told(CLOSE_ANYWAY, nil_return(ALL, after=2100)).letters


def test_a_contribution_is_its_owners_unless_it_came_released() -> None:
    kept = replace(nil_return(ALL), contribution="c1")
    shared = replace(says(Answer.INFORMATION, after=30), contribution="c2", released=True)
    first, second = told(kept, shared, shared).case.contributions
    assert (first.marking, first.missing) == (Marking.HUB_ONLY, ALL)
    assert (second.marking, second.missing) == (Marking.RELEASED, ())


def test_an_interim_note_acknowledges_is_kept_and_stops_no_answer_clock() -> None:
    story = told(replace(says(Answer.INTERIM), contribution="c1"))
    assert story.leg().acknowledged_at == at(10)
    assert story.leg().response is Responded.AWAITED
    assert story.case.contributions[0].kind == "interim"
    assert story.clocks["answer:l1"] == at(240)
    assert "remind:l1" not in story.clocks


@pytest.mark.parametrize("before", [nil_return(), says(Answer.INFORMATION), declines()])
def test_an_interim_note_after_an_answer_changes_no_answer(before: Answered) -> None:
    story = told(before)
    response, tasks = story.leg().response, set(story.tasks)
    story.tell(says(Answer.INTERIM, after=30))
    assert story.leg().response is response
    assert set(story.tasks) == tasks


def test_scenario_7_a_wrong_agency_counts_as_acknowledgement_and_names_another() -> None:
    away = MachineEvidence(at(5), "l1", "automatic_reply")
    story = told(away)
    assert story.leg().acknowledgement is Acknowledgement.AWAITED
    due = story.case.subjects[0].decide_due
    story.tell(wrong_agency("housing"))
    leg = story.leg()
    assert (leg.acknowledged_at, leg.response) == (at(40), Responded.WRONG_AGENCY)
    assert leg.complete  # an answer, not "never"
    assert leg.suggested == "housing"
    assert story.tasks["declined:l1"].about == "l1"
    story.tell(AgencyAsked(at(45), "duty-1", "housing", ("s1",), "l1"))
    assert story.leg().rerouted_to == ("l4",)
    assert story.leg().decline is Decline.REROUTED
    assert "declined:l1" not in story.tasks
    assert "packet:l4" in story.waiting
    assert story.case.subjects[0].decide_due == due


@pytest.mark.parametrize("suggested", ["nobody", "police", ""])
def test_a_suggestion_that_is_no_other_agency_of_the_hub_is_none(suggested: str) -> None:
    assert told(wrong_agency(suggested)).leg().suggested == ""


def test_declining_never_pauses_or_moves_the_case_clock() -> None:
    story = told(rates("s1", "amber"))
    due, clock = story.case.subjects[0].decide_due, story.clocks["decide:s1"]
    for event in (declines(after=30), MORE, declines(after=70), SETTLE, wrong_agency(after=80)):
        story.tell(event)
        assert (story.case.subjects[0].decide_due, story.clocks["decide:s1"]) == (due, clock)


def test_a_conflict_of_interest_is_loud_until_another_recipient_is_chosen() -> None:
    story = told(rates(after=5), declines(DeclineReason.CONFLICT))
    assert story.leg().decline_reason == DeclineReason.CONFLICT
    assert story.tasks["conflict:l1"].kind is TaskKind.CONFLICT
    assert story.tasks["conflict:l1"].due == at(20)
    story.tell(decides())
    assert "conflict:l1" in story.tasks
    story.tell(AgencyAsked(at(90), "duty-1", "housing", ("s1",), "l1"))
    assert {"conflict:l1", "declined:l1"}.isdisjoint(story.tasks)


def test_more_information_reopens_the_answer_counted_from_then() -> None:
    story = told(declines(), MORE)
    assert story.leg().response is Responded.ASKED_AGAIN
    assert not story.leg().complete
    assert story.clocks["answer:l1"] == story.leg().answer_due == at(50 + 240)
    assert story.waiting["more:l1:m1"].about == "l1/m1"
    assert "declined:l1" not in story.tasks
    story.tell(rates("s1", "red", after=55))
    assert story.clocks["answer:l1"] == at(50 + 120)
    story.tell(declines(after=70))
    assert "declined:l1" in story.tasks
    story.tell(says(Answer.INFORMATION, after=90))
    assert story.leg().decline is Decline.NONE
    assert "declined:l1" not in story.tasks


def test_the_hubs_decision_about_a_decline_is_recorded_and_ends_it() -> None:
    story = told(declines(DeclineReason.CONFLICT), SETTLE)
    assert story.leg().decline is Decline.SETTLED
    assert story.leg().evidence[-1].code == "decline_settled"
    assert {"declined:l1", "conflict:l1"}.isdisjoint(story.tasks)
    story.tell(declines(after=90))
    assert "declined:l1" not in story.tasks


@pytest.mark.parametrize(
    ("before", "event", "says_so"),
    [
        ((), MORE, "has not declined for want of information"),
        ((declines(DeclineReason.NO_CAPACITY),), MORE, "has not declined for want of information"),
        ((declines(), MORE), replace(MORE, more="m2"), "has not declined for want of information"),
        ((declines(), Recalled(at(30), "duty-1", "l1")), MORE, "ask the agency anew"),
        ((declines(), CLOSE_ANYWAY), MORE, "ask the agency anew"),
        ((), replace(MORE, leg="l9"), "no leg “l9”"),
        ((), SETTLE, "no decline of this agency"),
        ((declines(), MORE), SETTLE, "no decline of this agency"),
        ((declines(), SETTLE), SETTLE, "no decline of this agency"),
        ((), replace(SETTLE, leg="l9"), "no leg “l9”"),
    ],
)
def test_what_stands_for_no_decline_is_refused_and_changes_nothing(
    before: tuple[Event, ...], event: Event, says_so: str
) -> None:
    story = told(*before)
    case = story.case
    with pytest.raises(CannotHappen, match=says_so):
        story.tell(event)
    assert story.case == case


@pytest.mark.parametrize("answer", [Answer.INTERIM, Answer.WRONG_AGENCY])
def test_a_page_without_the_code_is_too_little_for_what_tells_something(answer: Answer) -> None:
    story = told(says(answer, proof=Proof.PAGE))
    assert story.leg().acknowledgement is Acknowledgement.AWAITED
    assert TaskKind.UNCLEAR_ANSWER in story.kinds()
