"""Threshold decisions: software proposes, a named qualified person decides, per subject; siblings may differ.

1. A new decision supersedes, never overwrites.
2. What the guidance wants considered is part of the decision: the voice of the person, the answers still missing, an
   adult's capacity and wishes, and the three limbs of section 42.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Decision(StrEnum):
    """What was decided for one subject."""

    NFA = "nfa"
    ADVICE = "advice"
    EARLY_HELP = "early_help"
    ASSESSMENT = "assessment"
    SECTION_47 = "section_47"
    SECTION_42 = "section_42"
    OTHER_ENQUIRY = "other_enquiry"
    OPEN_CASE = "open_case"
    MARAC = "marac"
    LADO = "lado"
    PREVENT = "prevent"
    TRANSFER = "transfer"


LABELS: dict[Decision, str] = {
    Decision.NFA: "No further action",
    Decision.ADVICE: "Information and advice",
    Decision.EARLY_HELP: "Early help (family help)",
    Decision.ASSESSMENT: "Assessment (section 17)",
    Decision.SECTION_47: "Strategy discussion and section 47 enquiry",
    Decision.SECTION_42: "Adult safeguarding enquiry (section 42)",
    Decision.OTHER_ENQUIRY: "Other safeguarding enquiry",
    Decision.OPEN_CASE: "To the allocated worker of an open case",
    Decision.MARAC: "MARAC",
    Decision.LADO: "Designated officer (LADO)",
    Decision.PREVENT: "Prevent",
    Decision.TRANSFER: "Transfer to another area",
}


class Specialist(StrEnum):
    """Routes beside the decision itself (domain 3.4); several may be taken."""

    MARAC = "marac"
    EXPLOITATION = "exploitation"
    MISSING = "missing"
    PREVENT = "prevent"
    LADO = "lado"
    PERSON_IN_TRUST = "person_in_trust"
    HATE_CRIME = "hate_crime"
    FGM = "fgm"
    MODERN_SLAVERY = "modern_slavery"


# Of these the referrer learns that it is dealt with, and no more until a manager releases it (domain 3.4, 3.7): what
# is known there could reach the person it is about, or their employer.
DISCREET = frozenset({Specialist.LADO, Specialist.PREVENT, Specialist.MARAC, Specialist.PERSON_IN_TRUST})
# Of these somebody's employer may be the agency that referred, or that is asked.
ABOUT_AN_EMPLOYEE = frozenset({Specialist.LADO, Specialist.PERSON_IN_TRUST})


@dataclass(frozen=True, slots=True)
class SpecialistRoute:
    """One specialist route: when it is taken, and what nobody may forget on it."""

    label: str
    gate: str
    warning: str = ""
    clock: str = ""  # of the statutory profile, started with the decision


ROUTES: dict[Specialist, SpecialistRoute] = {
    Specialist.MARAC: SpecialistRoute(
        "MARAC",
        "DASH 14 or more, professional judgement, escalation, or a repeat within 12 months",
        "Contact the victim only in ways that are safe; the other person is never told.",
    ),
    Specialist.EXPLOITATION: SpecialistRoute(
        "Child exploitation (CSE or criminal)", "any strong indicator at 13 or under; significant and current above"
    ),
    Specialist.MISSING: SpecialistRoute(
        "Missing", "a missing or away episode", "Start the return interview’s clock when they are back."
    ),
    Specialist.PREVENT: SpecialistRoute(
        "Prevent (Channel)",
        "a risk of radicalisation; 999 when it is imminent",
        "Feedback is often withheld; Channel needs consent to support.",
    ),
    Specialist.LADO: SpecialistRoute(
        "Designated officer (LADO)",
        "somebody who works with children harmed, may have offended, may pose a risk or may not be suitable",
        "Not to the employer unless a manager says so.",
        "lado",
    ),
    Specialist.PERSON_IN_TRUST: SpecialistRoute(
        "Person in a position of trust (adults)",
        "somebody who works with adults at risk may pose a risk",
        "Not to the employer unless a manager says so.",
    ),
    Specialist.HATE_CRIME: SpecialistRoute(
        "Hate crime", "hostility to disability, race, religion, orientation or gender identity"
    ),
    Specialist.FGM: SpecialistRoute(
        "Female genital mutilation",
        "known, of a girl under 18: the professional tells the police",
        clock="fgm_report",
    ),
    Specialist.MODERN_SLAVERY: SpecialistRoute(
        "Modern slavery (National Referral Mechanism)", "trafficking or slavery suspected: by a first responder"
    ),
}


def ways(decision: str, beside: Iterable[Specialist]) -> tuple[Specialist, ...]:
    """The specialist routes that are taken: the one that is itself what was decided, and those beside it, each once.
    Their warnings, clocks and mailboxes are the same however the route was taken."""
    own = (Specialist(decision),) if decision in {*Specialist} else ()
    return tuple(dict.fromkeys((*own, *beside)))


# Clocks that a decision starts besides those of its routes, counted from the receipt or from the decision itself.
FROM_RECEIPT: dict[Decision, str] = {Decision.ASSESSMENT: "assessment"}
FROM_DECISION: dict[Decision, str] = {
    Decision.SECTION_47: "strategy_discussion",
    Decision.SECTION_42: "adult_strategy",
}
# Duties of one law: a child's of the Children Act 1989, an adult's of the Care Act 2014. The others are for both.
ONLY_FOR: dict[Decision, str] = {
    Decision.ASSESSMENT: "child",
    Decision.SECTION_47: "child",
    Decision.SECTION_42: "adult",
    Decision.OTHER_ENQUIRY: "adult",
}
# Routes for one form alone: of an adult who works with adults at risk; of a girl, a child at risk of exploitation.
ROUTE_ONLY_FOR: dict[Specialist, str] = {
    Specialist.PERSON_IN_TRUST: "adult",
    Specialist.EXPLOITATION: "child",
    Specialist.FGM: "child",
}
ENDS_HERE = frozenset({Decision.NFA, Decision.ADVICE})  # nobody's information is shared on


# Of these an agency has to act: the case is the hub's until somebody there has taken them on.
NEEDS_AN_AGENCY = frozenset(Decision) - ENDS_HERE - {Decision.TRANSFER}


def decisions_for(form: str) -> tuple[Decision, ...]:
    """What may be decided of a child, or of an adult."""
    return tuple(d for d in Decision if ONLY_FOR.get(d, form) == form)


@dataclass(frozen=True, slots=True)
class ThreeLimbs:
    """Care Act 2014 s42(1): each of the three must be met for the duty to make enquiries."""

    needs: bool  # has needs for care and support
    risk: bool  # is experiencing, or at risk of, abuse or neglect
    unable: bool  # cannot protect themselves because of those needs

    @property
    def met(self) -> bool:
        """Whether the duty holds."""
        return self.needs and self.risk and self.unable


@dataclass(frozen=True, slots=True)
class ThresholdDecision:
    """One decision about one subject, as it was made."""

    at: datetime
    by: str  # a staff id
    code: str  # a Decision
    routes: tuple[Specialist, ...] = ()
    limbs: ThreeLimbs | None = None
    missing: tuple[str, ...] = ()  # legs that had not answered, knowingly
    voice: str = ""  # "heard", or why it was not
    capacity: str = ""  # a code of CAPACITY_AT_ENQUIRY, for adults
    outcomes_asked: str = ""  # a code of OUTCOMES_ASKED, for adults (Making Safeguarding Personal)
    follow_up: datetime | None = None
    drops: tuple[Specialist, ...] = ()  # routes of the decision before that are not taken any more, knowingly

    @property
    def ways(self) -> tuple[Specialist, ...]:
        """Every specialist route that it takes."""
        return ways(self.code, self.routes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What nobody may forget on them."""
        return tuple(ROUTES[way].warning for way in self.ways if ROUTES[way].warning)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Each route with its warning, as whoever acts on it reads them; what was decided itself is named before."""
        told = (f"{'' if way == self.code else f'{ROUTES[way].label}. '}{ROUTES[way].warning}" for way in self.ways)
        return tuple(words.strip() for words in told if words.strip())
