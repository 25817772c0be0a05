"""Sorting: what sort of contact this is, and what is known of its subjects before anybody decides.

1. Every move is a person's, with a reason; the last one holds and none is erased.
2. A contact that is sorted asks nobody by the rows until it is sorted to screening; an open case goes to the one
   agency that has it. Both hold for a contact that was sorted before anybody typed it in.
3. A contact that is set aside (a duplicate, an unaccepted channel) stays open and loud until a person closes it, and
   can always be taken back to screening.
4. What was said with a contact is about the subjects it came with, and about one who is added later only where
   whoever adds them says so: otherwise they have a worry of their own.
5. A borderline subject is looked at by a second person before anybody decides (founding paper, line 79).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.case.referral import SubjectCodes


class Sorting(StrEnum):
    """What a screening officer makes of a contact (domain 4.3, SORTED)."""

    UNSORTED = "unsorted"
    SCREENING = "screening"
    OPEN_CASE = "open_case"  # to the allocated worker, without screening, where the hub file says so
    OUT_OF_AREA = "out_of_area"  # ours until a named person in the other area has accepted it
    UNACCEPTED_CHANNEL = "unaccepted_channel"  # the sender is told how to refer; what they sent is kept
    DUPLICATE = "duplicate"  # the same concern sent twice: read with the first


SET_ASIDE = frozenset({Sorting.DUPLICATE, Sorting.UNACCEPTED_CHANNEL})
_S = Sorting
MAY_BECOME: dict[Sorting, frozenset[Sorting]] = {
    _S.UNSORTED: frozenset(_S) - {_S.UNSORTED},
    _S.SCREENING: frozenset(_S) - {_S.UNSORTED, _S.SCREENING},
    # What was set aside or sent on is looked at again before it goes another way.
    # An open case is sorted so again when its agency or its worker turns out to be another.
    _S.OPEN_CASE: frozenset({_S.OPEN_CASE, _S.SCREENING, _S.OUT_OF_AREA, _S.DUPLICATE}),
    _S.OUT_OF_AREA: frozenset({_S.SCREENING}),
    _S.UNACCEPTED_CHANNEL: frozenset({_S.SCREENING}),
    _S.DUPLICATE: frozenset({_S.SCREENING}),
}
# Only these are routed by the rows: what is sorted another way is asked about nowhere else, typed in or not.
ROUTED = frozenset({Sorting.UNSORTED, Sorting.SCREENING})
IN_ERROR = "this subject was entered in error: bring them back first, if that was wrong (bring_back)"
LEVELS = ("1", "2", "3", "4")  # of need: universal, early help, targeted, statutory (domain 3.4)


class Ground(StrEnum):
    """Why an adult who has capacity and refuses is not simply left alone (domain 3.8)."""

    LIFE_OR_LIMB = "life_or_limb"
    OTHERS_AT_RISK = "others_at_risk"  # children among them
    CRIME = "crime"  # or another public interest
    COERCION = "coercion"
    POSITION_OF_TRUST = "position_of_trust"
    LACKS_CAPACITY = "lacks_capacity"  # for this decision after all


@dataclass(frozen=True, slots=True)
class Override:
    """A refusal that a manager did not follow."""

    at: datetime
    by: str
    code: str  # a Ground
    agencies: tuple[str, ...] = ()  # for these alone; () is whomever the rules ask


@dataclass(frozen=True, slots=True)
class Sorted:
    """A person says what sort of contact it is; `about` is the agency (open case) or the earlier reference
    (duplicate)."""

    at: datetime
    by: str
    into: Sorting
    about: str = ""
    worker: bool = False  # of an open case: whoever has it there is named


@dataclass(frozen=True, slots=True)
class AcceptedElsewhere:
    """A named person in the other area has accepted the case; until then it is ours."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SubjectAdded:
    """Somebody else of the household, a person posing risk, or the same person in the other lane."""

    at: datetime
    by: str
    codes: SubjectCodes
    fields: tuple[str, ...]  # names of the answers given about them
    words_too: bool = False  # what was said with the contact is about them too


@dataclass(frozen=True, slots=True)
class SubjectCorrected:
    """What is known of a subject has changed: born, found, an address that must be protected, a slip."""

    at: datetime
    by: str
    codes: SubjectCodes
    fields: tuple[str, ...]  # of all answers about them that now hold
    changed: tuple[str, ...] = ()  # of those that are other than before


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Somebody of the household, or another who matters, was added, or more is known of them."""

    at: datetime
    by: str
    person: str  # "p1"
    fields: tuple[str, ...]  # of all answers about them that now hold
    changed: tuple[str, ...] = ()  # of those that are other than before


@dataclass(frozen=True, slots=True)
class EnteredInError:
    """This subject should never have been in the case: nobody decides about them, and packets are asked back."""

    at: datetime
    by: str
    subject: str


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """The error was to take this subject out: they belong in the case after all."""

    at: datetime
    by: str
    subject: str


@dataclass(frozen=True, slots=True)
class CohortSet:
    """A person says to which stream of work a subject belongs."""

    at: datetime
    by: str
    subject: str
    cohort: str


@dataclass(frozen=True, slots=True)
class Levelled:
    """A person gives a subject's level of need; it is no rating and sets no clock."""

    at: datetime
    by: str
    subject: str
    level: str  # one of LEVELS


@dataclass(frozen=True, slots=True)
class Borderline:
    """The threshold is near: a second person must look."""

    at: datetime
    by: str
    subject: str


@dataclass(frozen=True, slots=True)
class SecondReview:
    """The second person looked at a borderline subject."""

    at: datetime
    by: str
    subject: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class RefusalOverridden:
    """A manager goes on although an adult with capacity refuses, on this ground."""

    at: datetime
    by: str
    subject: str
    ground: Ground
    agencies: tuple[str, ...] = ()  # whom to ask, and nobody else; () is whomever the rules ask
