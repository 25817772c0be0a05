"""Everything that can happen to a case: journey codes only.

What was said (names, words, reasons) travels beside an event as sealed bodies, one a compartment; no field here
may hold it. `at` is when it happened at the edge, in UTC. `by` is a role-bound id: a staff id, an agency id,
`referrer` or `system`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange.case.acknowledgement import Answer, DeclineReason, Proof
from exchange.case.action import ActionAnswered, ActionMoved, ActionReplyUnclear, ActionSet
from exchange.case.address_release import AddressReleased
from exchange.case.attachment import Attached, FileScanned
from exchange.case.challenge import Challenged, ChallengeEscalated, ChallengeReplied, ReplyApproved, ReplyDropped
from exchange.case.correction import WordsCorrected
from exchange.case.decision import Decision, Specialist, ThreeLimbs
from exchange.case.delivery import News
from exchange.case.disposal import Disposed, LegalHoldLifted, LegalHoldSet
from exchange.case.duty import DutyAccepted, DutyReturned
from exchange.case.effect import Letter
from exchange.case.escalation import CallMade, Chased
from exchange.case.feedback import (
    ContactChanged,
    FeedbackApproved,
    FeedbackDrafted,
    FeedbackDropped,
    FeedbackReleased,
    FeedbackTold,
    FeedbackWithheld,
    ReceiptCodeGiven,
)
from exchange.case.lateral_check import (
    DeclineSettled,
    MoreGiven,
    RecallConfirmed,
    Recalled,
)
from exchange.case.mailbox import PassedOver
from exchange.case.milestone import MilestoneMet, MilestoneStarted
from exchange.case.original import FileUnlocked, MailWaits, ReadingConfirmed, WordsRead
from exchange.case.outcome import HandedOver, OutcomeTold
from exchange.case.ownership import Owned
from exchange.case.product import (
    NotShared,
    OwnerAnswered,
    ProductDrafted,
    ProductReleased,
    ProductReplyUnclear,
    ReleaseAsked,
    ReleaseOverridden,
)
from exchange.case.question import QuestionApproved, QuestionAsked, QuestionDropped
from exchange.case.record import RecordApproved, RecordTold, RecordWritten
from exchange.case.referral import SubjectCodes
from exchange.case.restriction import Restricted, RestrictionLifted, RoutingAllowed
from exchange.case.sorting import (
    AcceptedElsewhere,
    Borderline,
    BroughtBack,
    CohortSet,
    EnteredInError,
    Levelled,
    PersonChanged,
    RefusalOverridden,
    SecondReview,
    Sorted,
    SubjectAdded,
    SubjectCorrected,
)
from exchange.case.state import ReferrerCodes
from exchange.case.strategy_discussion import (
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    DiscussionPlaced,
    DiscussionTelephoned,
    FullFollows,
    InviteesAdded,
    Present,
    SeatEvidence,
    SeatUnclear,
)


@dataclass(frozen=True, slots=True)
class ContactReceived:
    """A concern came in, by whatever channel. Without subjects it is not yet transcribed, and still a case."""

    at: datetime
    case: str
    hub: str
    reference: str
    rules: str
    channel: str  # "web" | "mail" | "api" | "telephone"
    securely: bool
    referrer: ReferrerCodes
    subjects: tuple[SubjectCodes, ...] = ()
    fields: tuple[str, ...] = ()
    danger: bool = False
    restricted: tuple[str, ...] = ()  # agencies that the referrer says must not see it
    unsettled: bool = False  # the referrer named somebody who must not see it, and we cannot tell whom
    since: datetime | None = None  # when they rang, if that was before it was typed in: the clocks count from then
    by_hand: bool = False  # read by a machine from a form that a person filled in
    locked: str = ""  # the id of the mail, when a file in it wants a password
    files: tuple[Attached, ...] = ()  # that came with it by form


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A person has read it, and says how urgent it seems."""

    at: datetime
    by: str
    rating: str = ""  # provisional; "" only when every subject is rated already
    follows: bool = True  # `by` is a member of staff, who follows the case from now on unless somebody does
    additions: int | None = None  # how many things told since they had before them; None where nobody can say


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A person has turned an unstructured contact into a referral."""

    at: datetime
    by: str
    subjects: tuple[SubjectCodes, ...]
    fields: tuple[str, ...]
    referrer: ReferrerCodes
    danger: bool = False
    restricted: tuple[str, ...] = ()
    unsettled: bool = False


@dataclass(frozen=True, slots=True)
class ReferralCorrected:
    """What was typed in wrongly of the contact as a whole, or of who told it, is put right."""

    at: datetime
    by: str
    fields: tuple[str, ...]  # of all answers about the concern, consent and referrer that now hold
    changed: tuple[str, ...]  # of those that are other than before, or were taken out
    referrer: ReferrerCodes
    danger: bool


@dataclass(frozen=True, slots=True)
class InformationAdded:
    """The referrer told us more. What was added is unread until somebody looks."""

    at: datetime
    by: str
    channel: str
    locked: str = ""  # as with a contact
    files: tuple[Attached, ...] = ()
    answers: str = ""  # the question of ours that they answer


@dataclass(frozen=True, slots=True)
class Rated:
    """A person rated one subject."""

    at: datetime
    by: str
    subject: str
    rating: str


@dataclass(frozen=True, slots=True)
class AgencyAsked:
    """A person asks one more agency."""

    at: datetime
    by: str
    agency: str
    subjects: tuple[str, ...]
    instead_of: str = ""  # the leg of an agency that declined
    in_place_of: str = ""  # an agency that is shut out, whose parts of the referral this one is given


@dataclass(frozen=True, slots=True)
class Decided:
    """A threshold decision for one subject, with what was considered."""

    at: datetime
    by: str
    subject: str
    decision: Decision
    routes: tuple[Specialist, ...] = ()
    limbs: ThreeLimbs | None = None  # for a section 42 decision
    without_checks: bool = False  # knowingly, although an agency has not answered
    voice: str = ""  # "heard", or a code of NOT_HEARD; "" when the referral itself tells it
    capacity: str = ""
    outcomes_asked: str = ""
    follow_up: datetime | None = None  # when somebody looks again
    drops: tuple[
        Specialist, ...
    ] = ()  # routes of the decision before, with their clocks, for a reason that is sealed
    additions: int | None = None  # as with a look


@dataclass(frozen=True, slots=True)
class OutcomeRecorded:
    """What came of the decision for one subject."""

    at: datetime
    by: str
    subject: str
    outcome: str  # a code of the list of the subject's form
    leg: str = ""  # whose agency said it to us; "" when the hub found it out itself
    achieved: str = ""  # of an adult: whether what they wanted came of it, a code of OUTCOMES_ACHIEVED


@dataclass(frozen=True, slots=True)
class ReferrerReplied:
    """Does this answer your concern? The referrer said yes or no."""

    at: datetime
    answers: bool
    by: str = "referrer"  # or the member of staff to whom they said so


@dataclass(frozen=True, slots=True)
class Closed:
    """A named person closes the case; `override` says that something was left open, knowingly."""

    at: datetime
    by: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class PacketNews:
    """Something became known of the mail that carries a leg's packet."""

    at: datetime
    leg: str
    news: News
    code: str = ""  # an SMTP or enhanced status code, or why it is held
    transport: str = ""  # of what is kept, held or sent: a Transport
    passed: tuple[PassedOver, ...] = ()  # of the mailbox's list, what could not be used before it
    until: datetime | None = None  # of a letter that waits to be fetched: no longer than that


