"""Convening at the desk: a discussion is called, moved or taken back, and staff record what a seat says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from exchange import content
from exchange.case import session
from exchange.case.acknowledgement import Proof
from exchange.case.clock import ClockKind, ClockSpec
from exchange.case.convening import kind_of
from exchange.case.event import DiscussionCalled, InviteeReplied
from exchange.case.milestone import Progress
from exchange.case.packet import gives_away
from exchange.case.referral import Referral
from exchange.case.rules import DiscussionRules, Rules
from exchange.case.session import Session
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import (
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    DiscussionPlaced,
    InviteesAdded,
)
from exchange.desk.act import Act, caller, reason, zone
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action
from exchange.store import casebook

_SMALL_WORDS = {"the", "of", "and", "at", "in", "mr", "mrs", "ms", "dr"}  # people write them into a name, too
LONGEST_LOCATION = 200  # characters: calendars cut longer ones
_USUALLY = ClockSpec(ClockKind.ELAPSED, seconds=24 * 3600)  # Tees procedures, where law and hub name no clock


@dataclass(frozen=True, slots=True)
class Standing:
    """What calling a discussion rests on."""

    case: Case
    rules: Rules  # those of the case
    referrer: str  # the agency of its referrer, where the directory knows it

    @property
    def next_id(self) -> str:
        """The id of the next discussion."""
        return f"d{len(self.case.discussions) + 1}"

    @property
    def only(self) -> tuple[str, ...]:
        """Whom it is about where the case is about one alone: nobody need say so."""
        return tuple(s.id for s in self.case.subjects if len(self.case.subjects) == 1)

    def kind(self, named: str, subjects: tuple[str, ...]) -> DiscussionRules:
        """The kind that is named, or the one usual for these subjects. Raises CannotHappen."""
        if named:
            return kind_of(named, self.rules)
        return self.rules.strategy.usual(frozenset(s.codes.form for s in self.case.subjects if s.id in subjects))

    def deadline(self, kind: DiscussionRules, subjects: tuple[str, ...], now: datetime) -> datetime:
        """By when it must have been held: when the clock that a decision started runs out, or else from now on."""
        running = (m for s in self.case.subjects if s.id in subjects and (m := s.milestone(kind.clock)))
        dues = [m.due for m in running if m.progress is Progress.RUNNING]
        return min(dues) if dues else self.rules.named_due(kind.clock, _USUALLY, now)


async def standing(desk: Desk, case_id: str) -> Standing:
    """The case as it stands, for this viewer."""
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        case = await casebook.load(tx, case_id)
        rules, directory = await casebook.rules_of(tx, case), await desk.hub.directory(tx)
    mailbox = case.referrer.mailbox
    agency = next((m.agency for m in directory.mailboxes if m.id == mailbox), "") if mailbox else ""
    return Standing(case, rules, agency)


async def _call(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """For a time of its own, or on the agenda of a session. Where the case is about several, `subjects` names whom
    it is about. `agencies` come instead of those whom the hub file says,
    `also` in addition; with a session and a time its roster is called at that time, and the agenda is bypassed."""
    known = await standing(desk, case)
    subjects = given.many("subjects") or known.only
    recurring, starts = await _session(desk, given), given.moment("starts", await zone(desk))
    on_agenda = ""
    if starts is None:
        if recurring is None:
            raise Unfit("starts", "Write when it starts: the date like 27/11/2026 and the time like 14:30")
        starts, on_agenda = await _next(desk, recurring), recurring.id
    kind = known.kind(given.may("kind") or (recurring.kind if recurring else ""), subjects)
    where = await _where(desk, case, given, known.next_id, recurring)
    event = DiscussionCalled(
        at=desk.now(),
        by=desk.viewer.id,
        discussion=known.next_id,
        starts_at=starts,
        subjects=subjects,
        agencies=given.many("agencies") or (recurring.roster if recurring else ()),
        kind=kind.kind,
        also=given.many("also"),
        referrer=known.referrer,
        deadline=known.deadline(kind, subjects, desk.now()),
        session=on_agenda,
        minutes=recurring.minutes if recurring else 0,
        placeless=not where,
    )
    why = reason(given)
    why |= {f"{content.CALLED_FOR}{event.discussion}": why[content.REASON]}
    return await desk.record(case, event, cause, {**why, **where})


async def _session(desk: Desk, given: Given) -> Session | None:
    """The session named: those of today's hub file, whatever rules the case keeps."""
    if not given.may("session"):
        return None
    _, rules = await desk.hub.rules()
    found = rules.session(given.may("session"))
    if found is None:
        known = ", ".join(s.id for s in rules.sessions) or "none"
        raise Unfit("session", f"No session of this name: choose one of {known}")
    return found


