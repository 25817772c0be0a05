"""Code lists: what may be chosen, beside what national returns write for it."""

from __future__ import annotations

import pytest

from exchange.case import code_lists as lists
from exchange.case.code_lists import LISTS, Code, CodeList, child_category
from exchange.case.decision import Decision
from exchange.case.fields import FIELDS
from exchange.case.tools import TOOLS


@pytest.mark.parametrize("found", LISTS, ids=lambda found: found.name)
def test_a_list_has_no_code_label_or_national_code_twice(found: CodeList) -> None:
    for values in ([c.code for c in found.codes], [c.label for c in found.codes]):
        assert len(values) == len(set(values))
        assert all(values)
    national = [c.national for c in found.codes if c.national]
    census_has_no_businesses = found is lists.SOURCES  # there they are "other", beside those who are
    assert len(national) - len(set(national)) == census_has_no_businesses
    assert bool(national) <= bool(found.source)


def test_lists_have_names_of_their_own_and_every_list_is_listed() -> None:
    assert len({found.name for found in LISTS}) == len(LISTS)
    assert set(LISTS) == {value for value in vars(lists).values() if isinstance(value, CodeList)}
    assert {f.codes for f in FIELDS if f.codes} <= {*LISTS, *(tool.codes for tool in TOOLS)}


@pytest.mark.parametrize(
    ("found", "national"),
    [
        (lists.SOURCES, "1A 1B 1C 1D 2A 2B 3A 3B 3C 3D 3E 3F 4 5A 5B 5C 5D 6 7 8 9 10 8"),
        (lists.PRIMARY_NEED, "N1 N2 N3 N4 N5 N6 N7 N8 N9 N0"),
        (lists.CLOSURE, "RC1 RC2 RC3 RC4 RC5 RC6 RC7 RC8 RC9"),
        (lists.ASSESSMENT_FACTORS, "1A 1B 1C 2A 2B 2C 3A 3B 3C 4A 4B 4C 5A 5B 5C 6A 6B 6C 7A 8B 8C 8D 8E 8F 9A 10A "
         "11A 12A 13A 14A 15A 16A 17A 18B 18C 19B 19C 20 21 22A 23A 24A"),
        (lists.CHILD_ABUSE, "NEG PHY SAB EMO MUL"),
        (lists.REFERRAL_NFA, "true false"),
        (lists.MISSING, "M A"),
    ],
    ids=lambda value: value.name if isinstance(value, CodeList) else "",
)  # fmt: skip
def test_the_census_codes_are_those_of_the_census(found: CodeList, national: str) -> None:
    assert [c.national for c in found.codes] == national.split()


@pytest.mark.parametrize(
    ("found", "count", "counted"),
    [
        (lists.ADULT_ABUSE, 18, 11),  # ten of the Care Act, the collection's eleventh, seven local
        (lists.LOCATION, 9, 9),
        (lists.SOURCE_OF_RISK, 3, 3),
        (lists.RISK_ASSESSMENT, 7, 7),
        (lists.RISK_OUTCOME, 3, 3),
        (lists.CAPACITY_AT_ENQUIRY, 4, 4),
        (lists.OUTCOMES_ASKED, 5, 5),
        (lists.OUTCOMES_ACHIEVED, 3, 3),
        (lists.REQUESTERS, 12, 12),
        (lists.HATE_STRANDS, 5, 5),
        (lists.CONTACT_OUTCOMES, 13, 5),
        (lists.LADO_TEST, 4, 0),
        (lists.LADO_OUTCOME, 5, 0),
        (lists.WITHOUT_CONSENT, 3, 0),
    ],
    ids=lambda value: value.name if isinstance(value, CodeList) else "",
)
def test_a_list_is_whole(found: CodeList, count: int, counted: int) -> None:
    assert len(found.codes) == count
    assert len([c for c in found.codes if c.national]) == counted


def test_a_withdrawn_code_is_not_offered() -> None:
    assert "18A" not in dict(lists.ASSESSMENT_FACTORS.choices)


def test_what_may_be_decided_is_an_outcome_of_a_contact() -> None:
    assert {d.value for d in Decision} <= {c.code for c in lists.CONTACT_OUTCOMES.codes}


def test_a_code_is_said_in_words_and_translated_for_returns() -> None:
    assert lists.SEX.codes[0] == Code("female", "Female", "F")
    assert lists.SEX.label("female") == "Female"
    assert lists.SEX.label("other words") == "other words"
    assert lists.SEX.national("male") == "M"
    assert lists.ADULT_ABUSE.national("cuckooing") == ""
    assert lists.SEX.national("nobody") == ""


@pytest.mark.parametrize(
    ("ticked", "category"),
    [((), ""), (("neglect",), "NEG"), (("neglect", "neglect"), "NEG"), (("neglect", "sexual"), "MUL")],
)
def test_several_kinds_of_harm_are_one_national_category(ticked: tuple[str, ...], category: str) -> None:
    assert child_category(ticked) == category
