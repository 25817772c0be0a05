"""Answering: how a leg moves by its mail, by its agency's answers, and by silence.

1. Only a person's act, with enough proof, leaves "awaited"; machines add evidence.
2. A failure of the mail is the desk's at once: a task with a telephone number, and the clocks run on. A deputy whose
   mail may do better is asked at once too, and nobody is reminded by mail of what has not reached them.
3. A late answer cancels what is pending and sends nothing.
4. What an agency tells with its answer is a contribution: it stays its owner's, inside the hub.
5. Reminders stop at the agency; silence past the due time goes to people, again and again until one acts.
6. What an agency tells after the decision is somebody's to read; after the end it opens the case again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import (
    acknowledgement,
    checking,
    contact,
    delivery,
    deputising,
    escalating,
    fetching,
    owing,
    recalling,
    reminding,
    restricting,
)
from exchange.case.acknowledgement import (
    Acknowledgement,
    Answer,
    DeclineReason,
    Proof,
)
from exchange.case.contact import leg_clocks, remind_due
from exchange.case.contribution import Contribution, Marking
from exchange.case.delivery import Delivery, News
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawLetters,
)
from exchange.case.escalation import Rung
from exchange.case.event import Answered, AnswerUnclear, ClockRanOut, MachineEvidence, PacketNews
from exchange.case.lateral_check import Recall
from exchange.case.mailbox import Transport
from exchange.case.presence import ANOTHER_MAILBOX, NO_OTHER
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.rules import Rating, Rules
from exchange.case.state import Case, Leg, Stamp
from exchange.case.step import Step
from exchange.case.urgency import most_urgent, urgent


def packet_news(case: Case, event: PacketNews, rules: Rules) -> Step:
    """The mail that carries a packet moved."""
    leg = case.leg(event.leg)
    if leg is None:
        return Step(case)
    if _is_owed(leg) and event.code == ANOTHER_MAILBOX:
        return _sealed_anew(case, leg, event)
    if _is_owed(leg) and event.code.startswith(delivery.FELL):  # the same letter, by the next transport
        return Step(case.with_leg(replace(leg, delivery=Delivery.TO_SEAL, evidence=_noted(leg, event))))
    after = delivery.TABLE[leg.delivery, event.news]
    goes = delivery.by(leg.transport, event.news, event.transport)
    moved = replace(leg, delivery=after, evidence=_noted(leg, event), transport=goes)
    if event.news in (News.KEPT, News.HELD):
        moved = replace(moved, passed_over=event.passed)
    gone = escalating.out_of_reach(moved, event.at) if moved.lost else ()
    fetched = fetching.clocks(f"packet:{leg.id}", event)
    step = Step(case.with_leg(moved), (*_delivery_task(moved, event), *gone, *fetched))
    step = step.then(recalling.packet_left(step.case, moved, event, rules))
    return step.then(_ask_deputy(step.case, moved, event))


def _ask_deputy(case: Case, leg: Leg, event: PacketNews) -> Step:
    """Their server will not have it or gave it back, or nobody fetched it: whoever stands in may be reached."""
    returned = leg.failed and event.news in delivery.LOST - {News.HELD}
    awaited = leg.acknowledgement is Acknowledgement.AWAITED
    return deputising.ask_deputy(case, leg, event.at) if returned and awaited else Step(case)


def _is_owed(leg: Leg) -> bool:
    return leg.recall is Recall.NONE and not leg.shut_out


def _sealed_anew(case: Case, leg: Leg, event: PacketNews) -> Step:
    """Whom it was sealed for must not get it any more: the agency's next mailbox is written to at once."""
    moved = replace(leg, delivery=Delivery.TO_SEAL, evidence=_noted(leg, event))
    again = sum(stamp.code == moved.evidence[-1].code for stamp in moved.evidence)
    return Step(case.with_leg(moved), (SendLetter(f"packet:{leg.id}:{again}", Letter.PACKET, leg.id),))


def _noted(leg: Leg, event: PacketNews) -> tuple[Stamp, ...]:
    return (
        *leg.evidence,
        Stamp(event.at, "system", f"{event.news}:{event.code}" if event.code else event.news),
    )


def _delivery_task(leg: Leg, event: PacketNews) -> tuple[Effect, ...]:
    key = f"telephone:{leg.id}"
    if leg.recall is not Recall.NONE:
        return ()  # nobody rings to deliver what was asked back
    if leg.shut_out:  # nobody rings those who must not know; what left all the same has to be recalled
        return (recalling.to_recall(leg.id, event.at),) if event.news in recalling.LEFT else ()
    if event.code.removeprefix("gate:") == NO_OTHER:
        return (contact.another_recipient(leg.agency, event.at),)  # their number is that of whoever must not know
    if leg.failed:
        return escalating.to_ring(leg, min(leg.acknowledge_due, event.at))
    if event.news in delivery.ARRIVED:  # what is late stays somebody's to ring
        late = leg.owing and event.at >= (leg.answer_due if leg.acknowledged_at else leg.acknowledge_due)
        return escalating.to_ring(leg, event.at) if late else (CloseTask(key),)
    no_tls = leg.transport == Transport.TLS and event.code == delivery.NO_TLS
    if event.news is News.DEFERRED and no_tls:  # not one word goes there: somebody rings
        return (OpenTask(key, TaskKind.TELEPHONE_AGENCY, leg.id, event.at),)
    return ()


