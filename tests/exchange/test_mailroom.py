"""Which deliveries are one mail: the same recipient, Message-ID and body, whatever servers wrote on top."""

from __future__ import annotations

import time

import pytest

from exchange.mailroom import _identity, _named

WHO = "referrals@hub.example"
MAIL = b"From: head@school.example\r\nMessage-ID: <1@school.example>\r\nSubject: a\r\n\r\nhi\r\n"


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(MAIL, id="the very same"),
        pytest.param(b"Received: from b.example\r\n\tby c.example\r\nX-Spam: no\r\n" + MAIL, id="another way here"),
        pytest.param(MAIL.replace(b"Subject: a", b"Subject: a\r\nDKIM-Signature: v=1;\r\n b=x"), id="signed again"),
    ],
)
def test_a_repeated_delivery_is_one_mail(again: bytes) -> None:
    assert _identity(WHO, again) == _identity(WHO, MAIL)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(MAIL.replace(b"hi", b"help"), id="the Message-ID used again for other words"),
        pytest.param(MAIL.replace(b"<1@", b"<2@"), id="the same words under another Message-ID"),
        pytest.param(MAIL.replace(b"head@", b"nurse@"), id="from somebody else"),
        pytest.param(MAIL.replace(b"\r\n\r\nhi", b"\r\nhi"), id="no body"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_other_words_are_another_mail(other: bytes) -> None:
    assert _identity(WHO, other) != _identity(WHO, MAIL)


def test_a_message_id_names_a_mail_whatever_stands_around_it() -> None:
    folded = MAIL.replace(b"Message-ID: <1@", b"Message-Id:\r\n <1@")
    for other in (folded, MAIL.replace(b"hi", b"help"), MAIL.replace(b"\r\n\r\nhi", b"\r\nhi")):
        assert _named(WHO, other) == _named(WHO, MAIL)
    assert _named("l.1@hub.example", MAIL) != _named(WHO, MAIL)
    assert _named(WHO, MAIL.replace(b"<1@", b"<2@")) != _named(WHO, MAIL)
    for without in (b"From: a@b.example\r\n\r\nMessage-ID: <1@school.example>\r\n", b"Message-ID:\r\n\r\nhi", b""):
        assert _named(WHO, without) is None


def test_each_recipient_gets_its_own() -> None:
    assert _identity("l.1@hub.example", MAIL) != _identity(WHO, MAIL)


@pytest.mark.parametrize("line", [b"X-%d: y\r\n", b" fold %d\r\n"], ids=["headers", "folds"])
def test_a_mail_of_headers_alone_is_told_from_others_at_no_cost(line: bytes) -> None:
    """It is looked at before it is ours, by the process that answers everybody."""
    many = MAIL[: MAIL.index(b"\r\n\r\n") + 2] + b"".join(line % n for n in range(1_500_000))
    before = time.process_time()
    assert _identity(WHO, many + b"\r\nhi") != _identity(WHO, many + b"\r\nhelp")
    assert _named(WHO, many) == _named(WHO, MAIL)
    assert time.process_time() - before < 0.5
