"""A protected address goes to the one agency it was released to, in its packet or in a letter of its own."""

from __future__ import annotations

import pytest

from exchange.case.address_release import AddressReleased
from exchange.case.advance import CannotHappen
from exchange.case.delivery import News
from exchange.case.entrusting import protected
from exchange.case.event import AgencyAsked, PacketNews
from exchange.case.lateral_check import Recalled
from exchange.case.packet import entrusted, fill
from exchange.case.referral import Referral
from exchange.case.restriction import Kind, Restricted, Why
from templates.disclosed import Warnings, warnings_of
from templates.letters import warning_lines
from tests.case.stories import CLOSE_ANYWAY, Story, at, child, contact, rates

FIELDS = ("s1.given_name", "s1.address", "s1.postcode", "p1.name", "p1.address", "p1.address_protected")


def told() -> Story:
    return Story(contact(child(protected=True), fields=FIELDS))


def releases(owner: str = "s1", agency: str = "police", after: float = 30) -> AddressReleased:
    return AddressReleased(at(after), "manager-1", owner, agency)


def test_whose_address_is_secret_is_known_by_codes() -> None:
    assert protected(told().case) == {"s1", "p1"}


def test_a_packet_that_is_not_written_yet_simply_holds_it() -> None:
    story = told().tell(releases())
    assert "s1.address" in story.leg().manifest
    assert "address:l1:s1" not in story.letters


@pytest.mark.parametrize(("agency", "owner"), [("housing", "s1"), ("education", "s2")])
def test_an_agency_that_was_not_asked_about_them_is_told_nothing_by_it(agency: str, owner: str) -> None:
    """Education is asked about school children alone: the baby's address would come with the worry about her."""
    baby = child("s2", "infant", protected=True)
    story = Story(contact(child(protected=True), baby, fields=(*FIELDS, "s2.given_name", "s2.address")))
    before = story.case
    with pytest.raises(CannotHappen, match=r"ask it first about them \(ask\)"):
        story.tell(releases(owner, agency))
    assert story.case == before
    story.tell(AgencyAsked(at(20), "duty-1", agency, (owner,)), releases(owner, agency))
    assert f"{owner}.address" in story.case.legs[-1].manifest


def test_a_packet_with_a_released_address_does_not_say_that_it_was_left_out() -> None:
    told = Referral("child", subjects=({"given_name": "A", "address": "7 Refuge Row", "address_protected": "yes"},))
    assert warnings_of(told, ("s1",), entrusted(("s1.given_name", "s1.address"), {"s1"})) == Warnings(entrusted=True)
    assert warnings_of(told, ("s1",), entrusted(("s1.given_name",), {"s1"})) == Warnings(address=True)
    (heading, line), *rest = warning_lines(Warnings(entrusted=True), "child")
    assert (heading, "left out" in line, rest) == ("SECRET ADDRESS", False, [])


def test_later_packets_to_the_agency_hold_it_and_a_recalled_one_takes_its_letter_along() -> None:
    story = told().tell(PacketNews(at(1), "l1", News.ACCEPTED), releases(), Recalled(at(40), "duty-1", "l1"))
    assert "address:l1:s1" not in story.waiting
    story.tell(AgencyAsked(at(50), "duty-1", "police", ("s1",)))
    assert "s1.address" in story.case.legs[-1].manifest


def test_an_address_of_the_household_goes_with_a_packet_that_is_there() -> None:
    story = told().tell(releases("p1"))
    assert "p1.address" in story.leg().manifest
    with pytest.raises(CannotHappen, match="ask it first"):
        story.tell(releases("p1", "housing"))


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (releases("s9"), "no protected address"),
        (releases(agency="nobody"), "no agency “nobody”"),
        (releases(agency="education"), "must not see this case"),
    ],
)
def test_what_cannot_be_released_changes_nothing(event: AddressReleased, why: str) -> None:
    story = told().tell(Restricted(at(5), "duty-1", Kind.AGENCY, "education", Why.STAFF_MEMBER))
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before


def test_it_is_released_once_and_not_in_a_closed_case() -> None:
    story = told().tell(releases())
    with pytest.raises(CannotHappen, match="already"):
        story.tell(releases())
    story.tell(rates(), CLOSE_ANYWAY)
    with pytest.raises(CannotHappen, match="closed"):
        story.tell(releases(agency="health", after=3000))


def test_who_shares_a_released_address_does_not_strike_it_out_again() -> None:
    home = {"address": "3 Secret Street", "address_protected": "yes"}
    both = Referral("child", concern={"what_happened": "at 3 Secret Street"}, subjects=(home, dict(home)))
    assert fill(both, ("s1.address", "concern.what_happened")) == {
        "s1.address": "3 Secret Street", "concern.what_happened": "at 3 Secret Street",
    }  # fmt: skip
