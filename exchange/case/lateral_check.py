"""Lateral checks: what may become of asking one agency what it holds, beyond its plain answer.

1. "Nothing known" is qualified only when it says which systems were searched, on which identifiers, and when
   (design truth 11). The journey knows which of the three are missing, never what they say.
2. A decline ends in a re-route, in more information given, or in a recorded decision of the hub, and in nothing else.
3. A packet that never left is withdrawn and nobody need confirm it; one that may have left is recalled until a person
   says that it is deleted. What the agency has answered meanwhile stays.

`None` in a table is a move that staff may not make now; whatever peers and servers do has a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.case.acknowledgement import Proof


class NilPart(StrEnum):
    """What "nothing known" must say to count as a nil return."""

    SYSTEMS = "systems"  # which systems were searched
    IDENTIFIERS = "identifiers"  # on which names, dates of birth, addresses or numbers
    DATE = "date"  # when they were searched


class Decline(StrEnum):
    """What has become of an agency's decline."""

    NONE = "none"  # it has not declined, or has thought again
    OPEN = "open"  # a person must act on it
    REROUTED = "rerouted"  # another agency was asked instead
    MORE_GIVEN = "more_given"  # it was given more, and is asked again
    SETTLED = "settled"  # the hub decided about it, and said why


class DeclineNews(StrEnum):
    """What may happen to a decline."""

    DECLINED = "declined"  # the agency declines, or says that it is the wrong one
    ANSWERED = "answered"  # the agency accepts or answers
    REROUTED = "rerouted"
    MORE_GIVEN = "more_given"
    SETTLED = "settled"


_D, _DN = Decline, DeclineNews
DECLINE_TABLE: dict[tuple[Decline, DeclineNews], Decline | None] = {
    (_D.NONE, _DN.DECLINED): _D.OPEN,
    (_D.OPEN, _DN.DECLINED): _D.OPEN,
    (_D.MORE_GIVEN, _DN.DECLINED): _D.OPEN,  # it declines although it was given more
    # It says so once more after the hub has acted on it: nothing new to act on.
    (_D.REROUTED, _DN.DECLINED): _D.REROUTED,
    (_D.SETTLED, _DN.DECLINED): _D.SETTLED,
    (_D.NONE, _DN.ANSWERED): _D.NONE,
    (_D.OPEN, _DN.ANSWERED): _D.NONE,
    (_D.MORE_GIVEN, _DN.ANSWERED): _D.NONE,
    (_D.SETTLED, _DN.ANSWERED): _D.NONE,
    (_D.REROUTED, _DN.ANSWERED): _D.REROUTED,  # late, and welcome; the other agency has been asked all the same
    (_D.NONE, _DN.REROUTED): None,
    (_D.OPEN, _DN.REROUTED): _D.REROUTED,
    (_D.REROUTED, _DN.REROUTED): None,
    (_D.MORE_GIVEN, _DN.REROUTED): None,
    (_D.SETTLED, _DN.REROUTED): _D.REROUTED,
    (_D.NONE, _DN.MORE_GIVEN): None,
    (_D.OPEN, _DN.MORE_GIVEN): _D.MORE_GIVEN,
    (_D.REROUTED, _DN.MORE_GIVEN): None,
    (_D.MORE_GIVEN, _DN.MORE_GIVEN): None,
    (_D.SETTLED, _DN.MORE_GIVEN): _D.MORE_GIVEN,
    (_D.NONE, _DN.SETTLED): None,
    (_D.OPEN, _DN.SETTLED): _D.SETTLED,
    (_D.REROUTED, _DN.SETTLED): None,
    (_D.MORE_GIVEN, _DN.SETTLED): None,
    (_D.SETTLED, _DN.SETTLED): None,
}


class Recall(StrEnum):
    """Whether a packet was asked back."""

    NONE = "none"
    WITHDRAWN = "withdrawn"  # it never left: nobody has anything to delete
    RECALLED = "recalled"  # the agency is asked to delete it and to say so
    CONFIRMED = "confirmed"  # a person at the agency says that it is deleted


class RecallNews(StrEnum):
    """What may happen to it."""

    KEPT_BACK = "kept_back"  # staff recall it before it left
    ASKED_BACK = "asked_back"  # staff recall it after it may have left
    LEFT = "left"  # a server has, or may have, taken the packet
    DELETED = "deleted"  # a person at the agency says that it is deleted


_R, _RN = Recall, RecallNews
RECALL_TABLE: dict[tuple[Recall, RecallNews], Recall | None] = {
    (_R.NONE, _RN.KEPT_BACK): _R.WITHDRAWN,
    (_R.NONE, _RN.ASKED_BACK): _R.RECALLED,
    (_R.NONE, _RN.LEFT): _R.NONE,
    (_R.NONE, _RN.DELETED): _R.NONE,  # nobody asked: a person reads why they deleted what they should have
    (_R.WITHDRAWN, _RN.KEPT_BACK): None,
    (_R.WITHDRAWN, _RN.ASKED_BACK): None,
    # A worker was just handing it over when it was withdrawn, and the relay took it: it did leave.
    (_R.WITHDRAWN, _RN.LEFT): _R.RECALLED,
    (_R.WITHDRAWN, _RN.DELETED): _R.WITHDRAWN,
    (_R.RECALLED, _RN.KEPT_BACK): None,
    (_R.RECALLED, _RN.ASKED_BACK): None,
    (_R.RECALLED, _RN.LEFT): _R.RECALLED,
    (_R.RECALLED, _RN.DELETED): _R.CONFIRMED,
    (_R.CONFIRMED, _RN.KEPT_BACK): None,
    (_R.CONFIRMED, _RN.ASKED_BACK): None,
    (_R.CONFIRMED, _RN.LEFT): _R.CONFIRMED,  # a late report of delivery: it tells of the copy that was deleted
    (_R.CONFIRMED, _RN.DELETED): _R.CONFIRMED,
}


@dataclass(frozen=True, slots=True)
class Recalled:
    """A person asks a packet back."""

    at: datetime
    by: str
    leg: str


@dataclass(frozen=True, slots=True)
class RecallConfirmed:
    """A person at an agency says that the packet is deleted."""

    at: datetime
    by: str
    leg: str
    proof: Proof
    channel: str  # "mail" | "page" | "telephone" | "api"


@dataclass(frozen=True, slots=True)
class MoreGiven:
    """A person gives an agency that declined what it lacked; `more` is the id of the sealed words."""

    at: datetime
    by: str
    leg: str
    more: str


@dataclass(frozen=True, slots=True)
class DeclineSettled:
    """A person records what the hub decided about a decline."""

    at: datetime
    by: str
    leg: str
