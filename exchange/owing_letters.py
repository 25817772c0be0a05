"""The letters after the decision: an action, a hand-over, what came of it, and the reply to whoever disagrees.

1. Each begins with the warnings of whom it is about: whoever acts on it may never have seen a packet (truth 12 keeps
   them inside the seal).
2. Whoever takes somebody on reads what nobody may forget on the routes that were decided (case/decision.py).
3. A protected address that somebody wrote into its words is struck out, unless it was released to that agency.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from exchange import content
from exchange.case.action import Action
from exchange.case.challenge import LABELS
from exchange.case.decision import LABELS as LABELS_OF
from exchange.case.decision import Decision
from exchange.case.lateral_check import Recall
from exchange.case.packet import fill, struck, who
from exchange.case.papers import papers
from exchange.case.state import Leg
from exchange.posting import File
from templates import letters
from templates.addressed import Answering, Sender
from templates.disclosed import Warnings, seen, warnings_of


def action(action: Action, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.ToDo:
    """What its owner is to do."""
    rules = file.rules
    known = rules.agency(action.owner)
    names = _known_of(action, file)
    return letters.ToDo(
        sender=sender,
        reference=file.case.reference,
        agency=known.name if known else action.owner,
        words=_words(file, f"{content.ACTION}{action.id}", action.owner),
        due=action.due,
        answering=answering,
        own_reference=file.own_references.get(action.owner, ""),
        overdue=now >= action.due,
        agreed=bool(action.discussion),
        form=_form(file),
        warnings=_warnings(file, action.subjects),
        manifest=names,
        answers=fill(file.referral, names) if file.referral else {},
        now=now,
    )


def _known_of(action: Action, file: File) -> tuple[str, ...]:
    """Who it is about, as far as the owner's packets or its papers have told it already."""
    case, held = file.case, set[str]()
    for leg in (x for x in case.legs if x.agency == action.owner and x.recall is Recall.NONE):
        held.update(leg.manifest)
    if discussion := case.discussion(action.discussion):
        held.update(papers(case, discussion, action.owner, file.rules).manifest)
    return tuple(name for name in who(case.fields, action.subjects) if name in held)


def outcome_asked(leg: Leg, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.OutcomeAsked:
    """What came of it? Of those whom the agency has taken on."""
    owed = file.case.outcome_owed(leg.id)
    assert owed is not None  # noqa: S101 - the letter is asked for when the outcome is owed
    return letters.OutcomeAsked(
        sender, file.case.reference, answering, owed.since, owed.due, now, len(owed.left) > 1,
        file.own_references.get(leg.agency, ""), form=_form(file), warnings=_warnings(file, owed.left),
    )  # fmt: skip


def hand_over(
    leg: Leg, file: File, sender: Sender, answering: Answering, lanes: Mapping[str, str], now: datetime
) -> letters.HandOver:  # fmt: skip
    """Do you take them on? Those alone whom nobody there has accepted yet."""
    owed, known = file.case.outcome_owed(leg.id), file.rules.agency(leg.agency)
    if owed is None or owed.accept_by is None or file.referral is None:
        raise LookupError("a letter about a hand-over that is not waited for any more")
    names = who(file.case.fields, owed.offered)
    decided = {s.id: LABELS_OF[Decision(s.decision)] for s in file.case.subjects if s.id in owed.offered}
    offered = [s for s in file.case.subjects if s.id in owed.offered and s.decisions]
    return letters.HandOver(
        sender, file.case.reference, known.name if known else leg.agency, answering, file.referral.form, names,
        fill(file.referral, names), decided, owed.accept_by, now, again=owed.again > 0, lanes=lanes,
        own_reference=file.own_references.get(leg.agency, ""), warnings=_warnings(file, owed.offered),
        cautions={s.id: s.decisions[-1].cautions for s in offered},
    )  # fmt: skip


def replied(challenge: str, file: File, sender: Sender, page: str) -> letters.Replied:
    """How the hub replies to a referrer who disagreed."""
    found = file.case.challenge(challenge)
    if found is None:
        raise LookupError("a reply to a challenge that is not there")
    words = _words(file, f"{content.REPLY}{found.id}", "")
    return letters.Replied(
        sender, file.case.reference, words, found.open, LABELS[found.standing], found.due, page
    )  # fmt: skip


def challenge_reply(leg: Leg, file: File, sender: Sender, answering: Answering) -> letters.ChallengeReply:
    """How the hub replies to an agency that disagreed."""
    found = [c for c in file.case.challenges if c.leg == leg.id][-1]
    words = _words(file, f"{content.REPLY}{found.id}", leg.agency)
    return letters.ChallengeReply(
        sender, file.case.reference, answering, words, found.open, LABELS[found.standing], found.due,
        file.own_references.get(leg.agency, ""), form=_form(file), warnings=_warnings(file, leg.subjects),
    )  # fmt: skip


def _words(file: File, name: str, reader: str) -> str:
    return seen(struck(file.referral, file.said.get(name, b"").decode(), file.case.released_to(reader)))


def _form(file: File) -> str:
    return file.referral.form if file.referral else "child"


def _warnings(file: File, subjects: tuple[str, ...]) -> Warnings:
    return warnings_of(file.referral, subjects) if file.referral else Warnings()
