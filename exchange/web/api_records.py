"""The JSON API of the record and of what the hub has written down of itself: audit, letters, retention, history."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange.case.disposal import RecordType
from exchange.case.own_words import MAY_CLOSE, OwnWords
from exchange.case.rules import Rules
from exchange.case.step import CannotHappen
from exchange.desk.auditing import Auditing
from exchange.desk.given import Given, Unfit, sentence
from exchange.policy import Action, require
from exchange.store.audit import Broken
from exchange.store.audit_log import Entry, Place
from exchange.web import admin_letters
from exchange.web.admin import changes_of
from exchange.web.api import Json, as_json, body_of, program_of, refuse_unknown, texts_of
from exchange.web.context import site_of
from exchange.web.paging import MOST, Limit, linked, part, place_of
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged
from templates import letters
from templates.languages import ENGLISH

router = APIRouter(prefix="/api/v1", route_class=Tagged)
HEAD = ("head",)
WORDS = ("opening", "closing", "language")
NOTHING = "nothing here that this token may see"


@router.get("/audit")
async def read(
    request: Request, case: str = "", by: str = "", kind: str = "", since: str = "", until: str = "",
    after: str = "", limit: Limit = MOST,
) -> Response:  # fmt: skip
    """Who did and was shown what, newest first; that it was read is in it from then on."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.READ_AUDIT)
    auditing = Auditing(site.hub, viewer)
    asked = {"case": case, "by": by, "kind": kind, "since": since, "until": until}
    try:
        wanted = await auditing.wanted(Given({name: (value,) for name, value in asked.items()}))
    except Unfit as wrong:
        return unfit(wrong)
    found = await auditing.older(wanted, limit + 1, _beyond(after))
    more = _place(found[limit - 1]) if len(found) > limit else None
    return linked(request, lambda link: as_json({"audit": [_row(e) for e in found[:limit]], "next": link}), more)


def _place(entry: Entry) -> tuple[str, str, int]:
    at, stream, seq = entry.place
    return at.isoformat(), stream, seq


def _beyond(after: str) -> Place | None:
    match place_of(after):
        case None:
            return None
        case (str(at), str(stream), int(seq)):
            try:
                return datetime.fromisoformat(at), stream, seq
            except ValueError:
                pass
    raise HTTPException(HTTPStatus.BAD_REQUEST, "after: use what `next` of the answer before says")


def _row(entry: Entry) -> Json:
    return {
        "at": entry.at.isoformat(), "stream": entry.stream, "number": entry.seq, "kind": entry.kind, "by": entry.by,
        "facts": entry.facts, "chain": entry.chain,
    }  # fmt: skip


@router.get("/audit/export")
async def export(
    request: Request, case: str = "", by: str = "", kind: str = "", since: str = "", until: str = ""
) -> Response:
    """The same lines as a spreadsheet, all at once: a named person takes it out, and that they did is recorded."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.EXPORT)
    auditing, asked = (
        Auditing(site.hub, viewer),
        {"case": case, "by": by, "kind": kind, "since": since, "until": until},
    )
    try:
        text = await auditing.export(await auditing.wanted(Given({name: (value,) for name, value in asked.items()})))
    except CannotHappen as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))
    except Unfit as wrong:
        return unfit(wrong)
    return Response(text, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="record.csv"'})


@router.post("/audit/verify")
async def verify(request: Request) -> Response:
    """Whether the whole record holds, and reaches to the `head` that was kept outside."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.READ_AUDIT)
    given = await body_of(request)
    refuse_unknown(given, HEAD)
    try:
        found = await Auditing(site.hub, viewer).verify(texts_of(given).may("head"))
    except Unfit as wrong:
        return unfit(wrong)
    if isinstance(found, Broken):
        return as_json({"holds": False, "stream": found.stream, "number": found.seq, "why": found.why})
    return as_json(
        {"holds": True, "events": found.events, "streams": found.streams, "after_last_head": found.unproved}
    )


@router.get("/hub/history")
async def history(request: Request, after: str = "", limit: Limit = MOST) -> Response:
    """What was changed of the hub file, its mailboxes and keys, of leave and staff, newest first."""
    viewer, site = await program_of(request), site_of(request)
    lines = await changes_of(site, viewer).history()
    numbered = [(len(lines) - n, line) for n, line in enumerate(lines)]
    rows, more = part(numbered, lambda one: (one[0],), after, limit, falling=True)
    told = [
        {"number": n, "at": x.at.isoformat(), "kind": x.kind, "by": x.by, "facts": x.facts} for n, x in rows
    ]  # fmt: skip
    return linked(request, lambda link: as_json({"history": told, "next": link}), more)


@router.get("/retention")
async def retention(request: Request) -> Response:
    """How long each sort of record is kept; what no row names is kept for ever."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_ADMINISTRATION)
    kept = (await site.rules()).retention
    named = {keep.record for keep in kept}
    rows = [{"record": k.record, "years": k.years, "days": k.days, "since": k.since} for k in kept]
    return as_json({"retention": rows, "for_ever": [record for record in RecordType if record not in named]})


@router.get("/letters")
async def kinds(request: Request) -> Response:
    """Every kind of letter."""
    rules = await _seen(request, Action.SEE_ADMINISTRATION)
    rows = [
        {"letter": k["name"], "sealed": k["sealed"], "subject": k["subject"], "takes_words": k["may"],
         "own_words": k["own"]}
        for k in admin_letters.kinds(rules)
    ]  # fmt: skip
    return as_json({"letters": rows})


@router.get("/letters/{letter}")
async def one(request: Request, letter: str, language: str = ENGLISH) -> Response:
    """One kind as it is written to invented people, with the words that the hub has added."""
    rules = await _seen(request, Action.SEE_ADMINISTRATION)
    return _written(rules, admin_letters.own_words_of(rules, letter), language)


@router.post("/letters/{letter}/preview")
async def preview(request: Request, letter: str) -> Response:
    """The same with other words, before anybody proposes them; nothing is kept."""
    rules = await _seen(request, Action.CHANGE_HUB_FILE)
    given = await body_of(request)
    refuse_unknown(given, WORDS)
    try:
        said = texts_of(given)
    except Unfit as wrong:
        return unfit(wrong)
    if letter not in MAY_CLOSE:
        raise HTTPException(HTTPStatus.NOT_FOUND, NOTHING)
    return _written(
        rules, OwnWords(letter, said.may("opening"), said.may("closing")), said.may("language") or ENGLISH
    )


def _written(rules: Rules, own: OwnWords, language: str) -> Response:
    if own.letter not in letters.FOLDERS.values():
        raise HTTPException(HTTPStatus.NOT_FOUND, NOTHING)
    known = [one.code for one in admin_letters.languages_of(own.letter)]
    if language not in known:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"language: use one of {', '.join(known)}")
    return as_json({
        "letter": own.letter, "language": language, "languages": known, "opening": own.opening,
        "closing": own.closing, "samples": admin_letters.as_written(rules, own, language),
    })  # fmt: skip


async def _seen(request: Request, needs: Action) -> Rules:
    require(await program_of(request), needs)
    return await site_of(request).rules()
