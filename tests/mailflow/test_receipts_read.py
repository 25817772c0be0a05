"""A receipt that cries for help, or in which somebody wrote, is read by a person; every other counts for nothing."""

from __future__ import annotations

import pytest

from mailflow.authenticity import Authenticity
from mailflow.disposition import is_read_receipt, said
from mailflow.evidence import Evidence
from mailflow.interpret import About, Machine, Meaning, Unclear, interpret
from mailflow.mime import read
from tests.mailflow.test_disposition import receipt

NOBODY = Authenticity("none", (), "none", "x.example", "")
THUNDERBIRD = (
    "This is a Return Receipt for the mail that you sent to ann.lee@health.example.\n\nNote: This Return Receipt "
    "only acknowledges that the message was displayed on the recipient's computer. There is no guarantee that the "
    "recipient has read or understood the message contents."
)
OUTLOOK = (
    "Your message\n\n   To:      Hub\n   Subject: Message MASH-7K2F\n"
    "   Sent:    26 November 2026 10:00:00 (UTC+00:00)\n\n"
    "{was} on 26 November 2026 10:05:00 (UTC+00:00)."
)
MARKED = "displayed\nFailure: cannot decrypt"


def meaning(text: str) -> Meaning:
    mail = read(text.encode())
    return interpret(Evidence(mail, NOBODY, read_receipt=is_read_receipt(mail)), About("leg", ("health.example",)))


@pytest.mark.parametrize(
    ("kind", "became", "trouble"),
    [
        ("manual-action/MDN-sent-manually; displayed", "displayed", ""),
        ("automatic-action/MDN-sent-automatically; deleted", "deleted", ""),
        ("manual-action/MDN-sent-manually; failed\nFailure: cannot\n decrypt", "failed", "cannot decrypt"),
        ("automatic-action/MDN-sent-automatically; dispatched/error", "dispatched", "error"),
    ],
)
def test_what_its_fields_say(kind: str, became: str, trouble: str) -> None:
    found = said(read(receipt(kind).encode()))
    assert (found.became, found.trouble, found.original_id) == (became, trouble, "<one@hub.example>")
    assert found.in_trouble == bool(trouble)


@pytest.mark.parametrize("kind", ["manual-action/MDN-sent-manually; failed", f"automatic-action/x; {MARKED}"])
def test_one_that_says_they_cannot_open_it_is_a_person_s_to_read(kind: str) -> None:
    found = meaning(receipt(kind))
    assert isinstance(found, Unclear)
    assert found.why == "receipt_failed"


@pytest.mark.parametrize("words", ["I've got this, ACCEPT, Sgt Jones", "ACCEPT", "We cannot open this"])
def test_one_in_which_somebody_wrote_is_a_person_s_to_read(words: str) -> None:
    found = meaning(receipt("manual-action/MDN-sent-manually; displayed", words=words))
    assert isinstance(found, Unclear)
    assert (found.why, words in found.text) == ("receipt_words", True)


@pytest.mark.parametrize("words", [THUNDERBIRD, OUTLOOK.format(was="was read"), "Ihre Nachricht wurde gelesen.", ""])
def test_what_programs_write_of_every_mail_is_nobody_s_word(words: str) -> None:
    assert meaning(receipt("manual-action/MDN-sent-manually; displayed", words=words)) == Machine("read_receipt")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Read: Message MASH-7K2F", OUTLOOK.format(was="was read")),
        ("Not read: Message MASH-7K2F", OUTLOOK.format(was="was deleted without being read")),
        ("Read: Message", "Your message to hub@hub.example was read on 26/11/2026 10:05."),
        ("Gelesen: Message", "Ihre Nachricht wurde am 26.11.2026 um 10:05 Uhr gelesen."),
    ],
)
def test_a_receipt_in_words_alone(subject: str, words: str) -> None:
    head = f"From: a@health.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    assert is_read_receipt(read((head + words).encode()))
    assert not is_read_receipt(read(f"{head}{words}\nWe accept. Jo".encode()))
