"""A team that is away or silent has a deputy, who is given the packet once and answers for all."""

from __future__ import annotations

import pytest

from exchange.case.acknowledgement import Acknowledgement, Answer, Proof, Responded
from exchange.case.delivery import Delivery, News
from exchange.case.deputising import ask_deputy
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import Event, LetterNews, MachineEvidence, PacketNews
from exchange.case.lateral_check import Recall, RecallConfirmed, Recalled
from exchange.case.restriction import Kind, Restricted, Why
from tests.case.stories import CLOSE_ANYWAY, Story, at, child, contact, rates, says

RECALL = Recalled(at(20), "duty-1", "l1")
SHUT_OUT = Restricted(at(30), "duty-1", Kind.AGENCY, "police", Why.CONFLICT)


def away(
    after: float = 10, code: str = "automatic_reply", leg: str = "l1", letter: str = "packet"
) -> MachineEvidence:
    return MachineEvidence(at(after), leg, code, letter)


def deputys(news: News, after: float = 12, code: str = "", leg: str = "l1") -> LetterNews:
    return LetterNews(at(after), Letter.DEPUTY, leg, news, code)


def told(*events: Event) -> Story:
    return Story(contact(child()), *events)


def test_an_automatic_reply_is_no_acknowledgement_and_the_deputy_gets_the_packet_at_once() -> None:
    before = told()
    story = told(away())
    assert story.effects == (SendLetter("deputy:l1", Letter.DEPUTY, "l1"),)
    assert story.leg().acknowledgement is Acknowledgement.AWAITED
    assert story.leg().deputy_asked_at == at(10)
    assert story.clocks == before.clocks  # the agency's clocks run on
    assert [s.code for s in story.leg().evidence] == ["automatic_reply"]


def test_the_deputy_is_asked_once_whoever_asks() -> None:
    story = told(away(), away(11))
    assert story.effects == ()
    assert ask_deputy(story.case, story.leg(), at(50)).effects == ()
    assert ask_deputy(told().case, told().leg("l2"), at(50)).effects == (
        SendLetter("deputy:l2", Letter.DEPUTY, "l2"),
    )


@pytest.mark.parametrize(
    "events",
    [
        (away(code="read_receipt"),),
        (says(Answer.RECEIVED), away(20)),  # a person has it in hand
        (RECALL, away(30)),
        (SHUT_OUT, away(40)),
        (CLOSE_ANYWAY, away(3000)),
        (away(leg="l9"),),
    ],
)
def test_no_deputy_is_asked_when_nothing_is_to_be_asked(events: tuple[Event, ...]) -> None:
    assert "deputy:l1" not in told(*events).letters


def test_the_first_person_who_answers_stops_the_clock_and_the_others_waiting_copy_is_withdrawn() -> None:
    story = told(PacketNews(at(1), "l1", News.ACCEPTED), away(), says(Answer.RECEIVED, after=15))
    assert "deputy:l1" not in story.waiting
    assert "remind:l1" not in story.clocks


def test_the_deputys_copy_goes_out_when_it_is_the_only_one_whoever_answered_by_telephone() -> None:
    story = told(PacketNews(at(1), "l1", News.BOUNCED), away(), says(Answer.RECEIVED, after=15, proof=Proof.STAFF))
    assert "deputy:l1" in story.waiting


def test_what_the_deputy_says_counts_for_the_agency() -> None:
    story = told(away(), deputys(News.ACCEPTED), says(Answer.WRONG_AGENCY, after=40, proof=Proof.DKIM))
    assert story.leg().acknowledged_at == at(40)
    assert story.leg().response is Responded.WRONG_AGENCY


@pytest.mark.parametrize(
    "news",
    [deputys(News.HELD, code="no_deputy"), deputys(News.REFUSED, code="550"), deputys(News.BOUNCED, code="5.1.1")],
)
def test_a_deputy_who_cannot_be_written_to_is_a_telephone_task_until_somebody_answers(news: LetterNews) -> None:
    story = told(away(), news)
    assert story.tasks["no_deputy:l1"].kind is TaskKind.NO_DEPUTY
    assert f"deputy:{news.news}:{news.code}" in {s.code for s in story.leg().evidence}
    assert story.leg().delivery is Delivery.TO_SEAL  # the mail to the team is another matter
    assert "no_deputy:l1" not in story.tell(says(Answer.RECEIVED, after=20)).tasks


