"""One list of questions serves every form, and each has its place in a packet."""

from __future__ import annotations

import re

import pytest

from exchange.case.fields import BY_KEY, FIELDS, OF_THE_HUB, Field, Kind, Part, Section, questions


def test_no_question_is_asked_under_the_name_of_another() -> None:
    assert len(BY_KEY) == len(FIELDS) + len(OF_THE_HUB)


def test_every_part_of_a_packet_has_a_question() -> None:
    assert {f.part for f in FIELDS} == set(Part)


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.key)
def test_a_choice_offers_different_codes_and_nothing_else_offers_any(field: Field) -> None:
    codes = [code for code, _ in field.choices]
    assert bool(codes) is (field.kind in (Kind.CHOICE, Kind.SEVERAL))
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("form", "asked", "not_asked"), [("child", "school", "capacity"), ("adult", "capacity", "school")]
)
def test_each_form_asks_what_concerns_it(form: str, asked: str, not_asked: str) -> None:
    names = [f.name for f in questions(Section.SUBJECT, form)]
    assert asked in names
    assert not_asked not in names
    assert names[0] == "given_name"


def test_a_question_whether_an_address_is_secret_travels_with_the_risks() -> None:
    assert BY_KEY["subject.address_protected"].part is Part.RISK


# What referral/1 has held since it was first published: name, kind, form if one only, codes.
FIRST = """
referrer.name text
referrer.role text
referrer.organisation text
referrer.source choice 1A,1B,1C,1D,2A,2B,3A,3B,3C,3D,3E,3F,4,5A,5B,5C,5D,6,7,8,9,10
referrer.telephone phone
referrer.mail mail
referrer.safe_contact long
referrer.rang_first choice yes,no
concern.immediate_danger choice yes,no
concern.what_happened long
concern.when text
concern.where text
concern.injury long
concern.history long
concern.working_well long
concern.done_so_far long
concern.level_of_need choice 1,2,3,4
concern.risks_to_workers long
consent.informed choice yes,no
consent.consent choice yes,no
consent.why_not choice unsafe_child,unsafe_other,prejudice,delay,no_contact,refused
consent.identity_known choice yes,no
subject.given_name text
subject.family_name text
subject.aliases text
subject.date_of_birth date
subject.expected_date date child
subject.sex choice female,male,unknown
subject.address long
subject.postcode text
subject.address_protected choice yes,no
subject.whereabouts text
subject.ethnicity text
subject.language text
subject.communication text
subject.disability text
subject.nhs_number text
subject.gp text
subject.health_visitor text child
subject.upn text child
subject.school text child
subject.legal_status text child
subject.words long
subject.wishes long
subject.types_of_abuse text adult
subject.care_needs long adult
subject.lives_alone choice adult yes,no,unknown
subject.capacity choice adult yes,no,doubt
subject.capacity_assessed text adult
subject.advocate text adult
subject.children_in_household choice adult yes,no,unknown
person.name text
person.relationship text
person.date_of_birth date
person.lives_there choice yes,no,unknown
person.poses_risk choice yes,no,unknown
person.safe_to_contact choice yes,no,unknown
"""


@pytest.mark.parametrize("line", FIRST.strip().splitlines(), ids=lambda line: line.partition(" ")[0])
def test_what_programs_already_send_still_fits(line: str) -> None:
    key, kind, *rest = line.split()
    field = BY_KEY[key]
    assert field.kind == kind
    form = rest.pop(0) if rest and rest[0] in ("child", "adult") else ""
    assert field.forms >= ({form} if form else {"child", "adult"})
    assert {code for code, _ in field.choices} >= set(rest[0].split(",") if rest else ())


def test_few_questions_must_be_answered() -> None:
    assert {f.key for f in FIELDS if f.required} == {
        "referrer.name",
        "referrer.source",
        "referrer.telephone",
        "concern.immediate_danger",
        "concern.what_happened",
        "subject.given_name",
    }


# Everything the merged child and adult forms of the field ask, by what they call it.
CHILD_FORM = {
    "referrer": "name role telephone mail lead_consulted rang_first rang_whom relationship feedback_wanted "
    "feedback_route safe_contact",
    "subject": "given_name family_name aliases date_of_birth expected_date sex gender ethnicity religion language "
    "communication disability nhs_number upn address current_address whereabouts school gp health_visitor "
    "immigration legal_status features unborn address_protected category words wishes",
    "person": "relationship parental_responsibility lives_there poses_risk works_with safe_to_contact address "
    "address_protected",
    "concern": "what_happened when where seen heard told opinion injury body_map parents_view history working_well "
    "worries done_so_far risks_to_workers other_children immediate_danger level_of_need assessment_attached "
    "dash_score cse_score",
    "consent": "informed consent share by_whom for_whom why_not identity_known",
}
ADULT_FORM = {
    "referrer": "name role telephone mail requester",
    "subject": "care_needs support_reason lives_alone placing_authority funding lasting_power capacity "
    "capacity_assessed wishes outcomes_asked advocate substantial_difficulty children_in_household children_told "
    "safe_to_contact abuse hate immigration",
    "person": "alleged relationship main_carer also_at_risk employer poses_risk address_protected",
    "concern": "ongoing others_at_risk protection already_told crime_reference location risks_to_workers",
    "consent": "informed consent share why_not why_not_details",
}


@pytest.mark.parametrize(("form", "expected"), [("child", CHILD_FORM), ("adult", ADULT_FORM)])
def test_each_form_asks_everything_the_forms_of_the_field_ask(form: str, expected: dict[str, str]) -> None:
    for section, names in expected.items():
        asked = {f.name for f in questions(Section(section), form)}
        assert set(names.split()) <= asked, section


def test_several_codes_are_told_apart_by_commas_and_said_in_words() -> None:
    abuse = BY_KEY["subject.abuse"]
    assert abuse.chosen("neglect,self_neglect, neglect ,") == ("neglect", "self_neglect")
    assert abuse.say("self_neglect, hate") == "Self-neglect; Hate crime"
    assert BY_KEY["subject.sex"].say("female") == "Female"
    assert BY_KEY["subject.gp"].say("a, b") == "a, b"


def test_a_text_template_can_name_every_question() -> None:
    assert [f.key for f in FIELDS if not re.fullmatch("[a-z_]+", f.name)] == []
