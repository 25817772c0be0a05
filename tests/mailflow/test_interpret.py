"""One mail has one meaning: machines are evidence, proved words an answer, and whatever is unsure is for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed, Signer, UnknownSigner
from mailflow.authenticity import Authenticity
from mailflow.evidence import NOT_OPENED, UNSIGNED, Evidence
from mailflow.interpret import About, Agrees, Attends, Does, Machine, Said, Unclear, Wrote, interpret, proof
from mailflow.parsed_mail import MeetingReply, ParsedMail
from tests.mailflow.heard import (
    BOUNCE,
    CONTACT,
    HEALTH,
    INVITEE,
    LEG,
    OTHER_PIN,
    PIN,
    PROVED,
    REFERRER,
    STAMP,
    UID,
    UNPROVED,
    evidence,
    examined,
    judged,
    meeting,
    reply,
)

# -- how sure we are


@pytest.mark.parametrize(
    ("authenticity", "signer", "strength"),
    [
        pytest.param(UNPROVED, UNSIGNED, Proof.NONE, id="nothing"),
        pytest.param(PROVED, UNSIGNED, Proof.DKIM, id="DKIM of the agency's domain"),
        pytest.param(judged("police.example"), UNSIGNED, Proof.NONE, id="DKIM of another agency"),
        pytest.param(judged("ward3.health.example"), UNSIGNED, Proof.NONE, id="DKIM of a subdomain"),
        pytest.param(UNPROVED, Signed(PIN), Proof.SIGNATURE, id="signed by the agency's key"),
        pytest.param(PROVED, Signed(PIN), Proof.SIGNATURE, id="both: the stronger counts"),
        pytest.param(UNPROVED, Signed(OTHER_PIN), Proof.NONE, id="signed by another agency's key"),
        pytest.param(PROVED, Signed(OTHER_PIN), Proof.DKIM, id="another's key, and DKIM"),
        pytest.param(UNPROVED, UnknownSigner(), Proof.NONE, id="signed by nobody knows whom"),
    ],
)
def test_how_sure_we_are_that_the_agency_wrote_it(
    authenticity: Authenticity, signer: Signer, strength: Proof
) -> None:
    assert proof(evidence("Accept", authenticity, signer=signer), LEG) is strength


def test_an_agency_without_domains_is_proved_by_its_key_alone() -> None:
    about = About("leg", (), frozenset({PIN}))
    assert proof(evidence("Accept"), about) is Proof.NONE
    assert proof(evidence("Accept", signer=Signed(PIN)), about) is Proof.SIGNATURE


# -- an answer about a packet


@pytest.mark.parametrize(
    ("words", "answer", "reason"),
    [
        ("RECEIVED\nAnn Lee, duty nurse", "received", None),
        ("Accept.", "accept", None),
        ("DECLINE not our area", "decline", "not_remit"),
        ("Declined", "decline", None),
        ("NOT KNOWN TO US, searched the clinic list", "nothing_known", None),
        ("I cannot open the attachment", "cannot_open", None),
        ("Wrong person", "wrong_person", None),
    ],
)
def test_proved_plain_words_are_the_agencys_answer(words: str, answer: str, reason: str | None) -> None:
    assert interpret(examined(reply(words)), LEG) == Said(answer, reason, Proof.DKIM, words)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param("We do not accept", "unclear", id="a negation"),
        pytest.param("Accept?", "unclear", id="a question"),
        pytest.param("Accept\nDecline", "unclear", id="two answers"),
        pytest.param("Thanks, will look later", "unclear", id="no answer"),
        pytest.param("", "unclear", id="nothing but the quote"),
        pytest.param("I will attend", "unclear", id="an answer to something else"),
        pytest.param("Apologies, on Tuesday I am away", "unclear", id="apologies"),
        pytest.param("Tentative", "unclear", id="tentative"),
    ],
)
def test_what_is_not_plain_is_for_a_person(words: str, why: str) -> None:
    assert interpret(examined(reply(words)), LEG) == Unclear(why, words)


@pytest.mark.parametrize("words", ["Accept", "Received", "DECLINE not our area", "I cannot open it", "Wrong person"])
@pytest.mark.parametrize("authenticity", [UNPROVED, judged("evil.example")], ids=["no proof", "another's proof"])
def test_unproved_words_never_answer(words: str, authenticity: Authenticity) -> None:
    assert interpret(examined(reply(words), authenticity=authenticity), LEG) == Unclear("unproved", words)


def test_what_did_not_open_is_said_before_anything_else() -> None:
    for authenticity in (PROVED, UNPROVED):
        got = interpret(evidence("Accept", authenticity, not_opened="no_key"), LEG)
        assert got == Unclear("not_opened", f"Accept\n\n{NOT_OPENED}")


def test_only_what_was_inside_the_seal_answers() -> None:
    inside, around = ParsedMail(text="DECLINE no capacity"), ParsedMail(text="ACCEPT")
    e = Evidence(around, UNPROVED, inner=inside, signer=Signed(PIN))
    assert e.sealed
    assert interpret(e, LEG) == Said("decline", "no_capacity", Proof.SIGNATURE, "DECLINE no capacity")
    silent = replace(e, inner=ParsedMail(text="See the letter."))
    assert interpret(silent, LEG) == Unclear("unclear", "See the letter.")
    assert not evidence().sealed


@given(st.lists(st.sampled_from(["ACCEPT", "Received", "Decline, not our area", "We have it", "I will attend", ""])))
def test_no_word_in_a_quote_ever_answers(lines: list[str]) -> None:
    quoted = "".join(f"> {line}\n" for line in lines)
    assert interpret(evidence(quoted), LEG) == Unclear("unclear", "")
    assert interpret(evidence(quoted), INVITEE) == Unclear("unclear", "")


@given(st.text(max_size=200), st.sampled_from([LEG, INVITEE]))
def test_nothing_unproved_is_ever_more_than_unclear(text: str, about: About) -> None:
    got = interpret(evidence(text, UNPROVED), about)
    if about is INVITEE and isinstance(got, Attends):
        assert got.proof is Proof.NONE  # a claim, which somebody confirms
    else:
        assert isinstance(got, Unclear)
        assert got.why == ("unclear" if about is INVITEE else "unproved")


# -- attendance

CALENDAR = """From: Ann Lee <ann.lee@health.example>
Subject: {partstat}: Strategy discussion SH-2026-0412
MIME-Version: 1.0
{headers}Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

