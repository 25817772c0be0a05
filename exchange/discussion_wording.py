"""The words for what happens to discussions, each kind as the hub file labels it, and for whom the hub rings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.case import event as happened
from exchange.case.convening import full_called
from exchange.case.escalation import DUTY, CallMade, Chased
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.strategy_discussion import (
    COUNTS_FROM,
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    DiscussionPlaced,
    DiscussionTelephoned,
    Invitee,
    InviteesAdded,
    Mode,
    Reply,
    SeatEvidence,
    SeatUnclear,
    StrategyDiscussion,
    Weight,
)
from templates import moments

SAID = {
    Attendance.AWAITED: "awaited",
    Attendance.ACCEPTED: "accepted",
    Attendance.TENTATIVE: "tentative",
    Attendance.DECLINED: "declined",
    Attendance.COUNTER: "another time proposed",
    Attendance.DELEGATED: "somebody else asked to come",
    Attendance.DEPUTY: "a deputy comes",
    Attendance.WRITTEN: "in writing instead of coming",
}
MODES = {
    Mode.IN_PERSON: "in person",
    Mode.TELEPHONE: "by telephone",
    Mode.VIDEO: "by video",
    Mode.WRITTEN: "in writing",
}
WEIGHTS = {
    Weight.HOLDS: "",
    Weight.CLAIMED: "claimed: nothing proves it",
    Weight.OLDER: "older than what holds: changes nothing",
    Weight.LATE: "after the end: changes nothing",
}


def label(kind: str, rules: Rules) -> str:
    """A kind of discussion, as the hub file labels it."""
    return rules.discussion(kind).label


def of_case(discussion: str, case: Case | None, rules: Rules) -> str:
    """A discussion by its kind and time; "" when it is none of the case."""
    found = case.discussion(discussion) if case else None
    if found is None:
        return ""
    return f"{label(found.kind, rules)}, {moments.moment(found.starts_at, rules.calendar.timezone)}"


def full_step(case: Case, of: StrategyDiscussion, rules: Rules) -> str:
    """What is to be done about the full discussion that must follow one without its quorum."""
    full = full_called(case, of)
    if full is None:
        return "call the full discussion that must follow the one without its quorum"
    at = moments.moment(full.starts_at, rules.calendar.timezone)
    return f"hold the full discussion that must follow the one without its quorum: it is called for {at}"


def times(number: int) -> str:
    """`once`, `2 times`."""
    return "once" if number == 1 else f"{number} times"


def reply_notes(reply: Reply) -> str:
    """What became of a reply that does not simply hold; ""."""
    if reply.outdated and reply.weight is Weight.CLAIMED:
        return "it answers a time that was changed since: not counted until they are asked"
    outdated = "it answers an invitation that was replaced" if reply.outdated else ""
    return "; ".join(filter(None, (WEIGHTS[reply.weight], outdated)))


def claim(seat: Invitee) -> str:
    """What sort of reply it is that does not count until somebody has asked."""
    return "a reply to an earlier time" if seat.outdated else "a reply that nothing proves"


def weighed(event: happened.InviteeReplied, case: Case) -> str:
    """The same for the event by which it came."""
    seat = case.seat(f"{event.discussion}/{event.invitee}")
    same = (event.at, event.attendance, event.stamp)
    mine = [r for r in (seat.history if seat else ()) if (r.at, r.attendance, r.stamp) == same]
    told = [reply_notes(r) for r in mine if r.outdated or r.weight is not Weight.CLAIMED]  # a claim is said already
    return f" ({told[0]})" if told and told[0] else ""


def machine(code: str) -> str:
    """What a machine answered."""
    return code.replace("_", " ")


def functions(names: tuple[str, ...]) -> str:
    """Functions, as they are said."""
    return ", ".join(name.replace("_", " ") for name in names)


def _replied(event: happened.InviteeReplied, rules: Rules) -> str:
    proposed = f", {moments.moment(event.proposed, rules.calendar.timezone)}" if event.proposed else ""
    claimed = " (claimed: nothing proves it)" if event.proof < COUNTS_FROM else ""
    return f"{event.discussion}/{event.invitee} to the invitation: {SAID[event.attendance]}{proposed}{claimed}"


def _telephoned(event: DiscussionTelephoned, rules: Rules) -> str:
    emergency = ", an emergency" if event.emergency else ""
    return f"{label(event.kind, rules)} held by telephone{emergency}"


def _rung(event: CallMade, rules: Rules) -> str:
    whom = "The duty team" if event.about == DUTY else event.about
    return f"{whom} rung: {'reached' if event.reached else 'not reached'}"


TOLD: dict[type, Callable[[Any, Rules], str]] = {
    CallMade: _rung,
    Chased: lambda event, rules: f"{event.about} asked once more by mail, from the desk",
    happened.DiscussionCalled: lambda event, rules: f"{label(event.kind, rules)} called",
    happened.InviteeReplied: _replied,
    happened.DiscussionHeld: lambda event, rules: (
        "Strategy discussion held" + (" without its quorum" if event.inquorate else "")
    ),
    InviteesAdded: lambda event, rules: "More agencies called to a discussion",
    DiscussionMoved: lambda event, rules: (
        f"Discussion moved to {moments.moment(event.starts_at, rules.calendar.timezone)}: everybody is asked anew"
    ),
    DiscussionPlaced: lambda event, rules: "Where a discussion takes place was said: everybody invited is told",
    DiscussionCancelled: lambda event, rules: "Discussion cancelled",
    DiscussionTelephoned: _telephoned,
    SeatEvidence: lambda event, rules: (
        f"{event.discussion}/{event.invitee} to the invitation: {machine(event.code)} (a machine; not counted)"
    ),
    SeatUnclear: lambda event, rules: (
        f"{event.discussion}/{event.invitee} to the invitation: words that are {event.why.replace('_', ' ')}; "
        "a person must read them"
    ),
}
CLOCKS = {
    "chase": "An invitee has not replied",
    "soon": "What is owed will soon be due",
    "held_by": "A discussion has not been held in time",
    "follow_up_meeting": "No full discussion has followed one without its quorum in time",
}
OF_DISCUSSIONS = frozenset({"held_by", "follow_up_meeting"})  # clocks about a whole discussion, which has no name
