"""What a mail means: from what was read, opened and proved to one meaning. Pure; when unsure, a person decides.

1. Machines are recognised first; what a machine says is evidence, never an answer. Where it plainly answers in words
   of its own (somebody's case system writes so for a person), a person reads it.
2. A calendar reply says attendance and nothing else, as surely as its sender is proved.
3. Words count only with proof that the agency wrote them; without it they are `Unclear`, for the desk. To an
   invitation they are, like a calendar's, a claim of attendance that somebody confirms.
4. Only what was inside the seal counts when something was sealed: text around it is nobody's.
5. A person's mail to the hub's own address is always a contact, however odd: nothing is dropped. So is a machine's
   that has words of its own; only what is an absence notice, a read receipt or a report beyond doubt is evidence.
   What answers us, and says only what a help desk's machine says of any mail, begins no case before somebody read it.
6. What could not be opened says so in its own text: nobody may take it for an empty mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed
from mailflow import disposition, outcome_words, plainness, words
from mailflow.action_words import read_action
from mailflow.agreeing import read_agreement
from mailflow.attendance_words import read_attendance
from mailflow.auto_reply import Nature, is_challenge, is_notice, nature
from mailflow.calendar_words import beside
from mailflow.delivery_report import Report
from mailflow.evidence import Evidence, two_texts, whole
from mailflow.forms import Found, doubts, left_out, locked, structured
from mailflow.forwarded_meeting import tells_of_forwarding
from mailflow.parsed_mail import ParsedMail
from mailflow.reply_text import own_words
from mailflow.seat_line import spoken
from mailflow.suggestion import suggestion

AUTOMATIC_REPLY = "automatic_reply"
READ_RECEIPT = "read_receipt"
RELAYED = "relayed"
_KEYWORD = re.compile(r"\b(?:ACCEPT|DECLINE|RECEIVED|INFORMATION|NOTHING KNOWN)\b")  # as our letters write them


@dataclass(frozen=True, slots=True)
class About:
    """What the address it was sent to is about, and who may speak there."""

    kind: str  # contact | leg | invitee | bounce | referrer | owner | recipient | action | hub (a letter of its own)
    domains: tuple[str, ...] = ()  # the agency's own mail domains
    pins: frozenset[str] = frozenset()  # fingerprints of the agency's certificates
    uid: str = ""  # of the calendar entry, for an invitee
    addresses: tuple[str, ...] = ()  # of the agency's own mailboxes, for an invitee


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine's word: kind is failed, delayed, delivered, relayed, feedback, automatic_reply or read_receipt."""

    kind: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A person's answer about a leg."""

    answer: str
    reason: str | None
    proof: Proof
    text: str = field(repr=False)
    suggestion: str = field(default="", repr=False)  # the words that name another agency to ask


@dataclass(frozen=True, slots=True)
class Attends:
    """Whether an invitee comes."""

    attendance: str
    stamp: datetime | None
    text: str = field(default="", repr=False)
    proof: Proof = Proof.NONE
    sequence: int | None = None  # of the invitation that a calendar answers
    proposed: datetime | None = None  # the other time that they would come
    delegate: str = field(default="", repr=False)  # the address of whoever comes, or is asked to, in their place


@dataclass(frozen=True, slots=True)
class Agrees:
    """Whether the owner of a contribution agrees that words resting on it leave the hub."""

    agrees: bool
    proof: Proof
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Does:
    """How the owner of an action says that it stands: done, cannot or later."""

    answer: str
    until: str  # of later: the day, as written
    proof: Proof
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wrote:
    """A concern, or more about one: structured when `data` is there."""

    text: str = field(repr=False)
    data: Any = field(default=None, repr=False)
    problems: tuple[str, ...] = field(default=(), repr=False)  # what could not be read, and why
    by_hand: bool = False  # the data were read from a form that somebody filled in: a person compares them with it
    locked: bool = False  # a file wants a password


