"""A mail that belongs nowhere is shown beside the cases it may be about, and joins none of them by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange import guessing
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import AnswerUnclear, MachineEvidence
from exchange.case.mailbox import Address, Directory, Mailbox, Transport
from exchange.case.state import Case
from exchange.correspondence import Place
from exchange.guessing import _asked, _Found, _tokens
from exchange.placing import placed
from exchange.sent_again import references
from exchange.store import outbox
from exchange.store.database import Database, Scope
from exchange.tokens import searched
from mailflow.authenticity import Authenticity
from mailflow.evidence import Evidence
from mailflow.interpret import About, Machine
from mailflow.mime import read
from tests.case.stories import LOOK, NOW, Story, child, contact

SECRET = bytes(32)
PROVED = Authenticity("pass", (), "pass", "health.example", "health.example")
UNPROVED = replace(PROVED, aligned_domain="")
HUB = Scope("demo")


def evidence(authenticity: Authenticity = PROVED, lines: str = "") -> Evidence:
    return Evidence(read(f"From: ann.lee@health.example\r\n{lines}\r\nwords\r\n".encode()), authenticity)


def test_references_are_found_as_people_write_them() -> None:
    assert references("about mash-7k2f-9qxd, and (MASH-0000-AAAA); not MASH-12 or ABCD") == (
        "MASH-7K2F-9QXD",
        "MASH-0000-AAAA",
    )


def test_a_person_is_looked_for_by_each_name_with_each_year_and_place() -> None:
    text = "Concern: Quillon Notreal, born 1 April 2016, of Nowhere Lane ZZ9 9ZZ, and Perdita Notreal, 943 476 5919."
    tokens = set(_tokens(SECRET, text))
    for wanted in (
        searched(SECRET, "Quillon", "Notreal", "2016", "ZZ9 9ZZ"),
        searched(SECRET, "Perdita", "Notreal", "2016", "ZZ9 9ZZ"),
        searched(SECRET, nhs_number="9434765919"),
    ):
        assert wanted
        assert set(wanted) <= tokens


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["Ann Lee " * 50_000, "1999 " * 90_000, "ZZ9 9ZZ " * 50_000, "Aa'Bb-Cc" * 60_000])
def test_a_long_text_is_looked_up_within_bounds(text: str) -> None:
    assert len(set(_tokens(SECRET, text[: guessing.LONGEST]))) < 4000


CASE = Story(contact(child()), LOOK).case
HEALTH = next(leg for leg in CASE.legs if leg.agency == "health")
DIRECTORY = Directory(
    (Mailbox("health-1", "health", Address("duty@health.example"), (Transport.PICKUP,), "01632 960123"),)
)


def asked_of(e: Evidence, *cases: Case) -> dict[str, int]:
    found = _Found()
    _asked(cases, DIRECTORY, e, found)
    return found.weights


def test_a_case_whose_sender_was_asked_and_has_not_answered_is_a_weak_guess() -> None:
    assert asked_of(evidence(UNPROVED), CASE) == {CASE.id: 2}
    assert asked_of(evidence(PROVED), CASE) == {CASE.id: 3}
    answered = CASE.with_leg(replace(HEALTH, answered_at=NOW))
    assert asked_of(evidence(), answered, CASE.with_leg(replace(HEALTH, shut_out=True))) == {}
    assert asked_of(replace(evidence(), mail=read(b"From: x@elsewhere.example\r\n\r\n")), CASE) == {}


async def test_a_letter_that_is_answered_is_the_strongest_guess(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        await outbox.put(tx, "o1", "case1", SendLetter("packet:l1", Letter.PACKET, "l1"), NOW)
        await outbox.claim(tx, NOW, NOW, "w1", 1)
        await outbox.keep(tx, "o1", "w1", outbox.Kept("health-1", "", "notice", "<one@hub.example>", b"x"))
        found = _Found()
        for line in ("In-Reply-To: <one@hub.example>\r\n", "References: <a@hub.example> <one@hub.example>\r\n"):
            await guessing._answered(tx, evidence(lines=line), found)
        assert (found.weights, [*found.why["case1"]]) == ({"case1": 10}, ["it names a letter of ours"])
        await guessing._answered(tx, evidence(lines="In-Reply-To: <other@hub.example>\r\n"), found)
        assert list(found.weights) == ["case1"]


def test_a_report_at_an_address_for_answers_is_a_persons_to_read() -> None:
    leg = CASE.legs[0].id
    found = placed(Machine("failed", "5.1.1"), Place(About("leg"), CASE, leg=leg), evidence(), "m1", NOW)
    assert found is not None
    assert found.event == AnswerUnclear(NOW, leg, "report")
    for kind in ("referrer", "contact"):
        elsewhere = placed(Machine("failed"), Place(About(kind), CASE), evidence(), "m1", NOW)
        assert elsewhere is not None
        assert elsewhere.task is TaskKind.REPORT_ASTRAY
    away = placed(Machine("automatic_reply"), Place(About("leg"), CASE, leg=leg), evidence(), "m1", NOW)
    assert away is not None
    assert isinstance(away.event, MachineEvidence)
