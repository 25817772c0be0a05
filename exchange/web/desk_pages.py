"""The desk's pages: what nobody has looked at, who still owes an answer, and a case with all that happened."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import content
from exchange.case.acknowledgement import Answer, DeclineReason
from exchange.case.decision import LABELS, Decision
from exchange.case.disposal import Hold, HoldReason
from exchange.case.lateral_check import Decline, Recall
from exchange.case.mailbox import Directory
from exchange.case.packet import fill
from exchange.case.referral import Referral
from exchange.case.restriction import Restriction, Why
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.strategy_discussion import (
    Attendance,
    Meeting,
    missing,
)
from exchange.compartments import (
    OpenedFor,
    opened_for,
)
from exchange.holding_pen import WAITING
from exchange.hub import Hub
from exchange.outstanding import Owed, of_case, outstanding
from exchange.policy import Action, Role, Viewer, require
from exchange.store import casebook, journal, matching, tasks
from exchange.store.casebook import StoredEvent
from exchange.store.database import Transaction
from exchange.tokens import searched, subject_tokens
from exchange.web import case_subjects, desk_feedback, desk_products, wording
from exchange.web.context import Site, shown, site_of
from exchange.web.desk_legs import LegsShown
from exchange.web.leaves import Leaves
from exchange.web.sign_in import menu, viewer_of
from templates.disclosed import groups

router = APIRouter()
LIKELY = 5  # weight of the tokens two subjects share: a name and a year, a name and a place, or a number
MOST_EARLIER = 8
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
    "attendance_claimed": "A calendar reply that nothing proves: ask them, then confirm it",
    "letter_failed": "A letter could not be sent: ring",
    "tell_referrer": "Tell the referrer: the letter did not reach them",
    "decide": "Decide: the time is over",
    "disputed": "The referrer says the outcome does not answer the concern",
    "holding_pen": "A mail that belongs to no case we can tell",
    "shelved": "A mail that could not be read",
    "transcribe": "Type it in as a referral: nobody has been asked yet",
    "owner_silent": "Ring the owner: no answer whether its words may leave the hub",
    "owner_refused": "An owner refuses: leave its part out, or override with reasons",
    "late_refusal": "Ring at once: an owner refuses what has already gone out",
    "agreement": "No information-sharing agreement in force: tell the board; share all the same",
    "no_route": "No rule says whom to ask about this person",
    "elsewhere": "Ring the other area: it is ours until a named person there has accepted it",
    "refusal": "An adult with capacity refuses: respect it, or record on which ground not",
    "second_review": "Borderline: a second person must look before anybody decides",
    "follow_up": "Look again, as was decided",
    "milestone": "Past its time: has it been done?",
    "action": "Ring: an action is overdue",
    "outcome_overdue": "Ring the agency: what came of it?",
    "ring_referrer": "Ring the referrer to tell them: read first when and how it is safe",
    "approve_feedback": "Somebody else must read what is written to the referrer",
    "review_feedback": "Look again: may the referrer be told now?",
    "challenged": "Somebody disagrees: reply",
    "protected": "An address that must be secret now was told to an agency: ring them",
    "conflict": "Conflict of interest at an agency: choose another recipient now",
    "unconfirmed_recall": "Ring the agency: it has not said that it deleted what was recalled",
    "shut_out_holds": "An agency that must not see this has been written to: recall it",
    "another_recipient": "An agency must not be asked: choose another in its place",
    "keep_from": "The referrer named somebody who must not see this: settle whom, nobody is asked until then",
    "restricted_attempt": "Somebody who is shut out tried to see or change this case",
    "dispose": "The record has been kept as long as it may be: dispose of it, or hold it",
}
BY_THEMSELVES = frozenset(
    {"first_look", "decide", "no_route", "transcribe", "elsewhere", "refusal", "second_review", "milestone", "action"}
    | {"agreement", "owner_silent", "owner_refused", "declined", "keep_from", "dispose"}
    | {"outcome_overdue", "ring_referrer", "approve_feedback", "review_feedback", "challenged"}
)  # done by doing it, never by saying so
_WORDS = (content.WORDS, content.REASON, content.NECESSARY, content.PROPORTIONATE, content.JUSTIFIED)


@router.get("/desk")
async def overview(request: Request) -> Response:
    """The queue: unread first, then what is owed, soonest due first."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, rules, now = site.hub, await site.rules(), site.hub.clock.now()
    owed = await outstanding(hub, viewer, now)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        unread = await casebook.listing(tx, unread=True)
        cases = {c.id: c for c in await casebook.listing(tx)}
        todo, directory = await tasks.pending(tx), await hub.directory(tx)
    leaf = Leaves(request)
    lists: dict[str, Any] = {
        "unread": leaf("unread", unread, lambda c: _unread(c, rules, site)),
        "owed": leaf("owed", [o for o in owed if o.what != "first_look"], lambda o: _owed(o, rules, site)),
        "tasks": leaf("tasks", todo, lambda t: _task(t, cases.get(t.case_id), rules, directory, site)),
        "cases": leaf("cases", list(cases.values()), lambda c: _case_row(c, rules, site)),
    }
    return await site.page(
        request, "desk/overview", title="Cases", navigation=menu(request), signed_in_as=viewer.id, say=wording.say,
        **lists,
    )  # fmt: skip


