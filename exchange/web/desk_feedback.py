"""What the desk shows of a case's end: how the referrer stands, the letter a second person reads, what is owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from exchange import content, wording
from exchange.case import outcome
from exchange.case.challenge import LABELS, STAGE, Challenge, UnreadReply
from exchange.case.code_lists import FEEDBACK_ROUTE, OUTCOMES_ACHIEVED
from exchange.case.feedback import WITHHOLDING, Contact, Feedback
from exchange.case.packet import struck
from exchange.case.question import APPROVED, Question, QuestionStanding
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.desk.outcome import NO_AGENCY, THE_REFERRER
from exchange.feedback_letter import outcome_letter
from templates.disclosed import seen
from templates.languages import ENGLISH, known
from templates.letters import as_page

STANDS = {
    Feedback.NOT_DUE: "not due yet",
    Feedback.DUE: "due",
    Feedback.SENT: "sent; nobody can tell whether it was read",
    Feedback.ON_PAGE: "on the receipt page, for whoever has the code; nothing is sent",
    Feedback.TOLD: "told by a person",
    Feedback.CONFIRMED: "the referrer says it answers the concern",
    Feedback.DISPUTED: "the referrer says it does not answer the concern",
    Feedback.UNDELIVERABLE: "the letter did not arrive",
    Feedback.WITHHELD: "withheld",
}
Row = dict[str, str]


def view(
    case: Case,
    rules: Rules,
    referral: Referral | None,
    said: dict[str, bytes],
    when: Callable[[datetime], str],
) -> dict[str, Any]:
    """Values of the feedback part of a case's page."""
    return {
        "stands": _stands(case, referral, when),
        "may_be_told": _may_be_told(case, rules, referral, said),
        "waiting": case.draft.id if case.draft else "",
        "outcomes": _outcomes(case, rules, when),
        "challenges": [_challenge(c, rules, when) for c in case.challenges],
        "replies": [_unread(c.unread, said, referral) for c in case.challenges if c.unread],
        "questions": [_question(q, said, referral) for q in case.questions],
        "no_contact": case.referrer.contact is Contact.NONE,
        "choose": _choices(case, rules),
    }


def _stands(case: Case, referral: Referral | None, when: Callable[[datetime], str]) -> list[Row]:
    answers = referral.referrer if referral else {}
    rows = [
        ("Told", STANDS[case.feedback] + (f" until {when(case.withheld_until)}" if case.withheld_until else "")),
        ("Contact", "DO NOT CONTACT: they said so" if case.referrer.contact is Contact.NONE else ""),
        ("How they may be told", FEEDBACK_ROUTE.label(case.referrer.way)),
        ("Mail", "" if case.referrer.may_mail else "never: no letter goes to their address"),
        ("Language", _language(case.referrer.language)),
        ("Read this first", answers.get("safe_contact", "")),
        ("Telephone", answers.get("telephone", "")),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def _language(code: str) -> str:
    """What staff must know of a language that is not theirs; "" for English."""
    name = next((one.name for one in known() if one.code == code), code)
    return "" if code == ENGLISH else f"{name}: they chose it. Our letters go in it; write your own words in it too"


def _may_be_told(case: Case, rules: Rules, referral: Referral | None, said: dict[str, bytes]) -> str:
    """What whoever rings the referrer may say, and nothing else; "" when that is nothing, or it is withheld."""
    if not case.decided or referral is None or case.feedback is Feedback.WITHHELD:
        return ""
    return as_page(outcome_letter(case, rules, referral, said, "", case.approved))


def _outcomes(case: Case, rules: Rules, when: Callable[[datetime], str]) -> list[Row]:
    found = [
        {"who": wording.who(s.id), "what": outcome.label(stamp.code), "when": when(stamp.at)}
        for s in case.subjects
        for stamp in s.outcomes
    ]
    found += [
        {"who": wording.who(s.id), "what": f"What they wanted: {OUTCOMES_ACHIEVED.label(said.code).lower()}",
         "when": when(said.at)}
        for s in case.subjects
        for said in s.achieved[-1:]
    ]  # fmt: skip
    for owed in case.outcomes_owed:
        if owed.offered and owed.accept_by:
            names = ", ".join(map(wording.who, owed.offered))
            what = f"Yours until {wording.agency_name(owed.agency, rules)} accepts: asked, and due to say"
            found.append({"who": names, "what": what, "when": when(owed.accept_by)})
        if owed.left:
            names = ", ".join(map(wording.who, owed.left))
            what = f"{wording.agency_name(owed.agency, rules)} has taken it on and is to say what came of it"
            found.append({"who": names, "what": what, "when": when(owed.due)})
    return found


def _challenge(found: Challenge, rules: Rules, when: Callable[[datetime], str]) -> Row:
    whose = wording.agency_name(found.by, rules) if found.leg else "the referrer"
    if found.unproved:
        whose = "somebody who wrote to the referrer’s address; nothing proves who: ring the referrer"
    stage = f"stage {STAGE[found.standing]}, with {LABELS[found.standing]}" if found.open else "settled"
    risk = ", immediate risk" if found.immediate else ""
    return {"id": found.id, "who": whose, "stage": stage + risk, "due": when(found.due) if found.open else ""}


_QUESTIONS = {
    QuestionStanding.WAITING: "waits for a second person",
    QuestionStanding.ASKED: "asked, and not answered yet",
    QuestionStanding.ANSWERED: "answered",
    QuestionStanding.DROPPED: "not waited for",
}


def _question(question: Question, said: dict[str, bytes], referral: Referral | None) -> Row:
    """What the referrer is asked, as they read it."""
    own = seen(struck(referral, said.get(f"{content.QUESTION}{question.id}", b"").decode()))
    asks = "\n".join(filter(None, (*map(APPROVED.label, question.codes), own)))
    return {"id": question.id, "asks": asks, "stands": _QUESTIONS[question.standing], "standing": question.standing}


def _asks(question: Question) -> str:
    """A question by what it asks, for choosing it; our own words stand above."""
    return "; ".join(map(APPROVED.label, question.codes)) or f"{question.id}, in our own words"


def _unread(reply: UnreadReply, said: dict[str, bytes], referral: Referral | None) -> Row:
    """A reply to the referrer as they would read it, for a second person."""
    words = said.get(f"{content.REPLY_DRAFT}{reply.id}", b"").decode()
    return {"id": reply.id, "words": seen(struck(referral, words))}


def _choices(case: Case, rules: Rules) -> dict[str, list[Row]]:
    forms = dict.fromkeys(s.codes.form for s in case.subjects)
    opened = {c.id: f"{c.id}, {_challenge(c, rules, str)['stage']}" for c in case.challenges if c.open}
    agencies = {leg.id: wording.agency_name(leg.agency, rules) for leg in case.legs}
    offered = {
        "outcomes": {code: text for form in forms for code, text in outcome.codes_of(form).choices},
        "achieved": dict(OUTCOMES_ACHIEVED.choices) if "adult" in forms else {},
        "withholding": dict(WITHHOLDING.choices),
        "questions": dict(APPROVED.choices),
        "questions_asked": {q.id: _asks(q) for q in case.questions if q.standing is QuestionStanding.ASKED},
        "routes": dict(FEEDBACK_ROUTE.choices),
        "challenges": opened,
        "said_by": {NO_AGENCY: "The hub, or the referrer"} | agencies,
        "disagree": {THE_REFERRER: "The referrer"} | agencies,
    }
    return {name: [{"value": code, "text": text} for code, text in of.items()] for name, of in offered.items()}
