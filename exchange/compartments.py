"""Compartments: whose words few may read until their owner releases them. The one place that answers it.

1. A contribution of an agency whose function the hub file lists (health, unless it says otherwise) is shut to every
   viewer who may not open compartments, until its owner releases it. A manager's override lets a passage leave that
   rests on it, and opens nothing more.
2. With it are shut the passages that rest on it until they may leave, the analysis of such a version, the mail it
   came in, what the agency wrote that nobody has made sense of yet, and what it told a discussion for the hub alone:
   that is for whoever wrote the record, and for those who approve it.
3. Who may not read an agency's words cannot say that they have been read.
4. Whoever shows bodies of a case to a person takes them from `opened_for`, never from the hub.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from exchange import content
from exchange.case.action import ActionReplyUnclear
from exchange.case.contribution import Marking
from exchange.case.effect import TaskKind
from exchange.case.event import Answered, AnswerUnclear, Event, InviteeReplied
from exchange.case.product import FREE, OwnerAnswered, ProductReplyUnclear
from exchange.case.record import Release
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.strategy_discussion import SeatUnclear
from exchange.hub import Hub
from exchange.policy import Action, Viewer
from exchange.store import casebook
from exchange.store.database import Transaction
from exchange.store.tasks import Task

Bodies = list[tuple[str, str, bytes]]  # (event id, body name, content)
_TO_READ = frozenset({TaskKind.UNCLEAR_ANSWER, TaskKind.TOLD_LATE})
_SAID_WITH = (content.WORDS, content.MAIL)  # what an event whose words are shut must not show either


@dataclass(frozen=True, slots=True)
class OpenedFor:
    """What one viewer may read of a case."""

    bodies: Bodies = field(default_factory=list, repr=False)
    shut: frozenset[str] = frozenset()  # contributions that stay shut to them
    events: frozenset[str] = frozenset()  # the events whose words stay shut


def is_apart(agency: str, rules: Rules) -> bool:
    """Whether what this agency tells is kept in a compartment."""
    known = rules.agency(agency)
    return known is not None and bool(set(known.functions) & set(rules.product.compartments))


def shut_to(case: Case, rules: Rules, viewer: Viewer) -> frozenset[str]:
    """The contributions that this viewer may not read."""
    if viewer.may(Action.OPEN_COMPARTMENT):
        return frozenset()
    return frozenset(
        c.id for c in case.contributions if is_apart(c.agency, rules) and c.marking is not Marking.RELEASED
    )  # fmt: skip


async def opened_for(hub: Hub, tx: Transaction, case: Case, rules: Rules, viewer: Viewer) -> OpenedFor:
    """The bodies of the case that the viewer may read."""
    bodies = await hub.opened(tx, case.id)
    if viewer.may(Action.OPEN_COMPARTMENT):
        return OpenedFor(bodies)
    shut = shut_to(case, rules, viewer)
    events = await _shut_events(tx, case, rules, shut)
    names = {content.said(contribution) for contribution in shut} | _shut_passages(case, shut)
    names |= shut_records(case, rules, viewer)
    kept = [(e, n, p) for e, n, p in bodies if n not in names and not (e in events and n in _SAID_WITH)]
    return OpenedFor(kept, shut, events)


async def is_shut_mail(hub: Hub, tx: Transaction, case: Case, rules: Rules, viewer: Viewer, mail_id: str) -> bool:
    """Whether this viewer may not read the mail of this id, which belongs to the case."""
    if viewer.may(Action.OPEN_COMPARTMENT):
        return False
    events = await _shut_events(tx, case, rules, shut_to(case, rules, viewer))
    mails = await hub.opened(tx, case.id, content.MAIL)
    return any(json.loads(plain).get("inbox") == mail_id for event, _, plain in mails if event in events)


async def _shut_events(tx: Transaction, case: Case, rules: Rules, shut: frozenset[str]) -> frozenset[str]:
    timeline = await casebook.timeline(tx, case.id)
    return frozenset(stored.id for stored in timeline if _is_shut(stored.event, case, rules, shut))


async def cannot_read(
    tx: Transaction, case: Case, rules: Rules, viewer: Viewer, todo: Iterable[Task]
) -> frozenset[str]:
    """The keys of the tasks that ask for words to be read which this viewer may not read (rule 3)."""
    asked = [task for task in todo if task.kind in _TO_READ]
    if not asked or viewer.may(Action.OPEN_COMPARTMENT):
        return frozenset()
    shut = shut_to(case, rules, viewer)
    kept = [one.event for one in await casebook.timeline(tx, case.id) if _is_shut(one.event, case, rules, shut)]
    return frozenset(
        task.key for task in asked if any(e.at >= task.opened_at and _about(e) == task.about for e in kept)
    )


def _about(event: Event) -> str:
    """What the task is about that asks for the words of such an event."""
    match event:
        case Answered(leg=about) | AnswerUnclear(leg=about) | ActionReplyUnclear(action=about):
            return about
        case SeatUnclear(discussion=called, invitee=seat):
            return f"{called}/{seat}"
        case OwnerAnswered(product=name, passage=passage):
            return f"{name}/{passage}"
        case ProductReplyUnclear(about=about):
            return about
    return ""


def _is_shut(event: Event, case: Case, rules: Rules, shut: frozenset[str]) -> bool:
    match event:
        case Answered(contribution=told) | InviteeReplied(contribution=told):
            return told in shut
        case SeatUnclear(discussion=called, invitee=of):
            found = case.discussion(called)
            seat = found.invitee(of) if found else None
            return seat is not None and is_apart(seat.agency, rules)
        case AnswerUnclear(leg=about):
            leg = case.leg(about)
            return leg is not None and is_apart(leg.agency, rules)
        case ActionReplyUnclear(action=about):
            action = case.action(about)
            return action is not None and is_apart(action.owner, rules)
        case OwnerAnswered(product=name, passage=passage):
            return _rests_on(case, f"{name}/{passage}") in shut
        case ProductReplyUnclear(about=about):
            return _rests_on(case, about) in shut
    return False


def _rests_on(case: Case, about: str) -> str:
    name, _, passage_id = about.partition("/")
    product = case.product(name)
    passage = product.passage(passage_id) if product else None
    return passage.contribution if passage else ""


def _shut_passages(case: Case, shut: frozenset[str]) -> set[str]:
    names = set()
    for product in case.products:
        closed = {p.id for p in product.passages if p.contribution in shut and p.word not in FREE}
        names |= {content.of_product(product.id, passage) for passage in closed}
        names |= {content.of_product(product.id, v.id) for v in product.versions if closed & set(v.passages)}
    return names


def shut_records(case: Case, rules: Rules, viewer: Viewer) -> set[str]:
    """The bodies of what agencies told discussions that this viewer may not read."""
    if viewer.may(Action.APPROVE_RECORD) or viewer.may(Action.OPEN_COMPARTMENT):
        return set()
    return {
        content.of_record(record.discussion, version.id, told.id)
        for record in case.records
        for version in record.versions
        for told in version.minutes.information
        if is_apart(told.agency, rules) and told.release is Release.HUB_ONLY and version.written_by != viewer.id
    }
