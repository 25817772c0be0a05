"""What gives an address away, and what an honest meeting place may say."""

from __future__ import annotations

import pytest

from exchange.case.packet import KEPT_BACK, gives_away, struck
from exchange.case.place import houses, tells
from exchange.case.referral import Referral

REFUGE = "Refuge House, 3 Secret Street\nFaketown ZZ99 3CZ"
HOME = "14 Invented Road, Northmoor"


@pytest.mark.parametrize(
    "text",
    ["3 Secret Street", "at 3, secret st.", "Refuge House", "Secret Street, the blue door", "ZZ993CZ", "the refuge"],
)
def test_a_protected_address_is_told_by_its_house_and_by_each_word_of_its_own(text: str) -> None:
    assert tells(text, REFUGE, protected=True)


@pytest.mark.parametrize(
    "text",
    [
        "Council House, Station Road",
        "Police station, 3 Market Street",
        "Room 3, the house in Faketown",
        "",
        "Town hall",
    ],
)
def test_an_honest_meeting_place_is_not_refused_for_shared_words_or_its_town(text: str) -> None:
    assert not tells(text, REFUGE, protected=True)


def test_of_another_address_only_the_house_as_a_whole_tells() -> None:
    assert tells("their home, 14 invented rd", HOME, protected=False)
    assert tells("Rose Cottage", "Rose Cottage, Mill Lane", protected=False)
    assert not tells("Invented Road police station", HOME, protected=False)
    assert not tells("Northmoor civic centre", HOME, protected=False)
    assert not tells("The Old School, Mill Lane", "The Old School", protected=False)  # shared words alone


def test_a_number_without_a_street_is_no_house() -> None:
    assert houses("Flat 2, 14 The Mews") == ()
    assert houses("14 Invented Road") == ("14 invented",)


def test_addresses_of_the_household_tell_too_and_only_protected_ones_count_in_sealed_papers() -> None:
    told = Referral(
        "child",
        subjects=({"given_name": "A", "address": HOME},),
        household=({"name": "Mother", "address": REFUGE, "address_protected": "yes"},),
    )
    assert gives_away(told, "14 Invented Road")
    assert not gives_away(told, "14 Invented Road", protected_only=True)
    assert gives_away(told, "3 Secret Street", protected_only=True)
    assert struck(told, "She is at 3 Secret St.") == f"She is at {KEPT_BACK}."
    assert struck(told, "She is at 3 Secret St.", frozenset({"p1"})) == "She is at 3 Secret St."
    assert struck(told, "Go to Secret Street, the white door") == f"Go to {KEPT_BACK}, the white door"
    assert struck(None, "3 Secret Street") == "3 Secret Street"


@pytest.mark.parametrize(
    "written",
    ["4 Hidden Refuge Lane", "4, Hidden Refuge Ln", "4 hidden-refuge", "Hidden Refuge Ln", "4 HIDDEN REFUGE LN."],
)
def test_a_protected_street_is_struck_whatever_its_kind_is_written_as(written: str) -> None:
    told = Referral("child", subjects=({"address": "4 Hidden Refuge Lane", "address_protected": "yes"},))
    left = struck(told, f"She moved to {written} in May")
    assert "refuge" not in left.casefold()
    assert "ln" not in left.casefold().split()
    assert struck(told, "She is in a refuge, or hidden") == "She is in a refuge, or hidden"