def machine_evidence(case: Case, event: MachineEvidence, rules: Rules) -> Step:
    """An automatic reply or a read receipt: shown beside the leg, counted for nothing; who is away has a deputy."""
    leg = case.leg(event.leg)
    if leg is None:
        return Step(case)
    leg = replace(leg, evidence=(*leg.evidence, Stamp(event.at, leg.agency, event.code)))
    return deputising.away(case.with_leg(leg), leg, event)


def answer_unclear(case: Case, event: AnswerUnclear, rules: Rules) -> Step:
    """Words no state may follow from: a person reads them."""
    leg = case.leg(event.leg)
    marked = case.with_leg(replace(leg, insecure=True)) if leg and event.in_clear else case
    return Step(marked, (OpenTask(f"unclear:{event.leg}", TaskKind.UNCLEAR_ANSWER, event.leg, event.at),))


def answered(case: Case, event: Answered, rules: Rules) -> Step:
    """A person at an agency answered. Too little proof is the desk's, and changes nothing."""
    leg = case.leg(event.leg)
    if leg is None:
        return Step(case)
    if not acknowledgement.enough(event.answer, event.proof):
        return answer_unclear(case, AnswerUnclear(event.at, event.leg, "unproved", event.in_clear), rules)
    if leg.lost and event.answer is Answer.RECEIVED and event.proof < Proof.PACKET_CODE:
        return answer_unclear(
            case, AnswerUnclear(event.at, event.leg, "not_there", event.in_clear), rules
        )  # what have they received?
    if _stamp(event) in leg.evidence:
        return Step(case)  # the same words once more: a duplicate takes nothing back
    if not acknowledgement.ACKNOWLEDGES[event.answer]:
        ring = () if leg.shut_out else (_failure_task(leg, event),)
        return Step(case.with_leg(_with_stamp(leg, event)), ring)
    moved = replace(
        _with_stamp(leg, event),
        acknowledgement=Acknowledgement.ACKNOWLEDGED,
        acknowledged_at=leg.acknowledged_at or event.at,
    )
    moved = checking.answered(moved, event, rules)
    if moved.complete and not leg.answered_at:
        moved = replace(moved, answered_at=event.at)
    case = replace(case, contributions=(*case.contributions, *_told(case, leg, event)))
    owes_again = (SetClock(f"answer:{leg.id}", leg.answer_due),) if leg.complete and moved.owing else ()
    step = Step(case.with_leg(moved), (*_settled(moved, event), *owes_again))
    rating = most_urgent(case, leg.subjects, rules)
    step = step.then(Step(step.case, reminding.nudge_clock(moved, rating, event.at, rules)))
    step = step.then(checking.asked_again(step.case, moved, event))
    step = step.then(owing.answered(step.case, moved, event.answer, event.at, rules))
    step = step.then(_conflicted(step.case, moved, event, rules))
    return step.then(_told_late(step.case, moved, event))


_TELLS = frozenset({Answer.INFORMATION, Answer.INTERIM})


def _told_late(case: Case, leg: Leg, event: Answered) -> Step:
    """What was decided upon may have changed. Whoever writes down what they hear has heard it, and says so to whoever
    decided; a closed case nobody looks at."""
    decided = any(s.decision for s in case.subjects if s.id in leg.subjects)
    heard = event.proof is Proof.STAFF and not case.closed
    if event.answer not in _TELLS or heard or not (decided or case.closed):
        return Step(case)
    reopened = contact.clocks_again(case) if case.closed else ()
    task = OpenTask(f"told_late:{leg.id}", TaskKind.TOLD_LATE, leg.id, event.at)
    return Step(replace(case, closed=None), (task, *reopened))


def _conflicted(case: Case, leg: Leg, event: Answered, rules: Rules) -> Step:
    """Who declares a conflict of interest is shut out at once; the desk is told (checking.py)."""
    if event.answer is not Answer.DECLINE or event.reason is not DeclineReason.CONFLICT:
        return Step(case)
    return restricting.shut_out(case, Restricted(event.at, event.by, Kind.AGENCY, leg.agency, Why.CONFLICT), rules)


def _told(case: Case, leg: Leg, event: Answered) -> tuple[Contribution, ...]:
    if not event.contribution or case.contribution(event.contribution):
        return ()
    marking = Marking.RELEASED if event.released else Marking.HUB_ONLY
    told = Contribution(event.contribution, leg.id, leg.agency, event.at, event.answer, marking, event.nil_missing)
    return (told,)


