"""Each agency is sent its own part of a record, and of everything it is not sent there is a name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.action import ActionSet
from exchange.case.circulation import sees
from exchange.case.event import Event
from exchange.case.lateral_check import Recalled
from exchange.case.record import Apology, Attendee, Copy, Dissent, Information, Minutes, OfSubject, Release
from exchange.case.sorting import Ground, RefusalOverridden
from exchange.case.strategy_discussion import StrategyDiscussion
from tests.case.stories import LOOK, Story, adult, at, calls, child, contact
from tests.case.test_recording import DAILY, DECIDED, HELD, WHOLE, approves, record, writes

# Education is asked about the child of school age only; housing has no packet; police was given the household.
CALLED = replace(calls("police", "education", "housing"), subjects=("s1", "s2"))
WORDS = ("where", "voice", "siblings", "adults", "risk", "must_not_say")
MINUTES = replace(
    WHOLE,
    subjects=(OfSubject("s1", DECIDED, WORDS), OfSubject("s2", DECIDED, WORDS)),
    emergency="out_of_hours",
)


def sent(
    minutes: Minutes = MINUTES, *before: Event, protected: bool = False, called: Event = CALLED
) -> dict[str, Copy]:
    """The copies of this record, by agency."""
    story = Story(contact(child(), child("s2", "under_5", protected=protected)), LOOK, called, HELD, *before,
                  writes(minutes=minutes), approves(), rules=DAILY)  # fmt: skip
    return {c.agency: c for c in record(story).copies}


def test_an_agency_reads_of_those_its_packet_was_about_and_of_others_only_that_something_must_not_be_said() -> None:
    copies = sent()
    assert copies["education"].subjects == ("s1",)
    assert {h for h in copies["education"].holds if h.startswith("s2")} == {"s2.must_not_say:warned"}
    assert "s2" in copies["education"].left_out
    assert "s1.threshold" in copies["education"].holds
    assert copies["police"].subjects == copies["housing"].subjects == ("s1", "s2")
    assert "s2.threshold" in copies["police"].holds
    assert "s1.given_name" in copies["education"].manifest
    assert not [name for name in copies["education"].manifest if name.startswith("s2")]


def test_who_is_invited_and_who_was_there_is_on_the_list_once() -> None:
    assert list(sent()) == ["police", "education", "housing", "health", "social_care"]


def test_nothing_is_said_of_a_subject_about_whom_there_is_nothing_that_must_not_be_said() -> None:
    quiet = replace(MINUTES, subjects=(OfSubject("s1", DECIDED), OfSubject("s2", DECIDED)))
    assert not [h for h in sent(quiet)["education"].holds if h.startswith("s2")]


def test_what_tells_of_siblings_goes_only_to_who_may_see_all_of_them() -> None:
    copies = sent()
    assert "s1.siblings" in copies["housing"].holds
    assert "s1.siblings" not in copies["education"].holds
    assert "s1.siblings" in copies["education"].left_out


def test_what_tells_of_adults_goes_only_to_who_was_given_the_household() -> None:
    copies = sent()
    assert "s1.adults" in copies["housing"].holds  # its papers hold the household
    assert "s1.adults" not in copies["police"].holds  # its packet does not


def test_where_an_address_is_protected_nobody_is_told_where_anybody_is() -> None:
    assert "s1.where" in sent()["police"].holds
    copies = sent(protected=True)
    assert not [h for c in copies.values() for h in c.holds if h.endswith(".where")]
    assert "s1.where" in copies["police"].left_out


@pytest.mark.parametrize(
    ("release", "recipients", "subjects", "to"),
    [
        (Release.HUB_ONLY, (), ("s1",), {"police"}),
        (Release.ALL_INVITED, (), ("s1",), {"police", "education", "housing", "health", "social_care"}),
        (Release.ALL_INVITED, (), ("s1", "s2"), {"police", "housing", "health", "social_care"}),
        (Release.NAMED, ("education", "housing"), ("s1",), {"police", "education", "housing"}),
        (Release.NAMED, ("education", "housing"), ("s2",), {"police", "housing"}),
    ],
)
def test_information_goes_where_its_marking_and_its_subjects_allow(
    release: Release, recipients: tuple[str, ...], subjects: tuple[str, ...], to: set[str]
) -> None:
    told = Information("n1", "police", subjects, release, recipients)
    copies = sent(replace(MINUTES, information=(told,)))
    assert {a for a, c in copies.items() if "n1" in c.holds} == to
    assert {a for a, c in copies.items() if "n1" in c.left_out} == set(copies) - to


def test_dissent_is_read_by_who_may_see_whom_it_is_about_and_by_whoever_dissents() -> None:
    copies = sent(replace(MINUTES, dissents=(Dissent("o1", "housing", ("s2",)), Dissent("o2", "education", ("s2",)))))
    assert {a for a, c in copies.items() if "o1" in c.holds} == set(copies) - {"education"}
    assert "o2" in copies["education"].holds
    assert "o1" in copies["education"].left_out


def test_actions_of_the_discussion_go_to_their_owner_and_to_who_may_see_whom_they_are_about() -> None:
    def sets(name: str, owner: str, subject: str, discussion: str = "d1") -> ActionSet:
        return ActionSet(at(710), "manager-1", name, owner, (subject,), at(3000), discussion)

    copies = sent(MINUTES, sets("a1", "police", "s1"), sets("a2", "education", "s2"), sets("a3", "hub", "s2"),
                  sets("a4", "police", "s1", ""))  # fmt: skip
    assert {h for h in copies["education"].holds if h[0] == "a" and h[1:].isdigit()} == {"a1", "a2"}
    assert "a3" in copies["education"].left_out
    assert {"a1", "a2", "a3"} <= set(copies["police"].holds)
    assert not [c for c in copies.values() if "a4" in (*c.holds, *c.left_out)]


def test_the_frame_is_for_all_but_the_reason_for_the_call_may_tell_of_everybody() -> None:
    minutes = replace(MINUTES, trigger=True, apologies=(Apology("probation", "ill"),), next_at=at(9000))
    copies = sent(minutes)
    assert {"attendance", "apologies", "next", "trigger"} <= set(copies["police"].holds)
    assert {"attendance", "apologies", "next"} <= set(copies["education"].holds)
    assert "trigger" in copies["education"].left_out
    assert not {"apologies", "next", "trigger"} & set(sent()["police"].holds)


def test_a_packet_that_was_asked_back_shows_nobody() -> None:
    copies = sent(MINUTES, Recalled(at(710), "duty-1", "l1"))
    assert (copies["police"].subjects, copies["police"].manifest) == ((), ())
    assert "attendance" in copies["police"].holds


def test_why_it_may_be_sent_is_kept_for_each_agency() -> None:
    copies = sent()
    assert (copies["police"].basis, copies["police"].condition[:7]) == ("6(1)(e)", "9(2)(g)")
    assert (copies["police"].by, copies["police"].at) == ("chair-1", at(730))


def test_somebody_of_the_hub_is_on_no_list() -> None:
    clerk = Attendee("t9", "hub", "minute_taker", "video")
    assert "hub" not in sent(replace(MINUTES, attendees=(*WHOLE.attendees, clerk)))


def test_of_an_adult_who_refuses_only_they_read_for_whom_a_ground_was_recorded() -> None:
    """However the discussion came about: by telephone, or before she refused."""
    held = StrategyDiscussion("d1", at(10), "duty-1", at(15), 30, ("s1", "s2"), ())
    story = Story(contact(replace(adult(), refuses=True), child("s2")), LOOK, rules=DAILY)
    assert sees(story.case, held, "housing") == ("s2",)
    story.tell(RefusalOverridden(at(25), "manager-1", "s1", Ground.OTHERS_AT_RISK, ("probation",)))
    assert sees(story.case, held, "probation") == ("s1",)
    assert sees(story.case, held, "housing") == ("s2",)
