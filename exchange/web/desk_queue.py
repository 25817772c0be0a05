"""The desk's queue: what nobody has looked at, what is to do and who owes what, and every open case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import labels, ringing, scripts, wording
from exchange.case.decision import (
    LABELS,
    Decision,
)
from exchange.case.effect import TaskKind
from exchange.case.escalation import DUTY
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.case.state import (
    Case,
    SubjectEpisode,
)
from exchange.covering import gaps, presence_of
from exchange.desk.people import AHEAD
from exchange.heard import with_servers
from exchange.holding_pen import WAITING
from exchange.outstanding import (
    HUB_OWNS,
    outstanding,
)
from exchange.policy import (
    Action,
    Viewer,
    require,
)
from exchange.store import (
    casebook,
    tasks,
)
from exchange.task_words import BY_THEMSELVES, TASKS
from exchange.web.context import Site, shown, site_of
from exchange.web.leaves import Leaf, Leaves
from exchange.web.sign_in import menu, viewer_of
from exchange.web.worklist import Work, work

router = APIRouter()
PAGES = {
    "drill_failed": "/desk/drills",
    "key_change": "/desk/directory",
    "mailbox_moves": "/desk/directory",
    "key_ends": "/desk/directory",
    "key_unusable": "/desk/directory",
}
_OF_MAIL = frozenset({*WAITING, "password"})  # about a mail, by its number
_TELLING = frozenset({"tell_referrer", "ring_referrer", "tell_how"})


@router.get("/desk")
async def overview(request: Request) -> Response:
    """The queue: unread first, then what is to do and who owes what, the most urgent first."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, rules, now = site.hub, await site.rules(), site.hub.clock.now()
    owed = await outstanding(hub, viewer, now)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        unread = await casebook.listing(tx, unread=True)
        cases = {c.id: c for c in await casebook.listing(tx)}
        todo, presence = await tasks.pending(tx), await presence_of(hub, tx, rules)
        of_tasks = {t.case_id: cases.get(t.case_id) or await casebook.load(tx, t.case_id) for t in todo if t.case_id}
    leaf = Leaves(request)
    matters = work(owed, todo, of_tasks, rules, skip="first_look")
    lists: dict[str, Any] = {
        "unread": leaf("unread", unread, lambda c: _unread(c, rules, site)),
        "todo": await _shown(leaf("todo", matters, lambda w: {"of": w}), of_tasks, rules, presence, site, viewer),
        "cases": leaf("cases", list(cases.values()), lambda c: _case_row(c, rules, site)),
    }
    return await site.page(
        request,
        "desk/overview",
        title="Cases",
        navigation=menu(request),
        signed_in_as=viewer.id,
        few=bool(await gaps(hub, rules, AHEAD)),
        **lists,
    )


async def _shown(
    part: Leaf, cases: dict[str, Case], rules: Rules, presence: Presence, site: Site, viewer: Viewer
) -> Leaf:
    """The rows of one part of the work list, with what servers said: only for these is anything opened."""
    works: list[Work] = [row["of"] for row in part.rows]
    said = iter(await with_servers(site.hub, viewer, [w.owed for w in works if w.owed]))
    works = [replace(w, owed=next(said)) if w.owed else w for w in works]
    return replace(part, rows=tuple(matter(w, cases.get(w.case_id), rules, presence, site) for w in works))


def _unread(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    now = site.hub.clock.now()
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, now), "channel": case.channel,
        "due": shown(case.first_look_due, rules, now), "late": now >= case.first_look_due, "danger": case.danger,
        "securely": case.securely, "counts_as": rules.ratings[0].label,
    }  # fmt: skip


