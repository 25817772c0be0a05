"""The desk's pages: what nobody has looked at, who still owes an answer, and a case with all that happened."""

from __future__ import annotations

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import chronicle, content
from exchange.case.acknowledgement import Answer
from exchange.case.decision import LABELS, Decision
from exchange.case.feedback import ReferrerClass
from exchange.case.mailbox import Directory
from exchange.case.packet import fill
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.case.state import Case, SubjectEpisode
from exchange.case.strategy_discussion import missing
from exchange.holding_pen import WAITING
from exchange.outstanding import HUB_OWNS, of_case, outstanding
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal, matching, tasks
from exchange.tokens import searched
from exchange.web import wording
from exchange.web.context import Site, shown, site_of
from exchange.web.leaves import Leaves
from exchange.web.receipt import told
from exchange.web.sign_in import menu, viewer_of
from exchange.web.worklist import Work, work
from templates import moments
from templates.disclosed import groups

router = APIRouter()
TASKS = {
    "first_look": "Read it and rate it",
    "no_automatic_receipt": "Ring the sender: no automatic receipt went out",
    "telephone_agency": "Ring the agency: mail will not get through",
    "silent_agency": "Ring the agency: no answer in time",
    "cannot_open": "Ring the agency: they cannot open the packet",
    "wrong_person": "Ring the agency: the packet reached the wrong person",
    "unclear_answer": "Read an answer that is unclear or unproved",
    "declined": "An agency declined: ask another, give more, or decide",
    "silent_invitee": "Ring an invitee who has not replied",
    "letter_failed": "A letter could not be sent: ring",
    "tell_referrer": "Tell the referrer what came of it: no letter reaches them",
    "decide": "Decide: the time is over",
    "disputed": "The referrer says the outcome does not answer the concern",
    "holding_pen": "A mail that belongs to no case we can tell",
    "shelved": "A mail that could not be read",
    "transcribe": "Type it in as a referral: nobody has been asked yet",
    "no_route": "No rule says whom to ask about this person",
    "elsewhere": "Ring the other area: it is ours until a named person there has accepted it",
    "refusal": "An adult with capacity refuses: respect it, or record on which ground not",
    "second_review": "Borderline: a second person must look before anybody decides",
    "follow_up": "Look again, as was decided",
    "milestone": "Past its time: has it been done?",
    "action": "Ring: an action is overdue",
    "protected": "An address that must be secret now was told to an agency: ring them",
}
BY_THEMSELVES = frozenset(
    {
        "first_look",
        "decide",
        "no_route",
        "transcribe",
        "elsewhere",
        "refusal",
        "second_review",
        "milestone",
        "action",
        "tell_referrer",
    }
)  # done by doing it, never by saying so
_WORDS = (content.WORDS, content.REASON)


