"""Discussions by telephone: recorded after the fact (Derbyshire), and in an emergency with a full one to follow
(domain scenario 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision
from exchange.case.effect import TaskKind
from exchange.case.event import ClockRanOut, ContactReceived, DiscussionHeld, LookedAt
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.rules import Rules
from exchange.case.sorting import Sorted, Sorting
from exchange.case.statute import Statute
from exchange.case.strategy_discussion import (
    DiscussionTelephoned,
    FullFollows,
    Meeting,
    Mode,
    Present,
    Rang,
    StrategyDiscussion,
    missing,
)
from exchange.hubs import statutes
from tests.case.stories import (
    CLOSE,
    OFFICE,
    RULES,
    Story,
    adult,
    at,
    calls,
    child,
    contact,
    decides,
    rates,
    with_rules,
)

LA, POLICE, HEALTH = (Present(a, Mode.TELEPHONE) for a in ("social_care", "police", "health"))


def telephoned(*present: Present, **more: object) -> DiscussionTelephoned:
    event = DiscussionTelephoned(at(70), "manager-1", "d1", at(60), ("s1",), present)
    return replace(event, **more)  # type: ignore[arg-type]


def discussion(story: Story, name: str = "d1") -> StrategyDiscussion:
    found = story.case.discussion(name)
    assert found
    return found


def test_derbyshire_a_telephone_discussion_counts_as_held_and_nothing_is_sent() -> None:
    """Domain A6: a phone strategy at 11:40 with the authority, police and the on-call paediatric nurse."""
    story = Story(contact(child()))
    before = list(story.letters)
    story.tell(telephoned(LA, POLICE, replace(HEALTH, by_deputy=True)))
    made = discussion(story)
    assert (made.state, made.by_telephone, made.inquorate, made.starts_at) == (Meeting.HELD, True, False, at(60))
    assert [(i.agency, i.mode, i.by_deputy) for i in made.invitees] == [
        ("social_care", Mode.TELEPHONE, False), ("police", Mode.TELEPHONE, False), ("health", Mode.TELEPHONE, True),
    ]  # fmt: skip
    assert story.letters == before
    assert not [c for c in story.clocks if c.startswith(("chase", "follow_up_meeting"))]


def test_without_its_quorum_it_is_recorded_only_knowingly() -> None:
    story = Story(contact(child()))
    with pytest.raises(CannotHappen, match="health did not take part"):
        story.tell(telephoned(LA, POLICE))
    story.tell(telephoned(LA, POLICE, inquorate=True))
    assert discussion(story).inquorate
    assert discussion(story).full_due == story.clocks["follow_up_meeting:d1"]  # as after an emergency


SHUT = datetime(2027, 4, 30, 15, 55, tzinfo=UTC)  # 16:55 on the Friday before a bank holiday


def northmoor() -> Rules:
    """The made-up hub with office hours, English bank holidays and the clocks of practice."""
    calendar = replace(OFFICE, holidays=frozenset({date(2027, 5, 3)}))
    return with_rules(calendar=calendar, statute=statutes.profile("england-wt2026"))


def friday() -> ContactReceived:
    return replace(contact(child(age_band="under_5")), at=SHUT)


def emergency(*present: Present) -> DiscussionTelephoned:
    """Ed Duty rang the authority, the police and the ward between 17:20 and 17:40."""
    rang = tuple(
        Rang(agency, SHUT.replace(hour=16, minute=minute), reached)
        for agency, minute, reached in (("social_care", 20, True), ("police", 25, True), ("health", 40, False))
    )
    began = SHUT.replace(hour=16, minute=45)
    return DiscussionTelephoned(
        SHUT.replace(hour=17), "duty-1", "d1", began, ("s1",), present, emergency=True, rang=rang
    )  # fmt: skip


def test_scenario_8_an_emergency_by_telephone_and_the_full_discussion_on_the_next_working_day() -> None:
    story = Story(friday(), emergency(LA, POLICE), rules=northmoor())
    made = discussion(story)
    assert (made.state, made.emergency, made.inquorate) == (Meeting.HELD, True, True)
    assert [(r.agency, r.reached) for r in made.rang] == [("social_care", True), ("police", True), ("health", False)]
    assert missing(made, RULES.strategy.quorum) == ("health",)
    tuesday = datetime(2027, 5, 4, 16, 0, tzinfo=UTC)  # 17:00 in London
    assert made.full_due == story.clocks["follow_up_meeting:d1"] == tuesday
    story.tell(replace(rates(), at=SHUT.replace(hour=17)))
    story.tell(replace(decides(decision=Decision.SECTION_47), at=SHUT.replace(hour=18)))
    icpc = story.case.subjects[0].milestone("icpc")
    assert icpc
    assert icpc.due.date() == date(2027, 5, 24)

    story.run_out("follow_up_meeting:d1")
    assert story.tasks["follow_up_meeting:d1"].kind is TaskKind.FULL_DISCUSSION
    full = replace(
        calls("police", "health", "social_care"), discussion="d2", at=tuesday, starts_at=tuesday.replace(hour=17)
    )
    part = DiscussionHeld(tuesday, "manager-1", "d2", ("police",), (POLICE,), inquorate=True)
    story.tell(full, part)
    assert "follow_up_meeting:d1" in story.tasks
    again = replace(full, discussion="d3")
    story.tell(again, replace(part, discussion="d3", present=(LA, POLICE, HEALTH)))
    assert discussion(story).followed_by == "d3"
    assert "follow_up_meeting:d1" not in story.tasks
    assert story.tell(ClockRanOut(tuesday, "follow_up_meeting:d1")).effects == ()
    assert story.tell(ClockRanOut(tuesday, "follow_up_meeting:d9")).effects == ()


FOLLOWS = FullFollows(referrer="education")
TUESDAY_MIDDAY = datetime(2027, 5, 4, 12, 0, tzinfo=UTC)  # 13:00 in London, half-way from nine to five


def test_the_full_discussion_is_called_by_itself_for_the_middle_of_the_day_on_which_it_is_due() -> None:
    story = Story(friday(), replace(emergency(LA, POLICE), full=FOLLOWS), rules=northmoor())
    full = discussion(story, "d2")
    assert (full.state, full.starts_at, full.deadline) == (Meeting.CALLED, TUESDAY_MIDDAY, discussion(story).full_due)
    assert [i.agency for i in full.invitees] == ["social_care", "police", "health", "education"]
    assert {"invitation:d2/i1", "papers:d2/i1"} <= story.waiting.keys()
    assert {"follow_up_meeting:d1", "held_by:d2"} <= story.clocks.keys()


def test_the_full_discussion_is_called_once_and_for_the_time_that_somebody_names() -> None:
    named = FullFollows(TUESDAY_MIDDAY.replace(hour=9))
    story = Story(friday(), replace(emergency(LA, POLICE), full=named), rules=northmoor())
    assert discussion(story, "d2").starts_at == TUESDAY_MIDDAY.replace(hour=9)
    story.tell(replace(emergency(LA, POLICE), discussion="d3", full=FOLLOWS, started_at=SHUT.replace(hour=16)))
    assert [d.id for d in story.case.discussions] == ["d1", "d2", "d3"]  # what is called makes up for both
    quorate = replace(emergency(LA, POLICE, HEALTH), discussion="d4", started_at=SHUT.replace(hour=16, minute=30))
    story.tell(replace(quorate, full=FOLLOWS))
    assert [d.id for d in story.case.discussions] == ["d1", "d2", "d3", "d4"]


def test_where_the_day_is_too_short_the_full_discussion_is_half_way_until_it_is_due() -> None:
    night = replace(northmoor(), statute=Statute(clocks=()), calendar=replace(OFFICE, hours=(None,) * 7))
    story = Story(friday(), replace(emergency(LA, POLICE), full=FOLLOWS), rules=night)
    made = discussion(story)
    assert made.full_due is not None  # a hub that never opens: due at once, and the desk is asked
    assert story.tasks["follow_up_meeting:d1"].kind is TaskKind.FULL_DISCUSSION
    late = replace(emergency(LA, POLICE), at=datetime(2027, 5, 4, 14, 20, tzinfo=UTC), full=FOLLOWS)
    story = Story(friday(), late, rules=northmoor())
    assert discussion(story, "d2").starts_at == datetime(2027, 5, 4, 15, 0, tzinfo=UTC)


def test_where_the_full_discussion_cannot_be_called_the_desk_is_asked_at_once() -> None:
    nobody = replace(northmoor(), strategy=replace(RULES.strategy, invite=("nobody_does_this",)))
    story = Story(friday(), replace(emergency(LA, POLICE), full=FullFollows()), rules=nobody)
    assert story.tasks["follow_up_meeting:d1"].kind is TaskKind.FULL_DISCUSSION
    assert [d.id for d in story.case.discussions] == ["d1"]


def test_one_that_was_called_and_held_without_its_quorum_is_followed_by_itself_too() -> None:
    story = Story(contact(child()), calls("police", "health", "social_care"))
    part = DiscussionHeld(at(700), "manager-1", "d1", ("police",), (POLICE,), inquorate=True, full=FOLLOWS)
    assert [d.state for d in story.tell(part).case.discussions] == [Meeting.HELD, Meeting.CALLED]
    there = replace(part, at=at(710), present=(LA, POLICE, HEALTH), inquorate=False)
    assert [d.state for d in story.tell(there).case.discussions] == [Meeting.HELD, Meeting.CALLED]


def test_a_case_does_not_close_over_a_full_discussion_that_is_owed() -> None:
    story = Story(contact(adult()), LookedAt(at(5), "duty-1", "amber"), telephoned(LA, POLICE, emergency=True))
    story.tell(Sorted(at(80), "duty-1", Sorting.DUPLICATE, "MASH-0000-0000"))
    with pytest.raises(CannotHappen, match="full one"):
        story.tell(CLOSE)
    assert story.tell(replace(CLOSE, override=True)).case.closed


def test_the_next_working_day_holds_where_no_clock_is_named() -> None:
    unnamed = replace(northmoor(), statute=Statute())
    assert discussion(Story(friday(), emergency(LA), rules=unnamed)).full_due == datetime(2027, 5, 4, 16, tzinfo=UTC)


def test_an_emergency_with_its_quorum_needs_no_other() -> None:
    story = Story(friday(), emergency(LA, POLICE, HEALTH), rules=northmoor())
    assert discussion(story).full_due is None
    assert not discussion(story).inquorate


def test_a_full_discussion_about_others_makes_up_for_nothing() -> None:
    both = Story(contact(child("s1"), child("s2", "under_5")), telephoned(
        LA, POLICE, emergency=True, subjects=("s1", "s2")
    ))  # fmt: skip
    both.tell(telephoned(LA, POLICE, HEALTH, discussion="d2"))
    assert discussion(both).full_owed


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (telephoned(), "who took part"),
        (telephoned(LA, subjects=()), "name the subjects"),
        (telephoned(LA, kind="ird"), "no kind"),
        (telephoned(LA, started_at=at(71)), "in the future"),
        (telephoned(LA, emergency=True, rang=(Rang("police", at(71), True),)), "in the future"),
        (telephoned(LA, emergency=True), "nobody of police took part or was rung"),
        (telephoned(POLICE, emergency=True, rang=(Rang("nobody", at(50), True),)), "nobody of social care|no agency"),
        (telephoned(LA, POLICE, Present("nobody")), "no agency “nobody”"),
        (telephoned(LA, POLICE, Present("education")), "must not see"),
    ],
)
def test_what_is_no_telephone_discussion_is_refused(event: DiscussionTelephoned, why: str) -> None:
    story = Story(contact(child()), Restricted(at(2), "duty-1", Kind.AGENCY, "education", Why.CONFLICT))
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before


def test_it_is_recorded_once() -> None:
    with pytest.raises(CannotHappen, match="already recorded"):
        Story(contact(child()), telephoned(LA, POLICE, HEALTH), telephoned(LA, POLICE, HEALTH))


def test_the_same_call_recorded_twice_is_one_discussion() -> None:
    story = Story(contact(child()), telephoned(LA, POLICE, HEALTH))
    before = story.case
    with pytest.raises(CannotHappen, match=r"recorded already \(d1\)"):
        story.tell(replace(telephoned(LA, POLICE, HEALTH), discussion="d2"))
    assert story.case == before
    assert len(story.tell(replace(telephoned(LA, POLICE), discussion="d2", inquorate=True)).case.discussions) == 2


def test_only_what_began_after_an_emergency_makes_up_for_it() -> None:
    story = Story(friday(), emergency(LA, POLICE), rules=northmoor())
    before = replace(emergency(LA, POLICE, HEALTH), discussion="d2", started_at=SHUT.replace(hour=16, minute=30))
    assert discussion(story.tell(before)).full_owed
    after = replace(before, discussion="d3", started_at=SHUT.replace(hour=16, minute=50))
    assert discussion(story.tell(after)).followed_by == "d3"
