"""Inquiring: the hub asks whoever referred; the answer is unread until somebody looks, and silence is told.

1. Words of our own go out after somebody other than their writer has read them, and only to who may be told in words.
2. Nobody is asked who asked not to be contacted. The others hear by the way that is safe that there is a question;
   its words stand on the receipt page alone, for whoever has the code.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.effect import CloseTask, Effect, Letter, OpenTask, SendLetter, SetClock, StopClock, TaskKind
from exchange.case.event import ClockRanOut
from exchange.case.feedback import Contact, Feedback, ReferrerClass, Told
from exchange.case.pressing import press_again
from exchange.case.question import (
    APPROVED,
    MAY_BECOME,
    Question,
    QuestionApproved,
    QuestionAsked,
    QuestionDropped,
    QuestionStanding,
)
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step
from exchange.case.telling import may_know

CLOCK = "question"


def asked(case: Case, event: QuestionAsked, rules: Rules) -> Step:
    """Something is asked; in words of our own it waits for a second person."""
    if case.closed:
        raise CannotHappen("this case is closed: nobody would be asked why")
    if case.referrer.contact is Contact.NONE:
        raise CannotHappen("they asked not to be contacted at all")
    if not set(event.codes) <= set(dict(APPROVED.choices)) or not (event.codes or event.words):
        raise CannotHappen(f"say what is asked: any of {', '.join(dict(APPROVED.choices))}, or words of your own")
    if event.words and Told.WORDS not in may_know(case):
        raise CannotHappen("this referrer may be told nothing in free words: choose among the approved questions")
    if case.question(event.question):
        raise CannotHappen("somebody else asked something in the same moment: read theirs first")
    standing = QuestionStanding.WAITING if event.words else QuestionStanding.ASKED
    question = Question(event.question, event.by, event.at, event.codes, standing)
    case = replace(case, questions=(*case.questions, question))
    if event.words:
        return Step(case, (OpenTask(_unread(question), TaskKind.APPROVE_QUESTION, "", event.at),))
    return Step(case, _asks(case, question, event.at, rules))


def approved(case: Case, event: QuestionApproved, rules: Rules) -> Step:
    """A second person lets it go."""
    question = _found(case, event.question, QuestionStanding.ASKED)
    if question.by == event.by:
        raise CannotHappen("somebody other than the writer must read these words")
    case = _moved(case, question, QuestionStanding.ASKED)
    return Step(case, (CloseTask(_unread(question)), *_asks(case, question, event.at, rules)))


def dropped(case: Case, event: QuestionDropped, rules: Rules) -> Step:
    """It is not asked, or not waited for any more."""
    question = _found(case, event.question, QuestionStanding.DROPPED)
    case = _moved(case, question, QuestionStanding.DROPPED)
    return Step(case, (CloseTask(_unread(question)), *_over(question)))


def answered(case: Case, question: str) -> Step:
    """The referrer has answered; what they said was recorded as information added. Once answered it stays so."""
    found = case.question(question)
    if found is None or QuestionStanding.ANSWERED not in MAY_BECOME[found.standing]:
        return Step(case)
    return Step(_moved(case, found, QuestionStanding.ANSWERED), _over(found))


def question_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """They have not answered."""
    found = case.question(about)
    if found is None or found.standing is not QuestionStanding.ASKED:
        return Step(case)
    return Step(case, press_again(f"{CLOCK}:{about}", TaskKind.QUESTION, "", event, rules))


def _asks(case: Case, question: Question, at: datetime, rules: Rules) -> tuple[Effect, ...]:
    name = f"{CLOCK}:{question.id}"
    if case.referrer.referrer_class is ReferrerClass.ANONYMOUS:
        return ()  # nobody can reach them: it waits on the page
    by_mail = case.referrer.way is Contact.MAIL
    if by_mail and case.feedback is not Feedback.WITHHELD:  # no letter of news goes then: a person asks
        waits = SetClock(name, clock.due(rules.feedback, at, rules.calendar))
        return (SendLetter(f"news:{question.id}", Letter.NEWS), waits)
    return (OpenTask(name, TaskKind.QUESTION, "", at),) if by_mail or case.referrer.telephone else ()


def _found(case: Case, question: str, into: QuestionStanding) -> Question:
    found = case.question(question)
    if found is None or into not in MAY_BECOME[found.standing]:
        raise CannotHappen("no such question waits: open the case again")
    return found


def _moved(case: Case, question: Question, to: QuestionStanding) -> Case:
    moved = replace(question, standing=to)
    return replace(case, questions=tuple(moved if q.id == question.id else q for q in case.questions))


def _unread(question: Question) -> str:
    return f"approve_question:{question.id}"


def _over(question: Question) -> tuple[Effect, ...]:
    name = f"{CLOCK}:{question.id}"
    return StopClock(name), CloseTask(name)
