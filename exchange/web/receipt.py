"""The receipt page: how it stands, for whoever has the code; more to tell, to disagree, and how they may be told.

A code that is not known is told the same as one that was mistyped; it has 130 bits, so nobody finds one by trying.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import attachments, content
from exchange.attachments import MOST, Upload
from exchange.case.challenge import LABELS, Challenge, Challenged
from exchange.case.event import Event, InformationAdded, ReferrerReplied
from exchange.case.feedback import Contact, ContactChanged, Feedback, ReferrerClass, Told
from exchange.case.packet import struck
from exchange.case.question import APPROVED, QuestionStanding
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.telling import may_know
from exchange.feedback_letter import a_child_tells, accepted_by, outcome_letter
from exchange.store import casebook, receipts
from exchange.web import passes, uploads
from exchange.web.context import Site, shown, site_of
from exchange.web.files import fitting
from exchange.web.forgery import Form
from templates.disclosed import seen
from templates.languages import N_, say, spoken
from templates.letters import as_page

router = APIRouter()
LONGEST = 20_000  # characters of what is added
_ANSWER = "answer-"  # how the box for the answer to each question is called
_WRITTEN = ("words", "why")  # the other boxes
MOST_OF_CASE = 40  # files of one case: whoever has more to show is rung
ROUTES = {
    Contact.PAGE: N_("Do not write to me: I look here"),
    Contact.TELEPHONE: N_("Ring me, and do not write to me"),
    Contact.NONE: N_("Do not contact me at all"),
    Contact.MAIL: N_("You may write to me"),
}


@router.get("/receipt")
async def ask(request: Request) -> Response:
    """Which code?"""
    return await _ask(request, {})


@router.post("/receipt")
async def show(request: Request) -> Response:
    """How it stands."""
    site = site_of(request)
    form = await site.form(request)
    case = await case_of(request, form)
    return await _page(request, site, case, form) if case else await unknown(request)


@router.post("/receipt/add")
async def add(request: Request) -> Response:
    """More about it; a person must read it."""
    return await _tell(request)


@router.post("/receipt/answer")
async def answer(request: Request) -> Response:
    """The answer to a question of ours; a person must read it."""
    return await _tell(request, answering=True)


async def _tell(request: Request, *, answering: bool = False) -> Response:
    """All that they wrote to be read: answers, more, and files, whichever of the buttons they pressed."""
    site = site_of(request)
    form, chosen = await uploads.read(site, request)
    case = await case_of(request, form)
    if case is None:
        return await unknown(request)
    answers = {name: form.one(name) for name in form.fields if name.startswith(_ANSWER) and form.one(name)}
    words, pressed = form.one("words"), f"{_ANSWER}{form.one('question')}" if answering else ""
    told = {**answers, **({"words": words} if words else {})}
    if errors := _faults(told, pressed, chosen):
        return await _page(request, site, case, form, errors=errors)
    taken, wrong = await fitting(site, chosen, min(MOST, MOST_OF_CASE - len(case.files)))
    if wrong:  # nothing is kept of what was sent half: they choose again
        return await _page(request, site, case, form, errors={"files": wrong})
    cause, now = _once(form, chosen), site.hub.clock.now()
    for name, text in answers.items():
        event = InformationAdded(now, "referrer", "web", answers=name.removeprefix(_ANSWER)[:20])
        case = await _record(site, case, event, cause, {content.WORDS: text.encode()}, f":{name[:30]}")
    if words or taken:
        event = InformationAdded(now, "referrer", "web", files=attachments.codes(site.hub, taken))
        parts = {**({content.WORDS: words.encode()} if words else {}), **attachments.parts(taken)}
        case = await _record(site, case, event, cause, parts)
    done = say("We have your answer. A person will read it.")
    if words or taken:
        both = say("We have your answer, and what you added. A person will read it.")
        done = both if answers else say("We have what you added. A person will read it.")
    return await _page(request, site, case, form, done=done, spent=tuple(told))


def _faults(told: Mapping[str, str], pressed: str, chosen: Collection[Upload]) -> dict[str, str]:
    if long := [name for name, text in told.items() if len(text) > LONGEST]:
        return {long[0]: say("This is too long: ring us instead")}
    if pressed and pressed not in told:
        return {pressed: say("Write your answer")}
    return {} if told or chosen else {"words": say("Write what you want to add, or choose a file")}


def _once(form: Form, chosen: tuple[Upload, ...]) -> Form:
    """The form with what its files hold: the same one again is a repetition, another file is not."""
    digests = tuple(hashlib.sha256(f.content).hexdigest() for f in chosen)
    return Form({**form.fields, "files": digests}) if digests else form


@router.post("/receipt/reply")
async def reply(request: Request) -> Response:
    """Does this answer your concern?"""
    site = site_of(request)
    form, chosen = await uploads.read(site, request)
    case = await case_of(request, form)
    if case is None:
        return await unknown(request)
    if form.one("answers") not in ("yes", "no"):
        return await _page(request, site, case, form, errors={"answers": say("Choose yes or no")})
    satisfied = form.one("answers") == "yes"
    case = await _record(site, case, ReferrerReplied(site.hub.clock.now(), satisfied), form, {})
    done = say("Thank you.") if satisfied else say("Thank you. A person at the hub will look at it again.")
    return await _page(request, site, case, form, done=done, spent=("answers",), dropped=bool(chosen))


@router.post("/receipt/challenge")
async def challenge(request: Request) -> Response:
    """They disagree. Whoever is not told of challenges tells us something more: nothing is turned away."""
    site = site_of(request)
    form, chosen = await uploads.read(site, request)
    case = await case_of(request, form)
    if case is None:
        return await unknown(request)
    words, now = form.one("why"), site.hub.clock.now()
    if not words or len(words) > LONGEST:
        fault = say("Write why you disagree") if not words else say("This is too long: ring us instead")
        return await _page(request, site, case, form, errors={"why": fault})
    event: Event = InformationAdded(now, "referrer", "web")
    if Told.CHALLENGE in may_know(case):
        event = Challenged(now, "referrer", "page", immediate=form.one("immediate") == "yes")
    case = await _record(site, case, event, form, {content.WORDS: words.encode()})
    done, spent = say("We have what you wrote. You will be answered."), ("why", "immediate")
    return await _page(request, site, case, form, done=done, spent=spent, dropped=bool(chosen))


@router.post("/receipt/contact")
async def contact(request: Request) -> Response:
    """How they may be told from now on."""
    site = site_of(request)
    form, chosen = await uploads.read(site, request)
    case = await case_of(request, form)
    if case is None:
        return await unknown(request)
    if form.one("contact") not in {route["value"] for route in _routes(case)}:
        return await _page(request, site, case, form, errors={"contact": say("Choose one")})
    event = ContactChanged(site.hub.clock.now(), "referrer", Contact(form.one("contact")))
    case = await _record(site, case, event, form, {})
    done = say("Done.") if event.contact is Contact.MAIL else say("Done. We write nothing more to your address.")
    return await _page(request, site, case, form, done=done, spent=("contact",), dropped=bool(chosen))


def _routes(case: Case) -> list[dict[str, str]]:
    """What may be chosen by whoever is not anonymous: mail only where an address was left."""
    if case.referrer.referrer_class is ReferrerClass.ANONYMOUS:
        return []  # nobody knows how to reach them, and nobody is to
    addressed = bool(case.referrer.mailbox or case.referrer.replyable)
    texts = {**ROUTES} if addressed else {route: text for route, text in ROUTES.items() if route is not Contact.MAIL}
    return [{"value": route, "text": say(text)} for route, text in texts.items()]


async def _record(site: Site, case: Case, event: Event, form: Form, parts: content.Parts, which: str = "") -> Case:
    cause = f"receipt:{case.id}:{form.once}{which}"  # a button pressed twice says it once
    return (await site.hub.record(case.id, event, cause, parts, actor="referrer")).case


async def case_of(request: Request, form: Form) -> Case | None:
    """The case of the code that was posted, or of the pass that stands for one. Raises TooMany."""
    site = site_of(request)
    site.may_try(request)
    hub, code = site.hub, form.one("code")[:200]
    async with hub.database.reading(hub.scope("referrer")) as tx:
        if found := passes.read(site, code) or await receipts.find(tx, hub.codes.receipt_digest(code[:100])):
            return await casebook.load(tx, found)
    site.wrong(request)
    return None


async def _ask(request: Request, errors: dict[str, str]) -> Response:
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await site_of(request).page(
        request, "public/receipt_code", status, title=say("Receipt"), errors=errors, values={}, back="/"
    )


async def unknown(request: Request) -> Response:
    """The page that asks for a code, and says that this is none."""
    return await _ask(request, {"code": say("We do not know this code: check each letter, or ring us")})


async def _page(
    request: Request, site: Site, case: Case, form: Form, *, done: str = "", errors: dict[str, str] | None = None,
    spent: Collection[str] = (), dropped: bool = False,
) -> Response:  # fmt: skip
    """All that was written stays on the page but what is `spent`; files cannot, and it is said that they are
    `dropped`."""
    rules, may = await site.rules(), may_know(case)
    values = {name: text for name, text in form.values().items() if name not in spent}
    unsent = bool(done) and any(values.get(name) for name in values if name in _WRITTEN or name.startswith(_ANSWER))
    withheld = case.feedback is Feedback.WITHHELD
    return await site.page(
        request, "public/receipt", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Receipt"),
        reference=case.reference, lines=lines(case, rules, site) + await _added(site, case, rules),
        told=told(case, rules, *await _said(site, case)), young=a_child_tells(case),
        code=form.one("code"), once=site.hub.chance.id(), done=done, errors=errors or {},
        values=values, unsent=unsent, dropped=dropped,
        decided=case.decided and Told.CONSIDERED in may and not withheld,
        accept=attachments.ACCEPT, most=MOST, largest=attachments.size(attachments.LARGEST),
        may_add=Told.ADD in may, may_challenge=Told.CHALLENGE in may, routes=_routes(case),
        replies=await _replies(site, case, rules), questions=await _questions(site, case),
    )  # fmt: skip


async def _added(site: Site, case: Case, rules: Rules) -> list[dict[str, str]]:
    """When they told us more with this code; not what: whoever finds the code reads this page."""
    async with site.hub.database.reading(site.hub.scope("referrer")) as tx:
        happened = [stored.event for stored in await casebook.timeline(tx, case.id)]
    more = [e for e in happened if isinstance(e, InformationAdded) and e.by == "referrer" and e.channel == "web"]
    now = site.hub.clock.now()
    return [
        {"key": say("You answered us") if e.answers else say("You told us more"), "value": shown(e.at, rules, now)}
        for e in more
    ]


async def _said(site: Site, case: Case) -> tuple[dict[str, bytes], Referral | None]:
    """The free words that two people answer for, when there are any, and what must not stand in them."""
    if case.approved is None:
        return {}, None
    name, hub = f"{content.DRAFT}{case.approved.id}", site.hub
    async with hub.database.reading(hub.scope("referrer")) as tx:
        said = {found: plain for _, found, plain in await hub.opened(tx, case.id, name)}
        return said, await hub.referral(tx, case.id)


async def _replies(site: Site, case: Case, rules: Rules) -> list[tuple[str, str]]:
    """(when, words) of each reply to what this referrer disagreed with, as far as they may be told; the newest
    last."""
    if Told.CHALLENGE not in may_know(case) or case.feedback is Feedback.WITHHELD:
        return []
    hub, now = site.hub, site.hub.clock.now()
    mine = {f"{content.REPLY}{c.id}" for c in case.challenges if not c.leg}
    async with hub.database.reading(hub.scope("referrer")) as tx:
        at = {stored.id: stored.at for stored in await casebook.timeline(tx, case.id)}
        kept = await hub.referral(tx, case.id)
        said = [(of, plain) for name in sorted(mine) for of, _, plain in await hub.opened(tx, case.id, name)]
    newest_last = sorted(said, key=lambda reply: at[reply[0]])
    return [(shown(at[of], rules, now), seen(struck(kept, plain.decode()))) for of, plain in newest_last]


async def _questions(site: Site, case: Case) -> list[dict[str, object]]:
    """What the hub asks, and nobody has answered."""
    hub, asked = site.hub, [q for q in case.questions if q.standing is QuestionStanding.ASKED]
    if not asked:
        return []
    async with hub.database.reading(hub.scope("referrer")) as tx:
        kept = await hub.referral(tx, case.id)
        own = {q.id: await hub.opened(tx, case.id, f"{content.QUESTION}{q.id}") for q in asked}
    return [
        {
            "id": q.id,
            "asks": [say(APPROVED.label(code)) for code in q.codes],
            "words": "\n".join(seen(struck(kept, plain.decode())) for _, _, plain in own[q.id]),
        }
        for q in asked
    ]


def lines(case: Case, rules: Rules, site: Site, *, listed: bool = False) -> list[dict[str, str]]:
    """How it stands, as far as this class of referrer may know; `listed`, where what came of it does not follow."""
    now, may = site.hub.clock.now(), may_know(case)
    found = [{"key": say("We received it"), "value": shown(case.received_at, rules, now)}]
    if case.looked_at:
        found.append({"key": say("A person read it"), "value": shown(case.looked_at.at, rules, now)})
    else:
        what = say("A person read what you added") if case.read_before else say("A person read it")
        due = say("Not yet. Due %(when)s", when=shown(case.first_look_due, rules, now))
        found.append({"key": what, "value": due})
    if case.feedback is Feedback.WITHHELD:
        return found
    if Told.ACCEPTED in may:
        found += [
            {"key": say("A person at %(agency)s accepted it", agency=name), "value": say("Yes")}
            for name in accepted_by(case, rules)
        ]
    if Told.CONSIDERED in may:
        yes = say("Yes. Open it to see what came of it") if listed else say("Yes, see below")
        found.append({"key": say("It was decided"), "value": yes if case.decided else say("Not yet")})
    if Told.CHALLENGE in may:
        found += [_disagreement(c, rules, now) for c in case.challenges if not c.leg]
    return found


def _disagreement(found: Challenge, rules: Rules, now: datetime) -> dict[str, str]:
    stands, due = say("Answered"), shown(found.due, rules, now)
    if found.open:
        stands = say("With %(whom)s. Reply due %(when)s", whom=say(LABELS[found.standing]), when=due)
    return {"key": say("You disagreed %(when)s", when=shown(found.raised_at, rules, now)), "value": stands}


def told(case: Case, rules: Rules, said: Mapping[str, bytes], kept: Referral | None = None) -> str:
    """What this referrer may know of the outcome, in the words of the letter; nobody is named on a page."""
    if not case.decided:
        return ""
    if case.feedback is Feedback.WITHHELD:
        return say("It is being dealt with. We cannot tell you more for now.")
    return as_page(outcome_letter(case, rules, None, said, "", case.approved, kept=kept), spoken().code)
