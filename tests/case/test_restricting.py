"""Who is shut out is shut out at once and everywhere in the case's own doings; somebody else is found to ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest

from exchange.case.acknowledgement import Answer, DeclineReason, Proof, Responded
from exchange.case.action import ActionMoved, ActionSet, Doing
from exchange.case.addressee import agency_of
from exchange.case.advance import CannotHappen, advance
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import (
    AgencyAsked,
    Answered,
    ClockRanOut,
    DiscussionHeld,
    LetterNews,
    PacketNews,
    Transcribed,
)
from exchange.case.fields import Part
from exchange.case.lateral_check import MoreGiven, NilPart, Recalled
from exchange.case.outcome import HandedOver
from exchange.case.product import ProductDrafted, ProductReleased, Purpose, ReleaseAsked
from exchange.case.restriction import (
    Kind,
    Restricted,
    Restriction,
    RestrictionLifted,
    RoutingAllowed,
    Why,
    keeps_out,
)
from exchange.case.rules import Route
from exchange.case.sorting import Sorted, Sorting
from tests.case.stories import (
    CLOSE,
    FIELDS,
    LOOK,
    OURS,
    RULES,
    SCHOOL,
    Story,
    at,
    calls,
    child,
    contact,
    decides,
    rates,
    says,
    with_rules,
)


def shuts_out(who: str = "health", kind: Kind = Kind.AGENCY, after: float = 8) -> Restricted:
    """A screening officer shuts somebody out."""
    return Restricted(at(after), "duty-1", kind, who, Why.STAFF_MEMBER)


def lifts(who: str = "health", kind: Kind = Kind.AGENCY, after: float = 50) -> RestrictionLifted:
    """A hub manager lets them in again."""
    return RestrictionLifted(at(after), "manager-1", kind, who)


def refused(story: Story, event: object, why: str) -> None:
    """The case refuses it, in these words, and nothing changed."""
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)  # type: ignore[arg-type]
    assert story.case == before


def asked(agency: str, in_place_of: str = "", after: float = 12) -> AgencyAsked:
    """A person asks one more agency about the child."""
    return AgencyAsked(at(after), "duty-1", agency, ("s1",), in_place_of=in_place_of)


def test_whom_the_referrer_shuts_out_is_not_asked_and_another_is_to_be_found() -> None:
    story = Story(replace(contact(child()), restricted=("health", "health")))
    assert [leg.agency for leg in story.case.legs] == ["police", "education"]
    assert story.case.shuts_out("health")
    assert len(story.case.restrictions) == 1
    task = story.tasks["another:health"]
    assert (task.kind, task.about) == (TaskKind.ANOTHER_RECIPIENT, "health")
    assert not [key for key in story.letters if "l3" in key]


def test_another_recipient_is_given_what_the_one_shut_out_would_have_been() -> None:
    story = Story(replace(contact(child()), restricted=("health",)), asked("housing", "health"))
    leg = story.leg("l3")
    assert (leg.agency, leg.in_place_of, leg.purpose) == ("housing", "health", "knows the injury")
    plain = {name for name in leg.manifest if ":" not in name}  # without the warnings that travel with every packet
    assert plain == {"concern.what_happened", "s1.given_name", "s1.address", "s1.gp"}
    assert "another:health" not in story.tasks
    assert "packet:l3" in story.waiting


def test_a_rating_does_not_ask_again_for_whom_somebody_stands_in() -> None:
    story = Story(replace(contact(child()), restricted=("probation",)), rates(code="red"))
    assert "another:probation" in story.tasks
    story.tell(asked("housing", "probation", after=25), rates(code="red", after=30))
    assert "another:probation" not in story.tasks
    assert [leg.agency for leg in story.case.legs].count("probation") == 0


def test_nobody_is_asked_until_it_is_settled_whom_the_referrer_meant() -> None:
    held = Story(replace(contact(child()), unsettled=True), LOOK)
    assert not [leg.agency for leg in held.case.legs]
    assert held.kinds() == {TaskKind.KEEP_FROM}
    refused(Story(contact(child())), RoutingAllowed(at(9), "duty-1"), "nothing is held back")
    held.tell(shuts_out("police"), rates(code="red"), RoutingAllowed(at(25), "duty-1"))
    assert [leg.agency for leg in held.case.legs] == ["health", "education", "probation"]
    assert held.kinds() == {TaskKind.ANOTHER_RECIPIENT}
    assert not held.case.routing_held


def test_whoever_types_in_a_mail_may_shut_out_before_anybody_is_asked() -> None:
    typed = Transcribed(at(9), "duty-1", (child(),), FIELDS, SCHOOL, restricted=("health",))
    story = Story(contact(channel="mail"), shuts_out("police"), LOOK, typed)
    assert [leg.agency for leg in story.case.legs] == ["education"]
    assert {task for task in story.tasks if task.startswith("another:")} == {"another:police", "another:health"}
    assert {(r.who, r.by) for r in story.case.restrictions} == {("police", "duty-1"), ("health", "duty-1")}


@pytest.mark.parametrize("news", [None, *News])
def test_what_waits_for_an_agency_is_withdrawn_and_what_it_has_is_to_be_recalled(news: News | None) -> None:
    story = Story(contact(child()), *([PacketNews(at(2), "l2", news)] if news else []))
    before = story.leg("l2").delivery
    story.tell(shuts_out())
    leg = story.leg("l2")
    assert leg.shut_out
    assert not leg.owing
    assert "packet:l2" not in story.waiting
    assert "packet:l1" in story.waiting
    assert not {"remind:l2", "answer:l2"} & set(story.clocks)
    left = news in (News.ACCEPTED, News.DELIVERED, News.UNCERTAIN, News.BOUNCED, News.FETCHED, News.RELAYED)
    assert leg.delivery is (before if left else Delivery.WITHDRAWN)
    assert ("shut_out:l2" in story.tasks) is left
    assert "another:health" in story.tasks


def test_a_recall_settles_what_it_has_and_is_the_one_letter_that_still_goes_to_it() -> None:
    story = Story(contact(child()), PacketNews(at(2), "l2", News.ACCEPTED), shuts_out())
    story.tell(Recalled(at(20), "duty-1", "l2"))
    assert "shut_out:l2" not in story.tasks
    assert "recall:l2" in story.waiting
    recalled_before = Story(contact(child()), PacketNews(at(2), "l2", News.ACCEPTED), Recalled(at(7), "duty-1", "l2"))
    assert "shut_out:l2" not in recalled_before.tell(shuts_out()).tasks


def test_it_is_asked_for_no_more_and_agrees_to_nothing() -> None:
    lacking = Answered(
        at(5), "health", "l2", Answer.DECLINE, Proof.DKIM, "mail", reason=DeclineReason.INSUFFICIENT_INFO
    )
    story = Story(contact(child()), lacking, shuts_out())
    refused(story, MoreGiven(at(9), "duty-1", "l2", "m1"), "shut out")
    nil = Answered(at(12), "health", "l2", Answer.NOTHING_KNOWN, Proof.DKIM, "mail", nil_missing=tuple(NilPart))
    story.tell(nil)
    assert story.leg("l2").unqualified
    assert not [key for key in story.letters if key.startswith("unqualified:")]


@pytest.mark.parametrize("news", list(News))
def test_nobody_rings_those_who_must_not_know_and_what_left_all_the_same_is_recalled(news: News) -> None:
    story = Story(contact(child()), shuts_out(), PacketNews(at(9), "l2", news, "250"))
    left = news in (News.ACCEPTED, News.DELIVERED, News.UNCERTAIN, News.BOUNCED, News.FETCHED, News.RELAYED)
    assert ("shut_out:l2" in story.tasks) is left
    assert TaskKind.TELEPHONE_AGENCY not in story.kinds()


def test_an_agency_that_is_shut_out_is_neither_reminded_nor_waited_for() -> None:
    story = Story(contact(child()), shuts_out())
    before = story.case
    late = [ClockRanOut(at(99), "remind:l2"), ClockRanOut(at(99), "answer:l2")]
    story.tell(*late)
    assert story.case == before
    story.tell(says(Answer.CANNOT_OPEN, "l2"))
    assert TaskKind.CANNOT_OPEN not in story.kinds()
    for other in ("l1", "l3"):
        story.tell(says(Answer.NOTHING_KNOWN, other))
    story.tell(
        LOOK, rates(code="green"), decides(), LetterNews(at(70), Letter.OUTCOME, "", News.ACCEPTED), OURS, CLOSE
    )
    assert story.case.closed


def test_what_it_says_all_the_same_is_kept() -> None:
    story = Story(contact(child()), shuts_out(), says(Answer.INFORMATION, "l2"))
    assert story.leg("l2").response is Responded.INFORMATION


def test_an_agency_that_is_shut_out_is_asked_nothing_and_invited_to_nothing() -> None:
    story = Story(contact(child()), shuts_out())
    refused(story, asked("health"), "must not see this case")
    refused(story, asked("housing", "police"), "only an agency that is shut out")
    refused(story, calls("police", "health"), "must not see this case")
    story.tell(calls("police"))
    assert len(story.case.discussions) == 1


def test_its_seat_at_a_discussion_is_taken_back() -> None:
    story = Story(contact(child()), calls("police", "health"), shuts_out(after=61))
    assert {k for k in story.waiting if "d1/i2" in k} == {"uninvited:d1/i2:0"}
    assert {k for k in story.waiting if k.endswith("d1/i1")} == {"invitation:d1/i1", "papers:d1/i1"}
    assert "chase:d1/i2" not in story.clocks
    assert story.tasks["shut_out:d1/i2"].kind is TaskKind.SHUT_OUT_HOLDS
    before = story.case
    assert story.tell(ClockRanOut(at(130), "chase:d1/i2")).case == before


def test_its_seat_at_a_discussion_that_was_held_is_left_alone() -> None:
    held = DiscussionHeld(at(620), "manager-1", "d1", ("police",))
    story = Story(contact(child()), calls("police", "health"), held, shuts_out(after=621))
    assert "shut_out:d1/i2" not in story.tasks


def test_a_conflict_of_interest_declared_by_a_spoc_shuts_their_agency_out_at_once() -> None:
    conflict = Answered(
        at(10), "health", "l2", Answer.DECLINE, Proof.SIGNATURE, "mail", reason=DeclineReason.CONFLICT
    )
    story = Story(contact(child()), PacketNews(at(2), "l2", News.ACCEPTED), conflict)
    assert story.case.restrictions == (Restriction(Kind.AGENCY, "health", Why.CONFLICT, at(10), "health"),)
    assert story.kinds() == {
        TaskKind.FIRST_LOOK,
        TaskKind.DECLINED,
        TaskKind.CONFLICT,
        TaskKind.SHUT_OUT_HOLDS,
    }
    again = replace(conflict, at=at(11))
    assert len(story.tell(again).case.restrictions) == 1
    assert story.leg("l2").response is Responded.DECLINED


def test_a_conflict_without_enough_proof_or_another_reason_shuts_nobody_out() -> None:
    unproved = Answered(at(10), "health", "l2", Answer.DECLINE, Proof.PAGE, "page", reason=DeclineReason.CONFLICT)
    other = replace(unproved, proof=Proof.DKIM, reason=DeclineReason.NO_CAPACITY)
    assert Story(contact(child()), unproved, other).case.restrictions == ()


def test_a_letter_that_must_not_go_asks_nobody_to_ring_its_recipient() -> None:
    for code in ("restricted", "gate:restricted"):
        story = Story(contact(child()), LetterNews(at(9), Letter.REMINDER, "l2", News.HELD, code))
        assert story.kinds() == {TaskKind.FIRST_LOOK}
    to_referrer = LetterNews(at(9), Letter.RECEIPT, "", News.HELD, "restricted")
    assert TaskKind.LETTER_FAILED in Story(contact(child()), to_referrer).kinds()


def test_people_and_teams_are_shut_out_and_let_in_again() -> None:
    story = Story(contact(child()))
    for kind, who in ((Kind.STAFF, "duty-2"), (Kind.ROLE, "chair")):
        legs, letters = story.case.legs, dict(story.waiting)
        story.tell(shuts_out(who, kind))
        assert keeps_out(story.case.restrictions, kind, who)
        assert (story.case.legs, story.waiting) == (legs, letters)
        before = story.case
        assert story.tell(shuts_out(who, kind, after=9)).case == before
        story.tell(lifts(who, kind))
        assert not keeps_out(story.case.restrictions, kind, who)
        refused(story, lifts(who, kind), "not shut out")
    assert len(story.case.restrictions) == 2


def test_lifting_sends_nothing_and_the_agency_may_be_asked_anew() -> None:
    story = Story(contact(child()), shuts_out(), shuts_out("duty-2", Kind.STAFF), lifts())
    assert story.effects == ()
    assert story.leg("l2").shut_out
    assert "packet:l2" not in story.waiting
    assert keeps_out(story.case.restrictions, Kind.STAFF, "duty-2")
    story.tell(asked("health", after=55))
    assert "another:health" not in story.tasks
    assert "packet:l4" in story.waiting
    story.tell(shuts_out(after=60))
    assert [r.in_force for r in story.case.restrictions] == [False, True, True]


def test_what_would_shut_out_nobody_or_everybody_is_refused() -> None:
    story = Story(contact(child()))
    refused(story, shuts_out("", Kind.STAFF), "say who")
    refused(story, shuts_out("nobody"), "no agency “nobody”")
    refused(story, shuts_out("hub_manager", Kind.ROLE), "one by one")


def test_every_restriction_in_force_or_lifted_meets_every_move() -> None:
    """The walk: never shut out, shut out, let in again; by each of the two moves, for each kind of viewer."""
    names = {Kind.STAFF: "duty-2", Kind.ROLE: "chair", Kind.AGENCY: "police", Kind.SPOC: "police-mash-1"}
    for kind, stage in product(Kind, range(3)):
        who = names[kind]
        story = Story(contact(child()), *(shuts_out(who, kind), lifts(who, kind))[:stage])
        in_force = stage == 1
        after = advance(story.case, shuts_out(who, kind, after=70), RULES).case
        assert keeps_out(after.restrictions, kind, who)
        assert len(after.restrictions) == (1 if in_force else stage // 2 + 1)
        if in_force:
            lifted = advance(story.case, lifts(who, kind), RULES).case
            assert not keeps_out(lifted.restrictions, kind, who)
        else:
            refused(story, lifts(who, kind), "not shut out")


def test_nobody_has_to_be_found_for_a_closed_or_answered_leg() -> None:
    story = Story(contact(child()), says(Answer.NOTHING_KNOWN, "l2"), shuts_out(after=12))
    assert "another:health" not in story.tasks


def test_an_agency_without_rows_of_its_own_stands_in_with_the_others() -> None:
    rules = with_rules(routes=(*RULES.routes, Route("housing", (Part.RISK,), "tenancy", on="rating")))
    story = Story(replace(contact(child()), restricted=("health",)), rules=rules)
    story.tell(asked("housing", "health"))
    assert story.leg("l3").purpose == "knows the injury"


def test_a_restriction_says_when_and_by_whom_it_was_lifted() -> None:
    moment: datetime = at(50)
    (only,) = Story(contact(child()), shuts_out(), lifts()).case.restrictions
    assert (only.at, only.by, only.lifted_at, only.lifted_by) == (at(8), "duty-1", moment, "manager-1")


def test_it_undertakes_nothing_more_and_what_it_undertook_is_another_s_to_do() -> None:
    for_police = ActionSet(at(7), "duty-1", "a1", "police", ("s1",), at(900))
    for_hub, done = replace(for_police, action="a2", owner="hub"), replace(for_police, action="a3")
    story = Story(contact(child()), for_police, for_hub, done, ActionMoved(at(7), "duty-1", "a3", Doing.DONE))
    story.tell(shuts_out("police"))
    assert "action:a1" not in story.waiting
    assert {task for task in story.tasks if task.startswith("shut_out:")} == {"shut_out:a1"}
    refused(story, replace(for_police, action="a4", at=at(9)), "must not see this case")


def test_an_open_case_is_not_sent_on_to_whoever_must_not_see_it() -> None:
    rules = with_rules(open_cases=("social_care",))
    story = Story(contact(child()), shuts_out("social_care"), rules=rules)
    refused(story, Sorted(at(9), "duty-1", Sorting.OPEN_CASE, ""), "must not see this case")


def test_a_step_up_tells_an_agency_that_is_shut_out_nothing() -> None:
    story = Story(contact(child()), PacketNews(at(2), "l2", News.ACCEPTED), rates(code="green", after=3), shuts_out())
    story.tell(rates(code="red", after=9))
    assert not [letter for letter in story.waiting if letter.startswith("stepped:l2")]
    assert not [letter for letter in story.letters if letter.startswith(f"stepped:l2:{at(9).isoformat()}")]


TOLD = Answered(at(4), "health", "l2", Answer.INFORMATION, Proof.DKIM, "mail", contribution="c1")
DRAFTED = ProductDrafted(at(5), "duty-1", "p1", "v1", ("s1",), ("housing",), (("w1", "c1"),))


def test_an_owner_who_is_shut_out_is_asked_for_no_agreement_and_their_silence_is_the_desk_s() -> None:
    asks = ReleaseAsked(at(6), "duty-1", "p1")
    asked_before = Story(contact(child()), TOLD, DRAFTED, asks, shuts_out())
    assert "release_request:p1/w1:1" not in asked_before.waiting
    story = Story(contact(child()), TOLD, DRAFTED, shuts_out(after=5), asks)
    assert not [letter for letter in story.letters if letter.startswith("release_request")]
    assert story.run_out("release:p1/w1").tasks["owner_silent:p1/w1"].kind is TaskKind.OWNER_SILENT


def test_a_product_goes_to_nobody_who_is_shut_out_and_what_went_is_to_be_recalled() -> None:
    out = shuts_out("housing")
    refused(Story(contact(child()), TOLD, out), replace(DRAFTED, at=at(9)), "leave it out")
    plain = replace(DRAFTED, rests=())
    goes = ProductReleased(at(9), "manager-1", "p1", "v1", Purpose.SAFEGUARD_CHILD)
    refused(Story(contact(child()), plain, out), goes, "write a version without it")
    two = Story(contact(child()), replace(plain, recipients=("police", "housing")), goes, replace(out, at=at(10)))
    assert {key for key in two.waiting if key.startswith("product:")} == {"product:x1"}
    for news, recalls in ((None, False), (News.HELD, False), (News.ACCEPTED, True)):
        heard = [LetterNews(at(9), Letter.PRODUCT, "x1", news)] if news else []
        story = Story(contact(child()), plain, goes, *heard, replace(out, at=at(10)))
        assert "product:x1" not in story.waiting
        assert ("shut_out:x1" in story.tasks) is recalls
    held = LetterNews(at(11), Letter.PRODUCT, "x1", News.HELD, "gate:restricted")
    assert TaskKind.TELEPHONE_AGENCY not in story.tell(held).kinds()


@pytest.mark.parametrize(
    ("letter", "about", "agency"),
    [
        (Letter.PACKET, "l2", "health"),
        (Letter.MORE, "l2/m1", "health"),
        (Letter.PACKET, "l9", ""),
        (Letter.ACTION, "a1", "police"),
        (Letter.ACTION, "a9", ""),
        (Letter.INVITATION, "d1/i2", "health"),
        (Letter.INVITATION, "d9/i2", ""),
        (Letter.RELEASE_REQUEST, "p1/w1", "health"),
        (Letter.PRODUCT, "x1", "housing"),
        (Letter.OUTCOME, "", ""),
    ],
)
def test_every_letter_has_its_agency(letter: Letter, about: str, agency: str) -> None:
    goes = ProductReleased(at(9), "manager-1", "p1", "v1", Purpose.SAFEGUARD_CHILD)
    acts = ActionSet(at(7), "duty-1", "a1", "police", ("s1",), at(900))
    story = Story(contact(child()), replace(TOLD, released=True), DRAFTED, goes, acts, calls("police", "health"))
    assert agency_of(letter, about, story.case) == agency


def test_nobody_is_handed_over_to_it_and_who_was_is_another_s_to_take_on() -> None:
    decided = (rates(), decides())
    over = HandedOver(at(70), "duty-1", "health", ("s1",))
    refused(Story(contact(child()), *decided, shuts_out()), over, "hand over to another")
    answered = says(Answer.NOTHING_KNOWN, "l2")
    story = Story(contact(child()), answered, *decided, over, shuts_out(after=80))
    assert "another:health" in story.tasks
    assert "handover:l2" not in story.clocks
    assert not [key for key in story.waiting if key.startswith("hand_over:l2")]
    story.tell(ClockRanOut(at(90), "handover:l2"))
    assert "hand_over:s1" in story.tasks  # it is the hub's, to hand over to another
