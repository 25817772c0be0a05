"""Correcting at the desk: what the hub itself had typed in wrongly, of the contact or of what somebody said.

1. What was typed before stays: as a body of its own, and beside what is right now in the history.
2. Only what hub staff wrote down is corrected: what came in writing stands as it was written.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from exchange import colleagues, consulted, content
from exchange.case.correction import ELSEWHERE, WordsCorrected
from exchange.case.event import Event, InformationAdded, LookedAt, ReferralCorrected, ReferrerReplied
from exchange.case.fields import Field, Section, questions
from exchange.case.referral import Referral, ReferralRefused, present, read
from exchange.case.state import Case, ReferrerCodes
from exchange.case.step import CannotHappen
from exchange.contacting import referrer_from
from exchange.desk.act import Act, reason
from exchange.desk.feedback import heard
from exchange.desk.given import Given, Unfit
from exchange.desk.screening import known, respected
from exchange.desk.working import Desk
from exchange.policy import Action
from exchange.store import casebook, matching, retention
from exchange.store.casebook import Recorded, StoredEvent
from exchange.store.database import Transaction

SECTIONS = (Section.CONCERN, Section.CONSENT, Section.REFERRER)
_SAFE_CONTACT = frozenset({"mail_shared", "safe_contact", "feedback_wanted", "feedback_route"})


def asked(form: str) -> Iterator[tuple[str, Field]]:
    """(name of the value, question) of all that may be corrected."""
    for section in SECTIONS:
        yield from ((f.key, f) for f in questions(section, form) if f.key not in ELSEWHERE)


async def concern(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Answers about the concern, consent and referrer (`concern.what_happened`, `referrer.telephone`...) that were
    typed in wrongly; `clear` names those that are taken out. `after` is how many corrections the writer has seen."""
    case, _, whole = await known(desk, case_id)
    if given.may("after") and given.may("after") != str(len(case.corrections)):
        raise CannotHappen("somebody corrected something meanwhile: open the page again and begin from theirs")
    merged = _merged(whole, given)
    before, after = _answers(whole), _answers(merged)
    changed = tuple(name for name, _ in asked(whole.form) if before.get(name) != after.get(name))
    if {"consent.consent", "consent.share"} & {
        *changed
    }:  # whoever refuses after all is respected before anything else is told
        await respected(desk, case, merged, cause)
    names = tuple(name for name in present(merged) if name.partition(".")[0] in SECTIONS)
    danger = merged.concern.get("immediate_danger") == "yes"
    event = ReferralCorrected(desk.now(), desk.viewer.id, names, changed, _referrer(case, merged, changed), danger)
    old = json.dumps({name: before.get(name, "") for name in changed}, ensure_ascii=False).encode()
    parts = {**content.household_part(merged), content.BEFORE: old, **reason(given)}

    async def with_index(tx: Transaction, recorded: Recorded) -> None:
        whose = colleagues.tokens(desk.hub.index_secret, event.referrer, merged.referrer.get("mail", ""))
        await retention.erase_tokens(tx, case_id, consulted.NAMED)
        await matching.put(tx, case_id, (*whose, *consulted.tokens(desk.hub.index_secret, merged)))

    recorded = await desk.hub.record(case_id, event, cause, parts, actor=desk.viewer, also=with_index)
    return recorded.case


def _answers(referral: Referral) -> dict[str, str]:
    data = referral.data()
    return {f"{section}.{name}": text for section in SECTIONS for name, text in data[section].items()}


def _merged(whole: Referral, given: Given) -> Referral:
    """The referral with what was given instead, checked like any referral. Raises Unfit."""
    answers, wanted = _answers(whole), dict(asked(whole.form))
    if elsewhere := next((name for name in ELSEWHERE if given.may(name)), None):
        raise Unfit(elsewhere, f"This is no matter of words: use the act {ELSEWHERE[elsewhere]}")
    cleared = set(given.many("clear"))
    if unknown := sorted(cleared - set(wanted)):
        raise Unfit("clear", f"No question is called {unknown[0]}: write its name like concern.injury")
    for name in wanted:
        text = ", ".join(given.many(name)) if wanted[name].kind == "several" else given.may(name)
        if text and name not in cleared:
            answers[name] = text
        elif name in cleared:
            answers.pop(name, None)
    told: dict[str, dict[str, str]] = {section.value: {} for section in SECTIONS}
    for name, text in answers.items():
        section, _, plain = name.partition(".")
        told[section][plain] = text
    try:
        found = read({"form": whole.form, "subjects": [{"features": "-"}], **told})
    except ReferralRefused as refused:
        first = refused.problems[0]
        label = wanted[first.where].label.rstrip("?") if first.where in wanted else first.where
        raise Unfit(first.where, f"{label}: {first.what}, {first.remedy}") from None
    return replace(whole, concern=found.concern, consent=found.consent, referrer=found.referrer)


