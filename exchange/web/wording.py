"""Wording: a case's codes in the words hub staff use, for the desk's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.case import event as happened
from exchange.case.decision import LABELS
from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.mailbox import Directory
from exchange.case.rules import Rules
from exchange.case.state import Case

_SAID = {
    "first_look": "first look",
    "nothing_known": "not known to them",
}
_MAIL = {
    "to_seal": "being sealed",
    "kept": "sealed, about to go",
    "held": "held: it cannot go",
    "accepted": "taken by their server",
    "deferred": "not taken yet, tried again later",
    "uncertain": "perhaps taken, tried again",
    "bounced": "came back",
}
NEWS = {
    News.KEPT: "sealed and kept",
    News.HELD: "held: it cannot go",
    News.ACCEPTED: "taken by their server",
    News.DEFERRED: "not taken yet, tried again later",
    News.REFUSED: "refused",
    News.UNCERTAIN: "perhaps taken, tried again",
    News.DELIVERED: "delivered",
    News.DELAYED: "delayed on its way",
    News.BOUNCED: "came back",
}
LETTERS = {
    Letter.RECEIPT: "Receipt to the referrer",
    Letter.ACCEPTED: "“A person has read it” to the referrer",
    Letter.OUTCOME: "Outcome to the referrer",
    Letter.PACKET: "Packet",
    Letter.REMINDER: "Reminder",
    Letter.INVITATION: "Invitation",
    Letter.PAPERS: "Papers",
    Letter.CHASER: "Second call to an invitee",
}
CLOCKS = {
    "first_look": "Nobody has read it in time",
    "decide": "Not decided in time",
    "remind": "Nobody has acknowledged yet",
    "answer": "No answer in time",
    "chase": "An invitee has not replied",
    "feedback": "The referrer has not been told in time",
}


def say(code: str) -> str:
    """A code in words."""
    return _SAID.get(code, str(code).replace("_", " "))


def mail(delivery: str) -> str:
    """Where a packet's mail stands, in words."""
    return _MAIL.get(delivery, say(delivery))


def agency_name(agency: str, rules: Rules) -> str:
    """An agency by its name."""
    known = rules.agency(agency)
    return known.name if known else agency


def about(code: str, case: Case | None, rules: Rules, directory: Directory) -> str:
    """What a task or letter is about, as somebody who has to ring needs it: who, and on which number."""
    letter, _, whom = code.rpartition(":")
    prefix = f"{LETTERS[Letter(letter)]}: " if letter in set(Letter) else ""
    agency = _agency_of(whom, case)
    if agency:
        telephone = next((m.telephone for m in directory.of(agency)), "")
        return f"{prefix}{agency_name(agency, rules)} {telephone}".strip()
    return prefix + (who(whom) if whom[:1] == "s" and whom[1:].isdigit() else whom)


def _agency_of(whom: str, case: Case | None) -> str:
    if case is None:
        return ""
    name, _, seat = whom.partition("/")
    leg, discussion = case.leg(name), case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    return leg.agency if leg else invitee.agency if invitee else ""


def _with_code(line: str, code: str) -> str:
    return f"{line} ({code})" if code else line


def who(subject: str) -> str:
    """A subject by number: codes only, no name."""
    return f"Subject {subject.removeprefix('s')}"


def told(event: happened.Event, rules: Rules) -> str:
    """What happened, in one line."""
    return TOLD[type(event)](event, rules)


def _received(event: happened.ContactReceived, rules: Rules) -> str:
    return f"Received by {event.channel}" + ("" if event.securely else ", unencrypted")


def _looked(event: happened.LookedAt, rules: Rules) -> str:
    seems = f", seems {rules.rating(event.rating).label.lower()}" if event.rating else ""
    return f"Read by a person{seems}"


def _letter(event: happened.LetterNews, rules: Rules) -> str:
    about = f" {event.about}" if event.about else ""
    return _with_code(f"{LETTERS[event.letter]}{about}: {NEWS[event.news]}", event.code)


def _answered(event: happened.Answered, rules: Rules) -> str:
    sure = event.proof.name.lower().replace("_", " ")
    return f"{agency_name(event.by, rules)} on {event.leg}: {say(event.answer)} (proof: {sure})"


def _ran_out(event: happened.ClockRanOut, rules: Rules) -> str:
    name, _, about = event.clock.partition(":")
    return f"{CLOCKS[name]}" + (f" ({about})" if about else "")


TOLD: dict[type, Callable[[Any, Rules], str]] = {  # every kind of event has its words; a test holds it to that
    happened.ContactReceived: _received,
    happened.LookedAt: _looked,
    happened.Transcribed: lambda event, rules: "Typed in as a referral",
    happened.InformationAdded: lambda event, rules: "The referrer added something",
    happened.Rated: lambda event, rules: f"{who(event.subject)} rated {rules.rating(event.rating).label}",
    happened.AgencyAsked: lambda event, rules: f"{agency_name(event.agency, rules)} asked as well",
    happened.Decided: lambda event, rules: f"{who(event.subject)}: {LABELS[event.decision]}",
    happened.OutcomeRecorded: lambda event, rules: f"{who(event.subject)}: outcome recorded",
    happened.ReferrerReplied: lambda event, rules: (
        "The referrer says it answers the concern" if event.answers else "The referrer is not satisfied"
    ),
    happened.Closed: lambda event, rules: "Closed" + (" although something was open" if event.override else ""),
    happened.PacketNews: lambda event, rules: _with_code(f"Packet {event.leg}: {NEWS[event.news]}", event.code),
    happened.LetterNews: _letter,
    happened.MachineEvidence: lambda event, rules: f"{event.leg}: {say(event.code)} (a machine; not counted)",
    happened.Answered: _answered,
    happened.AnswerUnclear: lambda event, rules: f"{event.leg}: an answer that is {event.why}; a person must read it",
    happened.DiscussionCalled: lambda event, rules: "Strategy discussion called",
    happened.InviteeReplied: lambda event, rules: f"Invitee {event.invitee}: {say(event.attendance)}",
    happened.DiscussionHeld: lambda event, rules: "Strategy discussion held",
    happened.ClockRanOut: _ran_out,
}
