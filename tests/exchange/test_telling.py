"""What an agency tells is read the same way by whatever way it came, and never becomes part of an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.event import Answered, AnswerUnclear
from exchange.case.lateral_check import NilPart, RecallConfirmed
from exchange.correspondence import Place
from exchange.placing import Placed, placed
from exchange.telling import Telling, by_mail, own_references
from mailflow.authenticity import Authenticity
from mailflow.evidence import Evidence
from mailflow.interpret import About, interpret
from mailflow.parsed_mail import ParsedMail
from tests.case.stories import RULES, Story, at, child, contact

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASE = Story(contact(child())).case
LEG = Place(About("leg", ("police.example",)), CASE, leg="l1", agencies=RULES.agencies)
PROVED = Authenticity("pass", (), "pass", "police.example", "police.example")


def mailed(text: str) -> Placed:
    """What a proved mail about the police's leg becomes."""
    e = Evidence(ParsedMail(text=text), PROVED)
    found = placed(interpret(e, LEG.about), LEG, e, "mail1", NOW)
    assert found is not None
    return found


def answered(text: str) -> Answered:
    found = mailed(text).event
    assert isinstance(found, Answered)
    return found


def test_typed_parts_and_labelled_lines_are_one_text() -> None:
    told = Telling("Nothing at all.", "PND", "name\nand birthday", "today")
    assert told.text == (
        "Systems searched: PND\nSearched on: name and birthday\nDate searched: today\nNothing at all."
    )
    assert told.missing(Answer.NOTHING_KNOWN) == ()
    assert Telling(told.text).missing(Answer.NOTHING_KNOWN) == ()
    assert Telling().missing(Answer.NOTHING_KNOWN) == tuple(NilPart)
    assert Telling().missing(Answer.DECLINE) == ()


def test_the_words_and_their_reference_are_sealed_bodies_and_no_part_of_the_event() -> None:
    text = "NOT KNOWN TO US\nSystems searched: PND\nOur ref: P/42\nMAY BE SHARED"
    found = mailed(text)
    assert found.event == replace(
        answered(text), contribution="mail1", nil_missing=("identifiers", "date"), released=True
    )
    assert "PND" not in repr(found.event) + repr(found)
    assert "P/42" not in repr(found.event) + repr(found)
    assert found.parts["own_reference:l1"] == b"P/42"
    assert found.parts["contribution:mail1"].decode() == text


def test_our_own_reference_given_back_is_not_theirs() -> None:
    assert by_mail(f"RECEIVED\nOur ref: {CASE.reference}", CASE).own_reference == ""


def test_the_reference_an_agency_gave_last_holds_for_all_its_legs() -> None:
    bodies = [("own_reference:l1", b"old"), ("words", b"x"), ("own_reference:l1", b"new"), ("own_reference:l9", b"y")]
    assert own_references(CASE, bodies) == {"police": "new"}


@pytest.mark.parametrize(
    ("text", "answer", "suggested"),
    [
        ("Not known, try housing", Answer.WRONG_AGENCY, "housing"),
        ("WRONG AGENCY, try housing", Answer.WRONG_AGENCY, "housing"),
        ("WRONG AGENCY, try the church", Answer.WRONG_AGENCY, ""),  # the task about it is read by a person anyway
        ("WRONG AGENCY", Answer.WRONG_AGENCY, ""),
        ("DECLINE not our area, try probation", Answer.DECLINE, "probation"),
        ("Wrong agency, try police", Answer.WRONG_AGENCY, ""),  # they are the police
        ("Not known", Answer.NOTHING_KNOWN, ""),
    ],
)
def test_a_suggestion_is_recorded_when_one_agency_is_plainly_meant(text: str, answer: Answer, suggested: str) -> None:
    event = answered(text)
    assert (event.answer, event.suggested) == (answer, suggested)


def test_what_is_told_in_clear_is_read_by_a_person() -> None:
    assert mailed("INFORMATION: try housing").event == AnswerUnclear(NOW, "l1", "more_said", in_clear=True)


@pytest.mark.parametrize("text", ["Not known, try the church", "Not known, try housing or probation"])
def test_not_known_with_a_suggestion_that_is_not_plain_is_read_by_a_person(text: str) -> None:
    found = mailed(text)
    assert found.event == AnswerUnclear(NOW, "l1", "unclear", in_clear=True)
    assert found.parts["words"].decode() == text


def test_deleted_confirms_a_recall_and_answers_nothing() -> None:
    assert mailed("DELETED").event == RecallConfirmed(NOW, "police", "l1", Proof.DKIM, "mail")


def test_words_for_a_leg_that_is_not_there_are_a_persons() -> None:
    e = Evidence(ParsedMail(text="DELETED"), PROVED)
    found = placed(interpret(e, LEG.about), replace(LEG, leg="l9"), e, "mail1", at())
    assert found is not None
    assert found.disposition == "holding_pen"
