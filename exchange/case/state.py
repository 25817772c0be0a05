"""A case and its parts, as they stand: immutable; only `advance` makes the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from exchange.case.acknowledgement import COMPLETE, Acknowledgement, Responded
from exchange.case.action import Action
from exchange.case.contribution import Contribution
from exchange.case.decision import ThresholdDecision
from exchange.case.delivery import FAILED, Delivery
from exchange.case.feedback import Feedback, ReferrerClass
from exchange.case.milestone import Milestone
from exchange.case.referral import SubjectCodes
from exchange.case.sorting import SET_ASIDE, Sorting
from exchange.case.strategy_discussion import StrategyDiscussion


@dataclass(frozen=True, slots=True)
class ReferrerCodes:
    """What the journey may know of the person who raised the concern."""

    referrer_class: ReferrerClass
    source: str  # source of referral code; "" when not known
    mailbox: str = ""  # the directory mailbox that wrote, proved; "" otherwise
    replyable: bool = False  # left a mail address that we may write to
    telephone: bool = False  # left a number to ring
    proved: bool = False  # the mail was signed by a pinned key or DMARC-aligned: an automatic receipt may go back


@dataclass(frozen=True, slots=True)
class Stamp:
    """Somebody did or said something coded."""

    at: datetime
    by: str  # a role-bound id (staff id, agency id, "system"), never a name
    code: str


@dataclass(frozen=True, slots=True)
class SubjectEpisode:
    """One child or adult in one contact."""

    codes: SubjectCodes
    decide_due: datetime
    ratings: tuple[Stamp, ...] = ()  # confirmed ones; the last holds
    decisions: tuple[ThresholdDecision, ...] = ()  # the last holds; earlier ones are superseded, never erased
    outcomes: tuple[Stamp, ...] = ()
    provisional: str = ""  # what the first look said, until somebody rates this subject
    since: datetime | None = None  # when we learned of them, if that was after the receipt
    cohorts: tuple[Stamp, ...] = ()  # the last is in the codes too, for routes
    levels: tuple[Stamp, ...] = ()  # of need; the last holds
    borderline: Stamp | None = None
    reviews: tuple[Stamp, ...] = ()  # of a borderline subject: "agrees" | "disagrees"
    milestones: tuple[Milestone, ...] = ()  # one of a name; its earlier ones are in the events
    overrides: tuple[Stamp, ...] = ()  # grounds on which a refusal was not followed

    @property
    def id(self) -> str:
        """`s1`, `s2`..."""
        return self.codes.id

    @property
    def rating(self) -> str:
        """The rating that holds, confirmed or provisional; "" when nobody has said anything."""
        return self.ratings[-1].code if self.ratings else self.provisional

    @property
    def decision(self) -> str:
        """The decision that holds; "" before one."""
        return self.decisions[-1].code if self.decisions else ""

    @property
    def refuses(self) -> bool:
        """An adult with capacity said no, and nobody has recorded a ground to go on."""
        return self.codes.refuses and not self.overrides

    def milestone(self, name: str) -> Milestone | None:
        """The newest milestone of this name."""
        return next((m for m in self.milestones if m.name == name), None)

    def with_milestone(self, changed: Milestone) -> SubjectEpisode:
        """The same subject with one milestone set."""
        others = tuple(m for m in self.milestones if m.name != changed.name)
        return replace(self, milestones=(*others, changed))


@dataclass(frozen=True, slots=True)
class Leg:
    """One agency's part of one case."""

    id: str  # "l1" within the case
    agency: str
    subjects: tuple[str, ...]
    manifest: tuple[str, ...]  # names of the fields disclosed, never values
    basis: str
    purpose: str
    opened_at: datetime
    acknowledge_due: datetime
    answer_due: datetime
    delivery: Delivery = Delivery.TO_SEAL
    acknowledgement: Acknowledgement = Acknowledgement.AWAITED
    response: Responded = Responded.AWAITED
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    reminders: int = 0  # sent so far
    escalated: int = 0
    evidence: tuple[Stamp, ...] = ()  # what machines said: shown, never counted

    @property
    def complete(self) -> bool:
        """The agency has given its answer."""
        return self.response in COMPLETE

    @property
    def failed(self) -> bool:
        """Mail will not get through by itself."""
        return self.delivery in FAILED


@dataclass(frozen=True, slots=True)
class Case:
    """One contact and all that came of it."""

    id: str
    hub: str
    reference: str
    rules: str  # content hash of the rules in force at receipt
    received_at: datetime
    channel: str
    securely: bool  # false: it came in readable form, and is marked so
    referrer: ReferrerCodes
    fields: tuple[str, ...]  # names of all answers given
    danger: bool  # the referrer says somebody is in immediate danger
    first_look_due: datetime
    subjects: tuple[SubjectEpisode, ...] = ()
    legs: tuple[Leg, ...] = ()
    discussions: tuple[StrategyDiscussion, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    sortings: tuple[Stamp, ...] = ()  # the last holds
    sorted_about: str = ""  # the agency of an open case, or the reference of the first of two
    accepted_elsewhere: Stamp | None = None  # a named person in another area has it
    actions: tuple[Action, ...] = ()
    looked_at: Stamp | None = None
    feedback: Feedback = Feedback.NOT_DUE
    feedback_due: datetime | None = None
    additions: int = 0  # pieces of information added after receipt
    closed: Stamp | None = None
    read_before: bool = False  # a person has read it; unread is what was added since
    provisional: str = ""  # the rating of the first look, for subjects that are typed in later

    def subject(self, subject: str) -> SubjectEpisode | None:
        """The subject of this id."""
        return next((s for s in self.subjects if s.id == subject), None)

    def leg(self, leg: str) -> Leg | None:
        """The leg of this id."""
        return next((x for x in self.legs if x.id == leg), None)

    @property
    def sorting(self) -> Sorting:
        """What sort of contact this is."""
        return Sorting(self.sortings[-1].code) if self.sortings else Sorting.UNSORTED

    @property
    def set_aside(self) -> bool:
        """It needs no decision of its own."""
        return self.sorting in SET_ASIDE

    def action(self, action: str) -> Action | None:
        """The action of this id."""
        return next((a for a in self.actions if a.id == action), None)

    def contribution(self, contribution: str) -> Contribution | None:
        """The contribution of this id."""
        return next((c for c in self.contributions if c.id == contribution), None)

    def discussion(self, discussion: str) -> StrategyDiscussion | None:
        """The discussion of this id."""
        return next((d for d in self.discussions if d.id == discussion), None)

    def with_subject(self, changed: SubjectEpisode) -> Case:
        """The same case with one subject changed."""
        return replace(self, subjects=tuple(changed if s.id == changed.id else s for s in self.subjects))

    def with_leg(self, changed: Leg) -> Case:
        """The same case with one leg changed."""
        return replace(self, legs=tuple(changed if x.id == changed.id else x for x in self.legs))

    def with_action(self, changed: Action) -> Case:
        """The same case with one action changed."""
        return replace(self, actions=tuple(changed if a.id == changed.id else a for a in self.actions))

    def with_discussion(self, changed: StrategyDiscussion) -> Case:
        """The same case with one discussion changed."""
        return replace(self, discussions=tuple(changed if d.id == changed.id else d for d in self.discussions))
