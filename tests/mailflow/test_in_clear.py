"""A mail in clear counts as an answer only where it says nothing more than the answer: a person reads the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed
from mailflow.evidence import Evidence
from mailflow.interpret import Said, Unclear, interpret
from mailflow.parsed_mail import ParsedMail
from mailflow.reply_text import own_words
from tests.mailflow.heard import LEG, PIN, PROVED


def in_clear(words: str) -> Evidence:
    return Evidence(ParsedMail(text=words), PROVED)


MACHINES = [
    "INFORMATION: Known faults are listed on the status page. The records team has been told.",
    "INFORMATION: from 1 December this team is called Families First.",
    "Info: your concern was given to the duty officer, who looks at it in turn.\n\nAnn Lee\nTeam Manager",
    "INTERIM: Sam Taylor covers this post until a new lead begins.",
    "DECLINE\n\nThe file type .asc is against the policy of this organisation.",
    "Declined. No purchase order stands on it.",
    "Declined: the calendar of Room 4 is full then.",
    "Not known. The person you wrote to does not work here.",
    "No record. A reference of nine digits is needed to find yours.",
    "Nothing known about a fault in your area. Engineers are at work in Otherton.",
    "No information held matches these words. Make the search wider.",
    "Nil return submitted for this month.\n\nPayroll",
    "WRONG AGENCY chosen: begin again at the first page.",
    "RECEIVED\n\nAnn Lee\n27/11/2026 10:02:03",
    "Received\n\nAnn Lee\nOpened: -",
    "NOT KNOWN TO US\n\nSearched: (which systems)\nSearched on: (names)\n\nAnn Lee\nDuty Manager",
    "Deleted by the rule that keeps nothing longer than thirty days.",
    "Deleted from the list at your own wish.",
]


@pytest.mark.parametrize("words", MACHINES)
def test_what_a_machine_or_a_notice_says_in_clear_is_read_first(words: str) -> None:
    assert isinstance(interpret(in_clear(words), LEG), Unclear)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("DECLINE not our area", "decline"),
        ("Sorry, we decline, no capacity this week.\n\nAnn Lee\nDuty nurse", "decline"),
        ("We have to decline: already open to us.\nAnn Lee", "decline"),
        ("NOT KNOWN TO US", "nothing_known"),
        ("Nothing known of this family. Checked our list by name and birthday.\nAnn Lee", "nothing_known"),
        ("Good morning,\nNot known to Otherton Housing.\nAnn Lee\nAdministrator", "nothing_known"),
        (
            "NOT KNOWN TO US\nSystems searched: Niche, PND\nSearched on: both names\nDate searched: today\n"
            "Our ref: A/1\n\nPC 4471 Ann LEE",
            "nothing_known",
        ),
        ("WRONG AGENCY try Otherton Housing, 01632 960111\n\nAnn Lee", "wrong_agency"),
        ("Deletion confirmed.\nAnn Lee", "deleted"),
        ("Recieved thx\n\nAnn Lee", "received"),
        ("Accpet\nDC 1193 Ann Lee", "accept"),
        ("Bore da,\n\nReceived, diolch.\n\nAnn Lee (she/her)", "received"),
        # Whoever writes so, somebody rings: it stops no clock.
        ("I cannot open the attachment, it says that it is damaged.", "cannot_open"),
        ("Wrong person, I do housing benefit.", "wrong_person"),
    ],
)
def test_an_answer_that_stands_alone_counts(words: str, answer: str) -> None:
    said = interpret(in_clear(words), LEG)
    assert isinstance(said, Said)
    assert (said.answer, said.proof) == (answer, Proof.DKIM)


FREE = [
    ("INFORMATION: seen twice in May", "information"),
    ("INTERIM: full answer by Friday", "interim"),
    ("DECLINE the family moved to Otherton in June", "decline"),
]
TOLD_BESIDE = [
    "NOT KNOWN TO US\nSystems searched: Niche; the brother is known to us for assault, please ring",
    "NOT KNOWN TO US\nSystems searched: none, our system is down\nSearched on: name\nDate searched: today",
    "NOT KNOWN TO US\nSystems searched: SystmOne - his sister was injured in March, ring me",
    "NOT KNOWN TO US\nSearched Niche, where his brother stands for assault.\nAnn Lee",
    "Not known to us, and our records begin in 2020",
    "Not known to us.\nThe school nurse saw a bruise on Monday.\nAnn Lee",
]


@pytest.mark.parametrize("words", TOLD_BESIDE)
def test_what_is_told_beside_a_search_that_found_nothing_is_read_however_it_came(words: str) -> None:
    for e in (in_clear(words), replace(in_clear(words), signer=Signed(PIN))):
        assert isinstance(interpret(e, LEG), Unclear)


@pytest.mark.parametrize(("words", "answer"), FREE)
def test_what_is_told_freely_counts_sealed_or_signed_and_else_is_read_first(words: str, answer: str) -> None:
    assert interpret(in_clear(words), LEG) == Unclear("more_said", words)
    signed = replace(in_clear(words), signer=Signed(PIN))
    sealed = replace(in_clear(""), inner=ParsedMail(text=words))
    for e in (signed, sealed):
        said = interpret(e, LEG)
        assert isinstance(said, Said)
        assert said.answer == answer


@pytest.mark.parametrize("start", ["No record", "No information held", "No records", "Nil return"])
def test_what_any_search_form_says_is_read_first_whoever_is_named(start: str) -> None:
    words = f"{start}.\nAnn Lee"
    assert interpret(in_clear(words), LEG) == Unclear("more_said", words)
    assert isinstance(interpret(replace(in_clear(words), signer=Signed(PIN)), LEG), Said)


RULED = (
    "Received\n\nDS 2291 Ann Lee\n____________________\nFibshire Constabulary. This e-mail is intended for the "
    "addressee only. Unauthorised disclosure may be an offence. Our systems are monitored."
)


def test_below_a_drawn_line_a_disclaimer_may_begin_with_whose_it_is() -> None:
    assert isinstance(interpret(in_clear(RULED.replace("This e-mail", "My call")), LEG), Unclear)
    assert "Constabulary" not in own_words(RULED)
    assert isinstance(interpret(in_clear(RULED), LEG), Said)