{words}
--b
Content-Type: text/calendar; charset=utf-8; method=REPLY

BEGIN:VCALENDAR
PRODID:-//Somebody//EN
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
UID:sd.1@hub.example
ATTENDEE;PARTSTAT={partstat}:mailto:ann.lee@health.example
COMMENT:by telephone
DTSTAMP:20261124T093000Z
END:VEVENT
END:VCALENDAR
--b--
"""


@pytest.mark.parametrize("authenticity", [PROVED, UNPROVED], ids=["proved", "unproved"])
@pytest.mark.parametrize(
    ("partstat", "answer"),
    [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative"), ("DECLINED", "declined"), ("DELEGATED", "delegated")],
)
def test_a_calendar_reply_says_attendance(partstat: str, answer: str, authenticity: Authenticity) -> None:
    mail = CALENDAR.format(partstat=partstat, words="Ann Lee has replied.", headers="")
    got = interpret(examined(mail, authenticity=authenticity), INVITEE)
    sure = Proof.DKIM if authenticity is PROVED else Proof.NONE
    assert got == Attends(answer, STAMP, "by telephone", sure, 0)


def test_a_calendar_reply_that_a_program_sends_by_itself_is_one() -> None:
    mail = CALENDAR.format(partstat="ACCEPTED", words="", headers="Auto-Submitted: auto-generated\n")
    assert isinstance(interpret(examined(mail), INVITEE), Attends)


def test_a_calendar_reply_answers_no_packet() -> None:
    mail = CALENDAR.format(partstat="ACCEPTED", words="Ann Lee has accepted.", headers="")
    assert interpret(examined(mail), LEG) == Unclear("unclear", "Ann Lee has accepted.")


@pytest.mark.parametrize(
    ("meetings", "meaning"),
    [
        pytest.param((meeting("accepted", uid="sd.2@hub.example"),), Unclear("unclear", ""), id="another entry"),
        pytest.param((meeting("accepted", uid=UID.upper()),), Unclear("unclear", ""), id="an entry much like it"),
        pytest.param(
            (meeting("accepted", "eve@evil.example", comment="see you"),),
            Unclear("wrong_sender", "see you"),
            id="somebody who was not asked",
        ),
        pytest.param(
            (meeting("accepted", "ann.lee@ward3.health.example"),), Unclear("wrong_sender", ""), id="a subdomain"
        ),
        pytest.param((meeting("accepted", ""),), Unclear("wrong_sender", ""), id="nobody named"),
        pytest.param(
            (meeting("accepted", uid="sd.2@hub.example"), meeting("declined")),
            Attends("declined", STAMP, "", Proof.DKIM, 0),
            id="another entry first",
        ),
        pytest.param(
            (meeting("tentative"), meeting("tentative")),
            Attends("tentative", STAMP, "", Proof.DKIM, 0),
            id="the same said twice",
        ),
        pytest.param((meeting("counter"),), Attends("counter", STAMP, "", Proof.DKIM, 0), id="another time proposed"),
    ],
)
def test_of_several_replies_the_one_about_this_seat_counts(
    meetings: tuple[MeetingReply, ...], meaning: Attends | Unclear
) -> None:
    assert interpret(evidence(meetings=meetings), INVITEE) == meaning


def test_an_invitee_of_no_agency_may_answer_from_any_address() -> None:
    about = About("invitee", uid=UID)
    got = interpret(evidence(meetings=(meeting("accepted", "aunt@home.example"),)), about)
    assert got == Attends("accepted", STAMP, sequence=0)


def test_of_several_attendees_the_address_that_was_invited_counts() -> None:
    about = replace(INVITEE, addresses=("ann.lee@health.example",))
    both = (meeting("declined", "cai@health.example"), meeting("accepted"))
    assert interpret(evidence(meetings=both), about) == Attends("accepted", STAMP, "", Proof.DKIM, 0)
    assert interpret(evidence(meetings=both), INVITEE) == Unclear("unclear", "")


def test_whoever_stands_in_speaks_for_the_seat_only_by_coming() -> None:
    about = replace(INVITEE, addresses=("ann.lee@health.example",))
    passed = replace(meeting("delegated"), delegate="bob@health.example")
    bob = replace(meeting("deputy", "bob@health.example"), in_place_of="ann.lee@health.example")
    comes = Attends("deputy", STAMP, "", Proof.DKIM, 0, delegate="bob@health.example")
    for lines in ((passed, bob), (bob, passed), (bob,)):
        assert interpret(evidence(meetings=lines), about) == comes
    assert interpret(evidence(meetings=(passed,)), about) == replace(comes, attendance="delegated")
    for said in ("declined", "tentative"):
        assert interpret(evidence(meetings=(passed, replace(bob, answer=said))), about) == Unclear("unclear", "")


FORWARDED = "Ann Lee has forwarded your meeting request to additional recipients.\nRecipients\nbob@health.example"


@pytest.mark.parametrize("machine", ["Auto-Submitted: auto-generated\n", ""], ids=["declared", "not declared"])
def test_that_an_invitation_was_forwarded_is_no_answer_and_no_absence(machine: str) -> None:
    head = f"From: Ann Lee <ann.lee@health.example>\nSubject: Meeting Forward Notification: Meeting\n{machine}"
    mail = f"{head}\n{FORWARDED}\n"
    assert interpret(examined(mail), INVITEE) == Unclear("unclear", FORWARDED)
    assert interpret(examined(mail), CONTACT) == Unclear("automatic", FORWARDED)


def test_a_calendar_for_another_entry_leaves_a_machine_a_machine() -> None:
    e = evidence("I will attend", automatic=True, meetings=(meeting("accepted", uid="sd.2@hub.example"),))
    assert interpret(e, INVITEE) == Machine("automatic_reply")


@pytest.mark.parametrize(
    ("words", "attendance"),
    [
        ("I will attend", "accepted"),
        ("I might attend", "unclear"),
        ("May attend", "tentative"),
        ("Apologies, I am in court that day", "declined"),
        ("Cannot attend", "declined"),
        ("Attending?", "unclear"),
        ("Accept", "unclear"),  # of what? an answer about a packet is no attendance
        ("", "unclear"),
    ],
)
def test_proved_words_say_attendance_too(words: str, attendance: str) -> None:
    got = interpret(examined(reply(words)), INVITEE)
    assert got == (
        Unclear("unclear", words) if attendance == "unclear" else Attends(attendance, None, words, Proof.DKIM)
    )


def test_unproved_words_are_a_claim_of_attendance() -> None:
    got = interpret(evidence("I will attend", UNPROVED), INVITEE)
    assert got == Attends("accepted", None, "I will attend", Proof.NONE)


def test_what_did_not_open_says_no_attendance() -> None:
    got = interpret(replace(evidence("I will attend", PROVED), not_opened="no_key"), INVITEE)
    assert isinstance(got, Unclear)
    assert got.why == "not_opened"


# -- contacts

ARMOR = "-----BEGIN PGP MESSAGE-----\n\nhF4DAAAA\n=abcd\n-----END PGP MESSAGE-----"


@pytest.mark.parametrize("about", [CONTACT, REFERRER], ids=["to the hub", "to a referrer's address"])
@pytest.mark.parametrize("authenticity", [PROVED, UNPROVED], ids=["proved", "unproved"])
def test_a_persons_mail_is_a_contact_whoever_they_are(about: About, authenticity: Authenticity) -> None:
    text = "I am worried about Plainia.\n\n> On Monday she was hungry."
    assert interpret(evidence(text, authenticity), about) == Wrote(text)


@pytest.mark.parametrize("text", ["", " ", "Accept", "ysgrifennodd", "\u202e", "I am worried?"])
def test_no_contact_is_too_odd_or_too_short(text: str) -> None:
    assert interpret(evidence(text), CONTACT) == Wrote(text)


def test_what_did_not_open_is_a_contact_all_the_same() -> None:
    assert interpret(evidence(ARMOR, UNPROVED, not_opened="no_key"), CONTACT) == Wrote(NOT_OPENED)


def test_what_stood_beside_a_part_that_did_not_open_is_kept() -> None:
    e = evidence(f"Ring 01632 960412\n{ARMOR}\nAnn", UNPROVED, not_opened="tampered")
    assert interpret(e, CONTACT) == Wrote(f"Ring 01632 960412\n\nAnn\n\n{NOT_OPENED}")
    opened = replace(e, inner=ParsedMail(text="I am worried."))
    assert interpret(opened, CONTACT) == Wrote(
        f"I am worried.\n\n[Not sealed, around it:]\nRing 01632 960412\n\nAnn\n\n{NOT_OPENED}"
    )


@pytest.mark.parametrize(
    ("around", "whole"),
    [
        pytest.param(ARMOR, "I am worried.", id="nothing around it"),
        pytest.param(f"\n\n{ARMOR}\n\n", "I am worried.", id="empty lines around it"),
        pytest.param("", "I am worried.", id="no text outside"),
        pytest.param(
            f"Ring 01632 960412\n{ARMOR}\nAnn",
            "I am worried.\n\n[Not sealed, around it:]\nRing 01632 960412\n\nAnn",
            id="words around it",
        ),
        pytest.param(
            "Ring me\n-----BEGIN PGP MESSAGE-----\n\nhQIMA6cutshort",
            "I am worried.\n\n[Not sealed, around it:]\nRing me",
            id="cut short",
        ),
    ],
)
def test_what_stood_around_a_sealed_contact_is_kept_and_marked(around: str, whole: str) -> None:
    e = Evidence(ParsedMail(text=around), UNPROVED, inner=ParsedMail(text="I am worried."))
    assert interpret(e, CONTACT) == Wrote(whole)


def test_no_words_are_shown_in_logs() -> None:
    for meaning in (
        *(interpret(evidence("Accept Plainia"), about) for about in (LEG, CONTACT, BOUNCE)),
        interpret(evidence(meetings=(meeting("declined", comment="Plainia"),)), INVITEE),
    ):
        assert "Plainia" not in repr(meaning)


# -- an owner's word about a passage, and what a recipient of a product writes

OWNER = About("owner", (HEALTH,), frozenset({PIN}))


@pytest.mark.parametrize(("words", "agrees"), [("AGREE", True), ("REFUSE it names her aunt", False)])
def test_a_proved_owner_agrees_or_refuses(words: str, agrees: bool) -> None:
    said = interpret(examined(reply(words)), OWNER)
    assert said == Agrees(agrees, Proof.DKIM, words)
    assert words not in repr(said)


@pytest.mark.parametrize(
    ("e", "why"),
    [
        (examined(reply("AGREE"), authenticity=UNPROVED), "unproved"),
        (examined(reply("AGREE if you leave out the date")), "unclear"),
        (evidence("AGREE", not_opened="not_for_us"), "not_opened"),
    ],
)
def test_an_owner_who_is_not_proved_or_not_plain_is_read_by_a_person(e: Evidence, why: str) -> None:
    found = interpret(e, OWNER)
    assert isinstance(found, Unclear)
    assert found.why == why


def test_what_a_recipient_of_a_product_writes_is_read_by_a_person() -> None:
    recipient = About("recipient", (HEALTH,), frozenset({PIN}))
    assert interpret(examined(reply("We have it.")), recipient) == Unclear("unclear", "We have it.")
    assert interpret(examined(reply("We have it."), authenticity=UNPROVED), recipient) == Unclear(
        "unproved", "We have it."
    )


# -- how an action stands, from its owner

ACTION = About("action", (HEALTH,), frozenset({PIN}))


@pytest.mark.parametrize(
    ("words", "answer", "until"),
    [
        ("DONE", "done", ""),
        ("CANNOT DO: no staff", "cannot", ""),
        ("NOT YET, by 3 March 2027", "later", "3 March 2027"),
    ],
)
def test_a_proved_owner_says_how_its_action_stands(words: str, answer: str, until: str) -> None:
    found = interpret(examined(reply(words)), ACTION)
    assert isinstance(found, Does)
    assert (found.answer, found.until, found.text) == (answer, until, words)
    assert found.proof >= Proof.DKIM


def test_what_is_unproved_unclear_or_a_machines_says_nothing_of_an_action() -> None:
    assert interpret(examined(reply("DONE"), authenticity=UNPROVED), ACTION) == Unclear("unproved", "DONE")
    assert interpret(examined(reply("Partly done")), ACTION) == Unclear("unclear", "Partly done")
    assert interpret(replace(examined(reply("DONE")), automatic=True), ACTION) == Machine("automatic_reply")


def test_a_calendar_that_answers_nobodys_invitation_is_put_before_a_person_and_begins_no_case() -> None:
    stray = evidence("Ann has accepted", meetings=(meeting("accepted", uid="unknown@elsewhere.example"),))
    assert interpret(stray, CONTACT) == Unclear("no_seat", "Ann has accepted")
