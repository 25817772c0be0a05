"""Mail that others wrote, of some sixty mail systems, is read as its labels say; where it is away, our own is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.score import LABELS, NoLabels, Sample, Score, misses, samples, scored, table
from mailflow.disposition import is_read_receipt
from mailflow.mime import read

CORPUS = Path(os.environ.get("MAIL_CORPUS", Path(__file__).parents[3] / "shared" / "mail"))

BOUNCED = b"""Return-Path: <>
From: MAILER-DAEMON@relay.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; duty@health.example
Action: %b
Status: %b
--b--
"""
COMPLAINT = b"""From: feedback@relay.example
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

This is a complaint.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
--b--
"""
AWAY = b"From: duty@health.example\nSubject: Away\nAuto-Submitted: auto-replied\n\nReceived. I am away.\n"
HUMAN = b"From: ann.lee@health.example\nSubject: Re: Message\nIn-Reply-To: <one@hub.example>\n\nWe accept.\n"
WHO = "duty@health.example"
OURS = {
    "bounced": (BOUNCED % (b"failed", b"5.1.1"), WHO, "failed"),
    "delayed": (BOUNCED % (b"delayed", b"4.4.1"), WHO, "delayed"),
    "given up": (BOUNCED % (b"failed", b"4.4.7"), WHO, "delayed"),
    "delivered": (BOUNCED % (b"delivered", b"2.0.0"), WHO, "delivered"),
    "complaint": (COMPLAINT, WHO, "feedback"),
    "away": (AWAY, WHO, "vacation"),
    "human": (HUMAN, "", "person"),
    "nobody says": (HUMAN, "", "none"),
}


def folder_of_our_own(folder: Path, **more: tuple[bytes, str, str]) -> Path:
    mails = OURS | more
    rows = [f"{name}\t{who}\t{kind}\t\t" for name, (_, who, kind) in mails.items()]
    (folder / LABELS).write_text("\n".join(["file\trecipient\tkind\treason\tstatus", *rows]) + "\n")
    for name, (octets, _, _) in mails.items():
        (folder / name).write_bytes(octets)
    return folder


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    here = CORPUS if CORPUS.is_dir() else folder_of_our_own(tmp_path_factory.mktemp("mails"))
    return samples(here)


@pytest.fixture(scope="module")
def score(mails: list[Sample]) -> Score:
    return asyncio.run(scored(mails))


def test_reports_are_read_right_without_a_token_of_ours_and_with_it(score: Score) -> None:
    assert score.reports >= 5
    assert score.share("alone") >= 0.90
    assert score.share("token") >= 0.97
    assert score.matched == score.reports


def test_nothing_is_lost_and_no_machine_is_taken_for_a_person_or_a_person_for_one(score: Score) -> None:
    assert score.automatic
    assert score.people
    assert (score.lost, score.counted, score.swallowed) == ([], [], [])


def test_peoples_mail_is_no_read_receipt(mails: list[Sample]) -> None:
    of_people = [sample for sample in mails if not sample.told or "person" in sample.kinds]
    assert [s.name for s in of_people if is_read_receipt(read(s.path.read_bytes()))] == []


# -- the command


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.score", *words], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_score_is_printed_with_every_miss(tmp_path: Path) -> None:
    wrong = folder_of_our_own(tmp_path, mislabelled=(HUMAN, "", "vacation"), other=(AWAY, WHO, "failed"))
    ran = run(str(wrong))
    assert ran.returncode == 1
    assert "| reports: recipient and class right, without our token | 5 | 6 | 83.3% | 90 % |" in ran.stdout
    assert "| automatic replies not taken for a person's | 1 | 2 | 50.0% | all |" in ran.stdout
    assert "  mislabelled: taken for human_reply" in ran.stdout
    assert f"  other: {WHO} failed; read: automatic_reply" in ran.stdout
    assert "  nobody says: human_reply" in ran.stdout


def test_a_folder_that_is_read_right_scores_well(tmp_path: Path) -> None:
    found = asyncio.run(scored(samples(folder_of_our_own(tmp_path))))
    assert found.good
    assert table(found).count("100.0%") == 7
    assert list(misses(found)) == ["\nno label says what it is, taken for:", "  nobody says: human_reply"]


def test_where_there_is_nothing_to_score_it_says_so(tmp_path: Path) -> None:
    ran = run(str(tmp_path / "gone"))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"{tmp_path}/gone holds no expected.tsv: name a folder with labelled mail" in ran.stderr
    (tmp_path / LABELS).write_text("file\trecipient\tkind\ngone.eml\t\tfailed\n")
    with pytest.raises(NoLabels, match=r"gone\.eml, which is not there"):
        samples(tmp_path)
