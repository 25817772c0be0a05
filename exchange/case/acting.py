"""Acting: what was undertaken, by whom and by when, until it is done.

1. An action belongs to the hub or to one agency; an agency learns of its own by a sealed letter.
2. Its owner says how it stands by mail or page, with proof. "Done" ends it; "cannot", "later than agreed" and what is
   unclear are a person's, and stop no clock.
3. What is overdue is asked for once by mail; then it goes to the desk, again and again, with the number to ring.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case import clock, soon
from exchange.case.action import (
    HUB,
    LEAST_PROOF,
    MAY_BECOME,
    Action,
    ActionAnswered,
    ActionMoved,
    ActionReplyUnclear,
    ActionSet,
    Doing,
    DoingAnswer,
)
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
from exchange.case.event import ClockRanOut
from exchange.case.pressing import press_again
from exchange.case.refusing import respect
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step
from exchange.case.urgency import urgent


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
        respect(case, event.subjects, (event.owner,))
    _refuse_other_discussion(case, event)
    action = Action(event.action, event.owner, event.subjects, event.at, event.due, discussion=event.discussion)
    letter = () if event.owner == HUB else (SendLetter(f"action:{action.id}", Letter.ACTION, action.id),)
    clocks = (SetClock(_key(action), action.due), soon.of_action(action, event.at, rules))
    return Step(replace(case, actions=(*case.actions, action)), (*clocks, *letter))


def _refuse_other_discussion(case: Case, event: ActionSet) -> None:
    if not event.discussion:
        return
    discussion = case.discussion(event.discussion)
    if discussion is None or not set(event.subjects) <= set(discussion.subjects):
        raise CannotHappen("an action agreed in a discussion is about subjects of that discussion: name them")


def action_moved(case: Case, event: ActionMoved, rules: Rules) -> Step:
    """Done, dropped, or open: again after all, or for longer. Whoever recorded it has read what its owner said."""
    action = case.action(event.action)
    if action is None:
        raise CannotHappen(f"no action “{event.action}” in this case")
    due = event.due if event.due and event.doing is Doing.OPEN else action.due
    if event.doing is action.doing and due == action.due:
        return Step(case)
    if event.doing is not action.doing and event.doing not in MAY_BECOME[action.doing]:
        raise CannotHappen(f"this action is {action.doing}: open it again first")
    if event.doing is not Doing.OPEN:
        return _ended(case, action, event)
    chased = action.chased if due == action.due else 0
    moved = replace(action, doing=Doing.OPEN, ended_at=None, ended_by="", due=due, chased=chased)
    clocks = (SetClock(_key(action), due), soon.of_action(moved, event.at, rules))
    return Step(case.with_action(moved), (*_read(action), CloseTask(_key(action)), *clocks))


def _ended(case: Case, action: Action, event: ActionMoved | ActionAnswered) -> Step:
    doing = event.doing if isinstance(event, ActionMoved) else Doing.DONE
    moved = replace(action, doing=doing, ended_at=event.at, ended_by=event.by)
    effects: tuple[Effect, ...] = (
        StopClock(_key(action)),
        soon.stopped(action.id),
        CloseTask(_key(action)),
        WithdrawLetters(f"action_chaser:{action.id}:"),
        *_read(action),
    )
    if doing is Doing.DROPPED:
        effects += (WithdrawLetter(_key(action)),)
    return Step(case.with_action(moved), effects)


def _read(action: Action) -> tuple[Effect, ...]:
    """What waited for a person has had one."""
    return tuple(CloseTask(f"{name}:{action.id}") for name in ("cannot_do", "needs_longer", "unclear"))


def answered(case: Case, event: ActionAnswered, rules: Rules) -> Step:
    """The owner says how it stands. Too little proof is the desk's, and changes nothing."""
    action = case.action(event.action)
    if action is None or action.doing is Doing.DROPPED:
        return Step(case)  # nobody waits for it any more; what was said is in the record
    if event.proof < LEAST_PROOF[event.answer]:
        return reply_unclear(case, ActionReplyUnclear(event.at, action.id, "unproved"), rules)
    if event.answer is DoingAnswer.DONE:
        return _ended(case, action, event) if action.doing is Doing.OPEN else Step(case)
    if action.doing is Doing.DONE:  # it takes back what it said: a person asks
        return reply_unclear(case, ActionReplyUnclear(event.at, action.id, "unclear"), rules)
    if event.answer is DoingAnswer.CANNOT:
        return Step(case, (OpenTask(f"cannot_do:{action.id}", TaskKind.CANNOT_DO, action.id, event.at),))
    return _promised(case, action, event, rules)


def _promised(case: Case, action: Action, event: ActionAnswered, rules: Rules) -> Step:
    case = case.with_action(replace(action, promised=event.until))
    agreed = action.due.astimezone(rules.calendar.zone).date()
    if event.until and event.until <= agreed:
        return Step(case)
    task = OpenTask(f"needs_longer:{action.id}", TaskKind.NEEDS_LONGER, action.id, event.at)
    return Step(case, (task,))


def reply_unclear(case: Case, event: ActionReplyUnclear, rules: Rules) -> Step:
    """Words no state may follow from: a person reads them."""
    return Step(case, (OpenTask(f"unclear:{event.action}", TaskKind.UNCLEAR_ANSWER, event.action, event.at),))


def action_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """It should have been done by now: its owner is asked once by mail; then, or at once when it is most urgent, the
    desk rings."""
    action = case.action(about)
    if action is None or action.doing is not Doing.OPEN:
        return Step(case)
    if action.owner == HUB or action.chased or case.shuts_out(action.owner):
        return Step(case, press_again(_key(action), TaskKind.ACTION, about, event, rules))
    again = clock.due(rules.overdue_again, event.at, rules.calendar)
    chaser = f"action_chaser:{action.id}:{event.at.isoformat()}"  # more time was given, and that has passed too
    ring = (OpenTask(_key(action), TaskKind.ACTION, about, event.at),) if urgent(case, action.subjects, rules) else ()
    asked = (SendLetter(chaser, Letter.ACTION_CHASER, action.id), SetClock(_key(action), again))
    return Step(case.with_action(replace(action, chased=1)), (*ring, *asked))


def _key(action: Action) -> str:
    return f"action:{action.id}"
