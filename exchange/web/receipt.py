"""The receipt page: how it stands, for whoever has the code; and more to tell, and whether the answer answers.

A code that is not known is told the same as one that was mistyped; it has 130 bits, so nobody finds one by trying.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import content
from exchange.case.decision import Decision
from exchange.case.event import Event, InformationAdded, ReferrerReplied
from exchange.case.feedback import MAY_BE_TOLD, Told
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.store import casebook, receipts
from exchange.web.context import Site, shown, site_of
from exchange.web.forgery import Form
from templates.letters import Decided, Outcome, Sender, write

router = APIRouter()
LONGEST = 20_000  # characters of what is added


@router.get("/receipt")
async def ask(request: Request) -> Response:
    """Which code?"""
    return await _ask(request, {})


@router.post("/receipt")
async def show(request: Request) -> Response:
    """How it stands."""
    site = site_of(request)
    form = await site.form(request)
    case = await _case(site, form)
    return await _page(request, site, case, form) if case else await _unknown(request)


@router.post("/receipt/add")
async def add(request: Request) -> Response:
    """More about it; a person must read it."""
    site = site_of(request)
    form = await site.form(request)
    case = await _case(site, form)
    if case is None:
        return await _unknown(request)
    words = form.one("words")
    if not words or len(words) > LONGEST:
        fault = "Write what you want to add" if not words else "This is too long: ring us instead"
        return await _page(request, site, case, form, errors={"words": fault})
    event = InformationAdded(site.hub.clock.now(), "referrer", "web")
    case = await _record(site, case, event, form, {content.WORDS: words.encode()})
    return await _page(request, site, case, form, done="We have what you added. A person will read it.")


@router.post("/receipt/reply")
async def reply(request: Request) -> Response:
    """Does this answer your concern?"""
    site = site_of(request)
    form = await site.form(request)
    case = await _case(site, form)
    if case is None:
        return await _unknown(request)
    if form.one("answers") not in ("yes", "no"):
        return await _page(request, site, case, form, errors={"answers": "Choose yes or no"})
    satisfied = form.one("answers") == "yes"
    case = await _record(site, case, ReferrerReplied(site.hub.clock.now(), satisfied), form, {})
    done = "Thank you." if satisfied else "Thank you. A person at the hub will look at it again."
    return await _page(request, site, case, form, done=done)


async def _record(site: Site, case: Case, event: Event, form: Form, parts: content.Parts) -> Case:
    cause = f"receipt:{case.id}:{form.one('once')}"  # a button pressed twice says it once
    return (await site.hub.record(case.id, event, cause, parts, actor="referrer")).case


async def _case(site: Site, form: Form) -> Case | None:
    hub = site.hub
    async with hub.database.reading(hub.scope("referrer")) as tx:
        found = await receipts.find(tx, hub.codes.receipt_digest(form.one("code")[:100]))
        return await casebook.load(tx, found) if found else None


async def _ask(request: Request, errors: dict[str, str]) -> Response:
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await site_of(request).page(
        request, "public/receipt_code", status, title="Receipt", errors=errors, values={}, back="/"
    )


async def _unknown(request: Request) -> Response:
    return await _ask(request, {"code": "We do not know this code: check each letter, or ring us"})


async def _page(
    request: Request, site: Site, case: Case, form: Form, *, done: str = "", errors: dict[str, str] | None = None
) -> Response:
    rules = await site.rules()
    return await site.page(
        request, "public/receipt", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Receipt",
        reference=case.reference, lines=_lines(case, rules, site), told=told(case, rules),
        code=form.one("code"), once=site.hub.chance.id(), done=done, errors=errors or {},
        values=form.values() if errors else {}, decided=_decided(case),
    )  # fmt: skip


def _lines(case: Case, rules: Rules, site: Site) -> list[dict[str, str]]:
    now = site.hub.clock.now()
    lines = [{"key": "We received it", "value": shown(case.received_at, rules, now)}]
    if case.looked_at:
        lines.append({"key": "A person read it", "value": shown(case.looked_at.at, rules, now)})
    else:
        what = "what you added" if case.read_before else "it"
        due = f"Not yet. Due {shown(case.first_look_due, rules, now)}"
        lines.append({"key": f"A person read {what}", "value": due})
    if Told.CONSIDERED in MAY_BE_TOLD[case.referrer.referrer_class]:
        lines.append({"key": "It was decided", "value": "Yes, see below" if _decided(case) else "Not yet"})
    return lines


def _decided(case: Case) -> bool:
    return bool(case.subjects) and all(s.decision for s in case.subjects)


def told(case: Case, rules: Rules) -> str:
    """What this referrer may know of the outcome, in the words of the letter; nobody is named on a page."""
    if not _decided(case):
        return ""
    may = MAY_BE_TOLD[case.referrer.referrer_class]
    form = case.subjects[0].codes.form
    decided = tuple(Decided(Decision(s.decision), form) for s in case.subjects) if Told.DECISION in may else ()
    sender = Sender(rules.name, rules.telephone, rules.duty_telephone, rules.calendar.timezone)
    return write(Outcome(sender, case.reference, case.received_at, may, decided, page="")).text
