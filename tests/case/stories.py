"""A made-up hub, and a way to tell a case event by event and see what the outside would see of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import advance
from exchange.case.calendar import Calendar
from exchange.case.clock import read_spec
from exchange.case.decision import Decision, ThreeLimbs
from exchange.case.delivery import News
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawAbout,
    WithdrawLetter,
    WithdrawLetters,
)
from exchange.case.event import (
    Answered,
    ClockRanOut,
    Closed,
    ContactReceived,
    Decided,
    DiscussionCalled,
    Event,
    LetterNews,
    LookedAt,
    PacketNews,
    Rated,
)
from exchange.case.feedback import ReferrerClass
from exchange.case.fields import Part
from exchange.case.original import WordsRead
from exchange.case.referral import SubjectCodes
from exchange.case.rules import AgencyRules, Rating, Route, Rules
from exchange.case.state import Case, Leg, ReferrerCodes

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # a Tuesday
ALWAYS = Calendar("Europe/London", ((time.min, time.max),) * 7)
OFFICE = Calendar("Europe/London", (*((time(9), time(17)),) * 5, None, None))
FIELDS = (
    "referrer.name",
    "concern.what_happened",
    "concern.risks_to_workers",
    "s1.given_name",
    "s1.address",
    "s1.school",
    "s1.gp",
    "s2.given_name",
    "s2.address",
    "p1.name",
)
SCHOOL = ReferrerCodes(ReferrerClass.PROFESSIONAL, "2A", replyable=True)


def rating(code: str, acknowledge: str, answer: str, decide: str) -> Rating:
    """One step of the scale."""
    return Rating(code, code.title(), read_spec(acknowledge), read_spec(answer), read_spec(decide))


def _agency(name: str, *functions: str) -> AgencyRules:
    return AgencyRules(name, name.title(), functions, "6(1)(e)", "9(2)(g)")


RULES = Rules(
    hub="northmoor",
    name="Northmoor MASH",
    prefix="MASH",
    telephone="01632 960100",
    duty_telephone="01632 960199",
    calendar=ALWAYS,
    unrated=rating("", "1h", "4h", "24h"),
    ratings=(
        rating("red", "30m", "2h", "4h"),
        rating("amber", "2h", "8h", "24h"),
        rating("green", "4h", "24h", "3d"),
    ),
    agencies=(
        _agency("police", "police"),
        _agency("health", "primary_care", "health"),
        _agency("social_care", "social_care"),
        _agency("education", "education"),
        _agency("probation", "probation"),
        _agency("housing", "housing"),
    ),
    routes=(
        Route("police", (Part.IDENTITY, Part.CONCERN, Part.RISK), "knows the household", forms=("child",)),
        Route("health", (Part.IDENTITY, Part.HEALTH, Part.CONCERN), "knows the injury", forms=("child",)),
        Route("education", (Part.IDENTITY, Part.EDUCATION), "sees them", forms=("child",), age_bands=("school",)),
        Route("probation", (Part.IDENTITY, Part.RISK), "knows the offender", on="rating", ratings=("red",)),
    ),
    first_look=read_spec("30m"),
    feedback=read_spec("24h"),
)


def at(minutes: float = 0) -> datetime:
    """So many minutes after the contact."""
    return NOW + timedelta(minutes=minutes)


def child(name: str = "s1", age_band: str = "school", *, protected: bool = False) -> SubjectCodes:
    """A child of a case."""
    return SubjectCodes(name, "child", age_band, fields=("given_name", "address"), address_protected=protected)


def adult(name: str = "s1") -> SubjectCodes:
    """An adult at risk, whom no row of the made-up hub routes."""
    return SubjectCodes(name, "adult", "adult")


def contact(
    *subjects: SubjectCodes,
    channel: str = "web",
    referrer: ReferrerCodes = SCHOOL,
    fields: tuple[str, ...] = FIELDS,
) -> ContactReceived:
    """A concern that came in."""
    return ContactReceived(
        NOW, "case1", "northmoor", "MASH-7K2F-9QXD", "rules", channel, True, referrer, subjects, fields
    )


def says(answer: Answer, leg: str = "l1", after: float = 10, proof: Proof = Proof.SIGNATURE) -> Answered:
    """A person at an agency says something."""
    return Answered(at(after), "police", leg, answer, proof, "mail")


def arrives(leg: str = "l1", after: float = 1, news: News = News.ACCEPTED) -> PacketNews:
    """A server takes a packet, or whatever else becomes of it."""
    return PacketNews(at(after), leg, news)


def invited(seat: str = "i1", after: float = 61, news: News = News.ACCEPTED) -> LetterNews:
    """A server takes an invitation to discussion d1, or whatever else becomes of it."""
    return LetterNews(at(after), Letter.INVITATION, f"d1/{seat}", news)


def nil_return(missing: tuple[str, ...] = (), after: float = 10, leg: str = "l1") -> Answered:
    """A person at an agency says that nothing is known, without saying so much of how it was searched."""
    return replace(says(Answer.NOTHING_KNOWN, leg, after), nil_missing=missing)


def rates(subject: str = "s1", code: str = "red", after: float = 20) -> Rated:
    """A screening officer rates."""
    return Rated(at(after), "duty-1", subject, code)


LIMBS = ThreeLimbs(needs=True, risk=True, unable=True)
CONSIDERED = {"without_checks": True, "voice": "heard", "capacity": "did_not", "outcomes_asked": "expressed"}


def decides(subject: str = "s1", decision: Decision = Decision.ASSESSMENT, after: float = 60, **more: Any) -> Decided:
    """A manager decides, knowing whose answer is missing and having considered all that is to be considered."""
    limbs = LIMBS if decision is Decision.SECTION_42 else None
    considered: dict[str, Any] = {**CONSIDERED, "limbs": limbs, **more}
    return Decided(at(after), "manager-1", subject, decision, **considered)


def calls(*agencies: str, after: float = 60, starts: float = 600) -> DiscussionCalled:
    """A manager calls discussion d1 about s1."""
    return DiscussionCalled(at(after), "manager-1", "d1", at(starts), ("s1",), agencies)


LOOK = LookedAt(at(5), "duty-1", "amber")
CLOSE = Closed(at(2000), "manager-1")
OURS = WordsRead(at(62), "duty-1", "hand_over:s1")  # the hub does what was decided itself
CLOSE_ANYWAY = Closed(at(2000), "manager-1", override=True)


class Story:
    """A case as it is told: the case, the last effects, and what is open outside."""

    def __init__(self, *events: Event, rules: Rules = RULES) -> None:
        self.rules = rules
        self.told: Case | None = None
        self.effects: tuple[Effect, ...] = ()
        self.letters: list[str] = []  # keys, each once, in the order asked for
        self.waiting: dict[str, SendLetter] = {}  # those not withdrawn
        self.clocks: dict[str, datetime] = {}
        self.tasks: dict[str, OpenTask] = {}
        self.tell(*events)

    def tell(self, *events: Event) -> Story:
        """Let these happen, one after the other."""
        for event in events:
            step = advance(self.told, event, self.rules)
            if isinstance(event, ClockRanOut):
                self.clocks.pop(event.clock, None)
            self.told, self.effects = step.case, step.effects
            for effect in step.effects:
                self._carry_out(effect)
        return self

    def run_out(self, *clocks: str) -> Story:
        """Let these clocks run out, each when it is due."""
        for name in clocks:
            self.tell(ClockRanOut(self.clocks[name], name))
        return self

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case SendLetter(key=key):
                self.letters += [key] if key not in self.letters else []  # the outbox keeps each once
                self.waiting[key] = effect
            case WithdrawLetters() | WithdrawLetter() | WithdrawAbout():
                self.waiting = {k: v for k, v in self.waiting.items() if not _withdrawn(effect, k, v)}
            case SetClock(clock=clock, due=due):
                self.clocks[clock] = due
            case StopClock(clock=clock):
                self.clocks.pop(clock, None)
            case OpenTask(key=key):
                self.tasks[key] = effect
            case CloseTask(key=key):
                self.tasks.pop(key, None)

    @property
    def case(self) -> Case:
        """The case as it stands."""
        assert self.told is not None
        return self.told

    def leg(self, name: str = "l1") -> Leg:
        """One leg as it stands."""
        found = self.case.leg(name)
        assert found is not None
        return found

    def kinds(self) -> set[TaskKind]:
        """What the desk is asked to do."""
        return {task.kind for task in self.tasks.values()}


def _withdrawn(effect: WithdrawLetters | WithdrawLetter | WithdrawAbout, key: str, letter: SendLetter) -> bool:
    match effect:
        case WithdrawLetters(prefix=prefix):
            return key.startswith(prefix)
        case WithdrawLetter(key=one):
            return key == one
        case WithdrawAbout(about=about):
            return letter.about == about or letter.about.startswith(f"{about}/")


def with_rules(**changes: object) -> Rules:
    """The made-up hub with another way of working."""
    return replace(RULES, **changes)  # type: ignore[arg-type]
