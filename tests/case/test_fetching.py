"""A letter that waits to be fetched: its clock, what being fetched means, and who acts when nobody comes."""

from __future__ import annotations

from exchange.case.acknowledgement import Acknowledgement
from exchange.case.delivery import FELL, NO_TLS, Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import LetterNews, PacketNews
from exchange.case.mailbox import PassedOver, Transport
from tests.case.stories import Story, at, child, contact

PASSED = (PassedOver(Transport.SMIME, "key_expired"),)


def told(*news: PacketNews | LetterNews) -> Story:
    return Story(contact(child()), *news)


def kept(transport: Transport = Transport.PICKUP) -> PacketNews:
    until = at(20160) if transport is Transport.PICKUP else None
    return PacketNews(at(1), "l1", News.KEPT, transport=transport, passed=PASSED, until=until)


def test_the_leg_tells_by_which_transport_it_went_and_what_was_passed_over() -> None:
    leg = told(kept(Transport.OPENPGP_ATTACHMENT), PacketNews(at(2), "l1", News.ACCEPTED, "250")).leg()
    assert (leg.transport, leg.passed_over) == ("openpgp-attachment", PASSED)
    held = told(PacketNews(at(1), "l1", News.HELD, "key_expired", passed=PASSED)).leg()
    assert (held.transport, held.passed_over, held.failed) == ("", PASSED, True)


def test_fetched_is_evidence_and_acknowledges_nothing() -> None:
    story = told(kept(), PacketNews(at(2), "l1", News.ACCEPTED), PacketNews(at(30), "l1", News.FETCHED))
    leg = story.leg()
    assert leg.delivery is Delivery.FETCHED
    assert leg.acknowledgement is Acknowledgement.AWAITED
    assert "remind:l1" in story.clocks
    assert "fetch:packet:l1" not in story.clocks


def test_what_nobody_fetches_in_time_is_rung_about() -> None:
    story = told(kept(), PacketNews(at(2), "l1", News.ACCEPTED))
    assert story.clocks["fetch:packet:l1"] == at(20160)
    assert TaskKind.TELEPHONE_AGENCY not in story.kinds()
    story.run_out("fetch:packet:l1")
    assert story.leg().delivery is Delivery.EXPIRED
    assert "telephone:l1" in story.tasks


def test_a_letter_that_is_no_packet_waits_as_long_and_is_rung_about_too() -> None:
    letter = LetterNews(at(3), Letter.UNQUALIFIED, "l1", News.ACCEPTED, transport=Transport.PICKUP, until=at(500))
    story = told(letter)
    assert story.clocks["fetch:unqualified:l1"] == at(500)
    story.run_out("fetch:unqualified:l1")
    assert TaskKind.LETTER_FAILED in story.kinds()
    story = told(letter, LetterNews(at(4), Letter.UNQUALIFIED, "l1", News.FETCHED))
    assert "fetch:unqualified:l1" not in story.clocks


def test_what_went_by_mail_has_no_such_clock() -> None:
    assert not [name for name in told(kept(Transport.OPENPGP)).clocks if name.startswith("fetch")]


def test_a_transport_that_fails_before_the_wire_makes_no_task_for_the_letter_goes_by_the_next() -> None:
    fell = PacketNews(at(2), "l1", News.HELD, f"{FELL}key_expired", transport=Transport.OPENPGP)
    story = told(kept(Transport.OPENPGP), fell)
    assert story.leg().delivery is Delivery.TO_SEAL
    assert TaskKind.TELEPHONE_AGENCY not in story.kinds()
    letter = LetterNews(at(2), Letter.UNQUALIFIED, "l1", News.HELD, f"{FELL}key_expired")
    assert TaskKind.LETTER_FAILED not in told(letter).kinds()


def test_tls_that_was_agreed_and_is_not_there_is_rung_about_at_once() -> None:
    story = told(kept(Transport.TLS), PacketNews(at(2), "l1", News.DEFERRED, NO_TLS))
    assert "telephone:l1" in story.tasks
    assert "telephone:l1" not in told(kept(Transport.TLS), PacketNews(at(2), "l1", News.DEFERRED, "451")).tasks
    story.tell(PacketNews(at(9), "l1", News.ACCEPTED, "250"))
    assert "telephone:l1" not in story.tasks