def _unread(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    now = site.hub.clock.now()
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, now), "channel": case.channel,
        "due": shown(case.first_look_due, rules, now), "late": now >= case.first_look_due, "danger": case.danger,
        "securely": case.securely, "counts_as": rules.ratings[0].label,
    }  # fmt: skip


def _owed(owed: Owed, rules: Rules, site: Site) -> dict[str, Any]:
    now = site.hub.clock.now()
    next_at = f" ({shown(owed.next_at, rules, now)})" if owed.next_at else ""
    return {
        **asdict(owed), "due": shown(owed.due, rules, now), "sort": owed.due.isoformat(),
        "next": owed.next_step + next_at,
    }  # fmt: skip


def _task(task: tasks.Task, case: Case | None, rules: Rules, directory: Directory, site: Site) -> dict[str, Any]:
    return {
        "key": task.key, "settled_by_hand": task.kind not in BY_THEMSELVES, "what": TASKS.get(task.kind, task.kind),
        "about": f"{wording.about(task.about, case, rules, directory)}{wording.suggests(task, case, rules)}",
        "pressed": task.pressed,
        "reference": case.reference if case else "", "mail": task.about if task.kind in WAITING else "",
        "due": shown(task.due, rules, site.hub.clock.now()),
    }  # fmt: skip


def _case_row(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    ratings = ", ".join(wording.rated(s, rules) for s in case.subjects)
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, site.hub.clock.now()),
        "sort": case.received_at.isoformat(), "ratings": ratings or "not yet transcribed",
    }  # fmt: skip


@router.get("/desk/case/{reference}")
async def case_page(request: Request, reference: str) -> Response:
    """One case, whole."""
    return await show_case(request, await viewer_of(request), reference)


