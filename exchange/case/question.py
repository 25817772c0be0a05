"""Questions: what the hub asks whoever referred, in approved words or in its own, and whether they have answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.case.code_lists import Code, CodeList

APPROVED = CodeList(  # words that tell nobody anything: they go at once, to any referrer
    "question", "", (
        Code("where_now", "Where are they now, and who is with them?"),
        Code("last_seen", "When did you last see them, and how were they?"),
        Code("saw_yourself", "What did you see or hear yourself, and when?"),
        Code("who_else", "Who else saw it, or knows of it?"),
        Code("who_they_are", "What do you know of their names, ages and address?"),
        Code("do_they_know", "Do they, or their family, know that you told us?"),
        Code("reach_you", "How can we reach you, and when is it safe to?"),
        Code("papers", "Can you add what you have: a photograph, a letter or a report?"),
    ),
)  # fmt: skip


class QuestionStanding(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"  # our own words wait for a second person
    ASKED = "asked"
    ANSWERED = "answered"
    DROPPED = "dropped"


_Q = QuestionStanding
MAY_BECOME: dict[QuestionStanding, frozenset[QuestionStanding]] = {
    _Q.WAITING: frozenset({_Q.ASKED, _Q.DROPPED}),
    _Q.ASKED: frozenset({_Q.ANSWERED, _Q.DROPPED}),
    _Q.ANSWERED: frozenset(),
    _Q.DROPPED: frozenset(),  # what comes all the same is information like any other
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question, or several asked together; words of our own are a sealed body of the same id."""

    id: str  # "q1" within the case
    by: str  # who wrote it: somebody else must read words of our own
    at: datetime
    codes: tuple[str, ...]  # of APPROVED
    standing: QuestionStanding


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A member of staff asks the referrer something."""

    at: datetime
    by: str
    question: str
    codes: tuple[str, ...] = ()
    words: bool = False  # in words of their own too, which wait for a second person


@dataclass(frozen=True, slots=True)
class QuestionApproved:
    """Another one has read the words, and lets them go."""

    at: datetime
    by: str
    question: str


@dataclass(frozen=True, slots=True)
class QuestionDropped:
    """It is not asked, or not waited for any more."""

    at: datetime
    by: str
    question: str
