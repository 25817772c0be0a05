"""A proof that was written for another address, another case or another time proves nothing here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exchange import sent_again
from exchange.case.acknowledgement import Proof
from mailflow.authenticity import Authenticity
from mailflow.evidence import Evidence
from mailflow.interpret import About, Said, Unclear, interpret, proof
from mailflow.mime import read

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HERE, THERE = "l.7.abcdefghijklmnop@hub.example", "l.8.abcdefghijklmnop@hub.example"
PROVED = Authenticity("pass", (), "pass", "health.example", "health.example")
LEG = About("leg", ("health.example",))
CASE = "MASH-7K2F-9QXD"
MAIL = """From: Ann Lee <ann.lee@health.example>
To: {to}
Cc: {cc}
Subject: {subject}
Date: {date}

ACCEPT
"""


def evidence(
    to: str = HERE,
    cc: str = "",
    subject: str = "Re: Message MASH-7K2F-9QXD",
    written: datetime = NOW,
    words: str = "ACCEPT",
) -> Evidence:
    raw = MAIL.replace("ACCEPT", words).format(
        to=to, cc=cc, subject=subject, date=written.strftime("%a, %d %b %Y %H:%M:%S +0000")
    )
    return Evidence(read(raw.replace("\n", "\r\n").encode()), PROVED)


def why(e: Evidence) -> str:
    return sent_again.why(e, HERE, CASE, NOW)


@pytest.mark.parametrize(
    "e",
    [
        pytest.param(evidence(), id="as it should be"),
        pytest.param(evidence(to=HERE.upper()), id="in capitals"),
        pytest.param(evidence(to=THERE, cc=f"Hub <{HERE}>"), id="a copy"),
        pytest.param(evidence(to=f"{THERE}, {HERE}"), id="to two at once"),
        pytest.param(evidence(subject="Re: your message"), id="without a reference"),
        pytest.param(evidence(subject="Re: mash-7k2f-9qxd and MASH-AAAA-BBBB"), id="two references"),
        pytest.param(evidence(subject="Re: Message MASH-7K2F-9QXD, ours is CASE-1234-5678"), id="theirs beside it"),
        pytest.param(evidence(written=NOW - timedelta(days=6)), id="long on its way"),
        pytest.param(evidence(written=NOW + timedelta(days=1)), id="a clock ahead of ours"),
    ],
)
def test_what_was_written_here_and_now_is_believed(e: Evidence) -> None:
    assert why(e) == ""
    assert proof(replace(e, sent_again=why(e)), LEG) is Proof.DKIM


@pytest.mark.parametrize(
    ("e", "reason"),
    [
        pytest.param(evidence(to=THERE), "other_address", id="another address"),
        pytest.param(evidence(to="colleague@health.example", cc=THERE), "other_address", id="never to us"),
        pytest.param(evidence(subject="Re: Message MASH-AAAA-BBBB"), "other_case", id="another case"),
        pytest.param(evidence(words="ACCEPT\n\nAnn Lee\nMASH-AAAA-BBBB"), "other_case", id="in their own words"),
        pytest.param(evidence(written=NOW - timedelta(days=8)), "old", id="last week's"),
        pytest.param(evidence(written=NOW + timedelta(days=3)), "old", id="not written yet"),
    ],
)
def test_a_replay_proves_nothing_and_a_person_reads_it(e: Evidence, reason: str) -> None:
    assert why(e) == reason
    again = replace(e, sent_again=why(e))
    assert proof(again, LEG) is Proof.NONE
    meaning = interpret(again, LEG)
    assert isinstance(meaning, Unclear)
    assert meaning.why == "sent_again"
    assert isinstance(interpret(e, LEG), Said)


def test_the_address_inside_the_seal_is_the_one_that_counts() -> None:
    """A captured answer, sealed and signed, sent on by somebody in the middle under a new envelope."""
    inner = read(f'To: {THERE}\r\nContent-Type: text/plain; hp="cipher"\r\n\r\nACCEPT\r\n'.encode())
    assert why(replace(evidence(), inner=inner)) == "other_address"
    unclaimed = read(f"To: {THERE}\r\nContent-Type: text/plain\r\n\r\nACCEPT\r\n".encode())
    assert why(replace(evidence(), inner=unclaimed)) == ""


SEALED = "Content-Type: text/plain{claims}\r\n{headers}\r\nACCEPT\r\n\r\n> your packet {reference}\r\n"


@pytest.mark.parametrize(
    ("claims", "headers", "quoted", "reason"),
    [
        pytest.param("", "", "MASH-7K2F-9QXD", "", id="its quote is of this case"),
        pytest.param("", "", "MASH-AAAA-BBBB", "other_case", id="its quote is of another"),
        pytest.param("", "Subject: Re: MASH-AAAA-BBBB\r\n", "MASH-7K2F-9QXD", "", id="a header nobody claims"),
        pytest.param('; hp="cipher"', "Subject: Re: MASH-AAAA-BBBB\r\n", "", "other_case", id="the sealed subject"),
        pytest.param('; hp="cipher"', "In-Reply-To: <1@hub.example>\r\n", "", "", id="the same letter answered"),
        pytest.param('; hp="cipher"', "In-Reply-To: <2@hub.example>\r\n", "", "other_case", id="another letter"),
    ],
)
def test_what_was_sealed_outdoes_what_stands_outside(claims: str, headers: str, quoted: str, reason: str) -> None:
    """Whoever sends a sealed answer on may write anything on its envelope, the reference of this case too."""
    inner = read(SEALED.format(claims=claims, headers=headers, reference=quoted).encode())
    outer = replace(evidence().mail, in_reply_to=("<1@hub.example>",))
    assert why(replace(evidence(), mail=outer, inner=inner)) == reason


def test_a_mail_without_these_headers_is_judged_by_the_others() -> None:
    bare = Evidence(read(b"From: ann.lee@health.example\r\n\r\nACCEPT\r\n"), PROVED)
    assert why(bare) == ""
    assert sent_again.why(bare, HERE, "", NOW) == ""
