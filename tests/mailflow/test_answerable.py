"""No machine of ours answers lists, bulk senders and machines; people it does answer."""

from __future__ import annotations

import pytest

from mailflow.answerable import MOST_HOPS, answerable, hops

ANN = "ann.lee@surgery.example"


def may(*headers: tuple[str, str], mail_from: str = ANN, author: str = ANN) -> bool:
    return answerable(headers, mail_from, (author,))


@pytest.mark.parametrize(
    "header",
    [("Subject", "Help"), ("Precedence", "first-class"), ("Precedence", "normal"), ("Listen", "x"),
     ("X-Priority", "1"), ("Auto-Submitted", "no"), ("Received", "from a by b")],
)  # fmt: skip
def test_a_person_is_answered(header: tuple[str, str]) -> None:
    assert may(header)


@pytest.mark.parametrize(
    "header",
    [("List-Id", "<parents.school.example>"), ("LIST-UNSUBSCRIBE", "<mailto:x@y.example>"), ("List-Post", "NO"),
     ("Mailing-List", "x"), ("X-Mailing-List", "x"), ("X-Been-There", "x"), ("X-Loop", "x"), ("Precedence", "bulk"),
     ("Precedence", " list"), ("precedence", "junk"), ("Precedence", "auto_reply"), ("Feedback-ID", "x:y")],
)  # fmt: skip
def test_lists_and_bulk_are_not(header: tuple[str, str]) -> None:
    assert not may(header)
    assert not may(("Subject", "Help"), header)


@pytest.mark.parametrize(
    "address",
    ["", "<>", "MAILER-DAEMON@surgery.example", "owner-parents@school.example", "parents-request@school.example",
     "parents-bounces@school.example", "no-reply@surgery.example", "noreply+x@surgery.example",
     "donotreply@surgery.example", "system.noreply@nhs.example", "bounce+4711=ann@mailer.example",
     "postmaster@surgery.example", "root@host.example"],
)  # fmt: skip
def test_who_reads_no_answers_gets_none(address: str) -> None:
    assert not may(mail_from=address)
    if "@" in address:
        assert not may(author=address)


@pytest.mark.parametrize(
    "address",
    ["nora.reply@surgery.example", "requests@council.example", "owner@farm.example", "rootsandwings@school.example",
     "listener@samaritans.example", "bounceback.youth@charity.example"],
)  # fmt: skip
def test_names_that_only_look_so_are_people(address: str) -> None:
    assert may(mail_from=address, author=address)


def test_servers_are_counted_by_their_own_lines() -> None:
    assert hops((("Received", "x"), ("received", "y"), ("X-Received", "z"), ("Subject", "s"))) == 2
    assert MOST_HOPS == 50
