"""An outcome or a challenge is read where the first line plainly says so; everything else is a person's to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.case import outcome
from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed
from mailflow import interpret as meanings
from mailflow.authenticity import Authenticity
from mailflow.evidence import Evidence
from mailflow.interpret import About, Unclear, interpret
from mailflow.outcome_words import _ROWS, read_challenge, read_outcome
from mailflow.parsed_mail import ParsedMail

LEG = About("leg", ("health.example",), frozenset({"A" * 40}))
REFERRER = About("referrer")
PROVED = Authenticity("pass", (), "pass", "health.example", "health.example")
UNPROVED = Authenticity("pass", (), "fail", "health.example", "")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("OUTCOME: early help started", "early_help"),
        ("Outcome: Family help offered and agreed.", "early_help"),
        ("OUTCOME - single assessment started", "assessment"),
        ("OUTCOME: section 17 assessment", "assessment"),
        ("outcome: s47 enquiry started", "section_47"),
        ("OUTCOME: no further action", "nfa"),
        ("OUTCOME: NFA", "nfa"),
        ("OUTCOME: information and advice given", "advice"),
        ("OUTCOME: risk reduced", "reduced"),
        ("OUTCOME: the risk was removed", "removed"),
        ("OUTCOME: risk remains", "remained"),
        ("OUTCOME: no risk identified", "none_none"),
        ("OUTCOME: ceased at the adult’s request", "ceased"),
        ("OUTCOME: transferred to Shamborough", "transfer"),
        ("\n\n  OUTCOME: MARAC on Thursday", "marac"),
    ],
)
def test_plain_outcomes_are_read(said: str, code: str) -> None:
    found = read_outcome(said)
    assert found
    assert (found.code, found.subject, found.every) == (code, "", False)


@pytest.mark.parametrize(
    "said",
    [
        "OUTCOME: risk not reduced",
        "OUTCOME: early help refused by the family",
        "OUTCOME: early help or assessment",
        "OUTCOME: early help, then assessment",
        "OUTCOME: assessment if she agrees",
        "OUTCOME: early help?",
        "OUTCOME: awaiting assessment",
        "OUTCOME: it all went well",
    ],
)
def test_what_is_not_plain_has_no_code(said: str) -> None:
    found = read_outcome(said)
    assert found
    assert found.code == ""


@pytest.mark.parametrize(
    ("said", "subject", "every"),
    [
        ("OUTCOME 2: NFA", "s2", False),
        ("OUTCOME for s2: NFA", "s2", False),
        ("OUTCOME ALL: NFA", "", True),
        ("Outcome for both: NFA", "", True),
    ],
)
def test_of_whom_it_is(said: str, subject: str, every: bool) -> None:
    found = read_outcome(said)
    assert found
    assert (found.code, found.subject, found.every) == ("nfa", subject, every)


@pytest.mark.parametrize(
    "said", ["", "RECEIVED", "The outcome: nothing", "Outcomes vary", "OUTCOME", "We accept\nOUTCOME: NFA"]
)
def test_other_words_tell_no_outcome(said: str) -> None:
    assert read_outcome(said) is None


@pytest.mark.parametrize(
    ("said", "immediate"),
    [
        ("CHALLENGE: the threshold is met", False),
        ("Challenge", False),
        ("CHALLENGE URGENT: she goes home at four", True),
        ("CHALLENGE Alma is not safe there", False),  # as our letters ask for it
        ("CHALLENGE urgent she goes home at four", True),
        ("*CHALLENGE IMMEDIATE RISK* - she goes home", True),
    ],
)
def test_a_challenge_is_read(said: str, immediate: bool) -> None:
    found = read_challenge(said.replace("RISK*", "RISK"))
    assert found
    assert found.immediate is immediate


@pytest.mark.parametrize("said", ["", "Challenges at home are many", "We challenge this", "RECEIVED"])
def test_other_words_are_no_challenge(said: str) -> None:
    assert read_challenge(said) is None


def test_every_code_that_is_read_is_an_outcome_of_a_form() -> None:
    every = {code for form in outcome.OF_FORM for code, _ in outcome.codes_of(form).choices}
    assert {code for code, _ in _ROWS} <= every


@given(text=st.text(max_size=300))
def test_any_text_has_a_reading(text: str) -> None:
    read_challenge(text)
    found = read_outcome("OUTCOME: " + text)
    assert found is None or found.text.endswith(text)


def evidence(text: str, authenticity: Authenticity = PROVED) -> Evidence:
    return Evidence(ParsedMail(text=text), authenticity)


def test_an_agency_says_what_came_of_it_only_with_proof_and_plainly() -> None:
    told = interpret(evidence("OUTCOME 2: early help started"), LEG)
    assert told == meanings.Outcome("early_help", "s2", False, Proof.DKIM, "OUTCOME 2: early help started")
    signed = Evidence(ParsedMail(text="OUTCOME: NFA"), UNPROVED, signer=Signed("A" * 40))
    assert isinstance(interpret(signed, LEG), meanings.Outcome)
    unproved = interpret(evidence("OUTCOME: early help started", UNPROVED), LEG)
    assert isinstance(unproved, Unclear)
    assert unproved.why == "unproved"
    unclear = interpret(evidence("OUTCOME: early help refused"), LEG)
    assert isinstance(unclear, Unclear)
    assert unclear.why == "unclear"


def test_a_challenge_comes_from_a_proved_agency_or_from_the_referrers_own_address() -> None:
    assert interpret(evidence("CHALLENGE: no"), LEG) == meanings.Challenge(False, "CHALLENGE: no")
    assert isinstance(interpret(evidence("CHALLENGE: no", UNPROVED), LEG), Unclear)
    assert interpret(evidence("CHALLENGE URGENT: now", UNPROVED), REFERRER) == meanings.Challenge(
        True, "CHALLENGE URGENT: now"
    )
    assert isinstance(interpret(evidence("CHALLENGE: no"), About("contact")), meanings.Wrote)


@pytest.mark.parametrize(
    ("said", "achieved"),
    [
        ("OUTCOME: risk reduced\nACHIEVED: partly", "partly"),
        ("OUTCOME: risk reduced\n\n  Achieved - Fully achieved.\nShe is glad of it.", "fully"),
        ("OUTCOME: risk remains\nACHIEVED: not achieved", "not"),
        ("OUTCOME: risk reduced\nachieved: partially", "partly"),
        ("OUTCOME: risk reduced", ""),
        ("OUTCOME: risk reduced\nachieved: fully or partly, ask her", ""),
        ("OUTCOME: risk reduced\nACHIEVED: fully\nACHIEVED: not", ""),
        ("OUTCOME: risk reduced\nwe achieved: not much", ""),
    ],
)
def test_beside_it_an_adults_own_wishes_are_read(said: str, achieved: str) -> None:
    found = read_outcome(said)
    assert found
    assert (found.code != "", found.achieved) == (True, achieved)
