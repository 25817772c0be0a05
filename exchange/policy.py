"""Who may see or do what: the one place that answers it, for pages, API and commands alike.

1. What is not listed is forbidden.
2. Forbidden and absent look the same from outside: `Forbidden` says nothing of what was asked for.
3. Who is shut out of a case is shut out whatever roles they hold: deny wins over every grant. The store joins what a
   viewer may be named as (`Viewer.names`) into everything it reads (store/viewing.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from exchange.case.effect import TaskKind
from exchange.case.restriction import Kind, Restriction
from exchange.case.step import CannotHappen
from exchange.store.database import AsRead


class Role(StrEnum):
    """What a member of staff is in the hub; one person may hold several."""

    INTAKE_ADMIN = "intake_admin"
    SCREENING_OFFICER = "screening_officer"
    DECISION_MANAGER = "decision_manager"
    CHAIR = "chair"
    HEALTH_NAVIGATOR = "health_navigator"  # reads what health tells before it is released
    HUB_MANAGER = "hub_manager"
    HUB_ADMINISTRATOR = "hub_administrator"  # sees status, not content
    AUDITOR = "auditor"  # reads, every view logged
    RECORDS_OFFICER = "records_officer"  # holds and disposes of records; sees status, not content
    NAVIGATOR = "navigator"  # researches for an agency in the hub
    EDT_WORKER = "edt_worker"  # the emergency duty team, when the hub is closed
    ANALYST = "analyst"  # codes and times, by reference: nobody's name
    BOARD_MEMBER = "board_member"  # published tables only
    SYSTEM_ADMIN = "system_admin"  # lets people in; sees nothing of any case


class Action(StrEnum):
    """Something a viewer may ask for."""

    SEE_STATUS = "see_status"  # codes, clocks, deliveries
    SEE_CONTENT = "see_content"  # names and words
    TAKE_CONTACT = "take_contact"  # enter a referral taken by telephone
    LOOK = "look"
    TRANSCRIBE = "transcribe"
    RATE = "rate"
    SCREEN = "screen"  # sort, add what is known of subjects, start clocks and actions
    SECOND_REVIEW = "second_review"  # look at a borderline subject that somebody else marked
    ASK = "ask"
    RECORD_ANSWER = "record_answer"  # an answer taken by telephone
    CALL_DISCUSSION = "call_discussion"
    TELEPHONE_DISCUSSION = "telephone_discussion"  # record one that was held by telephone, at night too
    RECORD_ATTENDANCE = "record_attendance"  # whether an invitee comes
    MINUTE = "minute"  # write the record of a discussion, and tell an agency what its copy says
    APPROVE_RECORD = "approve_record"  # somebody else's, or a chair's own
    SET_ACTION = "set_action"  # that somebody is to do something by a time
    DECIDE = "decide"
    RECORD_OUTCOME = "record_outcome"
    TELL_REFERRER = "tell_referrer"  # by telephone, and read the receipt code out
    CLOSE = "close"
    SEARCH = "search"
    SETTLE_TASK = "settle_task"
    OPEN_COMPARTMENT = "open_compartment"  # contributions that are kept apart until release
    WRITE_PRODUCT = "write_product"
    ASK_RELEASE = "ask_release"
    OVERRIDE_RELEASE = "override_release"
    RELEASE_PRODUCT = "release_product"
    NOT_SHARE = "not_share"
    RECALL = "recall"  # ask a packet back
    RELEASE_ADDRESS = "release_address"  # let one agency know a protected address
    SETTLE_DECLINE = "settle_decline"  # record what the hub decided about a decline
    HAND_OVER = "hand_over"
    WRITE_FEEDBACK = "write_feedback"  # free words to the referrer
    APPROVE_FEEDBACK = "approve_feedback"  # somebody else's
    WITHHOLD_FEEDBACK = "withhold_feedback"  # or end it
    REPLY_CHALLENGE = "reply_challenge"
    REPLY_AS_MANAGER = "reply_as_manager"  # above the hub's own stage
    RESTRICT = "restrict"  # shut somebody out of a case
    LIFT = "lift"  # let them in again
    HOLD = "hold"  # keep a record whatever the schedule says
    LIFT_HOLD = "lift_hold"
    DISPOSE = "dispose"
    OWN = "own"  # take a case
    ASSIGN = "assign"  # give a case, or all of somebody's, to somebody else
    SEE_DIRECTORY = "see_directory"  # who answers at each agency, and who is away
    SET_LEAVE = "set_leave"  # of an agency's SPOCs
    CONFIRM_KEY = "confirm_key"  # say that a certificate is its mailbox's
    DRILL = "drill"  # send a mailbox a test, and record that its words were read out
    SET_STAFF_LEAVE = "set_staff_leave"  # of the hub's staff: whoever covers acts with their roles
    SEE_ADMINISTRATION = "see_administration"  # the hub file, its routes and letters, and what was changed of them
    CHANGE_HUB_FILE = "change_hub_file"  # propose a change of it, or withdraw one
    APPLY_HUB_FILE = "apply_hub_file"  # put a change of it in force, one's own or somebody's
    READ_AUDIT = "read_audit"  # who did and was shown what, in every case that is not kept from them
    MANAGE_STAFF = "manage_staff"  # let people in, give and end roles, sign somebody out
    EXPORT = "export"  # take a list out of the exchange as a file


_R, _A = Role, Action
_OFFICERS = frozenset({_R.SCREENING_OFFICER, _R.DECISION_MANAGER, _R.HUB_MANAGER})
_TAKING = frozenset({_R.INTAKE_ADMIN, _R.EDT_WORKER})
_INTAKE = _OFFICERS | _TAKING
_CASELESS = frozenset({_R.BOARD_MEMBER, _R.SYSTEM_ADMIN})  # see nothing of any case, not even that it is there
MAY: dict[Action, frozenset[Role]] = {
    _A.SEE_STATUS: frozenset(_R) - _CASELESS,
    _A.SEE_CONTENT: _INTAKE | {_R.CHAIR, _R.AUDITOR, _R.HEALTH_NAVIGATOR, _R.NAVIGATOR},
    _A.TAKE_CONTACT: _INTAKE,
    _A.LOOK: _INTAKE,
    _A.TRANSCRIBE: _INTAKE,
    _A.RATE: _OFFICERS | {_R.EDT_WORKER},
    _A.SCREEN: _OFFICERS,
    _A.SECOND_REVIEW: _OFFICERS,
    _A.ASK: _OFFICERS | {_R.EDT_WORKER},
    _A.RECORD_ANSWER: _INTAKE,
    _A.CALL_DISCUSSION: _OFFICERS | {_R.CHAIR},
    _A.TELEPHONE_DISCUSSION: _OFFICERS | {_R.CHAIR, _R.EDT_WORKER},
    _A.RECORD_ATTENDANCE: _INTAKE | {_R.CHAIR},
    _A.MINUTE: _INTAKE | {_R.CHAIR},
    _A.APPROVE_RECORD: frozenset({_R.CHAIR, _R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.SET_ACTION: _OFFICERS | {_R.CHAIR},
    _A.DECIDE: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),  # a threshold decision is a qualified manager's
    _A.RECORD_OUTCOME: _INTAKE,
    _A.TELL_REFERRER: _INTAKE,
    _A.CLOSE: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.SEARCH: _INTAKE,
    _A.SETTLE_TASK: _INTAKE,
    _A.OPEN_COMPARTMENT: frozenset({_R.HEALTH_NAVIGATOR, _R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.WRITE_PRODUCT: _OFFICERS | {_R.HEALTH_NAVIGATOR, _R.NAVIGATOR},
    _A.ASK_RELEASE: _OFFICERS | {_R.HEALTH_NAVIGATOR, _R.NAVIGATOR},
    _A.OVERRIDE_RELEASE: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.RELEASE_PRODUCT: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.NOT_SHARE: _OFFICERS,
    _A.RECALL: _OFFICERS,
    _A.RELEASE_ADDRESS: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),  # design truth 14
    _A.SETTLE_DECLINE: _OFFICERS,
    _A.HAND_OVER: _OFFICERS,
    _A.WRITE_FEEDBACK: _OFFICERS,
    _A.APPROVE_FEEDBACK: _OFFICERS,
    _A.WITHHOLD_FEEDBACK: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.REPLY_CHALLENGE: _OFFICERS,
    _A.REPLY_AS_MANAGER: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.RESTRICT: _INTAKE,
    _A.LIFT: frozenset({_R.HUB_MANAGER}),
    _A.HOLD: frozenset({_R.RECORDS_OFFICER, _R.HUB_MANAGER}),
    _A.LIFT_HOLD: frozenset({_R.RECORDS_OFFICER}),
    _A.DISPOSE: frozenset({_R.RECORDS_OFFICER}),
    _A.OWN: _INTAKE,
    _A.ASSIGN: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER}),
    _A.SEE_DIRECTORY: frozenset(_R) - {_R.BOARD_MEMBER},
    _A.SET_LEAVE: _INTAKE | {_R.HUB_ADMINISTRATOR},
    _A.CONFIRM_KEY: frozenset({_R.DECISION_MANAGER, _R.HUB_MANAGER, _R.HUB_ADMINISTRATOR}),
    _A.DRILL: _INTAKE | {_R.HUB_ADMINISTRATOR},
    _A.SET_STAFF_LEAVE: frozenset({_R.HUB_MANAGER}),
    _A.SEE_ADMINISTRATION: frozenset({_R.HUB_MANAGER, _R.HUB_ADMINISTRATOR, _R.AUDITOR, _R.SYSTEM_ADMIN}),
    _A.CHANGE_HUB_FILE: frozenset({_R.HUB_MANAGER, _R.HUB_ADMINISTRATOR}),
    _A.APPLY_HUB_FILE: frozenset({_R.HUB_MANAGER, _R.HUB_ADMINISTRATOR}),
    _A.READ_AUDIT: frozenset({_R.AUDITOR, _R.HUB_MANAGER}),
    _A.MANAGE_STAFF: frozenset({_R.HUB_MANAGER, _R.HUB_ADMINISTRATOR, _R.SYSTEM_ADMIN}),
    _A.EXPORT: frozenset({_R.HUB_MANAGER, _R.AUDITOR}),
}
# Before any of these a person at the desk shows once more that it is them, unless they did so in the last minutes
# (T21): what it does goes out, is gone for good, opens what was closed, or lets somebody in.
STEP_UP = frozenset(
    {
        _A.RELEASE_PRODUCT,
        _A.OVERRIDE_RELEASE,
        _A.RELEASE_ADDRESS,
        _A.LIFT,
        _A.LIFT_HOLD,
        _A.DISPOSE,
        _A.CONFIRM_KEY,
        _A.APPLY_HUB_FILE,
        _A.MANAGE_STAFF,
        _A.EXPORT,
    }
)
TASKS_FOR: dict[TaskKind, frozenset[Role]] = {  # tasks that others do not see; every other task is for all
    TaskKind.RESTRICTED_ATTEMPT: frozenset({_R.AUDITOR, _R.HUB_MANAGER}),
    TaskKind.HUB_FILE: MAY[Action.APPLY_HUB_FILE],
}


class Forbidden(PermissionError):
    """Not yours to see or do: ask the hub manager if it should be."""

    def __init__(self, viewer: str, action: Action, **about: str) -> None:
        self.viewer, self.action, self.about = viewer, action, about  # what was reached for, for the record alone
        super().__init__(self.__doc__)


class ProveAgain(PermissionError):
    """This needs you to show once more that it is you: it was too long ago."""


# What a program of nobody's may do, and an operator as such: give a concern in, read, and say what an agency or an
# invitee has said in its own system.
BY_PROGRAM = frozenset(
    {
        Action.SEE_STATUS,
        Action.SEE_CONTENT,
        Action.OPEN_COMPARTMENT,
        Action.SEE_DIRECTORY,
        Action.SEARCH,
        Action.TAKE_CONTACT,
        Action.RECORD_OUTCOME,
        Action.RECORD_ATTENDANCE,
    }
)
# Of the acts on a case everything else is a named person's, because the record must say who answers for it: who read
# it and how urgent it is (design truth 13), whom it was told, who was taken out of it, what was decided and released
# (4, 5 and 14), whatever needs a second person, and what is kept, closed or destroyed.
IN_PERSON = frozenset(Action) - BY_PROGRAM
PROGRAM = "token-"  # what the id of a program of nobody's begins with


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks."""

    id: str
    roles: frozenset[Role]
    covers: frozenset[str] = frozenset()  # the members of staff in whose place they stand as well
    read: AsRead | None = field(default=None, compare=False)  # the version of a case on which alone they act
    stale: bool = field(default=False, compare=False)  # it is too long since they showed who they are

    def may(self, action: Action) -> bool:
        """Whether this viewer may do it."""
        return bool(MAY[action] & self.roles)

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """(kind, who) under which a case's restriction may name this viewer: one that does is enough."""
        people = ((Kind.STAFF.value, member) for member in (self.id, *self.covers))
        return frozenset({*people, *((Kind.ROLE.value, role.value) for role in self.roles)})

    @property
    def named(self) -> bool:
        """It is one member of staff, whom the record can name."""
        return self.id != OPERATOR.id and not self.id.startswith(PROGRAM)

    @property
    def unseen(self) -> frozenset[str]:
        """The kinds of task that are not this viewer's to see."""
        return frozenset(kind.value for kind, roles in TASKS_FOR.items() if not roles & self.roles)


