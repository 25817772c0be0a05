"""Wording: a case's codes in the words hub staff use, for the desk's pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from exchange.case import action, feedback, milestone, sorting
from exchange.case import event as happened
from exchange.case.decision import LABELS
from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.mailbox import Directory
from exchange.case.referral import SubjectCodes
from exchange.case.rules import Rules
from exchange.case.state import Case
from templates.disclosed import lane

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
OWES = {  # after who owes it
    "acknowledgement": "owes an acknowledgement",
    "answer": "owes an answer",
    "attendance": "owes a reply to an invitation",
    "action": "owes an action",
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
    Letter.STEPPED: "New time for an answer",
    Letter.GUIDANCE: "How to refer, to the referrer",
    Letter.ACTION: "Action to an agency",
}
CLOCKS = {
    "first_look": "Nobody has read it in time",
    "decide": "Not decided in time",
    "remind": "Nobody has acknowledged yet",
    "answer": "No answer in time",
    "chase": "An invitee has not replied",
    "feedback": "The referrer has not been told in time",
    "follow_up": "The day to look again has come",
    "milestone": "A clock of law or practice ran out",
    "action": "An action is overdue",
    "elsewhere": "Nobody in the other area has accepted it yet",
}
SORTINGS = {
    sorting.Sorting.UNSORTED: "not sorted yet",
    sorting.Sorting.SCREENING: "to screening",
    sorting.Sorting.OPEN_CASE: "open case, to the allocated worker",
    sorting.Sorting.OUT_OF_AREA: "another area’s",
    sorting.Sorting.UNACCEPTED_CHANNEL: "came by a channel that cannot be used: the sender is told how",
    sorting.Sorting.DUPLICATE: "the same concern sent twice",
}
GROUNDS = {
    sorting.Ground.LIFE_OR_LIMB: "High risk to life or limb",
    sorting.Ground.OTHERS_AT_RISK: "Others are at risk, children among them",
    sorting.Ground.CRIME: "A crime, or another public interest",
    sorting.Ground.COERCION: "Coercion",
    sorting.Ground.POSITION_OF_TRUST: "Somebody in a position of trust",
    sorting.Ground.LACKS_CAPACITY: "Lacks capacity for this decision after all",
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


def owner_name(owner: str, rules: Rules) -> str:
    """Whose an action is."""
    return "the hub" if owner == action.HUB else agency_name(owner, rules)


def clock_name(name: str, rules: Rules) -> str:
    """A clock of law or practice by its label."""
    known = rules.statute.clock(name)
    return known.label if known else say(name)


def lane_of(codes: SubjectCodes) -> str:
    """What somebody is in a contact."""
    return lane(codes.form, codes.role).lower()


def about(code: str, case: Case | None, rules: Rules) -> str:
    """What a task or letter is about: which agency, or which subject."""
    letter, _, whom = code.rpartition(":")
    prefix = f"{LETTERS[Letter(letter)]}: " if letter in set(Letter) else ""
    subject, _, clock = whom.partition("/")
    if case and case.subject(subject) and clock:
        return f"{who(subject)}: {clock_name(clock, rules)}"
    agency = _agency_of(whom, case)
    if agency:
        return prefix + agency_name(agency, rules)
    return prefix + (who(whom) if whom[:1] == "s" and whom[1:].isdigit() else whom)


def telephone(code: str, case: Case | None, directory: Directory) -> str:
    """The number to ring about it; "" when it is about no agency."""
    agency = _agency_of(code.rpartition(":")[2], case)
    return next((m.telephone for m in directory.of(agency)), "") if agency else ""


def _agency_of(whom: str, case: Case | None) -> str:
    if case is None:
        return ""
    name, _, seat = whom.partition("/")
    if owned := case.action(name):
        return "" if owned.owner == action.HUB else owned.owner
    leg, discussion = case.leg(name), case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    return leg.agency if leg else invitee.agency if invitee else ""


def _about(event: sorting.Sorted, rules: Rules) -> str:
    return f" ({agency_name(event.about, rules)})" if event.about else ""


def _with_code(line: str, code: str) -> str:
    return f"{line} ({code})" if code else line


def who(subject: str) -> str:
    """A subject by number: codes only, no name."""
    return f"Subject {subject.removeprefix('s')}"


_PARTS = re.compile(r"\b(?:l\d+|d\d+/i\d+|s\d+|(?<!Action )a\d+)\b")  # of a case, as its journey names them


def told(event: happened.Event, rules: Rules, case: Case) -> str:
    """What happened, in one line: agencies by name, subjects by number."""
    return _PARTS.sub(lambda found: _named(found[0], case, rules), TOLD[type(event)](event, rules))


def _named(part: str, case: Case, rules: Rules) -> str:
    agency = _agency_of(part, case)
    return agency_name(agency, rules) if agency else who(part) if part.startswith("s") else part


def _received(event: happened.ContactReceived, rules: Rules) -> str:
    return f"Received by {event.channel}" + ("" if event.securely else ", unencrypted")


def _looked(event: happened.LookedAt, rules: Rules) -> str:
    seems = f", seems {rules.rating(event.rating).label.lower()}" if event.rating else ""
    return f"Read by a person{seems}"


def _letter(event: happened.LetterNews, rules: Rules) -> str:
    about = f", {event.about}" if event.about else ""
    return _with_code(f"{LETTERS[event.letter]}{about}: {NEWS[event.news]}", event.code)


def _answered(event: happened.Answered, rules: Rules) -> str:
    sure = event.proof.name.lower().replace("_", " ")
    return f"{event.leg}: {say(event.answer)} (proof: {sure})"


def _ran_out(event: happened.ClockRanOut, rules: Rules) -> str:
    name, _, about = event.clock.partition(":")
    subject, _, clock = about.partition("/")
    if name == "milestone":
        return f"{who(subject)}: past its time, {clock_name(clock, rules)}"
    return f"{CLOCKS[name]}: {about}" if about else CLOCKS[name]


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
    feedback.FeedbackTold: lambda event, rules: "The referrer was told by a person",
    feedback.ReceiptCodeGiven: lambda event, rules: "The receipt code was read out",
    happened.Closed: lambda event, rules: "Closed" + (" although something was open" if event.override else ""),
    happened.PacketNews: lambda event, rules: _with_code(f"Packet, {event.leg}: {NEWS[event.news]}", event.code),
    happened.LetterNews: _letter,
    happened.MachineEvidence: lambda event, rules: f"{event.leg}: {say(event.code)} (a machine; not counted)",
    happened.Answered: _answered,
    happened.AnswerUnclear: lambda event, rules: f"{event.leg}: an answer that is {event.why}; a person must read it",
    happened.DiscussionCalled: lambda event, rules: "Strategy discussion called",
    happened.InviteeReplied: lambda event, rules: (
        f"{event.discussion}/{event.invitee} to the invitation: {say(event.attendance)}"
    ),
    happened.DiscussionHeld: lambda event, rules: "Strategy discussion held",
    happened.ClockRanOut: _ran_out,
    sorting.Sorted: lambda event, rules: f"Sorted: {SORTINGS[event.into]}{_about(event, rules)}",
    sorting.AcceptedElsewhere: lambda event, rules: "A named person in the other area has accepted it",
    sorting.SubjectAdded: lambda event, rules: f"{who(event.codes.id)} added ({lane_of(event.codes)})",
    sorting.SubjectCorrected: lambda event, rules: f"What is known of {who(event.codes.id).lower()} has changed",
    sorting.CohortSet: lambda event, rules: f"{who(event.subject)}: stream of work {say(event.cohort)}",
    sorting.Levelled: lambda event, rules: f"{who(event.subject)}: level of need {event.level}",
    sorting.Borderline: lambda event, rules: f"{who(event.subject)} is borderline: a second person must look",
    sorting.SecondReview: lambda event, rules: (
        f"{who(event.subject)}: the second person {'agrees' if event.agrees else 'does not agree'}"
    ),
    sorting.RefusalOverridden: lambda event, rules: (
        f"{who(event.subject)}: goes on although they refuse ({GROUNDS[event.ground].lower()})"
    ),
    milestone.MilestoneStarted: lambda event, rules: (
        f"{who(event.subject)}: clock started, {clock_name(event.name, rules)}"
    ),
    milestone.MilestoneMet: lambda event, rules: f"{who(event.subject)}: done, {clock_name(event.name, rules)}",
    action.ActionSet: lambda event, rules: f"Action {event.action} for {owner_name(event.owner, rules)}",
    action.ActionMoved: lambda event, rules: f"Action {event.action}: {say(event.doing)}",
}
