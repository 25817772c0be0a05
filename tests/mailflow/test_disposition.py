"""A read receipt is known for one in every shape that mail programs send, and no person's mail is taken for one."""

from __future__ import annotations

import pytest

from mailflow.disposition import is_read_receipt
from mailflow.mime import read


def receipt(disposition: str, *, words: str = "Your message was displayed.", original: str = "") -> str:
    return f"""From: Ann Lee <ann.lee@health.example>
To: hub@hub.example
Subject: Read: Message MASH-7K2F for your team
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="r"

--r
Content-Type: text/plain; charset=utf-8

{words}
--r
Content-Type: message/disposition-notification

Reporting-UA: mail.health.example; Thunderbird 128.5.0
Final-Recipient: rfc822;ann.lee@health.example
Original-Message-ID: <one@hub.example>
Disposition: {disposition}

{original}--r--
"""


RETURNED = """--r
Content-Type: text/rfc822-headers

Message-ID: <one@hub.example>
Subject: Message MASH-7K2F for your team

"""
BARE_REPORT = """From: ann.lee@health.example
Subject: Read: Message MASH-7K2F
Content-Type: Multipart/Report; Report-Type="Disposition-Notification"; boundary=r

--r

It was read.
--r--
"""
LOOSE_PART = """From: ann.lee@health.example
Subject: Gelesen: Message MASH-7K2F
Content-Type: multipart/mixed; boundary=r

--r

Accept: it was read.
--r
Content-Type: message/disposition-notification

Disposition: automatic-action/MDN-sent-automatically; displayed
--r--
"""


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(receipt("manual-action/MDN-sent-manually; displayed"), id="displayed, by Thunderbird"),
        pytest.param(receipt("automatic-action/MDN-sent-automatically; displayed"), id="displayed, by Exchange"),
        pytest.param(receipt("automatic-action/MDN-sent-automatically; deleted"), id="deleted unread"),
        pytest.param(receipt("automatic-action/MDN-sent-automatically; processed"), id="processed"),
        pytest.param(receipt("manual-action/MDN-sent-manually; dispatched/error"), id="dispatched, with an error"),
        pytest.param(receipt("denied", words="ACCEPT\n"), id="denied, and the words say an answer"),
        pytest.param(receipt("displayed", original=RETURNED), id="with the headers returned"),
        pytest.param(receipt("displayed").replace("\n", "\r\n"), id="CRLF"),
        pytest.param(BARE_REPORT, id="the report's part lost on the way"),
        pytest.param(LOOSE_PART, id="the report's frame lost on the way"),
    ],
)
def test_a_read_receipt_is_one_whatever_it_says_became_of_the_mail(mail: str) -> None:
    assert is_read_receipt(read(mail.encode()))


DELIVERY_REPORT = """From: MAILER-DAEMON@relay.example
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r

It could not be delivered.
--r
Content-Type: message/delivery-status

Final-Recipient: rfc822; ann.lee@health.example
Action: failed
--r--
"""
FORWARDED = (
    "From: ann.lee@health.example\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nIs this yours?\n--m\n"
    "Content-Type: message/rfc822\n\n" + receipt("displayed") + "\n--m--\n"
)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Read: Message MASH-7K2F", "Your message was read on 26/11/2026 10:01."),
        (
            "Read receipt: Message",
            "Your message to duty@health.example\nwas displayed on Thu, 26 Nov 2026 10:01:02 GMT",
        ),
        ("Gelesen: Message", "Ihre Nachricht wurde gelesen am 26.11.2026 um 10:01"),
        ("Darllenwyd: Message", "Eich neges wedi'i ddarllen"),
        (
            "Gelesen: Message MASH-7K2F",
            "Ihre Nachricht an: Ada\n   Betreff: Message MASH-7K2F\nGesendet: Freitag, 27. November 2026 09:02\n"
            "wurde gelesen am Freitag, 27. November 2026 09:12.",
        ),
        ("Lu : Message", "Votre message a été lu le vendredi 27 novembre 2026 09:12."),
    ],
)
def test_a_telephones_receipt_in_free_words_is_known(subject: str, words: str) -> None:
    assert is_read_receipt(read(f"From: ann.lee@health.example\nSubject: {subject}\n\n{words}\n".encode()))


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Read: Message", "Your message was read on 26/11/2026 and we accept."),
        ("Read: Message", "Your message was read by me, I accept"),
        ("Gelesen: Message", "Ihre Nachricht wurde gelesen am Freitag, ich rufe an."),
        ("Read: Message", "ACCEPT. Your message was read on 26/11/2026 10:01."),
        ("Re: Message", "Your message was read on 26/11/2026 10:01."),
        ("Read: Message", "Your message was read on 26/11/2026 10:01.\n\nPlease ring me."),
    ],
)
def test_whoever_adds_a_word_is_a_person(subject: str, words: str) -> None:
    assert not is_read_receipt(read(f"From: ann.lee@health.example\nSubject: {subject}\n\n{words}\n".encode()))


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(
            "From: ann.lee@health.example\nSubject: Read: this please\n\nACCEPT\n", id="a subject like one's"
        ),
        pytest.param(
            "From: ann.lee@health.example\nDisposition-Notification-To: ann.lee@health.example\n\nACCEPT\n",
            id="a person's mail that asks for one",
        ),
        pytest.param(DELIVERY_REPORT, id="a delivery report"),
        pytest.param(FORWARDED, id="a receipt that a person forwards"),
        pytest.param("Content-Type: multipart/report\n\nno boundary, no type\n", id="a report of no kind"),
        pytest.param(
            "Content-Type: text/plain; report-type=disposition-notification\n\nACCEPT\n",
            id="the word in the wrong place",
        ),
        pytest.param("", id="nothing"),
    ],
)
def test_other_mail_is_none(mail: str) -> None:
    assert not is_read_receipt(read(mail.encode()))
