"""The papers of a discussion hold for each agency what its own packets hold, and nobody whom these leave out."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.event import AgencyAsked
from exchange.case.fields import Part
from exchange.case.lateral_check import Recalled
from exchange.case.papers import Papers, papers
from exchange.case.sorting import Ground, RefusalOverridden
from tests.case.stories import RULES, Story, adult, arrives, at, calls, child, contact, with_rules

SIBLINGS = (child(), child("s2", "under_5"))  # the rows ask education about the first alone
BOTH = ("s1", "s2")


def read(story: Story, agency: str) -> Papers:
    return papers(story.case, story.case.discussions[0], agency, RULES)


def called(story: Story, *agencies: str, subjects: tuple[str, ...] = BOTH) -> Story:
    return story.tell(replace(calls(*agencies), subjects=subjects))


def test_an_agency_reads_what_its_packet_holds_and_of_nobody_else() -> None:
    story = called(Story(contact(*SIBLINGS)), "education", "police", "health")
    leg = next(leg for leg in story.case.legs if leg.agency == "education")
    mine = read(story, "education")
    assert mine == Papers(("s1",), leg.manifest, every=False)
    assert "concern.what_happened" not in mine.manifest
    assert not [name for name in mine.manifest if name.startswith("s2.")]
    police, health = read(story, "police"), read(story, "health")
    assert (police.subjects, police.every) == (BOTH, True)
    assert "concern.what_happened" in police.manifest
    assert "s1.gp" in health.manifest
    assert "s1.gp" not in police.manifest


def test_two_packets_of_one_agency_are_read_together_and_only_of_whom_it_is_about() -> None:
    story = Story(contact(*SIBLINGS)).tell(AgencyAsked(at(20), "duty-1", "education", ("s2",)))
    assert read(called(story, "education"), "education").subjects == BOTH
    one = Story(contact(*SIBLINGS)).tell(AgencyAsked(at(20), "duty-1", "education", ("s2",)))
    about_one = read(called(one, "education", subjects=("s2",)), "education")
    assert about_one.every
    assert not [name for name in about_one.manifest if name.startswith("s1.")]


def test_a_packet_that_was_asked_back_counts_no_more() -> None:
    story = Story(contact(*SIBLINGS), arrives(), Recalled(at(30), "duty-1", "l1"))
    assert read(called(story, "police"), "police") == Papers((), (), every=False)


def test_who_has_no_packet_reads_what_its_rows_would_give_it_of_whom_they_could_be_about() -> None:
    story = called(Story(contact(*SIBLINGS)), "probation", "housing")
    probation = read(story, "probation")  # its row waits for a red rating, and holds no worry
    assert probation.subjects == BOTH
    assert "concern.what_happened" not in probation.manifest
    housing = read(story, "housing")  # no row at all: what a chair or the referrer's own agency needs
    assert "concern.what_happened" in housing.manifest
    assert housing.every


def test_whom_a_person_invited_about_somebody_their_rows_leave_out_reads_of_them() -> None:
    toddler = Story(contact(child("s1", "under_5")))
    assert read(called(toddler, "education", subjects=("s1",)), "education").subjects == ("s1",)


def test_of_an_adult_who_refuses_nothing_is_in_the_papers() -> None:
    refusing = replace(adult("s2"), refuses=True)
    story = Story(contact(child(), refusing))
    story = called(story, "housing", "police", subjects=("s1",))
    widened = replace(story.case.discussions[0], subjects=BOTH)
    assert papers(story.case, widened, "housing", RULES).subjects == ("s1",)
    story.tell(RefusalOverridden(at(90), "manager-1", "s2", Ground.CRIME, ("housing",)))
    assert papers(story.case, widened, "housing", RULES).subjects == ("s2",)  # it has a packet of its own now


def test_the_papers_tell_of_the_household_where_a_packet_did_or_the_rows_would() -> None:
    police = replace(RULES.routes[0], parts=(Part.IDENTITY, Part.HOUSEHOLD))
    rules = with_rules(routes=(police, *RULES.routes[1:]))
    case = called(Story(contact(*SIBLINGS), rules=rules), "police", "education", "housing").case
    told = [papers(case, case.discussions[0], agency, rules) for agency in ("police", "education", "housing")]
    assert [one.household for one in told] == [True, False, True]