@dataclass(frozen=True, slots=True)
class Unclear:
    """A person must read it: unproved, unclear, wrong_sender, not_opened, automatic, looped, sent_again."""

    why: str
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An agency says what came of it."""

    code: str
    subject: str  # "s2"; "" when nobody is named
    every: bool
    proof: Proof
    text: str = field(repr=False)
    achieved: str = ""  # of an adult: whether what they wanted came of it


@dataclass(frozen=True, slots=True)
class Challenge:
    """An agency, or the referrer, disagrees."""

    immediate: bool
    text: str = field(repr=False)


Meaning = Machine | Said | Attends | Agrees | Does | Wrote | Unclear | Outcome | Challenge
_ATTENDANCE = frozenset({"attend", "tentative", "not_attend"})  # no answers to a packet


def interpret(e: Evidence, about: About) -> Meaning:
    """The one meaning of a mail."""
    if e.looped and not e.report:  # whatever it says, a person looks at it
        return Unclear("looped", whole(e))
    machine = _machine(e)
    if about.kind == "bounce":
        return _returned(e, machine)
    if about.kind == "invitee":
        return _attendance(e, about) or machine or _attendance_words(e, about)
    if about.kind == "leg" and machine and (why := _for_a_person(e, machine)):
        return Unclear(why, whole(e))
    if about.kind in _OF_AGENCIES:
        return machine or _OF_AGENCIES[about.kind](e, about)
    disagreed = outcome_words.read_challenge(own_words(e.content.text)) if about.kind == "referrer" else None
    if disagreed and not machine:
        return Challenge(disagreed.immediate, whole(e))
    return _from_anybody(e, about, machine)


def _for_a_person(e: Evidence, machine: Machine) -> str:
    """Why a person must read what a machine sent for a packet. A challenge holds the packet until somebody confirms
    it. Case systems send what a person wrote under a machine's headers: no absence notice, and a plain answer."""
    if machine.kind == READ_RECEIPT:
        return _of_receipt(e.mail)
    if machine.kind != AUTOMATIC_REPLY:
        return ""
    if is_challenge(e.mail):
        return "challenge"
    if nature(e.mail) is not Nature.OWN_WORDS:
        return ""
    return "" if words.read_answer(own_words(e.content.text)).answer == "unclear" else "automatic"


def _of_receipt(mail: ParsedMail) -> str:
    """A receipt counts for nothing; one that says they cannot open it, or in which somebody wrote, is read."""
    if disposition.said(mail).in_trouble:
        return "receipt_failed"
    own = own_words(mail.text)
    plain = words.read_answer(own).answer != "unclear" or _KEYWORD.search(own)
    return "receipt_words" if plain else ""


def _returned(e: Evidence, machine: Machine | None) -> Meaning:
    """To the address of one attempt: the letter is known, and the null return path of a report says nothing more."""
    if e.supposed and not (e.report or e.read_receipt) and nature(e.mail) is not Nature.ABSENCE:
        return Machine(e.supposed.kind, _status(e.supposed))
    return machine or Unclear("not_a_report", e.content.text)


def _kind(report: Report) -> str:
    """Our own relay reports "relayed" of whatever it gives to a server that sends no reports: that is no delivery."""
    handed_on = report.kind == "delivered" and bool(report.recipients) and all(r.handed_on for r in report.recipients)
    return RELAYED if handed_on else report.kind


def _status(report: Report) -> str:
    return next((r.status for r in report.recipients if r.status), "")


def _from_anybody(e: Evidence, about: About, machine: Machine | None) -> Meaning:
    """A mail to the hub's own address, or by a referrer."""
    found = structured(e.content)
    if machine and not (machine.kind == AUTOMATIC_REPLY and (found.data or e.sealed)):
        wrote = nature(e.mail) if machine.kind == AUTOMATIC_REPLY else Nature.ABSENCE
        if wrote is Nature.UNSURE:
            return Unclear("automatic", whole(e))
        if wrote is Nature.ABSENCE:
            return machine
    if not machine and about.kind == "contact" and not (found.data or e.sealed) and is_notice(e.mail):
        return Unclear("automatic", whole(e))
    if e.meetings and about.kind == "contact" and not (found.data or e.sealed):
        return Unclear("no_seat", whole(e))  # a calendar answers an invitation: whose, a person finds out
    return _wrote(e, found)


def _wrote(e: Evidence, found: Found) -> Wrote:
    problems = (*((found.problem,) if found.problem else ()), *left_out(e.content), *doubts(found))
    return Wrote(whole(e), found.data, problems, found.by_hand, locked(e.content))


def _machine(e: Evidence) -> Machine | None:
    if e.report:
        return Machine(_kind(e.report), _status(e.report))
    if e.read_receipt:
        return Machine(READ_RECEIPT)
    return Machine(AUTOMATIC_REPLY) if e.automatic else None


def proof(e: Evidence, about: About) -> Proof:
    """How sure we are that the agency wrote this, and wrote it here (lessons 1.2)."""
    if e.sent_again:
        return Proof.NONE
    if isinstance(e.signer, Signed) and e.signer.fingerprint in about.pins:
        return Proof.SIGNATURE
    if about.domains and e.authenticity.dkim_aligned(about.domains):
        return Proof.DKIM
    return Proof.NONE


