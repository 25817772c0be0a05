"""The letters that ask an agency for what it owes, or answer it: an action, what came of it, a disagreement.

1. Each begins with the warnings of whom it is about: whoever acts on it may never have seen a packet (truth 12 keeps
   them inside the seal).
2. A protected address that somebody wrote into its words is struck out, unless it was released to that agency.
"""

from __future__ import annotations

from datetime import datetime

from exchange import content
from exchange.case.action import Action
from exchange.case.challenge import LABELS
from exchange.case.packet import struck
from exchange.case.state import Leg
from exchange.posting import File
from templates import letters
from templates.addressed import Answering, Sender
from templates.disclosed import Warnings, seen, warnings_of


def action(action: Action, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.ToDo:
    """What its owner is to do."""
    rules = file.rules
    known = rules.agency(action.owner)
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
    )


def outcome_asked(leg: Leg, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.OutcomeAsked:
    """What came of it? Of those whom the agency has taken on."""
    owed = file.case.outcome_owed(leg.id)
    assert owed is not None  # noqa: S101 - the letter is asked for when the outcome is owed
    return letters.OutcomeAsked(
        sender, file.case.reference, answering, owed.since, owed.due, now, len(owed.left) > 1,
        file.own_references.get(leg.agency, ""), form=_form(file), warnings=_warnings(file, owed.left),
    )  # fmt: skip


def challenge_reply(leg: Leg, file: File, sender: Sender, answering: Answering) -> letters.ChallengeReply:
    """How the hub replies to an agency that disagreed."""
    found = [c for c in file.case.challenges if c.leg == leg.id][-1]
    words = _words(file, f"{content.REPLY}{found.id}", leg.agency)
    return letters.ChallengeReply(
        sender, file.case.reference, answering, words, found.open, LABELS[found.standing], found.due,
        file.own_references.get(leg.agency, ""),
    )  # fmt: skip


def _words(file: File, name: str, reader: str) -> str:
    return seen(struck(file.referral, file.said.get(name, b"").decode(), file.case.released_to(reader)))


def _form(file: File) -> str:
    return file.referral.form if file.referral else "child"


def _warnings(file: File, subjects: tuple[str, ...]) -> Warnings:
    return warnings_of(file.referral, subjects) if file.referral else Warnings()
