"""What a hub profile says, as frozen values the core consults. A case keeps the rules in force at its receipt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time

from exchange.case import clock
from exchange.case.calendar import Calendar
from exchange.case.clock import ClockKind, ClockSpec
from exchange.case.disposal import Keep
from exchange.case.escalation import EscalationRules
from exchange.case.fields import Part
from exchange.case.own_words import OwnWords
from exchange.case.session import Session
from exchange.case.statute import NEXT_STEPS, Statute

AT_RISK = ("at_risk", "missing")  # whom a route is about that does not say: somebody missing is at risk


@dataclass(frozen=True, slots=True)
class Rating:
    """One step of the hub's scale of urgency, with the clocks it sets."""

    code: str  # "red"
    label: str  # "Red"
    acknowledge: ClockSpec  # packet asked for -> a person at the agency has it in hand
    answer: ClockSpec  # packet asked for -> what the agency knows
    decide: ClockSpec  # receipt -> threshold decision


@dataclass(frozen=True, slots=True)
class AgencyRules:
    """An agency as the rules know it."""

    id: str
    name: str
    functions: tuple[str, ...]  # "police", "health", "social_care", "education"...
    basis: str  # UK GDPR Art 6 gateway for disclosures to this agency, for example "6(1)(e)"
    condition: str = "9(2)(g) with DPA 2018 Sch 1 para 18"
    areas: tuple[str, ...] = ()  # outward postcodes it serves; () is everywhere


@dataclass(frozen=True, slots=True)
class Route:
    """One row: who is asked about which subjects, and with which parts. An empty condition matches everything."""

    agency: str
    parts: tuple[Part, ...]
    purpose: str  # why this agency needs to know, in the words of the disclosure record
    on: str = "receipt"  # "receipt" | "rating": when the row is consulted
    forms: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    age_bands: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    roles: tuple[str, ...] = AT_RISK  # what the subject is in the contact; who may pose a risk only where it says so


@dataclass(frozen=True, slots=True)
class DiscussionRules:
    """How the hub holds one kind of discussion."""

    quorum: tuple[str, ...] = (
        "social_care",
        "police",
        "health",
    )  # functions that must be there (WT minimum three)
    chair: str = "social_care"
    reply: ClockSpec = field(default_factory=ClockSpec.hour)  # invitation -> chase, then again -> the desk
    minutes: int = 60
    kind: str = ""  # "planning_meeting"; "" is the strategy discussion itself
    label: str = "Strategy discussion"
    form: str = ""  # whom it is for: "child" | "adult"; "" is everybody
    invite: tuple[str, ...] = ()  # functions whose agencies are always invited; () is the quorum
    referrer: bool = True  # the referrer's own agency is invited, where the hub knows it
    emergency: tuple[str, ...] = ("social_care", "police")  # functions rung at least when it cannot wait
    clock: str = "strategy_discussion"  # of the statutory profile: decision to hold one -> held
    record: str = "strategy_record"  # of the same: held -> its record is with those who get it

    @property
    def invited(self) -> tuple[str, ...]:
        """The functions whose agencies are invited when nobody says otherwise."""
        return self.invite or self.quorum


@dataclass(frozen=True, slots=True)
class StrategyRules(DiscussionRules):
    """How the hub holds strategy discussions, and the variants beside them."""

    variants: tuple[DiscussionRules, ...] = ()

    def of(self, kind: str) -> DiscussionRules | None:
        """The kind of this name; None when the hub has none."""
        return self if not kind else next((v for v in self.variants if v.kind == kind), None)

    def usual(self, forms: frozenset[str]) -> DiscussionRules:
        """The kind that is held about subjects of these forms when nobody names one."""
        own = (v for v in self.variants if forms == {v.form})
        return next(own, self)


@dataclass(frozen=True, slots=True)
class ProductRules:
    """How the hub asks owners for their agreement, and what waits for it in a compartment of its own."""

    agreement: ClockSpec = field(default_factory=lambda: ClockSpec(ClockKind.ELAPSED, seconds=4 * 3600))
    compartments: tuple[str, ...] = ("health",)  # functions whose contributions few may read before release


