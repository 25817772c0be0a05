"""Wording: a case's codes in the words hub staff use, for the desk's pages and the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from exchange import discussion_wording, record_words, referrer_words
from exchange.case import (
    action,
    challenge,
    duty,
    feedback,
    lateral_check,
    milestone,
    outcome,
    ownership,
    product,
    sorting,
)
from exchange.case import event as happened
from exchange.case.acknowledgement import Proof, Responded
from exchange.case.address_release import AddressReleased
from exchange.case.decision import LABELS, ROUTES
from exchange.case.delivery import FELL, News
from exchange.case.disposal import SHARED, TRANSPORT, Disposed, LegalHoldLifted, LegalHoldSet
from exchange.case.effect import ABOUT_LEG, Letter
from exchange.case.referral import SubjectCodes
from exchange.case.restriction import Kind, Restricted, Restriction, RestrictionLifted, RoutingAllowed
from exchange.case.rules import Rules
from exchange.case.screening import OF_PERSON
from exchange.case.state import (
    Case,
    Leg,
    SubjectEpisode,
)
from exchange.labels import GROUNDS, OWES, PROOFS, SAID, SORTINGS
from exchange.mail_words import LETTERS, UNREAD, WHYS, carried, news
from exchange.mail_words import mail as mail
from exchange.store.tasks import Task
from templates.disclosed import lane

CLOCKS = {
    "first_look": "Nobody has read it in time",
    "transcribe": "Nobody has typed it in yet: no agency knows of it",
    "decide": "Not decided in time",
    "remind": "Nobody has acknowledged yet",
    "answer": "No answer in time",
    "nudge": "An answer will soon be due",
    "ring": "Nobody was reached by telephone",
    "duty": "The duty team is to have it, or to give it back",
    **discussion_wording.CLOCKS,
    **referrer_words.CLOCKS,
    "recall": "Nobody has said that a recalled packet is deleted",
    "feedback": "The referrer has not been told in time",
    "follow_up": "The day to look again has come",
    "milestone": "A clock of law or practice ran out",
    "action": "An action is overdue",
    "elsewhere": "Nobody in the other area has accepted it yet",
    "release": "An owner has not said whether its words may leave the hub",
    "review": "What was withheld is to be looked at again",
    "handover": "Nobody has accepted what was handed over",
    "outcome": "An agency has not said what came of it",
    "challenge": "No reply to a challenge in time",
    "record": "The record of a discussion is not with everybody in time",
    "fetch": "Nobody has fetched a letter in time",
}
NOT_SAID = {"systems": "which systems", "identifiers": "on what", "date": "when"}
DISPOSITIONS = {  # of a mail that is part of no case
    "holding_pen": "Waits for somebody to say what it is",
    "report_astray": "Looks like a letter of ours that came back: waits for somebody to say of which case",
    "shelved": "Could not be read: waits for somebody to say what it is",
    "machine_evidence": "A machine’s word: an absence notice, a receipt or a report",
    "set_aside": "Set aside by somebody",
    "drill": "The words of a test, said back by mail",
    "drill_failed": "Says that they cannot open a test, or are not the right people: they are to be rung",
    "test_reply": "A reply to a test that is not its words: waits for somebody to read it",
    "key_reply": "A reply about a mailbox’s key: waits for somebody to read it",
}
_NOT_OPENED = {
    "not_for_us": "It was sealed for another key than ours: ring the sender.",
    "tampered": "It was changed on its way: ring the sender.",
    "no_integrity": "Nothing shows that it was not changed on its way: ring the sender.",
    "too_large": "It is too large to open safely: ring the sender.",
    "too_many": "It holds more sealed files than we open.",
}


def not_opened(why: str) -> str:
    """Why a mail, or part of it, cannot be read, and what to do."""
    return _NOT_OPENED.get(why, "Something in it could not be opened: ring the sender.")


def say(code: str) -> str:
    """A code in words."""
    return SAID.get(code, str(code).replace("_", " "))


def owes(what: str) -> str:
    """What an agency owes."""
    return OWES.get(what, say(what))


def rank(rating: str, rules: Rules) -> int:
    """Where a rating stands, the most urgent first: 1, 2, 3...; 0 for none."""
    return next((n for n, r in enumerate(rules.ratings, 1) if r.code == rating), 0)


def people(subjects: Iterable[str], case: Case) -> str:
    """Which of several subjects; "" when it is all of them."""
    named = [s.id for s in case.subjects if s.id in set(subjects)]
    if len(named) == len(case.subjects):
        return ""
    numbers = [s.removeprefix("s") for s in named]
    last = " and ".join(filter(None, (", ".join(numbers[:-1]), *numbers[-1:])))
    return f"Subject{'s' if len(numbers) > 1 else ''} {last}"


def about_whom(about: str, case: Case | None) -> str:
    """For the end of a line about an agency: which of the case's several subjects it is asked about; ""."""
    leg = case.leg(about.rpartition(":")[2]) if case else None
    named = people(leg.subjects, case) if case and leg else ""
    return f", about {named}" if named else ""


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


