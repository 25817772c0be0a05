"""Who is asked: the rows of the hub file, and a dry run of them that sends and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import dry_run, guarding, wording
from exchange.case.agreement import Standing
from exchange.case.feedback import ReferrerClass
from exchange.case.referral import ROLES
from exchange.case.rules import Route, Rules
from exchange.case.step import CannotHappen
from exchange.drill_words import TRANSPORTS
from exchange.hubs.shapes import AGE_BANDS
from exchange.policy import Action, require
from exchange.store import journal
from exchange.store.casebook import NoSuchCase
from exchange.task_words import TASKS
from exchange.web.admin import HOME, STANDS, page, seen_by
from exchange.web.context import shown, site_of
from exchange.web.sign_in import viewer_of

router = APIRouter()
FORMS = ("child", "adult")
AGES = {"under_5": "Under 5", "school": "5 to 15", "16_17": "16 or 17", "unborn": "Unborn", "adult": "Adult",
        "unknown": "Not known"}  # fmt: skip
TOLD = {
    "thanks": "thanks", "received": "that it came", "accepted": "that an agency has taken it on",
    "considered": "that it was considered", "decision": "what was decided", "alternatives": "what else helps",
    "words": "words of the hub", "contact": "whom to ring", "challenge": "how to disagree", "add": "how to add more",
    "being_dealt_with": "that it is being dealt with", "in_person": "that somebody gets in touch with them",
}  # fmt: skip
CHOICES = {"form": FORMS, "role": ROLES, "referrer": tuple(ReferrerClass)}


@router.get(HOME + "/routes")
async def routes(request: Request) -> Response:
    """The rows that say who is asked about whom, with which parts, and why."""
    viewer, _, rules, _ = await seen_by(request)
    names = {a.id: a.name for a in rules.agencies}
    rows = [
        {"number": n, "agency": names.get(r.agency, r.agency), "about": about(r), "when": WHEN[r.on],
         "parts": ", ".join(wording.say(p.value) for p in r.parts), "purpose": r.purpose}
        for n, r in enumerate(rules.routes, 1)
    ]  # fmt: skip
    return await page(request, viewer, "routes", title="Who is asked", back=HOME, listed=rows)


WHEN = {"receipt": "At once", "rating": "When somebody has rated them"}


def about(route: Route) -> str:
    """Whom a row is about, in words."""
    said: list[Iterable[str]] = [route.forms, route.cohorts, route.ratings, route.age_bands, route.areas, route.roles]
    return "; ".join(" or ".join(wording.say(code) for code in codes) for codes in said if codes)


@router.get(HOME + "/routes/try")
async def ask(request: Request) -> Response:
    """What to imagine."""
    viewer = await viewer_of(request)
    require(viewer, Action.SEE_ADMINISTRATION)
    start = {"form": "child", "role": "at_risk", "referrer": ReferrerClass.PROFESSIONAL.value, "age": ("school",)}
    return await _page(request, start, {}, None)


@router.post(HOME + "/routes/try")
async def tried(request: Request) -> Response:
    """Who would be asked what. Nothing is kept, so the page is made of what was posted alone."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_ADMINISTRATION)
    form = await site.form(request)
    values: dict[str, Any] = {**form.values(), "age": form.all("age"), "keep_from": form.all("keep_from")}
    by = dry_run.DryRun(site.hub, site.keyroom, viewer)
    rules, errors = await site.rules(), dict[str, str]()
    try:
        reference = values.get("reference", "").upper()
        imagined = await by.case(reference) if reference else imagined_from(values, rules)
        if reference:  # what somebody saw of a case is in the record
            await site.hub.note(journal.ACCESS, "RouteTried", viewer.id, case=reference)
        found = await by.run(imagined)
    except NoSuchCase as hidden:
        await guarding.absent(site.hub, hidden)
        errors = {"reference": "There is no case of this reference that you may see"}
    except CannotHappen as wrong:
        errors = {"": str(wrong)}
    except Wrong as wrong:
        errors = {wrong.name: str(wrong)}
    return await _page(request, values, errors, None if errors else found)


class Wrong(ValueError):
    """Nothing can be imagined so."""

    def __init__(self, name: str, told: str) -> None:
        self.name = name
        super().__init__(told)


def imagined_from(values: dict[str, Any], rules: Rules) -> dry_run.Imagined:
    """What somebody imagines. Raises Wrong."""
    for name, codes in CHOICES.items():
        if values.get(name) not in codes:
            raise Wrong(name, "Choose one")
    ages = [band for band in values["age"] if band in AGE_BANDS]
    if not ages:
        raise Wrong("age", "Choose how old they are: several for siblings")
    people = dry_run.subjects(
        values["form"], ages, cohort=values.get("cohort", ""), area=values.get("area", "")[:10], role=values["role"],
        protected=values.get("protected") == "yes", refuses=values.get("refuses") == "yes",
    )  # fmt: skip
    rating = values.get("rating", "")
    if rating and not rules.knows_rating(rating):
        raise Wrong("rating", "Choose one")
    kept = tuple(a for a in values["keep_from"] if rules.agency(a))
    return dry_run.Imagined(people, rating, ReferrerClass(values["referrer"]), kept)


async def _page(
    request: Request, values: dict[str, Any], errors: dict[str, str], found: dry_run.Outcome | None
) -> Response:
    viewer, site, rules, _ = await seen_by(request)
    now = site.hub.clock.now()
    return await page(
        request, viewer, "try", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Who would be asked what?",
        back=HOME + "/routes", values=values, errors=errors, found=found is not None,
        asked=[_asked(a, rules, now) for a in found.asked] if found else [],
        not_asked=[(_name(rules, agency), why) for agency, why in found.not_asked] if found else [],
        waits=[TASKS.get(t.kind, t.kind) + (f" ({t.about})" if t.about else "") for t in found.held] if found else [],
        told=[TOLD.get(code, code) for code in found.told] if found else [],
        options={
            "form": _options(FORMS), "role": _options(ROLES), "referrer": _options(ReferrerClass),
            "age": [{"value": code, "text": text} for code, text in AGES.items()],
            "rating": [{"value": r.code, "text": r.label} for r in rules.ratings],
            "cohort": _options(rules.cohorts), "keep_from": [{"value": a.id, "text": a.name} for a in rules.agencies],
        },
    )  # fmt: skip


def _options(codes: Iterable[str]) -> list[dict[str, str]]:
    return [{"value": str(code), "text": wording.say(code).capitalize()} for code in codes]


def _asked(a: dry_run.Asked, rules: Rules, now: Any) -> dict[str, Any]:
    return {
        "name": _name(rules, a.agency), "subjects": ", ".join(a.leg.subjects), "purpose": a.leg.purpose,
        "rows": ", ".join(map(str, a.rows)), "basis": a.leg.basis, "fields": dry_run.labels(a.leg.manifest),
        "kept_back": dry_run.labels(a.leg.kept_back), "mailbox": a.mailbox,
        "by": TRANSPORTS.get(a.transport, a.transport), "held": dry_run.WHY.get(a.held, a.held),
        "passed": [(TRANSPORTS.get(t, t), dry_run.WHY.get(why, why)) for t, why in a.passed] if a.transport else [],
        "agreement": STANDS[a.agreement] if a.agreement is not Standing.COVERED else "",
        "by_when": shown(a.leg.answer_due, rules, now), "in_hand": shown(a.leg.acknowledge_due, rules, now),
    }  # fmt: skip


def _name(rules: Rules, agency: str) -> str:
    found = rules.agency(agency)
    return found.name if found else agency
