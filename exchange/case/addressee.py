"""Addressees: the agency that a letter of a case is for."""

from __future__ import annotations

from exchange.case.effect import ABOUT_LEG, OF_PRODUCTS, Letter
from exchange.case.state import Case


def agency_of(letter: Letter, about: str, case: Case) -> str:
    """The agency a letter is for; "" for the referrer's."""
    if letter in (Letter.ACTION, Letter.ACTION_CHASER):
        action = case.action(about)
        return action.owner if action else ""
    if letter in ABOUT_LEG:
        leg = case.leg(about.partition("/")[0])
        return leg.agency if leg else ""
    if letter in OF_PRODUCTS or letter is Letter.RECORD:
        return case.spoken_to(about)
    name, _, seat = about.partition("/")
    discussion = case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    return invitee.agency if invitee else ""
