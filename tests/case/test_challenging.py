"""Who disagrees is answered in time, or by the next stage; silence presses, and nothing closes over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.advance import CannotHappen
from exchange.case.challenge import (
    STAGE,
    TABLE,
    Challenged,
    ChallengeEscalated,
    ChallengeReplied,
    Happening,
    ReplyApproved,
    ReplyDropped,
    Standing,
)
from exchange.case.clock import due, read_spec
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import ClockRanOut, Closed, Event, LetterNews
from exchange.case.feedback import Contact, FeedbackWithheld, ReferrerClass
from exchange.case.state import ReferrerCodes
from exchange.case.statute import NamedClock, Statute
from exchange.web.desk_feedback import view
from exchange.wording import told
from tests.case.stories import (
    ALWAYS,
    CLOSE,
    CLOSE_ANYWAY,
    LOOK,
    OURS,
    RULES,
    SCHOOL,
    Story,
    at,
    child,
    contact,
    decides,
    rates,
    says,
    with_rules,
)

ANSWERS = tuple(says(Answer.INFORMATION, leg) for leg in ("l1", "l2", "l3"))
BY_REFERRER = Challenged(at(3000), "referrer", "page")
BY_POLICE = Challenged(at(3000), "police", "page", "l1")
RING = replace(BY_REFERRER, by="duty-1", channel="telephone")
LOOK_AGAIN = replace(LOOK, at=at(3001), rating="")
SENT = LetterNews(at(70), Letter.OUTCOME, "", News.ACCEPTED)
REPLY = ChallengeReplied(at(3100), "duty-1", "c1", settles=False)  # to an agency
SETTLE = replace(REPLY, settles=True)
WRITTEN = replace(REPLY, reply="c1-1")  # to the referrer
READ = ReplyApproved(at(3100), "duty-2", "c1-1")
SETTLED = (replace(SETTLE, reply="c1-1"), READ)
DROPPED = ReplyDropped(at(3100), "duty-2", "c1-1")
UP = ChallengeEscalated(at(3100), "duty-1", "c1")


def decided(*more: Event, referrer: ReferrerCodes = SCHOOL, code: str = "green") -> Story:
    story = Story(contact(child(), referrer=referrer), LOOK, *ANSWERS, rates(code=code), decides(), SENT)
    return story.tell(*more)


def stage(story: Story) -> Standing:
    return story.case.challenges[0].standing


@pytest.mark.parametrize(("standing", "happening"), list(product(Standing, Happening)))
def test_every_standing_answers_every_happening_or_refuses_it(standing: Standing, happening: Happening) -> None:
    after = TABLE.get((standing, happening))
    if standing is Standing.SETTLED or (happening is Happening.ESCALATES and standing is Standing.WITH_BOARD):
        assert after is None
    else:
        assert after is not None
        assert after is Standing.SETTLED or STAGE[after] >= STAGE[standing]


def test_a_challenge_is_with_the_hub_with_a_task_and_what_was_written_is_unread() -> None:
    story = decided(BY_REFERRER)
    assert stage(story) is Standing.AT_HUB
    assert story.tasks["challenge:c1"].kind is TaskKind.CHALLENGED
    assert TaskKind.FIRST_LOOK in story.kinds()
    assert story.clocks["challenge:c1"] == due(read_spec("2wd"), at(3000), ALWAYS)


def test_what_was_told_on_the_telephone_somebody_has_heard() -> None:
    assert TaskKind.FIRST_LOOK not in decided(RING).kinds()


def test_replies_that_do_not_settle_climb_stage_by_stage_to_the_board_and_stay_there() -> None:
    story, seen = decided(BY_REFERRER), []
    for n in range(1, 6):
        story.tell(replace(WRITTEN, reply=f"c1-{n}"), replace(READ, reply=f"c1-{n}"))
        seen.append(stage(story))
    assert seen == [
        Standing.WITH_MANAGERS,
        Standing.WITH_SENIOR_MANAGERS,
        *[Standing.WITH_BOARD] * 3,
    ]
    assert "challenge:c1" in story.clocks
    story.tell(replace(SETTLE, reply="c1-6"), replace(READ, reply="c1-6"))
    assert stage(story) is Standing.SETTLED
    assert "challenge:c1" not in story.clocks
    assert "challenge:c1" not in story.tasks


def test_each_stage_has_its_named_clock() -> None:
    def named(name: str, length: str) -> NamedClock:
        return NamedClock(name, name, "", "", read_spec(length), "local")

    law = Statute("law", clocks=(named("escalation_1", "1h"), named("escalation_2", "2h")))
    story = Story(contact(child()), BY_REFERRER, rules=with_rules(statute=law))
    assert story.clocks["challenge:c1"] == at(3060)
    story.tell(UP)
    assert story.clocks["challenge:c1"] == at(3100 + 120)
    story.tell(UP)
    assert story.clocks["challenge:c1"] == due(read_spec("2wd"), at(3100), ALWAYS)  # the usual one


def test_silence_presses_whoever_it_stands_with() -> None:
    story = decided(BY_REFERRER).run_out("challenge:c1")
    assert story.tasks["challenge:c1"].kind is TaskKind.CHALLENGED
    assert "challenge:c1" in story.clocks
    story.tell(*SETTLED, ClockRanOut(at(9000), "challenge:c1"))
    assert story.effects == ()
    assert story.tell(ClockRanOut(at(9000), "challenge:c9")).effects == ()


def test_for_the_most_urgent_rating_a_reply_waits_no_longer_than_a_decision() -> None:
    story = decided(BY_REFERRER, code="red")
    assert story.clocks["challenge:c1"] == at(3000) + timedelta(hours=4)


@pytest.mark.parametrize("first", [True, False])
def test_immediate_risk_goes_to_the_managers_at_once_due_soon(first: bool) -> None:
    urgent = replace(BY_REFERRER, immediate=True)
    story = decided(urgent) if first else decided(BY_REFERRER, urgent)
    assert stage(story) is Standing.WITH_MANAGERS
    assert story.case.challenges[0].immediate
    assert story.tasks["challenge:c1"].due == at(3030)  # a time that can be kept
    story.tell(UP)
    assert story.case.challenges[0].due == UP.at + timedelta(minutes=30)  # no stage above takes longer over it
    story.tell(urgent)
    assert stage(story) is Standing.WITH_SENIOR_MANAGERS  # higher than the managers already


def test_saying_it_again_adds_to_it_and_after_it_is_settled_is_a_new_one() -> None:
    story = decided(BY_REFERRER, BY_REFERRER)
    assert len(story.case.challenges) == 1
    assert story.case.challenges[0].again == 1
    story.tell(*SETTLED, BY_REFERRER)
    assert {c.id: c.standing for c in story.case.challenges} == {"c1": Standing.SETTLED, "c2": Standing.AT_HUB}


def test_the_referrer_and_an_agency_disagree_apart() -> None:
    story = decided(BY_REFERRER, BY_POLICE)
    assert [c.by for c in story.case.challenges] == ["referrer", "police"]


def test_an_agency_is_answered_sealed() -> None:
    story = decided(BY_POLICE, REPLY)
    assert story.waiting["challenge_reply:c1:1"].letter is Letter.CHALLENGE_REPLY
    assert story.waiting["challenge_reply:c1:1"].about == "l1"


@pytest.mark.parametrize(
    ("referrer", "before", "letter", "ring"),
    [
        (SCHOOL, (), True, False),
        (replace(SCHOOL, contact=Contact.TELEPHONE, may_mail=False), (), False, True),
        (replace(SCHOOL, contact=Contact.PAGE, may_mail=False), (), False, False),
        (replace(SCHOOL, referrer_class=ReferrerClass.PUBLIC), (), False, False),
        (SCHOOL, (FeedbackWithheld(at(100), "manager-1", "lado", at(9000)),), False, False),
    ],
)
def test_the_referrer_hears_of_a_reply_by_the_way_that_is_safe(
    referrer: ReferrerCodes, before: tuple[Event, ...], letter: bool, ring: bool
) -> None:
    public = referrer.referrer_class is ReferrerClass.PUBLIC  # whose words nobody reads
    story = decided(*before, BY_REFERRER, WRITTEN, *(() if public else (READ,)), referrer=referrer)
    assert ("news:c1:1" in story.letters) is letter
    assert (TaskKind.RING_REFERRER in story.kinds() and story.tasks["ring_referrer"].due == at(3100)) is ring


def test_words_to_the_referrer_are_no_reply_until_a_second_person_has_read_them() -> None:
    story = decided(BY_REFERRER, WRITTEN)
    assert (stage(story), story.case.challenges[0].replies) == (Standing.AT_HUB, 0)
    assert not [key for key in story.letters if key.startswith("news:")]
    assert story.tasks["approve_reply:c1"].kind is TaskKind.APPROVE_FEEDBACK
    assert "challenge:c1" in story.clocks  # the writer's part stops nothing
    story.tell(DROPPED)
    assert "approve_reply:c1" not in story.tasks
    assert story.case.challenges[0].unread is None
    story.tell(replace(WRITTEN, reply="c1-2"), replace(READ, reply="c1-2"))
    assert stage(story) is Standing.WITH_MANAGERS
    assert "news:c1:1" in story.letters


def test_who_decided_may_settle_it_at_the_hub_and_reply_above_it() -> None:
    assert stage(decided(BY_POLICE, replace(SETTLE, by="manager-1"))) is Standing.SETTLED
    assert stage(decided(BY_POLICE, UP, replace(REPLY, by="manager-1"))) is Standing.WITH_SENIOR_MANAGERS


def test_a_case_does_not_close_over_a_challenge_but_knowingly_and_a_challenge_opens_it_again() -> None:
    story = decided(RING)
    with pytest.raises(CannotHappen, match="somebody disagrees"):
        story.tell(Closed(at(4000), "manager-1"))
    story.tell(replace(CLOSE_ANYWAY, at=at(4000)))
    assert story.case.closed
    assert "challenge:c1" not in story.clocks
    assert story.tell(ClockRanOut(at(9000), "challenge:c1")).effects == ()
    story.tell(replace(RING, at=at(4100)))
    assert story.case.closed is None
    assert "challenge:c1" in story.clocks


@pytest.mark.parametrize("challenge", [BY_REFERRER, BY_POLICE])
def test_a_challenge_in_writing_opens_a_closed_case(challenge: Challenged) -> None:
    story = decided(OURS, CLOSE, challenge)
    assert story.case.closed is None
    assert story.case.looked_at is None


def test_of_a_leg_that_is_not_there_staff_are_told_and_a_peer_changes_nothing() -> None:
    story = decided()
    before = story.case
    with pytest.raises(CannotHappen, match="no such agency"):
        story.tell(replace(RING, leg="l99"))
    assert story.tell(replace(BY_POLICE, leg="l99")).case == before


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((REPLY,), "no open challenge"),
        ((BY_REFERRER, *SETTLED, SETTLE), "no open challenge"),
        ((BY_REFERRER, *SETTLED, UP), "no open challenge"),
        ((BY_REFERRER, READ), "no such reply waits"),
        ((BY_REFERRER, WRITTEN, UP, READ), "no such reply waits"),  # it was of the stage before
        ((BY_REFERRER, WRITTEN, replace(BY_REFERRER, immediate=True), READ), "no such reply waits"),
        ((BY_REFERRER, WRITTEN, DROPPED, READ), "no such reply waits"),
        ((BY_REFERRER, WRITTEN, replace(READ, by="duty-1")), "other than the writer"),
        ((BY_REFERRER, WRITTEN, WRITTEN), "in the same moment"),
        ((BY_REFERRER, UP, replace(SETTLED[0], by="manager-1")), "another manager must settle"),
        ((BY_REFERRER, UP, SETTLED[0], replace(READ, by="manager-1")), "another manager must settle"),
        ((BY_POLICE, UP, replace(SETTLE, by="manager-1")), "another manager must settle"),
        ((BY_REFERRER, UP, UP, UP, UP), "nobody stands above"),
    ],
)
def test_what_staff_may_not_do_with_a_challenge_is_refused_and_changes_nothing(
    events: tuple[Event, ...], why: str
) -> None:
    *before, last = events
    story = decided(*before)
    was = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(last)
    assert story.case == was


def test_a_challenge_before_the_decision_is_heard_too() -> None:
    story = Story(contact(child()), LOOK, BY_REFERRER, LOOK_AGAIN)
    assert stage(story) is Standing.AT_HUB
    assert RULES.statute.clock("escalation_1") is None


def test_what_came_to_the_referrers_address_is_marked_until_the_referrer_has_said_it() -> None:
    forged = replace(BY_REFERRER, by="unproved", channel="mail")
    story = decided(forged, forged)
    assert (story.case.challenges[0].by, story.case.challenges[0].unproved) == ("referrer", True)
    assert not decided(forged, RING).case.challenges[0].unproved
    assert not decided(RING, forged).case.challenges[0].unproved
    assert told(forged, RULES, story.case) == (
        "Somebody who wrote to the referrer’s address (nothing proves who) disagrees"
    )
    (shown,) = view(story.case, RULES, None, {}, str)["challenges"]
    assert "nothing proves who" in shown["who"]
    (other,) = view(decided(BY_POLICE).case, RULES, None, {}, str)["challenges"]
    assert other["who"] == "Police"
    assert told(BY_POLICE, RULES, decided().case) == "Police disagrees"
