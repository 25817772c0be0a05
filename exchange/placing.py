"""Placing: one meaning in one place becomes one event with its content, or a task when it belongs nowhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from exchange import (
    content,
    telling,
)
from exchange.case.acknowledgement import (
    CONTRIBUTES,
    DECLINES,
    Answer,
    DeclineReason,
    Proof,
)
from exchange.case.action import ActionAnswered, ActionReplyUnclear, DoingAnswer
from exchange.case.challenge import UNPROVED, Challenged
from exchange.case.delivery import News
from exchange.case.effect import ABOUT_LEG, ABOUT_SEAT, Letter, TaskKind
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
from exchange.case.feedback import (
    MAY_BE_TOLD,
    Told,
)
from exchange.case.lateral_check import RecallConfirmed
from exchange.case.mailbox import Transport
from exchange.case.outcome import OutcomeTold
from exchange.case.product import (
    OwnerAnswered,
    ProductReplyUnclear,
)
from exchange.case.state import Leg
from exchange.case.strategy_discussion import COUNTS_FROM, Attendance, SeatEvidence, SeatUnclear
from exchange.correspondence import Place
from mailflow.action_words import read_day
from mailflow.evidence import Evidence
from mailflow.forms import left_out
from mailflow.interpret import (
    AUTOMATIC_REPLY,
    RELAYED,
    Agrees,
    Attends,
    Challenge,
    Does,
    Machine,
    Meaning,
    Outcome,
    Said,
    Unclear,
    Wrote,
    proof,
)

_REPORTED = {
    "failed": News.BOUNCED, "delayed": News.DELAYED, "delivered": News.DELIVERED, RELAYED: News.RELAYED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """What a mail becomes."""

    disposition: str  # matched | new_referral | holding_pen | report_astray | machine_evidence
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
            return _attends(meaning, where, e, mail_id, now)
        case Agrees() if where.product:
            return _agrees(meaning, where, e, mail_id, now)
        case Outcome() | Challenge() | Does():
            return _concludes(meaning, where, e, mail_id, now)
        case Wrote():
            added = InformationAdded(now, _by_referrer(where, e), "mail", mail_id if meaning.locked else "")
            more = Placed("matched", added, mail_parts(mail_id, meaning.text, e))
            return more if where.about.kind == "referrer" else None
        case Unclear() if where.known:
            return Placed("matched", _unclear(meaning, where, e, now), mail_parts(mail_id, meaning.text, e))
    return Placed("holding_pen", task=TaskKind.HOLDING_PEN)


def _by_referrer(where: Place, e: Evidence) -> str:
    """Whose word it is that came to the referrer's address. The receipt that names it may be read by others: only an
    address of theirs that is proved, or their agency's key, shows that it is theirs."""
    theirs = bool(e.authenticity.aligned_domain) and {*e.mail.from_addresses} <= {*where.about.addresses}
    return "referrer" if theirs or proof(e, where.about) is not Proof.NONE else UNPROVED


def _machine(said: Machine, where: Place, mail_id: str, now: datetime) -> Placed:
    parts = {content.MAIL: json.dumps({"inbox": mail_id}).encode()}
    news = _REPORTED.get(said.kind)
    if where.about.kind == "bounce" and where.letter and where.case and news:  # at an address of that one attempt
        if news is News.RELAYED and where.letter.letter != Letter.PACKET:
            return Placed("machine_evidence")  # of a reminder or a receipt it says nothing that anybody asks
        return Placed("machine_evidence", _letter_news(where, news, said.status, now), parts)
    answers = where.letter.letter if where.letter and where.letter.letter in ABOUT_LEG else ""
    leg = where.leg or (where.letter.about.partition("/")[0] if where.letter and answers else "")
    if leg and not news:
        return Placed("machine_evidence", MachineEvidence(now, leg, said.kind, answers), parts)
    if (seat := _seat(where)) and where.case and not news:
        discussion, _, invitee = seat.removesuffix("/deputy").partition("/")
        event = SeatEvidence(now, discussion, invitee, said.kind, seat.endswith("/deputy"))
        return Placed("machine_evidence", event, parts)
    reports = said.kind not in (AUTOMATIC_REPLY, "read_receipt")
    if reports and where.known and not where.letter:  # some systems return mail to where answers go
        return Placed("matched", _unclear(Unclear("report"), where, None, now), parts)
    if reports and (where.letter or where.about.kind in ("contact", "bounce", "referrer")):
        return Placed("report_astray", task=TaskKind.REPORT_ASTRAY)  # a report we cannot match is a person's to read
    return Placed("machine_evidence")


