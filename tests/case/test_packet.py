"""A packet holds what its manifest lists, and a manifest lists only what the agency needs to know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from exchange.case.fields import BY_KEY, FIELDS, Kind, Part, Section
from exchange.case.packet import (
    KEPT_BACK,
    fill,
    kept_back,
    label,
    manifest,
    struck,
    who,
)
from exchange.case.referral import Referral, SubjectCodes, present, subject_codes
from exchange.content import parts_of, referral_from, subject_part
from tests.case.stories import Story, child, contact

EVERYTHING = tuple(Part)
GIVES_AWAY = ("address", "postcode", "current_address", "whereabouts", "school", "gp", "health_visitor")
WARNINGS = {
    "concern.immediate_danger", "concern.risks_to_workers", "concern.risks_to_workers:warned", "consent.informed",
    "consent.why_not", "s1.address_protected", "s2.address_protected",
}  # fmt: skip
SIBLINGS = (child("s1", protected=True), child("s2"))


def answers(section: Section) -> dict[str, str]:
    return {f.name: f"what is said of {f.key}" for f in FIELDS if f.section is section and f.kind is not Kind.DATE}


TOLD = Referral(
    "child",
    answers(Section.REFERRER),
    answers(Section.CONCERN),
    answers(Section.CONSENT),
    (answers(Section.SUBJECT), answers(Section.SUBJECT)),
    (answers(Section.PERSON),),
)


def may_go(parts: tuple[Part, ...], *about: str, subjects: tuple[SubjectCodes, ...] = SIBLINGS) -> set[str]:
    return set(manifest(present(TOLD), subjects, about, parts))


@pytest.mark.parametrize("part", list(Part))
def test_an_answer_travels_only_with_its_own_part(part: Part) -> None:
    gone = may_go((part,), "s1", "s2") - WARNINGS
    if part is Part.RISK:  # a risk that somebody may pose is told with their name
        gone -= {"p1.name", "p1.relationship"}
    assert {part_of(name) for name in gone} <= {part}
    assert gone or part is Part.RISK


def test_a_risk_that_somebody_may_pose_says_who_and_of_whom_there_is_none_nothing() -> None:
    people = ({"name": "Rex", "relationship": "Father", "poses_risk": "yes"}, {"name": "Nan", "poses_risk": "no"})
    told = Referral("child", subjects=({"given_name": "A"},), household=people)
    names = manifest(present(told), (child("s1"),), ("s1",), (Part.RISK,))
    assert fill(told, names) == {"p1.name": "Rex", "p1.relationship": "Father", "p1.poses_risk": "yes"}
    household = manifest(present(told), (child("s1"),), ("s1",), (Part.RISK, Part.HOUSEHOLD))
    more = replace(told, household=({**people[1], "lives_there": "yes"},))
    assert fill(more, (*household, "p1.lives_there"))["p1.poses_risk"] == "no"  # who is told of anyway is told whole


def test_somebody_of_whom_only_name_and_relationship_were_told_is_in_every_packet_about_the_household() -> None:
    uncle, nan = {"name": "Ned", "relationship": "Uncle"}, {"name": "Nan", "relationship": "Nan", "poses_risk": "no"}
    told = Referral("child", subjects=({"given_name": "A"},), household=(uncle, nan))
    names = manifest(present(told), (child("s1"),), ("s1",), (Part.RISK, Part.HOUSEHOLD))
    assert {name for name in names if name[0] == "p"} <= {*fill(told, names)}
    for_risk = manifest(present(told), (child("s1"),), ("s1",), (Part.RISK,))
    assert not [name for name in fill(told, for_risk) if name[0] == "p"]
    assert "p1.name" in fill(replace(told, household=(nan,)), ("p1.name", "p1.poses_risk"), everybody=True)


def part_of(name: str) -> Part:
    owner, _, plain = name.partition(".")
    section = {"s": "subject", "p": "person"}.get(owner[0], owner) if owner[1:].isdigit() else owner
    return BY_KEY[f"{section}.{plain}"].part


def test_no_part_gives_nothing_but_what_warns() -> None:
    assert may_go((), "s1", "s2") == WARNINGS - {"concern.risks_to_workers"}
    assert may_go((), "s2") == WARNINGS - {"concern.risks_to_workers", "s1.address_protected"}


def test_of_what_warns_travels_the_least_that_warns() -> None:
    names = manifest(present(TOLD), SIBLINGS, ("s1",), ())
    told = fill(TOLD, names)
    assert set(told) == set(names)
    assert told["concern.risks_to_workers:warned"] == "yes"
    assert told["consent.informed"] == TOLD.consent["informed"]
    with_risk = manifest(present(TOLD), SIBLINGS, ("s1",), (Part.RISK,))
    assert "concern.risks_to_workers:warned" not in with_risk
    assert fill(TOLD, with_risk)["concern.risks_to_workers"] == TOLD.concern["risks_to_workers"]


def test_what_nobody_said_warns_of_nothing() -> None:
    assert manifest(("concern.what_happened", "s1.given_name"), SIBLINGS, ("s1",), ()) == ()


def test_a_packet_about_one_sibling_says_nothing_of_the_other() -> None:
    gone = may_go(EVERYTHING, "s2")
    assert not [name for name in gone if name.startswith("s1.")]
    assert "s2.given_name" in gone
    assert "concern.what_happened" in gone
    assert "p1.name" in gone


def test_a_protected_address_and_what_gives_it_away_never_travel_by_rule() -> None:
    gone = may_go(EVERYTHING, "s1", "s2")
    assert not gone & {f"s1.{place}" for place in GIVES_AWAY}
    assert {f"s2.{place}" for place in GIVES_AWAY} <= gone
    assert {"s1.given_name", "s1.address_protected"} <= gone


def test_a_person_asking_an_agency_does_not_release_a_protected_address() -> None:
    story = Story(contact(child("s1", protected=True)))
    assert "s1.given_name" in story.leg().manifest
    assert "s1.address" not in story.leg().manifest


def test_a_packet_is_filled_with_what_is_listed_and_nothing_else() -> None:
    names = ("s2.given_name", "concern.what_happened", "p1.name", "s9.given_name")
    assert dict(fill(TOLD, names)) == {
        "concern.what_happened": "what is said of concern.what_happened",
        "s2.given_name": "what is said of subject.given_name",
        "p1.name": "what is said of person.name",
    }


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("s1.given_name", "First name"),
        ("p12.relationship", "Relationship"),
        ("referrer.role", "Your role"),
        ("concern.when", "When did it happen?"),
        ("consent.consent", "Have they agreed to it?"),
        ("concern.risks_to_workers:warned", "Is there any risk to people who visit?"),
    ],
)
def test_every_name_has_its_question(name: str, question: str) -> None:
    assert label(name) == question


REFUGE = Referral(
    "child",
    concern={"what_happened": "They fled to 12, hidden lane\nand sleep at zz991AA. ZZ99 1AB is her mother's."},
    subjects=(
        {"given_name": "A", "address": "12 Hidden Lane\nHull", "postcode": "ZZ99 1AA", "address_protected": "yes"},
        {"given_name": "B", "address": "12, hidden lane, Hull"},
        {"given_name": "C", "address": "Hidden Lane 9", "postcode": "ZZ98 2BB"},
    ),
)


def test_who_shares_a_protected_address_is_protected_too() -> None:
    protected = {s.id: s.address_protected for s in subject_codes(REFUGE, date(2026, 11, 24))}
    assert protected == {"s1": True, "s2": True, "s3": False}


def test_a_protected_address_is_struck_out_of_every_other_answer() -> None:
    filled = fill(REFUGE, ("concern.what_happened", "s1.given_name"))
    assert filled["concern.what_happened"] == (
        "They fled to [address kept back]\nand sleep at [address kept back]. ZZ99 1AB is her mother's."
    )
    assert filled["s1.given_name"] == "A"


def test_a_manifest_that_releases_the_address_leaves_the_words_as_they_are() -> None:
    filled = fill(REFUGE, ("concern.what_happened", "s1.address"))
    assert filled == {"concern.what_happened": REFUGE.concern["what_happened"], "s1.address": "12 Hidden Lane\nHull"}


def test_a_place_of_signs_only_strikes_out_nothing() -> None:
    odd = Referral("child", concern={"when": "-----"}, subjects=({"address": "-----", "address_protected": "yes"},))
    assert fill(odd, ("concern.when",)) == {"concern.when": "-----"}


def test_a_protected_address_in_the_household_never_travels_by_rule() -> None:
    people = (
        {"name": "Mother", "address": "a refuge", "address_protected": "yes"},
        {"name": "Father", "address": "their old home", "address_protected": "no"},
    )
    told = Referral("child", subjects=({"given_name": "A"}, {"given_name": "B"}), household=people)
    assert present(told)[2:] == ("p1.name", "p1.address", "p1.address_protected", "p2.name", "p2.address")
    open_home = (child("s1"), child("s2"))
    gone = set(manifest(present(told), open_home, ("s1",), EVERYTHING))
    assert {n for n in gone if n.startswith("p")} == {"p1.name", "p1.address_protected", "p2.name", "p2.address"}
    elsewhere = set(manifest(present(told), SIBLINGS, ("s2",), EVERYTHING))
    assert {
        "p2.name",
        "p2.address",
    } <= elsewhere  # the father’s is no secret
    assert "p1.address" not in elsewhere


FATHER = {"name": "Father", "address": "5 Open Road\nHull", "poses_risk": "yes"}
HIDDEN = Referral(
    "child",
    subjects=({"given_name": "A", "address": "12 Hidden Lane\nHull", "address_protected": "yes", "school": "Hill"},),
    household=(
        FATHER,
        {"name": "Aunt", "address": "her flat", "lives_there": "yes"},
        {"name": "Mother", "address": "12 hidden lane, Hull"},
    ),
)


def test_of_the_household_only_who_lives_with_a_secret_has_one() -> None:
    names = manifest(present(HIDDEN), subject_codes(HIDDEN, date(2026, 11, 24)), ("s1",), EVERYTHING)
    assert [n for n in names if n.rpartition(".")[2] in GIVES_AWAY] == ["p1.address"]
    assert fill(HIDDEN, names)["p1.address"] == "5 Open Road\nHull"


def test_an_address_that_holds_a_secret_one_is_kept_back_as_a_whole() -> None:
    told = fill(HIDDEN, ("p1.address", "p2.address", "p3.address"))  # as a manifest of before would list them
    assert told == {"p1.address": "5 Open Road\nHull", "p2.address": KEPT_BACK, "p3.address": KEPT_BACK}
    assert fill(HIDDEN, ("p3.address",), {"s1"}) == {"p3.address": "12 hidden lane, Hull"}


def test_what_is_kept_back_is_known_by_the_parts_that_would_hold_it() -> None:
    codes = subject_codes(HIDDEN, date(2026, 11, 24))
    kept = kept_back(present(HIDDEN), codes, ("s1",), EVERYTHING)
    assert kept == ("s1.address", "s1.school", "p2.address", "p3.address")
    assert kept_back(present(HIDDEN), codes, ("s1",), (Part.EDUCATION,)) == ("s1.school",)
    assert kept_back(present(HIDDEN), codes, ("s1",), EVERYTHING, {"s1", "p2", "p3"}) == ()


def test_a_place_that_is_struck_out_twice_running_is_said_once() -> None:
    told = struck(HIDDEN, "She is at 12 Hidden Lane, 12 hidden lane now")
    assert told == f"She is at {KEPT_BACK} now"


def test_without_the_contacts_words_nothing_goes_but_the_subject_and_what_warns() -> None:
    names = set(manifest(present(TOLD), SIBLINGS, ("s2",), EVERYTHING, words=False))
    assert {n for n in names if not n.startswith("s2.")} == {
        "concern.immediate_danger", "concern.risks_to_workers:warned", "consent.informed:warned",
        "consent.why_not:warned",
    }  # fmt: skip


def test_of_consent_it_is_said_only_that_the_hub_be_asked_first_and_only_for_a_reason() -> None:
    names = ("consent.informed:warned", "consent.why_not:warned")
    unsafe = Referral("child", consent={"informed": "no", "why_not": "unsafe_child"}, subjects=({},))
    refused = Referral("adult", consent={"informed": "yes", "why_not": "refused"}, subjects=({},))
    assert fill(unsafe, names) == {"consent.informed:warned": "yes", "consent.why_not:warned": "yes"}
    assert fill(refused, names) == {}


def test_a_protected_address_of_the_household_is_struck_out_and_protects_who_shares_it() -> None:
    told = Referral(
        "child",
        concern={"what_happened": "Mother sleeps at 3 Quiet Street, the boy at 7 Aunt Row."},
        subjects=(
            {"given_name": "A", "address": "3 quiet street"},
            {
                "given_name": "B",
                "address": "5 Loud Road",
                "current_address": "7 Aunt Row",
                "address_protected": "yes",
            },
        ),
        household=({"name": "Mother", "address": "3 Quiet Street", "address_protected": "yes"},),
    )
    assert [s.address_protected for s in subject_codes(told, date(2026, 11, 24))] == [True, True]
    assert fill(told, ("concern.what_happened",)) == {
        "concern.what_happened": "Mother sleeps at [address kept back], the boy at [address kept back]."
    }


def test_who_somebody_is_takes_no_address_and_nobody_else() -> None:
    given = ("s1.given_name", "s1.address", "s1.date_of_birth", "s2.given_name", "p1.name", "concern.what_happened")
    assert who(given, ("s1",)) == ("s1.given_name", "s1.date_of_birth")


def test_a_protected_address_is_struck_out_of_what_somebody_writes() -> None:
    told = Referral(
        "child",
        subjects=(
            {"given_name": "T", "address": "7 Hidden Lane", "postcode": "ZZ99 3WZ", "address_protected": "yes"},
        ),
    )
    assert struck(told, "She stays at 7 hidden-lane (ZZ993WZ) now") == f"She stays at {KEPT_BACK} ({KEPT_BACK}) now"
    assert struck(told, "She is safe") == "She is safe"


def test_where_somebody_lived_stays_as_secret_as_it_was() -> None:
    old, new = {"address": "9 Openroad Lane", "address_protected": "yes"}, {"address": "4 Newplace Close"}
    bodies = list(parts_of(Referral("child", concern={"what_happened": "w"}, subjects=(old,))).items())
    for protected in ({}, {"address_protected": "yes"}):
        corrected = referral_from([*bodies, *subject_part("s1", {**new, **protected}).items()])
        assert struck(corrected, "She lives at 9 Openroad Lane now") == f"She lives at {KEPT_BACK} now"
        assert (KEPT_BACK in struck(corrected, "4 Newplace Close")) == bool(protected)
    open_before = list(parts_of(Referral("child", subjects=({"address": "1 Plain Street"},))).items())
    moved = referral_from([*open_before, *subject_part("s1", new).items()])
    assert struck(moved, "1 Plain Street") == "1 Plain Street"
