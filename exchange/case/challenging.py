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
    ReplyApproved,
    ReplyDropped,
    Standing,
    UnreadReply,
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
        found = Challenge(f"c{number}", by, event.leg, event.at, due, unproved=event.unproved)
        raised = replace(step.case, challenges=(*step.case.challenges, found))
    else:
        found = replace(found, again=found.again + 1, unproved=found.unproved and event.unproved)
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
    found = replace(found, standing=standing, immediate=True, due=min(found.due, soon), unread=None)
    return Step(case.with_challenge(found), (*_no_words(found), CloseTask(f"challenge:{found.id}"), *_waits(found)))


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
    """It is answered: settled, or on to the next stage; or words wait for a second person, and it stays as it is."""
    found = _open(case, event.challenge)
    _independent(case, found, event.by, event.settles)
    if not _read_by_them(case, found):
        return _replied(case, found, event.at, event.settles, rules)
    if event.reply != next_reply(found):
        raise CannotHappen("somebody else wrote a reply in the same moment: read theirs first")
    found = replace(
        found, written=found.written + 1, unread=UnreadReply(event.reply, event.by, event.at, event.settles)
    )
    task = OpenTask(f"approve_reply:{found.id}", TaskKind.APPROVE_FEEDBACK, found.id, found.due)
    return Step(case.with_challenge(found), (task,))


def next_reply(found: Challenge) -> str:
    """The id of what is written next in reply to a referrer; "" to an agency."""
    return "" if found.leg else f"{found.id}-{found.written + 1}"


def reply_approved(case: Case, event: ReplyApproved, rules: Rules) -> Step:
    """A second person lets the words go."""
    found, unread = _unread_reply(case, event.reply)
    if unread.by == event.by:
        raise CannotHappen("somebody other than the writer must read these words")
    _independent(case, found, event.by, unread.settles)
    step = _replied(case, replace(found, unread=None), event.at, unread.settles, rules)
    return Step(step.case, (*_no_words(found), *step.effects))


def reply_dropped(case: Case, event: ReplyDropped, rules: Rules) -> Step:
    """The words do not go out, and whoever it stands with owes a reply as before."""
    found, _ = _unread_reply(case, event.reply)
    return Step(case.with_challenge(replace(found, unread=None)), _no_words(found))


def _unread_reply(case: Case, reply: str) -> tuple[Challenge, UnreadReply]:
    for found in case.challenges:
        if found.unread and found.unread.id == reply:
            return found, found.unread
    raise CannotHappen("no such reply waits for a second person: open the case again")


def _no_words(found: Challenge) -> tuple[Effect, ...]:
    return (CloseTask(f"approve_reply:{found.id}"),)


def _read_by_them(case: Case, found: Challenge) -> bool:
    """The words go to a referrer who may read them; somebody else's reader is not asked for."""
    return not found.leg and Told.CHALLENGE in MAY_BE_TOLD[case.referrer.referrer_class]


def _independent(case: Case, found: Challenge, by: str, settles: bool) -> None:
    """Raises CannotHappen where whoever decided would settle what is said against their decision."""
    above = found.standing is not Standing.AT_HUB
    if settles and above and any(s.decisions and s.decisions[-1].by == by for s in case.subjects):
        raise CannotHappen(
            "you made the decision that is disagreed with: another manager must settle this, or take it to the next "
            "stage (escalate)"
        )


def _replied(case: Case, found: Challenge, at: datetime, settles: bool, rules: Rules) -> Step:
    happening = Happening.SETTLES if settles else Happening.REPLIES
    found = replace(found, standing=TABLE[found.standing, happening], replies=found.replies + 1)
    if found.open:
        step = _climbs(case, found, at, rules)
    else:
        key = f"challenge:{found.id}"
        step = Step(case.with_challenge(found), (StopClock(key), CloseTask(key)))
    return step.then(Step(step.case, _answer(step.case, found, at)))


def _open(case: Case, challenge: str) -> Challenge:
    found = case.challenge(challenge)
    if found is None or not found.open:
        raise CannotHappen("no open challenge of this name: look which ones the case has")
    return found


def _climbs(case: Case, found: Challenge, at: datetime, rules: Rules) -> Step:
    due = _due(case, found.standing, at, rules)
    if (
        found.immediate
    ):  # somebody is said to be at risk now: no stage may take longer over it than the gravest packet
        due = min(due, clock.due(rules.ratings[0].acknowledge, at, rules.calendar))
    found = replace(found, due=due)
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
    step = _climbs(case, replace(found, standing=above, unread=None), event.at, rules)
    return Step(step.case, (*_no_words(found), *step.effects))


def challenge_due(case: Case, challenge: str, event: ClockRanOut, rules: Rules) -> Step:
    """No reply in time."""
    found = case.challenge(challenge)
    if case.closed or found is None or not found.open:
        return Step(case)
    return Step(case, press_again(f"challenge:{challenge}", TaskKind.CHALLENGED, challenge, event, rules))
