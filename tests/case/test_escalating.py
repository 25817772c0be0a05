"""Silence past a due time reaches the deputy, the lead, the hub manager and the board, each once, until a person
answers; who is rung and not reached is rung again soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import CannotHappen
from exchange.case.clock import read_spec
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.escalation import CallMade, EscalationRules, Rung
from exchange.case.event import ClockRanOut, DiscussionHeld, Event, InviteeReplied, LetterNews, PacketNews, Rated
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.rules import Rules
from exchange.case.strategy_discussion import Attendance
from tests.case.stories import (
    CLOSE_ANYWAY,
    RULES,
    Story,
    arrives,
    at,
    calls,
    child,
    contact,
    invited,
    rates,
    says,
    with_rules,
)

STEPS = with_rules(
    escalation=EscalationRules(step=read_spec("30m"), red_step=read_spec("10m")), overdue_again=read_spec("2h")
)


def late(rules: Rules = STEPS) -> Story:
    """Nobody at the police has said anything, and the time is over."""
    return Story(contact(child()), arrives(), rules=rules).run_out("remind:l1", "remind:l1", "remind:l1")


def rungs(story: Story) -> list[str]:
    return [reached.rung for reached in story.leg().rungs]


def test_each_rung_is_reached_once_in_order_and_then_the_desk_is_pressed_again_and_again() -> None:
    story = late()
    assert rungs(story) == ["deputy"]
    assert story.waiting["deputy:l1"].letter is Letter.DEPUTY
    story.run_out("remind:l1")
    assert story.waiting["lead:l1:1"].letter is Letter.LEAD
    assert [r.at for r in story.leg().rungs] == [at(60), at(90)]
    story.run_out("remind:l1")
    assert story.tasks["manager:l1"].kind is TaskKind.MANAGER
    story.run_out("remind:l1")
    assert rungs(story) == list(Rung)
    assert story.clocks["remind:l1"] == at(150 + 120)
    story.run_out("remind:l1", "remind:l1")
    assert rungs(story) == list(Rung)
    assert story.clocks["remind:l1"] == at(150 + 3 * 120)


def test_without_a_step_of_its_own_the_ladder_climbs_as_often_as_the_desk_is_pressed() -> None:
    assert late(RULES).clocks["remind:l1"] == at(120)


def test_what_is_most_urgent_or_in_danger_climbs_by_its_own_step() -> None:
    story = Story(replace(contact(child()), danger=True), rules=STEPS).run_out("remind:l1", "remind:l1", "remind:l1")
    assert story.clocks["remind:l1"] == at(30 + 10)  # by the clock of the most urgent rating, though nobody has rated


def test_a_ladder_may_be_shorter_and_in_another_order() -> None:
    rules = with_rules(escalation=EscalationRules(ladder=(Rung.MANAGER, Rung.LEAD)))
    story = late(rules).run_out("remind:l1", "remind:l1")
    assert rungs(story) == ["manager", "lead"]


def test_an_answer_clock_climbs_only_once_somebody_has_it_and_then_from_the_start() -> None:
    story = late().tell(ClockRanOut(at(240), "answer:l1"))
    assert rungs(story) == ["deputy"]
    story.tell(says(Answer.RECEIVED, after=250), ClockRanOut(at(260), "answer:l1"))
    assert rungs(story) == ["deputy", "deputy"]
    story.tell(ClockRanOut(at(300), "answer:l1"))
    assert rungs(story) == ["deputy", "deputy", "lead"]


def test_a_late_answer_withdraws_what_waits_closes_what_was_asked_and_keeps_what_was_reached() -> None:
    story = late().run_out("remind:l1", "remind:l1").tell(says(Answer.RECEIVED, after=130))
    assert not [key for key in story.waiting if key.startswith("lead")]
    assert not {"manager:l1", "silent:l1"} & story.tasks.keys()
    assert rungs(story) == ["deputy", "lead", "manager"]


@pytest.mark.parametrize("ends", [CLOSE_ANYWAY, Restricted(at(130), "duty-1", Kind.AGENCY, "police", Why.CONFLICT)])
def test_closing_and_shutting_out_end_the_climbing(ends: Event) -> None:
    story = late().run_out("remind:l1", "remind:l1").tell(ends)
    assert "manager:l1" not in story.tasks
    assert not [key for key in story.waiting if key.startswith("lead")]


@pytest.mark.parametrize("news", [News.HELD, News.REFUSED, News.BOUNCED])
def test_a_lead_who_cannot_be_told_by_mail_is_rung(news: News) -> None:
    story = late().run_out("remind:l1").tell(LetterNews(at(91), Letter.LEAD, "l1", news, "no_mailbox"))
    assert story.tasks["letter:lead:l1"].kind is TaskKind.LEAD_UNREACHED
    story.tell(LetterNews(at(92), Letter.LEAD, "l1", News.DEFERRED))
    assert "letter:lead:l1" in story.tasks
    assert "letter:lead:l1" not in story.tell(LetterNews(at(93), Letter.LEAD, "l1", News.ACCEPTED)).tasks


def test_what_became_of_the_letter_to_the_lead_stays_with_the_rung() -> None:
    def heard(story: Story) -> list[str]:
        return [r.news for r in story.leg().rungs if r.rung is Rung.LEAD]

    story = late().run_out("remind:l1")
    assert heard(story) == [""]
    assert heard(story.tell(LetterNews(at(91), Letter.LEAD, "l1", News.HELD, "no_mailbox"))) == ["held"]
    assert heard(story.tell(LetterNews(at(92), Letter.LEAD, "l1", News.ACCEPTED))) == ["accepted"]
    story = meeting().run_out(*["chase:d1/i1"] * 3).tell(LetterNews(at(400), Letter.LEAD, "d1/i1", News.ACCEPTED))
    assert [r.news for r in story.case.discussions[0].invitees[0].rungs] == ["", "accepted"]


def test_the_lead_is_rung_about_an_invitation_that_never_arrived() -> None:
    story = Story(contact(child()), calls("police"), invited(news=News.REFUSED), rules=STEPS)
    assert "silent_invitee:d1/i1" in story.run_out("chase:d1/i1").tasks
    story.run_out(*["chase:d1/i1"] * 2)
    assert not [k for k in story.letters if k.startswith("lead") or k == "chaser:d1/i1:1"]
    assert story.tasks["letter:lead:d1/i1"].kind is TaskKind.LEAD_UNREACHED


def test_of_a_lead_nobody_waits_for_any_more_nothing_is_asked() -> None:
    story = late().run_out("remind:l1").tell(says(Answer.INFORMATION, after=95))
    story.tell(LetterNews(at(96), Letter.LEAD, "l1", News.HELD), LetterNews(at(97), Letter.LEAD, "d9/i9", News.HELD))
    assert TaskKind.LEAD_UNREACHED not in story.kinds()


def meeting() -> Story:
    return Story(contact(child()), calls("police"), invited(), rules=STEPS)


def test_a_silent_seat_climbs_the_same_ladder_and_a_reply_takes_all_of_it_back() -> None:
    story = meeting().run_out(*["chase:d1/i1"] * 5)
    assert story.waiting["deputy:d1/i1:0"].about == "d1/i1/deputy"
    assert story.waiting["lead:d1/i1:1"].about == "d1/i1"
    assert story.tasks["manager:d1/i1"].kind is TaskKind.MANAGER
    story.run_out("chase:d1/i1", "chase:d1/i1")
    seat = story.case.discussions[0].invitees[0]
    assert [r.rung for r in seat.rungs] == list(Rung)
    story.tell(InviteeReplied(at(900), "d1", "i1", Attendance.ACCEPTED, at(900), "desk", Proof.STAFF, "duty-1"))
    assert not [k for k in story.waiting if k.startswith(("chaser", "lead"))]
    assert "manager:d1/i1" not in story.tasks


def test_who_is_not_reached_is_rung_again_soon_and_who_is_reached_is_not() -> None:
    story = late().tell(CallMade(at(61), "duty-1", "l1", reached=False))
    assert story.clocks["ring:l1"] == at(76)
    story.tasks.clear()
    story.run_out("ring:l1")
    assert story.tasks["silent:l1"].kind is TaskKind.SILENT_AGENCY
    assert story.clocks["ring:l1"] == at(91)
    story.tell(CallMade(at(95), "duty-1", "l1", reached=True, rang_at=at(93)))
    assert "ring:l1" not in story.clocks
    assert [(c.at, c.reached) for c in story.case.calls] == [(at(61), False), (at(93), True)]


def test_a_call_about_a_packet_that_cannot_be_delivered_is_pressed_as_that() -> None:
    story = Story(
        contact(child()), PacketNews(at(2), "l1", News.BOUNCED), CallMade(at(5), "duty-1", "l1", reached=False)
    )
    story.tasks.clear()
    assert story.run_out("ring:l1").tasks["telephone:l1"].kind is TaskKind.TELEPHONE_AGENCY


def test_a_seat_that_was_rung_in_vain_is_rung_again_until_the_discussion_is_held() -> None:
    story = meeting().tell(CallMade(at(70), "duty-1", "d1/i1", reached=False)).run_out("ring:d1/i1")
    assert story.tasks["silent_invitee:d1/i1"].kind is TaskKind.SILENT_INVITEE
    story.tell(DiscussionHeld(at(100), "manager-1", "d1", ()))
    assert story.tell(ClockRanOut(at(101), "ring:d1/i1")).effects == ()
    with pytest.raises(CannotHappen, match="no agency or seat"):
        story.tell(CallMade(at(102), "duty-1", "d1/i1", reached=False))


def test_a_call_about_what_is_answered_already_is_kept_and_presses_nobody() -> None:
    story = Story(contact(child()), says(Answer.INFORMATION), CallMade(at(70), "duty-1", "l1", reached=False))
    assert "ring:l1" not in story.clocks
    assert story.tell(ClockRanOut(at(80), "ring:l1")).effects == ()


@pytest.mark.parametrize("about", ["l99", "d1/i1", "d1/i9", ""])
def test_a_call_about_nothing_of_the_case_is_refused(about: str) -> None:
    with pytest.raises(CannotHappen, match="no agency or seat"):
        Story(contact(child()), CallMade(at(5), "duty-1", about, reached=True))


@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_rerate_never_climbs_however_often_somebody_rates(acknowledged: bool) -> None:
    """A breach, one rung reached, and then several ratings within a second: what fires at once climbs nothing."""
    said = (says(Answer.RECEIVED, "l1", 5),) if acknowledged else ()
    clock = "answer:l1" if acknowledged else "remind:l1"
    story = Story(contact(child()), *said, rates(code="green", after=6), rules=STEPS)
    while not story.leg().rungs:
        story.run_out(clock)
    reached, now = story.leg().rungs, story.leg().rungs[-1].at + timedelta(minutes=1)
    for n, code in enumerate(("red", "amber", "red", "green")):
        at_ = now + timedelta(milliseconds=200 * n)
        story.tell(Rated(at_, "duty-1", "s1", code))
        for name in [c for c, when in story.clocks.items() if when <= at_ and c.endswith(":l1")]:
            story.run_out(name)
    assert story.leg().rungs == reached
    story.run_out(clock)  # the ladder goes on by its own step
    assert len(story.leg().rungs) == len(reached) + 1
    assert story.leg().rungs[-1].at - reached[-1].at >= timedelta(minutes=10)


def test_what_is_late_by_a_higher_rating_is_rung_at_once_and_climbs_a_step_later() -> None:
    story = Story(contact(child()), rates(code="green", after=100), rules=STEPS)
    story.tell(rates(code="red", after=200))  # half an hour has long passed
    assert story.tasks["silent:l1"].kind is TaskKind.SILENT_AGENCY
    assert story.leg().acknowledge_due == at(30)
    assert story.clocks["remind:l1"] > at(200)
    assert not story.leg().rungs
    story.run_out("remind:l1")
    assert len(story.leg().rungs) == 1


def test_a_packet_that_comes_back_makes_one_task_of_the_silence() -> None:
    story = late()
    assert "silent:l1" in story.tasks
    story.tell(PacketNews(at(61), "l1", News.BOUNCED))
    assert {key for key in story.tasks if key.endswith(":l1")} == {"telephone:l1"}
    story.tell(rates(code="red", after=65), rates(code="green", after=66)).run_out("answer:l1")
    assert "silent:l1" not in story.tasks


def test_the_lead_is_to_be_rung_once_whatever_it_was_asked_for() -> None:
    story = late().tell(LetterNews(at(62), Letter.DEPUTY, "l1", News.HELD, "no_deputy"))
    assert "no_deputy:l1" in story.tasks
    story.run_out("remind:l1").tell(LetterNews(at(95), Letter.LEAD, "l1", News.HELD, "no_mailbox"))
    assert {key for key in story.tasks if key.endswith(":l1")} == {"silent:l1", "letter:lead:l1"}
