"""Whatever is waited for has a clock running or a person who was asked, in whatever order things happen."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.action import Doing
from exchange.case.delivery import News
from exchange.case.duty import Handing
from exchange.case.escalation import CallMade
from exchange.case.event import Answered, ClockRanOut, Event, MachineEvidence, PacketNews
from exchange.case.feedback import (
    SETTLED,
    Feedback,
)
from exchange.case.handing import cannot_wait
from exchange.case.milestone import (
    Progress,
)
from exchange.case.state import (
    Case,
)
from tests.case.happenings import (
    ANYTHING,
    RULES,
    every,
    many,
    often,
    sequences,
    throughout,
)
from tests.case.stories import (
    OFFICE,
    Story,
    at,
)


@given(told=ANYTHING)
@often
def test_every_agency_that_owes_an_answer_has_a_clock_running_or_a_person_who_was_asked(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            if leg.owing and not story.case.closed:
                names = [*story.clocks, *story.tasks]
                assert [n for n in names if n.endswith(f":{leg.id}")], f"{leg.id} is waited for in silence"

    throughout(told, watched)


@given(told=ANYTHING)
@often
def test_every_subject_of_an_open_case_is_decided_or_has_a_clock_running_or_a_person_who_was_asked(
    told: list[Event],
) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        for subject in story.case.subjects:
            if not subject.settled and not story.case.closed:
                name = f"decide:{subject.id}"
                assert name in story.clocks or name in story.tasks, f"{subject.id} waits for a decision in silence"

    throughout(told, watched)


@given(told=ANYTHING)
@often
def test_every_open_action_and_every_running_clock_of_law_is_watched(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        names = {*story.clocks, *story.tasks}
        if not story.case.closed:
            assert {f"action:{a.id}" for a in story.case.actions if a.doing is Doing.OPEN} <= names
        for subject in (s for s in story.case.subjects if not s.in_error):  # of others nothing is owed
            running = {m.name for m in subject.milestones if m.progress is Progress.RUNNING}
            assert {f"milestone:{subject.id}/{name}" for name in running} <= names

    throughout(told, watched)


@given(told=ANYTHING)
@often
def test_whoever_owes_an_outcome_or_a_reply_or_a_telling_has_a_clock_running_or_a_person_who_was_asked(
    told: list[Event],
) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        case, names = story.case, {*story.clocks, *story.tasks}
        if case.feedback is Feedback.WITHHELD:
            assert names & {"review:feedback", "review_feedback"}
        if case.closed:
            return
        if case.feedback not in (*SETTLED, Feedback.NOT_DUE):
            assert names & {"feedback", "tell_referrer", "ring_referrer", "disputed"}, case.feedback
        for owed in case.outcomes_owed:
            assert not owed.left or f"outcome:{owed.leg}" in names, f"{owed.leg} owes an outcome in silence"
        for challenge in case.challenges:
            assert not challenge.open or f"challenge:{challenge.id}" in names, f"{challenge.id} stands in silence"

    throughout(told, watched)


SHUT_AT_NIGHT = replace(RULES, calendar=OFFICE)


@given(told=ANYTHING)
@often
def test_an_open_case_is_never_without_a_running_clock_and_an_open_task(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        assert story.case.closed or story.clocks or story.tasks, "nothing watches it: silence would stay silent"

    for rules in (RULES, SHUT_AT_NIGHT):
        throughout(told, watched, rules)


@given(told=ANYTHING)
@many
def test_each_rung_is_reached_once_and_in_order_for_what_is_waited_for(told: list[Event]) -> None:
    def ladder(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            since = max(leg.acknowledged_at or leg.opened_at, leg.more_at or leg.opened_at)
            reached = [r.rung for r in leg.rungs if r.at >= since]
            assert leg.acknowledged_at or reached == list(RULES.escalation.ladder)[: len(reached)]

    throughout(told, ladder)


@given(told=ANYTHING)
@many
def test_what_cannot_wait_while_the_hub_is_shut_is_offered_or_in_hand(told: list[Event]) -> None:
    def handed(before: Case, story: Story, event: Event) -> None:
        if not cannot_wait(story.case, event.at, SHUT_AT_NIGHT) or OFFICE.is_open(event.at):
            return
        newest = story.case.duties[-1]
        noted = newest.state is Handing.RETURNED and newest.note_due and event.at < newest.note_due
        assert noted or newest.state in (Handing.OFFERED, Handing.ACCEPTED)  # theirs until the hub opens
        assert "duty" in {*story.tasks, *story.clocks}

    throughout(told, handed, SHUT_AT_NIGHT)


# One agency that is late, closely: what a server, its people and the desk do about it, in every order.
LATE = sequences(
    every(PacketNews, [at(2), at(400)], ["l1"], [News.ACCEPTED, News.BOUNCED, News.REFUSED, News.DEFERRED]),
    every(ClockRanOut, [at(300), at(450)], ["remind:l1", "answer:l1", "ring:l1"]),
    every(Answered, [at(200), at(500)], ["police"], ["l1"], list(Answer), [Proof.PAGE, Proof.SIGNATURE], ["mail"]),
    every(CallMade, [at(410)], ["duty-1"], ["l1"], [True, False]),
    every(MachineEvidence, [at(420)], ["l1"], ["automatic_reply"]),
)


@given(told=LATE)
@often
def test_whoever_was_asked_to_ring_for_a_late_answer_is_asked_until_it_is_there_or_they_rang(
    told: list[Event],
) -> None:
    asked: set[str] = set()

    def kept(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            keys = {f"{kind}:{leg.id}" for kind in ("silent", "telephone", "cannot_open", "wrong_person", "unclear")}
            late = leg.owing and event.at >= leg.answer_due and before.leg(leg.id) is not None
            rang = isinstance(event, CallMade) and event.about == leg.id
            if late and asked & keys and not rang and not story.case.closed:
                assert keys & story.tasks.keys(), f"{leg.id} is late and nobody rings any more after {event}"
        asked.clear()
        asked.update(story.tasks)

    throughout(told, kept)
