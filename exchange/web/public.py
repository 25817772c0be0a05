"""The public form, from its beginning to its receipt: checked, sent once, and a copy of it to keep."""

from __future__ import annotations

import contextlib
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case.feedback import ReferrerClass
from exchange.case.fields import BY_KEY
from exchange.case.journeys import MAY_WE, WHOM, Journey
from exchange.case.referral import Referral, ReferralRefused, read
from exchange.case.state import ReferrerCodes
from exchange.contacting import Contact, lodge, referrer_from
from exchange.store import casebook, receipts
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.web import asking, drafts, playback
from exchange.web.context import Site, shown, site_of
from exchange.web.drafts import Draft, NoDraft
from exchange.web.questions import leave, may_leave, to, with_draft
from templates.languages import N_, say, spoken

router = APIRouter()


@router.post("/referral/begin")
async def begin(request: Request) -> Response:
    """A new referral: about children or an adult, by whoever writes."""
    site = site_of(request)
    form = await site.form(request)
    journey = form.one("journey")
    whose = Journey(journey) if journey in list(Journey) else Journey.PUBLIC
    which = "adult" if form.one("form") == "adult" and whose is not Journey.YOUNG else "child"
    if not form.one("anew") and (open_one := await _open_one(site, request, whose)):
        return await site.page(
            request, "public/begun", title=say("A form is open already"), journey=whose.value, form=which,
            go_on=f"/referral/{asking.goes_on_at(open_one)}", coded=bool(open_one.code), hours=drafts.HOURS, back="/",
        )  # fmt: skip
    draft = await drafts.begin(site, which, whose)
    response = to(f"/referral/{asking.steps(draft)[0].slug}")
    await drafts.save(site, response, draft)
    return response


async def _open_one(site: Site, request: Request, whose: Journey) -> Draft | None:
    """The form that somebody began in this browser and has not sent. What a child wrote is told to nobody who does
    not come in as a child."""
    try:
        draft = await drafts.load(site, request)
    except NoDraft:
        return None
    hidden = draft.journey is Journey.YOUNG and whose is not Journey.YOUNG
    return draft if draft.seen and not draft.sent and not hidden else None


@router.get("/referral/check")
async def check(request: Request) -> Response:
    """Everything said so far."""

    async def act(site: Site, draft: Draft) -> Response:
        return await _check_page(request, site, draft, {})

    return await with_draft(request, act)


@router.post("/referral/send")
async def send(request: Request) -> Response:
    """Send it, once however often the button is pressed."""
    form = await site_of(request).form(request)

    async def act(site: Site, draft: Draft) -> Response:
        if leaving := form.one("leave"):
            return await leave(site, draft, leaving, "check")
        try:
            referral = read(draft.data(), need_required=True)
        except ReferralRefused as refused:
            return await _check_page(request, site, draft, _to_mend(draft, refused))
        draft.sent = await _lodge(site, draft, referral)
        response = to("/referral/sent")
        await drafts.save(site, response, draft)
        return response

    return await with_draft(request, act)


async def _lodge(site: Site, draft: Draft, referral: Referral) -> str:
    hub = site.hub

    async def with_receipt(tx: Transaction, recorded: Recorded) -> None:
        digest = hub.codes.receipt_digest(hub.codes.receipt(recorded.case.id))
        await receipts.put(tx, digest, recorded.case.id)
        await drafts.files_sent(tx, draft)

    referrer = referrer_from(referral, language=spoken().code)
    contact = Contact("web", True, referrer, referral, files=await drafts.files_of(site, draft))
    return (await lodge(hub, contact, f"web:{draft.once}", also=with_receipt)).case_id


