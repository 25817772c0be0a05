"""The consultation page: advice given without names, in codes alone, and the list of what was advised."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case import code_lists as codes
from exchange.case.code_lists import CodeList
from exchange.case.step import CannotHappen
from exchange.desk.consulting import TOPICS, Consulting, labels
from exchange.desk.given import Given, Unfit, faults
from exchange.policy import Action, Viewer, require
from exchange.store.journal import Line
from exchange.web.context import shown, site_of
from exchange.web.leaves import Leaves
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()
FORMS = {"child": "A child", "adult": "An adult"}
REFER = "Take it as a referral: who asks goes with you, and the rest is asked there; nothing of this page is kept"


@router.get("/desk/consultation")
async def ask(request: Request) -> Response:
    """What is asked, and what was advised before."""
    return await _page(request, await viewer_of(request), {}, {})


@router.post("/desk/consultation")
async def record(request: Request) -> Response:
    """Keep it; the page shows the reference to tell."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    try:
        reference = await Consulting(site.hub, viewer).record(Given(form.fields))
    except Unfit as wrong:
        return await _page(request, viewer, form.values(), faults(wrong))
    except CannotHappen as harm:
        values = form.values()
        refer = f"/desk/telephone?form={values.get('form', 'child')}&source={quote(values.get('source', ''))}"
        return await _page(request, viewer, values, {"harm": str(harm), refer: REFER})
    return await _page(request, viewer, {}, {}, reference)


@router.get("/desk/consultation/{reference}")
async def advised(request: Request, reference: str) -> Response:
    """One consultation: what was asked and advised, and the referrals that name it."""
    viewer, site = await viewer_of(request), site_of(request)
    found, rules = await Consulting(site.hub, viewer).of(reference), await site.rules()
    told = labels(found.line)
    rows = (
        ("When", shown(found.line.at, rules, site.hub.clock.now())), ("Taken by", found.line.by),
        ("Who asked", told["source"]), ("About", FORMS[found.line.facts["form"]]),
        ("What it was about", told["topic"]),
        ("Level of need", told["level"]), ("Advised", told["advice"]),
    )  # fmt: skip
    return await site.page(
        request, "desk/advised", title="Consultation", navigation=menu(request), signed_in_as=viewer.id,
        reference=found.line.facts["reference"], rows=[{"key": key, "value": value} for key, value in rows],
        cases=found.cases,
    )  # fmt: skip


async def _page(
    request: Request, viewer: Viewer, values: dict[str, str], errors: dict[str, str], reference: str = ""
) -> Response:
    site = site_of(request)
    require(viewer, Action.TAKE_CONTACT)
    rules, now, lines = await site.rules(), site.hub.clock.now(), await Consulting(site.hub, viewer).recorded()
    form = "adult" if values.get("form", request.query_params.get("form")) == "adult" else "child"

    def row(line: Line) -> dict[str, str]:
        told = labels(line)
        return {
            "reference": line.facts["reference"], "at": shown(line.at, rules, now), "by": line.by,
            "topic": told["topic"], "advice": told["advice"],
        }  # fmt: skip

    return await site.page(
        request, "desk/consultation", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Consultation",
        navigation=menu(request), signed_in_as=viewer.id, values={"form": form, **values}, errors=errors,
        reference=reference, action="/desk/consultation", topics=_options(TOPICS[form]),
        sources=_options(codes.SOURCES), levels=_options(codes.LEVEL_OF_NEED),
        advice=_options(codes.CONSULTATION_ADVICE), given=Leaves(request)("given", lines, row),
    )  # fmt: skip


def _options(of: CodeList) -> list[dict[str, str]]:
    return [{"value": code, "text": label} for code, label in of.choices]