def _referrer(case: Case, merged: Referral, changed: tuple[str, ...]) -> ReferrerCodes:
    """Their codes anew. How they may be told stays as they said last, unless that is what was typed in wrongly."""
    before = case.referrer
    codes = referrer_from(merged, mailbox=before.mailbox, proved=before.proved, language=before.language)
    if "referrer.mail" not in changed:
        codes = replace(codes, replyable=before.replyable)
    if not {f"referrer.{name}" for name in _SAFE_CONTACT} & {*changed}:
        codes = replace(codes, contact=before.contact, may_mail=before.may_mail)
    if "referrer.source" not in changed:
        codes = replace(codes, referrer_class=before.referrer_class, source=before.source)
    return codes


async def said(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """What the referrer told us by telephone or in person: more about it, the answer to a question of ours
    (`question`), or whether what they were told answers their concern (`answers`: yes or no)."""
    who, words = (await heard(desk, given, case_id)).part(), given.need("words").encode()
    parts, yes_or_no = {content.WHO: who, content.WORDS: words}, given.may("answers").lower()
    if yes_or_no not in ("", "yes", "no"):
        raise Unfit("answers", "Choose yes or no")
    question = given.may("question")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        before = await casebook.load(tx, case_id)
    if question and before.question(question) is None:
        raise Unfit("question", "Choose a question that was asked")
    if yes_or_no and not question:
        event: Event = ReferrerReplied(desk.now(), yes_or_no == "yes", desk.viewer.id)
        return await desk.record(case_id, event, cause, parts)
    added = InformationAdded(desk.now(), desk.viewer.id, "telephone", answers=question)
    case = await desk.record(case_id, added, cause, parts)
    if before.looked_at and case.subjects and all(s.rating for s in case.subjects if not s.in_error):
        with contextlib.suppress(CannotHappen):  # whoever took the call has read it, and nothing that came meanwhile
            look = LookedAt(desk.now(), desk.viewer.id, additions=before.additions + 1)
            case = await desk.record(case_id, look, f"{cause}:looked")
    return case


async def words(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """What somebody said to us was written down wrongly: `entry` is the event, as `show --json` and the page number
    it. What was written first stays beside it."""
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        typed = await typed_entries(desk, tx, case_id)
    found = next((e for e in typed if given.need("entry") in (e.id, str(e.seq))), None)
    if found is None:
        raise Unfit("entry", "Choose what hub staff wrote down of a call: what came in writing stands as it came")
    event = WordsCorrected(desk.now(), desk.viewer.id, found.id)
    parts = {content.CORRECTED: given.need("words").encode(), **reason(given)}
    return await desk.record(case_id, event, cause, parts)


async def typed_entries(desk: Desk, tx: Transaction, case_id: str) -> tuple[StoredEvent, ...]:
    """What hub staff wrote down of what somebody said to them: words, and who said them."""
    opened = await desk.hub.opened(tx, case_id)
    return typed_of(await casebook.timeline(tx, case_id), opened)


def typed_of(events: Iterable[StoredEvent], bodies: Iterable[tuple[str, str, bytes]]) -> tuple[StoredEvent, ...]:
    """Of these events, those: they have words, and who said them, and came by no mail."""
    names: dict[str, set[str]] = defaultdict(set)
    for event, name, _ in bodies:
        names[event].add(name)
    wanted, came = {content.WORDS, content.WHO}, content.MAIL
    return tuple(e for e in events if wanted <= names[e.id] and came not in names[e.id])


ACTS: dict[str, Act] = {
    "correct_concern": Act(Action.TRANSCRIBE, concern),
    "correct_words": Act(Action.RECORD_ANSWER, words),
    "referrer_said": Act(Action.RECORD_ANSWER, said),
}