@router.get("/referral/sent")
async def sent(request: Request) -> Response:
    """It arrived: the reference, the code, and a copy to keep."""
    site = site_of(request)
    try:
        draft = await drafts.load(site, request)
    except NoDraft:
        return to("/receipt")
    if not draft.sent:
        return to("/referral/check")
    hub, rules = site.hub, await site.rules()
    async with hub.database.reading(hub.scope()) as tx:
        case = await casebook.load(tx, draft.sent)
    due = shown(case.first_look_due, rules, hub.clock.now())
    steps = _steps_for_a_child(case.referrer, due) if draft.journey is Journey.YOUNG else (
        say("A person is due to read it by %(due)s.", due=due),
        say("They decide what must be done, and ask those who know the family."),
        _told_by(case.referrer),
    )  # fmt: skip
    return await site.page(
        request, "public/sent", title=say("Sent"), heading=say("We have received it"), reference=case.reference,
        receipt_code=hub.codes.receipt(case.id), steps=steps, sections=playback.sections(draft, change=False),
    )  # fmt: skip


def _told_by(referrer: ReferrerCodes) -> str:
    """How they hear of it, as far as they left us a way."""
    if referrer.referrer_class is ReferrerClass.ANONYMOUS:
        return say("With the code you can see that we have it, and add more. We can tell you nothing else.")
    if referrer.referrer_class is ReferrerClass.BUSINESS:
        return say("We ring you only if we need to ask you something. We cannot tell you what comes of it.")
    if referrer.referrer_class is ReferrerClass.SELF:
        return say(
            "Whoever helps you tells you what happens. With the code you can see that we have it, and add more."
        )
    if referrer.replyable:
        return say("When it is decided we write to you. Come back with the code at any time to see how it stands.")
    if referrer.telephone:
        return say("When it is decided we ring you. Come back with the code at any time to see how it stands.")
    return say("Come back with the code to see how it stands: you left us no way to reach you.")


def _steps_for_a_child(referrer: ReferrerCodes, due: str) -> tuple[str, ...]:
    reachable = referrer.telephone or referrer.writable
    return (
        say("A person here should read it by %(due)s.", due=due),
        say("They think about how to keep you or your friend safe. They may talk to other people who help children."),
        say("They can ring you or write to you, the way you said.") if reachable
        else say("You did not say how to reach you. You can tell us later, with the code."),
    )  # fmt: skip


@router.post("/referral/finish")
async def finish(request: Request) -> Response:
    """Forget the copy in this browser."""
    site = site_of(request)
    await site.form(request)
    response = to("/")
    with contextlib.suppress(NoDraft):
        await drafts.drop(site, response, await drafts.load(site, request))
    return response


async def _check_page(request: Request, site: Site, draft: Draft, errors: asking.Errors) -> Response:
    last = [s.slug for s in asking.steps(draft)][-1]
    return await site.page(
        request, "public/check", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Check"),
        heading=say("Check what you have written"), sections=playback.sections(draft), blank=playback.blank(draft),
        action="/referral/send", send_text=say("Send"), errors=errors, may_leave=may_leave(draft),
        back=f"/referral/{last}",
    )  # fmt: skip


def _to_mend(draft: Draft, refused: ReferralRefused) -> asking.Errors:
    """What is missing or wrong, each leading to the page that asks it."""
    found: asking.Errors = {}
    for problem in refused.problems:
        section, _, rest = problem.where.replace("subjects", "subject").replace("household", "person").partition(".")
        number, _, name = rest.rpartition(".")
        unsaid = section == "referrer" and not draft.who  # which of its questions arise is not known yet
        asks = [s for s in asking.steps(draft) if not unsaid and _asks(s, draft, f"{section}.{name}", number)]
        field = BY_KEY.get(f"{section}.{name}")
        missing = field and problem.what == "no answer"
        told = asking.missing(field, draft.journey) if field and missing else asking.remedy(problem)
        if asks:
            found[f"/referral/{asks[0].slug}?change#{name}"] = told
        else:
            found[f"/referral/{_unasked(draft)}"] = say(_UNSAID[_unasked(draft)])
    return found


def _unasked(draft: Draft) -> str:
    """The page of its own that must be answered before its questions are known."""
    return WHOM if draft.journey is Journey.YOUNG else MAY_WE


_UNSAID = {MAY_WE: N_("Say whether we may know who you are"), WHOM: N_("Say who it is about")}


def _asks(step: asking.Step, draft: Draft, key: str, number: str) -> bool:
    return step.topic is not None and str(step.number or "") == number and key in [f.key for f in step.asked(draft)]
