"""Challenges: somebody disagrees with what was decided, and it climbs until it is settled.

1. A challenge stands with one body at a time; each has its time to reply, and silence goes to a person.
2. A reply that does not settle it takes it to the next stage: nothing is left standing between two.
3. Whoever sees immediate risk goes to the managers at once, due now: nobody need wait for a stage.
4. Words to a referrer go out after somebody other than their writer has read them; until then they are no reply.
5. Whoever decided does not settle, above the hub's own stage, what is said against their decision.
6. Saying it again while it is open adds to it; after it is settled it is a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.case.clock import ClockKind, ClockSpec

UNPROVED = "unproved"  # by whom it is, when nothing proves who wrote to the referrer's address


class Standing(StrEnum):
    """With whom a challenge is."""

    AT_HUB = "at_hub"
    WITH_MANAGERS = "with_managers"
    WITH_SENIOR_MANAGERS = "with_senior_managers"
    WITH_BOARD = "with_board"  # the safeguarding partnership
    SETTLED = "settled"


class Happening(StrEnum):
    """What may happen to one."""

    SETTLES = "settles"  # answered, and the challenger is content
    REPLIES = "replies"  # answered, and they are not
    ESCALATES = "escalates"  # taken further without a reply
    SEES_RISK = "sees_risk"  # somebody is at risk now


_S, _H = Standing, Happening
_UP = {
    _S.AT_HUB: _S.WITH_MANAGERS,
    _S.WITH_MANAGERS: _S.WITH_SENIOR_MANAGERS,
    _S.WITH_SENIOR_MANAGERS: _S.WITH_BOARD,
    _S.WITH_BOARD: _S.WITH_BOARD,  # nobody stands above: it stays until it is settled
}
# A pair that is missing cannot happen: what is settled is settled, and nothing is above the board.
TABLE: dict[tuple[Standing, Happening], Standing] = {
    **{(state, _H.SETTLES): _S.SETTLED for state in _UP},
    **{(state, _H.REPLIES): above for state, above in _UP.items()},
    **{(state, _H.ESCALATES): above for state, above in _UP.items() if above is not state},
    **{(state, _H.SEES_RISK): state for state in _UP},
    (_S.AT_HUB, _H.SEES_RISK): _S.WITH_MANAGERS,
}


def _days(days: int) -> ClockSpec:
    return ClockSpec(ClockKind.WORKING_DAYS, days=days)


# The named clock of each stage, and its usual length where the hub's statute names none (Lincolnshire procedure).
CLOCK: dict[Standing, tuple[str, ClockSpec]] = {
    _S.AT_HUB: ("escalation_1", _days(2)),
    _S.WITH_MANAGERS: ("escalation_2", _days(5)),
    _S.WITH_SENIOR_MANAGERS: ("escalation_3", _days(2)),
    _S.WITH_BOARD: ("escalation_4", _days(2)),
}
LABELS: dict[Standing, str] = {
    _S.AT_HUB: "the hub",
    _S.WITH_MANAGERS: "managers",
    _S.WITH_SENIOR_MANAGERS: "senior managers",
    _S.WITH_BOARD: "the safeguarding partnership",
    _S.SETTLED: "settled",
}
STAGE: dict[Standing, int] = {state: n for n, state in enumerate(_UP, 1)}


@dataclass(frozen=True, slots=True)
class UnreadReply:
    """A reply to the referrer that a second person has not read yet; its words are a sealed body of the same id."""

    id: str  # "c1-1" within the case
    by: str
    at: datetime
    settles: bool


@dataclass(frozen=True, slots=True)
class Challenge:
    """One disagreement, from whoever raised it."""

    id: str  # "c1" within the case
    by: str  # "referrer", or an agency
    leg: str  # of the agency; "" for the referrer
    raised_at: datetime
    due: datetime  # of the stage it stands at
    standing: Standing = Standing.AT_HUB
    immediate: bool = False
    replies: int = 0
    again: int = 0  # how often it was said again while open
    unproved: bool = False  # it came to the referrer's address, and nothing proves who wrote it
    unread: UnreadReply | None = None  # what waits for a second person
    written: int = 0  # replies that waited so far

    @property
    def open(self) -> bool:
        """Somebody owes a reply."""
        return self.standing is not Standing.SETTLED


@dataclass(frozen=True, slots=True)
class Challenged:
    """The referrer, or an agency about its leg, disagrees."""

    at: datetime
    by: str  # "referrer", an agency, the member of staff who took the call, or "unproved"
    channel: str  # "page" | "mail" | "telephone"
    leg: str = ""  # "" is the referrer's
    immediate: bool = False

    @property
    def unproved(self) -> bool:
        """Whoever knew the address of the referrer's replies may have written it: it travels in readable mail."""
        return self.by == UNPROVED


@dataclass(frozen=True, slots=True)
class ChallengeReplied:
    """Whoever it stands with has replied."""

    at: datetime
    by: str
    challenge: str
    settles: bool
    reply: str = ""  # id of the words to the referrer, which a second person must read


@dataclass(frozen=True, slots=True)
class ReplyApproved:
    """Somebody other than the writer has read the words to the referrer, and lets them go."""

    at: datetime
    by: str
    reply: str


@dataclass(frozen=True, slots=True)
class ReplyDropped:
    """The words to the referrer do not go out."""

    at: datetime
    by: str
    reply: str


@dataclass(frozen=True, slots=True)
class ChallengeEscalated:
    """It goes to the next stage without a reply."""

    at: datetime
    by: str
    challenge: str