def _with_stamp(leg: Leg, event: Answered) -> Leg:
    insecure = leg.insecure or event.in_clear
    return replace(leg, evidence=(*leg.evidence, _stamp(event)), insecure=insecure)


def _stamp(event: Answered) -> Stamp:
    return Stamp(event.at, event.by, f"said:{event.answer}")


def _failure_task(leg: Leg, event: Answered) -> OpenTask:
    kind = TaskKind.CANNOT_OPEN if event.answer is Answer.CANNOT_OPEN else TaskKind.WRONG_PERSON
    return OpenTask(f"{kind}:{leg.id}", kind, leg.id, event.at)


def _settled(leg: Leg, event: Answered) -> tuple[Effect, ...]:
    effects: tuple[Effect, ...] = (
        StopClock(f"remind:{leg.id}"),
        WithdrawLetters(f"reminder:{leg.id}:"),
        *escalating.settled(leg.id),
        *deputising.withdrawn(leg),
        *(CloseTask(f"{n}:{leg.id}") for n in ("no_deputy", "cannot_open", "wrong_person")),
    )
    if not leg.owing or event.at < leg.answer_due:  # “received” is no answer: what is late stays somebody's to ring
        effects += (CloseTask(f"silent:{leg.id}"), CloseTask(f"telephone:{leg.id}"))
    if event.proof is Proof.STAFF:  # what the agency says next does not tell what its unread words said
        effects += (CloseTask(f"unclear:{leg.id}"),)
    if leg.complete:
        effects += (StopClock(f"answer:{leg.id}"),)
    return effects + checking.asked_of_desk(leg, event)


def reminder_due(case: Case, leg: Leg, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody at the agency has said they have it: remind, and past the due time tell the desk."""
    if leg.shut_out or leg.acknowledgement is Acknowledgement.ACKNOWLEDGED or leg.recall is not Recall.NONE:
        return Step(case)
    if leg.reminders >= len(rules.reminders):
        return _press_desk(case, leg, event, rules, f"remind:{leg.id}")
    rating = most_urgent(case, leg.subjects, rules)
    moved = _reminded(leg, rating, event.at, rules)
    effects: tuple[Effect, ...] = ()
    if leg.arrived:
        effects = (SendLetter(f"reminder:{leg.id}:{moved.reminders}", Letter.REMINDER, leg.id),)
    step = Step(case.with_leg(moved), effects)
    if moved.reminders >= len(rules.reminders):
        return step.then(_press_desk(step.case, moved, event, rules, f"remind:{leg.id}"))
    return step.then(Step(step.case, leg_clocks(moved, rating, rules)[:1]))


def _reminded(leg: Leg, rating: Rating, at: datetime, rules: Rules) -> Leg:
    """The leg with one more reminder, and those whose share has passed too: a working day ends several at once."""
    if at >= leg.acknowledge_due:
        return replace(leg, reminders=len(rules.reminders))
    moved = replace(leg, reminders=leg.reminders + 1)
    while moved.reminders < len(rules.reminders) and remind_due(moved, rating, rules) <= at:
        moved = replace(moved, reminders=moved.reminders + 1)
    return moved


def answer_due(case: Case, leg: Leg, event: ClockRanOut, rules: Rules) -> Step:
    """The agency has not answered in time, acknowledged or not; while nobody there has it, that is what climbs."""
    if not leg.owing:
        return Step(case)
    climbs = leg.acknowledgement is Acknowledgement.ACKNOWLEDGED
    return _press_desk(case, leg, event, rules, f"answer:{leg.id}", climbs=climbs)


def nudge_due(case: Case, leg: Leg, event: ClockRanOut, rules: Rules) -> Step:
    """A person there has it, and the answer is due or soon will be."""
    return reminding.nudge(case, leg, most_urgent(case, leg.subjects, rules), event, rules)


def _press_desk(case: Case, leg: Leg, event: ClockRanOut, rules: Rules, name: str, *, climbs: bool = True) -> Step:
    pressed = replace(leg, escalated=leg.escalated + 1)
    step = Step(case.with_leg(pressed), escalating.to_ring(leg, event.at))
    if climbs:
        step = step.then(_climbed(step.case, pressed, event, rules))
    moved = step.case.leg(leg.id) or pressed
    more = climbs and escalating.next_rung(moved.rungs, escalating.since(moved), rules) is not None
    red = urgent(case, leg.subjects, rules)
    again = escalating.again_at(more, red, event.at, rules)
    return step.then(Step(step.case, (SetClock(name, again),)))


def _climbed(case: Case, leg: Leg, event: ClockRanOut, rules: Rules) -> Step:
    """The next rung; on that of the deputy, the packet goes to them in the team's place."""
    step = escalating.climb(case, leg, event.at, rules)
    moved = step.case.leg(leg.id) or leg
    on_deputy = len(moved.rungs) > len(leg.rungs) and moved.rungs[-1].rung is Rung.DEPUTY
    return step.then(deputising.ask_deputy(step.case, moved, event.at)) if on_deputy else step
