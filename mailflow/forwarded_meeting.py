"""Outlook's “Meeting Forward Notification”: an invitee passed our invitation on, and Exchange tells the organiser.

Nobody answers by it: it says neither that the invitee comes nor that the other does.
"""

from __future__ import annotations

import re

from mailflow.parsed_mail import ParsedMail, encloses

_SUBJECT = re.compile(r"\s*meeting forward notification\s*:", re.IGNORECASE)
_CLASS = b"IPM.Schedule.Meeting.Notification"  # MS-OXOCAL 2.2.9; the same in every language, in winmail.dat


def tells_of_forwarding(mail: ParsedMail) -> bool:
    """Whether it is such a notice."""
    wrapped = (p.content for p in mail.parts if encloses(p.content_type, p.file_name) == "winmail")
    return bool(_SUBJECT.match(mail.subject)) or any(_CLASS in content for content in wrapped)