def rated(subject: SubjectEpisode, rules: Rules) -> str:
    """How urgent a subject is, and whether anybody has confirmed it."""
    label = rules.rating(subject.rating).label if subject.rating else "not rated"
    return f"{label} (provisional)" if subject.is_provisional else label


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
    if case and case.record(whom):
        return f"Discussion {whom[1:]}"
    if case and (found := case.challenge(whom)):
        by = f"{agency_name(found.by, rules)}, " if found.leg else ""
        return f"{prefix}{by}with {challenge.LABELS[found.standing]}"
    agency = agency_of(whom, case) or (whom if rules.agency(whom) else "")
    if agency:
        return prefix + agency_name(agency, rules)
    if called := discussion_wording.of_case(whom, case, rules):
        return prefix + called
    if whom.endswith(OF_PERSON):
        return f"Person {whom.removesuffix(OF_PERSON).removeprefix('p')} of the household"
    is_subject = whom[:1] == "s" and whom[1:].isdigit()
    return (prefix + (who(whom) if is_subject else WHYS.get(whom, whom))).removesuffix(": ")


def suggests(task: Task, case: Case | None, rules: Rules) -> str:
    """Whom an agency that declined says to ask instead, for the task about it."""
    leg = case.leg(task.about) if case and task.kind == "declined" else None
    return f"it suggests {agency_name(leg.suggested, rules)}" if leg and leg.suggested else ""


def not_said(missing: tuple[str, ...]) -> str:
    """What a nil return does not say, in words."""
    return f"it does not say {', '.join(NOT_SAID[part] for part in missing)}"


def answer_of(leg: Leg) -> str:
    """An agency's answer, as far as it counts."""
    said = "no answer yet" if leg.response is Responded.AWAITED else say(leg.response)
    return f"{said}, but {not_said(leg.nil_missing)}" if leg.unqualified else said


def agency_of(whom: str, case: Case | None) -> str:
    """The agency that a task, a letter or a seat of a case is about; ""."""
    if case is None:
        return ""
    name, _, seat = whom.partition("/")
    if owned := case.action(name):
        return "" if owned.owner == action.HUB else owned.owner
    leg, discussion = case.leg(name), case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    return leg.agency if leg else invitee.agency if invitee else case.spoken_to(whom)


def _about(event: sorting.Sorted, rules: Rules) -> str:
    return f" ({agency_name(event.about, rules)})" if event.about else ""


def _with_code(line: str, code: str) -> str:
    why = code.removeprefix("gate:").removeprefix(FELL)
    return f"{line} ({WHYS.get(why, why)})" if code else line


def who(subject: str) -> str:
    """A subject by number: codes only, no name."""
    return f"Subject {subject.removeprefix('s')}"


def parts(names: tuple[str, ...]) -> str:
    """Parts of the record."""
    return ", ".join(_RECORD.get(name) or _RECORD.get(name[:1], "a contribution") + f" {name[1:]}" for name in names)


