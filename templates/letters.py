"""Letters: the values each one needs, and their words.

1. No subject line names anybody; the quiet subject is all that stands outside a seal.
2. `Reminder`, `Stepped`, `Guidance`, `Invitation`, `Cancellation`, `Chaser`, `Lead`, `Digest`, `Recall`, `Beside`,
   `Waits`, `Safely`, `OneTimeCode`, `OutcomeNotice`, `Accepted` and a `Receipt` without code say nothing about
   anybody: whoever carries them may read.
3. A letter tells a referrer only what is in `told`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeAlias

from exchange.case.decision import LABELS, Decision
from exchange.case.feedback import Reach, Told
from templates import exists, moments, render
from templates.addressed import NOT_RATED, Urgency
from templates.addressed import Answering as Answering
from templates.addressed import Sender as Sender
from templates.corrected import Corrected
from templates.disclosed import Group, Row, Warnings, folded, groups, lines, prose, seen
from templates.discussed import Record
from templates.key_letters import Drill, KeyChanged, KeyWarning, MailboxMoves
from templates.languages import ENGLISH, speaking, spoken
from templates.meeting_letters import Cancellation as Cancellation
from templates.meeting_letters import Chaser as Chaser
from templates.meeting_letters import Invitation as Invitation
from templates.meeting_letters import Papers as Papers
from templates.notices import Digest, Lead, Waiting, quiet_subject
from templates.outside import Beside, OneTimeCode, Safely, Waits
from templates.owed_letters import ChallengeReply as ChallengeReply
from templates.owed_letters import HandOver as HandOver
from templates.owed_letters import OutcomeAsked as OutcomeAsked
from templates.owed_letters import Replied as Replied
from templates.owed_letters import ToDo as ToDo
from templates.own_words import with_own

BELOW_THRESHOLD = frozenset({Decision.NFA, Decision.ADVICE, Decision.EARLY_HELP})


@dataclass(frozen=True, slots=True)
class Packet:
    """To an agency: what it needs to know, and what is asked of it."""

    sender: Sender
    reference: str
    agency: str  # its name
    leg: str
    form: str  # child | adult
    purpose: str
    basis: str
    manifest: tuple[str, ...]
    answers: Mapping[str, str] = field(repr=False)  # by manifest name
    warnings: Warnings
    answering: Answering
    written_at: datetime
    acknowledge_by: datetime
    answer_by: datetime
    lanes: Mapping[str, str] = field(default_factory=dict)  # what a subject is who is not of the form
    own_reference: str = field(default="", repr=False)  # the agency's own, when it has given one
    worker: str = field(default="", repr=False)  # to whom it goes there, when they have the case open
    in_place: bool = False  # it goes to a deputy or lead, in the place of the agency's team
    kept_back: tuple[str, ...] = ()  # the questions whose answers are withheld, because they tell where somebody is
    worry_kept_back: bool = False  # it holds nothing of what is feared: what was said is about somebody else too
    files: int = 0  # that came with what is feared and stay at the hub; told to whom that was told
    overridden: tuple[str, ...] = ()  # on which grounds it goes although an adult with capacity refuses
    number: int = 0  # which of the agency's packets of the case it is; 0 for the only one

    @property
    def groups(self) -> tuple[Group, ...]:
        """What is disclosed, for reading."""
        return groups(self.answers, self.manifest, self.form, self.written_at.date(), self.lanes)

    @property
    def count(self) -> int:
        """How many answers it holds."""
        return sum(len(g.rows) for g in self.groups)


@dataclass(frozen=True, slots=True)
class Reminder:
    """To an agency that has not said it has the packet, or has it and has not answered."""

    quiet: ClassVar[str] = "Reminder"
    sender: Sender
    reference: str
    answering: Answering
    sent_at: datetime  # the packet
    due_at: datetime
    now: datetime
    in_hand: bool = False  # a person there has it; what is due is the answer
    urgency: Urgency = NOT_RATED
    hand_over: bool = False  # what is due is whether they take on what was handed over to them
    also: tuple[Waiting, ...] = ()  # the team's other messages of the same case that wait


@dataclass(frozen=True, slots=True)
class Stepped:
    """To an agency that has the packet: its answer is due at another time now."""

    quiet: ClassVar[str] = "New time"
    sender: Sender
    reference: str
    answering: Answering
    sent_at: datetime  # the packet
    acknowledge_by: datetime | None  # None when a person there has it already
    answer_by: datetime
    now: datetime
    urgency: Urgency = NOT_RATED


@dataclass(frozen=True, slots=True)
class Guidance:
    """To a referrer whose channel cannot be used: how to refer. What they sent is kept."""

    sender: Sender
    reference: str
    received_at: datetime
    page: str  # the referral form


@dataclass(frozen=True, slots=True)
class Receipt:
    """To the referrer: automatic. With `code` it must be sealed."""

    sender: Sender
    reference: str
    received_at: datetime
    first_look_by: datetime
    securely: bool = True  # false: it reached us readable, and the letter says so
    page: str = ""  # of receipts; opened with the code
    code: str = field(default="", repr=False)
    opened: bool = True  # false: nobody here can read it, and the letter says so


@dataclass(frozen=True, slots=True)
class Accepted:
    """To the referrer: a person has read it."""

    sender: Sender
    reference: str
    received_at: datetime
    looked_at: datetime
    page: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided for one subject."""

    decision: Decision | None  # None while it is open, which staff see and nobody is sent
    form: str  # child | adult
    given_name: str = field(default="", repr=False)  # "" names them by their place in the referral
    reason: str = field(default="", repr=False)  # why the threshold was not met, as the decider worded it


