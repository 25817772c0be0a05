"""What a machine says is evidence wherever it comes, and no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.sealed import Signed
from mailflow.delivery_report import Report, ReportedRecipient
from mailflow.evidence import Evidence
from mailflow.interpret import About, Machine, Unclear, Wrote, interpret
from mailflow.mime import read
from mailflow.parsed_mail import ParsedMail
from tests.mailflow.heard import (
    BOUNCE,
    CONTACT,
    INVITEE,
    LEG,
    OLD_OUT_OF_OFFICE,
    OUT_OF_OFFICE,
    PIN,
    REFERRER,
    evidence,
    examined,
    reply,
)

RECEIPT = """From: Ann Lee <ann.lee@health.example>
Subject: Read: Message MASH-7K2F for your team
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b

Your message was read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; ann.lee@health.example
Disposition: manual-action/MDN-sent-manually; displayed
--b--
"""
BOUNCED = """From: MAILER-DAEMON@relay.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Accept our apologies.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; duty@health.example
Action: {action}
Status: {status}
--b
Content-Type: message/rfc822

Message-ID: <{about}>
Subject: Message

words
--b--
"""


def bounced(action: str, status: str, about: str = "one@hub.example") -> str:
    return BOUNCED.format(action=action, status=status, about=about)


MACHINES = {
    "out of office, RFC 3834": (examined(OUT_OF_OFFICE), Machine("automatic_reply")),
    "a read receipt": (examined(RECEIPT), Machine("read_receipt")),
    "a read receipt with a null return path": (examined(RECEIPT, ""), Machine("read_receipt")),
    "failed": (examined(bounced("failed", "5.1.1")), Machine("failed", "5.1.1")),
    "delayed": (examined(bounced("delayed", "4.4.1")), Machine("delayed", "4.4.1")),
    "delivered": (examined(bounced("delivered", "2.0.0"), ""), Machine("delivered", "2.0.0")),
    "handed on to a server that reports nothing": (
        examined(bounced("relayed", "2.0.0"), ""),
        Machine("relayed", "2.0.0"),
    ),
    "about somebody else's mail": (
        examined(bounced("failed", "5.1.1", "x@other.example")),
        Machine("failed", "5.1.1"),
    ),
    "failed, no status": (evidence(report=Report("failed")), Machine("failed")),
    "a complaint": (evidence(report=Report("feedback")), Machine("feedback")),
}


@pytest.mark.parametrize("about", [LEG, INVITEE, CONTACT, REFERRER, BOUNCE], ids=lambda about: str(about.kind))
def test_what_goes_round_in_circles_is_a_persons_to_read_whatever_it_says(about: About) -> None:
    for e in (examined(reply("RECEIVED, I am looking at it.")), examined(OUT_OF_OFFICE)):
        got = interpret(replace(e, looped=True), about)
        assert isinstance(got, Unclear)
        assert got.why == "looped"
    report = examined(bounced("failed", "5.1.1"))
    assert interpret(replace(report, looped=True), about) == interpret(report, about)  # what was returned is told


@pytest.mark.parametrize("about", [LEG, INVITEE, CONTACT, REFERRER, BOUNCE], ids=lambda about: str(about.kind))
@pytest.mark.parametrize(("e", "machine"), MACHINES.values(), ids=MACHINES.keys())
def test_what_a_machine_says_is_evidence_wherever_it_is_sent(e: Evidence, machine: Machine, about: About) -> None:
    assert interpret(e, about) == machine


@pytest.mark.parametrize("about", [LEG, INVITEE, BOUNCE], ids=lambda about: str(about.kind))
@pytest.mark.parametrize("e", [examined(OLD_OUT_OF_OFFICE), examined(reply("Seen by us"), "")], ids=["old", "null"])
def test_the_weakest_sign_of_a_machine_is_enough_where_answers_are_counted(e: Evidence, about: About) -> None:
    assert interpret(e, about) == Machine("automatic_reply")


@pytest.mark.parametrize("words", ["ACCEPT", "Received, Ann Lee", "DECLINE not our area"])
def test_a_plain_answer_under_a_case_systems_headers_is_a_persons_to_read(words: str) -> None:
    """Somebody's ticket system says auto-generated of what a person typed into it: neither counted nor swallowed."""
    sent = reply(words, "[#4711] Message MASH-7K2F", "Auto-Submitted: auto-generated\n")
    assert interpret(examined(sent), LEG) == Unclear("automatic", read(sent.encode()).text)
    assert interpret(examined(reply(words), ""), LEG) == Unclear("automatic", read(reply(words).encode()).text)
    noticed = reply(words, "Automatic reply: Message", "Auto-Submitted: auto-replied\n")
    assert interpret(examined(noticed), LEG) == Machine("automatic_reply")


def test_what_names_nobody_says_what_became_of_the_letter_at_its_own_address() -> None:
    said = Report("failed", (ReportedRecipient("", "failed", "5.7.1"),))
    for about, meaning in ((BOUNCE, Machine("failed", "5.7.1")), (LEG, Unclear("unclear", "Rejected"))):
        assert interpret(evidence("Rejected", supposed=said), about) == meaning
    away = replace(examined(OUT_OF_OFFICE), supposed=said)
    assert interpret(away, BOUNCE) == Machine("automatic_reply")
    assert interpret(evidence(supposed=said, report=Report("delayed")), BOUNCE) == Machine("delayed")


@pytest.mark.parametrize("about", [CONTACT, REFERRER], ids=lambda about: str(about.kind))
def test_a_machine_that_has_words_of_its_own_is_heard_like_anybody(about: About) -> None:
    text = "Concern 4711 was recorded: Plainia said she is afraid to go home."
    recorded = examined(
        f"From: records@school.example\nSubject: Concern 4711\nAuto-Submitted: auto-generated\n\n{text}"
    )
    assert recorded.automatic
    assert interpret(recorded, about) == Wrote(f"{text}\n" if recorded.mail.text.endswith("\n") else text)
    assert isinstance(interpret(examined(reply("I am worried"), ""), about), Wrote)
    assert isinstance(interpret(replace(recorded, inner=ParsedMail(text="sealed")), about), Wrote)
    sent = replace(examined(OUT_OF_OFFICE), mail=ParsedMail(text='{"subjects": [{"given_name": "Plainia"}]}'))
    assert isinstance(interpret(sent, about), Wrote)


@pytest.mark.parametrize("about", [CONTACT, REFERRER], ids=lambda about: str(about.kind))
def test_an_automatic_mail_of_which_we_are_not_sure_is_a_persons_to_read(about: About) -> None:
    assert interpret(examined(OLD_OUT_OF_OFFICE), about) == Unclear(
        "automatic", read(OLD_OUT_OF_OFFICE.replace("\n", "\r\n").encode()).text
    )


def test_a_machines_words_are_no_answer_even_when_signed() -> None:
    e = replace(examined(OUT_OF_OFFICE), signer=Signed(PIN))
    assert interpret(e, LEG) == Machine("automatic_reply")


@pytest.mark.parametrize("kind", ["leg", "owner", "action", "recipient", "invitee"])
def test_what_a_machine_may_have_sent_counts_for_nothing_even_when_signed(kind: str) -> None:
    sent = replace(evidence("Accept\n\nI attend", doubtful=True), signer=Signed(PIN))
    assert isinstance(interpret(sent, About(kind, pins=frozenset({PIN}), uid="u")), Unclear)


def test_what_a_person_writes_to_the_address_for_bounces_is_for_a_person() -> None:
    assert interpret(examined(reply("Accept")), BOUNCE) == Unclear(
        "not_a_report", read(reply("Accept").encode()).text
    )
