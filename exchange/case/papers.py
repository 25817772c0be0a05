"""Papers: what an agency is told before a strategy discussion, each its own. Names are listed, never values.

1. An agency that has packets of the case reads what they hold of the subjects of the discussion, and nothing more.
2. One that has none reads what its rows in the hub file would give it, of those whom a row could be about; where a
   person invited it about others all the same, of them. One without rows, the chair's for instance, reads the worry.
3. Why the discussion is called is written of all its subjects: who may not read of them all is told it there.
4. Of an adult who refuses nothing is in the papers of an agency for which nobody recorded a ground; of who is in the
   case by error, nothing in anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.case import packet, routing
from exchange.case.fields import Part
from exchange.case.lateral_check import Recall
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import StrategyDiscussion

WORRY = (Part.IDENTITY, Part.HOUSEHOLD, Part.CONCERN, Part.RISK, Part.VOICE)


@dataclass(frozen=True, slots=True)
class Papers:
    """What one agency's papers hold."""

    subjects: tuple[str, ...]
    manifest: tuple[str, ...]
    every: bool  # it may read of all whom the discussion is about
    household: bool = False  # it is told who lives there, whoever of them poses no risk too


def papers(case: Case, discussion: StrategyDiscussion, agency: str, rules: Rules) -> Papers:
    """The papers of this agency for this discussion."""
    asked = tuple(
        s.id for s in case.subjects if s.id in discussion.subjects and not (s.keeps_from(agency) or s.in_error)
    )
    legs = tuple(leg for leg in case.legs if leg.agency == agency)
    if legs:
        about, names = _of_packets(legs, asked)
        household = any(routing.tells_household(leg, rules) for leg in _counting(legs, asked))
    else:
        about, parts = _by_rows(case, agency, asked, rules)
        codes, released = tuple(s.codes for s in case.subjects), case.released_to(agency)
        words = case.words_for(about, agency)
        names = packet.manifest(case.fields, codes, about, parts, released, words=words)
        household = Part.HOUSEHOLD in parts
    return Papers(about, names, set(about) == set(discussion.subjects), household)


def _of_packets(legs: tuple[Leg, ...], asked: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What its packets hold about these subjects."""
    counting = _counting(legs, asked)
    about = tuple(s for s in asked if any(s in leg.subjects for leg in counting))
    names = dict.fromkeys(name for leg in counting for name in leg.manifest)
    return about, tuple(name for name in names if _fits(name.partition(".")[0], about))


def _counting(legs: tuple[Leg, ...], asked: tuple[str, ...]) -> tuple[Leg, ...]:
    """The packets that are about any of them; one that was asked back counts no more."""
    return tuple(leg for leg in legs if leg.recall is Recall.NONE and set(leg.subjects) & set(asked))


def _fits(owner: str, about: tuple[str, ...]) -> bool:
    of_subject = owner[:1] == "s" and owner[1:].isdigit()
    return not of_subject or owner in about


def _by_rows(
    case: Case, agency: str, asked: tuple[str, ...], rules: Rules
) -> tuple[tuple[str, ...], tuple[Part, ...]]:
    if not any(row.agency == agency for row in rules.routes):
        return asked, WORRY
    about = routing.could_be_about(agency, (s for s in case.subjects if s.id in asked), rules) or asked
    return about, routing.asked(agency, about, rules).parts
