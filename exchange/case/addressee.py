"""Addressees: the agency that a letter of a case is for, and about whom it is."""

from __future__ import annotations

from exchange.case.effect import ABOUT_LEG, OF_PRODUCTS, Letter
from exchange.case.state import Case


def agency_of(letter: Letter, about: str, case: Case) -> str:
    """The agency a letter is for; "" for the referrer's."""
    if letter in (Letter.ACTION, Letter.ACTION_CHASER):
        action = case.action(about)
        return action.owner if action else ""
    leg = case.leg(about.partition("/")[0]) if letter in ABOUT_LEG or letter is Letter.LEAD else None
    if letter in ABOUT_LEG or leg:
        return leg.agency if leg else ""
    if letter in OF_PRODUCTS or letter is Letter.RECORD:
        return case.spoken_to(about)
    name, _, seat = about.removesuffix("/deputy").partition("/")
    discussion = case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    return invitee.agency if invitee else ""


def topics_of(letter: Letter, about: str, case: Case) -> frozenset[str]:
    """The streams of work of those a letter is about: some of an agency's mailboxes are asked first for them."""
    leg = case.leg(about.partition("/")[0]) if letter in ABOUT_LEG else None
    discussion = case.discussion(about.partition("/")[0])
    asked = leg.subjects if leg else discussion.subjects if discussion else ()
    return topics(case, asked)


def topics(case: Case, subjects: tuple[str, ...]) -> frozenset[str]:
    """The streams of work, and the specialist routes decided on, of these subjects; () is everybody."""
    mine = [s for s in case.subjects if not subjects or s.id in subjects]
    routes = (str(route) for s in mine for d in s.decisions[-1:] for route in d.ways)
    return frozenset(filter(None, (*(s.codes.cohort for s in mine), *routes)))