@dataclass(frozen=True, slots=True)
class Rules:
    """One hub's way of working."""

    hub: str
    name: str
    prefix: str  # of references: "MASH" gives MASH-7K2F-9QXD
    telephone: str  # the hub's own line, printed in every letter
    duty_telephone: str  # out of hours
    calendar: Calendar
    unrated: Rating  # the clocks of a subject nobody has rated yet
    ratings: tuple[Rating, ...]  # most urgent first
    agencies: tuple[AgencyRules, ...]
    routes: tuple[Route, ...]
    first_look: ClockSpec
    feedback: ClockSpec  # decision -> the referrer is told
    strategy: StrategyRules = StrategyRules()
    reminders: tuple[float, ...] = (0.5, 0.8, 1.0)  # shares of a clock at which the agency is reminded
    overdue_again: ClockSpec = field(default_factory=ClockSpec.hour)  # past due: how often the desk is pressed anew
    cohorts: tuple[str, ...] = ()
    open_cases: tuple[str, ...] = ()  # agencies that take a case they have open without screening; () screens all
    statute: Statute = field(
        default_factory=Statute
    )  # the clocks of law and guidance, and the usual ones beside them
    product: ProductRules = field(default_factory=ProductRules)
    retention: tuple[Keep, ...] = ()  # the schedule; records are disposed of by the newest one
    escalation: EscalationRules = field(default_factory=EscalationRules)
    digest: time | None = None  # from when a mailbox gets its digest; None: when somebody begins to read it
    drift: ClockSpec = field(default_factory=lambda: ClockSpec(ClockKind.ELAPSED, seconds=86400))  # without an event
    sessions: tuple[Session, ...] = ()  # recurring ones, with an agenda
    # How long a letter waits on the pick-up page.
    pickup: ClockSpec = field(default_factory=lambda: ClockSpec(ClockKind.ELAPSED, seconds=14 * 86400))
    letters: tuple[OwnWords, ...] = ()  # what the hub adds to them
    next_steps: str = "decision"  # what ends the statutory clock of that name: "decision", or "rating" by a person

    def decide_due(self, rating: Rating, form: str, received: datetime) -> datetime:
        """When the decision about a child or adult of this rating is due (UTC), counted from the receipt.

        Policy cannot weaken the statute: until its clock has been stopped, whichever is sooner.
        """
        own = clock.due(rating.decide, received, self.calendar)
        if rating.code and self.next_steps == "rating":
            return own
        law = self.statute.due(NEXT_STEPS, form, received, self.calendar)
        return min(own, law) if law else own

    def named_due(self, name: str, usual: ClockSpec, start: datetime) -> datetime:
        """When the clock of this name, started at `start` (UTC), runs out (UTC); `usual` where none is named so."""
        found = self.statute.clock(name)
        return found.due(start, self.calendar) if found else clock.due(usual, start, self.calendar)

    def discussion(self, kind: str) -> DiscussionRules:
        """How this kind of discussion is held; a kind that the hub has no more is held as the strategy discussion."""
        return self.strategy.of(kind) or self.strategy

    def session(self, session: str) -> Session | None:
        """The recurring session of this id."""
        return next((s for s in self.sessions if s.id == session), None)

    def rating(self, code: str) -> Rating:
        """The rating of this code, or the unrated one."""
        return next((r for r in self.ratings if r.code == code), self.unrated)

    def knows_rating(self, code: str) -> bool:
        """Whether this hub uses the code."""
        return any(r.code == code for r in self.ratings)

    def agency(self, agency: str) -> AgencyRules | None:
        """The agency of this id."""
        return next((a for a in self.agencies if a.id == agency), None)

    def names(self, agencies: Iterable[str]) -> list[str]:
        """What these agencies are called, each once; one that is no more by its id."""
        found = ((agency, self.agency(agency)) for agency in dict.fromkeys(agencies))
        return [known.name if known else agency for agency, known in found]

    def with_function(self, function: str) -> tuple[AgencyRules, ...]:
        """The agencies that do this."""
        return tuple(a for a in self.agencies if function in a.functions)
