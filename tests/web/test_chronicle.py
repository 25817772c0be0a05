"""What happened is told in words that name who: no code of the journey is left for a person to look up."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from exchange import chronicle
from exchange.case.acknowledgement import Answer
from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.event import (
    AnswerUnclear,
    ClockRanOut,
    DiscussionCalled,
    Event,
    InviteeReplied,
    LetterNews,
    MachineEvidence,
    PacketNews,
)
from exchange.case.strategy_discussion import Attendance
from exchange.store.casebook import StoredEvent
from tests.case.stories import LOOK, RULES, Story, at, child, contact, rates, says

CALLED = DiscussionCalled(at(50), "manager-1", "d1", at(500), ("s1",), ("police", "health"))


def lines(*events: Event) -> list[chronicle.Line]:
    """The chronicle of a case to which this happened."""
    story = Story(contact(child()), LOOK, rates(), CALLED)
    stored = [StoredEvent(f"e{n}", n, e.at, e) for n, e in enumerate(events, 1)]
    return chronicle.lines(stored, story.case, RULES)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (ClockRanOut(at(30), "remind:l2"), "Nobody has acknowledged yet: Health"),
        (ClockRanOut(at(30), "chase:d1/i2"), "An invitee has not replied: Health"),
        (ClockRanOut(at(30), "decide:s1"), "Not decided in time: Subject 1"),
        (ClockRanOut(at(30), "feedback"), "The referrer has not been told in time"),
        (ClockRanOut(at(30), "milestone:s1/icpc"), "Subject 1: past its time, icpc"),
        (PacketNews(at(30), "l1", News.BOUNCED, "550"), "Packet, Police: came back (550)"),
        (LetterNews(at(30), Letter.REMINDER, "l1", News.KEPT), "Reminder, Police: sealed and kept"),
        (LetterNews(at(30), Letter.PAPERS, "d1/i2", News.KEPT), "Papers, Health: sealed and kept"),
        (says(Answer.NOTHING_KNOWN, "l1"), "Police: not known to them (proof: signature)"),
        (AnswerUnclear(at(30), "l2", "unproved"), "Health: an answer that is unproved; a person must read it"),
        (MachineEvidence(at(30), "l2", "read_receipt"), "Health: read receipt (a machine; not counted)"),
        (
            InviteeReplied(at(60), "d1", "i2", Attendance.ACCEPTED, at(60), "mail"),
            "Health to the invitation: accepted",
        ),
    ],
)
def test_a_line_names_the_agency_or_the_subject(event: Event, words: str) -> None:
    (line,) = lines(event)
    assert line.words == words
    assert not re.search(r"\b[lsi]\d\b", line.words)


def test_a_clock_that_keeps_running_out_is_one_line_at_its_newest_time() -> None:
    again = [ClockRanOut(at(m), "answer:l1") for m in (60, 120, 180)]
    told = lines(again[0], ClockRanOut(at(70), "answer:l2"), says(Answer.RECEIVED), again[1], again[2])
    assert [line.words for line in told] == [
        "No answer in time: Health", "Police: received (proof: signature)", "No answer in time: Police",
    ]  # fmt: skip
    newest = told[-1]
    assert (newest.newest.at, newest.since, newest.times) == (at(180), at(60), 3)
    assert told[0].times == 1


def test_other_things_that_happen_twice_are_told_twice_each_with_who() -> None:
    answer = says(Answer.RECEIVED)
    told = lines(answer, replace(answer, by="manager-1"))
    assert [line.by for line in told] == ["Police", "manager-1"]
