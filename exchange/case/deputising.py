"""Deputising: an agency's deputy is given the packet in the place of a team that is away or silent.

1. At most once for each leg, whoever asks first: an automatic reply, or the ladder of an answer that does not come.
2. It stops no clock and moves none: the first person of the agency who acknowledges does, team or deputy.
3. Where no deputy can be reached by mail a person rings: the agency's lead, or the agency's number.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import delivery, recalling
from exchange.case.acknowledgement import Acknowledgement
from exchange.case.delivery import ARRIVED, LOST, TAKEN
from exchange.case.effect import CloseTask, Effect, Letter, OpenTask, SendLetter, TaskKind, WithdrawLetter
from exchange.case.event import LetterNews, MachineEvidence, PacketNews
from exchange.case.lateral_check import Recall
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg, Stamp
from exchange.case.step import Step

AUTOMATIC_REPLY = "automatic_reply"  # of a machine's evidence: somebody is away
NEWS = "deputy"  # before the news of the deputy's letter, in the evidence of the leg: "deputy:accepted:250"


def ask_deputy(case: Case, leg: Leg, at: datetime) -> Step:
    """Give the deputy the packet, once; where nothing is expected of the agency any more, nobody is asked."""
    if leg.deputy_asked_at or leg.shut_out or leg.recall is not Recall.NONE or case.closed:
        return Step(case)
    return Step(case.with_leg(replace(leg, deputy_asked_at=at)), (SendLetter(key(leg), Letter.DEPUTY, leg.id),))


def key(leg: Leg) -> str:
    """What the deputy's letter is called for ever."""
    return f"deputy:{leg.id}"


def withdrawn(leg: Leg) -> tuple[Effect, ...]:
    """A person of the agency has it in hand: what waits for the deputy need not go, unless it is the only copy."""
    return (WithdrawLetter(key(leg)),) if leg.delivery in TAKEN else ()


def away(case: Case, leg: Leg, event: MachineEvidence) -> Step:
    """An automatic reply says that somebody is away: the deputy is asked at once, and when it is the deputy who is
    away too, a person rings."""
    if event.code != AUTOMATIC_REPLY or leg.acknowledgement is Acknowledgement.ACKNOWLEDGED:
        return Step(case)
    if event.letter != Letter.DEPUTY or leg.shut_out or leg.recall is not Recall.NONE:
        return ask_deputy(case, leg, event.at)
    return Step(case, (_ring(leg, event.at),))


def letter_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """The letter to the deputy moved."""
    leg = case.leg(event.about)
    if leg is None:
        return Step(case)
    heard = f"{NEWS}:{event.news}" + (f":{event.code}" if event.code else "")
    mail = delivery.TABLE[leg.deputy_mail, event.news]
    goes = delivery.by(leg.deputy_transport, event.news, event.transport)
    evidence = (*leg.evidence, Stamp(event.at, "system", heard))
    leg = replace(leg, deputy_mail=mail, deputy_transport=goes, evidence=evidence)
    step = Step(case.with_leg(leg), _tasks(leg, event))
    as_packet = PacketNews(event.at, leg.id, event.news, event.code)
    return step.then(recalling.packet_left(step.case, leg, as_packet, rules))


def _tasks(leg: Leg, event: LetterNews) -> tuple[Effect, ...]:
    if leg.shut_out:  # nobody rings those who must not know; what left all the same has to be recalled
        return (recalling.to_recall(leg.id, event.at),) if event.news in recalling.LEFT else ()
    if event.news in ARRIVED:
        return (CloseTask(f"no_deputy:{leg.id}"),)
    waits = leg.acknowledgement is Acknowledgement.AWAITED and leg.recall is Recall.NONE and not leg.failed
    return (_ring(leg, event.at),) if waits and event.news in LOST else ()


def _ring(leg: Leg, at: datetime) -> OpenTask:
    return OpenTask(f"no_deputy:{leg.id}", TaskKind.NO_DEPUTY, leg.id, at)
