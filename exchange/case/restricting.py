"""Restricting: how somebody is shut out of a case, what is taken back at once, and how they are let in again.

1. Nothing more goes to an agency that is shut out, whatever letter a move asks for: what waits is withdrawn, its
   clocks stop, and the gate before the wire looks again (dispatch.py). The exceptions are what a person asks for,
   that it delete its packet, and what takes a meeting out of its calendar (uninviting.py). What it has already is a
   task: recall it.
2. Whoever the agency would have been asked about stays somebody's to ask about: a task to choose another recipient.
3. Somebody is always left who can lift it: hub managers are shut out one by one, never as a role.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from exchange.case import contact, recalling, uninviting
from exchange.case.action import Doing
from exchange.case.addressee import agency_of
from exchange.case.delivery import TAKEN, Delivery
from exchange.case.effect import CloseTask, Effect, Letter, SendLetter, StopClock, WithdrawAbout
from exchange.case.lateral_check import Recall
from exchange.case.product import address
from exchange.case.restriction import Kind, Restricted, Restriction, RestrictionLifted, RoutingAllowed, keeps_out
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.step import CannotHappen, Step

LIFTS = "hub_manager"  # the role that lifts restrictions (policy.py)
TO_SHUT_OUT = frozenset({Letter.RECALL, Letter.UNINVITED})  # rule 1
_LEFT = TAKEN | {Delivery.UNCERTAIN, Delivery.BOUNCED}


def quiet(step: Step) -> Step:
    """The step without letters to agencies that are shut out of the case as it stands after it."""
    if not step.case.restrictions:
        return step
    return replace(step, effects=tuple(e for e in step.effects if not _to_somebody_shut_out(e, step.case)))


def _to_somebody_shut_out(effect: Effect, case: Case) -> bool:
    if not isinstance(effect, SendLetter) or effect.letter in TO_SHUT_OUT:
        return False
    return case.shuts_out(agency_of(effect.letter, effect.about, case))


def restricted(case: Case, event: Restricted, rules: Rules) -> Step:
    """Shut somebody out, from this moment on. Shutting out twice changes nothing."""
    if not event.who:
        raise CannotHappen("say who must not see it: a staff id, a role, an agency or a SPOC")
    if event.kind is Kind.AGENCY and rules.agency(event.who) is None:
        raise CannotHappen(f"no agency “{event.who}” in this hub: choose one of the hub file's agencies")
    if event.kind is Kind.ROLE and event.who == LIFTS:
        raise CannotHappen("nobody could lift it again: shut hub managers out one by one, by their staff ids")
    return shut_out(case, event, rules)


def shut_out(case: Case, event: Restricted, rules: Rules) -> Step:
    """The case with one more restriction, and what is taken back with it."""
    if keeps_out(case.restrictions, event.kind, event.who):
        return Step(case)
    new = Restriction(event.kind, event.who, event.why, event.at, event.by)
    case = replace(case, restrictions=(*case.restrictions, new))
    if event.kind is Kind.SPOC:
        step = Step(case, tuple(recalling.to_recall(leg.id, event.at) for leg in case.legs if _has_it(leg, event)))
        return step.then(uninviting.of_spoc(case, event.seats, event.at, rules))
    return _taken_back(case, event, rules) if event.kind is Kind.AGENCY else Step(case)


def _has_it(leg: Leg, event: Restricted) -> bool:
    """Whether somebody who must not see it may have the packet of this leg. (What waits goes elsewhere by itself: the
    gate before the wire knows their mailboxes.)"""
    return leg.id in event.legs and leg.recall is Recall.NONE and recalling.may_have_left(leg)


def _taken_back(case: Case, event: Restricted, rules: Rules) -> Step:
    """Nothing more goes to the agency, whatever was on its way."""
    effects: list[Effect] = []
    for leg in (x for x in case.legs if x.agency == event.who):
        after = leg.delivery if recalling.may_have_left(leg) else Delivery.WITHDRAWN
        case = case.with_leg(replace(leg, shut_out=True, delivery=after))
        effects += _of_leg(leg, case, event)
    effects += (*_of_actions(case, event), *_of_products(case, event), *_of_records(case, event))
    effects += [CloseTask(f"employer:{s.id}") for s in case.subjects]
    return Step(case, tuple(effects)).then(uninviting.of_agency(case, event.who, event.at, rules))


def _of_leg(leg: Leg, case: Case, event: Restricted) -> Iterator[Effect]:
    yield WithdrawAbout(leg.id)
    yield from (
        StopClock(f"{name}:{leg.id}") for name in ("remind", "nudge", "answer", "outcome", "handover", "ring")
    )
    stale = ("manager", "telephone", "no_deputy", "silent", "cannot_open", "wrong_person", "outcome",
             "not_taken_on")  # fmt: skip
    yield from (CloseTask(f"{name}:{leg.id}") for name in stale)  # nobody rings those who must not know
    if recalling.may_have_left(leg) and leg.recall is Recall.NONE:
        yield recalling.to_recall(leg.id, event.at)
    owed = case.outcome_owed(leg.id)
    if (leg.owing or (owed and (owed.left or owed.offered))) and not case.closed:
        yield contact.another_recipient(event.who, event.at)


def _of_actions(case: Case, event: Restricted) -> Iterator[Effect]:
    """What the agency undertook is another's to do now."""
    for action in case.actions:
        if action.owner == event.who and action.doing is Doing.OPEN:
            yield from (WithdrawAbout(action.id), recalling.to_recall(action.id, event.at))


def _of_products(case: Case, event: Restricted) -> Iterator[Effect]:
    """It is asked for no agreement any more (its silence is overridden like any other), and has what it was sent."""
    for product in case.products:
        mine = (p for p in product.passages if p.agency == event.who)
        yield from (WithdrawAbout(address(product.id, passage.id)) for passage in mine)
    for sent in case.disclosures:
        if sent.recipient == event.who:
            yield from (WithdrawAbout(sent.id), CloseTask(f"telephone:{sent.id}"))
            if sent.delivery in _LEFT:
                yield recalling.to_recall(sent.id, event.at)


def _of_records(case: Case, event: Restricted) -> Iterator[Effect]:
    """Its copies of the records of discussions."""
    for copy in (c for record in case.records for c in record.copies if c.agency == event.who):
        yield from (WithdrawAbout(copy.id), CloseTask(f"telephone:{copy.id}"))
        if copy.delivery in _LEFT:
            yield recalling.to_recall(copy.id, event.at)


def lifted(case: Case, event: RestrictionLifted, rules: Rules) -> Step:
    """Let somebody in again. Their closed legs stay closed: ask anew."""
    if not keeps_out(case.restrictions, event.kind, event.who):
        raise CannotHappen("they are not shut out of this case: look at its list of restrictions again")
    ended = tuple(
        replace(r, lifted_at=event.at, lifted_by=event.by)
        if r.in_force and (r.kind, r.who) == (event.kind, event.who)
        else r
        for r in case.restrictions
    )
    return Step(replace(case, restrictions=ended))


def routing_allowed(case: Case, event: RoutingAllowed, rules: Rules) -> Step:
    """Who must not see it is settled: everybody else is asked now."""
    if not case.routing_held:
        raise CannotHappen("nothing is held back in this case: ask an agency by name instead")
    case = replace(case, routing_held=False)
    step = contact.routed(case, case.subjects, event.at, rules)
    return Step(step.case, (CloseTask("keep_from"), *step.effects))
