"""A packet that was sent in error comes back: withdrawn before it leaves, or deleted by a person who says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer, Proof, Responded
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import AgencyAsked, ClockRanOut, Event, LetterNews, PacketNews
from exchange.case.lateral_check import NilPart, Recall, RecallConfirmed, Recalled
from exchange.case.product import ProductDrafted, ProductReleased, Purpose
from exchange.case.recalling import holds_more
from exchange.case.step import CannotHappen
from tests.case.stories import CLOSE, CLOSE_ANYWAY, LOOK, Story, at, child, contact, decides, nil_return, rates, says

RECALL = Recalled(at(20), "duty-1", "l1")


def news(heard: News, after: float = 10) -> PacketNews:
    return PacketNews(at(after), "l1", heard, "250")


def deleted(proof: Proof = Proof.PAGE, after: float = 40, leg: str = "l1") -> RecallConfirmed:
    return RecallConfirmed(at(after), "police", leg, proof, "page")


def told(*events: Event) -> Story:
    return Story(contact(child()), *events)


def sent(*events: Event) -> Story:
    return told(news(News.ACCEPTED), *events)


@pytest.mark.parametrize("before", [(), (News.KEPT,), (News.HELD,), (News.DEFERRED,), (News.REFUSED,)])
def test_a_packet_that_never_left_is_withdrawn_and_needs_no_confirmation(before: tuple[News, ...]) -> None:
    story = told(*(news(heard) for heard in before), RECALL)
    assert story.leg().recall is Recall.WITHDRAWN
    assert story.leg().delivery is Delivery.WITHDRAWN
    assert "packet:l1" not in story.waiting
    assert "packet:l2" in story.waiting
    assert "recall:l1" not in {*story.letters, *story.clocks}
    assert not story.leg().owing
    assert {"remind:l1", "answer:l1"}.isdisjoint(story.clocks)
    assert "telephone:l1" not in story.tasks


@pytest.mark.parametrize(
    "before",
    [
        (news(News.ACCEPTED),),
        (news(News.DELIVERED),),
        (news(News.BOUNCED),),
        (news(News.UNCERTAIN, 5), news(News.DEFERRED)),  # perhaps taken the first time
        (says(Answer.RECEIVED),),  # somebody has it, whatever the servers say
    ],
)
def test_a_packet_that_may_have_left_is_asked_back_with_a_clock(before: tuple[Event, ...]) -> None:
    story = told(*before, RECALL)
    assert story.leg().recall is Recall.RECALLED
    assert story.waiting["recall:l1"].letter is Letter.RECALL
    assert story.clocks["recall:l1"] == story.leg().recall_due == at(20 + 60)
    assert {"remind:l1", "answer:l1"}.isdisjoint(story.clocks)


def test_recalling_one_packet_leaves_another_whose_name_begins_alike() -> None:
    story = Story(contact(*(child(f"s{n}") for n in range(1, 5))))
    story.waiting["packet:l10"] = story.waiting["packet:l1"]
    story.tell(RECALL)
    assert "packet:l10" in story.waiting
    assert "packet:l1" not in story.waiting


def test_a_packet_withdrawn_while_it_was_handed_over_is_asked_back_after_all() -> None:
    story = told(RECALL, news(News.KEPT, 21), news(News.ACCEPTED, 22))
    assert story.leg().recall is Recall.RECALLED
    assert story.leg().delivery is Delivery.ACCEPTED
    assert "recall:l1" in story.waiting
    assert story.clocks["recall:l1"] == at(22 + 60)


def test_a_recall_nobody_confirms_is_rung_about_again_and_again() -> None:
    story = sent(RECALL).run_out("recall:l1", "recall:l1")
    assert story.tasks["unconfirmed_recall:l1"].kind is TaskKind.UNCONFIRMED_RECALL
    assert story.clocks["recall:l1"] == at(80 + 2 * 60)
    story.tell(deleted(after=300))
    assert story.leg().recall is Recall.CONFIRMED
    assert "unconfirmed_recall:l1" not in story.tasks
    assert "recall:l1" not in story.clocks
    assert story.tell(ClockRanOut(at(400), "recall:l1")).effects == ()


def test_a_recall_is_rung_about_in_a_closed_case_too() -> None:
    story = sent(RECALL, CLOSE_ANYWAY).run_out("recall:l1")
    assert TaskKind.UNCONFIRMED_RECALL in story.kinds()
    assert sent(CLOSE_ANYWAY, Recalled(at(2100), "duty-1", "l1")).leg().recall is Recall.RECALLED


def test_a_case_does_not_close_over_an_unconfirmed_recall() -> None:
    rest = (says(Answer.INFORMATION, "l2"), says(Answer.INFORMATION, "l3"), LOOK, rates("s1", "green"), decides())
    story = sent(RECALL, *rest)
    with pytest.raises(CannotHappen, match="has not confirmed"):
        story.tell(CLOSE)
    with pytest.raises(CannotHappen, match="referrer has not been told"):
        story.tell(deleted(), CLOSE)


def test_a_crossing_answer_is_kept_and_counts_and_asks_for_nothing() -> None:
    story = sent(RECALL, nil_return((NilPart.DATE,), after=25))
    assert story.leg().unqualified
    assert "unqualified:l1:1" not in story.letters
    story.tell(says(Answer.INFORMATION, after=30), says(Answer.DECLINE, after=35), says(Answer.ACCEPT, after=37))
    assert story.leg().response is Responded.ACCEPTED
    assert story.leg().acknowledged_at == at(25)
    assert "answer:l1" not in story.clocks
    story.tell(deleted())
    assert story.leg().response is Responded.ACCEPTED


def test_silence_of_a_recalled_agency_is_none() -> None:
    story = sent(RECALL)
    before = story.case
    story.tell(ClockRanOut(at(90), "remind:l1"), ClockRanOut(at(300), "answer:l1"), rates("s1", "red", after=310))
    assert story.leg() == before.legs[0]
    assert {"remind:l1", "answer:l1"}.isdisjoint(story.clocks)


def test_nobody_rings_to_deliver_what_was_asked_back() -> None:
    story = sent(RECALL, news(News.BOUNCED, 30))
    assert "telephone:l1" not in story.tasks
    assert story.leg().recall is Recall.RECALLED


@pytest.mark.parametrize("proof", [Proof.PAGE, Proof.DKIM, Proof.SIGNATURE, Proof.STAFF])
def test_a_person_confirms_by_whatever_way(proof: Proof) -> None:
    story = sent(RECALL, deleted(proof), deleted(proof))
    assert story.leg().recall is Recall.CONFIRMED
    assert [s.code for s in story.leg().evidence].count("said:deleted") == 1


@pytest.mark.parametrize("event", [deleted(Proof.NONE), deleted(Proof.NONE, leg="l9")])
def test_an_unproved_deletion_confirms_nothing(event: RecallConfirmed) -> None:
    story = sent(RECALL)
    before = story.case
    story.tell(event)
    assert replace(story.case, unread=()) == before
    assert ("unclear:l1" in story.tasks) is (event.leg == "l1")


def test_who_deletes_what_nobody_asked_back_is_rung() -> None:
    story = sent(deleted())
    assert story.leg().recall is Recall.NONE
    assert story.leg().owing
    assert "unclear:l1" in story.tasks


def test_a_late_deletion_of_what_never_left_changes_nothing() -> None:
    assert told(RECALL, deleted()).leg().recall is Recall.WITHDRAWN


def test_an_agency_whose_packet_was_recalled_may_be_asked_anew() -> None:
    story = sent(RECALL, AgencyAsked(at(50), "duty-1", "police", ("s1",)))
    assert story.leg("l4").agency == "police"


@pytest.mark.parametrize(
    ("before", "event", "says_so"),
    [
        ((RECALL,), RECALL, "recalled already"),
        ((news(News.ACCEPTED), RECALL), RECALL, "recalled already"),
        ((news(News.ACCEPTED), RECALL, deleted()), RECALL, "recalled already"),
        ((), Recalled(at(20), "duty-1", "l9"), "no leg “l9”"),
    ],
)
def test_what_cannot_be_recalled_is_refused_and_changes_nothing(
    before: tuple[Event, ...], event: Event, says_so: str
) -> None:
    story = told(*before)
    case = story.case
    with pytest.raises(CannotHappen, match=says_so):
        story.tell(event)
    assert story.case == case


@pytest.mark.parametrize("arrived", [True, False])
def test_what_the_agency_has_beside_the_packet_is_said_to_the_desk(arrived: bool) -> None:
    """It is asked to delete the packet alone: the product, with the same child's name in it, would stay unsaid."""
    drafted = ProductDrafted(at(5), "duty-1", "p1", "v1", ("s1",), ("police", "health"), ())
    goes = ProductReleased(at(6), "manager-1", "p1", "v1", Purpose.SAFEGUARD_CHILD)
    story = sent(drafted, goes)
    for copy in story.case.disclosures:
        story.tell(LetterNews(at(7), Letter.PRODUCT, copy.id, News.ACCEPTED if arrived else News.DEFERRED))
    story.tell(RECALL)
    mine = next(x.id for x in story.case.disclosures if x.recipient == "police")
    assert holds_more(story.case, story.leg()) == ((mine,) if arrived else ())
    assert ("holds_more:l1" in story.tasks) is arrived