_RECORD = {
    SHARED: "what is said of nobody in particular",
    TRANSPORT: "the mail as it came and went",
    "s": "Subject",
    "l": "an agency’s own reference",
    "p": "Product",
    "d": "the record of discussion",
}
_NAMED = re.compile(  # of a case, as its journey names them
    r"\b(?:l\d+|d\d+/i\d+|k\d+|x\d+|s\d+|p\d+/w\d+|a\d+)\b"
)


def told(event: happened.Event, rules: Rules, case: Case) -> str:
    """What happened, in one line: agencies by name, subjects by number."""
    return named(TOLD[type(event)](event, rules), case, rules)


def named(line: str, case: Case, rules: Rules) -> str:
    """A line with the codes of the journey told as whom they stand for."""
    return _NAMED.sub(lambda found: _named(found[0], case, rules), line)


def leg_name(leg: str, case: Case, rules: Rules) -> str:
    """The agency of a leg; where it has several packets of the case, which one."""
    number = case.number_of(leg)
    name = agency_name(agency_of(leg, case), rules)
    return f"{name} (packet {number})" if number else name


def _named(part: str, case: Case, rules: Rules) -> str:
    agency = agency_of(part, case)
    if agency and case.leg(part):
        return leg_name(part, case, rules)
    if part.startswith("p"):
        product_, _, passage = part.partition("/w")
        whose = f" ({agency_name(agency, rules)})" if agency else ""
        return f"Product {product_[1:]}, passage {passage}{whose}"
    return agency_name(agency, rules) if agency else who(part) if part.startswith("s") else part


def _looked(event: happened.LookedAt, rules: Rules) -> str:
    return "Read by a person" + (f", seems {rules.rating(event.rating).label.lower()}" if event.rating else "")


def _letter(event: happened.LetterNews, rules: Rules) -> str:
    about = f", {event.about.partition('/')[0] if event.letter in ABOUT_LEG else event.about}" if event.about else ""
    said = _with_code(f"{LETTERS[event.letter]}{about}: {news(event.news, event.transport)}", event.code)
    return "; ".join(filter(None, (said, carried(event.transport, event.passed))))


def _unclear_answer(event: happened.AnswerUnclear, rules: Rules) -> str:
    clear = "; received insecurely" if event.in_clear else ""
    return f"{event.leg}: {_unclear(event.why)}; a person must read it{clear}"


def _unclear(why: str) -> str:
    return UNREAD.get(why, f"an answer that is {why}")


def _packet(event: happened.PacketNews, rules: Rules) -> str:
    said = _with_code(f"Packet, {event.leg}: {news(event.news, event.transport)}", "" if event.passed else event.code)
    told = carried(event.transport, event.passed) if event.news in (News.KEPT, News.HELD) else ""
    return "; ".join(filter(None, (said, told)))


def _sure(proof: Proof) -> str:
    return PROOFS[proof]


def _answered(event: happened.Answered, rules: Rules) -> str:
    more = f"; {not_said(event.nil_missing)}" if event.nil_missing else ""
    more += f"; suggests {agency_name(event.suggested, rules)}" if event.suggested else ""
    more += "; may be shared" if event.released else ""
    more += "; received insecurely" if event.in_clear else ""
    return f"{event.leg}: {say(event.answer)} (proof: {_sure(event.proof)}){more}"


def _asked(event: happened.AgencyAsked, rules: Rules) -> str:
    how = f"instead of {event.instead_of}" if event.instead_of else "as well"
    return f"{agency_name(event.agency, rules)} asked {how}"


def _owner(event: product.OwnerAnswered, rules: Rules) -> str:
    says = "agrees" if event.agrees else "refuses"
    return f"{event.product}/{event.passage}: its owner {says} (proof: {_sure(event.proof)})"


def _challenged(event: challenge.Challenged, rules: Rules) -> str:
    whose = event.leg or "The referrer"
    if event.unproved:
        whose = "Somebody who wrote to the referrer’s address (nothing proves who)"
    return f"{whose} disagrees" + (", and sees immediate risk" if event.immediate else "")


def shut_out(named: Restriction | Restricted | RestrictionLifted, rules: Rules) -> str:
    """Whom a restriction names."""
    if named.kind is Kind.AGENCY:
        return agency_name(named.who, rules)
    if named.kind is Kind.SPOC:
        return f"SPOC {named.who}"
    return f"Everybody who is {say(named.who)}" if named.kind is Kind.ROLE else named.who


