"""The referrer hears by the way that is safe, in words two people answer for, or not until a review."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision, Specialist
from exchange.case.delivery import News
from exchange.case.effect import TO_REFERRER, Letter, TaskKind
from exchange.case.event import Closed, Event, InformationAdded, LetterNews, LookedAt, ReferrerReplied, Transcribed
from exchange.case.feedback import (
    DISCREETLY,
    MAY_BE_TOLD,
    Contact,
    ContactChanged,
    DraftStanding,
    Feedback,
    FeedbackApproved,
    FeedbackDrafted,
    FeedbackDropped,
    FeedbackReleased,
    FeedbackTold,
    FeedbackWithheld,
    Reach,
    ReferrerClass,
    Told,
)
from exchange.case.referral import Referral
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.state import ReferrerCodes
from exchange.case.telling import may_know, reach_of
from exchange.contacting import referrer_from
from tests.case.stories import (
    CLOSE,
    CLOSE_ANYWAY,
    FIELDS,
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

GP = ReferrerCodes(ReferrerClass.PROFESSIONAL, "3A", mailbox="gp-1", replyable=True, proved=True)
WRITE = FeedbackDrafted(at(100), "duty-1", "f1")
APPROVE = FeedbackApproved(at(110), "manager-1", "f1")
WITHHOLD = FeedbackWithheld(at(100), "manager-1", "lado", at(5000))
SENT = LetterNews(at(70), Letter.OUTCOME, "", News.ACCEPTED)


def by(contact_: Contact, *, may_mail: bool = False) -> ReferrerCodes:
    return replace(GP, contact=contact_, may_mail=may_mail)


def told(referrer: ReferrerCodes = SCHOOL, *more: Event) -> Story:
    """A case whose one child is decided."""
    return Story(contact(child(), referrer=referrer), LOOK, rates(code="green"), decides(), *more)


def outcomes(story: Story) -> list[str]:
    return [key for key in story.letters if key.startswith("outcome:")]


@pytest.mark.parametrize("channel", ["mail", "web", "telephone", "api"])
@pytest.mark.parametrize("way", [Contact.NONE, Contact.PAGE, Contact.TELEPHONE])
def test_where_mail_is_not_safe_no_letter_of_any_kind_is_asked_for(channel: str, way: Contact) -> None:
    started = contact(child(), channel=channel, referrer=by(way))
    story = Story(started, LOOK, rates(), decides(), decides(decision=Decision.NFA, after=90))
    story.tell(replace(WRITE, draft="f1"), APPROVE, FeedbackReleased(at(120), "manager-1"))
    assert not [key for key in story.letters if key.startswith(("receipt", "accepted", "outcome:", "news:"))]


def test_who_may_be_rung_only_is_rung_with_a_task_until_told() -> None:
    story = told(by(Contact.TELEPHONE))
    assert str(story.case.feedback) == "due"
    assert story.tasks["ring_referrer"].kind is TaskKind.RING_REFERRER
    story.run_out("feedback")
    assert set(story.tasks) & {"tell_referrer", "ring_referrer"} == {"ring_referrer"}
    story.tell(FeedbackTold(at(2000), "duty-1"))
    assert story.case.feedback is Feedback.TOLD
    assert "ring_referrer" not in story.tasks
    assert "feedback" not in story.clocks


@pytest.mark.parametrize("way", [Contact.MAIL, Contact.TELEPHONE, Contact.PAGE])
def test_a_child_who_wrote_hears_of_the_end_from_a_person_and_a_business_not_at_all(way: Contact) -> None:
    wrote = by(way, may_mail=way is Contact.MAIL)
    of_themself = told(replace(wrote, referrer_class=ReferrerClass.SELF))
    assert not outcomes(of_themself)
    assert of_themself.case.feedback is Feedback.DUE
    of_themself.run_out("feedback")
    assert set(of_themself.tasks) & {"tell_referrer", "ring_referrer"} == {"tell_referrer"}
    business = told(replace(wrote, referrer_class=ReferrerClass.BUSINESS))
    assert not outcomes(business)
    assert business.case.feedback is Feedback.ON_PAGE
    assert not set(business.tasks) & {"tell_referrer", "ring_referrer"}


@pytest.mark.parametrize(
    ("way", "number", "reach"),
    [
        (Contact.MAIL, False, Reach.SAFELY),
        (Contact.TELEPHONE, True, Reach.SAFELY),
        (Contact.TELEPHONE, False, Reach.UNKNOWN),  # "ring me", and no number
        (Contact.PAGE, True, Reach.UNKNOWN),  # the number is not for this
        (Contact.NONE, True, Reach.UNWANTED),
    ],
)
def test_who_told_of_themself_is_reached_by_the_way_they_said_and_no_other(
    way: Contact, number: bool, reach: Reach
) -> None:
    wrote = by(way, may_mail=way is Contact.MAIL)
    assert reach_of(replace(wrote, referrer_class=ReferrerClass.SELF, telephone=number)) is reach


def test_who_wants_no_contact_is_not_rung_either_and_the_page_waits() -> None:
    story = Story(contact(child(), channel="mail", referrer=by(Contact.NONE)))
    assert "receipt" not in story.tasks
    story.tell(LOOK, rates(), decides())
    assert story.case.feedback is Feedback.ON_PAGE
    assert "ring_referrer" not in story.tasks


def test_a_mail_whose_sender_may_not_be_written_to_gives_the_desk_the_receipt_to_tell() -> None:
    story = Story(contact(child(), channel="mail", referrer=by(Contact.TELEPHONE)))
    assert story.tasks["receipt"].kind is TaskKind.NO_AUTOMATIC_RECEIPT


def test_what_a_mail_forbade_stays_forbidden_when_it_is_typed_in_unless_by_mail_was_typed() -> None:
    forbidden = contact(channel="mail", referrer=by(Contact.TELEPHONE))
    typed = Transcribed(at(10), "duty-1", (child(),), FIELDS, GP)
    assert not Story(forbidden, typed).case.referrer.may_mail
    assert Story(forbidden, typed).case.referrer.contact is Contact.TELEPHONE
    allowed = replace(typed, referrer=by(Contact.MAIL, may_mail=True))
    assert Story(forbidden, allowed).case.referrer.may_mail


def test_typing_in_that_mail_is_not_safe_withdraws_what_has_not_left() -> None:
    story = Story(contact(channel="mail", referrer=GP), LookedAt(at(5), "duty-1", "amber"))
    assert {"receipt", "accepted"} <= set(story.waiting)
    story.tell(Transcribed(at(10), "duty-1", (child(),), FIELDS, by(Contact.PAGE)))
    assert not {"receipt", "accepted"} & set(story.waiting)


@pytest.mark.parametrize(
    ("contact_", "feedback"),
    [
        (Contact.PAGE, Feedback.ON_PAGE),
        (Contact.NONE, Feedback.ON_PAGE),
        (Contact.TELEPHONE, Feedback.DUE),
        (Contact.MAIL, Feedback.DUE),
    ],
)
def test_a_referrer_may_change_how_they_are_told_and_the_old_way_ends(contact_: Contact, feedback: Feedback) -> None:
    story = told(GP, ContactChanged(at(70), "referrer", contact_))
    assert story.case.feedback is feedback
    assert bool([k for k in story.waiting if k.startswith("outcome:")]) is (contact_ is Contact.MAIL)
    assert ("ring_referrer" in story.tasks) is (contact_ is Contact.TELEPHONE)
    assert ("feedback" in story.clocks) is (feedback is Feedback.DUE)


def test_what_the_last_gate_kept_back_is_no_task() -> None:
    story = told(by(Contact.TELEPHONE))
    before = story.case
    story.tell(*(LetterNews(at(80), letter, "", News.HELD) for letter in sorted(TO_REFERRER)))
    assert story.case == before
    assert set(story.tasks) == {"ring_referrer", "hand_over:s1"}


def test_a_change_before_the_decision_only_changes_the_way() -> None:
    story = Story(contact(child(), referrer=GP), ContactChanged(at(10), "referrer", Contact.PAGE))
    assert story.case.feedback is Feedback.NOT_DUE


def test_free_words_go_out_only_after_somebody_else_has_read_them() -> None:
    story = told(SCHOOL, SENT, WRITE)
    assert story.tasks["approve_feedback"].kind is TaskKind.APPROVE_FEEDBACK
    with pytest.raises(CannotHappen, match="somebody other than the writer"):
        story.tell(replace(APPROVE, by="duty-1"))
    assert outcomes(story) == ["outcome:1"]
    story.tell(APPROVE)
    assert outcomes(story) == ["outcome:1", "outcome:1:1"]
    assert story.case.approved
    assert story.case.feedback is Feedback.DUE
    assert "approve_feedback" not in story.tasks
    story.tell(decides(decision=Decision.NFA, after=200))
    assert story.case.approved is None  # the words were about another decision


def test_a_case_does_not_close_over_words_that_nobody_has_approved_or_dropped() -> None:
    answers = tuple(says(Answer.INFORMATION, leg) for leg in ("l1", "l2", "l3"))
    story = Story(contact(child()), LOOK, rates(code="green"), *answers, decides(), SENT, OURS, WRITE)
    with pytest.raises(CannotHappen, match="wait for a second person"):
        story.tell(CLOSE)
    assert story.tell(FeedbackDropped(at(110), "manager-1", "f1"), CLOSE).case.closed


def test_words_that_are_dropped_or_replaced_never_go_out() -> None:
    story = told(SCHOOL, SENT, WRITE, replace(WRITE, draft="f2"))
    assert [d.standing for d in story.case.drafts] == [DraftStanding.SUPERSEDED, DraftStanding.WAITING]
    with pytest.raises(CannotHappen, match="no such words wait"):
        story.tell(APPROVE)
    story.tell(FeedbackDropped(at(110), "manager-1", "f2"))
    assert story.case.draft is None
    assert outcomes(story) == ["outcome:1"]
    with pytest.raises(CannotHappen, match="no such words wait"):
        story.tell(replace(APPROVE, draft="f2"))


@pytest.mark.parametrize("of", [c for c in ReferrerClass if c is not ReferrerClass.PROFESSIONAL])
def test_only_a_professional_is_written_to_in_free_words(of: ReferrerClass) -> None:
    with pytest.raises(CannotHappen, match="nothing in free words"):
        told(replace(SCHOOL, referrer_class=of), WRITE)


def test_what_is_withheld_is_not_sent_and_is_looked_at_again_on_its_day_even_after_the_end() -> None:
    story = told(SCHOOL, WITHHOLD)
    assert story.case.feedback is Feedback.WITHHELD
    assert not [k for k in story.waiting if k.startswith("outcome:")]
    assert "feedback" not in story.clocks
    story.tell(decides(decision=Decision.NFA, after=200))
    assert outcomes(story) == ["outcome:1"]
    story.tell(CLOSE_ANYWAY).run_out("review:feedback")
    assert story.tasks["review_feedback"].kind is TaskKind.REVIEW_FEEDBACK
    story.tell(replace(WITHHOLD, at=at(5100), review=at(9000)))
    assert "review_feedback" not in story.tasks
    assert story.clocks["review:feedback"] == at(9000)


@pytest.mark.parametrize("answers", [True, False])
def test_what_a_referrer_says_does_not_end_withholding_and_a_no_is_heard_all_the_same(answers: bool) -> None:
    story = told(SCHOOL, WITHHOLD, CLOSE_ANYWAY, ReferrerReplied(at(200), answers))
    assert story.case.feedback is Feedback.WITHHELD
    assert ("disputed" in story.tasks, story.case.closed is None) == (not answers, not answers)
    assert "review:feedback" in story.clocks
    story.tell(decides(decision=Decision.NFA, after=300)) if story.case.closed is None else None
    assert not [key for key in story.waiting if key.startswith("outcome:")]


def test_nobody_is_content_with_what_nobody_has_told_them() -> None:
    story = Story(contact(child()), LOOK, rates(), ReferrerReplied(at(50), answers=True))
    assert story.case.feedback is Feedback.NOT_DUE


def test_withholding_ends_by_sending() -> None:
    story = told(SCHOOL, WITHHOLD, FeedbackReleased(at(200), "manager-1"))
    assert story.case.feedback is Feedback.DUE
    assert story.case.withheld_until is None
    assert "review:feedback" not in story.clocks
    assert outcomes(story)[-1] == "outcome:1:1"
    story.clocks["review:feedback"] = at(5000)
    assert story.run_out("review:feedback").effects == ()  # a clock that rang all the same


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((replace(WITHHOLD, reason="because"),), "say why it is withheld: one of risk_to_subject"),
        ((replace(WITHHOLD, review=at(100)),), "still to come"),
        ((WITHHOLD, FeedbackTold(at(200), "duty-1")), "this is withheld"),
        ((WRITE, WRITE), "wrote words in the same moment"),
        ((WRITE, Closed(at(3000), "manager-1")), "still owes its answer"),
    ],
)
def test_what_staff_may_not_do_with_feedback_is_refused_and_changes_nothing(
    events: tuple[Event, ...], why: str
) -> None:
    *before, last = events
    story = told(SCHOOL, *before)
    was = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(last)
    assert story.case == was


@pytest.mark.parametrize("event", [WRITE, FeedbackReleased(at(100), "manager-1"), FeedbackTold(at(100), "duty-1")])
def test_nothing_is_told_before_every_subject_is_decided(event: Event) -> None:
    story = Story(contact(child(), child("s2")), rates(), decides())
    with pytest.raises(CannotHappen, match="not every subject is decided"):
        story.tell(event)


def test_an_unsettled_feedback_is_pressed_again_when_a_closed_case_is_opened_again() -> None:
    started = contact(child(), referrer=GP)
    story = Story(started, LOOK, rates(), decides(), CLOSE_ANYWAY)
    assert "feedback" not in story.clocks
    story.tell(InformationAdded(at(2100), "referrer", "web"))
    assert "feedback" in story.clocks


@pytest.mark.parametrize(
    ("channel", "said", "feedback"),
    [
        ("mail", Contact.PAGE, Feedback.DUE),  # no code ever went to an address that others read
        ("telephone", Contact.PAGE, Feedback.ON_PAGE),  # it was read out to them
        ("web", Contact.PAGE, Feedback.ON_PAGE),
        ("mail", Contact.NONE, Feedback.ON_PAGE),  # they want to hear nothing
    ],
)
def test_the_receipt_page_tells_only_whoever_was_given_its_code(
    channel: str, said: Contact, feedback: Feedback
) -> None:
    story = Story(contact(child(), channel=channel, referrer=by(said)), LOOK, rates(code="green"), decides())
    assert story.case.feedback is feedback
    assert ("ring_referrer" in story.tasks) is (feedback is Feedback.DUE)
    assert not outcomes(story)


@pytest.mark.parametrize(
    "decision",
    [
        {"decision": Decision.LADO},
        {"decision": Decision.PREVENT},
        {"decision": Decision.MARAC},
        {"decision": Decision.ASSESSMENT, "routes": (Specialist.LADO,)},
    ],
)
def test_of_a_discreet_route_the_referrer_learns_only_that_it_is_dealt_with_until_a_manager_says_more(
    decision: dict[str, Any],
) -> None:
    story = Story(contact(child()), LOOK, rates(), decides(**decision))
    assert may_know(story.case) == DISCREETLY
    assert not {Told.DECISION, Told.ACCEPTED, Told.WORDS, Told.ALTERNATIVES} & may_know(story.case)
    with pytest.raises(CannotHappen, match="send_feedback"):
        story.tell(WRITE)
    story.tell(FeedbackReleased(at(120), "manager-1"))
    assert Told.DECISION in may_know(story.case)
    story.tell(decides(after=130, **decision))  # a new decision is withheld anew
    assert may_know(story.case) == DISCREETLY
    story.tell(decides(after=140, drops=decision.get("routes", ())))
    assert Told.DECISION in may_know(story.case)


def test_discretion_tells_nobody_more_than_their_class_may_know() -> None:
    public = replace(SCHOOL, referrer_class=ReferrerClass.PUBLIC)
    story = Story(contact(child(), referrer=public), LOOK, rates(), decides(decision=Decision.LADO))
    assert may_know(story.case) == MAY_BE_TOLD[ReferrerClass.PUBLIC]


def test_about_somebody_in_a_position_of_trust_the_desk_is_asked_whom_to_shut_out() -> None:
    story = Story(contact(child()), LOOK, rates(), decides(decision=Decision.LADO))
    assert story.tasks["employer:s1"].kind is TaskKind.EMPLOYER
    story.tell(Restricted(at(90), "manager-1", Kind.AGENCY, "education", Why.STAFF_MEMBER))
    assert "employer:s1" not in story.tasks
    assert TaskKind.EMPLOYER not in Story(contact(child()), LOOK, rates(), decides()).kinds()


def test_a_professional_whose_mailbox_others_read_is_rung_and_not_counted_as_told() -> None:
    """Nothing says to them that there is something on the receipt page."""
    answers = {"source": "2A", "mail": "school@school.example", "mail_shared": "yes", "telephone": "01632 960111",
               "feedback_route": "mail", "feedback_wanted": "yes"}  # fmt: skip
    story = told(referrer_from(Referral("child", answers)))
    assert story.case.feedback is Feedback.DUE
    assert "ring_referrer" in story.tasks
    assert not [key for key in story.letters if key.startswith(("outcome", "accepted"))]
    with pytest.raises(CannotHappen, match="the referrer has not been told"):
        story.tell(Closed(at(3000), "manager-1"))
