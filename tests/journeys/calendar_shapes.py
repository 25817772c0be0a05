"""Calendar replies as the clients that people use send them: the mail around the calendar and the calendar itself.

None is a capture of anybody's mail. Each is built from public descriptions: the clients' own documentation, RFC 5546
and 6047, and threads in which maintainers of other software quote what they got.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, make_msgid

from exchange.demo.actors.mail_client import Read

Shape = Callable[["Reply"], bytes]


@dataclass(frozen=True)
class Reply:
    """What somebody answers to an invitation."""

    invitation: Read
    attendee: str
    partstat: str
    at: datetime  # DTSTAMP
    comment: str = ""
    sequence: int | None = None  # another than the invitation's
    start: datetime | None = None  # another than the invitation's: a counter-proposal
    attendee_params: str = ""

    def line(self, name: str) -> str:
        """The value of a line of the invitation."""
        unfolded = re.sub(r"\r?\n[ \t]", "", self.invitation.calendar)
        found = re.search(rf"(?mi)^{name}[^:\r\n]*:(.*?)\r?$", unfolded)
        assert found, name
        return found[1]

    @property
    def organizer(self) -> str:
        """Where it goes."""
        return self.line("ORGANIZER").removeprefix("mailto:")

    @property
    def number(self) -> str:
        """Its SEQUENCE."""
        return self.line("SEQUENCE") if self.sequence is None else str(self.sequence)

    @property
    def stamp(self) -> str:
        """Its DTSTAMP."""
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    @property
    def starts(self) -> datetime:
        """Its DTSTART."""
        own = datetime.strptime(self.line("DTSTART"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return self.start or own


def _head(reply: Reply, subject: str, more: str = "") -> str:
    return (
        f"From: {reply.attendee}\r\nTo: {reply.organizer}\r\nSubject: {subject}\r\n"
        f"Date: {format_datetime(reply.at)}\r\nMessage-ID: {make_msgid(domain=reply.attendee.partition('@')[2])}\r\n"
        f"In-Reply-To: {reply.invitation.message_id}\r\nMIME-Version: 1.0\r\n{more}"
    )


def _base64(text: str) -> str:
    return base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")


def outlook(reply: Reply, method: str = "REPLY") -> bytes:
    """Outlook with Exchange. Built from public descriptions (Microsoft's MS-OXCICAL; a thread of Nextcloud's calendar
    on Outlook.com): no ORGANIZER, Windows' name of the zone, `MAILTO:` in capitals, LANGUAGE, an alarm, base64."""
    local, ends = reply.starts, reply.starts + timedelta(minutes=30)  # in winter GMT is UTC
    comment = f"COMMENT;LANGUAGE=en-GB:{reply.comment}\\n\r\n" if reply.comment else ""
    said = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Tentative"}[reply.partstat]
    ics = (
        f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n"
        "BEGIN:VTIMEZONE\r\nTZID:GMT Standard Time\r\n"
        "BEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\n"
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:16010101T010000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\n"
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
        f"BEGIN:VEVENT\r\nATTENDEE;PARTSTAT={reply.partstat};CN=Safeguarding Desk:MAILTO:{reply.attendee.title()}\r\n"
        f"{comment}UID:{reply.line('UID')}\r\nSUMMARY;LANGUAGE=en-GB:{said}: {reply.line('SUMMARY')}\r\n"
        f"DTSTART;TZID=GMT Standard Time:{local:%Y%m%dT%H%M%S}\r\n"
        f"DTEND;TZID=GMT Standard Time:{ends:%Y%m%dT%H%M%S}\r\nCLASS:PRIVATE\r\nPRIORITY:5\r\n"
        f"DTSTAMP:{reply.stamp}\r\nTRANSP:OPAQUE\r\nSTATUS:CONFIRMED\r\nSEQUENCE:{reply.number}\r\n"
        "LOCATION;LANGUAGE=en-GB:\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:0\r\nX-MICROSOFT-CDO-OWNERAPPTID:0\r\n"
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\nX-MICROSOFT-CDO-INTENDEDSTATUS:BUSY\r\n"
        "BEGIN:VALARM\r\nDESCRIPTION:REMINDER\r\nTRIGGER;RELATED=START:-PT15M\r\nACTION:DISPLAY\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return (
        _head(reply, f"{said}: Meeting", "X-MS-Has-Attach:\r\nContent-Language: en-GB\r\n")
        + 'Content-Type: multipart/alternative;\r\n\tboundary="_000_exchange_"\r\n\r\n'
        '--_000_exchange_\r\nContent-Type: text/plain; charset="us-ascii"\r\n\r\n\r\n'
        f'--_000_exchange_\r\nContent-Type: text/calendar; charset="utf-8"; method={method}\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{_base64(ics)}\r\n--_000_exchange_--\r\n"
    ).encode()


