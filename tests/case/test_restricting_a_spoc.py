"""One person of an agency must not see a case: the agency is asked through others, or a person chooses whom."""

from __future__ import annotations

import pytest

from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import Event, LetterNews, PacketNews
from exchange.case.lateral_check import Recalled
from exchange.case.restriction import Kind, Restricted, RestrictionLifted, Why
from tests.case.stories import Story, at, child, contact


def restricted(*legs: str, after: float = 8) -> Restricted:
    return Restricted(at(after), "duty-1", Kind.SPOC, "police-mash-1", Why.OWN_FAMILY, legs)


def packet(news: News, code: str = "", after: float = 5) -> PacketNews:
    return PacketNews(at(after), "l1", news, code)


def told(*events: Event) -> Story:
    return Story(contact(child()), *events)


def test_the_agency_is_asked_all_the_same_and_its_clocks_run() -> None:
    story = told(restricted())
    assert story.case.spocs_shut_out == {"police-mash-1"}
    assert not story.case.shuts_out("police")
    assert not story.leg().shut_out
    assert story.waiting == told().waiting
    assert story.clocks == told().clocks
    story.tell(RestrictionLifted(at(20), "manager-1", Kind.SPOC, "police-mash-1"))
    assert story.case.spocs_shut_out == frozenset()


def test_what_they_have_already_has_to_be_recalled() -> None:
    story = told(packet(News.ACCEPTED), restricted("l1", "l2"))
    assert story.tasks["shut_out:l1"].kind is TaskKind.SHUT_OUT_HOLDS
    assert "shut_out:l2" not in story.tasks  # it never left
    assert TaskKind.SHUT_OUT_HOLDS not in told(packet(News.ACCEPTED), restricted()).kinds()  # a colleague's has it
    assert (
        TaskKind.SHUT_OUT_HOLDS
        not in told(packet(News.ACCEPTED), Recalled(at(6), "duty-1", "l1"), restricted("l1")).kinds()
    )


def test_a_packet_that_was_sealed_for_them_is_sealed_anew_for_the_next_mailbox() -> None:
    stopped = packet(News.HELD, "gate:another_mailbox", 10)
    story = told(packet(News.KEPT), restricted(), stopped)
    assert story.effects == (SendLetter("packet:l1:1", Letter.PACKET, "l1"),)
    assert story.leg().delivery is Delivery.TO_SEAL
    story.tell(packet(News.HELD, "gate:another_mailbox", 12))
    assert story.effects == (SendLetter("packet:l1:2", Letter.PACKET, "l1"),)
    story.tell(Recalled(at(20), "duty-1", "l1"))
    assert not [key for key in story.waiting if key.startswith("packet:l1")]


@pytest.mark.parametrize(
    "before",
    [
        Recalled(at(9), "duty-1", "l1"),
        Restricted(at(9), "duty-1", Kind.AGENCY, "police", Why.CONFLICT),
    ],
)
def test_nothing_is_sealed_anew_of_which_nothing_is_expected(before: Event) -> None:
    story = told(packet(News.KEPT), before, packet(News.HELD, "gate:another_mailbox", 10))
    assert "packet:l1:1" not in story.letters


@pytest.mark.parametrize("why", ["no_other_mailbox", "gate:no_other_mailbox"])
def test_without_another_mailbox_a_person_chooses_another_recipient_and_nobody_rings_the_agency(why: str) -> None:
    story = told(restricted(), packet(News.HELD, why, 10))
    task = story.tasks["another:police"]
    assert (task.kind, task.about) == (TaskKind.ANOTHER_RECIPIENT, "police")
    assert "telephone:l1" not in story.tasks


def test_so_it_is_with_every_other_letter_to_the_agency() -> None:
    story = told(LetterNews(at(10), Letter.STEPPED, "l1", News.HELD, "no_other_mailbox"))
    assert story.tasks["another:police"].kind is TaskKind.ANOTHER_RECIPIENT
    assert "letter:stepped:l1" not in story.tasks