@dataclass(frozen=True, slots=True)
class Outcome:
    """To the referrer, sealed: what came of it, as far as they may be told."""

    sender: Sender
    reference: str
    received_at: datetime
    told: frozenset[Told]
    subjects: tuple[Decided, ...]  # in the order of the referral
    page: str  # asks "does this answer your concern?"
    alternatives: str = ""  # the hub's own list of other help; "" for the general advice
    challenge: str = ""  # the hub's own route for disagreement; "" for the general one
    taken_on: tuple[str, ...] = ()  # names of the agencies in which a person has accepted
    words: str = field(default="", repr=False)  # free words, read by a second person
    asks: str = field(default="", repr=False)  # what the referrer is asked to do
    reach: Reach = Reach.UNKNOWN  # of whoever told of themself
    young: bool = False  # they are a child, and the words are for one

    @property
    def below_threshold(self) -> bool:
        """Somebody's threshold for a statutory service was not met."""
        return any(s.decision in BELOW_THRESHOLD for s in self.subjects)


@dataclass(frozen=True, slots=True)
class OutcomeNotice:
    """To the referrer, readable: that there is news, or that we ask something, and nothing of it."""

    sender: Sender
    reference: str
    received_at: datetime
    page: str  # of receipts; "" for somebody who was never given a code
    asks: bool = False  # a question waits for their answer


@dataclass(frozen=True, slots=True)
class Unqualified:
    """To an agency, sealed: its nil return does not say how it searched."""

    sender: Sender
    reference: str
    agency: str
    missing: tuple[str, ...]  # in words
    answering: Answering
    answer_by: datetime
    now: datetime
    own_reference: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class More:
    """To an agency that declined for want of information, sealed: what it lacked."""

    sender: Sender
    reference: str
    agency: str
    words: str = field(repr=False)
    basis: str
    answering: Answering
    sent_at: datetime  # the packet
    written_at: datetime
    answer_by: datetime
    own_reference: str = field(default="", repr=False)

    @property
    def row(self) -> Row:
        """The words as they are shown: set in, so that they cannot pose as the hub's own headings."""
        return Row("What we can add", seen(self.words), long=True)


