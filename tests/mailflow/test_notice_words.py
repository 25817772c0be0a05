"""What help desks and gateways write of any mail counts as nobody's answer, and a person's words stay a person's."""

from __future__ import annotations

import pytest

from mailflow.authenticity import Authenticity
from mailflow.auto_reply import doubtful, is_automatic, is_notice
from mailflow.evidence import Evidence
from mailflow.interpret import About, Unclear, Wrote, interpret
from mailflow.mime import read
from mailflow.parsed_mail import ParsedMail

NOBODY = Authenticity("none", (), "none", "x.example", "")
MACHINES = {
    "shared mailbox": "Thank you for contacting the MASH. This mailbox is monitored Monday to Friday, 9am to 5pm.\n"
    "We aim to respond within 2 working days. If a child is in immediate danger call 999. Please do not reply.",
    "thanks": "Thank you for your email. Your message has been received and is important to us.\n"
    "A member of the team will be in touch.",
    "ticket": "[Ticket#20411] Your request has been received and is being reviewed by our support staff.\n"
    "To add comments reply to this email.",
    "quarantine": "Your message to smith@police.example was quarantined by our policy because it contains encrypted\n"
    "content. It has not been delivered.",
    "blocked": "Your email was blocked because the attachment cannot be scanned.",
    "welsh": "Diolch am eich neges. Thank you for your message. We have received your enquiry.",
}
CHALLENGE = "Hello,\nplease click the link below to verify that you are a human sender.\nhttps://verify.example/a1"
PEOPLE = {
    "a concern": "Thank you for your email. Please do not reply to this address, he reads it. The boy next door has "
    "been locked out since Friday, and last night I heard him shout for his mother for an hour. There are bruises on "
    "both of his arms. I do not know who else to tell.",
    "an answer": "Thank you for your email. We take this on, Jo Bloggs will visit today.",
    "got it": "Received, thanks. I am on it.",
    "cannot open": "I cannot open this: it says that it is encrypted. Please ring me.",
    "a parent": "My message to the school was ignored and was not answered. She is 4 and comes home hungry.",
}


def mail(text: str, subject: str = "Re: Message MASH-7K2F-9QXD") -> ParsedMail:
    return read(f"From: a@b.example\nSubject: {subject}\nMessage-ID: <1@b.example>\n\n{text}\n".encode())


@pytest.mark.parametrize("text", MACHINES.values(), ids=MACHINES)
def test_a_machine_s_notice_is_doubtful_and_begins_no_case(text: str) -> None:
    found = mail(text)
    assert doubtful(found.headers, found.text)
    assert is_automatic(found.headers, "a@b.example", found.subject, found.text) is None  # a person is asked
    meaning = interpret(Evidence(found, NOBODY, doubtful=True), About("contact"))
    assert isinstance(meaning, Unclear)
    assert meaning.why == "automatic"
    assert text.split("\n")[0] in meaning.text


def test_a_challenge_without_headers_is_a_machine_s() -> None:
    found = mail(CHALLENGE)
    assert is_automatic(found.headers, "a@b.example", found.subject, found.text)


@pytest.mark.parametrize("text", PEOPLE.values(), ids=PEOPLE)
def test_a_person_s_words_begin_a_case(text: str) -> None:
    found = mail(text)
    assert is_automatic(found.headers, "a@b.example", found.subject, found.text) is None
    assert isinstance(interpret(Evidence(found, NOBODY), About("contact")), Wrote)


def test_the_same_words_that_answer_nothing_begin_a_case() -> None:
    assert isinstance(
        interpret(Evidence(mail(MACHINES["thanks"], "Worried about a child"), NOBODY), About("contact")), Wrote
    )


def test_words_with_a_file_are_looked_at_with_it() -> None:
    raw = (
        "From: a@b.example\nSubject: Re: Message\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
        f"{MACHINES['thanks']}\n--b\nContent-Disposition: attachment; filename=form.pdf\n\nx\n--b--\n"
    )
    assert not is_notice(read(raw.encode()))