def _seat(where: Place) -> str:
    """The seat whose address, or a letter to whom, a machine answers: "d1/i2", or "d1/i2/deputy"."""
    letter = where.letter
    return letter.about if letter and letter.letter in ABOUT_SEAT else where.seat


def _letter_news(where: Place, news: News, status: str, now: datetime) -> Event:
    letter = where.letter
    assert letter is not None  # noqa: S101 - the caller looked
    if letter.letter == Letter.PACKET:
        return PacketNews(now, letter.about, news, status)
    return LetterNews(now, Letter(letter.letter), letter.about, news, status)


def _said(said: Said, where: Place, e: Evidence, mail_id: str, now: datetime) -> Placed:
    case = where.case
    leg = case.leg(where.leg) if case else None
    if case is None or leg is None:
        return Placed("holding_pen", task=TaskKind.HOLDING_PEN)
    parts = _parts(mail_id, said.text, e, where)
    if said.answer == "deleted":
        return Placed("matched", RecallConfirmed(now, leg.agency, leg.id, said.proof, "mail"), parts)
    answer, suggested = _elsewhere(said, where, leg)
    if answer is None:
        return Placed("matched", AnswerUnclear(now, leg.id, "unclear", _in_clear(e, leg)), parts)
    owed = case.outcome_owed(leg.id)
    if answer is Answer.ACCEPT and where.answers and owed and owed.offered and not owed.asks(where.answers):
        # It answers an earlier letter, and crosses the one that asks whether they take them on: a person asks.
        return Placed("matched", AnswerUnclear(now, leg.id, "unclear", _in_clear(e, leg)), parts)
    told = telling.by_mail(said.text, case)
    event = Answered(
        at=now,
        by=leg.agency,
        leg=leg.id,
        answer=answer,
        proof=said.proof,
        channel="mail",
        reason=DeclineReason(said.reason or "unstated") if answer is Answer.DECLINE else None,
        contribution=mail_id if answer in CONTRIBUTES else "",
        in_clear=_in_clear(e, leg),
        nil_missing=told.missing(answer),
        suggested=suggested,
        released=told.released,
    )
    return Placed("matched", event, {content.MAIL: parts[content.MAIL], **told.parts(event)})


def _in_clear(e: Evidence, leg: Leg) -> bool:
    """Whether anybody on its way could have read it, although something better was agreed. Who has no key, and is
    written to over TLS, answers over TLS; who fetches letters has no key either, and the page to answer on."""
    return not e.sealed and not (leg.transport == Transport.TLS and e.over_tls)


def _elsewhere(said: Said, where: Place, leg: Leg) -> tuple[Answer | None, str]:
    """The answer, and the agency it names. "Not known, try ..." is the wrong agency when it plainly names one of
    ours; when it names somebody we cannot tell, a person reads it."""
    answer = Answer(said.answer)
    suggested = telling.other_agency(said.suggestion, where.agencies, leg.agency)
    if not said.suggestion or answer in DECLINES:
        return answer, suggested
    return (Answer.WRONG_AGENCY, suggested) if suggested else (None, "")


def _concludes(said: Outcome | Challenge | Does, where: Place, e: Evidence, mail_id: str, now: datetime) -> Placed:
    if isinstance(said, Does):
        return _does(said, where, e, mail_id, now)
    leg = where.case.leg(where.leg) if where.case else None
    if where.case is None or (isinstance(said, Outcome) and leg is None):
        return Placed("holding_pen", task=TaskKind.HOLDING_PEN)
    by = leg.agency if leg else UNPROVED
    event: Event = Challenged(now, by, "mail", where.leg, isinstance(said, Challenge) and said.immediate)
    if isinstance(said, Outcome):
        subjects = (said.subject,) if said.subject else ()
        event = OutcomeTold(now, by, where.leg, said.code, said.proof, "mail", subjects, said.every, said.achieved)
    elif leg is None and Told.CHALLENGE not in MAY_BE_TOLD[where.case.referrer.referrer_class]:
        # Nobody told them of challenges: they tell us something more.
        event = InformationAdded(now, _by_referrer(where, e), "mail")
    return Placed("matched", event, _parts(mail_id, said.text, e, where))