@dataclass(frozen=True, slots=True)
class Entrusted:
    """To one agency, sealed: a protected address that a manager released to it alone."""

    sender: Sender
    reference: str
    agency: str
    form: str
    manifest: tuple[str, ...]  # who it is about, and where they are
    answers: Mapping[str, str] = field(repr=False)
    by: str  # the manager, as staff know them
    released_at: datetime
    basis: str
    own_reference: str = field(default="", repr=False)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Whose address, and the address."""
        return groups(self.answers, self.manifest, self.form, self.released_at.date())


@dataclass(frozen=True, slots=True)
class ForWorker:
    """To the agency that has the case open, sealed: for whom there the packet is that it has already."""

    sender: Sender
    reference: str
    agency: str
    worker: str = field(repr=False)
    answering: Answering
    sent_at: datetime  # the packet
    written_at: datetime
    own_reference: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Recall:
    """To an agency that must delete its packet; it says nothing about anybody."""

    sender: Sender
    reference: str
    answering: Answering
    sent_at: datetime  # the packet
    confirm_by: datetime
    more: bool = False  # the agency has more of the case than the packet


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """To the owner of a contribution, sealed: its own words, and those that would leave the hub."""

    sender: Sender
    reference: str
    agency: str
    wording: str = field(repr=False)
    contribution: str = field(repr=False)
    told_at: datetime
    answering: Answering
    answer_by: datetime
    own_reference: str = field(default="", repr=False)
    recipients: tuple[str, ...] = ()  # names of the agencies that would read them
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Overridden:
    """To that owner, sealed: a manager lets the words leave the hub all the same; or what became of it since."""

    sender: Sender
    reference: str
    agency: str
    wording: str = field(repr=False)
    refused: bool  # false: there was no answer in time
    by: str  # the manager, as staff know them
    decided_at: datetime
    own_reference: str = field(default="", repr=False)
    recipients: tuple[str, ...] = ()  # names of the agencies that may read them; () when nobody will
    purpose: str = ""
    shared_at: datetime | None = None  # when they were sent; None while they have not been
    reworded: bool = False  # other words rest on the same contribution now


@dataclass(frozen=True, slots=True)
class Product:
    """To one recipient, sealed: an information product."""

    sender: Sender
    reference: str
    agency: str
    title: str  # "product 1, version 2"
    replaces: bool  # they were sent an older version
    form: str
    manifest: tuple[str, ...]  # who the people are
    answers: Mapping[str, str] = field(repr=False)
    passages: tuple[str, ...] = field(repr=False)
    analysis: str = field(repr=False)
    purpose: str
    basis: str
    written_at: datetime
    own_reference: str = field(default="", repr=False)
    warnings: Warnings = Warnings()  # noqa: RUF009 - frozen

    @property
    def groups(self) -> tuple[Group, ...]:
        """Who it is about."""
        return groups(self.answers, self.manifest, self.form, self.written_at.date())


ALetter: TypeAlias = (
    Packet | Reminder | Stepped | ToDo | Receipt | Accepted | Guidance | Outcome | OutcomeNotice | Invitation | Papers
    | Cancellation | Chaser | ReleaseRequest | Overridden | Product | Unqualified | More | Recall | OutcomeAsked
    | ChallengeReply | Record | Lead | Digest | Entrusted | ForWorker | Drill | KeyWarning | KeyChanged | MailboxMoves
    | Corrected | Beside | Waits | Safely | OneTimeCode | HandOver | Replied
)  # fmt: skip
FOLDERS: Mapping[type[ALetter], str] = {
    Packet: "packet",
    Reminder: "reminder",
    Stepped: "stepped",
    ToDo: "action",
    Receipt: "receipt",
    Accepted: "accepted",
    Guidance: "guidance",
    Outcome: "outcome",
    OutcomeNotice: "outcome_notice",
    Invitation: "invitation",
    Cancellation: "cancellation",
    Papers: "papers",
    Chaser: "chaser",
    Lead: "lead",
    Digest: "digest",
    ReleaseRequest: "release_request",
    Overridden: "overridden",
    Product: "product",
    Unqualified: "unqualified",
    More: "more",
    Recall: "recall",
    HandOver: "hand_over",
    OutcomeAsked: "outcome_asked",
    Replied: "replied",
    ChallengeReply: "challenge_reply",
    Entrusted: "address",
    Corrected: "corrected",
    ForWorker: "worker",
    Record: "record",
    Beside: "attached",
    Waits: "fetch",
    Safely: "safely",
    OneTimeCode: "code",
    Drill: "drill",
    KeyWarning: "key_warning",
    KeyChanged: "key_changed",
    MailboxMoves: "mailbox_moves",
}
_TO_REFERRER = (Receipt, Accepted, Guidance, Outcome, OutcomeNotice, Replied)
_TRANSLATED = (*_TO_REFERRER, OneTimeCode)  # the others go to agencies, whose packets are in English


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in words."""

    subject: str = field(repr=False)  # inside the seal, or of a notice
    quiet_subject: str  # outside
    text: str = field(repr=False)


def write(letter: ALetter, language: str = ENGLISH) -> Written:
    """The words of a letter; one that exists in `language` is written in it."""
    whose = "you" if isinstance(letter, _TO_REFERRER) else "your team"
    with speaking(_language(letter, language)):
        return Written(
            subject=" ".join(_filled(letter, "subject.txt").split()),
            quiet_subject=quiet_subject(letter, whose),
            text=folded(_filled(letter, "body.txt")),
        )


def _language(letter: ALetter, wanted: str) -> str:
    return wanted if isinstance(letter, _TRANSLATED) and _exists(letter, wanted) else ENGLISH


def _exists(letter: ALetter, language: str) -> bool:
    return exists(f"email/{FOLDERS[type(letter)]}/{language}/body.txt")


def as_page(letter: ALetter, language: str = ENGLISH) -> str:
    """Its words with each paragraph in one line, as a page shows them at whatever width."""
    with speaking(_language(letter, language)):
        filled = _filled(letter, "body.txt")
    return "\n".join(line.rstrip() for line in filled.split("\n")).strip("\n") + "\n"


def _filled(letter: ALetter, file: str) -> str:
    zone = letter.sender.timezone
    text = render(
        f"email/{FOLDERS[type(letter)]}/{spoken().code}/{file}",
        letter=letter,
        hub=letter.sender,
        moment=lambda at: moments.moment(at, zone),
        day=lambda at: moments.day_and_month(at, zone),
        clock=lambda at: moments.clock(at, zone),
        span=moments.span,
        lines=lines,
        prose=prose,
        told=lambda name: isinstance(letter, Outcome) and Told(name) in letter.told,
        label=lambda decision: LABELS[decision],
    )
    if file != "body.txt":
        return text
    return with_own(text, letter.sender, FOLDERS[type(letter)], getattr(letter, "reference", ""))


def warning_lines(warnings: Warnings, form: str) -> tuple[tuple[str, str], ...]:
    """(heading, sentence) of each warning, gravest first."""
    said = render(f"email/packet/{ENGLISH}/warnings.txt", warnings=warnings, form=form)
    pairs = (line.partition(": ") for line in said.splitlines() if line.strip())
    return tuple((heading, sentence) for heading, _, sentence in pairs)
