"""The page of a case: what is known, who was asked and what they said, what is to do, and all that happened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import (
    content,
    labels,
    referrer_words,
    wording,
)
from exchange.case.acknowledgement import (
    Answer,
    DeclineReason,
)
from exchange.case.checking import may_be_given_more
from exchange.case.decision import (
    LABELS,
    Decision,
)
from exchange.case.disposal import (
    Hold,
    HoldReason,
)
from exchange.case.effect import Letter
from exchange.case.feedback import ReferrerClass
from exchange.case.lateral_check import (
    Decline,
    Recall,
)
from exchange.case.mailbox import Directory
from exchange.case.packet import fill
from exchange.case.referral import Referral
from exchange.case.restriction import Restriction, Why
from exchange.case.rules import Rules
from exchange.case.state import (
    Case,
)
from exchange.chasers import may_be_chased
from exchange.compartments import (
    OpenedFor,
    cannot_read,
    opened_for,
)
from exchange.covering import presence_of
from exchange.desk.consulting import Consulting, in_words
from exchange.desk.correcting import typed_of
from exchange.desk.counting import not_counted
from exchange.heard import heard
from exchange.hub import Hub
from exchange.outstanding import (
    of_case,
)
from exchange.policy import (
    Action,
    Role,
    Viewer,
    require,
)
from exchange.store import (
    casebook,
    journal,
    matching,
    outbox,
    tasks,
)
from exchange.store.database import Transaction
from exchange.tokens import (
    LIKELY,
    subject_tokens,
)
from exchange.web import (
    case_subjects,
    choices,
    desk_discussions,
    desk_feedback,
    desk_files,
    desk_minutes,
    desk_products,
)
from exchange.web.act_forms import ActForms, Given, Refused
from exchange.web.case_history import alike, history, minute, unopened, unproved, unreadable
from exchange.web.context import Site, shown, site_of
from exchange.web.desk_legs import LegsShown
from exchange.web.desk_queue import decision_of
from exchange.web.desk_scores import scores_shown
from exchange.web.live import live_of_case
from exchange.web.matters import matter
from exchange.web.sign_in import menu, viewer_of
from exchange.web.told_since import told_since
from exchange.web.worklist import folded, work
from exchange.what_they_read import at_the_desk, now_and_waiting
from templates.disclosed import Group, groups, read_as

router = APIRouter()
MOST_EARLIER = 8
_NOTHING_SAID: Mapping[str, str] = MappingProxyType({})


@router.get("/desk/case/{reference}")
async def case_page(request: Request, reference: str) -> Response:
    """One case, whole."""
    return await show_case(request, await viewer_of(request), reference)


async def show_case(
    request: Request, viewer: Viewer, reference: str, refused: Refused | None = None, read_out: str = "",
    kept: Mapping[str, Given] | None = None, said: str = "", noted: str = "",
) -> Response:  # fmt: skip
    """The page of a case, with what was refused or not sent as it was typed, or the receipt code to be read out."""
    site = site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, now = site.hub, site.hub.clock.now()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        directory = await hub.directory(tx)
        owed = await heard(hub, tx, await of_case(tx, case, directory, now))
        todo = await tasks.pending(tx, case.id)
        events = await casebook.timeline(tx, case.id)
        presence = await presence_of(hub, tx, rules)
        went = await outbox.mailboxes(tx, case.id, Letter.PACKET, Letter.DEPUTY)
        readable = viewer.may(Action.SEE_CONTENT)
        opened = await opened_for(hub, tx, case, rules, viewer) if readable else OpenedFor()
        bodies, files = opened.bodies, await desk_files.rows(hub, tx, case) if readable else []
        referral = content.referral_from((name, plain) for _, name, plain in bodies)
        shut = await cannot_read(tx, case, rules, viewer, todo)
        earlier, others = await earlier_of(tx, hub, case, referral, MOST_EARLIER)
        named = {name: plain for _, name, plain in bodies}
        read = await at_the_desk(hub, tx, case, rules, referral, named, site.settings.base_url, now_and_waiting(case))
    if readable:
        await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)

    def when(at: datetime | None) -> str:
        return shown(at, rules, now) if at else "–"

    sessions = {s.id: s.label for s in (await site.rules()).sessions}
    offered = (desk_products.choices(case, rules, when), desk_discussions.choices(case, rules, sessions))
    forms, names, groups_ = ActForms(refused, kept), names_of(referral, case), _groups(referral, case, site)
    typed = typed_of(events, bodies)
    scored, advised = scores_shown(referral, names), await _advised(Consulting(hub, viewer), referral, rules, now)
    caller = caller_of(referral, case, bodies)
    at_once, later = folded(work(owed, todo, {case.id: case}, rules), rules, now)
    rows = (matter(w, case, rules, presence, site, caller, shut) for w in (*at_once, *later))
    return await site.page(
        request, "desk/case", HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK, title=case.reference,
        navigation=menu(request), signed_in_as=viewer.id,
        not_counted=_not_counted(noted or request.query_params.get("noted", ""), case, rules), said=said,
        case=case, rules=rules, readable=readable, forms=forms, received=shown(case.received_at, rules, now),
        came_by=referrer_words.came_by(case.channel),
        files=files, names=names, people=case_subjects.people(case, rules, names, groups_, now),
        about={g.title: _rows(g, advised) for g in groups_ if g.owner in ("concern", "consent", "referrer")},
        scores=scored, household=[(g.title, _rows(g)) for g in groups_ if g.owner.startswith("p")],
        legs=LegsShown(case, rules, events, bodies, when, presence, went, names),
        lanes=case_subjects.questions_of_lanes(), of_persons=case_subjects.questions_of_persons(),
        todo=[case_subjects.by_name(row, names) for row in rows], at_once=len(at_once),
        timeline=history(events, opened, case, rules), told_since=told_since(events, opened, case, rules, now),
        once=hub.chance.id(), read_out=read_out, decisions={s.id: decision_of(s) for s in case.subjects},
        discussions=desk_discussions.view(case, rules, events, bodies, when),
        action_rows=case_subjects.actions(case, rules, _actions_said(bodies), now),
        earlier=[{**row, "received": shown(row["received_at"], rules, now)} for row in earlier], others=others,
        sorted_as=labels.SORTINGS[case.sorting],
        choose=_choices(
            case, rules, names, *offered, {"typed": {e.id: _typed(e, case, rules) for e in typed}},
            {"spocs": _spocs(directory, rules), "silent": _silent(case, rules, now)}
        ),
        records=desk_minutes.values(case, rules, opened, viewer, names, when, now),
        product=desk_products.values(case, rules, directory, opened, when, now, events), when=when,
        may=lambda name: viewer.may(Action(name)),
        shut_out=[_restriction(r, rules, now) for r in case.restrictions if r.in_force],
        gone=[f"{wording.parts(d.parts)}: {shown(d.at, rules, now)} ({d.rule})" for d in case.disposals],
        holds=[_hold(h, rules, now) for h in case.holds if h.in_force],
        words=[plain.decode() for _, name, plain in bodies if name == content.WORDS][:1] if not referral else [],
        unreadable=unreadable(bodies), unopened=unopened(bodies), alike=alike(bodies),
        unproved=unproved(case, bodies),
        feedback=desk_feedback.view(case, rules, referral, named, when), read=read,
        standing_routes=case_subjects.standing_routes(case),
        receipt_page=f"{site.settings.base_url}/receipt", values=forms.values, errors=forms.errors,
        say=wording.say, mail=wording.mail, label=read_as,
        live=live_of_case(case.reference, events[-1].seq),
        rated=lambda subject: wording.rated(subject, rules), rank=lambda rating: wording.rank(rating, rules),
        agency_name=lambda agency: wording.agency_name(agency, rules),
    )  # fmt: skip


def caller_of(referral: Referral | None, case: Case, bodies: list[tuple[str, str, bytes]]) -> dict[str, str]:
    """Who told us, for ringing them: name, telephone, and what to know before that. {} for whom nobody rings."""
    if case.referrer.referrer_class is ReferrerClass.ANONYMOUS:
        return {}
    rang = [json.loads(plain) for _, name, plain in bodies if name == content.WHO][:1]
    said = dict(referral.referrer) if referral else {}
    first = rang[0] if rang and case.channel == "telephone" else {}
    found = {name: said.get(name) or first.get(name, "") for name in ("name", "telephone", "safe_contact")}
    return {name: text for name, text in found.items() if text}


def _not_counted(noted: str, case: Case, rules: Rules) -> str:
    """Of the answer that was just recorded: that it does not count yet; ""."""
    leg = case.leg(noted)
    return f"{wording.agency_name(leg.agency, rules)}: {not_counted(leg)}." if leg and leg.unqualified else ""


def _restriction(found: Restriction, rules: Rules, now: datetime) -> dict[str, str]:
    return {
        "kind": found.kind.value, "who": found.who, "name": wording.shut_out(found, rules),
        "why": wording.say(found.why), "since": shown(found.at, rules, now), "by": found.by,
    }  # fmt: skip


def _typed(entry: casebook.StoredEvent, case: Case, rules: Rules) -> str:
    """An entry of the history that hub staff wrote, for choosing it."""
    return f"{minute(entry.at, rules)}: {wording.told(entry.event, rules, case)}"


def _spocs(directory: Directory, rules: Rules) -> dict[str, str]:
    """Each person of an agency from whom a case can be kept."""
    return {
        s.id: f"{wording.agency_name(m.agency, rules)}: {s.name}" for m in directory.mailboxes for s in m.spocs
    }  # fmt: skip


def _hold(found: Hold, rules: Rules, now: datetime) -> dict[str, str]:
    return {
        "why": found.why.value, "name": wording.say(found.why).capitalize(), "since": shown(found.at, rules, now),
        "by": found.by,
    }  # fmt: skip


def _choices(case: Case, rules: Rules, names: dict[str, str], *more: choices.Family) -> choices.Offered:
    """What the forms of the page offer: each a code and its words."""
    own = {
        "subjects": names,
        "borderline": {s.id: names[s.id] for s in case.subjects if s.borderline and not s.decision},
        "agencies": {a.id: a.name for a in rules.agencies},
        "legs": _leg_names(case, rules),
        "ratings": {r.code: r.label for r in rules.ratings},
        "decisions": case_subjects.decisions(case),
        "staff_roles": {r.value: wording.say(r).capitalize() for r in Role},
        "whys": {w.value: wording.say(w).capitalize() for w in Why},
        "hold_whys": {w.value: wording.say(w).capitalize() for w in HoldReason},
        "answers": {a.value: wording.say(a).capitalize() for a in Answer},
        "declines": {r.value: wording.say(r).capitalize() for r in DeclineReason},
    }
    return choices.together(own, case_subjects.choices(case, rules), *more, _legs_by_state(case, rules))


def _actions_said(bodies: list[tuple[str, str, bytes]]) -> dict[str, str]:
    """The words of each action, by its id."""
    found = (
        (name.removeprefix(content.ACTION), plain) for _, name, plain in bodies if name.startswith(content.ACTION)
    )
    return {action: plain.decode() for action, plain in found}


async def earlier_of(
    tx: Transaction, hub: Hub, case: Case, referral: Referral | None, most: int
) -> tuple[list[dict[str, Any]], int]:
    """Other contacts that may be about the same people, likeliest first: a person says whether they are. So many of
    them, and how many there are besides."""
    tokens = [t.token for t in subject_tokens(hub.index_secret, referral)] if referral else []
    likely: dict[str, str] = {}
    for found in await matching.candidates(tx, tokens, None):
        if found.case_id != case.id and found.weight >= LIKELY:
            likely.setdefault(found.case_id, found.subject)
    rows = []
    for case_id, subject in list(likely.items())[:most]:
        other = await casebook.load(tx, case_id)
        names = names_of(await hub.referral(tx, other.id), other)
        decided = next((LABELS[Decision(s.decision)] for s in other.subjects if s.decision), "not decided yet")
        rows.append({"reference": other.reference, "received_at": other.received_at, "subject": subject,
                     "name": names.get(subject, ""), "decided": decided})  # fmt: skip
    return rows, len(likely) - len(rows)


def _leg_names(case: Case, rules: Rules) -> dict[str, str]:
    """Each leg by its agency, and by whom of several it is about."""
    return {leg.id: wording.agency_name(leg.agency, rules) + wording.about_whom(leg.id, case) for leg in case.legs}


def _silent(case: Case, rules: Rules, now: datetime) -> dict[str, str]:
    """Each leg and seat that may be asked once more by mail."""
    seats = {
        f"{d.id}/{i.id}": f"{wording.agency_name(i.agency, rules)}, whether they come"
        for d in case.discussions for i in d.invitees
    }  # fmt: skip
    return {about: name for about, name in {**_leg_names(case, rules), **seats}.items()
            if may_be_chased(case, about, now)}  # fmt: skip


def _legs_by_state(case: Case, rules: Rules) -> dict[str, dict[str, str]]:
    """The legs that an act may be about."""
    names = _leg_names(case, rules)
    return {
        "declined": {x.id: names[x.id] for x in case.legs if x.decline in (Decline.OPEN, Decline.SETTLED)},
        "lacking": {x.id: names[x.id] for x in case.legs if may_be_given_more(x, case)},
        "recallable": {x.id: names[x.id] for x in case.legs if x.recall is Recall.NONE},
        "recalled": {x.id: names[x.id] for x in case.legs if x.recall is Recall.RECALLED},
    }


def _groups(referral: Referral | None, case: Case, site: Site) -> tuple[Group, ...]:
    if referral is None:
        return ()
    answers = fill(referral, case.fields, {name.partition(".")[0] for name in case.fields}, everybody=True)
    return groups(answers, case.fields, referral.form, site.hub.clock.now().date())


def _rows(group: Group, said: Mapping[str, str] = _NOTHING_SAID) -> list[dict[str, str]]:
    """A row for each answer; `said` is what is known of an answer besides."""
    return [{"key": row.label, "value": row.answer + said.get(row.answer, "")} for row in group.rows]


async def _advised(consulting: Consulting, referral: Referral | None, rules: Rules, now: datetime) -> dict[str, str]:
    """By its reference, what the referrer was advised before, as far as the viewer may know of it."""
    named = referral.referrer.get("consultation", "") if referral else ""
    if not named or not consulting.viewer.may(Action.TAKE_CONTACT):
        return {}
    try:
        line = (await consulting.of(named)).line
    except casebook.NoSuchCase:
        return {named: "\n(no consultation of ours has this reference)"}
    return {named: f"\n{shown(line.at, rules, now)}, {line.by}: {in_words(line)}"}


def names_of(referral: Referral | None, case: Case) -> dict[str, str]:
    """Each subject by name, or by number while there is none."""
    found = {}
    for n, s in enumerate(case.subjects, 1):
        answers = referral.subjects[n - 1] if referral and n <= len(referral.subjects) else {}
        named = f"{answers.get('given_name', '')} {answers.get('family_name', '')}".strip()
        unborn = answers.get("unborn") == "yes"
        named = re.sub(r"^(unborn )?baby\b ?", "", named, flags=re.IGNORECASE) if unborn else named
        found[s.id] = (f"Unborn baby {named}".strip() if unborn else named) or f"Subject {n}"
    return found
