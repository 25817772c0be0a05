"""Acting: what was undertaken, by whom and by when, until it is done.

1. An action belongs to the hub or to one agency; an agency learns of its own by a sealed letter.
2. What is overdue goes to the desk, again and again, with the number to ring.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case.action import HUB, MAY_BECOME, Action, ActionMoved, ActionSet, Doing
from exchange.case.effect import CloseTask, Effect, Letter, SendLetter, SetClock, StopClock, TaskKind, WithdrawLetters
from exchange.case.event import ClockRanOut
from exchange.case.pressing import press_again
from exchange.case.refusing import respect
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step


def action_set(case: Case, event: ActionSet, rules: Rules) -> Step:
    """Somebody is to do something."""
    if case.action(event.action):
        raise CannotHappen("this action is already there")
    if event.owner != HUB and rules.agency(event.owner) is None:
        raise CannotHappen(f"no agency “{event.owner}” in this hub: choose one of the hub file's agencies, or {HUB}")
    if case.shuts_out(event.owner):
        raise CannotHappen("this agency must not see this case: let another agency or the hub do it")
    if not event.subjects or any(case.subject(s) is None for s in event.subjects):
        raise CannotHappen("name the subjects of this case that the action is about")
    if case.closed:
        raise CannotHappen("this case is closed: take what is new as a new referral")
    if event.due <= event.at:
        raise CannotHappen("say by when it is to be done: a time that is still to come")
    if event.owner != HUB:
        respect(case, event.subjects)
    action = Action(event.action, event.owner, event.subjects, event.at, event.due)
    letter = () if event.owner == HUB else (SendLetter(f"action:{action.id}", Letter.ACTION, action.id),)
    return Step(replace(case, actions=(*case.actions, action)), (SetClock(_key(action), action.due), *letter))


def action_moved(case: Case, event: ActionMoved, rules: Rules) -> Step:
    """Done, dropped, or open again after all."""
    action = case.action(event.action)
    if action is None:
        raise CannotHappen(f"no action “{event.action}” in this case")
    if event.doing is action.doing:
        return Step(case)
    if event.doing not in MAY_BECOME[action.doing]:
        raise CannotHappen(f"this action is {action.doing}: open it again first")
    if event.doing is Doing.OPEN:
        moved = replace(action, doing=Doing.OPEN, ended_at=None, ended_by="")
        return Step(case.with_action(moved), (SetClock(_key(action), action.due),))
    moved = replace(action, doing=event.doing, ended_at=event.at, ended_by=event.by)
    effects: tuple[Effect, ...] = (StopClock(_key(action)), CloseTask(_key(action)))
    if event.doing is Doing.DROPPED:
        effects += (WithdrawLetters(_key(action)),)
    return Step(case.with_action(moved), effects)


def action_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """It should have been done by now."""
    action = case.action(about)
    if action is None or action.doing is not Doing.OPEN:
        return Step(case)
    return Step(case, press_again(_key(action), TaskKind.ACTION, about, event, rules))


def _key(action: Action) -> str:
    return f"action:{action.id}"