def matter(
    one: Work, case: Case | None, rules: Rules, presence: Presence, site: Site, caller: dict[str, str] | None = None
) -> dict[str, Any]:
    """A row of the work list; `caller` is whoever told us, for those who may see it."""
    now, owed = site.hub.clock.now(), one.owed
    tasks_ = [_lines(of, case, rules, with_about=owed is None) for of in _together(one.tasks)]
    number, role = _number(one, case, presence)
    to_tell = any(t.kind in _TELLING for t in one.tasks)
    at = now.astimezone(rules.calendar.zone)
    of_team = role in ("", "the team")  # whose turn it is there says nothing of another's number
    there = next(filter(None, (ringing.whom(t, case, presence, at) for t in one.tasks if of_team)), "")
    whom = caller if caller and to_tell else {"name": "" if to_tell else there}
    return {
        **_owing(one, case, rules, now), "who": role, "tasks": tasks_, "sign": one.sign(now),
        "due": shown(one.due, rules, now),
        "rating": _rating_of(one, case, rules), "rank": wording.rank(one.rating, rules),
        "ring": _ring(one),
        "telephone": whom.get("telephone", "") if to_tell else number, "whom": whom.get("name", ""),
        "before": whom.get("safe_contact", ""), "instead": _instead(one, to_tell=to_tell),
        "reference": owed.reference if owed else case.reference if case else "",
        "page": next((page for t in one.tasks if (page := _page(t, case))), ""),
        "mail": next((t.about.partition(":")[0] for t in one.tasks if t.kind in WAITING), ""),
    }  # fmt: skip


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
    owner = (wording.about(owed.about, case, rules) or "The hub") if of_hub else owed.owner
    what = labels.OWED_BY_HUB.get(owed.what, wording.say(owed.what)) if of_hub else wording.owes(owed.what)
    what += wording.about_whom(owed.about, case)
    what += f" (meeting {shown(owed.meets_at, rules, now)})" if owed.meets_at else ""
    sent = f"Sent {shown(owed.sent_at, rules, now)}" if owed.sent_at else ""
    told = not one.tasks and owed.next_step not in owed.then
    return {
        "owner": owner, "what": what, "next": owed.next_step + at if told else "", "left": owed.left,
        "mail_said": "; ".join(filter(None, (sent, owed.server))),
        "then": owed.then + at if owed.then and owed.next_at else "",
    }  # fmt: skip


_RISEN = {  # what a silence has come to, behind what the desk is to do about it
    "no_deputy": "no deputy can be reached by mail: ring its lead",
    "lead_unreached": "no letter has reached its lead: ring them",
    "manager": "the hub manager has been told",
}


def _together(of: tuple[tasks.Task, ...]) -> list[tuple[tasks.Task, ...]]:
    """What one call settles, as one line: the silence first, and what it has come to behind it."""
    silence = [t for t in of if t.kind in ringing.RECORDED]
    silence.sort(key=lambda t: (t.kind in _RISEN, list(_RISEN).index(t.kind) if t.kind in _RISEN else 0))
    others = [(t,) for t in of if t not in silence]
    return [tuple(silence), *others] if silence else [*others]


def _lines(of: tuple[tasks.Task, ...], case: Case | None, rules: Rules, *, with_about: bool) -> dict[str, Any]:
    """One line for one task, or for one silence and how far it has risen."""
    first, *risen = of
    line = _task(first, case, rules, with_about=with_about)
    more = [
        _RISEN[t.kind] + (scripts.lead_told(case, t.about) if case and t.kind == "manager" else "") for t in risen
    ]
    line["what"] = "; ".join([line["what"], *more])
    line["keys"], line["times"] = [t.key for t in of], max(t.pressed for t in of)
    line["settled_by_hand"] = all(t.kind not in BY_THEMSELVES and (case is None or ringing.rung(t, case)) for t in of)
    return line


def _task(task: tasks.Task, case: Case | None, rules: Rules, *, with_about: bool) -> dict[str, Any]:
    named = task.about.partition(":")[2] if task.kind in WAITING else task.about
    named = "" if task.kind == TaskKind.PASSWORD else named  # it is about a mail, by its number
    about = wording.about(named, case, rules) if with_about and named else ""
    about += wording.about_whom(task.about, case) if about else ""
    what = TASKS.get(task.kind, task.kind)
    what += scripts.lead_told(case, task.about) if case and task.kind == "manager" else ""
    return {
        "what": what, "about": "; ".join(filter(None, (about, wording.suggests(task, case, rules)))),
    }  # fmt: skip


def _case_row(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    seems = f"{rules.rating(case.provisional).label} (first look), not typed in yet" if case.provisional else ""
    ratings = ", ".join(f"{_rating(s, rules)}{decision_of(s)}" for s in case.subjects) or seems
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, site.hub.clock.now()),
        "sort": case.received_at.isoformat(), "ratings": ratings or "not yet transcribed",
    }  # fmt: skip


def _rating(subject: SubjectEpisode, rules: Rules) -> str:
    return wording.rated(subject, rules)


def decision_of(subject: SubjectEpisode) -> str:
    """What was decided, as it is said after the rating."""
    return f", decided: {LABELS[Decision(subject.decision)]}" if subject.decision else ""
