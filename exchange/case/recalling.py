"""Recalling: a packet is asked back, and somebody at the agency says that it is deleted.

1. A recalled leg owes no answer: its reminders stop. An answer that crosses is kept and counts (invariant f).
2. Only a packet of which no server, and nobody at the agency, has ever said that it came is withdrawn in silence.
3. A recall that nobody confirms is rung about, again and again, in a closed case too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock, escalating
from exchange.case.acknowledgement import Acknowledgement, Proof
from exchange.case.checking import asked_leg
from exchange.case.delivery import THERE, Delivery, News
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawLetter,
    WithdrawLetters,
)
from exchange.case.event import ClockRanOut, PacketNews
from exchange.case.lateral_check import RECALL_TABLE, Recall, RecallConfirmed, Recalled, RecallNews
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg, Stamp
from exchange.case.step import CannotHappen, Step
from exchange.case.urgency import most_urgent

_LETTERS = (
    "packet",
    "reminder",
    "stepped",
    "unqualified",
    "more",
    "address",
    "worker",
)  # of a leg, each with its number
_TASKS = (
    "telephone",
    "no_deputy",
    "cannot_open",
    "wrong_person",
    "silent",
    "shut_out",
)  # of a leg, over once it is asked back
# News after which the packet is, or may be, in somebody's hands: what bounced may have reached others on the way.
LEFT = frozenset({News.ACCEPTED, News.UNCERTAIN, News.RELAYED, News.DELIVERED, News.BOUNCED, News.FETCHED})


def recalled(case: Case, event: Recalled, rules: Rules) -> Step:
    """A person asks a packet back."""
    leg = asked_leg(case, event.leg)
    news = RecallNews.ASKED_BACK if may_have_left(leg) else RecallNews.KEPT_BACK
    after = RECALL_TABLE[leg.recall, news]
    if after is None:
        raise CannotHappen("this packet was recalled already: ring the agency if it has not confirmed")
    moved = replace(
        leg, recall=after, recalled_at=event.at, evidence=(*leg.evidence, Stamp(event.at, event.by, "recalled"))
    )
    step = Step(case.with_leg(moved), _stopped(leg))
    if after is Recall.WITHDRAWN:
        return step.then(Step(case.with_leg(replace(moved, delivery=Delivery.WITHDRAWN))))
    return step.then(_ask_to_delete(step.case, moved, event.at, rules))


def to_recall(about: str, at: datetime) -> OpenTask:
    """Who is shut out has something of the case already."""
    return OpenTask(f"shut_out:{about}", TaskKind.SHUT_OUT_HOLDS, about, at)


def may_have_left(leg: Leg) -> bool:
    """Whether the packet is, or may be, in somebody's hands."""
    # The state alone does not tell: what was perhaps taken, and deferred when it was tried again, stands as deferred.
    heard = {stamp.code.removeprefix("deputy:").partition(":")[0] for stamp in leg.evidence}
    return leg.acknowledgement is Acknowledgement.ACKNOWLEDGED or bool(heard & LEFT)


def _stopped(leg: Leg) -> tuple[Effect, ...]:
    return (
        *(WithdrawLetter(f"{kind}:{leg.id}") for kind in ("packet", "deputy")),
        *(WithdrawLetters(f"{kind}:{leg.id}:") for kind in _LETTERS),
        StopClock(f"remind:{leg.id}"),
        StopClock(f"answer:{leg.id}"),
        StopClock(f"nudge:{leg.id}"),
        *escalating.settled(leg.id),
        *(CloseTask(f"{name}:{leg.id}") for name in _TASKS),
    )


def _ask_to_delete(case: Case, leg: Leg, at: datetime, rules: Rules) -> Step:
    due = clock.due(most_urgent(case, leg.subjects, rules).acknowledge, at, rules.calendar)
    effects = (
        SendLetter(f"recall:{leg.id}", Letter.RECALL, leg.id),
        *((SendLetter(f"recall:{leg.id}:deputy", Letter.RECALL, f"{leg.id}/deputy"),) if leg.deputy_asked_at else ()),
        SetClock(f"recall:{leg.id}", due),
    )
    more = OpenTask(f"holds_more:{leg.id}", TaskKind.HOLDS_MORE, leg.id, at)
    return Step(case.with_leg(replace(leg, recall_due=due)), (*effects, *((more,) if holds_more(case, leg) else ())))


def holds_more(case: Case, leg: Leg) -> tuple[str, ...]:
    """What its agency has of these people beside the packet: products and records ("x1", "k1"), oldest first."""
    about = set(leg.subjects)
    products = [
        x for x in case.disclosures if x.recipient == leg.agency and x.delivery in THERE and about & {*x.subjects}
    ]
    copies = [
        c for r in case.records for c in r.copies
        if c.agency == leg.agency and (c.delivery in THERE or c.told_at) and about & {*c.subjects}
    ]  # fmt: skip
    return (*(x.id for x in products), *(c.id for c in copies))


def packet_left(case: Case, leg: Leg, event: PacketNews, rules: Rules) -> Step:
    """A server has the packet: one that was thought withdrawn in time is asked back after all."""
    after = RECALL_TABLE[leg.recall, RecallNews.LEFT] or leg.recall
    if event.news not in LEFT or after is leg.recall:
        return Step(case)
    return _ask_to_delete(case, replace(leg, recall=after), event.at, rules)


def confirmed(case: Case, event: RecallConfirmed, rules: Rules) -> Step:
    """A person at the agency says that it is deleted; of what nobody asked back, somebody must hear why."""
    leg = case.leg(event.leg)
    if leg is None:
        return Step(case)
    if event.proof < Proof.PAGE or leg.recall is Recall.NONE:
        return Step(case, (OpenTask(f"unclear:{leg.id}", TaskKind.UNCLEAR_ANSWER, leg.id, event.at),))
    after = RECALL_TABLE[leg.recall, RecallNews.DELETED] or leg.recall
    stamp = Stamp(event.at, event.by, "said:deleted")
    heard = leg.evidence if stamp in leg.evidence else (*leg.evidence, stamp)
    names = ("unconfirmed_recall", "letter:recall", *(("unclear",) if event.proof is Proof.STAFF else ()))
    effects: tuple[Effect, ...] = (StopClock(f"recall:{leg.id}"), *(CloseTask(f"{name}:{leg.id}") for name in names))
    if leg.deputy_asked_at:
        effects += (CloseTask(f"letter:recall:{leg.id}/deputy"),)
    return Step(case.with_leg(replace(leg, recall=after, evidence=heard)), effects)


def recall_due(case: Case, leg: Leg, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody has said that it is deleted: ring, until somebody does."""
    if leg.recall is not Recall.RECALLED:
        return Step(case)
    again = clock.due(rules.overdue_again, event.at, rules.calendar)
    task = OpenTask(f"unconfirmed_recall:{leg.id}", TaskKind.UNCONFIRMED_RECALL, leg.id, event.at)
    return Step(case, (task, SetClock(f"recall:{leg.id}", again)))
