"""Convening at the desk: what staff record of a seat at a strategy discussion."""

from __future__ import annotations

import re
from itertools import pairwise

from exchange import content
from exchange.case.acknowledgement import Proof
from exchange.case.event import InviteeReplied
from exchange.case.packet import gives_away
from exchange.case.referral import Referral
from exchange.case.state import Case
from exchange.case.strategy_discussion import Attendance
from exchange.desk.act import Act, caller
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action

_SMALL_WORDS = {"the", "of", "and", "at", "in", "mr", "mrs", "ms", "dr"}  # people write them into a name, too
LONGEST_LOCATION = 200  # characters: calendars cut longer ones


async def location(desk: Desk, case: str, given: Given) -> str:
    """Where to meet or join, for everybody's calendar: it is read on screens at meeting-room doors, so a name or an
    address of the case is refused. The place goes to everybody invited, sealed; a protected address (design truth 14)
    is refused there too, and not struck out as in a packet: nobody would know where to go. Raises Unfit."""
    text, place = given.may("location"), given.may("place")
    if not text and not place:
        return ""
    if len(text) > LONGEST_LOCATION or not text.isprintable():
        raise Unfit("location", f"Write the location as one line of at most {LONGEST_LOCATION} characters")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        referral = await desk.hub.referral(tx, case)
    if referral and (gives_away(referral, text) or not _telling(referral).isdisjoint(_words(text))):
        raise Unfit(
            "location",
            "The location stands in clear in calendars, and this one holds a name, an address or a postcode that is "
            "in the case: write it as the place, which goes into the sealed papers alone",
        )
    if referral and gives_away(referral, place, protected_only=True):
        raise Unfit(
            "place",
            "This holds an address that must be kept secret, and everybody invited would read it: meet elsewhere, or "
            "release the address to the one agency that needs it (release_address)",
        )
    return text


def _telling(referral: Referral) -> set[str]:
    """The words that would tell whom it is about."""
    named = ("given_name", "family_name", "aliases")
    people = [" ".join(s.get(name, "") for name in named) for s in referral.subjects]
    people += [p.get("name", "") for p in referral.household]
    codes = {"".join(s.get("postcode", "").split()).casefold() for s in referral.subjects} - {""}
    return {word for name in people for word in _words(name) if len(word) > 1} - _SMALL_WORDS | codes


def _words(text: str) -> set[str]:
    """Every word, and every two together: a postcode is written with a blank or without."""
    found = re.findall(r"\w+", text.casefold())
    return {*found, *("".join(pair) for pair in pairwise(found))}


async def _attends(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """A seat as `discussion` and `seat`, or together as a page's list gives it ("d1/i2"). Confirming what a reply
    claims takes one press; who said it on the telephone is kept when it is given."""
    name, _, seat = given.need("seat").rpartition("/")
    discussion = name or given.need("discussion")
    attendance = given.choice("attendance", Attendance)
    if attendance is Attendance.AWAITED:
        raise Unfit("attendance", "Choose what they said: accepted, tentative, declined, counter or delegated")
    now = desk.now()
    event = InviteeReplied(now, discussion, seat, attendance, now, "desk", Proof.STAFF, desk.viewer.id)
    return await desk.record(
        case, event, cause, {content.WHO: caller(desk, given).part()} if given.may("name") else {}
    )


ACTS: dict[str, Act] = {
    "attends": Act(Action.RECORD_ATTENDANCE, _attends),
}