def test_a_letter_that_reaches_the_deputy_after_all_ends_the_task() -> None:
    story = told(away(), deputys(News.BOUNCED), deputys(News.ACCEPTED, 14))
    assert "no_deputy:l1" not in story.tasks


def test_nobody_rings_about_a_deputys_letter_once_the_team_has_answered() -> None:
    assert told(away(), says(Answer.RECEIVED, after=15), deputys(News.BOUNCED, 20)).tasks == told().tasks


def test_a_deputy_who_is_away_too_is_a_telephone_task() -> None:
    story = told(away(), deputys(News.ACCEPTED), away(20, letter="deputy"))
    assert story.kinds() >= {TaskKind.NO_DEPUTY}


@pytest.mark.parametrize("end", [RECALL, SHUT_OUT])
def test_an_absence_notice_of_a_deputy_asks_nothing_once_nothing_is_expected(end: Event) -> None:
    story = told(away(), deputys(News.ACCEPTED), end, away(50, letter="deputy"))
    assert TaskKind.NO_DEPUTY not in story.kinds()


def test_a_packet_is_asked_back_from_the_deputy_too() -> None:
    story = told(away(), deputys(News.ACCEPTED), RECALL)
    assert story.leg().recall is Recall.RECALLED  # although the team's own never left
    assert story.waiting["recall:l1"] == SendLetter("recall:l1", Letter.RECALL, "l1")
    assert story.waiting["recall:l1:deputy"] == SendLetter("recall:l1:deputy", Letter.RECALL, "l1/deputy")
    story.tell(LetterNews(at(30), Letter.RECALL, "l1/deputy", News.BOUNCED))
    assert "letter:recall:l1/deputy" in story.tasks
    story.tell(RecallConfirmed(at(40), "police", "l1", Proof.PAGE, "page"))
    assert "letter:recall:l1/deputy" not in story.tasks


def test_a_deputys_letter_that_was_not_withdrawn_in_time_is_asked_back() -> None:
    story = told(away(), RECALL)
    assert "deputy:l1" not in story.waiting
    assert story.leg().recall is Recall.WITHDRAWN
    story.tell(deputys(News.ACCEPTED, 25))
    assert story.leg().recall is Recall.RECALLED
    assert "recall:l1:deputy" in story.waiting


def test_an_agency_that_is_shut_out_has_no_deputy_either() -> None:
    story = told(PacketNews(at(1), "l1", News.KEPT), away(), SHUT_OUT)
    assert "deputy:l1" not in story.waiting
    story.tell(deputys(News.BOUNCED, 40))
    assert TaskKind.NO_DEPUTY not in story.kinds()


def test_a_letter_that_reached_a_deputy_who_is_shut_out_has_to_be_recalled() -> None:
    story = told(away(), SHUT_OUT, deputys(News.ACCEPTED, 35))
    assert story.tasks["shut_out:l1"].kind is TaskKind.SHUT_OUT_HOLDS


def test_news_of_a_letter_about_no_leg_changes_nothing() -> None:
    story = told()
    assert story.tell(deputys(News.ACCEPTED, leg="l9")).case == told().case


@pytest.mark.parametrize(
    ("team", "deputy", "told_of_it"),
    [
        (News.REFUSED, News.ACCEPTED, {"l1/deputy"}),
        (News.ACCEPTED, News.ACCEPTED, {"l1", "l1/deputy"}),
        (News.ACCEPTED, News.REFUSED, {"l1"}),
        (News.REFUSED, News.REFUSED, set()),
    ],
)
def test_each_who_has_the_packet_learns_of_new_times(team: News, deputy: News, told_of_it: set[str]) -> None:
    story = told(PacketNews(at(2), "l1", team), away(), deputys(deputy), rates())
    stepped = [letter for key, letter in story.waiting.items() if key.startswith("stepped:l1:")]
    assert {letter.about for letter in stepped} == told_of_it
    story.tell(rates(code="green", after=30))
    assert len([key for key in story.waiting if key.startswith("stepped:l1:")]) == len(told_of_it)
