"""Everything the core may ask of the outside. Carried out by workers, each under its own key, at least once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Letter(StrEnum):
    """What is written to somebody."""

    RECEIPT = "receipt"  # to the referrer: automatic, says so
    ACCEPTED = "accepted"  # to the referrer: a person has looked
    OUTCOME = "outcome"  # to the referrer
    PACKET = "packet"  # to an agency
    DEPUTY = "deputy"  # the packet, to the agency's deputy in its team's place, sealed
    REMINDER = "reminder"  # to an agency that has not said it has the packet
    INVITATION = "invitation"  # calendar mail, no name in it
    PAPERS = "papers"  # for a discussion, sealed, each agency its own
    CHASER = "chaser"  # to an invitee who has not replied
    CANCELLATION = "cancellation"  # calendar mail that takes an invitation back, no name in it
    UNINVITED = "uninvited"  # the same, once, to a mailbox that must not see the case any more
    STEPPED = "stepped"  # to an agency: the rating changed, and with it when its answer is due
    GUIDANCE = "guidance"  # to the referrer: how to refer, because this channel cannot be used
    ACTION = "action"  # to the agency that owns an action
    RELEASE_REQUEST = "release_request"  # to the owner of a contribution: may these words leave the hub?
    OVERRIDDEN = "overridden"  # to that owner: a manager lets them go out all the same
    PRODUCT = "product"  # an information product, to one recipient
    UNQUALIFIED = "unqualified"  # to an agency whose nil return does not say how it searched, sealed
    MORE = "more"  # to an agency that declined for want of information, sealed
    RECALL = "recall"  # to an agency that must delete its packet
    HAND_OVER = "hand_over"  # to an agency that is asked to take somebody on, sealed
    OUTCOME_ASKED = "outcome_asked"  # to an agency that took somebody on
    CHALLENGE_REPLY = "challenge_reply"  # to an agency that disagreed, sealed
    ADDRESS = "address"  # to an agency to which a protected address was released, sealed
    CORRECTED = "corrected"  # to an agency whose packet holds answers that were typed in wrongly, sealed
    WORKER = "worker"  # to the agency that has the case open: who there has it, sealed, after its packet left
    NEWS = "news"  # to the referrer who disagreed: the reply, sealed; otherwise that it is on the receipt page
    LEAD = "lead"  # to the safeguarding lead of an agency whose team and deputies are silent
    DIGEST = "digest"  # to one mailbox, at most once a day: all that it owes, of every case
    ACTION_CHASER = "action_chaser"  # to the agency whose action is overdue, sealed
    RECORD = "record"  # of a strategy discussion, each agency its own part
    SAFELY = "safely"  # to a mailbox that answered a sealed packet in clear: how to answer safely, once
    DRILL = "drill"  # to one mailbox, sealed: a test with words inside that somebody there says back
    KEY_WARNING = "key_warning"  # to one mailbox: a key ends soon, and the one thing to do
    MAILBOX_MOVES = "mailbox_moves"  # to a mailbox's old address: it will be reached otherwise
    KEY_CHANGED = "key_changed"  # to one mailbox, sealed to its old key: a new one will be used


TO_REFERRER = frozenset({Letter.RECEIPT, Letter.ACCEPTED, Letter.OUTCOME, Letter.GUIDANCE, Letter.NEWS})
ABOUT_LEG = frozenset(
    {Letter.PACKET, Letter.DEPUTY, Letter.REMINDER, Letter.STEPPED, Letter.UNQUALIFIED, Letter.MORE, Letter.RECALL,
     Letter.HAND_OVER, Letter.OUTCOME_ASKED, Letter.CHALLENGE_REPLY, Letter.ADDRESS,
     Letter.WORKER, Letter.CORRECTED}
)  # fmt: skip
ABOUT_SEAT = frozenset({Letter.INVITATION, Letter.PAPERS, Letter.CHASER, Letter.CANCELLATION})
# Wait for the digest when nobody reads them.
TO_SILENT = frozenset({Letter.REMINDER, Letter.CHASER, Letter.STEPPED, Letter.ACTION_CHASER})
# Of no case, and may be answered.
OF_THE_HUB = frozenset({Letter.DRILL, Letter.KEY_WARNING, Letter.KEY_CHANGED, Letter.MAILBOX_MOVES, Letter.SAFELY})
# A machine's answers to a mail: null return path, few a day to one address (RFC 3834).
AUTOMATIC = frozenset({Letter.RECEIPT, Letter.SAFELY})
# What a clock sends: "auto-generated" (RFC 3834 5), with a return path of its own, for its bounces are wanted.
# Packets and invitations are sent because a person referred, or called a discussion: an absence notice that answers
# them is wanted too, for then the deputy is asked (lessons 2.1).
BY_CLOCK = frozenset({Letter.REMINDER, Letter.CHASER, Letter.ACTION_CHASER, Letter.LEAD})
OF_PRODUCTS = frozenset({Letter.RELEASE_REQUEST, Letter.OVERRIDDEN, Letter.PRODUCT})


class TaskKind(StrEnum):
    """What the desk must do."""

    FIRST_LOOK = "first_look"
    TELL_HOW = "tell_how"  # came by a channel that cannot be used, and no letter can say how to refer
    NO_AUTOMATIC_RECEIPT = "no_automatic_receipt"  # the sender is not proved: ring or write by hand
    TELEPHONE_AGENCY = "telephone_agency"  # mail will not get through
    SILENT_AGENCY = "silent_agency"  # a clock ran out without an answer
    MANAGER = "manager"  # for the hub manager: neither team nor deputy nor lead of an agency has answered
    LEAD_UNREACHED = "lead_unreached"  # an agency's lead cannot be told by mail: ring them
    DUTY = "duty"  # ring the duty team: handed over only when a named person there has accepted
    RETURN_NOTE = "return_note"  # the day team needs the duty team's note
    NO_DEPUTY = "no_deputy"  # the team is away or silent, and no deputy can be reached by mail: ring
    CANNOT_OPEN = "cannot_open"
    WRONG_PERSON = "wrong_person"
    UNCLEAR_ANSWER = "unclear_answer"
    TOLD_LATE = "told_late"  # an agency tells something after the decision, or the end: read it
    DECLINED = "declined"  # re-route, give more information, or decide
    SILENT_INVITEE = "silent_invitee"
    ATTENDANCE_CLAIMED = "attendance_claimed"  # a reply that nothing proves: ask them, and confirm it
    WORDS_WITH_REPLY = "words_with_reply"  # an invitee wrote more than whether they come
    OTHER_TIME = "other_time"  # an invitee proposes one: move the discussion, or tell them that it stays
    NO_QUORUM = "no_quorum"  # the seats called cannot make the quorum any more: call somebody else
    NO_PLACE = "no_place"  # a discussion is called, and those invited do not know where to go
    NOT_HELD = "not_held"  # the discussion should have been held by now
    FULL_DISCUSSION = "full_discussion"  # the one that must follow an emergency has not been held
    LETTER_FAILED = "letter_failed"
    TELL_REFERRER = "tell_referrer"  # no letter can tell them the outcome, or it could not be sent
    DECIDE = "decide"  # the decision clock ran out
    DISPUTED = "disputed"  # the referrer says the outcome does not answer the concern
    HOLDING_PEN = "holding_pen"  # a mail that belongs nowhere we can tell
    MAIL_WAITS = "mail_waits"  # one in the holding pen may be about this case
    REPORT_ASTRAY = "report_astray"  # a mail system reports on a letter, and we cannot tell which
    TEST_REPLY = "test_reply"  # somebody answered a test otherwise than by its words: read it, and ring
    KEY_REPLY = "key_reply"  # somebody answered a letter about a key, perhaps with a new one
    SHELVED = "shelved"  # a mail that could not be read three times
    SCANNER_AWAY = "scanner_away"  # the malware scanner does not answer: the files of mails stay shut
    MAIL_AWAY = "mail_away"  # the shared mailbox cannot be read: mail may be waiting there
    DISK_LOW = "disk_low"  # the disk fills up: soon mail will be put off
    DISK_FULL = "disk_full"  # mail is put off until there is room again
    NOT_FETCHED = "not_fetched"  # a mail of the shared mailbox is too large, or its server does not give it
    TRANSCRIBE = "transcribe"  # read, and not yet typed in: nobody has been asked
    CONFIRM = "confirm"  # read from a form by a machine: compare it with the form
    QUESTION = "question"  # the referrer has not answered what the hub asked: ring
    APPROVE_QUESTION = "approve_question"  # a question in our own words waits for a second person
    SCAN = "scan"  # the malware scanner does not answer: a file waits, shut
    INFECTED = "infected"  # the scanner found something in a file: tell whoever sent it
    PASSWORD = "password"  # a file wants a password: ring whoever sent it  # noqa: S105
    NO_ROUTE = "no_route"  # no rule names an agency for a subject
    ELSEWHERE = "elsewhere"  # another area's: ours until a named person there has accepted
    REFUSAL = "refusal"  # an adult with capacity refuses: respect it, or say on which ground not
    SECOND_REVIEW = "second_review"  # borderline: somebody else must look
    FOLLOW_UP = "follow_up"  # look again, as was decided
    MILESTONE = "milestone"  # a clock of law or practice ran out
    ACTION = "action"  # an action is overdue, or one of the hub's own will be
    PROTECTED = "protected"  # an address that must now be kept secret has been told to somebody
    OWNER_SILENT = "owner_silent"  # the time limit for an owner's agreement has ended
    OWNER_REFUSED = "owner_refused"  # leave their part out, or override with reasons
    LATE_REFUSAL = "late_refusal"  # refused after the product went out
    AGREEMENT = "agreement"  # no information-sharing agreement in force: for the board, it stops nothing
    CONFLICT = "conflict"  # somebody at the agency has a conflict of interest: choose another recipient
    HOLDS_MORE = "holds_more"  # an agency whose packet was asked back has a product or a record of them too
    PUT_RIGHT = "put_right"  # a product, a record or papers of an agency hold an answer that was put right since
    UNCONFIRMED_RECALL = "unconfirmed_recall"  # an agency has not said that it deleted a recalled packet
    DECIDED_ANEW = "decided_anew"  # an agency took somebody on, or was asked to, under a decision that holds no more
    HAND_OVER = "hand_over"  # decided, and no agency has been asked to take it on
    NOT_TAKEN_ON = "not_taken_on"  # handed over, and nobody there has accepted it: ring
    OUTCOME_OVERDUE = "outcome_overdue"  # an agency does not say what came of it: ring
    RING_REFERRER = "ring_referrer"  # they may be told by telephone only, when it is safe
    APPROVE_FEEDBACK = "approve_feedback"  # free words wait for a second person
    REVIEW_FEEDBACK = "review_feedback"  # what was withheld is looked at again
    CHALLENGED = "challenged"  # somebody disagrees: whoever it stands with owes a reply
    SHUT_OUT_HOLDS = "shut_out_holds"  # an agency that is shut out has been written to: recall it
    ANOTHER_RECIPIENT = "another_recipient"  # an agency is shut out: whom to ask in its place
    KEEP_FROM = "keep_from"  # the referrer named somebody who must not see it, and we cannot tell whom
    RESTRICTED_ATTEMPT = "restricted_attempt"  # somebody who is shut out tried: for auditor and hub manager only
    RECORD = "record"  # the record of a discussion is not yet with those invited
    CANNOT_DO = "cannot_do"  # an agency says that it cannot do its action: choose another, or ring
    NEEDS_LONGER = "needs_longer"  # an agency says that its action takes longer than was agreed
    IN_ERROR = "in_error"  # a packet names somebody who should never have been in the case: ring
    EMPLOYER = "employer"  # about somebody in a position of trust: shut their employer out, or say it need not be
    KEY_CHANGE = "key_change"  # a mailbox is to have another key: ring whoever answered for it before
    HUB_FILE = "hub_file"  # somebody proposed a change of the hub file that somebody else must look at
    MAILBOX_MOVES = "mailbox_moves"  # a mailbox is to be reached otherwise: ring whoever answered for it before
    DISPOSE = "dispose"  # a record has been kept as long as it may be
    STEPPED_DOWN = "stepped_down"  # a mailbox is written to by a later transport of its list, or by none
    TLS_FAILS = "tls_fails"  # a server does not offer the verified TLS that was agreed: nothing goes there
    NOT_SECURE = "not_secure"  # what was known of a domain's TLS holds no more
    OTHER_SERVERS = "other_servers"  # a domain names mail servers that nobody accepted: theirs, or a forger's
    CODES_FAIL = "codes_fail"  # a one-time code could not be sent: the gateway, or the mail that carries them
    CODES = "codes"  # too many one-time codes were asked for: somebody cannot get in, or should not
    DRILL_FAILED = "drill_failed"  # nobody at a mailbox has shown that they can open what we send: ring
    NOT_PROVED = "not_proved"  # a mailbox that needs no key gets nothing until its people were rung, and proved it
    GO_LIVE = "go_live"  # mailboxes that have never had a key: before they are written to
    KEY_ENDS = "key_ends"  # a mailbox's key ends soon: see that a new one is sent
    ONE_KEY_ENDS = (
        "one_key_ends"  # of several keys that a mailbox is sealed to: one person's will not open it, or is old
    )
    SIGNATURE_ENDS = "signature_ends"  # what its people sign with ends soon or has ended: then they prove nothing
    KEY_UNUSABLE = "key_unusable"  # a mailbox cannot be sealed to by one of its transports: ring for a new key


@dataclass(frozen=True, slots=True)
class SendLetter:
    """Compose, seal and send one letter. `key` names it for ever: the same key is never sent as two letters."""

    key: str
    letter: Letter
    # Leg id ("l1/ID" for more information, "l1/s1" for an address, "l1/deputy" to its deputy, "l1/handover" for what
    # was handed over); "d1/i2" for an invitee, "d1/i2/deputy" to their deputy; "" for the referrer.
    about: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawLetters:
    """Do not send what waits under keys that begin so (a late answer cancels pending reminders)."""

    prefix: str


@dataclass(frozen=True, slots=True)
class WithdrawLetter:
    """Do not send the letter of this very key, if it has not left (l1 is not l10)."""

    key: str


@dataclass(frozen=True, slots=True)
class WithdrawAbout:
    """Do not send anything that waits about this leg, seat, action or passage, whatever letter it is."""

    about: str


@dataclass(frozen=True, slots=True)
class SetClock:
    """Wake the case at `due`; setting a clock of the same name moves it."""

    clock: str
    due: datetime


@dataclass(frozen=True, slots=True)
class StopClock:
    """The clock no longer matters."""

    clock: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Ask the desk; opening the same key again presses anew and opens no second task."""

    key: str
    kind: TaskKind
    about: str
    due: datetime


@dataclass(frozen=True, slots=True)
class CloseTask:
    """The desk need not do it any more."""

    key: str


Effect = SendLetter | WithdrawLetters | WithdrawLetter | WithdrawAbout | SetClock | StopClock | OpenTask | CloseTask