async def _next(desk: Desk, found: Session) -> datetime:
    _, rules = await desk.hub.rules()
    starts = session.starts(found, desk.now(), rules.calendar)
    if starts is None:
        raise CannotHappen("this session is held on no day within a year: write a time of its own")
    return starts


async def _where(
    desk: Desk, case: str, given: Given, discussion: str, recurring: Session | None = None
) -> dict[str, bytes]:
    """Where to meet: what is written now, or else what the hub file says of the session."""
    usual = "; ".join(filter(None, (recurring.location, recurring.telephone))) if recurring else ""
    written = {
        f"{content.PLACE}{discussion}": given.may("place"),
        f"{content.LOCATION}{discussion}": await location(desk, case, given) or usual,
    }
    return {name: text.encode() for name, text in written.items() if text}


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


async def _invite(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """More agencies to a discussion that is called."""
    event = InviteesAdded(desk.now(), desk.viewer.id, given.need("discussion"), given.many("agencies"))
    return await desk.record(case, event, cause)


async def _move(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """To another time; where it is may change with it."""
    starts = given.moment("starts", await zone(desk))
    if starts is None:
        raise Unfit("starts", "Write the new time: the date like 27/11/2026 and the time like 14:30")
    discussion = given.need("discussion")
    where = await _where(desk, case, given, discussion)
    sealed = f"{content.PLACE}{discussion}" in where
    event = DiscussionMoved(desk.now(), desk.viewer.id, discussion, starts, placed=bool(where), in_papers=sealed)
    return await desk.record(case, event, cause, {**reason(given), **where})


async def _say_where(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Where a discussion takes place, at the time that stands: by an update of everybody's entry, or where it is
    written as the `place`, in sealed papers that go once more."""
    discussion = given.need("discussion")
    where = await _where(desk, case, given, discussion)
    if not where:
        raise Unfit("location", "Write where it takes place, or how to join: as the location, or as the place")
    sealed = f"{content.PLACE}{discussion}" in where
    event = DiscussionPlaced(desk.now(), desk.viewer.id, discussion, in_papers=sealed)
    return await desk.record(case, event, cause, where)


async def _cancel(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = DiscussionCancelled(desk.now(), desk.viewer.id, given.need("discussion"))
    return await desk.record(case, event, cause, reason(given))


async def _attends(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """A seat as `discussion` and `seat`, or together as a page's list gives it ("d1/i2"). Confirming what a reply
    claims takes one press; else who said it, and how they were checked, is part of the record."""
    name, _, seat = given.need("seat").rpartition("/")
    discussion = name or given.need("discussion")
    attendance = given.choice("attendance", Attendance)
    if attendance is Attendance.AWAITED:
        said = ", ".join(a for a in Attendance if a is not Attendance.AWAITED)
        raise Unfit("attendance", f"Choose what they said: one of {said}")
    if not given.may("name") and not await _claims(desk, case, f"{discussion}/{seat}", attendance):
        caller(desk, given)
    written = desk.hub.chance.id() if attendance is Attendance.WRITTEN else ""
    now = desk.now()
    event = InviteeReplied(
        now, discussion, seat, attendance, now, "desk", Proof.STAFF, desk.viewer.id,
        proposed=given.moment("proposed", await zone(desk)), contribution=written,
    )  # fmt: skip
    parts = dict(_said_by(desk, given, f"{discussion}/{seat}"))
    if written:
        parts[content.said(written)] = given.need("words").encode()
    return await desk.record(case, event, cause, parts)


async def _claims(desk: Desk, case: str, about: str, attendance: Attendance) -> bool:
    """Whether a reply of this seat says so already: somebody has asked, and confirms it."""
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        seat = (await casebook.load(tx, case)).seat(about)
    return seat is None or seat.claimed is attendance


def _said_by(desk: Desk, given: Given, about: str) -> Iterator[tuple[str, bytes]]:
    if given.may("name"):
        yield content.WHO, caller(desk, given).part()
    if given.may("deputy"):
        yield f"{content.DEPUTY}{about}", given.may("deputy").encode()


ACTS: dict[str, Act] = {
    "call": Act(Action.CALL_DISCUSSION, _call),
    "invite": Act(Action.CALL_DISCUSSION, _invite),
    "move": Act(Action.CALL_DISCUSSION, _move),
    "say_where": Act(Action.CALL_DISCUSSION, _say_where),
    "cancel": Act(Action.CALL_DISCUSSION, _cancel),
    "attends": Act(Action.RECORD_ATTENDANCE, _attends),
}
