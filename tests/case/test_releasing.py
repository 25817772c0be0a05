"""A product is written, its owners asked about their own words, overridden or left out, and sent to each alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import CannotHappen
from exchange.case.contribution import Marking
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import Answered, ClockRanOut, Closed, Event, InformationAdded, LetterNews
from exchange.case.product import (
    NotShared,
    OwnerAnswered,
    OwnersWord,
    Passage,
    Product,
    ProductDrafted,
    ProductReleased,
    ProductReplyUnclear,
    Purpose,
    ReleaseAsked,
    ReleaseOverridden,
    Said,
    Stage,
)
from tests.case.stories import LOOK, Story, at, child, contact

TOLD = {"l1": "police", "l2": "health"}
WHOLE = (("w1", "c-l1"), ("w2", "c-l2"))


def contributes(leg: str) -> Answered:
    """The agency of a leg tells what it knows."""
    told = Answer.INFORMATION
    return Answered(at(10), TOLD[leg], leg, told, Proof.SIGNATURE, "mail", contribution=f"c-{leg}")


def drafts(
    version: str = "v1",
    rests: tuple[tuple[str, str], ...] = WHOLE,
    to: tuple[str, ...] = ("social_care",),
    name: str = "p1",
    subjects: tuple[str, ...] = ("s1",),
    after: float = 20,
) -> ProductDrafted:
    """A navigator writes."""
    return ProductDrafted(at(after), "navigator-1", name, version, subjects, to, rests)


def asks(*passages: str, after: float = 30) -> ReleaseAsked:
    """The owners are asked."""
    return ReleaseAsked(at(after), "duty-1", "p1", passages)


def says(passage: str, agrees: bool, after: float = 40, proof: Proof = Proof.DKIM, name: str = "p1") -> OwnerAnswered:
    """An owner answers."""
    return OwnerAnswered(at(after), f"owner-{passage}", name, passage, agrees, proof, "mail")


def overrides(passage: str, after: float = 300) -> ReleaseOverridden:
    """A manager overrides."""
    return ReleaseOverridden(at(after), "manager-1", "p1", passage)


def releases(version: str = "v1", after: float = 310, name: str = "p1") -> ProductReleased:
    """A manager releases."""
    return ProductReleased(at(after), "manager-1", name, version, Purpose.SAFEGUARD_CHILD)


def told(*more: Event) -> Story:
    """A child about whom police and health have each told something."""
    return Story(contact(child(), child("s2")), LOOK, contributes("l1"), contributes("l2"), *more)


def product(story: Story) -> Product:
    found = story.case.product("p1")
    assert found
    return found


def passage(story: Story, name: str = "w1") -> Passage:
    found = product(story).passage(name)
    assert found
    return found


def marked(story: Story, contribution: str) -> Story:
    """The owner has released this contribution before anybody asked."""
    changed = tuple(
        replace(c, marking=Marking.RELEASED) if c.id == contribution else c for c in story.case.contributions
    )
    story.told = replace(story.case, contributions=changed)
    return story


def refused(story: Story, event: Event, match: str) -> None:
    """It cannot happen, and nothing changed."""
    before = story.case
    with pytest.raises(CannotHappen, match=match):
        story.tell(event)
    assert story.case == before


def test_each_owner_is_asked_about_its_own_part_with_a_time_limit() -> None:
    story = told(drafts(), asks())
    assert [k for k in story.letters if k.startswith("release_request")] == [
        "release_request:p1/w1:1",
        "release_request:p1/w2:1",
    ]
    assert story.clocks["release:p1/w1"] == at(30 + 240)
    assert [p.agency for p in product(story).passages] == ["police", "health"]
    assert product(story).latest.stage is Stage.ASKED


def test_a_product_released_with_every_owners_agreement_goes_to_each_recipient_alone_and_is_on_record() -> None:
    story = told(drafts(to=("social_care", "education")), asks(), says("w1", True), says("w2", True), releases())
    assert story.letters[-2:] == ["product:x1", "product:x2"]
    one, other = story.case.disclosures
    assert (one.recipient, other.recipient) == ("social_care", "education")
    assert (one.sources, one.subjects) == (("c-l1", "c-l2"), ("s1",))
    assert (one.basis, one.condition, one.purpose) == ("6(1)(e)", "9(2)(g)", Purpose.SAFEGUARD_CHILD)
    assert (one.at, one.by, one.manifest) == (at(310), "manager-1", ("s1.given_name",))
    assert product(story).latest.stage is Stage.RELEASED
    assert not [c for c in story.clocks if c.startswith("release")]


def test_truth_5_nothing_leaves_before_its_owner_agreed() -> None:
    story = told(drafts())
    refused(story, releases(), "not agreed by Health, Police")
    refused(story.tell(asks(), says("w1", True)), releases(), "not agreed by Health")
    assert not [k for k in story.letters if k.startswith("product:")]


def test_truth_5_silence_is_no_veto_it_is_a_task_when_the_time_limit_ends_and_a_manager_may_override() -> None:
    story = told(drafts(), asks(), says("w1", True))
    refused(story, overrides("w2", after=40), "ring the owner, wait for the limit")
    story.run_out("release:p1/w2")
    assert story.tasks["owner_silent:p1/w2"].kind is TaskKind.OWNER_SILENT
    assert passage(story, "w2").word is OwnersWord.SILENT
    story.run_out("release:p1/w2")  # nobody has acted: asked again
    assert story.clocks["release:p1/w2"] == at(270 + 120)
    story.tell(overrides("w2"), releases())
    assert "owner_silent:p1/w2" not in story.tasks
    assert "release:p1/w2" not in story.clocks
    assert "overridden:p1/w2:3:v1:asked" in story.letters
    assert story.letters[-1] == "product:x1"
    assert passage(story, "w2").overridden


def test_nobody_is_overridden_as_silent_whose_words_nobody_has_read() -> None:
    story = told(drafts(), asks(), says("w1", True), ProductReplyUnclear(at(35), "p1/w2", "unclear"))
    story.run_out("release:p1/w2")
    refused(story, overrides("w2"), "nobody has recorded what they said")
    story.tell(says("w2", False, after=290, proof=Proof.STAFF), overrides("w2"))
    assert passage(story, "w2").overridden


def test_truth_5_a_refusal_is_no_veto_and_the_owner_is_told_when_a_manager_overrides() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", False))
    assert story.tasks["owner_refused:p1/w2"].kind is TaskKind.OWNER_REFUSED
    story.tell(overrides("w2"))
    assert isinstance(story.effects[-1], SendLetter)
    assert story.effects[-1].letter is Letter.OVERRIDDEN
    assert "owner_refused:p1/w2" not in story.tasks
    refused(story, overrides("w2", after=301), "only a refusal")
    assert not passage(story).overridden
    story.tell(releases())


def test_a_refused_source_left_out_of_a_new_version_needs_no_override() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", False))
    story.tell(drafts("v2", (("w1", "c-l1"),), after=50))
    assert "owner_refused:p1/w2" not in story.tasks
    assert [v.stage for v in product(story).versions] == [Stage.SUPERSEDED, Stage.DRAFT]
    story.tell(releases("v2"))
    assert story.case.disclosures[0].sources == ("c-l1",)
    assert product(story).latest.released_by == "manager-1"


def test_an_owner_who_is_still_asked_is_waited_for_no_more_when_its_part_is_left_out() -> None:
    story = told(drafts(), asks(), drafts("v2", (("w1", "c-l1"),), after=50))
    assert "release:p1/w2" not in story.clocks
    assert "release_request:p1/w2:1" not in story.waiting
    assert "release:p1/w1" in story.clocks
    story.tell(says("w2", False, after=60))
    assert passage(story, "w2").word is OwnersWord.REFUSED
    assert not story.tasks
    story.tell(ClockRanOut(at(400), "release:p1/w2"))
    assert story.effects == ()


def test_a_kept_passage_keeps_its_owners_word_and_a_new_wording_is_asked_about_anew() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", False))
    story.tell(drafts("v2", (("w1", "c-l1"), ("w3", "c-l2")), after=50), asks(after=55))
    assert [k for k in story.letters if k.startswith("release_request")][-1] == "release_request:p1/w3:1"
    assert "release_request:p1/w1:2" not in story.letters
    story.tell(says("w3", True, after=60), releases("v2"))


def test_what_its_owner_released_before_needs_no_question() -> None:
    story = marked(told(drafts()), "c-l2").tell(asks())
    assert "release_request:p1/w2:1" not in story.letters
    story.tell(says("w1", True), releases())


def test_a_product_that_rests_on_nobody_goes_out_on_the_managers_word() -> None:
    story = told(drafts(rests=()))
    refused(story, asks(), "nobody to ask")
    story.tell(releases())
    assert story.case.disclosures[0].sources == ()


def test_a_refusal_after_the_release_is_recorded_and_loud_and_an_agreement_ends_it() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", True), releases(), says("w2", False, after=400))
    assert passage(story, "w2").word is OwnersWord.REFUSED
    assert story.tasks["late_refusal:p1/w2"].kind is TaskKind.LATE_REFUSAL
    assert "owner_refused:p1/w2" not in story.tasks
    assert product(story).latest.stage is Stage.RELEASED
    story.tell(says("w2", True, after=410))
    assert not story.tasks


def test_an_agreement_after_an_override_is_recorded_and_the_override_stays_on_record() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", False), overrides("w2"), says("w2", True, after=305))
    assert passage(story, "w2").word is OwnersWord.AGREED
    assert passage(story, "w2").overridden
    assert [said for _, _, said in passage(story, "w2").history] == [
        Said.ASK,
        Said.REFUSE,
        Said.OVERRIDE,
        Said.AGREE,
    ]


def test_a_refusal_after_an_override_undoes_nothing_and_is_loud_once_it_has_left() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", False), overrides("w2"), says("w2", False, after=302))
    assert passage(story, "w2").word is OwnersWord.OVERRIDDEN
    assert not story.tasks
    story.tell(releases(), says("w2", False, after=400))
    assert set(story.tasks) == {"late_refusal:p1/w2"}


def test_what_was_refused_late_and_is_kept_in_a_newer_version_is_owed_there() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", True), releases(), says("w2", False, after=400))
    story.tell(drafts("v2", after=410))
    assert "owner_refused:p1/w2" in story.tasks
    refused(story, releases("v2", after=420), "not agreed by Health")
    story.tell(says("w2", True, after=430), releases("v2", after=440))
    assert [v.stage for v in product(story).versions] == [Stage.SUPERSEDED, Stage.RELEASED]
    assert [x.id for x in story.case.disclosures] == ["x1", "x2"]


def test_one_who_was_asked_or_silent_in_what_was_released_by_its_marking_is_owed_again_when_kept() -> None:
    story = told(drafts(), asks())
    for name in ("c-l1", "c-l2"):
        marked(story, name)
    story.run_out("release:p1/w1").tell(releases())
    assert not story.clocks.keys() & {"release:p1/w1", "release:p1/w2"}
    story.tell(drafts("v2", after=400))
    assert "owner_silent:p1/w1" in story.tasks
    assert story.clocks["release:p1/w2"] == at(270)


def test_an_owner_who_refused_may_be_asked_once_more() -> None:
    story = told(drafts(), asks(), says("w2", False), asks("w2", after=60))
    assert "release_request:p1/w2:2" in story.letters
    assert "owner_refused:p1/w2" not in story.tasks
    assert story.clocks["release:p1/w2"] == at(300)
    refused(story, asks("w2", after=61), "nobody to ask")
    refused(story, asks("w9", after=61), "passages of the newest version")


@pytest.mark.parametrize("proof", [Proof.STAFF, Proof.SIGNATURE])  # asked on the telephone, or plainly answered since
def test_too_little_proof_is_read_by_a_person_and_changes_nothing(proof: Proof) -> None:
    story = told(drafts(), asks(), says("w1", True, proof=Proof.PAGE))
    assert passage(story).word is OwnersWord.ASKED
    assert story.tasks["unclear:p1/w1"].kind is TaskKind.UNCLEAR_ANSWER
    story.tell(says("w1", True, after=50, proof=proof))
    assert passage(story).word is OwnersWord.AGREED
    assert not story.tasks
    assert not story.case.unread


def test_the_same_words_twice_are_recorded_once() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w1", True))
    assert len(passage(story).history) == 2
    assert story.effects == ()


def test_what_belongs_to_no_passage_or_product_changes_nothing() -> None:
    story = told(drafts())
    before = story.case
    story.tell(
        says("w9", True),
        says("w1", True, name="p9"),
        ClockRanOut(at(400), "release:p9/w1"),
        ClockRanOut(at(400), "release:p1/w9"),
        LetterNews(at(400), Letter.PRODUCT, "x9", News.ACCEPTED),
    )
    assert story.case == before
    story.tell(ProductReplyUnclear(at(401), "x9", "unclear"))
    assert "unclear:x9" in story.tasks


def test_a_product_that_cannot_reach_its_recipient_is_a_telephone_task_until_it_does() -> None:
    story = told(drafts(rests=()), releases())

    def hears(news: News) -> Story:
        return story.tell(LetterNews(at(320), Letter.PRODUCT, "x1", news, transport="tls"))

    assert hears(News.HELD).tasks["telephone:x1"].kind is TaskKind.TELEPHONE_AGENCY
    assert (story.case.disclosures[0].delivery, story.case.disclosures[0].transport) == (Delivery.HELD, "tls")
    assert not hears(News.ACCEPTED).tasks
    assert not hears(News.DEFERRED).tasks
    assert hears(News.BOUNCED).tasks


def test_a_release_request_that_cannot_go_is_a_task_like_any_letter() -> None:
    story = told(drafts(), asks(), LetterNews(at(31), Letter.RELEASE_REQUEST, "p1/w1", News.HELD))
    assert story.tasks["letter:release_request:p1/w1"].kind is TaskKind.LETTER_FAILED


@pytest.mark.parametrize(
    ("event", "match"),
    [
        (drafts(name="p3"), "another product"),
        (drafts("v2"), "a newer version"),
        (drafts(subjects=()), "at least one subject"),
        (drafts(subjects=("s9",)), "at least one subject"),
        (drafts(to=()), "at least one agency"),
        (drafts(to=("nobody",)), "at least one agency"),
        (drafts(rests=(("w1", "c-l1"), ("w2", "c-l1"))), "each source once"),
        (drafts(rests=(("w1", "c-l9"),)), "each source once"),
        (drafts(rests=(("w2", "c-l1"),)), "a newer version"),
        (asks(), "no product"),
        (releases(), "no product"),
        (overrides("w1"), "no product"),
        (NotShared(at(20), "duty-1", "c-l9"), "name the contribution"),
        (NotShared(at(20), "duty-1", "c-l1", "nobody"), "no agency"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(event: Event, match: str) -> None:
    refused(told(), event, match)


def test_a_passage_is_never_given_another_source_and_an_older_version_never_goes_out() -> None:
    story = told(drafts())
    refused(story, drafts("v2", (("w1", "c-l2"),)), "a newer version")
    story.tell(drafts("v2", (), after=25))
    refused(story, releases("v1"), "use the newest")
    refused(story, releases("v9"), "no version")
    story.tell(releases("v2"))
    refused(story, releases("v2", after=320), "write a new one")
    refused(story, asks(), "has been released")
    refused(story, overrides("w1"), "before it is released")


def test_a_closed_case_takes_no_product_and_what_was_asked_runs_on_when_it_opens_again() -> None:
    story = told(drafts(), asks(), Closed(at(50), "manager-1", override=True))
    for event in (drafts("v2"), asks(), overrides("w1"), releases()):
        refused(story, event, "closed")
    story.tell(ClockRanOut(at(270), "release:p1/w1"), ClockRanOut(at(270), "release:p1/w2"))
    story.clocks.clear()
    story.tell(says("w2", True, after=280), InformationAdded(at(300), "referrer", "mail"))
    assert story.clocks["release:p1/w1"] == at(270)
    assert "release:p1/w2" not in story.clocks
    story.run_out("release:p1/w1")
    assert "owner_silent:p1/w1" in story.tasks


def test_golden_rule_7_a_decision_not_to_share_is_on_record() -> None:
    story = told(drafts(rests=()), NotShared(at(30), "duty-1", "c-l1", "housing"), NotShared(at(31), "duty-1", "p1"))
    assert [(w.what, w.recipient, w.by) for w in story.case.withheld] == [
        ("c-l1", "housing", "duty-1"),
        ("p1", "", "duty-1"),
    ]


def test_two_products_of_one_case_stand_side_by_side() -> None:
    story = told(drafts(), drafts(name="p2", rests=()), drafts("v2", after=40))
    assert [p.id for p in story.case.products] == ["p1", "p2"]
    refused(story, releases(name="p3"), "no product")


def owner_letters(story: Story, name: str = "w2") -> list[str]:
    """The letters to an owner who was overridden, by what follows the passage in their keys."""
    begins = f"overridden:p1/{name}:"
    return [key.removeprefix(begins) for key in story.letters if key.startswith(begins)]


def overridden() -> Story:
    """Police agree, health refuses and is overridden."""
    story = told(drafts(), asks(), says("w1", True), says("w2", False), overrides("w2"))
    assert owner_letters(story) == ["3:v1:asked"]
    assert passage(story, "w2").told_recipients == ("social_care",)
    return story


def test_truth_5_an_overridden_owner_whose_words_are_left_out_after_all_is_told_so() -> None:
    story = overridden()
    story.tell(drafts("v2", rests=WHOLE[:1], after=305))
    assert owner_letters(story) == ["3:v1:asked", "3:v2:out"]
    assert "overridden:p1/w2:3:v1:asked" not in story.waiting  # the one that says where they go, if it has not left
    assert passage(story, "w2").told_recipients == ()
    story.tell(releases("v2"), drafts("v3", rests=WHOLE[:1], after=400))
    assert owner_letters(story) == ["3:v1:asked", "3:v2:out"]  # once


def test_truth_5_an_overridden_owner_hears_when_the_words_go_to_others_or_for_another_purpose() -> None:
    story = overridden()
    story.tell(drafts("v2", to=("social_care", "education"), after=305))
    assert owner_letters(story) == ["3:v1:asked", "3:v2:draft"]
    story.tell(says("w1", True, after=307, proof=Proof.STAFF), releases("v2"))
    assert owner_letters(story)[2:] == ["3:v2:released"]  # nobody had told them what for
    assert passage(story, "w2").told_purpose is Purpose.SAFEGUARD_CHILD
    story.tell(drafts("v3", after=400))
    assert owner_letters(story)[3:] == []  # they have gone: nothing is taken back


def test_truth_5_what_an_overridden_owner_knows_already_is_not_told_twice() -> None:
    story = told(drafts(), replace(asks(), purpose=Purpose.SAFEGUARD_CHILD), says("w1", True), says("w2", False))
    story.tell(overrides("w2"), releases())
    assert owner_letters(story) == ["3:v1:asked"]


def test_truth_5_an_overridden_owner_hears_that_a_closed_case_shares_nothing_and_when_it_does_after_all() -> None:
    story = overridden()
    story.tell(Closed(at(306), "manager-1", override=True))
    assert owner_letters(story) == ["3:v1:asked", "3:v1:out"]
    story.tell(InformationAdded(at(320), "referrer", "web"), releases(after=330))
    assert owner_letters(story) == ["3:v1:asked", "3:v1:out", "3:v1:released"]


def test_truth_5_an_owner_who_agreed_that_some_read_it_has_not_agreed_that_others_do() -> None:
    story = told(drafts(), asks(), says("w1", True), says("w2", True))
    story.tell(drafts("v2", to=("social_care", "education"), after=50))
    refused(story, releases("v2"), "agreed by Health, Police when these words were to go to fewer agencies")
    story.tell(says("w1", True, after=320, proof=Proof.STAFF), says("w2", False, after=321, proof=Proof.STAFF))
    refused(story, releases("v2", after=330), "not agreed by Health")
    story.tell(overrides("w2", after=340), releases("v2", after=350))
    assert [x.recipient for x in story.case.disclosures] == ["social_care", "education"]
    fewer = told(drafts(to=("social_care", "education")), asks(), says("w1", True), says("w2", True))
    fewer.tell(drafts("v2", after=50), releases("v2"))
    assert [x.recipient for x in fewer.case.disclosures] == ["social_care"]
