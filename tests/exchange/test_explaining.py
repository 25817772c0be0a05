"""What is told of a mail file: every verdict beside what it rests on, and no name server asked twice or in vain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from exchange import explaining
from exchange.examining import Examiner
from exchange.explaining import Explainer, OnceTroubled
from exchange.pins import Pins
from mailflow.authenticity import DnsTrouble
from mailflow.reader import Reader
from tests.mailflow.foreign_reports import REPORTS
from tests.mailflow.test_coded_reports import ABROAD, REASON, report

SEALED = (
    b"From: ann.lee@health.example\r\nSubject: Re: Message\r\nIn-Reply-To: <1@hub.example>\r\n\r\n"
    b"Please ring me.\r\n\r\n"
    b"-----BEGIN PGP MESSAGE-----\r\nComment: x\r\n\r\nhQIMA6ABCDEF\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"
)
FAKE = SEALED.replace(b"hQIMA6ABCDEF", b"what does this mean, I cannot open it")


class Names:
    """A name server that counts, and may be in trouble."""

    def __init__(self, *, trouble: bool = False) -> None:
        self.asked: list[tuple[str, str]] = []
        self.trouble = trouble

    def lookup(self, name: str, kind: str) -> list[Any]:
        self.asked.append((name, kind))
        if self.trouble:
            raise DnsTrouble("none")
        return []


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    made = await Reader.start()
    yield made
    await made.close()


async def told(reader: Reader, raw: bytes) -> dict[str, Any]:
    line = await Explainer(Examiner(reader, None, Names()), Pins.made_of(())).explain(raw)
    jsonschema.validate({"file": "x", **line}, explaining.schema())
    return line


async def test_what_stayed_shut_is_no_words_and_somebodys_own_in_its_place_are(reader: Reader) -> None:
    shut = await told(reader, SEALED)
    assert (shut["integrity"], shut["words"], shut["answer"]) == ("no_key", "Please ring me.", "unclear")
    assert "what does this mean, I cannot open it" in (await told(reader, FAKE))["words"]


@pytest.mark.parametrize("name", ["Exchange Online, HTML", "Exim, retry time over", "Google, still trying"])
async def test_a_report_tells_class_and_whether_anybody_still_tries(reader: Reader, name: str) -> None:
    mail, kind, final = REPORTS[name]
    line = await told(reader, mail.encode())
    [recipient] = line["recipients"]
    assert (recipient["class"], recipient["final"]) == (kind, final)
    assert line["kind"] == kind
    assert ("task to telephone" in line["then"]) is final


async def test_files_are_told_in_their_order_and_one_that_is_not_there_is_an_error(
    reader: Reader, tmp_path: Path
) -> None:
    files = [tmp_path / f"{n:03}.eml" for n in range(40)]
    for n, file in enumerate(files):
        file.write_bytes(b"From: a@b.example\r\nSubject: %d\r\n\r\nx\r\n" % n)
    files.insert(20, tmp_path / "gone")
    here = Explainer(Examiner(reader, None, Names()), Pins.made_of(()))
    found = [(file, line) async for file, line in here.explain_files(files)]
    assert [file for file, _ in found] == files
    assert isinstance(found[20][1], OSError)
    assert [line["subject"] for _, line in found if isinstance(line, dict)] == [str(n) for n in range(40)]


async def test_without_an_envelope_the_sender_is_not_judged_by_it(reader: Reader) -> None:
    names = Names()
    line = await Explainer(Examiner(reader, None, names), Pins.made_of(())).explain(SEALED)
    assert line["authenticity"]["spf"] == "none"
    assert names.asked == [("_dmarc.health.example", "TXT")]


def test_a_name_is_asked_once_and_no_more_after_trouble() -> None:
    names = Names()
    once = OnceTroubled(names)
    assert [once.lookup(name, "TXT") for name in ("a.example", "A.example.", "b.example")] == [[], [], []]
    assert names.asked == [("a.example", "TXT"), ("b.example", "TXT")]
    names.trouble = True
    for name in ("c.example", "d.example", "a.example"):
        with pytest.raises(DnsTrouble):
            once.lookup(name, "TXT")
    assert len(names.asked) == 3
    with pytest.raises(DnsTrouble):
        OnceTroubled(None).lookup("a.example", "TXT")


async def test_a_report_in_another_script_is_told_as_it_is_written(reader: Reader) -> None:
    line = await told(reader, report("message/global-delivery-status", ABROAD))
    [recipient] = line["recipients"]
    assert (recipient["address"], recipient["reason"]) == ("josé@médecin.example", REASON)


async def test_what_was_handed_on_is_not_final_and_what_it_becomes_is_no_delivery(reader: Reader) -> None:
    mail, kind, _ = REPORTS["relayed"]
    line = await told(reader, mail.encode())
    assert (line["kind"], line["recipients"][0]["class"], line["recipients"][0]["final"]) == (kind, kind, False)
    assert "no mailbox has it yet" in line["then"]


async def test_what_goes_round_in_circles_is_told_to_be_a_persons(reader: Reader) -> None:
    line = await told(reader, b"Received: from a.example by b.example\r\n" * 60 + SEALED)
    assert line["then"].startswith("a person reads it: it has passed so many servers")


async def test_at_a_terminal_no_character_of_a_stranger_is_obeyed_and_what_is_proved_is_told(reader: Reader) -> None:
    raw = (
        b"From: =?utf-8?q?ann=1B[2J?= <ann.lee@health.example>\r\nSubject: =?utf-8?q?Re:_=1B]0;x=07_=E2=80=AE?=\r\n"
        b"\r\nRECEIVED\x1b[31m\r\nThanks\r\n"
    )
    shown = explaining.as_text("x", await told(reader, raw))
    assert not [c for c in shown.replace("\n", "") if not c.isprintable()]
    assert "  from: ann.lee@health.example; subject: Re: " in shown
    assert "  proved: nobody’s domain (SPF none, DKIM none, DMARC none, ARC none)" in shown
    too_large = explaining.as_text("x", await told(reader, b"From: a@b.example\r\n\r\n" + b"x" * 45_000_000))
    assert "  cannot be read: too large" in too_large


async def test_each_says_which_message_it_is_about_and_to_whom_that_was_written(
    reader: Reader,
) -> None:
    reply = b"From: a@health.example\nIn-Reply-To: <one@hub.example>\nReferences: <nil@hub.example>\n\nReceived.\n"
    assert (await told(reader, reply))["original_message_id"] == "<one@hub.example>"
    receipt = (
        b"From: a@health.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\nRead.\n"
        b"--b\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <two@hub.example>\n"
        b"Disposition: manual-action/MDN-sent-manually; failed\nFailure: cannot decrypt\n--b--\n"
    )
    line = await told(reader, receipt)
    assert (line["kind"], line["original_message_id"]) == ("read_receipt", "<two@hub.example>")
    assert line["why"].endswith("it says failed: cannot decrypt")
    passed_on = (
        b"From: MAILER-DAEMON@relay.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\nIt failed.\n--b\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        b"Original-Recipient: rfc822; smith@police.example\nFinal-Recipient: rfc822; s123@internal.example\n"
        b"Action: failed\nStatus: 5.1.1\n--b--\n"
    )
    [recipient] = (await told(reader, passed_on))["recipients"]
    assert (recipient["address"], recipient["written_to"]) == ("s123@internal.example", "smith@police.example")