OPERATOR = Viewer("operator", frozenset({Role.HUB_MANAGER}))  # whoever can read the master key may do all of it


def shut_out(viewer: Viewer, restrictions: Iterable[Restriction]) -> bool:
    """Whether a case is kept from the viewer. Deny wins: whatever else they may, in whoever's place they stand."""
    return any(r.in_force and (r.kind.value, r.who) in viewer.names for r in restrictions)


def standing_in(viewer: Viewer, absent: Viewer) -> Viewer:
    """The viewer while they cover somebody's leave: still themselves, with the roles of both. It opens no case that
    is kept from either of them, or from a role of either."""
    return replace(
        viewer, roles=viewer.roles | absent.roles, covers=viewer.covers | {absent.id} | absent.covers
    )  # fmt: skip


def require(viewer: Viewer, action: Action) -> None:
    """Raises Forbidden unless the viewer may, and ProveAgain where they must first show that it is them."""
    if not viewer.may(action):
        raise Forbidden(viewer.id, action)
    if viewer.stale and action in STEP_UP:
        raise ProveAgain


def require_person(viewer: Viewer, action: Action) -> None:
    """As `require`; and what only a named person may do raises CannotHappen for anybody else."""
    require(viewer, action)
    if action in IN_PERSON and not viewer.named:
        program = viewer.id.startswith(PROGRAM)
        how = "exchange token add LABEL --roles ROLES --staff ID" if program else "--as ID"
        raise CannotHappen(f"A named person must do this, who is a member of staff and may: name them with {how}")


def may_give(viewer: Viewer, role: Role) -> bool:
    """Whether this viewer may let somebody hold a role, and take it from them: one that sees content is the hub
    manager's to give, so that nobody lets themselves in by way of another name."""
    return viewer.may(Action.MANAGE_STAFF) and (role not in MAY[Action.SEE_CONTENT] or _R.HUB_MANAGER in viewer.roles)


def roles(names: tuple[str, ...]) -> frozenset[Role]:
    """Roles by name. Raises ValueError naming the one that is not."""
    known = {r.value for r in Role}
    for name in names:
        if name not in known:
            raise ValueError(f"no role “{name}”: use one of {', '.join(sorted(known))}")
    return frozenset(Role(n) for n in names)
