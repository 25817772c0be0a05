"""Feedback: who may be told what about the outcome, by class of referrer, and which way is safe.

1. What is not listed for a class of referrer is never told to them.
2. "Sent" is not "read".
3. Where mail is not known to be safe, nothing is mailed: not the outcome, and no receipt either.
4. Of a decision that takes a discreet route (LADO, Prevent, MARAC) nobody is told more than that it is dealt with,
   until a manager releases it; a new decision is withheld anew.
5. Free words go out only after somebody other than their writer has read them.
6. What is withheld stays withheld until a person lets it go, whatever else happens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.case.code_lists import BUSINESS, Code, CodeList


class ReferrerClass(StrEnum):
    """What sort of person raised the concern."""

    PROFESSIONAL = "professional"
    RESTRICTED = "restricted"  # a professional in an agency or role the case must not reach
    PUBLIC = "public"
    SELF = "self"  # the child or adult it is about: what comes of it they hear from their worker, when that is safe
    ANONYMOUS = "anonymous"
    BUSINESS = "business"


class Told(StrEnum):
    """A thing a referrer may be told."""

    THANKS = "thanks"
    RECEIVED = "received"
    ACCEPTED = "accepted"  # a person at which agency has taken it on; never who
    CONSIDERED = "considered"
    DECISION = "decision"  # the type of decision, per subject
    ALTERNATIVES = "alternatives"  # that the threshold was not met, and what else to do
    WORDS = "words"  # free words of the hub, and what it asks of them: read by a second person
    CONTACT = "contact"  # whom to ring
    CHALLENGE = "challenge"  # how to disagree
    ADD = "add"  # how to add more
    BEING_DEALT_WITH = "being_dealt_with"
    IN_PERSON = "in_person"  # that somebody gets in touch, by a way they said is safe; never what was decided


# Nobody is ever told of third parties, intelligence, another agency's contribution or who else reported.
MAY_BE_TOLD: dict[ReferrerClass, frozenset[Told]] = {
    ReferrerClass.PROFESSIONAL: frozenset(
        {
            Told.THANKS,
            Told.RECEIVED,
            Told.ACCEPTED,
            Told.CONSIDERED,
            Told.DECISION,
            Told.ALTERNATIVES,
            Told.WORDS,
            Told.CONTACT,
            Told.CHALLENGE,
            Told.ADD,
        }
    ),
    # No outcome until the LADO or the police say that it may be known.
    ReferrerClass.RESTRICTED: frozenset({Told.RECEIVED, Told.BEING_DEALT_WITH}),
    # Not whether the family is known, and no outcome: they may live next door.
    ReferrerClass.PUBLIC: frozenset({Told.THANKS, Told.RECEIVED, Told.CONSIDERED, Told.ADD}),
    # No letter and no page says what was decided: somebody else may be looking over their shoulder.
    ReferrerClass.SELF: frozenset({Told.THANKS, Told.RECEIVED, Told.IN_PERSON, Told.ADD}),
    ReferrerClass.ANONYMOUS: frozenset({Told.RECEIVED, Told.ADD}),
    ReferrerClass.BUSINESS: frozenset({Told.THANKS, Told.RECEIVED}),  # nothing that links to a person
}
# What a professional learns of a decision that takes a discreet route, until a manager releases it.
DISCREETLY = frozenset({Told.THANKS, Told.RECEIVED, Told.BEING_DEALT_WITH, Told.CHALLENGE, Told.ADD})
ANONYMOUS = "9"  # the source of referral of whoever wants to stay unnamed
SELF = "1C"
_PROFESSIONS = ("2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C", "5D", "6", "7", "8")


def class_of_source(source: str) -> ReferrerClass:
    """The class of a source of referral code; what is not known to be a profession is told least."""
    of_their_own = {
        ANONYMOUS: ReferrerClass.ANONYMOUS, SELF: ReferrerClass.SELF, BUSINESS: ReferrerClass.BUSINESS,
    }  # fmt: skip
    usual = ReferrerClass.PROFESSIONAL if source in _PROFESSIONS else ReferrerClass.PUBLIC
    return of_their_own.get(source, usual)


class Contact(StrEnum):
    """How the referrer may be told."""

    UNSAID = ""  # they did not say: by mail when they left an address
    MAIL = "mail"
    TELEPHONE = "telephone"
    PAGE = "page"
    NONE = "none"  # do not contact me


_WRITE_NOT = re.compile(
    r"\b(do not|don't|please no|never|not safe to|unsafe to)\W+(?:\w+\W+){0,2}?"
    r"(reply|respond|answer|write|e-?mail|mail|contact)\b",
    re.IGNORECASE,
)


def safe_contact(answers: Mapping[str, str]) -> tuple[Contact, bool]:
    """(how they may be told, whether their address may be written to at all), from a referrer's answers.

    An address that others may read is never written to: somebody rings who wants to hear and left a number, because a
    page tells nobody that there is something on it; otherwise the receipt page tells. Words about what to know before
    contact are a person's to read, whatever is ticked beside them: somebody rings, and no machine writes. No list of
    words holds all that says "he reads it".
    """
    route = Contact(answers.get("feedback_route", ""))
    if route not in (Contact.UNSAID, Contact.MAIL):
        return route, False
    if answers.get("mail_shared") in ("yes", "unknown"):
        return Contact.TELEPHONE if answers.get("telephone") and _wants_to_hear(answers) else Contact.PAGE, False
    if answers.get("feedback_wanted") == "no":
        return Contact.PAGE, not answers.get("safe_contact")
    return (Contact.TELEPHONE, False) if answers.get("safe_contact") else (route, True)


def _wants_to_hear(answers: Mapping[str, str]) -> bool:
    """They said so; a professional, who must know what came of it, need not have."""
    professional = class_of_source(answers.get("source", "")) is ReferrerClass.PROFESSIONAL
    return answers.get("feedback_wanted", "yes" if professional else "") == "yes"


def forbids_mail(text: str) -> bool:
    """Whether words that came by mail ask not to be written to. When in doubt nothing is sent, and a person rings."""
    return bool(_WRITE_NOT.search(text.replace("’", "'")))


class Reach(StrEnum):
    """Whether whoever told of themself can be reached, and wants to be."""

    SAFELY = "safely"  # by the way they said
    UNKNOWN = "unknown"  # they left no way that is safe, or rather look at the page
    UNWANTED = "unwanted"  # do not contact me


class Feedback(StrEnum):
    """Where the telling of the referrer stands."""

    NOT_DUE = "not_due"
    DUE = "due"
    SENT = "sent"  # their server took it: not that anybody has read it
    ON_PAGE = "on_page"  # the referrer left no safe address: the receipt page tells, by code
    TOLD = "told"  # a person told them by telephone or in person
    CONFIRMED = "confirmed"  # "this answers my concern"
    DISPUTED = "disputed"  # "it does not": reopened, the hub alerted
    UNDELIVERABLE = "undeliverable"
    WITHHELD = "withheld"  # for a reason, until the review


class Telling(StrEnum):
    """What may happen to it."""

    DECIDED = "decided"  # every subject is decided, or decided anew: they are to know
    SENT_ANEW = "sent_anew"  # a person lets it go, once more or at last; that ends withholding
    REACHED_OTHERWISE = "reached_otherwise"  # by another address or number, or by the way they say now
    WENT_ASTRAY = "went_astray"  # the address that was written to had been typed in wrongly
    NOTHING_GOES = "nothing_goes"  # no letter may tell them and nobody may ring: the receipt page tells
    TOLD = "told"
    WITHHELD = "withheld"
    ARRIVED = "arrived"
    LOST = "lost"
    SATISFIED = "satisfied"  # "this answers my concern"
    DISPUTED = "disputed"


_F, _T = Feedback, Telling
_UNHEARD = (_F.DUE, _F.UNDELIVERABLE, _F.ON_PAGE)  # nothing has gone out that they may have read
# A pair that is missing changes nothing, or is refused. Only a person lets go of what is withheld: no new decision,
# no server and no word of the referrer ends that, or whoever has the receipt code could.
TELLING: dict[tuple[Feedback, Telling], Feedback] = {
    **{(state, _T.DECIDED): _F.DUE for state in _F if state is not _F.WITHHELD},
    **{(state, _T.SENT_ANEW): _F.DUE for state in _F},
    **{(state, _T.REACHED_OTHERWISE): _F.DUE for state in _UNHEARD},
    **{(state, _T.WENT_ASTRAY): _F.DUE for state in (*_UNHEARD, _F.SENT)},
    **{(state, _T.NOTHING_GOES): _F.ON_PAGE for state in _UNHEARD},
    **{(state, _T.TOLD): _F.TOLD for state in _F if state is not _F.WITHHELD},
    **{(state, _T.WITHHELD): _F.WITHHELD for state in _F},
    # What a person said, or the page shows, no server knows better.
    **{(state, _T.ARRIVED): _F.SENT for state in (_F.DUE, _F.UNDELIVERABLE, _F.SENT)},
    **{(state, _T.LOST): _F.UNDELIVERABLE for state in (_F.DUE, _F.UNDELIVERABLE, _F.SENT)},
    # Nobody can be content with what nobody has told them; a "no" is heard at any time.
    **{(state, _T.SATISFIED): _F.CONFIRMED for state in _F if state not in (_F.NOT_DUE, _F.WITHHELD)},
    **{(state, _T.DISPUTED): _F.DISPUTED for state in _F if state is not _F.WITHHELD},
}
SETTLED = frozenset({Feedback.SENT, Feedback.ON_PAGE, Feedback.TOLD, Feedback.CONFIRMED, Feedback.WITHHELD})
WITHHOLDING = CodeList(
    "withholding", "", (
        Code("risk_to_subject", "It could put the child or adult at risk"),
        Code("risk_to_referrer", "It could put the referrer at risk"),
        Code("risk_to_other", "It could put somebody else at risk"),
        Code("investigation", "It could harm a police investigation"),
        Code("lado", "An allegation against somebody in a position of trust is open"),
        Code("prevent", "It is a Prevent matter"),
        Code("refused", "The adult does not agree that the referrer is told"),
        Code("not_entitled", "The referrer has no part in what happens now"),
    ),
)  # fmt: skip


class DraftStanding(StrEnum):
    """Where free words to the referrer stand."""

    WAITING = "waiting"  # for a second person
    APPROVED = "approved"
    DROPPED = "dropped"
    SUPERSEDED = "superseded"  # other words took their place before anybody approved them


DRAFT_MAY_BECOME: dict[DraftStanding, frozenset[DraftStanding]] = {
    DraftStanding.WAITING: frozenset({DraftStanding.APPROVED, DraftStanding.DROPPED, DraftStanding.SUPERSEDED}),
    DraftStanding.APPROVED: frozenset(),  # with a new decision it speaks no more; other words take its place
    DraftStanding.DROPPED: frozenset(),
    DraftStanding.SUPERSEDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """Free words to the referrer; the words themselves are a sealed body of the same id."""

    id: str  # "f1" within the case
    by: str  # who wrote them: somebody else must read them
    at: datetime
    standing: DraftStanding = DraftStanding.WAITING
    decisions: int = 0  # how many there were when it was approved: the words are about these


@dataclass(frozen=True, slots=True)
class FeedbackDrafted:
    """A member of staff wrote free words to the referrer."""

    at: datetime
    by: str
    draft: str


@dataclass(frozen=True, slots=True)
class FeedbackApproved:
    """Another one has read them as they will go out, and lets them go."""

    at: datetime
    by: str
    draft: str


@dataclass(frozen=True, slots=True)
class FeedbackDropped:
    """The words do not go out."""

    at: datetime
    by: str
    draft: str


@dataclass(frozen=True, slots=True)
class FeedbackWithheld:
    """The referrer is not told, for a coded reason, until somebody looks at it again."""

    at: datetime
    by: str
    reason: str  # of WITHHOLDING
    review: datetime


@dataclass(frozen=True, slots=True)
class FeedbackReleased:
    """The referrer is told (again), in the approved wording and without free words; withholding ends."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class FeedbackTold:
    """A person told the referrer by telephone or in person."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """The referrer says how they may be told from now on."""

    at: datetime
    by: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class ReceiptCodeGiven:
    """A person read the receipt code out to whom they took for the referrer."""

    at: datetime
    by: str
