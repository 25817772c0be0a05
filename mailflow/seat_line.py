"""Of the lines in a calendar's reply, the one that speaks for a seat at a meeting of ours; pure.

1. A line that names whom its attendee stands in for (RFC 5545 3.2.4) is newer than the line of the other that comes
   along with it (RFC 5546 3.2.2.3). That they come counts for the seat; that they may, or do not, is no word of who
   was invited, and a person asks.
2. Two people of one agency who disagree are a person's to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mailflow.parsed_mail import MeetingReply


def spoken(
    meetings: Iterable[MeetingReply], uid: str, domains: Collection[str], invited: Collection[str]
) -> tuple[str, MeetingReply] | None:
    """("", the line), or why a person must read it and a line; None where no line is about the entry `uid`."""
    ours = [m for m in meetings if m.uid == uid]
    theirs = [m for m in ours if not domains or m.attendee.rpartition("@")[2] in domains]
    if not theirs:
        return ("wrong_sender", ours[0]) if ours else None
    stands_in = [m for m in theirs if m.in_place_of]
    # Of several lines, that of the address we invited is theirs (RFC 5546 3.2.3 allows one; some clients send all).
    theirs = stands_in or [m for m in theirs if m.attendee in invited] or theirs
    first = theirs[0]
    differ = any((m.answer, m.delegate) != (first.answer, first.delegate) for m in theirs)
    return ("unclear" if differ or (stands_in and first.answer != "deputy") else "", first)
