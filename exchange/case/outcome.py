"""Outcomes: what came of a decision, said by the agency that took the child or adult on; not yet what it changed.

1. An outcome is a code of its form's list, per subject; siblings differ. A later one is added, never overwrites.
2. What is handed over is offered: the hub's until a person at the agency accepts it (design truth 6).
3. Whoever took subjects on owes the outcome of each, with a clock; a duplicate asks for nothing twice.
4. With an adult's outcome goes whether what they wanted was achieved (Making Safeguarding Personal).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange.case.acknowledgement import Proof
from exchange.case.clock import ClockKind, ClockSpec
from exchange.case.code_lists import CONTACT_OUTCOMES, RISK_ASSESSMENT, RISK_OUTCOME, SAC, Code, CodeList
from exchange.case.decision import ONLY_FOR

CHASE = "outcome_chase"  # the named clock from "taken on" to "asked again"
USUAL_CHASE = ClockSpec(ClockKind.WORKING_DAYS, days=5)  # local practice, where the hub's statute names no length
LETTERS = 2  # asked by mail after the first letter; then a person rings


def _of(codes: CodeList, *wanted: str) -> tuple[Code, ...]:
    return tuple(c for c in codes.codes if c.code in wanted)


# The collection asks for a risk outcome where a risk was found; an enquiry may also find none, or cease.
ADULT_OUTCOMES = CodeList("adult_outcome", SAC, (*RISK_OUTCOME.codes, *_of(RISK_ASSESSMENT, "none_none", "ceased")))
_OF_ADULTS = {str(decision) for decision, form in ONLY_FOR.items() if form == "adult"}
# Of a child none of what is decided of adults alone.
CHILD_OUTCOMES = CodeList(
    CONTACT_OUTCOMES.name, CONTACT_OUTCOMES.source,
    tuple(c for c in CONTACT_OUTCOMES.codes if c.code not in _OF_ADULTS),
)  # fmt: skip
OF_FORM: dict[str, CodeList] = {"child": CHILD_OUTCOMES, "adult": ADULT_OUTCOMES}


def codes_of(form: str) -> CodeList:
    """The outcomes there are for a child or an adult."""
    return OF_FORM[form]


def known(form: str, code: str) -> bool:
    """Whether this is an outcome of that form."""
    return code in dict(codes_of(form).choices)


def label(code: str) -> str:
    """An outcome in words, whichever form it is of."""
    return next((codes.label(code) for codes in OF_FORM.values() if code in dict(codes.choices)), code)


@dataclass(frozen=True, slots=True)
class OutcomeOwed:
    """An agency has taken subjects on, and is to say what came of it; or it is asked to take them on."""

    leg: str
    agency: str
    subjects: tuple[str, ...]
    since: datetime
    due: datetime  # asked again then
    told: tuple[str, ...] = ()  # the subjects whose outcome it has said
    asked: int = 0  # again by mail, since it was last taken on
    letters: int = 0  # all that went out
    offered: tuple[str, ...] = ()  # handed over to it, and nobody there has accepted: the hub's until then
    accept_by: datetime | None = None  # asked again then
    offers: int = 0  # letters that asked it to accept
    again: int = 0  # of them, since the newest hand-over
    offered_at: datetime | None = None  # when what is offered now was handed over

    @property
    def asking(self) -> tuple[str, ...]:
        """The keys of the letters that ask it to accept what was handed over last."""
        return tuple(f"hand_over:{self.leg}:{n}" for n in range(max(0, self.offers - 1 - self.again), self.offers))

    def asks(self, key: str) -> bool:
        """Whether the letter of this key asks it to accept what was handed over last, or reminds it of that."""
        return key in self.asking or any(key.startswith(f"{asked}:soon:") for asked in self.asking)

    @property
    def left(self) -> tuple[str, ...]:
        """Whose outcome is still owed."""
        return tuple(s for s in self.subjects if s not in self.told)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A person hands decided subjects over to an agency: theirs as soon as a person there accepts."""

    at: datetime
    by: str
    agency: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeTold:
    """A person at an agency said what came of it, with this strength of proof."""

    at: datetime
    by: str
    leg: str
    outcome: str
    proof: Proof
    channel: str  # "mail" | "page"
    subjects: tuple[str, ...] = ()  # () is the one subject whose outcome is owed
    every: bool = False  # the same outcome for every subject that is owed
    achieved: str = ""  # of an adult: whether what they wanted came of it, a code of OUTCOMES_ACHIEVED
