"""The hub asks the referrer: in approved words at once, in its own through a second person; silence is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import Event, InformationAdded
from exchange.case.feedback import Contact, FeedbackWithheld, ReferrerClass
from exchange.case.question import QuestionApproved, QuestionAsked, QuestionDropped, QuestionStanding
from exchange.case.state import ReferrerCodes
from exchange.case.step import CannotHappen
from tests.case.stories import CLOSE_ANYWAY, LOOK, SCHOOL, Story, at, child, contact

MAILED = replace(SCHOOL, may_mail=True)
RUNG = ReferrerCodes(ReferrerClass.PUBLIC, "1B", telephone=True)
ASK = QuestionAsked(at(10), "duty-1", "q1", ("where_now",))
WRITE = QuestionAsked(at(10), "duty-1", "q1", words=True)
ANSWER = InformationAdded(at(50), "referrer", "web", answers="q1")


def asked(referrer: ReferrerCodes, *events: Event) -> Story:
    return Story(contact(child(), referrer=referrer), LOOK, *events)


def test_an_approved_question_is_asked_at_once_and_its_answer_is_unread() -> None:
    story = asked(MAILED, ASK)
    assert story.waiting["news:q1"] == SendLetter(
        "news:q1", Letter.NEWS
    )  # that there is something, and nothing of it
    assert story.clocks["question:q1"] == at(10 + 24 * 60)
    assert story.case.looked_at
    story.tell(ANSWER)
    assert story.case.questions[0].standing is QuestionStanding.ANSWERED
    assert story.case.looked_at is None
    assert story.clocks["first_look"] == at(80)
    assert "question:q1" not in story.clocks
    story.tell(replace(ANSWER, at=at(60)))
    assert story.case.questions[0].standing is QuestionStanding.ANSWERED
    assert story.case.additions == 2  # what they say again is kept too


def test_words_of_our_own_wait_for_somebody_else() -> None:
    story = asked(MAILED, WRITE)
    assert story.kinds() >= {TaskKind.APPROVE_QUESTION}
    assert "news:q1" not in story.letters
    with pytest.raises(CannotHappen, match="other than the writer"):
        story.tell(QuestionApproved(at(11), "duty-1", "q1"))
    story.tell(QuestionApproved(at(12), "duty-2", "q1"))
    assert TaskKind.APPROVE_QUESTION not in story.kinds()
    assert "news:q1" in story.waiting
    with pytest.raises(CannotHappen, match="no such question waits"):
        story.tell(QuestionApproved(at(13), "duty-2", "q1"))


def test_who_does_not_answer_is_rung_until_they_do() -> None:
    story = asked(MAILED, ASK).run_out("question:q1")
    assert story.tasks["question:q1"].kind is TaskKind.QUESTION
    assert "question:q1" in story.clocks
    story.tell(QuestionDropped(at(3000), "duty-1", "q1"))
    assert "question:q1" not in {*story.tasks, *story.clocks}
    assert story.case.questions[0].standing is QuestionStanding.DROPPED
    story.clocks["question:q1"] = at(4000)
    story.run_out("question:q1").tell(replace(ANSWER, at=at(5000)))
    assert story.case.questions[0].standing is QuestionStanding.DROPPED
    with pytest.raises(CannotHappen, match="no such question waits"):
        story.tell(QuestionDropped(at(5001), "duty-1", "q1"))


def test_who_may_only_be_rung_is_rung_and_who_is_unnamed_finds_it_on_the_page() -> None:
    assert asked(RUNG, ASK).tasks["question:q1"].kind is TaskKind.QUESTION
    quiet = asked(ReferrerCodes(ReferrerClass.ANONYMOUS, "9"), ASK)
    assert quiet.case.questions[0].standing is QuestionStanding.ASKED
    assert not {"question:q1", "news:q1"} & {*quiet.tasks, *quiet.clocks, *quiet.letters}
    page = asked(ReferrerCodes(ReferrerClass.PUBLIC, "1B"), ASK)
    assert "question:q1" not in page.tasks


def test_while_something_is_withheld_no_letter_says_that_there_is_a_question_and_a_person_asks() -> None:
    withheld = FeedbackWithheld(at(5), "manager-1", "lado", at(9000))
    story = asked(MAILED, withheld, ASK)
    assert story.tasks["question:q1"].kind is TaskKind.QUESTION
    assert "news:q1" not in story.letters


@pytest.mark.parametrize(
    ("referrer", "event", "why"),
    [
        (MAILED, replace(ASK, codes=()), "say what is asked"),
        (MAILED, replace(ASK, codes=("why",)), "say what is asked"),
        (RUNG, WRITE, "nothing in free words"),
        (replace(MAILED, contact=Contact.NONE), ASK, "not to be contacted"),
    ],
)
def test_what_may_not_be_asked_is_refused(referrer: ReferrerCodes, event: QuestionAsked, why: str) -> None:
    story = asked(referrer)
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case.questions == ()


def test_a_closed_case_asks_nothing_and_two_at_once_are_told() -> None:
    with pytest.raises(CannotHappen, match="closed"):
        asked(MAILED, CLOSE_ANYWAY, ASK)
    with pytest.raises(CannotHappen, match="same moment"):
        asked(MAILED, ASK, ASK)


def test_an_answer_to_no_question_is_information_all_the_same() -> None:
    story = asked(MAILED, replace(ANSWER, answers="q9"))
    assert story.case.additions == 1
    assert story.case.looked_at is None