def _attends(said: Attends, where: Place, e: Evidence | None, mail_id: str, now: datetime) -> Placed:
    seat = where.seat.removesuffix("/deputy")
    discussion, _, invitee = seat.partition("/")
    attendance = Attendance(said.attendance)
    stamp = min(said.stamp or now, now)  # a clock that runs ahead must not outdo every later reply
    # What is written instead of coming is a contribution where its owner is proved; else it is words like any other.
    written = mail_id if attendance is Attendance.WRITTEN and said.proof >= COUNTS_FROM else ""
    event = InviteeReplied(
        now, discussion, invitee, attendance, stamp, "mail", said.proof, sequence=said.sequence,
        proposed=said.proposed, contribution=written, deputy=seat != where.seat,
        delegate=where.mailbox_at(said.delegate), more=bool(said.text) and said.sequence is not None,
    )  # fmt: skip
    mail = {"inbox": mail_id, "from": _from(e)}  # for whoever must ask them: nothing follows from it
    parts = {content.MAIL: json.dumps(mail).encode()}
    if said.delegate:
        named = content.DEPUTY if attendance is Attendance.DEPUTY else content.DELEGATE
        parts[f"{named}{seat}"] = said.delegate.encode()
    return Placed("matched", event, parts | ({content.said(written): said.text.encode()} if said.text else {}))


def _unclear(said: Unclear, where: Place, e: Evidence | None, now: datetime) -> Event:
    if where.leg:
        leg = where.case.leg(where.leg) if where.case else None
        return AnswerUnclear(now, where.leg, said.why, leg is not None and e is not None and _in_clear(e, leg))
    if where.action:
        return ActionReplyUnclear(now, where.action, said.why)
    if where.seat:
        discussion, _, invitee = where.seat.removesuffix("/deputy").partition("/")
        return SeatUnclear(now, discussion, invitee, said.why)
    return ProductReplyUnclear(now, where.product, said.why)


def _agrees(said: Agrees, where: Place, e: Evidence, mail_id: str, now: datetime) -> Placed:
    name, _, passage_id = where.product.partition("/")
    product = where.case.product(name) if where.case else None
    passage = product.passage(passage_id) if product else None
    by = passage.agency if passage else ""
    event = OwnerAnswered(now, by, name, passage_id, said.agrees, said.proof, "mail", in_clear=not e.sealed)
    return Placed("matched", event, _parts(mail_id, said.text, e, where))


def _does(said: Does, where: Place, e: Evidence, mail_id: str, now: datetime) -> Placed:
    """How the owner of an action says that it stands. A day that nobody can be sure of is a person's to ask about."""
    action = where.case.action(where.action) if where.case else None
    by, answer = action.owner if action else "", DoingAnswer(said.answer)
    until = read_day(said.until, now.date())
    event = ActionAnswered(now, by, where.action, answer, said.proof, "mail", until, in_clear=not e.sealed)
    return Placed("matched", event, _parts(mail_id, said.text, e, where))


def _parts(mail_id: str, text: str, e: Evidence, where: Place) -> dict[str, bytes]:
    """Of an answer that counts. A signature may come by way of any address: where it is none of its agency's, whoever
    reads the answer is told."""
    parts = mail_parts(mail_id, text, e)
    told = json.loads(parts[content.MAIL])
    theirs = {one.lower() for one in where.about.domains}
    told["elsewhere"] = bool(theirs) and told["from"].rpartition("@")[2].lower() not in theirs
    return {**parts, content.MAIL: json.dumps(told).encode()}


def mail_parts(mail_id: str, text: str, e: Evidence) -> dict[str, bytes]:
    """What a person wrote, and which mail it stood in."""
    mail = {
        "inbox": mail_id,
        "from": _from(e),
        "oddities": list(e.content.oddities),
        "not_opened": e.not_opened or e.content.unreadable,
        "alike": e.alike,
        "problems": list(left_out(e.content)),
    }
    return {content.MAIL: json.dumps(mail).encode(), content.WORDS: text.encode()}


def _from(e: Evidence | None) -> str:
    """The address that the mail says it is from; "" when it names none."""
    return e.mail.from_addresses[0] if e and e.mail.from_addresses else ""
