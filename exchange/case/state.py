"""A case and its parts, as they stand: immutable; only `advance` makes the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from exchange.case.acknowledgement import COMPLETE, Acknowledgement, Responded
from exchange.case.action import Action
from exchange.case.address_release import AddressRelease
from exchange.case.attachment import Attached
from exchange.case.challenge import Challenge
from exchange.case.contribution import Contribution
from exchange.case.correction import Correction
from exchange.case.decision import DISCREET, ThresholdDecision
from exchange.case.delivery import FAILED, THERE, Delivery
from exchange.case.disposal import Disposal, Hold
from exchange.case.duty import Duty
from exchange.case.escalation import Call, Reached
from exchange.case.feedback import Contact, Draft, Feedback, ReferrerClass
from exchange.case.fields import Part
from exchange.case.lateral_check import Decline, Recall
from exchange.case.mailbox import PassedOver
from exchange.case.milestone import Milestone
from exchange.case.outcome import OutcomeOwed
from exchange.case.product import Disclosure, Product, Withheld
from exchange.case.question import Question
from exchange.case.record import Copy, Record
from exchange.case.referral import SubjectCodes
from exchange.case.restriction import Kind, Restriction, keeps_out
from exchange.case.sorting import SET_ASIDE, Override, Sorting
from exchange.case.strategy_discussion import Invitee, StrategyDiscussion


@dataclass(frozen=True, slots=True)
class ReferrerCodes:
    """What the journey may know of the person who raised the concern."""

    referrer_class: ReferrerClass
    source: str  # source of referral code; "" when not known
    mailbox: str = ""  # the directory mailbox that wrote, proved; "" otherwise
    replyable: bool = False  # left a mail address that we may write to
    proved: bool = False  # a person's mail, signed by a pinned key or DMARC-aligned: an automatic receipt may go back
    telephone: bool = False  # left a number to ring
    contact: Contact = Contact.UNSAID  # how they may be told
    may_mail: bool = True  # false: no letter of any kind goes to their address
    language: str = "en"  # in which they wrote to us on our pages, and are written to

    @property
    def writable(self) -> bool:
        """There is an address, and it may be written to."""
        return self.may_mail and bool(self.mailbox or self.replyable)

    @property
    def way(self) -> Contact:
        """How they are told: by mail, by telephone, or on the receipt page by whoever has the code."""
        if self.referrer_class is ReferrerClass.ANONYMOUS:
            return Contact.PAGE
        if self.contact is Contact.TELEPHONE:
            return Contact.TELEPHONE
        if self.writable and self.contact in (Contact.UNSAID, Contact.MAIL):
            return Contact.MAIL
        return Contact.TELEPHONE if self.telephone and self.contact is Contact.UNSAID else Contact.PAGE

    def typed_over(self, earlier: ReferrerCodes) -> ReferrerCodes:
        """These codes, typed in from a contact that gave `earlier`: what it forbade stays forbidden, unless the
        referrer has said "by email" since, and they are written to in the language they chose."""
        if earlier.may_mail or self.contact is Contact.MAIL:
            return replace(self, language=earlier.language)
        return replace(self, contact=self.contact or earlier.contact, may_mail=False, language=earlier.language)


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
    achieved: tuple[Stamp, ...] = ()  # of an adult: whether what they wanted came of it; the last holds
    provisional: str = ""  # what the first look said, until somebody rates this subject
    since: datetime | None = None  # when we learned of them, if that was after the receipt
    cohorts: tuple[Stamp, ...] = ()  # the last is in the codes too, for routes
    levels: tuple[Stamp, ...] = ()  # of need; the last holds
    borderline: Stamp | None = None
    reviews: tuple[Stamp, ...] = ()  # of a borderline subject: "agrees" | "disagrees"
    milestones: tuple[Milestone, ...] = ()  # one of a name; its earlier ones are in the events
    overrides: tuple[Override, ...] = ()  # grounds on which a refusal was not followed
    words_too: bool = False  # added later, and what was said with the contact is about them too
    in_error: Stamp | None = None  # they should never have been in the case

    @property
    def id(self) -> str:
        """`s1`, `s2`..."""
        return self.codes.id

    @property
    def rating(self) -> str:
        """The rating that holds, confirmed or provisional; "" when nobody has said anything."""
        return self.ratings[-1].code if self.ratings else self.provisional

    @property
    def is_provisional(self) -> bool:
        """Somebody has said how urgent it seems, and nobody has rated this subject yet."""
        return bool(self.provisional) and not self.ratings

    @property
    def decision(self) -> str:
        """The decision that holds; "" before one."""
        return self.decisions[-1].code if self.decisions else ""

    @property
    def settled(self) -> bool:
        """Decided, or in the case by error alone: nobody need decide about them."""
        return bool(self.decision) or self.in_error is not None

    @property
    def refuses(self) -> bool:
        """An adult with capacity said no, and nobody has recorded a ground to go on."""
        return self.codes.refuses and not self.overrides

    @property
    def refuses_somebody(self) -> bool:
        """They refuse, and no ground was recorded that holds for every agency."""
        return self.codes.refuses and all(o.agencies for o in self.overrides)

    def keeps_from(self, agency: str) -> bool:
        """They refuse, and nobody has recorded a ground to tell this agency all the same."""
        return self.codes.refuses and not any(agency in o.agencies or not o.agencies for o in self.overrides)

    def milestone(self, name: str) -> Milestone | None:
        """The newest milestone of this name."""
        return next((m for m in self.milestones if m.name == name), None)

    def with_milestone(self, changed: Milestone) -> SubjectEpisode:
        """The same subject with one milestone set."""
        return replace(self, milestones=(*(m for m in self.milestones if m.name != changed.name), changed))


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
    reminders: int = 0  # that nobody has said they have it; sent so far
    nudges: int = 0  # that the answer is due; sent so far
    escalated: int = 0  # how often the desk was pressed
    rungs: tuple[Reached, ...] = ()  # of the ladder, those reached by silence
    evidence: tuple[Stamp, ...] = ()  # what machines said: shown, never counted
    nil_missing: tuple[str, ...] = ()  # of a nil return: what it does not say (lateral_check.NilPart)
    nil_asked: int = 0  # how often an unqualified nil return was asked again
    decline: Decline = Decline.NONE
    decline_reason: str = ""  # a DeclineReason
    suggested: str = ""  # the agency that it says should be asked instead
    rerouted_to: tuple[str, ...] = ()  # the legs of the agencies that were asked instead
    more_at: datetime | None = None  # when it was last given more after a decline; its answer counts from there
    recall: Recall = Recall.NONE
    recalled_at: datetime | None = None
    recall_due: datetime | None = None  # by when the agency should have said that it is deleted
    in_place_of: str = ""  # the agency that is shut out, in whose place this one was asked
    deputy_asked_at: datetime | None = None  # when its deputy was given the packet too
    deputy_mail: Delivery = Delivery.TO_SEAL  # where the letter to the deputy is, once they were asked
    deputy_transport: str = ""  # by which it goes, or went
    shut_out: bool = False  # its agency must not see the case any more: nothing is expected of it
    transport: str = ""  # by which its packet goes, or went; "" before it is sealed
    passed_over: tuple[PassedOver, ...] = ()  # the transports before that, and why not
    insecure: bool = False  # an answer of its agency came in readable form, although its packet was sealed
    chased: tuple[datetime, ...] = ()  # when somebody at the desk asked once more, by mail
    kept_back: tuple[str, ...] = ()  # what its parts hold and its manifest does not: it tells where somebody is
    parts: tuple[Part, ...] = ()  # that the rows gave by which it was asked; () of one of before that was kept

    @property
    def unqualified(self) -> bool:
        """Nothing known, without saying where, on what and when it was searched."""
        return self.response is Responded.NOTHING_KNOWN and bool(self.nil_missing)

    @property
    def complete(self) -> bool:
        """The agency has given its answer."""
        return self.response in COMPLETE and not self.unqualified

    @property
    def owing(self) -> bool:
        """The agency owes its answer; who was asked to delete the packet, or is shut out, owes none."""
        return not self.complete and self.recall is Recall.NONE and not self.shut_out

    @property
    def arrived(self) -> bool:
        """What the agency is asked is, or may be, in its hands: its team's, or its deputy's."""
        return self.delivery in THERE or self.deputy_mail in THERE

    @property
    def failed(self) -> bool:
        """The mail to its team will not get through by itself."""
        return self.delivery in FAILED

    @property
    def lost(self) -> bool:
        """No mail has reached the agency, and none will by itself."""
        return self.failed and not self.arrived


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
    products: tuple[Product, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()  # of products; those of packets are in the legs
    withheld: tuple[Withheld, ...] = ()  # decisions not to share
    looked_at: Stamp | None = None
    feedback: Feedback = Feedback.NOT_DUE
    feedback_due: datetime | None = None
    additions: int = 0  # pieces of information added after receipt
    closed: Stamp | None = None
    drafts: tuple[Draft, ...] = ()  # free words to the referrer
    withheld_until: datetime | None = None  # when withheld feedback is looked at again
    told_again: int = 0  # letters about the outcome beyond the first for each set of decisions
    outcomes_owed: tuple[OutcomeOwed, ...] = ()  # one per agency that took subjects on, told ones too
    challenges: tuple[Challenge, ...] = ()
    read_before: bool = False  # a person has read it; unread is what was added since
    provisional: str = ""  # the rating of the first look, for subjects that are typed in later
    restrictions: tuple[Restriction, ...] = ()  # those lifted too
    holds: tuple[Hold, ...] = ()  # legal holds, those lifted too
    disposals: tuple[Disposal, ...] = ()  # what is gone for ever
    owner: str = ""  # staff id of whoever follows it; "" while nobody does
    duties: tuple[Duty, ...] = ()  # handings over to the duty team, the newest last
    duty_watch: datetime | None = None  # when the duty team is looked to next; None when it need not be
    calls: tuple[Call, ...] = ()  # to agencies that did not answer
    routing_held: bool = False  # nobody is asked until a person has settled who must not see it
    detail_released: int = 0  # how many decisions there were when a manager let the referrer know what was decided
    address_releases: tuple[AddressRelease, ...] = ()
    records: tuple[Record, ...] = ()  # of strategy discussions, one each from when it was held
    unconfirmed: bool = False  # read from a form by a machine, and nobody has compared it with the form yet
    files: tuple[Attached, ...] = ()  # from the referrer, by form
    questions: tuple[Question, ...] = ()  # to the referrer
    corrections: tuple[Correction, ...] = ()  # of what was typed in wrongly
    unread: tuple[str, ...] = ()  # tasks by which words, files or somebody wait for a person (reading.py)

    def file(self, file: str) -> Attached | None:
        """The file of this id."""
        return next((f for f in self.files if f.id == file), None)

    def subject(self, subject: str) -> SubjectEpisode | None:
        """The subject of this id."""
        return next((s for s in self.subjects if s.id == subject), None)

    def leg(self, leg: str) -> Leg | None:
        """The leg of this id."""
        return next((x for x in self.legs if x.id == leg), None)

    def number_of(self, leg: str) -> int:
        """Which of its agency's packets of the case this one is, from 1; 0 while there is no other."""
        found = self.leg(leg)
        theirs = [x.id for x in self.legs if found and x.agency == found.agency]
        return theirs.index(leg) + 1 if len(theirs) > 1 else 0

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

    @property
    def spocs_shut_out(self) -> frozenset[str]:
        """The SPOCs, by id, who must not see the case although their agency may."""
        return frozenset(r.who for r in self.restrictions if r.in_force and r.kind is Kind.SPOC)

    def shuts_out(self, agency: str) -> bool:
        """Whether this agency must not see the case."""
        return keeps_out(self.restrictions, Kind.AGENCY, agency)

    def released_to(self, agency: str) -> frozenset[str]:
        """Those whose protected address this agency may know ("s1", "p1"...)."""
        return frozenset(r.owner for r in self.address_releases if r.agency == agency)

    def words_for(self, about: Iterable[str], agency: str) -> bool:
        """Whether what was said with the contact (concern, consent, household, who told it) may go to this agency in
        something about these subjects: it is about one of them, and no adult whom it came with keeps it back."""
        of_them = any(s.since is None or s.words_too for s in self.subjects if s.id in about)
        return of_them and not any(s.since is None and s.keeps_from(agency) for s in self.subjects)

    def contribution(self, contribution: str) -> Contribution | None:
        """The contribution of this id."""
        return next((c for c in self.contributions if c.id == contribution), None)

    def product(self, product: str) -> Product | None:
        """The information product of this id."""
        return next((p for p in self.products if p.id == product), None)

    def disclosure(self, disclosure: str) -> Disclosure | None:
        """The disclosure of this id."""
        return next((x for x in self.disclosures if x.id == disclosure), None)

    def record(self, discussion: str) -> Record | None:
        """The record of this discussion."""
        return next((r for r in self.records if r.discussion == discussion), None)

    def copy(self, copy: str) -> Copy | None:
        """The copy of a record of this id."""
        return next((c for r in self.records for c in r.copies if c.id == copy), None)

    def spoken_to(self, about: str) -> str:
        """The agency of a passage's owner ("p1/w1"), or of who was sent a product ("x1") or record ("k1"); ""."""
        if copy := self.copy(about):
            return copy.agency
        name, _, passage_id = about.partition("/")
        product, sent = self.product(name), self.disclosure(about)
        passage = product.passage(passage_id) if product else None
        return passage.agency if passage else sent.recipient if sent else ""

    def discussion(self, discussion: str) -> StrategyDiscussion | None:
        """The discussion of this id."""
        return next((d for d in self.discussions if d.id == discussion), None)

    def seat(self, about: str) -> Invitee | None:
        """The seat of a discussion ("d1/i2")."""
        discussion = self.discussion(about.partition("/")[0])
        return discussion.invitee(about.partition("/")[2]) if discussion else None

    @property
    def decisions(self) -> int:
        """How many decisions were made, superseded ones too."""
        return sum(len(s.decisions) for s in self.subjects)

    @property
    def decided(self) -> bool:
        """Every subject is decided who is not there by error, and there is one."""
        return any(s.decision for s in self.subjects) and all(s.settled for s in self.subjects)

    @property
    def discreet(self) -> bool:
        """A decision that holds takes a discreet route, and no manager has released it to the referrer."""
        holding = (s.decisions[-1] for s in self.subjects if s.decisions)
        return self.detail_released != self.decisions and any(DISCREET & {*d.ways} for d in holding)

    @property
    def approved(self) -> Draft | None:
        """The free words that go with the decisions that hold."""
        fit = [d for d in self.drafts if d.standing == "approved" and d.decisions == self.decisions]
        return fit[-1] if fit else None

    @property
    def draft(self) -> Draft | None:
        """The free words that wait for a second person."""
        return next((d for d in self.drafts if d.standing == "waiting"), None)

    def outcome_owed(self, leg: str) -> OutcomeOwed | None:
        """What the agency of this leg owes, or owed."""
        return next((o for o in self.outcomes_owed if o.leg == leg), None)

    def challenge(self, challenge: str) -> Challenge | None:
        """The challenge of this id."""
        return next((c for c in self.challenges if c.id == challenge), None)

    def question(self, question: str) -> Question | None:
        """What was asked of the referrer under this id."""
        return next((q for q in self.questions if q.id == question), None)

    def with_draft(self, changed: Draft) -> Case:
        """The same case with one draft changed."""
        return replace(self, drafts=tuple(changed if d.id == changed.id else d for d in self.drafts))

    def with_outcome_owed(self, changed: OutcomeOwed) -> Case:
        """The same case with what one agency owes changed."""
        return replace(self, outcomes_owed=tuple(changed if o.leg == changed.leg else o for o in self.outcomes_owed))

    def with_challenge(self, changed: Challenge) -> Case:
        """The same case with one challenge changed."""
        return replace(self, challenges=tuple(changed if c.id == changed.id else c for c in self.challenges))

    def with_subject(self, changed: SubjectEpisode) -> Case:
        """The same case with one subject changed."""
        return replace(self, subjects=tuple(changed if s.id == changed.id else s for s in self.subjects))

    def with_leg(self, changed: Leg) -> Case:
        """The same case with one leg changed."""
        return replace(self, legs=tuple(changed if x.id == changed.id else x for x in self.legs))

    def with_action(self, changed: Action) -> Case:
        """The same case with one action changed."""
        return replace(self, actions=tuple(changed if a.id == changed.id else a for a in self.actions))

    def with_product(self, changed: Product) -> Case:
        """The same case with one product changed."""
        return replace(self, products=tuple(changed if p.id == changed.id else p for p in self.products))

    def with_disclosure(self, changed: Disclosure) -> Case:
        """The same case with one disclosure changed."""
        return replace(self, disclosures=tuple(changed if x.id == changed.id else x for x in self.disclosures))

    def with_record(self, changed: Record) -> Case:
        """The same case with one record changed."""
        of = changed.discussion
        return replace(self, records=tuple(changed if r.discussion == of else r for r in self.records))

    def with_discussion(self, changed: StrategyDiscussion) -> Case:
        """The same case with one discussion changed."""
        return replace(self, discussions=tuple(changed if d.id == changed.id else d for d in self.discussions))
