"""Placing: one meaning in one place becomes one event with its content, or a task when it belongs nowhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from exchange import content
from exchange.case.acknowledgement import CONTRIBUTES, Answer, DeclineReason, Proof
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import (
    Answered,
    AnswerUnclear,
    Event,
    InformationAdded,
    InviteeReplied,
    LetterNews,
    MachineEvidence,
    PacketNews,
)
from exchange.case.strategy_discussion import Attendance
from exchange.correspondence import Place
from mailflow.interpret import AUTOMATIC_REPLY, Attends, Evidence, Machine, Meaning, Said, Unclear, Wrote, proof

_REPORTED = {"failed": News.BOUNCED, "delayed": News.DELAYED, "delivered": News.DELIVERED}


@dataclass(frozen=True, slots=True)
class Placed:
    """What a mail becomes."""

    disposition: str  # matched | new_referral | holding_pen | machine_evidence
    event: Event | None = None
    parts: content.Parts = field(default_factory=dict, repr=False)
    task: TaskKind | None = None  # for the desk, when no event says it


def placed(meaning: Meaning, where: Place, e: Evidence, mail_id: str, now: datetime) -> Placed | None:
    """What to record; None for a new contact, which begins a case of its own."""
    match meaning:
        case Machine():
            return _machine(meaning, where, mail_id, now)
        case Said():
            return _said(meaning, where, e, mail_id, now)
        case Attends() if where.seat:
            return _attends(meaning, where, mail_id, now)
        case Wrote() if where.about.kind == "referrer":
            return Placed("matched", InformationAdded(now, "referrer", "mail"), mail_parts(mail_id, meaning.text, e))
        case Unclear() if where.leg:
            event = AnswerUnclear(now, where.leg, meaning.why)
            return Placed("matched", event, mail_parts(mail_id, meaning.text, e))
        case Wrote():
            return None
    return Placed("holding_pen", task=TaskKind.HOLDING_PEN)


def _machine(said: Machine, where: Place, mail_id: str, now: datetime) -> Placed:
    parts = {content.MAIL: json.dumps({"inbox": mail_id}).encode()}
    news = _REPORTED.get(said.kind)
    if where.letter and news:
        return Placed("machine_evidence", _letter_news(where, news, said.status, now), parts)
    leg = where.leg or (where.letter.about if where.letter and where.letter.letter == Letter.PACKET else "")
    if leg and not news:
        return Placed("machine_evidence", MachineEvidence(now, leg, said.kind), parts)
    if where.about.kind == "contact" and said.kind not in (AUTOMATIC_REPLY, "read_receipt"):
        return Placed("holding_pen", task=TaskKind.HOLDING_PEN)  # a report we cannot match is a person's to read
    return Placed("machine_evidence")


def _letter_news(where: Place, news: News, status: str, now: datetime) -> Event:
    letter = where.letter
    assert letter is not None  # noqa: S101 - the caller looked
    if letter.letter == Letter.PACKET:
        return PacketNews(now, letter.about, news, status)
    return LetterNews(now, Letter(letter.letter), letter.about, news, status)


def _said(said: Said, where: Place, e: Evidence, mail_id: str, now: datetime) -> Placed:
    case = where.case
    leg = case.leg(where.leg) if case else None
    if leg is None:
        return Placed("holding_pen", task=TaskKind.HOLDING_PEN)
    answer = Answer(said.answer)
    event = Answered(
        at=now,
        by=leg.agency,
        leg=leg.id,
        answer=answer,
        proof=said.proof,
        channel="mail",
        reason=DeclineReason(said.reason or "unstated") if answer is Answer.DECLINE else None,
        contribution=mail_id if answer in CONTRIBUTES else "",
        in_clear=not e.sealed,
    )
    parts = mail_parts(mail_id, said.text, e)
    parts[content.said(event.contribution)] = parts.pop(content.WORDS)
    return Placed("matched", event, parts)


def _attends(said: Attends, where: Place, mail_id: str, now: datetime) -> Placed:
    discussion, _, invitee = where.seat.partition("/")
    attendance = Attendance(said.attendance)
    stamp = min(said.stamp or now, now)  # a clock that runs ahead must not outdo every later reply
    event = InviteeReplied(now, discussion, invitee, attendance, stamp, "mail", said.proof)
    parts = {content.MAIL: json.dumps({"inbox": mail_id}).encode()}
    return Placed("matched", event, parts | ({content.WORDS: said.text.encode()} if said.text else {}))


def mail_parts(mail_id: str, text: str, e: Evidence) -> dict[str, bytes]:
    """What a person wrote, and which mail it stood in."""
    address = e.mail.from_addresses[0] if e.mail.from_addresses else ""
    mail = {
        "inbox": mail_id,
        "from": address,
        "oddities": list(e.content.oddities),
        "not_opened": e.not_opened or e.content.unreadable,
    }
    return {content.MAIL: json.dumps(mail).encode(), content.WORDS: text.encode()}


def believed(where: Place, e: Evidence) -> bool:
    """Whether a mail found by its threading headers alone may be taken there."""
    return not where.by_thread or proof(e, where.about) >= Proof.DKIM
