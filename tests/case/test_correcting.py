"""What was typed in wrongly is put right: agencies hear of what their own packet holds, and of nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer, DeclineReason, Proof
from exchange.case.correcting import names_for
from exchange.case.correction import WordsCorrected
from exchange.case.decision import Decision
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import (
    Answered,
    ContactReceived,
    Decided,
    DiscussionHeld,
    LetterNews,
    PacketNews,
    Rated,
    ReferralCorrected,
)
from exchange.case.feedback import Contact
from exchange.case.fields import Part
from exchange.case.lateral_check import Recalled
from exchange.case.product import ProductDrafted, ProductReleased, Purpose
from exchange.case.record import Copy
from exchange.case.referral import SubjectCodes
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.sorting import EnteredInError, PersonChanged, SubjectCorrected
from exchange.case.step import CannotHappen
from tests.case.stories import RULES, SCHOOL, Story, adult, at, calls, child, contact, invited

GIVEN = ("referrer.name", "concern.immediate_danger", "concern.what_happened", "concern.injury", "s1.given_name",
         "s1.date_of_birth", "s1.address", "s1.school", "p1.name")  # fmt: skip


def corrects(*changed: str, danger: bool = False, after: float = 60, gone: tuple[str, ...] = ()) -> ReferralCorrected:
    """Somebody puts right what was typed in."""
    told = tuple(n for n in dict.fromkeys((*GIVEN[:4], *changed)) if n not in gone)
    return ReferralCorrected(at(after), "duty-1", told, (*changed, *gone), SCHOOL, danger)


def subject(*changed: str, codes: SubjectCodes | None = None) -> SubjectCorrected:
    """What is known of the child has changed."""
    names = tuple(dict.fromkeys((*(n for n in GIVEN if n.startswith("s1")), *changed)))
    return SubjectCorrected(at(60), "duty-1", codes or child(), names, changed)


def sent(*which: str, event: ContactReceived | None = None) -> Story:
    """A child of whom police, health and education are told; the packets of these legs have gone."""
    story = Story(event or contact(child(), fields=GIVEN))
    for leg in which or ("l1", "l2", "l3"):
        story.tell(PacketNews(at(1), leg, News.KEPT), PacketNews(at(2), leg, News.ACCEPTED))
    return story


def told(story: Story) -> list[str]:
    """Which legs hear of it, by what their letters are about."""
    return [w.about for w in story.waiting.values() if w.letter is Letter.CORRECTED]


def test_an_agency_hears_of_an_answer_that_its_packet_holds_and_of_no_other() -> None:
    story = sent().tell(corrects("concern.what_happened"))
    assert told(story) == ["l1/1", "l2/1"]  # education was told who it is, and not what happened
    story.tell(subject("s1.school"))
    assert told(story)[2:] == ["l3/2"]
    story.tell(corrects("referrer.name"))
    assert len(told(story)) == 3  # nobody was told who it was
    assert [c.names for c in story.case.corrections][-1] == ("referrer.name",)


def test_what_had_not_been_said_goes_to_whoever_would_have_had_it() -> None:
    story = sent().tell(corrects("concern.body_map", gone=("concern.what_happened",)))
    assert told(story) == ["l1/1", "l2/1"]
    assert "concern.body_map" in story.leg("l2").manifest  # health
    assert "concern.body_map" not in story.leg("l1").manifest
    assert "concern.what_happened" not in story.case.fields
    assert names_for(story.case, story.leg("l2"), ("concern.body_map", "concern.what_happened")) == (
        "concern.body_map", "concern.what_happened")  # fmt: skip


def test_a_packet_that_has_not_left_is_written_anew_and_one_that_failed_is_rung_about() -> None:
    story = sent("l1").tell(PacketNews(at(1), "l2", News.KEPT), PacketNews(at(2), "l2", News.REFUSED))
    story.tell(corrects("concern.what_happened"), subject("s1.given_name"))
    assert told(story) == ["l1/1", "l1/2"]


@pytest.mark.parametrize("reason", [DeclineReason.CONFLICT, DeclineReason.NOT_REMIT, DeclineReason.ALREADY_OPEN])
def test_who_declined_hears_no_more_unless_it_has_the_case_open(reason: DeclineReason) -> None:
    decline = Answered(at(10), "police", "l1", Answer.DECLINE, Proof.SIGNATURE, "mail", reason=reason)
    story = sent("l1").tell(decline, corrects("concern.what_happened"))
    assert told(story) == (["l1/1"] if reason is DeclineReason.ALREADY_OPEN else [])


def test_whose_packet_was_asked_back_and_who_is_shut_out_hears_nothing() -> None:
    story = sent().tell(Recalled(at(10), "duty-1", "l1"))
    story.tell(Restricted(at(11), "duty-1", Kind.AGENCY, "health", Why.CONFLICT), corrects("concern.what_happened"))
    assert told(story) == []


def test_an_address_that_must_be_kept_secret_is_told_to_nobody_by_a_correction() -> None:
    story = sent().tell(subject("s1.address", "s1.given_name", codes=child(protected=True)))
    assert told(story) == ["l1/1", "l2/1", "l3/1"]
    for leg in story.case.legs:
        assert names_for(story.case, leg, ("s1.address", "s1.given_name")) == ("s1.given_name",)
    story = sent().tell(subject("s1.address", codes=child(protected=True)))
    assert told(story) == []


def test_of_who_is_in_the_case_by_error_and_of_an_adult_who_refuses_nothing_is_told() -> None:
    story = sent().tell(EnteredInError(at(20), "duty-1", "s1"), subject("s1.given_name"))
    assert told(story) == []
    refusing = replace(adult("s2"), refuses=True)
    both = contact(child(), refusing, fields=(*GIVEN, "s2.given_name"))
    story = sent("l1", event=both).tell(corrects("concern.what_happened"))
    assert told(story) == []  # what was said with the contact is about the adult too


def test_somebody_of_the_household_is_corrected_for_whoever_was_told_of_them() -> None:
    first, *others = RULES.routes
    rules = replace(RULES, routes=(replace(first, parts=(*first.parts, Part.HOUSEHOLD)), *others))
    story = Story(contact(child(), fields=GIVEN), rules=rules)
    for leg in ("l1", "l2"):
        story.tell(PacketNews(at(1), leg, News.KEPT), PacketNews(at(2), leg, News.ACCEPTED))
    story.tell(PersonChanged(at(60), "duty-1", "p1", ("p1.name",), ("p1.name",)))
    assert told(story) == ["l1/1"]


def test_danger_that_was_typed_in_wrongly_moves_the_clocks_and_no_rating() -> None:
    story = sent("l1").tell(corrects("concern.immediate_danger", danger=True, after=5))
    assert story.case.danger
    assert story.leg("l1").acknowledge_due == at(30)
    assert story.case.subjects[0].rating == ""


def test_nothing_that_differs_and_nothing_typed_in_yet_cannot_be_corrected() -> None:
    for story, match in ((sent(), "nothing differs"), (Story(contact()), "type the contact in first")):
        before = story.case
        with pytest.raises(CannotHappen, match=match):
            story.tell(corrects(*(["concern.when"] if not story.case.subjects else [])))
        assert story.case == before


def test_a_referrer_whose_address_was_typed_in_wrongly_is_told_again_at_the_right_one() -> None:
    story = sent("l1").tell(Rated(at(20), "duty-1", "s1", "green"))
    story.tell(Decided(at(30), "manager-1", "s1", Decision.NFA, without_checks=True, voice="heard"))
    story.tell(
        LetterNews(at(31), Letter.OUTCOME, "", News.KEPT), LetterNews(at(32), Letter.OUTCOME, "", News.ACCEPTED)
    )
    assert story.case.feedback == "sent"
    story.tell(corrects("referrer.telephone"))
    assert story.case.feedback == "sent"  # the letter went where it should
    story.tell(corrects("referrer.mail", after=70))
    assert story.case.feedback == "due"
    assert [w.key for w in story.waiting.values() if w.letter is Letter.OUTCOME][-1] == "outcome:1:1"
    unsafe = replace(SCHOOL, contact=Contact.TELEPHONE, may_mail=False)
    story.tell(replace(corrects("referrer.mail_shared", after=80), referrer=unsafe))
    assert not [w for w in story.waiting.values() if w.letter is Letter.OUTCOME]


def test_words_that_were_written_down_wrongly_change_nothing_else() -> None:
    story = sent()
    before = story.case
    story.tell(WordsCorrected(at(60), "duty-1", "e5"))
    assert (story.case, story.effects) == (before, ())


def shares(story: Story, *agencies: str, news: News = News.ACCEPTED) -> Story:
    """A product about the child went to these agencies."""
    story.tell(ProductDrafted(at(5), "duty-1", "p1", "v1", ("s1",), agencies, ()))
    story.tell(ProductReleased(at(6), "manager-1", "p1", "v1", Purpose.SAFEGUARD_CHILD))
    for sent_to in story.case.disclosures:
        story.tell(LetterNews(at(7), Letter.PRODUCT, sent_to.id, news))
    return story


def rung(story: Story) -> dict[str, str]:
    """Whom the desk is to ring, by what they have."""
    return {task.about: key for key, task in story.tasks.items() if task.kind is TaskKind.PUT_RIGHT}


def test_who_has_a_product_and_gets_no_letter_is_rung_about_what_was_put_right() -> None:
    story = shares(sent(), "police", "social_care").tell(subject("s1.given_name"))
    assert told(story) == ["l1/1", "l2/1", "l3/1"]
    assert rung(story) == {"x2": "put_right:social_care"}  # the police have their letter
    unconcerned = shares(sent(), "social_care").tell(corrects("concern.what_happened"))
    assert rung(unconcerned) == {}  # it says who the child is, and holds nothing else of the referral
    assert rung(shares(sent(), "social_care", news=News.REFUSED).tell(subject("s1.given_name"))) == {}


def test_of_what_must_not_be_told_and_to_whom_nothing_may_be_said_nobody_is_rung() -> None:
    story = shares(sent(), "social_care")
    story.tell(subject("s1.address", codes=child(protected=True)))
    assert rung(story) == {}
    story.tell(Restricted(at(50), "duty-1", Kind.AGENCY, "social_care", Why.CONFLICT), subject("s1.given_name"))
    assert rung(story) == {}


def test_who_read_the_papers_of_a_discussion_without_a_packet_is_rung() -> None:
    story = sent().tell(calls("police", "social_care"), invited("i1"), invited("i2"))
    story.tell(subject("s1.given_name"), corrects("concern.what_happened", after=65))
    assert rung(story) == {"d1/i2": "put_right:social_care"}
    unsent = sent().tell(calls("police", "social_care"), subject("s1.given_name"))
    assert rung(unsent) == {}


@pytest.mark.parametrize("by_mail", [True, False])
def test_who_has_the_record_of_a_discussion_is_rung(by_mail: bool) -> None:
    story = sent().tell(calls("police", "health", "social_care"))
    story.tell(DiscussionHeld(at(700), "manager-1", "d1", ("police", "health", "social_care")))
    copy = Copy("k1", "v1", "social_care", ("s1",), ("s1.given_name",), (), (), "", "", at(710), "clerk-1")
    copy = replace(copy, delivery=Delivery.DELIVERED) if by_mail else replace(copy, told_at=at(720))
    story.told = story.case.with_record(replace(story.case.records[0], copies=(copy,)))
    assert rung(story.tell(subject("s1.given_name"))) == {"k1": "put_right:social_care"}
