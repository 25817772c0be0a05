"""Challenging: how a disagreement is raised, replied to, and climbs; silence presses whoever it stands with.

1. Whoever raises one is never refused, however late: a closed case opens again, and what they wrote is unread.
2. A child or adult of the most urgent rating does not wait longer for a reply than for a decision, and whoever sees
   somebody at risk now no longer than the most urgent packet waits to be acknowledged.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.challenge import (
    CLOCK,
    TABLE,
    Challenge,
    Challenged,
    ChallengeEscalated,
    ChallengeReplied,
    Happening,
    Standing,
)
from exchange.case.contact import clocks_again, information_added
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
)
from exchange.case.event import ClockRanOut, InformationAdded
from exchange.case.feedback import MAY_BE_TOLD, Contact, Feedback, Told
from exchange.case.pressing import press_again
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step


def challenged(case: Case, event: Challenged, rules: Rules) -> Step:
    """Somebody disagrees."""
    leg = case.leg(event.leg)
    if event.leg and leg is None:
        if event.channel == "telephone":
            raise CannotHappen("no such agency in this case: name one that was asked, or none for the referrer")
        return Step(case)
    step = _unread(case, event, rules)
    found = next((c for c in case.challenges if c.open and c.leg == event.leg), None)
    if found is None:
        number, by = len(case.challenges) + 1, leg.agency if leg else "referrer"
        due = _due(case, Standing.AT_HUB, event.at, rules)
        found = Challenge(f"c{number}", by, event.leg, event.at, due)
        raised = replace(step.case, challenges=(*step.case.challenges, found))
    else:
        found = replace(found, again=found.again + 1)
        raised = step.case.with_challenge(found)
    return step.then(_raised(raised, found, event, rules))


def _unread(case: Case, event: Challenged, rules: Rules) -> Step:
    """What was written is unread until somebody looks; what was told on the telephone somebody has heard."""
    if event.channel != "telephone":
        return information_added(case, InformationAdded(event.at, event.by, event.channel), rules)
    return Step(replace(case, closed=None), clocks_again(case) if case.closed else ())


def _raised(case: Case, found: Challenge, event: Challenged, rules: Rules) -> Step:
    if not event.immediate:
        return Step(case, _waits(found))
    standing = TABLE[found.standing, Happening.SEES_RISK]
    soon = clock.due(rules.ratings[0].acknowledge, event.at, rules.calendar)  # as long as the gravest packet may wait
    found = replace(found, standing=standing, immediate=True, due=min(found.due, soon))
    return Step(case.with_challenge(found), (CloseTask(f"challenge:{found.id}"), *_waits(found)))


def _waits(found: Challenge) -> tuple[Effect, ...]:
    key = f"challenge:{found.id}"
    return OpenTask(key, TaskKind.CHALLENGED, found.id, found.due), SetClock(key, found.due)


def _due(case: Case, standing: Standing, at: datetime, rules: Rules) -> datetime:
    name, usual = CLOCK[standing]
    due, gravest = rules.named_due(name, usual, at), rules.ratings[0]
    if any(s.rating == gravest.code for s in case.subjects):
        return min(due, clock.due(gravest.decide, at, rules.calendar))
    return due


def replied(case: Case, event: ChallengeReplied, rules: Rules) -> Step:
    """It is answered: settled, or on to the next stage."""
    found = _open(case, event.challenge)
    happening = Happening.SETTLES if event.settles else Happening.REPLIES
    found = replace(found, standing=TABLE[found.standing, happening], replies=found.replies + 1)
    if found.open:
        step = _climbs(case, found, event.at, rules)
    else:
        key = f"challenge:{found.id}"
        step = Step(case.with_challenge(found), (StopClock(key), CloseTask(key)))
    return step.then(Step(step.case, _answer(step.case, found, event.at)))


def _open(case: Case, challenge: str) -> Challenge:
    found = case.challenge(challenge)
    if found is None or not found.open:
        raise CannotHappen("no open challenge of this name: look which ones the case has")
    return found


def _climbs(case: Case, found: Challenge, at: datetime, rules: Rules) -> Step:
    found = replace(found, due=_due(case, found.standing, at, rules))
    return Step(case.with_challenge(found), (CloseTask(f"challenge:{found.id}"), *_waits(found)))


def _answer(case: Case, found: Challenge, at: datetime) -> tuple[Effect, ...]:
    """How the challenger hears of the reply: an agency sealed, the referrer by the way that is safe."""
    if found.leg:
        return (SendLetter(f"challenge_reply:{found.id}:{found.replies}", Letter.CHALLENGE_REPLY, found.leg),)
    if case.feedback is Feedback.WITHHELD:
        return ()
    if Told.CHALLENGE not in MAY_BE_TOLD[case.referrer.referrer_class]:
        # The words are not theirs to read; that it was looked at again somebody says, who can be rung.
        rung = case.referrer.telephone and case.referrer.contact is not Contact.NONE
        return (OpenTask("ring_referrer", TaskKind.RING_REFERRER, "", at),) if rung else ()
    if case.referrer.way is Contact.TELEPHONE:
        return (OpenTask("ring_referrer", TaskKind.RING_REFERRER, "", at),)
    if case.referrer.way is Contact.MAIL:
        return (SendLetter(f"news:{found.id}:{found.replies}", Letter.NEWS, found.id),)
    return ()


def escalated(case: Case, event: ChallengeEscalated, rules: Rules) -> Step:
    """To the next stage without a reply."""
    found = _open(case, event.challenge)
    above = TABLE.get((found.standing, Happening.ESCALATES))
    if above is None:
        raise CannotHappen("it is with the safeguarding partnership: nobody stands above, record their reply")
    return _climbs(case, replace(found, standing=above), event.at, rules)


def challenge_due(case: Case, challenge: str, event: ClockRanOut, rules: Rules) -> Step:
    """No reply in time."""
    found = case.challenge(challenge)
    if case.closed or found is None or not found.open:
        return Step(case)
    return Step(case, press_again(f"challenge:{challenge}", TaskKind.CHALLENGED, challenge, event, rules))
