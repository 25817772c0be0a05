"""About whom a letter is, as far as streams of work say: some mailboxes are asked first for theirs."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.addressee import topics, topics_of
from exchange.case.decision import Specialist
from exchange.case.effect import Letter
from tests.case.stories import LOOK, Story, calls, child, contact, decides, rates


def story() -> Story:
    exploited = replace(child("s1"), cohort="exploitation")
    return Story(contact(exploited, replace(child("s2"), cohort="missing")), LOOK, rates(), rates("s2"))


def test_a_leg_is_about_the_streams_of_its_own_subjects() -> None:
    told = story()
    assert topics_of(Letter.PACKET, "l1", told.case) == {"exploitation", "missing"}
    only = replace(told.leg(), subjects=("s1",))
    assert topics_of(Letter.MORE, "l1/m1", told.case.with_leg(only)) == {"exploitation"}


def test_a_discussion_is_about_its_own_subjects_and_anything_else_about_everybody() -> None:
    told = story().tell(calls("police", "social_care", "health"))
    assert topics_of(Letter.PAPERS, "d1/i1", told.case) == {"exploitation"}
    assert topics_of(Letter.ACTION, "a1", told.case) == {"exploitation", "missing"}


def test_specialist_routes_of_the_decision_that_holds_count_too() -> None:
    told = story().tell(decides("s1", routes=(Specialist.MARAC,)))
    assert topics(told.case, ("s1",)) == {"exploitation", "marac"}