@router.get("/desk")
async def overview(request: Request) -> Response:
    """The queue: unread first, then what is to do and who owes what, the most urgent first."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, rules, now = site.hub, await site.rules(), site.hub.clock.now()
    owed = await outstanding(hub, viewer, now)
    async with hub.database.reading(hub.scope(viewer.id)) as tx:
        unread = await casebook.listing(tx, unread=True)
        cases = {c.id: c for c in await casebook.listing(tx)}
        todo, directory = await tasks.pending(tx), await hub.directory(tx)
        of_tasks = {t.case_id: cases.get(t.case_id) or await casebook.load(tx, t.case_id) for t in todo if t.case_id}
    leaf = Leaves(request)
    matters = work(owed, todo, of_tasks, rules, skip="first_look")
    lists: dict[str, Any] = {
        "unread": leaf("unread", unread, lambda c: _unread(c, rules, site)),
        "todo": leaf("todo", matters, lambda w: _matter(w, of_tasks.get(w.case_id), rules, directory, site)),
        "cases": leaf("cases", list(cases.values()), lambda c: _case_row(c, rules, site)),
    }
    return await site.page(
        request, "desk/overview", title="Cases", navigation=menu(request), signed_in_as=viewer.id, **lists
    )


def _unread(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    now = site.hub.clock.now()
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, now), "channel": case.channel,
        "due": shown(case.first_look_due, rules, now), "late": now >= case.first_look_due, "danger": case.danger,
        "securely": case.securely, "counts_as": rules.ratings[0].label,
    }  # fmt: skip


def _matter(
    one: Work, case: Case | None, rules: Rules, directory: Directory, site: Site, caller: dict[str, str] | None = None
) -> dict[str, Any]:
    """A row of the work list; `caller` is whoever told us, for those who may see it."""
    now, owed = site.hub.clock.now(), one.owed
    tasks_ = [_task(t, case, rules, with_about=owed is None) for t in one.tasks]
    number = next((wording.telephone(t.about, case, directory) for t in one.tasks), "")
    if owed:  # the desk need not ring itself
        number = owed.telephone if owed.owner != HUB_OWNS else ""
    to_tell = any(t.kind == "tell_referrer" for t in one.tasks)
    whom = caller if caller and to_tell else {}
    return {
        **_owing(one, case, rules, now), "tasks": tasks_, "due": shown(one.due, rules, now), "sign": one.sign(now),
        "rating": rules.rating(one.rating).label if one.rating else "Not rated",
        "colour": "red" if one.rating in ("", rules.ratings[0].code) else "",
        "telephone": whom.get("telephone", "") if to_tell else number, "whom": whom.get("name", ""),
        "before": whom.get("safe_contact", ""), "instead": "On the page of the case" if to_tell else "",
        "reference": owed.reference if owed else case.reference if case else "",
        "mail": next((t.about for t in one.tasks if t.kind in WAITING), ""),
    }  # fmt: skip


def _owing(one: Work, case: Case | None, rules: Rules, now: datetime) -> dict[str, str]:
    """Who owes what; and what happens next, where the desk need do nothing yet."""
    owed = one.owed
    if owed is None:
        return {"owner": "", "what": "", "next": ""}
    of_hub, at = owed.owner == HUB_OWNS, f" ({shown(owed.next_at, rules, now)})" if owed.next_at else ""
    owner = (wording.about(owed.about, case, rules) or "The hub") if of_hub else owed.owner
    what = wording.say(owed.what) if of_hub else wording.OWES.get(owed.what, wording.say(owed.what))
    return {"owner": owner, "what": what, "next": "" if one.tasks else owed.next_step + at}


def _task(task: tasks.Task, case: Case | None, rules: Rules, *, with_about: bool) -> dict[str, Any]:
    about = wording.about(task.about, case, rules) if with_about and task.kind not in WAITING else ""
    return {
        "key": task.key, "settled_by_hand": task.kind not in BY_THEMSELVES, "what": TASKS.get(task.kind, task.kind),
        "about": about, "times": task.pressed,
    }  # fmt: skip


def _case_row(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    ratings = ", ".join(f"{_rating(s, rules)}{_decision(s)}" for s in case.subjects)
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, site.hub.clock.now()),
        "sort": case.received_at.isoformat(), "ratings": ratings or "not yet transcribed",
    }  # fmt: skip


def _rating(subject: SubjectEpisode, rules: Rules) -> str:
    return rules.rating(subject.rating).label if subject.rating else "not rated"


def _decision(subject: SubjectEpisode) -> str:
    return f", decided: {LABELS[Decision(subject.decision)]}" if subject.decision else ""


@router.get("/desk/case/{reference}")
async def case_page(request: Request, reference: str) -> Response:
    """One case, whole."""
    return await show_case(request, await viewer_of(request), reference)


async def show_case(
    request: Request, viewer: Viewer, reference: str, problem: str = "", status: HTTPStatus = HTTPStatus.OK,
    read_out: str = "",
) -> Response:  # fmt: skip
    """The page of a case, with what went wrong when something did, or the receipt code to be read out."""
    site = site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, now = site.hub, site.hub.clock.now()
    async with hub.database.reading(hub.scope(viewer.id)) as tx:
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        directory = await hub.directory(tx)
        owed = await of_case(tx, case, directory, now)
        todo = await tasks.pending(tx, case.id)
        events = await casebook.timeline(tx, case.id)
        readable = viewer.may(Action.SEE_CONTENT)
        bodies = await hub.opened(tx, case.id) if readable else []
    if readable:
        await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)
    referral = content.referral_from((name, plain) for _, name, plain in bodies)
    caller, matters = _caller(referral, case, bodies), work(owed, todo, {case.id: case}, rules)
    return await site.page(
        request, "desk/case", status, title=case.reference, navigation=menu(request), signed_in_as=viewer.id,
        case=case, rules=rules, readable=readable, problem=problem, received=shown(case.received_at, rules, now),
        groups=_groups(referral, case, site), names=_names(referral, case),
        todo=[_matter(w, case, rules, directory, site, caller) for w in matters],
        timeline=[_line(line, bodies, rules) for line in reversed(chronicle.lines(events, case, rules))],
        once=hub.chance.id(), read_out=read_out, decisions={s.id: _decision(s) for s in case.subjects},
        missing={d.id: missing(d, rules.strategy.quorum) for d in case.discussions},
        choose=_choices(case, rules, _names(referral, case)),
        when=lambda at: shown(at, rules, now) if at else "–", may=lambda name: viewer.may(Action(name)),
        words=[plain.decode() for _, name, plain in bodies if name == content.WORDS][:1] if not referral else [],
        unreadable=_unreadable(bodies), may_be_told=told(case, rules) if readable else "",
        receipt_page=f"{site.settings.base_url}/receipt",
        values={}, say=wording.say, mail=wording.mail, agency_name=lambda agency: wording.agency_name(agency, rules),
    )  # fmt: skip


def _caller(referral: Referral | None, case: Case, bodies: list[tuple[str, str, bytes]]) -> dict[str, str]:
    """Who told us, for ringing them: name, telephone, and what to know before that. {} for whom nobody rings."""
    if case.referrer.referrer_class is ReferrerClass.ANONYMOUS:
        return {}
    rang = [json.loads(plain) for _, name, plain in bodies if name == content.WHO][:1]
    said = dict(referral.referrer) if referral else {}
    first = rang[0] if rang and case.channel == "telephone" else {}
    found = {name: said.get(name) or first.get(name, "") for name in ("name", "telephone", "safe_contact")}
    return {name: text for name, text in found.items() if text}


def _choices(case: Case, rules: Rules, names: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """What the forms of the page offer: each a code and its words."""
    offered = {
        "subjects": names,
        "agencies": {a.id: a.name for a in rules.agencies},
        "legs": {leg.id: wording.agency_name(leg.agency, rules) for leg in case.legs},
        "ratings": {r.code: r.label for r in rules.ratings},
        "decisions": {d.value: text for d, text in LABELS.items()},
        "answers": {a.value: wording.say(a).capitalize() for a in Answer},
    }
    return {name: [{"value": code, "text": text} for code, text in of.items()] for name, of in offered.items()}


def _unreadable(bodies: list[tuple[str, str, bytes]]) -> list[str]:
    """Why a structured referral in the mail was not taken as one: whoever types it in should know."""
    return [why for _, name, plain in bodies if name == content.MAIL for why in json.loads(plain).get("problems", [])]


def _groups(referral: Referral | None, case: Case, site: Site) -> list[Any]:
    if referral is None:
        return []
    answers = fill(referral, case.fields)
    return list(groups(answers, case.fields, referral.form, site.hub.clock.now().date()))


def _names(referral: Referral | None, case: Case) -> dict[str, str]:
    found = {}
    for n, s in enumerate(case.subjects, 1):
        answers = referral.subjects[n - 1] if referral and n <= len(referral.subjects) else {}
        found[s.id] = f"{answers.get('given_name', '')} {answers.get('family_name', '')}".strip() or f"Subject {n}"
    return found


def _line(line: chronicle.Line, bodies: list[tuple[str, str, bytes]], rules: Rules) -> dict[str, Any]:
    event = line.newest
    mine = [(name, plain) for of, name, plain in bodies if of == event.id]
    said = [plain.decode() for name, plain in mine if name in _WORDS or name.startswith(content.CONTRIBUTION)]
    came: dict[str, Any] = next((json.loads(plain) for name, plain in mine if name == content.MAIL), {})
    said += came.get("problems", [])
    said += [_who(json.loads(plain), rules) for name, plain in mine if name == content.WHO]
    times = f" ({line.times} times since {_minute(line.since, rules)})" if line.times > 1 else ""
    return {
        "title": line.words + times, "when": event.at.isoformat(), "shown": _minute(event.at, rules), "by": line.by,
        "text": "\n".join(said).strip(), "mail": came.get("inbox", ""),
    }  # fmt: skip


def _who(said: dict[str, str], rules: Rules) -> str:
    """Who said it, and when they rang."""
    rang = f", {_minute(datetime.fromisoformat(said['at']), rules)}" if said["at"] else ""
    return f"{said['name']} {said['telephone']} {said['checked']}{rang}"


def _minute(at: datetime, rules: Rules) -> str:
    local = at.astimezone(rules.calendar.zone)
    return f"{moments.day(local.date())}, {local:%H:%M %Z}"


@router.get("/desk/search")
async def search_form(request: Request) -> Response:
    """Whom?"""
    viewer = await viewer_of(request)
    require(viewer, Action.SEARCH)
    return await _search_page(request, viewer, {}, None)


@router.post("/desk/search")
async def search(request: Request) -> Response:
    """Cases of people whose names sound so; posted, so that no name stands in an address."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEARCH)
    form, hub = await site.form(request), site.hub
    wanted = searched(
        hub.index_secret, form.one("given_name"), form.one("family_name"), form.one("year"), form.one("postcode")
    )
    rows = []
    async with hub.database.reading(hub.scope(viewer.id)) as tx:
        for found in await matching.candidates(tx, wanted):
            case = await casebook.load(tx, found.case_id)
            names = _names(await hub.referral(tx, case.id), case)
            rows.append({"reference": case.reference, "name": names.get(found.subject, ""), "weight": found.weight})
    await hub.note(journal.ACCESS, "Searched", viewer.id, shown=" ".join(str(r["reference"]) for r in rows))
    return await _search_page(request, viewer, form.values(), rows)


async def _search_page(
    request: Request, viewer: Viewer, values: dict[str, str], rows: list[dict[str, Any]] | None
) -> Response:
    return await site_of(request).page(
        request, "desk/search", title="Search", navigation=menu(request), signed_in_as=viewer.id, values=values,
        rows=rows, action="/desk/search",
    )  # fmt: skip
