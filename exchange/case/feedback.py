"""Feedback: who may be told what about the outcome, by class of referrer. "Sent" is not "read"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReferrerClass(StrEnum):
    """What sort of person raised the concern."""

    PROFESSIONAL = "professional"
    RESTRICTED = "restricted"  # a professional in an agency or role the case must not reach
    PUBLIC = "public"
    ANONYMOUS = "anonymous"
    BUSINESS = "business"


class Told(StrEnum):
    """A thing a referrer may be told."""

    RECEIVED = "received"
    CONSIDERED = "considered"
    DECISION = "decision"  # the type of decision, per subject
    ALTERNATIVES = "alternatives"  # what else to do when the threshold was not met
    CONTACT = "contact"  # whom to ring
    CHALLENGE = "challenge"  # how to disagree
    ADD = "add"  # how to add more
    BEING_DEALT_WITH = "being_dealt_with"


MAY_BE_TOLD: dict[ReferrerClass, frozenset[Told]] = {
    ReferrerClass.PROFESSIONAL: frozenset(
        {
            Told.RECEIVED,
            Told.CONSIDERED,
            Told.DECISION,
            Told.ALTERNATIVES,
            Told.CONTACT,
            Told.CHALLENGE,
            Told.ADD,
        }
    ),
    ReferrerClass.RESTRICTED: frozenset({Told.RECEIVED, Told.BEING_DEALT_WITH}),
    ReferrerClass.PUBLIC: frozenset({Told.RECEIVED, Told.CONSIDERED, Told.ADD}),
    ReferrerClass.ANONYMOUS: frozenset({Told.RECEIVED, Told.ADD}),
    ReferrerClass.BUSINESS: frozenset({Told.RECEIVED}),
}
ANONYMOUS = "9"  # the source of referral of whoever wants to stay unnamed
_PROFESSIONS = ("2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C", "5D", "6", "7", "8")


def class_of_source(source: str) -> ReferrerClass:
    """The class of a source of referral code; what is not known to be a profession is told least."""
    if source == ANONYMOUS:
        return ReferrerClass.ANONYMOUS
    return ReferrerClass.PROFESSIONAL if source in _PROFESSIONS else ReferrerClass.PUBLIC


class Feedback(StrEnum):
    """Where the telling of the referrer stands."""

    NOT_DUE = "not_due"
    DUE = "due"
    SENT = "sent"
    ON_PAGE = "on_page"  # the referrer left no safe address: the receipt page tells, by code
    TOLD = "told"  # a person told them by telephone or in person
    CONFIRMED = "confirmed"  # "this answers my concern"
    DISPUTED = "disputed"  # "it does not": reopened, the hub alerted
    UNDELIVERABLE = "undeliverable"
    WITHHELD = "withheld"


SETTLED = frozenset({Feedback.SENT, Feedback.ON_PAGE, Feedback.TOLD, Feedback.CONFIRMED, Feedback.WITHHELD})


@dataclass(frozen=True, slots=True)
class FeedbackTold:
    """A person told the referrer by telephone or in person."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ReceiptCodeGiven:
    """A person read the receipt code out to whom they took for the referrer."""

    at: datetime
    by: str
