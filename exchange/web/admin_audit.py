"""The audit pages: who did and was shown what, by case, person, kind and day; verified, exported as CSV."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.desk.auditing import PAGE, Auditing
from exchange.desk.given import Given, Unfit
from exchange.policy import Action, Viewer, require
from exchange.store.audit import Broken, Verified
from exchange.store.audit_log import Entry
from exchange.store.journal import OF_THE_HUB
from exchange.web.admin import HOME, facts, page, said, stamp
from exchange.web.context import site_of
from exchange.web.sign_in import viewer_of

router = APIRouter()
AUDIT = HOME + "/audit"
NAMES = ("case", "by", "kind", "since", "until")  # of the filter, in the address


@router.get(AUDIT)
async def read(request: Request) -> Response:
    """A page of the record, filtered by what stands in the address."""
    return await _page(request, await viewer_of(request))


@router.post(AUDIT)
async def verify(request: Request) -> Response:
    """Check every chain, and replay every case."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    try:
        found = await Auditing(site.hub, viewer).verify(form.one("head")[:4000])
    except Unfit as wrong:
        return await _page(request, viewer, errors={wrong.name: str(wrong)}, head=form.one("head")[:4000])
    return await _page(request, viewer, verdict=_verdict(found))


@router.post(AUDIT + "/export")
async def export(request: Request) -> Response:
    """The same lines as a spreadsheet."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.EXPORT)
    form, by = await site.form(request), Auditing(site.hub, viewer)
    try:
        text = await by.export(await by.wanted(Given(form.fields)))
    except Unfit as wrong:
        return await _page(request, viewer, errors={wrong.name: str(wrong)})
    headers = {"Content-Disposition": 'attachment; filename="record.csv"'}
    return Response(text, media_type="text/csv", headers=headers)


async def _page(
    request: Request, viewer: Viewer, *, errors: dict[str, str] | None = None, verdict: dict[str, Any] | None = None,
    head: str = "",
) -> Response:  # fmt: skip
    require(viewer, Action.READ_AUDIT)
    site, errors = site_of(request), dict(errors or {})
    by, rules = Auditing(site.hub, viewer), await site.rules()
    zone = rules.calendar.zone
    asked = {name: request.query_params.get(name, "")[:80] for name in NAMES}
    number = _number(request.query_params.get("page", "1"))
    try:
        wanted = await by.wanted(Given({name: (value,) for name, value in asked.items()}))
    except Unfit as wrong:
        errors[wrong.name] = str(wrong)
        wanted = await by.wanted(Given({}))
    found = await by.read(wanted, number)

    def row(entry: Entry) -> dict[str, Any]:
        return {
            "when": stamp(entry.at, zone), "what": said(entry.kind), "by": entry.by or "–",
            "facts": facts(entry.facts, zone), "stream": entry.stream, "number": entry.seq,
            "case": "" if entry.stream in OF_THE_HUB else entry.stream, "denied": entry.kind == "Denied",
        }  # fmt: skip

    def to(other: int) -> str:
        return f"{AUDIT}?{urlencode({**{k: v for k, v in asked.items() if v}, 'page': other})}"

    return await page(
        request, viewer, "audit", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="The record", back=HOME,
        values={**asked, "head": head}, errors=errors, rows=[row(e) for e in found.entries], count=found.count,
        kinds=[{"value": kind, "text": said(kind)} for kind in found.kinds], verdict=verdict,
        previous=to(number - 1) if number > 1 else None,
        next=to(number + 1) if number * PAGE < found.count else None, names=NAMES,
    )  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text[:6]) > 0 else 1


def _verdict(found: Verified | Broken) -> dict[str, Any]:
    if isinstance(found, Broken):
        where = found.stream if found.stream in OF_THE_HUB else f"the case stored as {found.stream}"
        return {"holds": False, "text": f"It does not hold at {where}, event {found.seq}: {found.why}."}
    return {
        "holds": True,
        "text": f"It holds: {found.events} events in {found.streams} streams, {found.unproved} of them after the "
        "last head that was taken.",
    }
