"""Decisions supersede, the referrer is told, and a case does not end while anything is owed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import (
    AnswerUnclear,
    ClockRanOut,
    Closed,
    Event,
    InformationAdded,
    LetterNews,
    OutcomeRecorded,
)
from exchange.case.event import ReferrerReplied as Replied
from exchange.case.feedback import Feedback, FeedbackTold, ReceiptCodeGiven, ReferrerClass
from exchange.case.original import FileUnlocked, MailWaits, WordsRead
from exchange.case.reading import MOST_MAILS
from exchange.case.state import ReferrerCodes
from tests.case.stories import (
    CLOSE,
    CLOSE_ANYWAY,
    LOOK,
    OURS,
    SCHOOL,
    Story,
    at,
    child,
    contact,
    decides,
    rates,
    says,
)

RINGS = ReferrerCodes(ReferrerClass.PUBLIC, "1B", telephone=True)
UNKNOWN = ReferrerCodes(ReferrerClass.PUBLIC, "")
TOLD = FeedbackTold(at(100), "duty-1")
YES, NO = Replied(at(3000), answers=True), Replied(at(3000), answers=False)
OUTCOME = OutcomeRecorded(at(90), "social-worker-1", "s1", "assessment")
ANSWERS = tuple(says(Answer.INFORMATION, leg) for leg in ("l1", "l2", "l3"))


def decided() -> Story:
    return Story(contact(child()), LOOK, *ANSWERS, rates(code="green"), decides())


def letter(news: News, which: Letter = Letter.OUTCOME, about: str = "") -> LetterNews:
    return LetterNews(at(70), which, about, news)


def test_siblings_are_decided_differently_and_the_referrer_is_told_once_about_both() -> None:
    story = Story(contact(child("s1"), child("s2")), rates("s1"), rates("s2"))
    story.tell(decides("s1", Decision.SECTION_47))
    assert not any(key.startswith("outcome") for key in story.letters)
    assert "decide:s1" not in story.clocks
    assert "decide:s2" in story.clocks
    story.tell(decides("s2", Decision.NFA))
    assert [s.decision for s in story.case.subjects] == ["section_47", "nfa"]
    assert [key for key in story.letters if key.startswith("outcome")] == ["outcome:2"]
    assert story.clocks["feedback"] == at(60 + 24 * 60)


def test_a_new_decision_supersedes_and_erases_nothing_and_tells_anew() -> None:
    story = decided().tell(decides(decision=Decision.SECTION_47, after=80))
    assert [stamp.code for stamp in story.case.subjects[0].decisions] == ["assessment", "section_47"]
    assert story.case.subjects[0].decision == "section_47"
    assert [key for key in story.waiting if key.startswith("outcome")] == ["outcome:2"]


@pytest.mark.parametrize(
    ("referrer", "feedback"),
    [
        (SCHOOL, Feedback.DUE),
        (replace(SCHOOL, replyable=False, mailbox="school-1"), Feedback.DUE),
        (ReferrerCodes(ReferrerClass.PUBLIC, "1B", replyable=True), Feedback.DUE),
        (ReferrerCodes(ReferrerClass.RESTRICTED, "6", replyable=True), Feedback.DUE),
        (ReferrerCodes(ReferrerClass.PUBLIC, "1B"), Feedback.ON_PAGE),
        (ReferrerCodes(ReferrerClass.ANONYMOUS, "9", replyable=True, telephone=True), Feedback.ON_PAGE),
    ],
)
def test_only_a_referrer_who_left_an_address_and_a_name_is_written_to(
    referrer: ReferrerCodes, feedback: Feedback
) -> None:
    story = Story(contact(child(), referrer=referrer), rates(), decides())
    assert story.case.feedback is feedback
    assert ("outcome:1" in story.letters) is (feedback is Feedback.DUE)


@pytest.mark.parametrize(
    ("channel", "referrer"),
    [
        ("telephone", RINGS),
        ("telephone", UNKNOWN),
        ("web", RINGS),
        ("api", RINGS),
        ("mail", RINGS),
        ("mail", UNKNOWN),
    ],
)
def test_whom_no_letter_reaches_is_told_by_a_person_who_says_so(channel: str, referrer: ReferrerCodes) -> None:
    first = contact(child(), channel=channel, referrer=referrer)
    story = Story(first, LOOK, *ANSWERS, rates(code="green"), decides())
    assert story.tasks["ring_referrer"].kind is TaskKind.RING_REFERRER
    assert story.tasks["ring_referrer"].due == story.clocks["feedback"]
    assert not any(key.startswith("outcome") for key in story.letters)
    with pytest.raises(CannotHappen, match="the referrer has not been told"):
        story.tell(CLOSE)
    feedback = [
        story.case.feedback,
        story.run_out("feedback").case.feedback,
        story.tell(TOLD, OURS, CLOSE).case.feedback,
    ]
    assert feedback == [Feedback.DUE, Feedback.DUE, Feedback.TOLD]
    assert "ring_referrer" not in story.tasks
    assert "feedback" not in story.clocks


def test_a_new_decision_is_a_new_thing_to_tell() -> None:
    story = Story(contact(child(), channel="telephone", referrer=RINGS), rates(), decides(), TOLD)
    story.tell(decides(decision=Decision.SECTION_47, after=120))
    assert story.case.feedback is Feedback.DUE
    assert "ring_referrer" in story.tasks


def test_whoever_is_told_on_the_telephone_gets_no_letter_after_it() -> None:
    story = decided()
    assert "outcome:1" in story.waiting
    story.tell(TOLD, letter(News.BOUNCED))
    assert story.case.feedback is Feedback.TOLD
    assert "outcome:1" not in story.waiting
    assert "tell_referrer" not in story.tasks


def test_reading_the_code_out_settles_nothing() -> None:
    story = Story(contact(child(), channel="telephone", referrer=RINGS), rates(), decides())
    before = story.case
    story.tell(ReceiptCodeGiven(at(90), "duty-1"))
    assert story.case == before
    assert story.effects == ()


def test_the_clocks_of_a_call_typed_in_later_count_from_the_call() -> None:
    rang = at(-90)
    late = replace(contact(child(), channel="telephone", referrer=RINGS), since=rang)
    story, on_time = Story(late), Story(contact(child(), channel="telephone", referrer=RINGS))
    assert story.case.received_at == rang
    assert story.case.first_look_due == on_time.case.first_look_due - (at(0) - rang)
    assert story.clocks["decide:s1"] == on_time.clocks["decide:s1"] - (at(0) - rang)
    assert story.leg().answer_due == on_time.leg().answer_due  # an agency is asked now, and has its whole time


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((decides("s9"),), "no subject “s9”"),
        ((decides("s1"),), "rate this subject"),
        ((replace(OUTCOME, subject="s9"),), "no subject “s9”"),
        ((OUTCOME,), "record the decision"),
        ((rates(), decides(), replace(OUTCOME, outcome="plan")), "no outcome “plan”: use one of nfa"),
        ((CLOSE,), "nobody has looked"),
        ((TOLD,), "nothing to tell the referrer yet"),
        ((LOOK, CLOSE), "not every subject is decided"),
        ((LOOK, rates(), decides(), CLOSE), "still owes its answer"),
        ((LOOK, *ANSWERS, rates(code="green"), decides(), CLOSE), "the referrer has not been told"),
        ((LOOK, *ANSWERS, rates(code="green"), decides(), letter(News.BOUNCED), CLOSE), "has not been told"),
    ],
)
def test_what_is_out_of_turn_is_refused_with_what_to_do_instead(events: tuple[Event, ...], why: str) -> None:
    *before, last = events
    story = Story(contact(child()), *before)
    with pytest.raises(CannotHappen, match=why):
        story.tell(last)


UNCLEAR = AnswerUnclear(at(95), "l1", "unclear")
LOCKED = InformationAdded(at(95), "duty-1", "mail", "mail-1")


@pytest.mark.parametrize(
    ("came", "ends"),
    [
        (UNCLEAR, WordsRead(at(99), "duty-1", "unclear:l1")),
        (UNCLEAR, says(Answer.INFORMATION, "l1", 99, Proof.STAFF)),
        (LOCKED, FileUnlocked(at(99), "duty-1", "mail-1")),
    ],
)
def test_a_case_does_not_close_over_words_or_files_that_nobody_has_read(came: Event, ends: Event) -> None:
    story = decided().tell(letter(News.ACCEPTED), OURS, came, came, replace(LOOK, at=at(98), rating=""))
    with pytest.raises(CannotHappen, match="an answer or a file waits for somebody to read it"):
        story.tell(CLOSE)
    assert not story.case.closed
    story.tell(ends)
    assert story.case.unread == ()
    assert story.tell(ends, CLOSE).case.closed


def test_a_case_does_not_close_over_a_mail_that_may_be_about_it_and_a_flood_of_them_asks_no_more() -> None:
    waits = [MailWaits(at(95), f"m{n}") for n in range(MOST_MAILS + 5)]
    story = decided().tell(letter(News.ACCEPTED), OURS, *waits)
    assert len([k for k in story.tasks if k.startswith("mail_waits:")]) == MOST_MAILS
    with pytest.raises(CannotHappen, match="waits in the holding pen"):
        story.tell(CLOSE)
    story.tell(*(WordsRead(at(99), "duty-1", key) for key in story.case.unread))
    assert story.tell(CLOSE).case.closed
    assert story.tell(MailWaits(at(3000), "m99")).case.closed  # nobody has said that it is about this case


def test_a_case_does_not_close_while_nobody_was_asked_to_take_on_whom_it_is_decided_about() -> None:
    story = decided().tell(letter(News.ACCEPTED))
    with pytest.raises(CannotHappen, match="nobody was asked to take on"):
        story.tell(CLOSE)
    ours, over = (decided().tell(letter(News.ACCEPTED), *how) for how in ((OURS, CLOSE), (CLOSE_ANYWAY,)))
    assert ours.case.closed
    assert over.case.closed
    ends_here = decided().tell(decides(decision=Decision.ADVICE, after=65), letter(News.ACCEPTED), CLOSE)
    assert ends_here.case.closed


def test_a_named_person_may_close_over_words_that_nobody_has_read_and_they_stay_to_be_read() -> None:
    story = decided().tell(letter(News.ACCEPTED), UNCLEAR, CLOSE_ANYWAY)
    assert story.case.closed
    assert TaskKind.UNCLEAR_ANSWER in story.kinds()


def test_a_contact_that_nobody_typed_in_is_not_closed_quietly() -> None:
    with pytest.raises(CannotHappen, match="not every subject"):
        Story(contact(), LOOK, CLOSE)


def test_what_came_of_it_is_added_to_the_decision() -> None:
    story = decided().tell(OUTCOME, replace(OUTCOME, outcome="early_help"))
    assert [stamp.code for stamp in story.case.subjects[0].outcomes] == ["assessment", "early_help"]


def test_a_case_with_nothing_owed_closes_once_and_stops_reminding() -> None:
    story = decided().tell(letter(News.ACCEPTED), OURS, CLOSE)
    assert story.case.closed
    assert story.case.closed.code == "closed"
    story.tell(Closed(at(2100), "manager-2"))
    assert story.case.closed.by == "manager-1"
    assert story.effects == ()


def test_a_named_person_may_close_over_what_is_open() -> None:
    story = Story(contact(child())).run_out("remind:l1", "remind:l1", "remind:l1").tell(CLOSE_ANYWAY)
    assert story.case.closed
    assert story.case.closed.code == "closed_with_override"
    assert not [name for name in story.clocks if name.startswith(("remind", "answer"))]
    assert not [key for key in story.waiting if key.startswith("reminder")]
    assert "silent:l1" not in story.tasks


def test_what_is_added_to_a_closed_case_opens_it_again_unread() -> None:
    story = decided().tell(CLOSE_ANYWAY, InformationAdded(at(2100), "referrer", "web"))
    assert TaskKind.FIRST_LOOK in story.kinds()
    assert story.case.closed is None


def test_a_decision_that_is_late_is_pressed_until_it_is_made() -> None:
    story = Story(contact(child()), rates()).run_out("decide:s1", "decide:s1")
    assert story.tasks["decide:s1"].about == "s1"
    assert story.clocks["decide:s1"] == at(6 * 60)
    story.tell(decides())
    assert "decide:s1" not in story.tasks
    assert story.tell(ClockRanOut(at(900), "decide:s1")).effects == ()


def test_a_referrer_who_was_not_told_is_pressed_until_told() -> None:
    story = decided().run_out("feedback")
    assert story.tasks["tell_referrer"].kind is TaskKind.TELL_REFERRER
    assert "feedback" in story.clocks
    story.tell(letter(News.DELIVERED))
    assert story.case.feedback is Feedback.SENT
    assert "tell_referrer" not in story.tasks
    assert story.tell(ClockRanOut(at(9000), "feedback")).effects == ()


@pytest.mark.parametrize("news", [News.REFUSED, News.BOUNCED, News.HELD])
def test_an_outcome_that_cannot_arrive_is_told_by_a_person(news: News) -> None:
    story = decided().tell(letter(News.ACCEPTED), letter(news))
    assert TaskKind.TELL_REFERRER in story.kinds()
    story.tell(letter(News.ACCEPTED))
    assert "tell_referrer" not in story.tasks
    assert story.case.feedback is Feedback.SENT


@pytest.mark.parametrize("news", [News.KEPT, News.DEFERRED, News.DELAYED, News.UNCERTAIN])
def test_an_outcome_on_its_way_is_not_told_yet(news: News) -> None:
    story = decided().tell(letter(news))
    assert story.case.feedback is Feedback.DUE
    assert "feedback" in story.clocks


@pytest.mark.parametrize(
    ("which", "about"), [(Letter.RECEIPT, ""), (Letter.REMINDER, "l1"), (Letter.PAPERS, "d1/i1")]
)
def test_another_letter_that_cannot_arrive_is_a_task_until_it_does(which: Letter, about: str) -> None:
    story = decided().tell(letter(News.BOUNCED, which, about))
    assert story.tasks[f"letter:{which}:{about}"].kind is TaskKind.LETTER_FAILED
    story.tell(letter(News.DEFERRED, which, about))
    assert TaskKind.LETTER_FAILED in story.kinds()
    story.tell(letter(News.ACCEPTED, which, about))
    assert TaskKind.LETTER_FAILED not in story.kinds()


def test_a_referrer_who_says_no_reopens_the_case_loudly_until_they_say_yes() -> None:
    story = decided().tell(letter(News.ACCEPTED), OURS, CLOSE, NO)
    assert story.case.closed is None
    assert story.tasks["disputed"].kind is TaskKind.DISPUTED
    with pytest.raises(CannotHappen, match="has not been told"):
        story.tell(CLOSE)
    story.tell(YES)
    assert "disputed" not in story.tasks
    assert story.tell(CLOSE).case.closed


def test_what_was_open_when_the_case_was_closed_is_waited_for_again_when_it_is_reopened() -> None:
    story = Story(contact(child()), CLOSE_ANYWAY, ClockRanOut(at(2500), "decide:s1"), NO)
    assert {"answer:l1", "answer:l2", "answer:l3", "decide:s1"} <= set(story.clocks)


@pytest.mark.parametrize("said", [YES, NO])
def test_what_the_referrer_said_outlives_late_news_of_the_letter(said: Replied) -> None:
    story = decided().tell(letter(News.ACCEPTED), said)
    held = story.case.feedback
    story.tell(letter(News.BOUNCED), letter(News.DELIVERED))
    assert story.case.feedback is held


def test_a_referrer_who_confirms_need_not_be_told_any_more() -> None:
    story = decided().tell(letter(News.BOUNCED), YES)
    assert "feedback" not in story.clocks
    assert "tell_referrer" not in story.tasks
