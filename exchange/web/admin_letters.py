"""The letters: each kind with invented people in it, and the words that the hub adds, tried before proposed."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.case.own_words import MAY_CLOSE, MAY_OPEN, NAMES, OwnWords
from exchange.case.rules import Rules
from exchange.desk.given import Unfit
from exchange.hubs import editing
from exchange.hubs.refusal import HubError, HubFileRefused
from exchange.our_name import sender_of
from exchange.policy import Action, Viewer, require
from exchange.web.admin import HOME, changes_of, page, seen_by
from exchange.web.admin_file import CHANGE
from exchange.web.context import site_of
from exchange.web.sign_in import viewer_of
from templates import exists, letters, samples
from templates.languages import ENGLISH, Language, known

router = APIRouter()
LETTERS = HOME + "/letters"
WORDS = ("opening", "closing")
# What is read by whoever carries it; a receipt is either, as it has a code or not. See templates/letters.
OPEN = (letters.Reminder, letters.Stepped, letters.Guidance, letters.Invitation, letters.Cancellation, letters.Chaser,
        letters.Recall, letters.OutcomeNotice, letters.Accepted)  # fmt: skip
OPEN_FOLDERS = frozenset({"lead", "digest", "attached", "fetch", "safely", "code", "mailbox_moves"}) | {
    letters.FOLDERS[kind] for kind in OPEN
}


@router.get(LETTERS)
async def listed(request: Request) -> Response:
    """Every kind of letter."""
    viewer, _, rules, _ = await seen_by(request)
    return await page(request, viewer, "letters", title="Letters", back=HOME, listed=kinds(rules))


def kinds(rules: Rules) -> list[dict[str, Any]]:
    """Every kind of letter, and whether the hub has added words to it."""
    own = {words.letter for words in rules.letters}
    return [
        {"name": name, "what": _called(name), "sealed": _sealed(name), "may": name in MAY_CLOSE, "own": name in own,
         "subject": letters.write(_samples(name)[0]).subject}
        for name in sorted(letters.FOLDERS.values())
    ]  # fmt: skip


@router.get(LETTERS + "/{letter}")
async def letter(request: Request, letter: str) -> Response:
    """One kind, as it is written to invented people."""
    viewer, _, rules, _ = await seen_by(request)
    own = own_words_of(rules, letter)
    base, _ = await changes_of(site_of(request), viewer).in_force()
    return await _page(
        request, viewer, rules, letter, {"opening": own.opening, "closing": own.closing, "base": base}, {}
    )


@router.post(LETTERS + "/{letter}")
async def words(request: Request, letter: str) -> Response:
    """Show it with other words, or propose them."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.CHANGE_HUB_FILE)
    form = await site.form(request)
    if letter not in MAY_CLOSE:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    values, rules = {name: form.one(name) for name in (*WORDS, "base")}, await site.rules()
    if form.one("do") == "try":
        return await _page(request, viewer, rules, letter, values, {})
    changes = changes_of(site, viewer)
    _, text = await changes.in_force()
    change = editing.put_anew(("letters", letter), {name: values[name] or None for name in WORDS})
    try:
        made = await changes.propose(editing.edited(text, change), values["base"])
    except HubFileRefused as refused:
        told = {fault.key.rpartition(".")[2]: f"{fault.what}: {fault.remedy}" for fault in refused.faults}
        return await _page(request, viewer, rules, letter, values, told)
    except (HubError, Unfit) as refused:
        return await _page(request, viewer, rules, letter, values, {"": str(refused)})
    return RedirectResponse(CHANGE + made, HTTPStatus.SEE_OTHER)


async def _page(
    request: Request, viewer: Viewer, rules: Rules, letter: str, values: dict[str, str], errors: dict[str, str]
) -> Response:
    if letter not in letters.FOLDERS.values():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    spoken, asked = languages_of(letter), request.query_params.get("language", "")
    language = asked if asked in {one.code for one in spoken} else ENGLISH
    shown = as_written(rules, OwnWords(letter, values["opening"], values["closing"]), language)
    return await page(
        request, viewer, "letter", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=_called(letter),
        back=LETTERS, values=values, errors=errors, shown=shown, sealed=_sealed(letter), action=f"{LETTERS}/{letter}",
        languages=[
            {"text": one.name, "href": f"{LETTERS}/{letter}?language={one.code}", "current": one.code == language}
            for one in spoken
        ],
        written_in=language, may_open=letter in MAY_OPEN, may_close=letter in MAY_CLOSE,
        names=", ".join(f"{{{name}}}" for name in NAMES),
    )  # fmt: skip


def as_written(rules: Rules, own: OwnWords, language: str) -> list[dict[str, Any]]:
    """A kind of letter to invented people, with these words of the hub's."""
    sender = replace(sender_of(rules), words={own.letter: own})
    shown: list[dict[str, Any]] = []
    for sample in _samples(own.letter):
        sample = replace(sample, sender=sender)
        written, text = letters.write(sample, language), letters.as_page(sample, language)
        shown.append({"subject": written.subject, "quiet": written.quiet_subject, "text": text})
    return shown


def languages_of(letter: str) -> list[Language]:
    """Those in which there is such a letter."""
    return [one for one in known() if exists(f"email/{letter}/{one.code}/body.txt")]


def _samples(name: str) -> list[letters.ALetter]:
    return [sample for sample in samples.every() if letters.FOLDERS[type(sample)] == name]


def own_words_of(rules: Rules, letter: str) -> OwnWords:
    return next((own for own in rules.letters if own.letter == letter), OwnWords(letter))


def _called(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sealed(name: str) -> str:
    if name == "receipt":
        return "Sealed with a receipt code, readable without"
    return "Readable: it says nothing about anybody" if name in OPEN_FOLDERS else "Sealed"
