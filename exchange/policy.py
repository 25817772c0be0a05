"""Who may see or do what: the one place that answers it, for pages, API and commands alike.

1. What is not listed is forbidden.
2. Forbidden and absent look the same from outside: `Forbidden` says nothing of what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is in the hub; one person may hold several."""

    INTAKE_ADMIN = "intake_admin"
    SCREENING_OFFICER = "screening_officer"
    DECISION_MANAGER = "decision_manager"
    CHAIR = "chair"
    HUB_MANAGER = "hub_manager"
    HUB_ADMINISTRATOR = "hub_administrator"  # sees status, not content
    AUDITOR = "auditor"  # reads, every view logged


class Action(StrEnum):
    """Something a viewer may ask for."""

    SEE_STATUS = "see_status"  # codes, clocks, deliveries
    SEE_CONTENT = "see_content"  # names and words
    TAKE_CONTACT = "take_contact"  # enter a referral taken by telephone
    LOOK = "look"
    TRANSCRIBE = "transcribe"
    RATE = "rate"
    SCREEN = "screen"  # sort, add what is known of subjects, start clocks and actions
    ASK = "ask"
    RECORD_ANSWER = "record_answer"  # an answer taken by telephone
    CALL_DISCUSSION = "call_discussion"
    DECIDE = "decide"
    RECORD_OUTCOME = "record_outcome"
    TELL_REFERRER = "tell_referrer"  # by telephone, and read the receipt code out
    CLOSE = "close"
    SEARCH = "search"
    SETTLE_TASK = "settle_task"


_R, _A = Role, Action
_OFFICERS = frozenset({_R.SCREENING_OFFICER, _R.DECISION_MANAGER, _R.HUB_MANAGER})
_INTAKE = _OFFICERS | {_R.INTAKE_ADMIN}
MAY: dict[Action, frozenset[Role]] = {
    _A.SEE_STATUS: frozenset(_R),
    _A.SEE_CONTENT: _INTAKE | {_R.CHAIR, _R.AUDITOR},
    _A.TAKE_CONTACT: _INTAKE,
    _A.LOOK: _INTAKE,
    _A.TRANSCRIBE: _INTAKE,
    _A.RATE: _OFFICERS,
    _A.SCREEN: _OFFICERS,
    _A.ASK: _OFFICERS,
    _A.RECORD_ANSWER: _INTAKE,
    _A.CALL_DISCUSSION: _OFFICERS | {_R.CHAIR},
    _A.DECIDE: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),  # a threshold decision is a qualified manager's
    _A.RECORD_OUTCOME: _INTAKE,
    _A.TELL_REFERRER: _INTAKE,
    _A.CLOSE: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.SEARCH: _INTAKE,
    _A.SETTLE_TASK: _INTAKE,
}


class Forbidden(PermissionError):
    """Not yours to see or do: ask the hub manager if it should be."""

    def __init__(self, viewer: str, action: Action) -> None:
        self.viewer, self.action = viewer, action
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks."""

    id: str
    roles: frozenset[Role]

    def may(self, action: Action) -> bool:
        """Whether this viewer may do it."""
        return bool(MAY[action] & self.roles)


OPERATOR = Viewer("operator", frozenset({Role.HUB_MANAGER}))  # whoever can read the master key may do all of it


def require(viewer: Viewer, action: Action) -> None:
    """Raises Forbidden unless the viewer may."""
    if not viewer.may(action):
        raise Forbidden(viewer.id, action)


def roles(names: tuple[str, ...]) -> frozenset[Role]:
    """Roles by name. Raises ValueError naming the one that is not."""
    known = {r.value for r in Role}
    for name in names:
        if name not in known:
            raise ValueError(f"no role “{name}”: use one of {', '.join(sorted(known))}")
    return frozenset(Role(n) for n in names)
