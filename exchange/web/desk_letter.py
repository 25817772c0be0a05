"""The letter to the referrer before it goes: as they will read it, with what somebody wants to add."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import content
from exchange.case.code_lists import FEEDBACK_ROUTE
from exchange.case.feedback import Draft, Told
from exchange.case.state import Case
from exchange.case.telling import may_know
from exchange.compartments import opened_for
from exchange.feedback_letter import body
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal
from exchange.web.act_forms import NUMBER, beside, parted
from exchange.web.context import Site, site_of
from exchange.web.sign_in import menu, viewer_of
from exchange.what_they_read import Read, at_the_desk

router = APIRouter()
_SEEN = "seen_first"  # the id of words that are in no draft yet


@router.post("/desk/case/{reference}/letter")
async def letter(request: Request, reference: str) -> Response:
    """What the referrer will read, and the words again, to be changed or given to a second person."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.WRITE_FEEDBACK)
    form, others = parted(await site.form(request))
    words, asks = form.one("words"), form.one("asks")
    case, read = await as_read(site, viewer, reference, words, asks)
    return await site.page(
        request, "desk/letter", title=case.reference, navigation=menu(request), signed_in_as=viewer.id, case=case,
        read=read, unsaid=is_unsaid(case, words, asks),
        way=FEEDBACK_ROUTE.label(case.referrer.way),
        values={"words": words, "asks": asks}, once=site.hub.chance.id(), number=NUMBER, beside=beside(others),
    )  # fmt: skip


async def as_read(site: Site, viewer: Viewer, reference: str, words: str, asks: str) -> tuple[Case, Read | None]:
    """The case, and what the referrer will read; nothing is kept of the words."""
    require(viewer, Action.WRITE_FEEDBACK)
    hub = site.hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        bodies = (await opened_for(hub, tx, case, rules, viewer)).bodies
        referral = content.referral_from((name, plain) for _, name, plain in bodies)
        said = {name: plain for _, name, plain in bodies} | {f"{content.DRAFT}{_SEEN}": body(words, asks)}
        draft = Draft(_SEEN, viewer.id, hub.clock.now(), decisions=case.decisions)
        read = await at_the_desk(hub, tx, case, rules, referral, said, site.settings.base_url, {"": draft})
    await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)
    return case, read.get("")


def is_unsaid(case: Case, words: str, asks: str) -> bool:
    """Whether these words would not be in it: this class of referrer is told none."""
    return bool(words or asks) and Told.WORDS not in may_know(case)
