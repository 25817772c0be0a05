"""Ringing: whom to ring about a task, and whose turn it is there; never whoever must not see the case."""

from __future__ import annotations

from datetime import datetime

from exchange.case.addressee import topics
from exchange.case.effect import TaskKind
from exchange.case.mailbox import Directory, Mailbox, MailboxRole
from exchange.case.presence import Presence
from exchange.case.state import Case
from exchange.store.tasks import Task
from exchange.wording import agency_of

# An agency that must not see the case is rung to delete what it has, and for nothing else.
_TO_DELETE = (TaskKind.SHUT_OUT_HOLDS, TaskKind.UNCONFIRMED_RECALL)


# What ends on the telephone, with a call on the record.
RECORDED = frozenset(
    {TaskKind.TELEPHONE_AGENCY, TaskKind.SILENT_AGENCY, TaskKind.SILENT_INVITEE, TaskKind.NO_DEPUTY}
    | {TaskKind.LEAD_UNREACHED, TaskKind.MANAGER}
)


def rung(task: Task, case: Case) -> bool:
    """Whether somebody may say that it is done: where an agency is to be rung about a leg or a seat, once a call has
    been recorded since."""
    if task.kind not in RECORDED or not (case.leg(task.about) or case.seat(task.about)):
        return True
    return any(call.about == task.about and call.at >= task.opened_at for call in case.calls)


# About what changes there, somebody is rung who was there before.
OF_A_CHANGE = frozenset({TaskKind.KEY_CHANGE, TaskKind.MAILBOX_MOVES, TaskKind.NOT_PROVED})


def number(task: Task, found: Mailbox) -> str:
    """The number of its mailbox to ring about it."""
    return found.proof_number if task.kind in OF_A_CHANGE else found.telephone


def mailbox(task: Task, case: Case | None, presence: Presence) -> Mailbox | None:
    """The mailbox whose number it is; None when it is about no agency. Where no deputy can be written to, the
    agency's lead is rung, if it has one."""
    whom = task.about.rpartition(":")[2]
    if case and task.kind == TaskKind.PASSWORD:
        return sender(case, presence.directory)
    if case is None:  # about a letter of the hub itself: the mailbox stands in it
        return next((m for m in presence.directory.mailboxes if m.id == whom), None)
    agency = agency_of(whom, case)
    if not agency or (case.shuts_out(agency) and task.kind not in _TO_DELETE):
        return None
    leg, avoided = case.leg(whom.partition("/")[0]), presence.avoided(case.spocs_shut_out)
    found = presence.choices(agency, topics(case, leg.subjects if leg else ()), avoided)
    lead = [m for m in found if m.role is MailboxRole.LEAD and task.kind == TaskKind.NO_DEPUTY]
    return next(iter((*lead, *found)), None)


def sender(case: Case, directory: Directory) -> Mailbox | None:
    """The mailbox that told us of the case, when it is proved that it did."""
    found = next((m for m in directory.mailboxes if m.id == case.referrer.mailbox), None)
    return None if found and case.shuts_out(found.agency) else found


def whom(task: Task, case: Case | None, presence: Presence, at: datetime) -> str:
    """Whose turn it is there at this moment of the hub's wall, with their own numbers; ""."""
    found = mailbox(task, case, presence)
    there = presence.on_now(found, at) if found else ()
    people = ", ".join(f"{s.name} {s.telephone}".strip() for s in there)
    return f"Ask for {people}" if people else ""