def _answer(e: Evidence, about: About) -> Meaning:
    if e.not_opened:
        return Unclear("not_opened", whole(e))
    text = own_words(e.content.text)
    sure = proof(e, about)
    if sure is Proof.NONE:
        return Unclear("sent_again" if proof(replace(e, sent_again=""), about) is not sure else "unproved", text)
    if two_texts(e):
        return Unclear("unclear", whole(e))
    if e.doubtful:
        return Unclear("automatic", text)
    return _concluding(text, sure) or _plain_answer(e, text, sure)


def _concluding(text: str, sure: Proof) -> Meaning | None:
    """What came of it, or that they disagree: said after the decision, under words of its own."""
    if disagreed := outcome_words.read_challenge(text):
        return Challenge(disagreed.immediate, text)
    told = outcome_words.read_outcome(text)
    if told is None:
        return None
    if not told.code:
        return Unclear("unclear", text)
    return Outcome(told.code, told.subject, told.every, sure, text, told.achieved)


def _plain_answer(e: Evidence, text: str, sure: Proof) -> Meaning:
    reading = words.read_answer(text, e.mail.writer)
    if reading.answer in _ATTENDANCE or reading.answer == "unclear":
        return Unclear("unclear", text)
    if says_too_much(e, reading):
        return Unclear("more_said", text)
    elsewhere = suggestion(text) if reading.answer in plainness.SENDS_ELSEWHERE else ""
    return Said(reading.answer, reading.reason, sure, text, elsewhere)


def says_too_much(e: Evidence, reading: words.Reading) -> bool:
    """Whether more stands beside it than counts unread. In clear, only a mail system vouches for it, and no list
    holds all that machines and absent people write. However it came, nobody acts on a search that found nothing, and
    what is told beside it would be lost; where it names whom to try, somebody does act."""
    own, writer = reading.text, e.mail.writer
    if (
        reading.answer == "nothing_known"
        and not suggestion(own)
        and not plainness.says_no_more(own, writer, reading.answer)
    ):
        return True
    vouched = e.sealed or isinstance(e.signer, Signed)
    return not vouched and not plainness.stands_alone(reading.answer, own, writer)


def _agreement(e: Evidence, about: About) -> Meaning:
    read = _proved(e, about)
    if isinstance(read, Unclear):
        return read
    agrees = read_agreement(read.text)
    return Unclear("unclear", read.text) if agrees is None else replace(read, agrees=agrees)


def _action(e: Evidence, about: About) -> Meaning:
    read = _proved(e, about)
    if isinstance(read, Unclear):
        return read
    stands = read_action(read.text)
    return Does(stands.answer, stands.until, read.proof, read.text) if stands else Unclear("unclear", read.text)


def _reply(e: Evidence, about: About) -> Meaning:
    """Whoever was sent a product or a record writes back: a person reads it."""
    read = _proved(e, about)
    return read if isinstance(read, Unclear) else Unclear("unclear", read.text)


def _proved(e: Evidence, about: About) -> Agrees | Unclear:
    """The words with their proof; what they say is still to be read."""
    if e.not_opened:
        return Unclear("not_opened", whole(e))
    text, sure = own_words(e.content.text), proof(e, about)
    if sure is not Proof.NONE and two_texts(e):
        return Unclear("unclear", whole(e))
    if sure is not Proof.NONE and e.doubtful:
        return Unclear("automatic", text)
    return Unclear("unproved", text) if sure is Proof.NONE else Agrees(False, sure, text)


def _attendance(e: Evidence, about: About) -> Meaning | None:
    if tells_of_forwarding(e.mail):
        return Unclear("unclear", whole(e))
    found = spoken(e.meetings, about.uid, about.domains, about.addresses)
    if found is None or found[0]:
        return found and Unclear(found[0], found[1].comment)
    said, wrote = found[1], beside(found[1].comment, own_words(e.content.text))
    instead = said.attendee if said.answer == "deputy" else said.delegate
    return Attends(said.answer, said.stamp, wrote, proof(e, about), said.sequence, said.starts_at, instead)


def _attendance_words(e: Evidence, about: About) -> Meaning:
    """The address proves the seat: words that nothing proves are a claim, as a calendar's are."""
    if e.not_opened:
        return Unclear("not_opened", whole(e))
    text = own_words(e.content.text)
    said = None if two_texts(e) or e.doubtful else read_attendance(text)
    return Attends(said, None, text, proof(e, about)) if said else Unclear("unclear", text)


def _back(e: Evidence, about: About) -> Meaning:
    """All that a person wrote back to a letter of the hub itself, whoever it was."""
    return _wrote(e, structured(e.content))


_OF_AGENCIES = {"leg": _answer, "owner": _agreement, "recipient": _reply, "action": _action, "hub": _back}