@dataclass(frozen=True, slots=True)
class LetterNews:
    """Something became known of another letter (receipt, invitation, outcome...)."""

    at: datetime
    letter: Letter
    about: str  # leg, discussion/invitee or "" as in the effect that asked for it
    news: News
    code: str = ""
    readable: bool = False  # it went as a notice that says nothing; the content waits on the receipt page
    transport: str = ""  # as with a packet
    passed: tuple[PassedOver, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class MachineEvidence:
    """An automatic reply or a read receipt about a leg: shown, never counted."""

    at: datetime
    leg: str
    code: str  # "automatic_reply" | "read_receipt"
    letter: str = ""  # the letter it answers; "" when only its leg is known


@dataclass(frozen=True, slots=True)
class Answered:
    """A person at an agency answered about a leg, with this strength of proof."""

    at: datetime
    by: str
    leg: str
    answer: Answer
    proof: Proof
    channel: str  # "mail" | "page" | "telephone" | "api"
    reason: DeclineReason | None = None
    contribution: str = ""  # id of what was told with it; "" when nothing was
    in_clear: bool = False  # a readable answer to a sealed packet: marked as received insecurely
    nil_missing: tuple[str, ...] = ()  # of "nothing known": what it does not say (lateral_check.NilPart)
    suggested: str = ""  # the agency that it says should be asked instead; "" for none that we know
    released: bool = False  # its owner says that what is told may be used in what leaves the hub


@dataclass(frozen=True, slots=True)
class AnswerUnclear:
    """Something was said about a leg that no state may follow from: a person must read it."""

    at: datetime
    leg: str
    why: str  # "unproved" | "unclear" | "more_said" | "wrong_sender" | "sent_again" (to another letter)
    in_clear: bool = False  # readable on its way, although the packet was sealed


@dataclass(frozen=True, slots=True)
class DiscussionCalled:
    """A strategy discussion is called."""

    at: datetime
    by: str
    discussion: str
    starts_at: datetime
    subjects: tuple[str, ...]
    agencies: tuple[str, ...]  # instead of those whom the kind always invites; () is those
    kind: str = ""  # which variant of the hub file
    also: tuple[str, ...] = ()  # in addition to those whom the kind always invites
    referrer: str = ""  # the referrer's agency, where the hub knows it
    deadline: datetime | None = None  # by when it must have been held
    session: str = ""  # the recurring session on whose agenda it is; `agencies` is its roster then
    minutes: int = 0  # 0 is as long as the kind takes
    placeless: bool = False  # nobody has said yet where it takes place


@dataclass(frozen=True, slots=True)
class InviteeReplied:
    """An invitee said whether they come, with this strength of proof; `stamp` orders contradictory replies."""

    at: datetime
    discussion: str
    invitee: str
    attendance: Attendance
    stamp: datetime
    channel: str  # "mail" | "page" | "desk"
    proof: Proof = Proof.DKIM
    by: str = ""  # who at the desk confirmed it, or took it by telephone
    sequence: int | None = None  # of the invitation that a calendar answers
    proposed: datetime | None = None  # the other time that they would come
    contribution: str = ""  # id of what they wrote instead of coming
    deputy: bool = False  # said by the deputy whom we asked in the invitee's place
    delegate: str = ""  # the mailbox of the agency to which a calendar passed the invitation on
    more: bool = False  # they wrote something beside the answer, which a person must read


@dataclass(frozen=True, slots=True)
class DiscussionHeld:
    """The discussion took place with these agencies."""

    at: datetime
    by: str
    discussion: str
    attended: tuple[str, ...]  # agency ids
    present: tuple[Present, ...] = ()  # the same with how they took part; () for older records
    inquorate: bool | None = None  # knowingly, for a reason that is sealed; None for older records
    began_at: datetime | None = None  # when it began, if that was not when it was called for
    full: FullFollows | None = None  # what its quorum lacks, a full one makes up; None for older records


@dataclass(frozen=True, slots=True)
class ClockRanOut:
    """Silence: a clock that was set ran out."""

    at: datetime
    clock: str


Event = (
    ContactReceived | LookedAt | Transcribed | InformationAdded | Rated | AgencyAsked | Decided | OutcomeRecorded
    | ReferrerReplied | Closed | PacketNews | LetterNews | MachineEvidence | Answered | AnswerUnclear
    | DiscussionCalled | InviteeReplied | DiscussionHeld | ClockRanOut
    | InviteesAdded | DiscussionMoved | DiscussionCancelled | DiscussionTelephoned | SeatUnclear | SeatEvidence
    | DiscussionPlaced
    | Sorted | AcceptedElsewhere | SubjectAdded | SubjectCorrected | CohortSet | Levelled | Borderline | SecondReview
    | RefusalOverridden | MilestoneStarted | MilestoneMet | ActionSet | ActionMoved
    | ProductDrafted | ReleaseAsked | OwnerAnswered | ProductReplyUnclear | ReleaseOverridden | ProductReleased
    | NotShared
    | Recalled | RecallConfirmed | MoreGiven | DeclineSettled
    | HandedOver | OutcomeTold | Challenged | ChallengeReplied | ChallengeEscalated | FeedbackDrafted
    | FeedbackApproved | FeedbackDropped | FeedbackWithheld | FeedbackReleased | FeedbackTold | ContactChanged
    | Restricted | RestrictionLifted | RoutingAllowed
    | CallMade | Chased | DutyAccepted | DutyReturned | Owned
    | RecordWritten | RecordApproved | RecordTold | ActionAnswered | ActionReplyUnclear
    | LegalHoldSet | LegalHoldLifted | Disposed | ReceiptCodeGiven | AddressReleased
    | EnteredInError | BroughtBack | PersonChanged | ReplyApproved | ReplyDropped
    | EnteredInError | ReadingConfirmed | FileUnlocked | MailWaits | WordsRead | FileScanned
    | ReferralCorrected | WordsCorrected
    | QuestionAsked | QuestionApproved | QuestionDropped
)  # fmt: skip
