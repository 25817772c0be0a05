"""Whoever takes a child or adult on says what came of it, and is asked until they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case import outcome
from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import CannotHappen
from exchange.case.clock import due, read_spec
from exchange.case.code_lists import RISK_OUTCOME
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import (
    AgencyAsked,
    ClockRanOut,
    Closed,
    Event,
    InformationAdded,
    LetterNews,
    OutcomeRecorded,
    PacketNews,
)
from exchange.case.lateral_check import Recalled
from exchange.case.outcome import HandedOver, OutcomeTold
from tests.case.stories import (
    ALWAYS,
    CLOSE,
    CLOSE_ANYWAY,
    LOOK,
    Story,
    adult,
    at,
    child,
    contact,
    decides,
    rates,
    says,
)

ANSWERS = tuple(says(Answer.INFORMATION, leg) for leg in ("l1", "l2", "l3"))
TO_POLICE = HandedOver(at(100), "duty-1", "police", ("s1",))
YES = says(Answer.ACCEPT, "l1", 110)
TOLD = OutcomeTold(at(200), "police", "l1", "early_help", Proof.DKIM, "mail")
SENT = LetterNews(at(70), Letter.OUTCOME, "", News.ACCEPTED)


def decided(*more: Event) -> Story:
    return Story(contact(child()), LOOK, *ANSWERS, rates(code="green"), decides(), SENT, *more)


def siblings(*more: Event) -> Story:
    story = Story(contact(child(), child("s2")), LOOK, *ANSWERS)
    return story.tell(rates(), rates("s2"), decides(), decides("s2", Decision.EARLY_HELP), SENT, *more)


def test_what_is_handed_over_is_the_hubs_until_a_person_there_accepts() -> None:
    story = decided()
    assert story.tasks["hand_over:s1"].kind is TaskKind.HAND_OVER
    story.tell(TO_POLICE)
    assert "hand_over:s1" not in story.tasks
    assert story.waiting["hand_over:l1:0"].letter is Letter.HAND_OVER
    assert story.clocks["handover:l1"] == at(100 + 240)  # the acknowledgement of what is green
    assert (story.case.outcomes_owed[0].left, story.case.outcomes_owed[0].offered) == ((), ("s1",))
    assert "outcome:l1" not in story.clocks
    story.tell(YES)
    assert (story.case.outcomes_owed[0].left, story.case.outcomes_owed[0].offered) == (("s1",), ())
    assert story.case.outcomes_owed[0].since == at(110)
    assert story.clocks["outcome:l1"] == due(read_spec("5wd"), at(110), ALWAYS)
    assert "handover:l1" not in story.clocks
    assert "hand_over:l1:0" not in story.waiting


def test_nobody_accepting_is_asked_again_by_mail_and_then_by_telephone() -> None:
    story = decided(TO_POLICE).run_out("handover:l1", "handover:l1")
    assert [k for k in story.letters if k.startswith("hand_over")] == [f"hand_over:l1:{n}" for n in range(3)]
    assert "not_taken_on:l1" not in story.tasks
    story.run_out("handover:l1")
    assert story.tasks["not_taken_on:l1"].kind is TaskKind.NOT_TAKEN_ON
    assert "handover:l1" in story.clocks
    story.tell(replace(YES, proof=Proof.STAFF, channel="telephone"))
    assert "not_taken_on:l1" not in story.tasks
    assert story.tell(ClockRanOut(at(90000), "handover:l1")).effects == ()


def test_about_somebody_most_urgent_a_person_rings_at_the_first_silence() -> None:
    story = decided(replace(rates(), at=at(90)), TO_POLICE).run_out("handover:l1")
    assert story.tasks["not_taken_on:l1"].kind is TaskKind.NOT_TAKEN_ON
    assert "hand_over:l1:1" in story.letters  # and is asked again by mail


def test_who_declines_what_is_handed_over_leaves_it_to_be_handed_over_to_another() -> None:
    story = decided(TO_POLICE, says(Answer.DECLINE, "l1", 120))
    assert story.case.outcomes_owed[0].offered == ()
    assert {"hand_over:s1", "declined:l1"} <= set(story.tasks)
    assert "handover:l1" not in story.clocks
    story.tell(replace(TO_POLICE, agency="health", at=at(130)))
    assert "hand_over:s1" not in story.tasks


def test_a_packet_that_is_asked_back_or_failed_is_taken_on_by_nobody() -> None:
    story = decided(TO_POLICE, Recalled(at(150), "duty-1", "l1")).run_out("handover:l1")
    assert "hand_over:s1" in story.tasks
    story = decided(TO_POLICE, PacketNews(at(150), "l1", News.BOUNCED)).run_out("handover:l1")
    assert "not_taken_on:l1" in story.tasks  # a person rings at once


def test_only_those_handed_over_are_taken_on_by_accepting() -> None:
    story = siblings(replace(TO_POLICE, subjects=("s2",)), YES)
    assert story.case.outcomes_owed[0].left == ("s2",)
    assert "hand_over:s1" in story.tasks


def test_the_outcome_of_what_was_handed_over_says_that_it_was_taken_on() -> None:
    story = decided(TO_POLICE, TOLD)
    assert (story.case.outcomes_owed[0].offered, story.case.outcomes_owed[0].told) == ((), ("s1",))
    assert "handover:l1" not in story.clocks


@pytest.mark.parametrize("code", [Decision.NFA, Decision.ADVICE])
def test_what_ends_here_is_handed_over_to_nobody(code: Decision) -> None:
    story = decided().tell(decides(decision=code, after=80))
    assert "hand_over:s1" not in story.tasks


def test_what_an_agency_has_in_hand_is_not_handed_over_again_for_a_new_decision() -> None:
    story = decided(TO_POLICE, YES, decides(decision=Decision.EARLY_HELP, after=300))
    assert "hand_over:s1" not in story.tasks


def test_an_agency_that_was_never_asked_gets_its_packet_first() -> None:
    story = decided(replace(TO_POLICE, agency="housing"))
    assert story.leg("l4").agency == "housing"
    assert {"packet:l4", "hand_over:l4:0"} <= set(story.waiting)


@pytest.mark.parametrize("gone", [says(Answer.DECLINE, "l1", 90), PacketNews(at(90), "l1", News.BOUNCED)])
def test_an_agency_whose_packet_failed_or_was_declined_gets_a_new_one(gone: Event) -> None:
    story = decided(gone, TO_POLICE)
    assert story.leg("l4").agency == "police"


def test_social_cares_word_closes_what_it_owes() -> None:
    story = decided(TO_POLICE, YES, TOLD)
    assert story.case.subjects[0].outcomes[-1].code == "early_help"
    assert "outcome:l1" not in story.clocks
    before = story.case
    assert story.tell(TOLD).case == before  # the same mail once more
    assert story.tell(CLOSE).case.closed


def test_silence_is_asked_again_by_mail_and_then_by_telephone() -> None:
    story = decided(TO_POLICE, YES).run_out("outcome:l1", "outcome:l1")
    assert [k for k in story.letters if k.startswith("outcome_asked")] == [f"outcome_asked:l1:{n}" for n in range(2)]
    assert "outcome:l1" not in story.tasks
    story.run_out("outcome:l1")
    assert story.tasks["outcome:l1"].kind is TaskKind.OUTCOME_OVERDUE
    assert "outcome:l1" in story.clocks
    story.tell(TOLD)
    assert "outcome:l1" not in story.tasks
    assert story.tell(ClockRanOut(at(90000), "outcome:l1")).effects == ()


def test_where_mail_does_not_get_through_a_person_rings_at_once() -> None:
    story = decided(TO_POLICE, YES, PacketNews(at(150), "l1", News.BOUNCED)).run_out("outcome:l1")
    assert story.tasks["outcome:l1"].kind is TaskKind.OUTCOME_OVERDUE


@pytest.mark.parametrize("clock", ["outcome:l99", "outcome:l2", "outcome:"])
def test_a_clock_about_nothing_that_is_owed_changes_nothing(clock: str) -> None:
    assert decided(ClockRanOut(at(300), clock)).effects == ()


def test_accepting_after_the_decision_is_taking_on() -> None:
    story = Story(contact(child()), LOOK, rates(), decides(), says(Answer.ACCEPT, "l1", 90))
    assert story.case.outcomes_owed[0].agency == "police"
    assert not [k for k in story.letters if k.startswith("outcome_asked")]
    story.tell(says(Answer.ACCEPT, "l1", 95))
    assert len(story.case.outcomes_owed) == 1


@pytest.mark.parametrize(
    "events",
    [
        (says(Answer.ACCEPT, "l1", 15), rates(), decides()),  # before the decision: the packet alone
        (rates(), decides(decision=Decision.NFA), says(Answer.ACCEPT, "l1", 90)),
        (rates(), decides(), says(Answer.RECEIVED, "l1", 90)),
    ],
)
def test_nothing_is_owed_by_whoever_takes_nobody_on(events: tuple[Event, ...]) -> None:
    assert Story(contact(child()), LOOK, *events).case.outcomes_owed == ()


def test_of_siblings_an_outcome_must_say_whose_it_is() -> None:
    story = siblings(replace(TO_POLICE, subjects=("s1", "s2")), TOLD)
    assert story.tasks["unclear:l1"].kind is TaskKind.UNCLEAR_ANSWER
    assert not story.case.subjects[0].outcomes
    story.tell(replace(TOLD, subjects=("s2",)))
    assert [len(s.outcomes) for s in story.case.subjects] == [0, 1]
    story.tell(TOLD)  # one is left: now it is plain
    assert [len(s.outcomes) for s in story.case.subjects] == [1, 1]
    assert story.case.outcomes_owed[0].left == ()


def test_the_same_for_all_of_them_is_plain() -> None:
    story = siblings(replace(TO_POLICE, subjects=("s1", "s2")), replace(TOLD, every=True))
    assert [len(s.outcomes) for s in story.case.subjects] == [1, 1]


@pytest.mark.parametrize(
    "unfit",
    [
        replace(TOLD, proof=Proof.PAGE),
        replace(TOLD, outcome="reduced"),  # an adult's
        replace(TOLD, subjects=("s9",)),
        replace(TOLD, outcome=""),
    ],
)
def test_what_is_not_proved_or_does_not_fit_is_a_persons_to_read(unfit: OutcomeTold) -> None:
    story = decided(TO_POLICE, unfit)
    assert story.tasks["unclear:l1"].kind is TaskKind.UNCLEAR_ANSWER
    assert not story.case.subjects[0].outcomes
    story.tell(OutcomeRecorded(at(300), "duty-1", "s1", "early_help", "l1"))
    assert "unclear:l1" not in story.tasks


def test_an_outcome_before_the_decision_is_a_persons_to_read_and_one_of_no_leg_is_nothing() -> None:
    story = Story(contact(child()), LOOK, TOLD)
    assert "unclear:l1" in story.tasks
    assert story.tell(replace(TOLD, leg="l99")).effects == ()


def test_an_agency_that_owes_nothing_may_say_what_came_of_it_all_the_same() -> None:
    assert decided(TOLD).case.subjects[0].outcomes[-1].by == "police"


def test_what_the_hub_found_out_itself_nobody_need_say_any_more() -> None:
    story = decided(TO_POLICE, replace(TO_POLICE, agency="health"))
    story.tell(OutcomeRecorded(at(300), "duty-1", "s1", "assessment"))
    assert all(not owed.left for owed in story.case.outcomes_owed)
    assert not [c for c in story.clocks if c.startswith("outcome:")]


def test_what_one_agency_said_leaves_the_other_owing() -> None:
    story = decided(TO_POLICE, replace(TO_POLICE, agency="health"), TOLD)
    assert [bool(owed.offered) for owed in story.case.outcomes_owed] == [False, True]


def test_handing_over_again_asks_again() -> None:
    story = decided(TO_POLICE, YES, TOLD, replace(TO_POLICE, at=at(400)))
    assert story.case.outcomes_owed[0].offered == ("s1",)
    assert "hand_over:l1:1" in story.waiting
    story.tell(says(Answer.ACCEPT, "l1", 410))
    assert story.case.outcomes_owed[0].left == ("s1",)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((replace(TO_POLICE, subjects=()),), "at least one subject"),
        ((replace(TO_POLICE, subjects=("s9",)),), "at least one subject"),
        ((replace(TO_POLICE, agency="nobody"),), "no agency “nobody”"),
        ((CLOSE_ANYWAY, TO_POLICE), "this case is closed"),
        ((OutcomeRecorded(at(300), "duty-1", "s1", "early_help", "l99"),), "was not asked about this subject"),
        ((TO_POLICE, Closed(at(500), "manager-1")), "nobody has accepted what was handed over"),
        ((TO_POLICE, YES, Closed(at(500), "manager-1")), "still owes what came of it"),
    ],
)
def test_what_staff_may_not_do_is_refused_and_changes_nothing(events: tuple[Event, ...], why: str) -> None:
    *before, last = events
    story = decided(*before)
    was = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(last)
    assert story.case == was


def test_nobody_is_handed_over_undecided() -> None:
    with pytest.raises(CannotHappen, match="decide first"):
        Story(contact(child()), LOOK, TO_POLICE)


def test_a_case_closed_over_what_is_owed_is_quiet_and_asks_again_when_it_is_opened() -> None:
    story = decided(TO_POLICE, CLOSE_ANYWAY)
    assert "handover:l1" not in story.clocks
    story.tell(InformationAdded(at(3000), "referrer", "mail"))
    assert "handover:l1" in story.clocks
    story = decided(TO_POLICE, YES, CLOSE_ANYWAY)
    assert "outcome:l1" not in story.clocks
    story.tell(ClockRanOut(at(90000), "outcome:l1"))
    assert story.effects == ()


def test_every_form_has_its_outcomes_with_national_codes() -> None:
    assert {c.code for c in RISK_OUTCOME.codes} < {code for code, _ in outcome.codes_of("adult").choices}
    assert outcome.codes_of("adult").national("reduced") == "Risk Reduced"
    assert outcome.codes_of("child").national("early_help") == "Early help"
    assert outcome.known("adult", "removed")
    assert not outcome.known("child", "removed")
    assert outcome.label("removed") == "Risk removed"
    assert outcome.label("recorded") == "recorded"  # as it was written before outcomes were coded


ADULT = (contact(adult()), LOOK, rates(), decides(decision=Decision.SECTION_42))


def test_with_an_adults_outcome_goes_whether_what_they_wanted_was_achieved() -> None:
    said = OutcomeRecorded(at(300), "duty-1", "s1", "reduced", achieved="partly")
    story = Story(*ADULT, said)
    assert [(a.code, a.by) for a in story.case.subjects[0].achieved] == [("partly", "duty-1")]
    with pytest.raises(CannotHappen, match="fully, partly, not"):
        story.tell(replace(said, achieved="perhaps"))
    with pytest.raises(CannotHappen, match="asked of an adult"):
        decided().tell(replace(said, outcome="early_help"))
    asked = AgencyAsked(at(70), "duty-1", "police", ("s1",))
    story = Story(*ADULT, asked, replace(TOLD, outcome="removed", achieved="fully"))
    assert story.case.subjects[0].achieved[-1].by == "police"
    assert decided(replace(TOLD, achieved="fully")).case.subjects[0].achieved == ()  # of a child nobody asks


def test_an_adults_outcome_is_that_of_the_risk() -> None:
    story = Story(contact(adult()), LOOK, rates(), decides(decision=Decision.SECTION_42))
    story.tell(OutcomeRecorded(at(300), "duty-1", "s1", "reduced"))
    with pytest.raises(CannotHappen, match="use one of remained, reduced, removed"):
        story.tell(OutcomeRecorded(at(300), "duty-1", "s1", "early_help"))


def test_a_new_decision_asks_whoever_has_them_anew() -> None:
    story = decided(TO_POLICE, YES, decides(decision=Decision.SECTION_47, after=130))
    owed = story.case.outcomes_owed[0]
    assert (owed.left, owed.offered, owed.asking) == ((), ("s1",), ("hand_over:l1:1",))
    assert {"hand_over:l1:1"} <= set(story.waiting)
    assert not {"hand_over:s1", "decided_anew:l1/s1"} & set(story.tasks)
    assert "outcome:l1" not in story.clocks
    story.tell(replace(YES, at=at(140)))
    assert story.case.outcomes_owed[0].left == ("s1",)


@pytest.mark.parametrize("before", [(TO_POLICE,), (TO_POLICE, YES)], ids=["offered", "taken on"])
def test_where_nobody_need_act_any_more_nothing_is_owed_and_a_person_rings(before: tuple[Event, ...]) -> None:
    story = decided(*before, decides(decision=Decision.NFA, after=130))
    assert (story.case.outcomes_owed[0].left, story.case.outcomes_owed[0].offered) == ((), ())
    assert story.tasks["decided_anew:l1/s1"].kind is TaskKind.DECIDED_ANEW
    assert not {"outcome:l1", "handover:l1"} & set(story.clocks)
    story.tell(replace(YES, at=at(140)))  # crossing: of somebody who ends here nobody owes an outcome
    assert story.case.outcomes_owed[0].left == ()


def test_the_same_decision_once_more_asks_nobody_anew() -> None:
    story = decided(TO_POLICE, YES, decides(after=130))
    assert story.case.outcomes_owed[0].left == ("s1",)
    assert "decided_anew:l1/s1" not in story.tasks


def test_who_declined_has_nothing_to_tell_of_it_and_nothing_comes_of_a_child_that_is_an_adults() -> None:
    story = decided(TO_POLICE, says(Answer.DECLINE, "l1", 120))
    before = story.case
    with pytest.raises(CannotHappen, match="that agency declined"):
        story.tell(OutcomeRecorded(at(300), "duty-1", "s1", "early_help", "l1"))
    with pytest.raises(CannotHappen, match="no outcome “section_42”"):
        story.tell(OutcomeRecorded(at(300), "duty-1", "s1", "section_42"))
    assert story.case == before
    assert "section_42" not in dict(outcome.codes_of("child").choices)
    story.tell(OutcomeRecorded(at(300), "duty-1", "s1", "early_help", "l2"))
    assert story.case.subjects[0].outcomes[-1].code == "early_help"