async def show_case(
    request: Request, viewer: Viewer, reference: str, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Response:
    """The page of a case, with what went wrong when something did."""
    site = site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, now = site.hub, site.hub.clock.now()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        directory = await hub.directory(tx)
        owed = await of_case(tx, case, directory, now)
        todo = await tasks.pending(tx, case.id)
        events = await casebook.timeline(tx, case.id)
        readable = viewer.may(Action.SEE_CONTENT)
        opened = await opened_for(hub, tx, case, rules, viewer) if readable else OpenedFor()
        bodies = opened.bodies
        referral = content.referral_from((name, plain) for _, name, plain in bodies)
        earlier = await _earlier(tx, hub, case, referral, rules, now) if referral else []
    if readable:
        await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)
    if opened.shut:
        await hub.note(
            journal.ACCESS, "Denied", viewer.id, action=Action.OPEN_COMPARTMENT, case=case.id,
            contributions=" ".join(sorted(opened.shut)),
        )  # fmt: skip

    def when(at: datetime | None) -> str:
        return shown(at, rules, now) if at else "–"

    return await site.page(
        request, "desk/case", status, title=case.reference, navigation=menu(request), signed_in_as=viewer.id,
        case=case, rules=rules, readable=readable, problem=problem, received=shown(case.received_at, rules, now),
        groups=_groups(referral, case, site), names=_names(referral, case),
        owed=[_owed(o, rules, site) for o in owed], tasks=[_task(t, case, rules, directory, site) for t in todo],
        timeline=[_line(e, opened, rules) for e in reversed(events)], once=hub.chance.id(),
        legs=LegsShown(case, rules, events, bodies, when),
        missing={d.id: missing(d, rules.strategy.quorum) for d in case.discussions},
        subject_cards=case_subjects.cards(case, rules, _names(referral, case), now),
        action_rows=case_subjects.actions(case, rules, _actions_said(bodies), now), earlier=earlier,
        sorted_as=wording.SORTINGS[case.sorting],
        choose=_choices(case, rules, _names(referral, case), desk_products.choices(case, rules, when)),
        product=desk_products.values(case, rules, directory, opened, when, now), when=when,
        may=lambda name: viewer.may(Action(name)),
        shut_out=[_restriction(r, rules, now) for r in case.restrictions if r.in_force],
        gone=[f"{wording.parts(d.parts)}: {shown(d.at, rules, now)} ({d.rule})" for d in case.disposals],
        holds=[_hold(h, rules, now) for h in case.holds if h.in_force],
        words=[plain.decode() for _, name, plain in bodies if name == content.WORDS][:1] if not referral else [],
        unreadable=_unreadable(bodies), unopened=_unopened(bodies),
        feedback=desk_feedback.view(
            case, rules, referral, {name: plain for _, name, plain in bodies}, f"{site.settings.base_url}/receipt",
            when,
        ),
        values={}, say=wording.say, mail=wording.mail, rated=lambda subject: wording.rated(subject, rules),
        agency_name=lambda agency: wording.agency_name(agency, rules),
    )  # fmt: skip


def _restriction(found: Restriction, rules: Rules, now: datetime) -> dict[str, str]:
    return {
        "kind": found.kind.value, "who": found.who, "name": wording.shut_out(found, rules),
        "why": wording.say(found.why), "since": shown(found.at, rules, now), "by": found.by,
    }  # fmt: skip


def _hold(found: Hold, rules: Rules, now: datetime) -> dict[str, str]:
    return {
        "why": found.why.value, "name": wording.say(found.why).capitalize(), "since": shown(found.at, rules, now),
        "by": found.by,
    }  # fmt: skip


def _choices(
    case: Case, rules: Rules, names: dict[str, str], more: dict[str, dict[str, str]]
) -> dict[str, list[dict[str, str]]]:
    """What the forms of the page offer: each a code and its words."""
    offered = {
        "subjects": names,
        "agencies": {a.id: a.name for a in rules.agencies},
        "legs": {leg.id: wording.agency_name(leg.agency, rules) for leg in case.legs},
        "ratings": {r.code: r.label for r in rules.ratings},
        "decisions": {d.value: text for d, text in LABELS.items()},
        "roles": {r.value: wording.say(r).capitalize() for r in Role},
        "whys": {w.value: wording.say(w).capitalize() for w in Why},
        "hold_whys": {w.value: wording.say(w).capitalize() for w in HoldReason},
        "answers": {a.value: wording.say(a).capitalize() for a in Answer},
        **case_subjects.choices(case, rules),
        **more,
        "declines": {r.value: wording.say(r).capitalize() for r in DeclineReason},
        **_legs_by_state(case, rules),
        "seats": {
            f"{d.id}/{i.id}": wording.agency_name(i.agency, rules)
            for d in case.discussions
            if d.state is Meeting.CALLED
            for i in d.invitees
        },
        "attendances": {a.value: wording.say(a).capitalize() for a in Attendance if a is not Attendance.AWAITED},
    }
    return {name: [{"value": code, "text": text} for code, text in of.items()] for name, of in offered.items()}


