"""A leg moves by what its agency says with enough proof, and silence grows louder until it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Acknowledgement, Answer, Proof, Responded
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import AnswerUnclear, ClockRanOut, LetterNews, MachineEvidence, PacketNews
from tests.case.stories import OFFICE, Story, at, child, contact, decides, rates, rating, says, with_rules


def told() -> Story:
    return Story(contact(child()))


def news(*heard: News, leg: str = "l1", code: str = "") -> list[PacketNews]:
    return [PacketNews(at(n), leg, one, code) for n, one in enumerate(heard, 1)]


def test_an_agency_that_says_nothing_is_reminded_three_times_and_then_the_desk_rings_again_and_again() -> None:
    story = told().tell(*news(News.ACCEPTED))
    assert story.clocks["remind:l1"] == at(30)
    story.run_out("remind:l1")
    assert story.clocks["remind:l1"] == at(48)
    story.run_out("remind:l1")
    assert story.clocks["remind:l1"] == at(60)
    assert TaskKind.SILENT_AGENCY not in story.kinds()
    story.run_out("remind:l1")
    assert [k for k in story.letters if k.startswith("reminder")] == [f"reminder:l1:{n}" for n in (1, 2, 3)]
    assert story.tasks["silent:l1"].due == at(60)
    story.run_out("remind:l1", "remind:l1")
    assert story.clocks["remind:l1"] == at(60 + 3 * 60)
    assert story.leg().escalated == 3
    assert story.leg().reminders == 3


@pytest.mark.parametrize("heard", [[], [News.HELD], [News.DEFERRED], [News.REFUSED]])
def test_nobody_is_reminded_of_what_never_left_and_the_desk_rings_with_one_task(heard: list[News]) -> None:
    story = told().tell(*news(*heard)).run_out(*["remind:l1"] * 5)
    assert not [k for k in story.letters if k.startswith(("reminder", "lead"))]
    assert story.tasks["letter:lead:l1"].kind is TaskKind.LEAD_UNREACHED
    ring = [t.kind for k, t in story.tasks.items() if k in ("telephone:l1", "silent:l1")]
    assert ring == [TaskKind.TELEPHONE_AGENCY if story.leg().failed else TaskKind.SILENT_AGENCY]


def test_what_the_deputy_has_is_reminded_of_although_the_team_never_got_it() -> None:
    story = told().tell(*news(News.BOUNCED), LetterNews(at(3), Letter.DEPUTY, "l1", News.ACCEPTED))
    assert story.run_out("remind:l1").letters[-1] == "reminder:l1:1"


@pytest.mark.parametrize("back", [News.REFUSED, News.BOUNCED])
def test_the_deputy_is_asked_at_once_when_a_server_will_not_have_the_packet(back: News) -> None:
    story = told().tell(*news(back))
    assert story.waiting["deputy:l1"].letter is Letter.DEPUTY
    story.tell(LetterNews(at(3), Letter.DEPUTY, "l1", News.HELD, "no_deputy"))
    assert set(story.kinds()) & {TaskKind.TELEPHONE_AGENCY, TaskKind.NO_DEPUTY} == {TaskKind.TELEPHONE_AGENCY}
    answered = told().tell(says(Answer.RECEIVED), PacketNews(at(20), "l1", back))
    assert "deputy:l1" not in answered.letters


def test_what_waits_to_speak_of_a_packet_does_not_go_once_it_came_back() -> None:
    story = told().tell(*news(News.ACCEPTED)).run_out(*["remind:l1"] * 4)
    assert {"reminder:l1:3", "lead:l1:1"} <= story.waiting.keys()
    story.tell(PacketNews(at(130), "l1", News.BOUNCED))
    assert not [k for k in story.waiting if k.startswith(("reminder", "lead"))]
    assert story.tasks["letter:lead:l1"].kind is TaskKind.LEAD_UNREACHED


@pytest.mark.parametrize(("proof", "counts"), [(Proof.PAGE, False), (Proof.DKIM, False), (Proof.STAFF, True)])
def test_nobody_has_received_what_came_back_unless_they_were_told_by_telephone(proof: Proof, counts: bool) -> None:
    story = told().tell(*news(News.HELD), says(Answer.RECEIVED, proof=proof))
    assert (story.leg().acknowledgement is Acknowledgement.ACKNOWLEDGED) is counts
    assert ("unclear:l1" in story.tasks) is not counts
    assert ("remind:l1" in story.clocks) is not counts


def test_a_reminder_that_comes_late_goes_to_the_desk_at_once() -> None:
    story = told().tell(ClockRanOut(at(200), "remind:l1"))
    assert TaskKind.SILENT_AGENCY in story.kinds()
    assert story.leg().reminders == 3


def test_nobody_reminds_by_a_mail_that_does_not_get_through_but_the_clock_runs_on() -> None:
    story = told().tell(*news(News.BOUNCED)).run_out("remind:l1")
    assert "reminder:l1:1" not in story.letters
    assert story.clocks["remind:l1"] == at(48)
    assert TaskKind.TELEPHONE_AGENCY in story.kinds()


@pytest.mark.parametrize("answer", [Answer.RECEIVED, Answer.ACCEPT])
def test_a_late_acknowledgement_withdraws_the_reminder_and_leaves_the_answer_due(answer: Answer) -> None:
    story = told().run_out("remind:l1").tell(says(answer, after=35))
    assert "reminder:l1:1" not in story.waiting
    assert "remind:l1" not in story.clocks
    assert story.clocks["answer:l1"] == at(240)
    assert story.leg().acknowledged_at == at(35)
    assert not story.leg().complete
    story.tell(ClockRanOut(at(60), "remind:l1"))
    assert story.effects == ()


def test_an_agency_that_has_it_but_never_answers_is_the_desks_again_and_again() -> None:
    story = told().tell(says(Answer.RECEIVED)).run_out("answer:l1", "answer:l1")
    assert story.tasks["silent:l1"].kind is TaskKind.SILENT_AGENCY
    assert story.clocks["answer:l1"] == at(240 + 2 * 60)
    story.tell(says(Answer.INFORMATION, after=500))
    assert "silent:l1" not in story.tasks
    assert "answer:l1" not in story.clocks
    assert story.tell(ClockRanOut(at(600), "answer:l1")).effects == ()


@pytest.mark.parametrize(
    ("answer", "response"),
    [
        (Answer.DECLINE, Responded.DECLINED),
        (Answer.NOTHING_KNOWN, Responded.NOTHING_KNOWN),
        (Answer.INFORMATION, Responded.INFORMATION),
    ],
)
def test_an_answer_ends_the_agencys_part_at_its_first_moment(answer: Answer, response: Responded) -> None:
    story = told().tell(says(answer, after=10), says(answer, after=90))
    assert story.leg().response is response
    assert story.leg().complete
    assert story.leg().answered_at == story.leg().acknowledged_at == at(10)
    assert {"remind:l1", "answer:l1"}.isdisjoint(story.clocks)


def test_a_decline_waits_for_a_person_until_the_agency_thinks_again() -> None:
    story = told().tell(says(Answer.DECLINE))
    assert story.tasks["declined:l1"].kind is TaskKind.DECLINED
    story.tell(says(Answer.INFORMATION, after=30))
    assert "declined:l1" not in story.tasks


def test_a_decline_is_settled_by_deciding_about_every_subject_of_it() -> None:
    story = Story(contact(child("s1"), child("s2")), rates("s1"), rates("s2"), says(Answer.DECLINE))
    assert "declined:l1" in story.tell(decides("s1")).tasks
    assert "declined:l1" not in story.tell(decides("s2")).tasks


def test_pressing_received_does_not_take_a_decline_for_settled() -> None:
    story = told().tell(says(Answer.DECLINE), says(Answer.RECEIVED, after=20))
    assert "declined:l1" in story.tasks


@pytest.mark.parametrize("first", [Answer.DECLINE, Answer.NOTHING_KNOWN])
def test_an_agency_that_accepts_after_all_owes_an_answer_again_and_is_waited_for(first: Answer) -> None:
    story = told().tell(says(first), says(Answer.ACCEPT, after=20))
    assert story.leg().complete or "answer:l1" in story.clocks


def test_the_same_acceptance_coming_twice_does_not_take_the_answer_back() -> None:
    accepts = says(Answer.ACCEPT, after=5)
    story = told().tell(accepts, says(Answer.NOTHING_KNOWN), accepts)
    assert story.leg().complete


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(Answer.CANNOT_OPEN, TaskKind.CANNOT_OPEN), (Answer.WRONG_PERSON, TaskKind.WRONG_PERSON)],
)
def test_a_cry_for_help_is_heard_by_the_desk_and_stops_no_clock(answer: Answer, kind: TaskKind) -> None:
    story = told()
    clocks = dict(story.clocks)
    story.tell(says(answer, proof=Proof.PAGE))
    assert story.clocks == clocks
    assert kind in story.kinds()
    assert story.leg().acknowledgement is Acknowledgement.AWAITED
    story.tell(says(Answer.RECEIVED, after=20))
    assert kind not in story.kinds()


@pytest.mark.parametrize(
    ("answer", "proof"),
    [(Answer.RECEIVED, Proof.NONE), (Answer.ACCEPT, Proof.PAGE), (Answer.INFORMATION, Proof.PAGE)],
)
def test_an_answer_with_too_little_proof_is_for_a_person_and_changes_nothing(answer: Answer, proof: Proof) -> None:
    story = told()
    before = story.case
    story.tell(says(answer, proof=proof))
    assert story.case == replace(before, unread=("unclear:l1",))
    assert story.tasks["unclear:l1"].kind is TaskKind.UNCLEAR_ANSWER


def test_unclear_words_are_read_by_a_person() -> None:
    story = told().tell(AnswerUnclear(at(5), "l1", "unclear"))
    assert story.tasks["unclear:l1"].due == at(5)
    story.tell(says(Answer.RECEIVED, proof=Proof.SIGNATURE, after=10))  # it does not say what the words said
    assert "unclear:l1" in story.tasks
    story.tell(says(Answer.INFORMATION, proof=Proof.STAFF, after=20))
    assert "unclear:l1" not in story.tasks


@pytest.mark.parametrize("code", ["automatic_reply", "read_receipt"])
def test_an_automatic_reply_or_a_read_receipt_is_shown_and_counts_for_nothing(code: str) -> None:
    story = told()
    clocks = dict(story.clocks)
    story.tell(MachineEvidence(at(3), "l1", code))
    assert story.leg().evidence[-1].code == code
    assert story.leg().acknowledgement is Acknowledgement.AWAITED
    assert story.clocks == clocks


def test_delivered_is_no_acknowledgement() -> None:
    story = told().tell(*news(News.KEPT, News.ACCEPTED, News.DELIVERED, code="250"))
    assert story.leg().delivery is Delivery.DELIVERED
    assert story.leg().evidence[-1].code == "delivered:250"
    assert story.leg().acknowledgement is Acknowledgement.AWAITED
    assert "remind:l1" in story.clocks


def test_a_bounce_days_after_delivered_is_a_task_with_a_telephone() -> None:
    story = told().tell(*news(News.ACCEPTED, News.DELIVERED), PacketNews(at(3000), "l1", News.BOUNCED, "5.1.1"))
    assert story.leg().failed
    assert story.tasks["telephone:l1"].due == at(60)


def test_mail_that_arrives_after_all_ends_the_telephone_task() -> None:
    story = told().tell(*news(News.HELD))
    assert "telephone:l1" in story.tasks
    story.tell(*news(News.KEPT))
    assert "telephone:l1" in story.tasks
    story.tell(*news(News.ACCEPTED))
    assert "telephone:l1" not in story.tasks


@pytest.mark.parametrize(
    "event",
    [says(Answer.INFORMATION, "l99"), MachineEvidence(at(1), "l99", "read_receipt"), *news(News.BOUNCED, leg="l99")],
)
def test_what_is_about_no_leg_of_the_case_changes_nothing(event: PacketNews | MachineEvidence) -> None:
    story = told()
    before = story.case
    story.tell(event)
    assert (story.case, story.effects) == (before, ())


def test_to_say_received_when_the_answer_is_late_already_leaves_it_somebodys_to_ring() -> None:
    story = told().run_out("answer:l1").tell(says(Answer.RECEIVED, after=300))
    assert "silent:l1" in story.tasks
    assert "silent:l1" not in story.tell(says(Answer.INFORMATION, after=310)).tasks


def test_so_it_does_where_no_mail_got_through_and_one_call_stands_for_both() -> None:
    story = told().tell(*news(News.BOUNCED)).run_out("answer:l1").tell(says(Answer.ACCEPT, after=300))
    assert {k for k in story.tasks if k.endswith(":l1")} == {"telephone:l1"}
    assert not [k for k in story.tell(says(Answer.INFORMATION, after=310)).tasks if k.endswith(":l1")]


def test_shares_of_a_working_day_fall_within_its_open_hours() -> None:
    rules = with_rules(calendar=OFFICE, unrated=rating("", "1wd", "2wd", "3wd"))
    story = Story(contact(child()), *news(News.ACCEPTED), rules=rules)
    assert story.clocks["remind:l1"] == at(23.5 * 60)  # half of today's seven hours and tomorrow's eight
    story.run_out("remind:l1")
    assert story.clocks["remind:l1"] == at(28 * 60)
    story.run_out("remind:l1")
    assert story.clocks["remind:l1"] == at(31 * 60)
    assert [k for k in story.letters if k.startswith("reminder:l1")] == ["reminder:l1:1", "reminder:l1:2"]
    story.run_out("remind:l1")
    assert "silent:l1" in story.tasks


def test_words_in_clear_that_prove_nothing_are_marked_as_received_insecurely_too() -> None:
    assert not told().tell(AnswerUnclear(at(5), "l1", "unproved")).case.legs[0].insecure
    story = told().tell(AnswerUnclear(at(5), "l1", "unproved", in_clear=True))
    assert story.case.legs[0].insecure
