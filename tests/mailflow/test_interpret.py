"""One mail has one meaning: machines are evidence, proved words an answer, and whatever is unsure is for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed, Signer, UnknownSigner
from mailflow.authenticity import Authenticity
from mailflow.auto_reply import is_automatic
from mailflow.delivery_report import Report, ReportedRecipient, read_report
from mailflow.disposition import is_read_receipt
from mailflow.interpret import (
    NOT_OPENED,
    UNSIGNED,
    About,
    Agrees,
    Attends,
    Does,
    Evidence,
    Machine,
    Said,
    Unclear,
    Wrote,
    interpret,
    proof,
)
from mailflow.mime import read
from mailflow.parsed_mail import MeetingReply, ParsedMail

HEALTH = "health.example"
PIN, OTHER_PIN = "A" * 40, "B" * 40
UID = "sd.1@hub.example"
LEG = About("leg", (HEALTH,), frozenset({PIN}))
INVITEE = About("invitee", (HEALTH,), frozenset({PIN}), UID)
CONTACT, REFERRER, BOUNCE = About("contact"), About("referrer"), About("bounce")
STAMP = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def judged(domain: str = HEALTH) -> Authenticity:
    return Authenticity("pass", (), "pass", domain, domain)


PROVED, UNPROVED = judged(), Authenticity("pass", (), "fail", HEALTH, "")


def evidence(text: str = "", authenticity: Authenticity = PROVED, **more: object) -> Evidence:
    return Evidence(ParsedMail(text=text), authenticity, **more)  # type: ignore[arg-type]


def examined(raw: str, mail_from: str = "ann.lee@health.example", authenticity: Authenticity = PROVED) -> Evidence:
    """A whole mail, as the mailroom puts its evidence together."""
    octets = raw.replace("\n", "\r\n").encode()
    mail = read(octets)
    return Evidence(
        mail,
        authenticity,
        report=read_report(octets),
        read_receipt=is_read_receipt(mail),
        automatic=is_automatic(mail.headers, mail_from, mail.subject, mail.text) is not None,
        meetings=mail.meetings,
    )


def meeting(answer: str, attendee: str = "ann.lee@health.example", uid: str = UID, comment: str = "") -> MeetingReply:
    return MeetingReply("REPLY", uid, 0, attendee, answer, comment, STAMP)


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

REPLY = """From: Ann Lee <ann.lee@health.example>
To: l.7.abcdefghijklmnop@hub.example
Subject: {subject}
In-Reply-To: <one@hub.example>
{headers}Content-Type: text/plain; charset=utf-8

{words}

On 24/11/2026 09:02, Northmoor Safeguarding Hub wrote:
> Reply to this mail with one of these on the first line:
>     ACCEPT               we will act on it
>     DECLINE              and why
"""


def reply(words: str, subject: str = "Re: Message MASH-7K2F for your team", headers: str = "") -> str:
    return REPLY.format(words=words, subject=subject, headers=headers)


@pytest.mark.parametrize(
    ("words", "answer", "reason"),
    [
        ("RECEIVED\nAnn Lee, duty nurse", "received", None),
        ("Accept.", "accept", None),
        ("DECLINE not our area", "decline", "not_remit"),
        ("Declined", "decline", None),
        ("NOT KNOWN TO US, searched the clinic list", "nothing_known", None),
        ("Information: seen twice in May", "information", None),
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


# -- machines

OUT_OF_OFFICE = reply("Received. I am on leave.", "Automatic reply: Message", "Auto-Submitted: auto-replied\n")
OLD_OUT_OF_OFFICE = reply("Accept my apologies, I am away.", "Out of Office: Message")
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