def _actions_said(bodies: list[tuple[str, str, bytes]]) -> dict[str, str]:
    """The words of each action, by its id."""
    found = (
        (name.removeprefix(content.ACTION), plain) for _, name, plain in bodies if name.startswith(content.ACTION)
    )
    return {action: plain.decode() for action, plain in found}


async def _earlier(
    tx: Transaction, hub: Hub, case: Case, referral: Referral, rules: Rules, now: datetime
) -> list[dict[str, str]]:
    """Other contacts that may be about the same people, likeliest first: a person says whether they are."""
    tokens = [t.token for t in subject_tokens(hub.index_secret, referral)]
    rows, seen = [], {case.id}
    for found in await matching.candidates(tx, tokens):
        if found.case_id in seen or found.weight < LIKELY:
            continue
        seen.add(found.case_id)
        other = await casebook.load(tx, found.case_id)
        names = _names(await hub.referral(tx, other.id), other)
        decided = next((LABELS[Decision(s.decision)] for s in other.subjects if s.decision), "not decided yet")
        rows.append({"reference": other.reference, "received": shown(other.received_at, rules, now),
                     "name": names.get(found.subject, ""), "decided": decided})  # fmt: skip
    return rows[:MOST_EARLIER]


def _legs_by_state(case: Case, rules: Rules) -> dict[str, dict[str, str]]:
    """The legs that an act may be about."""
    names = {leg.id: wording.agency_name(leg.agency, rules) for leg in case.legs}
    return {
        "declined": {x.id: names[x.id] for x in case.legs if x.decline in (Decline.OPEN, Decline.SETTLED)},
        "recallable": {x.id: names[x.id] for x in case.legs if x.recall is Recall.NONE},
        "recalled": {x.id: names[x.id] for x in case.legs if x.recall is Recall.RECALLED},
    }


def _unreadable(bodies: list[tuple[str, str, bytes]]) -> list[str]:
    """Why a structured referral in the mail was not taken as one: whoever types it in should know."""
    return [why for _, name, plain in bodies if name == content.MAIL for why in json.loads(plain).get("problems", [])]


def _unopened(bodies: list[tuple[str, str, bytes]]) -> list[str]:
    """Why mails of the case, or parts of them, could not be opened."""
    found = [json.loads(plain).get("not_opened") for _, name, plain in bodies if name == content.MAIL]
    return list(dict.fromkeys(wording.not_opened(why) for why in found if why))


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


def _line(event: StoredEvent, opened: OpenedFor, rules: Rules) -> dict[str, Any]:
    told = wording.told(event.event, rules)
    mine = [(name, plain) for of, name, plain in opened.bodies if of == event.id]
    said = [
        plain.decode()
        for name, plain in mine
        if name in _WORDS or name.startswith((content.CONTRIBUTION, content.MORE))
    ]
    came: dict[str, Any] = next((json.loads(plain) for name, plain in mine if name == content.MAIL), {})
    said += came.get("problems", [])
    said += [desk_products.WITHHELD] if event.id in opened.events else []
    said += [text for name, plain in mine for text in _of_staff(name, plain)]
    said += [wording.not_opened(why)] if (why := came.get("not_opened")) else []
    said += [
        f"{who['name']} {who['telephone']} {who['checked']} {_when(who['at'], rules)}".strip()
        for n, p in mine
        if n == content.WHO and (who := json.loads(p))
    ]
    local = event.at.astimezone(rules.calendar.zone)
    return {
        "title": told, "when": event.at.isoformat(), "shown": f"{local:%d/%m/%Y %H:%M:%S}",
        "by": getattr(event.event, "by", ""), "text": "\n".join(said).strip(), "mail": came.get("inbox", ""),
    }  # fmt: skip


def _when(at: str, rules: Rules) -> str:
    return f"({shown(datetime.fromisoformat(at), rules)})" if at else ""


def _of_staff(name: str, plain: bytes) -> list[str]:
    """What hub staff wrote to the referrer, or in reply to somebody who disagrees."""
    if name.startswith(content.DRAFT):
        return list(filter(None, json.loads(plain).values()))
    return [plain.decode()] if name.startswith(content.REPLY) else []


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
    async with hub.database.reading(hub.scope(viewer)) as tx:
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