def _ran_out(event: happened.ClockRanOut, rules: Rules) -> str:
    name, _, about = event.clock.partition(":")
    subject, _, clock = about.partition("/")
    if name == "milestone":
        return f"{who(subject)}: past its time, {clock_name(clock, rules)}"
    whole = not about or name in discussion_wording.OF_DISCUSSIONS
    return CLOCKS[name] if whole else f"{CLOCKS[name]}: {about}"


TOLD: dict[type, Callable[[Any, Rules], str]] = {  # every kind of event has its words; a test holds it to that
    happened.ContactReceived: lambda event, rules: referrer_words.received(event),
    happened.LookedAt: _looked,
    happened.Transcribed: lambda event, rules: "Typed in as a referral",
    **referrer_words.TOLD,
    happened.Rated: lambda event, rules: f"{who(event.subject)} rated {rules.rating(event.rating).label}",
    happened.AgencyAsked: _asked,
    happened.Decided: lambda event, rules: (
        f"{who(event.subject)}: {LABELS[event.decision]}"
        + "".join(f"; not taken any more: {ROUTES[route].label}" for route in event.drops)
    ),
    happened.OutcomeRecorded: lambda event, rules: f"{who(event.subject)}: {outcome.label(event.outcome)}",
    happened.ReferrerReplied: lambda event, rules: (
        "The referrer says it answers the concern" if event.answers else "The referrer is not satisfied"
    ),
    feedback.ReceiptCodeGiven: lambda event, rules: "The receipt code was read out",
    happened.Closed: lambda event, rules: "Closed" + (" although something was open" if event.override else ""),
    happened.PacketNews: _packet,
    happened.LetterNews: _letter,
    happened.MachineEvidence: lambda event, rules: f"{event.leg}: {say(event.code)} (a machine; not counted)",
    happened.Answered: _answered,
    happened.AnswerUnclear: _unclear_answer,
    **discussion_wording.TOLD,
    happened.ClockRanOut: _ran_out,
    sorting.Sorted: lambda event, rules: f"Sorted: {SORTINGS[event.into]}{_about(event, rules)}",
    sorting.AcceptedElsewhere: lambda event, rules: "A named person in the other area has accepted it",
    sorting.SubjectAdded: lambda event, rules: f"{who(event.codes.id)} added ({lane_of(event.codes)})",
    sorting.SubjectCorrected: lambda event, rules: f"What is known of {who(event.codes.id).lower()} has changed",
    sorting.EnteredInError: lambda event, rules: f"{who(event.subject)} was entered in error",
    sorting.PersonChanged: lambda event, rules: (
        f"What is known of person {event.person.removeprefix('p')} of the household was added or corrected"
    ),
    sorting.BroughtBack: lambda event, rules: f"{who(event.subject)} belongs in the case after all",
    sorting.CohortSet: lambda event, rules: f"{who(event.subject)}: stream of work {say(event.cohort)}",
    sorting.Levelled: lambda event, rules: f"{who(event.subject)}: level of need {event.level}",
    sorting.Borderline: lambda event, rules: f"{who(event.subject)} is borderline: a second person must look",
    sorting.SecondReview: lambda event, rules: (
        f"{who(event.subject)}: the second person {'agrees' if event.agrees else 'does not agree'}"
    ),
    sorting.RefusalOverridden: lambda event, rules: (
        f"{who(event.subject)}: goes on although they refuse ({GROUNDS[event.ground].lower()})"
        + "".join(f", {agency_name(a, rules)}" for a in event.agencies)
    ),
    milestone.MilestoneStarted: lambda event, rules: (
        f"{who(event.subject)}: clock started, {clock_name(event.name, rules)}"
    ),
    milestone.MilestoneMet: lambda event, rules: f"{who(event.subject)}: done, {clock_name(event.name, rules)}",
    action.ActionSet: lambda event, rules: f"Action {event.action[1:]} for {owner_name(event.owner, rules)}",
    action.ActionMoved: lambda event, rules: f"Action {event.action[1:]}: {say(event.doing)}",
    **record_words.TOLD,
    product.ProductDrafted: lambda event, rules: f"Product {event.product[1:]}: version {event.version[1:]} written",
    product.ReleaseAsked: lambda event, rules: f"Product {event.product[1:]}: owners asked for their agreement",
    product.OwnerAnswered: _owner,
    product.ProductReplyUnclear: lambda event, rules: (
        f"{event.about}: an answer that is {say(event.why)}; a person must read it"
    ),
    product.ReleaseOverridden: lambda event, rules: f"{event.product}/{event.passage}: a manager overrides its owner",
    product.ProductReleased: lambda event, rules: (
        f"Product {event.product[1:]}: version {event.version[1:]} released"
    ),
    product.NotShared: lambda event, rules: (
        "Decided not to share" + (f" with {agency_name(event.recipient, rules)}" if event.recipient else "")
    ),
    duty.DutyAccepted: lambda event, rules: "Handed over: a named person of the duty team has it in hand",
    duty.DutyReturned: lambda event, rules: "The duty team’s note is with the day team",
    ownership.Owned: lambda event, rules: (
        f"Followed by {event.owner}" + (f", handed over by {event.before}" if event.before else "")
    ),
    lateral_check.Recalled: lambda event, rules: f"{event.leg}: packet asked back",
    lateral_check.RecallConfirmed: lambda event, rules: f"{event.leg}: deleted (proof: {_sure(event.proof)})",
    lateral_check.MoreGiven: lambda event, rules: f"{event.leg}: more information sent after a decline",
    lateral_check.DeclineSettled: lambda event, rules: f"{event.leg}: the hub decided about the decline",
    outcome.HandedOver: lambda event, rules: (
        f"{agency_name(event.agency, rules)} asked to take on {', '.join(event.subjects)}, the hub’s until it accepts"
    ),
    outcome.OutcomeTold: lambda event, rules: f"{event.leg}: {outcome.label(event.outcome)}",
    challenge.Challenged: _challenged,
    challenge.ChallengeReplied: lambda event, rules: (
        f"Challenge {event.challenge}: a reply was written; a second person reads it"
        if event.reply
        else f"Challenge {event.challenge} replied to: " + ("settled" if event.settles else "on to the next stage")
    ),
    challenge.ReplyApproved: lambda event, rules: "Reply to the referrer read by a second person, and let go",
    challenge.ReplyDropped: lambda event, rules: "Reply to the referrer dropped",
    challenge.ChallengeEscalated: lambda event, rules: f"Challenge {event.challenge} taken to the next stage",
    feedback.FeedbackDrafted: lambda event, rules: "Words to the referrer written; somebody else must read them",
    feedback.FeedbackApproved: lambda event, rules: "Words to the referrer read by a second person, and let go",
    feedback.FeedbackDropped: lambda event, rules: "Words to the referrer dropped",
    feedback.FeedbackWithheld: lambda event, rules: (
        f"The referrer is not told: {feedback.WITHHOLDING.label(event.reason)}"
    ),
    feedback.FeedbackReleased: lambda event, rules: "The referrer is told, in the approved wording",
    feedback.FeedbackTold: lambda event, rules: "The referrer was told by a person",
    feedback.ContactChanged: lambda event, rules: f"How the referrer may be told: {say(event.contact or 'unsaid')}",
    LegalHoldSet: lambda event, rules: f"Held: {say(event.why)}",
    LegalHoldLifted: lambda event, rules: f"Hold ended: {say(event.why)}",
    Disposed: lambda event, rules: f"Disposed of {parts(event.parts)} ({event.rule})",
    AddressReleased: lambda event, rules: f"Address of {event.owner} released to {agency_name(event.agency, rules)}",
    Restricted: lambda event, rules: f"{shut_out(event, rules)} shut out: {say(event.why)}",
    RestrictionLifted: lambda event, rules: f"{shut_out(event, rules)} let in again",
    RoutingAllowed: lambda event, rules: "Settled who must not see it; the others are asked",
}
