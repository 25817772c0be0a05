"""Invitations say what a calendar needs and no more; replies are read in every vendor's shape, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from mailflow.meeting import LARGEST, Entry, calendar_cancel, calendar_request, read_reply
from mailflow.parsed_mail import MeetingReply

UID = "sd.1@hub.example"
ANN = "ann.lee@health.example"
STARTS = datetime(2026, 11, 25, 10, 0, tzinfo=timezone(timedelta(hours=1)))
STAMP = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
ASKED = Entry(
    uid=UID, sequence=2, organizer="i.7.abcdefghijklmnop@hub.example", organizer_name="Northmoor: hub",
    attendee=ANN, starts_at=STARTS, minutes=45, summary="Strategy discussion SH-2026-0412", stamp=STAMP,
)  # fmt: skip


def calendar(*lines: str, method: str | None = "REPLY") -> bytes:
    head = ["BEGIN:VCALENDAR", "PRODID:-//Somebody//EN", "VERSION:2.0", *([f"METHOD:{method}"] if method else [])]
    return "\r\n".join([*head, *lines, "END:VCALENDAR", ""]).encode()


def reply(*lines: str, method: str | None = "REPLY", uid: str = UID) -> bytes:
    return calendar("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", method=method)


# -- what we send


def _written(value: Any) -> str:
    octets: bytes = value.to_ical()
    return octets.decode()


def test_an_invitation_says_when_where_to_answer_and_no_more() -> None:
    made = calendar_request(ASKED, "Join by telephone: 01632 960412")
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    told = {name: _written(event[name]) for name in event}
    assert told == {
        "UID": UID,
        "SEQUENCE": "2",
        "DTSTAMP": "20261124T090200Z",
        "DTSTART": "20261125T090000Z",
        "DTEND": "20261125T094500Z",
        "SUMMARY": "Strategy discussion SH-2026-0412",
        "DESCRIPTION": "Join by telephone: 01632 960412",
        "STATUS": "CONFIRMED",
        "CLASS": "PRIVATE",
        "TRANSP": "OPAQUE",
        "ORGANIZER": "mailto:i.7.abcdefghijklmnop@hub.example",
        "ATTENDEE": f"mailto:{ANN}",
    }
    assert dict(event["ATTENDEE"].params) == {
        "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "ROLE": "REQ-PARTICIPANT", "CUTYPE": "INDIVIDUAL",
    }  # fmt: skip
    assert dict(event["ORGANIZER"].params) == {"CN": "Northmoor: hub"}
    assert b"LOCATION:Room 1" in calendar_request(ASKED, "x", "Room 1")
    assert b"METHOD:REQUEST\r\n" in made
    assert b"VTIMEZONE" not in made  # Outlook and Thunderbird show another hour with one


def test_a_cancellation_names_the_same_entry() -> None:
    made = calendar_cancel(replace(ASKED, sequence=3))
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert [str(event[name]) for name in ("UID", "SEQUENCE", "STATUS")] == [UID, "3", "CANCELLED"]
    assert b"METHOD:CANCEL\r\n" in made
    assert "DESCRIPTION" not in event


@pytest.mark.parametrize("made", ["request", "cancel"])
def test_what_we_sent_is_no_reply_when_it_comes_back(made: str) -> None:
    ours = calendar_request(ASKED, "x") if made == "request" else calendar_cancel(ASKED)
    assert read_reply(ours) == ()


# -- what comes back

OUTLOOK = reply(
    "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ann Lee:mailto:Ann.Lee@Health.example",
    "COMMENT;LANGUAGE=en-GB:I will be ten minutes late\\n",
    "SUMMARY;LANGUAGE=en-GB:Accepted: Strategy discussion SH-2026-0412",
    "DTSTART;TZID=GMT Standard Time:20261125T090000",
    "DTEND;TZID=GMT Standard Time:20261125T094500",
    "CLASS:PRIVATE",
    "PRIORITY:5",
    "DTSTAMP:20261124T093000Z",
    "TRANSP:OPAQUE",
    "STATUS:CONFIRMED",
    "SEQUENCE:2",
    "X-MICROSOFT-CDO-APPT-SEQUENCE:2",
    "BEGIN:VALARM",
    "DESCRIPTION:REMINDER",
    "TRIGGER;RELATED=START:-PT15M",
    "ACTION:DISPLAY",
    "END:VALARM",
)  # no ORGANIZER, as Outlook.com replies
GOOGLE = reply(
    "DTSTART:20261125T090000Z",
    "DTEND:20261125T094500Z",
    "DTSTAMP:20261124T093000Z",
    "ORGANIZER:mailto:i.7.abcdefghijklmnop@hub.example",
    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN=ann.",
    ' lee@health.example;X-NUM-GUESTS=0;X-RESPONSE-COMMENT="In court":mailto:ann.',
    " lee@health.example",
    "SEQUENCE:2",
)
THUNDERBIRD = reply(
    "SEQUENCE:2",
    "DTSTAMP:20261124T093000Z",
    "ORGANIZER:mailto:i.7.abcdefghijklmnop@hub.example",
    "ATTENDEE;RSVP=TRUE;PARTSTAT=TENTATIVE;ROLE=REQ-PARTICIPANT:mailto:ann.lee@health.example",
    "DTSTART:20261125T090000Z",
)
APPLE = reply(
    "SEQUENCE:2",
    "DTSTAMP:20261124T093000Z",
    'ATTENDEE;CN="Lee, Ann";CUTYPE=INDIVIDUAL;EMAIL="ann.lee@health.example";PARTSTAT='
    "ACCEPTED:MAILTO:ann.lee@health.example",
)
DELEGATES = reply(
    "SEQUENCE:2",
    "DTSTAMP:20261124T093000Z",
    'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:bob@health.example":mailto:ann.lee@health.example',
)


@pytest.mark.parametrize(
    ("ical", "answer"),
    [
        pytest.param(OUTLOOK, "accepted", id="Outlook, without ORGANIZER"),
        pytest.param(GOOGLE, "declined", id="Google, lines folded"),
        pytest.param(THUNDERBIRD, "tentative", id="Thunderbird"),
        pytest.param(APPLE, "accepted", id="Apple, with a comma in the name"),
        pytest.param(DELEGATES, "delegated", id="sends a deputy"),
        pytest.param(OUTLOOK.replace(b"\r\n", b"\n"), "accepted", id="line ends lost on the way"),
        pytest.param(OUTLOOK.replace(b"ACCEPTED", b"Declined"), "declined", id="capitals lost on the way"),
        pytest.param(OUTLOOK.replace(b"METHOD:REPLY", b"METHOD:Reply"), "accepted", id="method in small letters"),
        pytest.param(OUTLOOK.replace(b"METHOD:REPLY\r\n", b""), "accepted", id="an .ics file that names no method"),
        pytest.param(OUTLOOK.replace(b"METHOD:REPLY", b"METHOD:COUNTER"), "counter", id="proposes another time"),
        pytest.param(OUTLOOK.replace(b"mailto:", b""), "accepted", id="address without mailto:"),
        pytest.param(
            THUNDERBIRD.replace(b"PARTSTAT=TENTATIVE", b'PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:x@health.example"'),
            "deputy",
            id="whoever was asked to stand in",
        ),
    ],
)
def test_every_vendors_reply_is_read(ical: bytes, answer: str) -> None:
    (got,) = read_reply(ical)
    assert (got.uid, got.sequence, got.attendee, got.answer) == (UID, 2, ANN, answer)
    assert got.stamp == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("DTSTART:20261125T110000Z", datetime(2026, 11, 25, 11, 0, tzinfo=UTC)),
        ("DTSTART;TZID=GMT Standard Time:20260625T110000", datetime(2026, 6, 25, 10, 0, tzinfo=UTC)),
        ("DTSTART:20261125T110000", None),
        ("DTSTART;VALUE=DATE:20261125", None),
        ("X-NO-TIME:1", None),
    ],
    ids=["UTC", "a zone as Windows names it", "no zone", "only a day", "none"],
)
def test_a_counter_proposal_says_which_time(line: str, asked: datetime | None) -> None:
    lines = (line, "DTSTAMP:20261124T093000Z", f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{ANN}")
    (got,) = read_reply(reply(*lines, method="COUNTER"))
    assert (got.answer, got.starts_at) == ("counter", asked)
    (plain,) = read_reply(reply(*lines))
    assert plain.starts_at is None


def test_what_is_kept_of_a_reply() -> None:
    assert read_reply(OUTLOOK) == (
        MeetingReply(
            *("REPLY", UID, 2, ANN, "accepted", "I will be ten minutes late\n"),
            datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        ),
    )
    assert "ann.lee" not in repr(read_reply(OUTLOOK))
    assert "late" not in repr(read_reply(OUTLOOK))


def test_whom_they_asked_to_come_in_their_place_is_kept_and_not_shown_in_logs() -> None:
    (one,) = read_reply(DELEGATES)
    assert one.delegate == "bob@health.example"
    assert "bob@" not in repr(one)
    both = DELEGATES.replace(b'"mailto:bob@', b'"mailto:Cy@health.example","mailto:bob@')
    assert read_reply(both)[0].delegate == "cy@health.example, bob@health.example"
    assert read_reply(THUNDERBIRD)[0].delegate == ""


def test_whom_somebody_stands_in_for_is_kept_and_not_shown_in_logs() -> None:
    stands_in = reply(
        "DTSTAMP:20261124T093000Z",
        f'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:bob@health.example":mailto:{ANN}',
        f'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="MAILTO:{ANN}":mailto:bob@health.example',
    )
    asked, comes = read_reply(stands_in)
    assert (asked.answer, asked.delegate, asked.in_place_of) == ("delegated", "bob@health.example", "")
    assert (comes.answer, comes.attendee, comes.in_place_of) == ("deputy", "bob@health.example", ANN)
    assert "ann.lee" not in repr(comes)
    (declines,) = read_reply(stands_in.replace(b"ACCEPTED", b"DECLINED").replace(b"=DELEGATED;", b"=NEEDS-ACTION;"))
    assert (declines.answer, declines.in_place_of) == ("declined", ANN)


def test_a_comment_is_kept_to_a_length() -> None:
    (got,) = read_reply(reply("ATTENDEE;PARTSTAT=DECLINED:mailto:ann.lee@health.example", "COMMENT:" + "x" * 5000))
    assert got.comment == "x" * 2000


def test_of_several_attendees_those_who_answered_are_told() -> None:
    got = read_reply(
        reply(
            "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@police.example",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:ann.lee@health.example",
            "ATTENDEE;CN=No answer at all:mailto:cai@school.example",
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:dee@school.example",
        )
    )
    assert [(r.attendee, r.answer) for r in got] == [(ANN, "declined"), ("dee@school.example", "accepted")]


def test_of_several_entries_each_is_told() -> None:
    entry = ("BEGIN:VEVENT", "UID:%s", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann.lee@health.example", "END:VEVENT")
    got = read_reply(calendar(*(line.replace("%s", uid) for uid in ("a@x.example", "b@x.example") for line in entry)))
    assert [r.uid for r in got] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize(
    ("line", "stamp"),
    [
        ("DTSTAMP:20261124T093000Z", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("DTSTAMP:20261124T093000", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("DTSTAMP;VALUE=DATE:20261124", None),
        ("X-NO-STAMP:1", None),
    ],
    ids=["UTC", "no zone", "only a day", "none"],
)
def test_when_it_was_answered(line: str, stamp: datetime | None) -> None:
    (got,) = read_reply(reply(line, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann.lee@health.example"))
    assert got.stamp == stamp
    assert (got.sequence, got.comment) == (0, "")


@pytest.mark.parametrize(
    "ical",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe\x00", id="octets"),
        pytest.param(b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n", id="cut short"),
        pytest.param(OUTLOOK.replace(b"METHOD:REPLY", b"METHOD:REQUEST"), id="an invitation"),
        pytest.param(OUTLOOK.replace(b"METHOD:REPLY", b"METHOD:CANCEL"), id="a cancellation"),
        pytest.param(OUTLOOK.replace(b"METHOD:REPLY", b"METHOD:PUBLISH"), id="somebody's calendar"),
        pytest.param(OUTLOOK.replace(b"SEQUENCE:2", b"SEQUENCE:two"), id="a sequence that is no number"),
        pytest.param(OUTLOOK.replace(b"PARTSTAT=ACCEPTED;", b""), id="an attendee who answers nothing"),
        pytest.param(OUTLOOK.replace(b"ACCEPTED", b"X-PERHAPS"), id="an answer nobody knows"),
        pytest.param(reply("SUMMARY:no attendee"), id="nobody answers"),
        pytest.param(OUTLOOK.replace(b"VEVENT", b"VTODO"), id="a task"),
        pytest.param(OUTLOOK + b" " * LARGEST, id="too large"),
    ],
)
def test_what_is_no_reply_says_nothing(ical: bytes) -> None:
    assert read_reply(ical) == ()


@pytest.mark.timeout(20)
def test_a_rule_that_repeats_for_ever_costs_nothing() -> None:
    line = "RRULE:FREQ=SECONDLY;COUNT=2000000000"
    (got,) = read_reply(reply(line, "DTSTART:20261125T090000Z", "ATTENDEE;PARTSTAT=DECLINED:mailto:" + ANN))
    assert got.answer == "declined"


@given(st.binary(max_size=200), st.integers(0, len(OUTLOOK)))
def test_no_calendar_is_too_odd(octets: bytes, at: int) -> None:
    for got in read_reply(OUTLOOK[:at] + octets + OUTLOOK[at:]):
        assert got.answer in ("accepted", "tentative", "declined", "delegated", "counter")
        assert got.stamp is None or got.stamp.tzinfo is UTC


def test_what_google_puts_beside_the_attendee_is_read_as_their_comment() -> None:
    assert [said.comment for said in read_reply(GOOGLE)] == ["In court"]