def google(reply: Reply) -> bytes:
    """Google Calendar. Built from public descriptions (Google's help and the lines quoted in several libraries'
    tests): folded lines, X-NUM-GUESTS, the answer's comment as a parameter, the calendar a second time as a file."""
    params = f'X-NUM-GUESTS=0;X-RESPONSE-COMMENT="{reply.comment}"' if reply.comment else "X-NUM-GUESTS=0"
    person = (
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={reply.partstat};"
        f"CN={reply.attendee};{params}:mailto:{reply.attendee}"
    )
    folded = "\r\n ".join(person[n : n + 74] for n in range(0, len(person), 74))
    ics = (
        "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\n"
        "CALSCALE:GREGORIAN\r\n"
        f"METHOD:REPLY\r\nBEGIN:VEVENT\r\nDTSTART:{reply.line('DTSTART')}\r\nDTEND:{reply.line('DTEND')}\r\n"
        f"DTSTAMP:{reply.stamp}\r\nORGANIZER;CN=Hub:mailto:{reply.organizer}\r\n"
        f"UID:{reply.line('UID')}\r\n{folded}\r\n"
        f"CREATED:{reply.stamp}\r\nLAST-MODIFIED:{reply.stamp}\r\nSEQUENCE:{reply.number}\r\nSTATUS:CONFIRMED\r\n"
        f"SUMMARY:{reply.line('SUMMARY')}\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return (
        _head(reply, "Accepted: Meeting", f"Reply-To: {reply.attendee}\r\n")
        + 'Content-Type: multipart/mixed; boundary="00000000google"\r\n\r\n--00000000google\r\n'
        'Content-Type: multipart/alternative; boundary="00000001google"\r\n\r\n--00000001google\r\n'
        'Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes\r\n\r\nHas replied.\r\n'
        '--00000001google\r\nContent-Type: text/html; charset="UTF-8"\r\n\r\n<p>Has replied.</p>\r\n'
        '--00000001google\r\nContent-Type: text/calendar; charset="UTF-8"; method=REPLY\r\n'
        f"Content-Transfer-Encoding: 7bit\r\n\r\n{ics}\r\n--00000001google--\r\n--00000000google\r\n"
        'Content-Type: application/ics; name="invite.ics"\r\n'
        'Content-Disposition: attachment; filename="invite.ics"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{_base64(ics)}\r\n--00000000google--\r\n"
    ).encode()


def thunderbird(reply: Reply) -> bytes:
    """Thunderbird. Built from public descriptions (its calendar's sources, which are public): the parts as in the
    invitation it answers, RSVP kept, the organizer named, the comment in the text."""
    ics = (
        "BEGIN:VCALENDAR\r\nPRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN\r\nVERSION:2.0\r\n"
        "METHOD:REPLY\r\n"
        f"BEGIN:VEVENT\r\nDTSTAMP:{reply.stamp}\r\nUID:{reply.line('UID')}\r\nSUMMARY:{reply.line('SUMMARY')}\r\n"
        f"ORGANIZER:mailto:{reply.organizer}\r\n"
        f"ATTENDEE;PARTSTAT={reply.partstat};ROLE=REQ-PARTICIPANT;CUTYPE=INDIVIDUAL{reply.attendee_params}"
        f":mailto:{reply.attendee}\r\n"
        f"DTSTART:{reply.line('DTSTART')}\r\nDTEND:{reply.line('DTEND')}\r\nSEQUENCE:{reply.number}\r\n"
        "CLASS:PRIVATE\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return (
        _head(reply, "Event Invitation Reply", "User-Agent: Mozilla Thunderbird\r\n")
        + 'Content-Type: multipart/mixed; boundary="------------tbird"\r\n\r\n--------------tbird\r\n'
        'Content-Type: multipart/alternative; boundary="------------tbird2"\r\n\r\n--------------tbird2\r\n'
        "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{reply.attendee} has answered your event invitation. {reply.comment}\r\n--------------tbird2\r\n"
        "Content-Type: text/calendar; method=REPLY; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{ics}\r\n--------------tbird2--\r\n--------------tbird\r\n"
        'Content-Type: application/ics; name="invite.ics"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="invite.ics"\r\n\r\n{_base64(ics)}\r\n--------------tbird--\r\n'
    ).encode()


def apple(reply: Reply) -> bytes:
    """Apple's Calendar by Mail. Built from public descriptions (lines quoted in calendar servers' test suites): a
    name with a comma, EMAIL as a parameter, the address in capitals, quoted-printable, every attendee's line."""
    ics = (
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:-//Apple Inc.//macOS 14.4//EN\r\nVERSION:2.0\r\n"
        "CALSCALE:GREGORIAN\r\n"
        f"BEGIN:VEVENT\r\nUID:{reply.line('UID')}\r\nDTSTART:{reply.line('DTSTART')}\r\nDTEND:{reply.line('DTEND')}\r\n"
        f"DTSTAMP:{reply.stamp}\r\nSEQUENCE:{reply.number}\r\nORGANIZER:mailto:{reply.organizer}\r\n"
        f'ATTENDEE;CN="Desk, Safeguarding";CUTYPE=INDIVIDUAL;EMAIL="{reply.attendee}";PARTSTAT={reply.partstat}:'
        f"MAILTO:{reply.attendee.upper()}\r\n"
        "ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:mailto:somebody@elsewhere.example\r\n"
        f"SUMMARY:{reply.line('SUMMARY')}\r\nLAST-MODIFIED:{reply.stamp}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    quoted = ics.replace("=", "=3D")
    return (
        _head(reply, "Meeting: Accepted", "X-Mailer: Apple Mail (2.3774.500.171.1.1)\r\n")
        + 'Content-Type: multipart/alternative;\r\n boundary="Apple-Mail=_1"\r\n\r\n--Apple-Mail=_1\r\n'
        "Content-Transfer-Encoding: 7bit\r\nContent-Type: text/plain;\r\n\tcharset=us-ascii\r\n\r\n\r\n"
        "--Apple-Mail=_1\r\nContent-Type: text/calendar;\r\n\tcharset=utf-8;\r\n\tmethod=REPLY\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}\r\n--Apple-Mail=_1--\r\n"
    ).encode()
