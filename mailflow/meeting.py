"""Meetings by calendar mail (RFC 5545, 5546, 6047): invitations that every client shows right, and replies in every
vendor's shape.

1. Times are UTC only: with time zones of their own Thunderbird and Outlook show another hour (seen, and reported).
2. No name of a person, no word of a case: calendars leak to delegates, phones and screens at meeting-room doors.
3. Of what comes back only method, UID, sequence, attendee, answer, comment, stamp, who stands in for whom and, of a
   counter-proposal, the time are read (T46).
"""

from __future__ import annotations

import contextlib
import itertools
import re
import sys
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event, vCalAddress, vText

from mailflow.parsed_mail import MeetingReply

LARGEST = 64_000  # octets: an honest reply is under four thousand
MOST = 4  # calendars of one mail: Outlook sends the same one twice
MOST_REPLIES = 100  # of one calendar: everybody who was invited, in some clients' replies
_NO_REPLY = re.compile(rb"^METHOD:(?!REPLY|COUNTER)", re.MULTILINE | re.IGNORECASE)
_ANSWERS = {
    "ACCEPTED": "accepted",
    "TENTATIVE": "tentative",
    "DECLINED": "declined",
    "DELEGATED": "delegated",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry in one invitee's calendar."""

    uid: str
    sequence: int
    organizer: str
    organizer_name: str  # what calendars show in place of the address
    attendee: str = field(repr=False)
    starts_at: datetime
    minutes: int
    summary: str
    stamp: datetime


def calendar_request(entry: Entry, description: str, location: str = "") -> bytes:
    """An invitation (METHOD:REQUEST); `location` is shown by every calendar, and names nobody (RFC 5545 3.8.1.7)."""
    event = _event(entry)
    event.add("description", description)
    if location:
        event.add("location", location)
    event.add("status", "CONFIRMED")
    return _calendar("REQUEST", event)


def calendar_cancel(entry: Entry, *, whole: bool = True) -> bytes:
    """The same entry taken back (METHOD:CANCEL, same UID, higher sequence): from everybody, or with `whole=False`
    from this attendee alone, where no STATUS may stand (RFC 5546 3.2.5)."""
    event = _event(entry)
    if whole:
        event.add("status", "CANCELLED")
    return _calendar("CANCEL", event)


def _event(entry: Entry) -> Event:
    starts_at = entry.starts_at.astimezone(UTC)
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp.astimezone(UTC))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=entry.minutes))
    event.add("summary", entry.summary)
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    organizer = vCalAddress(f"mailto:{entry.organizer}")
    organizer.params["CN"] = vText(entry.organizer_name)
    event.add("organizer", organizer)
    invited = vCalAddress(f"mailto:{entry.attendee}")
    invited.params["PARTSTAT"], invited.params["RSVP"] = vText("NEEDS-ACTION"), vText("TRUE")
    invited.params["ROLE"], invited.params["CUTYPE"] = vText("REQ-PARTICIPANT"), vText("INDIVIDUAL")
    event.add("attendee", invited)
    return event


def _calendar(method: str, event: Event) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Referral Exchange//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def load_zones() -> list[zoneinfo.ZoneInfo]:
    """Every time zone there is, to be kept by a process that will not be able to open a file later."""
    zones = [zoneinfo.ZoneInfo(name) for name in sorted(zoneinfo.available_timezones())]
    zoneinfo.reset_tzpath(to=())
    for name in ("tzdata", *(name for name in sys.modules if name.startswith("tzdata."))):
        sys.modules[name] = None  # type: ignore[assignment]  # looked for next, in vain: what is unknown is no zone
    with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError):
        zoneinfo.ZoneInfo("Nowhere/Land")  # imports what says so
    return zones


def replies(calendars: Iterable[bytes]) -> tuple[MeetingReply, ...]:
    """The answers in a mail's calendar parts."""
    return tuple(reply for calendar in itertools.islice(calendars, MOST) for reply in read_reply(calendar))


def read_reply(ical: bytes) -> tuple[MeetingReply, ...]:
    """The answers in a calendar part; none when it is not a reply, or not a calendar at all."""
    if len(ical) > LARGEST or _NO_REPLY.search(ical):
        return ()
    try:
        calendar = Calendar.from_ical(ical)
        method = str(calendar.get("METHOD", "REPLY")).upper()
        if method not in ("REPLY", "COUNTER"):
            return ()
        found = (
            reply for event in calendar.walk("VEVENT") for person in _attendees(event)
            if (reply := _reply(method, event, person))
        )  # fmt: skip
        return tuple(itertools.islice(found, MOST_REPLIES))
    except Exception:  # noqa: BLE001 - the library raises in many ways on strangers' calendars; none of it is ours
        return ()


def _attendees(event: Any) -> list[Any]:
    found = event.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


def _reply(method: str, event: Any, person: Any) -> MeetingReply | None:
    params = getattr(person, "params", {})
    answer = "counter" if method == "COUNTER" else _ANSWERS.get(str(params.get("PARTSTAT", "")).upper())
    if not answer:
        return None  # other attendees' lines in somebody's reply say NEEDS-ACTION
    if answer == "accepted" and params.get("DELEGATED-FROM"):
        answer = "deputy"  # RFC 5546 3.2.2.3: whoever was asked to stand in says whose place they take
    return MeetingReply(
        method=method,
        uid=str(event.get("UID", "")),
        sequence=int(event.get("SEQUENCE", 0)),
        attendee=_address(person),
        answer=answer,
        comment=str(event.get("COMMENT", "") or params.get("X-RESPONSE-COMMENT", ""))[:2000],  # Google's place for it
        stamp=_moment(event, "DTSTAMP"),
        starts_at=_moment(event, "DTSTART", local=False) if method == "COUNTER" else None,
        delegate=_delegate(params.get("DELEGATED-TO")) if answer == "delegated" else "",
        in_place_of=_delegate(params.get("DELEGATED-FROM")),
    )


def _address(said: object) -> str:
    text = str(said).strip().strip('"')
    return (text[7:] if text.lower().startswith("mailto:") else text).strip().lower()


def _delegate(said: object) -> str:
    """RFC 5545 3.2.5: one address or several."""
    several = said if isinstance(said, list) else [said] if said else []
    return ", ".join(_address(one) for one in several)[:320]


def _moment(event: Any, name: str, *, local: bool = True) -> datetime | None:
    """The moment under this name in UTC. One without a zone is taken for UTC, or with `local=False` for none."""
    found = getattr(event.get(name), "dt", None)
    if not isinstance(found, datetime) or not (local or found.tzinfo):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
