"""Matters: the rows of the work list, in words: what is owed or to be done, by when, whom to ring and where to go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchange import labels, ringing, scripts, wording
from exchange.case.effect import TO_REFERRER, TaskKind
from exchange.case.escalation import DUTY
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.holding_pen import WAITING
from exchange.outstanding import HUB_OWNS
from exchange.store import tasks
from exchange.task_words import BY_THEMSELVES, KEPT_FROM_YOU, OF_NO_LEAD, TASKS, TOLD_SINCE
from exchange.web.context import Site, shown
from exchange.web.endings import endings
from exchange.web.worklist import Work

PAGES = {
    "drill_failed": "/desk/drills",
    "not_proved": "/desk/drills",
    "go_live": "/desk/directory",
    "key_change": "/desk/directory",
    "mailbox_moves": "/desk/directory",
    "key_ends": "/desk/directory",
    "key_unusable": "/desk/directory",
    "signature_ends": "/desk/directory",
    "one_key_ends": "/desk/directory",
}
_BY_NUMBER = frozenset(  # about a mail, a change, or the one scanner there is
    {TaskKind.PASSWORD, TaskKind.HUB_FILE, TaskKind.MAIL_WAITS, TaskKind.SCANNER_AWAY}
)
_MAIL = frozenset({*WAITING, TaskKind.MAIL_WAITS})  # about one that somebody reads in the holding pen
_TELLING = frozenset({"tell_referrer", "ring_referrer", "tell_how", "no_automatic_receipt"})


def matter(
    one: Work,
    case: Case | None,
    rules: Rules,
    presence: Presence,
    site: Site,
    caller: dict[str, str] | None = None,
    kept: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """A row of the work list; `caller` is whoever told us, for those who may see it; `kept` are the keys of the tasks
    whose words whoever looks may not read."""
    now, owed = site.hub.clock.now(), one.owed
    tasks_ = [_lines(of, case, rules, presence, with_about=owed is None) for of in _together(one.tasks)]
    for line in tasks_:
        if kept & {*line["keys"]}:
            line["settled_by_hand"] = False
            line["what"] += f" (by {KEPT_FROM_YOU})"
    number, role = _number(one, case, presence)
    to_tell = any(t.kind in _TELLING or _is_theirs(t) for t in one.tasks)
    at = now.astimezone(rules.calendar.zone)
    of_team = role in ("", "the team")  # whose turn it is there says nothing of another's number
    there = next(filter(None, (ringing.whom(t, case, presence, at) for t in one.tasks if of_team)), "")
    whom = caller if caller and to_tell else {"name": "" if to_tell else there}
    return {
        **_owing(one, case, rules, now), "who": role, "tasks": tasks_, "sign": one.sign(now),
        "due": shown(one.due, rules, now),
        "danger": bool(case and case.danger and not case.decided and not one.of_nobody),
        "rating": _rating_of(one, case, rules), "rank": wording.rank(one.rating, rules),
        "ring": _ring(one),
        "telephone": whom.get("telephone", "") if to_tell else number, "whom": whom.get("name", ""),
        "before": whom.get("safe_contact", ""), "instead": _instead(one, to_tell=to_tell),
        "reference": owed.reference if owed else case.reference if case else "",
        "page": next((page for t in one.tasks if (page := _page(t, case))), ""),
        "mail": next((t.about.partition(":")[0] for t in one.tasks if t.kind in _MAIL), ""), "ends": endings(one),
    }  # fmt: skip


def _is_theirs(task: tasks.Task) -> bool:
    """Whether a letter to the referrer could not go."""
    return task.kind == TaskKind.LETTER_FAILED and task.about.partition(":")[0] in TO_REFERRER


def _number(one: Work, case: Case | None, presence: Presence) -> tuple[str, str]:
    """Whom the desk rings about it, and who answers there: both of one mailbox, the same as on the telephone page."""
    owed = one.owed
    if owed and owed.owner == HUB_OWNS:  # the desk need not ring itself
        return "", ""
    no_deputy = any(t.kind == TaskKind.NO_DEPUTY for t in one.tasks)
    if owed and owed.numbers and not no_deputy:
        return owed.telephone, owed.who
    asked = ((task, ringing.mailbox(task, case, presence)) for task in one.tasks)
    task, found = next(((t, m) for t, m in asked if m), (None, None))
    if task and found:
        return ringing.number(task, found), scripts.ROLES[found.role] if owed else ""
    return (owed.telephone, owed.who) if owed else ("", "")


def _page(task: tasks.Task, case: Case | None) -> str:
    """Where it is done, when that is on a page of its own."""
    if task.kind == TaskKind.PASSWORD:
        return f"/desk/mail/{task.about}"
    if task.kind == TaskKind.HUB_FILE:
        return f"/desk/admin/change/{task.about}"
    if task.kind == TaskKind.CONFIRM and case:
        return f"/desk/case/{case.reference}/compare"
    return PAGES.get(task.kind, "")


def _instead(one: Work, *, to_tell: bool) -> str:
    """Where a number is to be found that the directory does not know."""
    if any(t.kind == TaskKind.PASSWORD for t in one.tasks):
        return "In their mail, if you know no other"
    return "On the page of the case" if to_tell else ""


def _rating_of(one: Work, case: Case | None, rules: Rules) -> str:
    if one.of_nobody:
        return ""
    if not one.rating:
        return "Not rated"
    seems = " (first look)" if case and not case.subjects else ""
    return rules.rating(one.rating).label + seems


_RUNG_UP = frozenset(  # tasks that end on the telephone with an agency
    {
        "telephone_agency",
        "silent_agency",
        "silent_invitee",
        "manager",
        "lead_unreached",
        "cannot_open",
        "wrong_person",
    }
    | {"no_deputy"}
)


def _ring(one: Work) -> str:
    """What the telephone page of this matter is about; "" where nobody is to be rung."""
    if any(t.kind in ("duty", "return_note") for t in one.tasks) or (one.owed and one.owed.what in _OF_DUTY):
        return DUTY
    about = next((t.about for t in one.tasks if t.kind in _RUNG_UP), "")
    late = one.owed if one.owed and one.owed.numbers and one.owed.overdue else None
    return about or (late.about if late else "")


_OF_DUTY = ("duty", "return_note")


def _owing(one: Work, case: Case | None, rules: Rules, now: datetime) -> dict[str, str]:
    """Who owes what; and what happens next, where the desk need do nothing yet."""
    owed = one.owed
    if owed is None:
        return {"owner": "", "what": "", "next": "", "left": "", "mail_said": "", "then": ""}
    of_hub, at = owed.owner == HUB_OWNS, f" ({shown(owed.next_at, rules, now)})" if owed.next_at else ""
    named = "" if owed.what == TaskKind.MAIL_WAITS else owed.about  # that is the number of a mail
    owner = (wording.about(named, case, rules) or "The hub") if of_hub else owed.owner
    what = labels.OWED_BY_HUB.get(owed.what, wording.say(owed.what)) if of_hub else wording.owes(owed.what)
    what += wording.about_whom(owed.about, case)
    what += f" (meeting {shown(owed.meets_at, rules, now)})" if owed.meets_at else ""
    sent = f"Sent {shown(owed.sent_at, rules, now)}" if owed.sent_at else ""
    told = not one.tasks and owed.next_step not in owed.then
    return {
        "owner": owner, "what": what, "next": owed.next_step + at if told else "",
        "left": owed.left if owed.overdue or one.due == owed.due else "",  # of the time that is shown
        "mail_said": "; ".join(filter(None, (sent, owed.server))),
        "then": owed.then + at if owed.then and owed.next_at else "",
    }  # fmt: skip


_RISEN = {  # what a silence has come to, behind what the desk is to do about it
    "no_deputy": "no deputy can be reached by mail: ring its lead",
    "lead_unreached": "no letter has reached its lead: ring them",
    "manager": "the hub manager has been told",
}
_RISEN_WITHOUT_LEAD = {
    "no_deputy": "no deputy can be reached by mail, and it has no lead: ring its team",
    "lead_unreached": "it has no lead who could be told: ring its team",
}


def _together(of: tuple[tasks.Task, ...]) -> list[tuple[tasks.Task, ...]]:
    """What one call settles, as one line: the silence first, and what it has come to behind it."""
    silence = [t for t in of if t.kind in ringing.RECORDED]
    silence.sort(key=lambda t: (t.kind in _RISEN, list(_RISEN).index(t.kind) if t.kind in _RISEN else 0))
    others = [(t,) for t in of if t not in silence]
    return [tuple(silence), *others] if silence else [*others]


def _lines(
    of: tuple[tasks.Task, ...], case: Case | None, rules: Rules, presence: Presence, *, with_about: bool
) -> dict[str, Any]:
    """One line for one task, or for one silence and how far it has risen."""
    first, *risen = of
    line = _task(first, case, rules, presence, with_about=with_about)
    said = any(t.kind == "lead_unreached" for t in of)  # what became of its lead's letter, once
    more = [
        _without_lead(_RISEN, _RISEN_WITHOUT_LEAD, t, case, presence) + ("" if said else _lead(t, case, presence))
        for t in risen
    ]
    line["what"] = "; ".join([line["what"], *more])
    line["keys"], line["times"] = [t.key for t in of], max(t.pressed for t in of)
    line["settled_by_hand"] = all(t.kind not in BY_THEMSELVES and (case is None or ringing.rung(t, case)) for t in of)
    return line


def _without_lead(
    words: dict[str, str], otherwise: dict[str, str], task: tasks.Task, case: Case | None, presence: Presence
) -> str:
    """The words for a task; other ones where they would send somebody to a lead who does not exist."""
    told = words.get(task.kind, task.kind)
    if case is None or task.kind not in otherwise or scripts.has_lead(case, task.about, presence):
        return told
    return otherwise[task.kind]


def _file(task: tasks.Task, case: Case | None) -> str:
    """Which file of the case, by its number on the page of the case: its name is whoever's who sent it."""
    of_file = task.kind in (TaskKind.INFECTED, TaskKind.SCAN)
    ids = [f.id for f in case.files] if case and of_file else []
    found = task.key.rpartition(":")[2]
    return f"file {ids.index(found) + 1}" if found in ids else ""


def _lead(task: tasks.Task, case: Case | None, presence: Presence) -> str:
    return scripts.lead_told(case, task.about, presence) if case and task.kind == "manager" else ""


def _task(
    task: tasks.Task, case: Case | None, rules: Rules, presence: Presence, *, with_about: bool
) -> dict[str, Any]:
    named = task.about.partition(":")[2] if task.kind in WAITING else task.about
    named = "" if task.kind in _BY_NUMBER else named
    about = wording.about(named, case, rules) if with_about and named else ""
    about = _file(task, case) or about
    about += wording.about_whom(task.about, case) if about else ""
    what = _without_lead(TASKS, OF_NO_LEAD, task, case, presence) + _lead(task, case, presence)
    if task.kind == TaskKind.FIRST_LOOK and case and case.read_before:
        what = TOLD_SINCE
    return {
        "what": what, "about": "; ".join(filter(None, (about, wording.suggests(task, case, rules)))),
    }  # fmt: skip
