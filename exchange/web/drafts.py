"""Drafts: a referral being written, sealed under a key that only this browser holds, for two hours of quiet.

1. Nobody but the person in front of the browser can read a draft: not the operator, not a thief of the database.
2. Whoever wants to come back later is given a code, and the draft lasts a week: its key is made from the code, and it
   is found by a keyed digest (HMAC) of it, so that the code itself is kept nowhere but in the sealed draft.
3. A browser that is left alone shows it for no longer than before: after two hours only the code opens it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from exchange.attachments import Taken
from exchange.case.attachment import FileKind
from exchange.case.code_lists import BUSINESS
from exchange.case.fields import Section
from exchange.case.journeys import Journey, When
from exchange.codes import plain
from exchange.store import drafts as store
from exchange.store.database import Transaction
from exchange.web.context import Site
from keys import browser_key
from keys.refusal import Refused

_KEPT = (
    "form", "journey", "answers", "subjects", "people", "more", "who", "about", "under_age", "seen",
    "once", "files", "code", "sent",
)  # fmt: skip
LASTS = timedelta(hours=2)  # after the last answer: long enough to be called away, short on a shared computer
HOURS = LASTS // timedelta(hours=1)
WARNS_AFTER = (
    LASTS - timedelta(minutes=10)
).seconds  # WCAG 2.2.1: told before time runs out, and one press gives more
SAVED_FOR = timedelta(days=7)  # with a code: over a weekend and somebody's day off, and no archive
COOKIE = "draft"
MOST_FILES = 500  # of all drafts together: nobody fills the disk with what is never sent


class NoDraft(LookupError):
    """This browser has no draft, or it has expired."""


@dataclass(slots=True)
class Draft:
    """What was answered so far."""

    id: str
    key: str = field(repr=False)
    form: str = "child"
    journey: Journey = Journey.WORK
    answers: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)  # section -> name -> answer
    subjects: list[dict[str, str]] = field(default_factory=lambda: [{}], repr=False)
    people: list[dict[str, str]] = field(default_factory=list, repr=False)
    more: bool = False  # whoever writes can tell more than the essential
    who: str = ""  # professional | public | unnamed: whether we may know; "" before they said
    files: list[dict[str, str]] = field(default_factory=list, repr=False)  # as attachments tells of each
    about: str = ""  # self | friend: whom a child writes about; "" before they said
    under_age: str = ""  # yes | no | unknown, of whom a business writes about
    seen: list[str] = field(default_factory=list)  # the pages that were answered, or passed
    once: str = ""  # becomes one case, however often it is sent
    code: str = field(default="", repr=False)  # with which to come back; "" when none was asked for
    sent: str = ""  # the case it became

    def data(self) -> dict[str, Any]:
        """The JSON shape of a referral."""
        people = [p for p in self.people if p]
        answers = {section: dict(given) for section, given in self.answers.items()}
        if self.about == When.SELF and self.subjects[0].get("given_name"):
            answers.setdefault(Section.REFERRER, {})["name"] = self.subjects[0]["given_name"]
        return {"form": self.form, **answers, "subjects": self.subjects, "household": people}


# Of whom a journey knows it from the start.
_WHO = {Journey.WORK: "professional", Journey.YOUNG: "public", Journey.BUSINESS: "business"}


async def begin(site: Site, form: str, journey: Journey) -> Draft:
    """A new draft; forgets those that have expired."""
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        await store.sweep(tx, site.hub.clock.now())
    chance = site.hub.chance
    draft = Draft(chance.id(), browser_key.new(), form, journey, who=_WHO.get(journey, ""), once=chance.id())
    if journey is Journey.BUSINESS:
        draft.answers[Section.REFERRER] = {"source": BUSINESS}
    return draft


async def load(site: Site, request: Request) -> Draft:
    """This browser's draft. Raises NoDraft."""
    draft_id, _, key = request.cookies.get(site.cookie(COOKIE), "").partition(".")
    kept = await _opened(site, draft_id, key)
    if kept.pop("until", "9") <= site.hub.clock.now().isoformat():
        raise NoDraft
    return _draft(draft_id, key, kept)


async def load_by_code(site: Site, code: str) -> Draft:
    """The draft that was saved under this code. Raises NoDraft, whether it never was, is over or was sent."""
    draft_id = site.hub.codes.draft_digest(code)
    key = browser_key.from_code(plain(code))
    kept = await _opened(site, draft_id, key)
    kept.pop("until", "")
    return _draft(draft_id, key, kept)


async def _opened(site: Site, draft_id: str, key: str) -> dict[str, Any]:
    async with site.hub.database.reading(site.hub.scope()) as tx:
        blob = await store.load(tx, draft_id, site.hub.clock.now())
    if blob is None:
        raise NoDraft
    try:
        kept: dict[str, Any] = json.loads(browser_key.unseal(key, blob))
    except Refused:
        raise NoDraft from None
    return kept


def _draft(draft_id: str, key: str, kept: dict[str, Any]) -> Draft:
    known = {"once": draft_id, **kept, "journey": Journey(kept.get("journey", Journey.WORK))}
    return Draft(draft_id, key, **known)


async def save(site: Site, response: Response, draft: Draft) -> None:
    """Keep it as it is now."""
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        await _put(site, tx, draft)
        await store.extend_files(tx, draft.id, _expires(site, draft))
    site.keep(response, COOKIE, f"{draft.id}.{draft.key}")


async def save_under_code(site: Site, response: Response, draft: Draft) -> None:
    """Keep it so that a code opens it too: it moves, with its files, to the place and the key that the code stands
    for."""
    if draft.code:
        await save(site, response, draft)
        return
    files, old, hub = await files_of(site, draft), draft.id, site.hub
    draft.code = hub.codes.for_draft(hub.chance)
    draft.id, draft.key = hub.codes.draft_digest(draft.code), browser_key.from_code(plain(draft.code))
    async with hub.database.transaction(hub.scope()) as tx:
        await _put(site, tx, draft)
        for file in files:
            blob = browser_key.seal(draft.key, file.content)
            await store.put_file(tx, draft.id, file.id, blob, _expires(site, draft))
        await store.drop(tx, old)
        await store.drop_files(tx, old)
    site.keep(response, COOKIE, f"{draft.id}.{draft.key}")


async def _put(site: Site, tx: Transaction, draft: Draft) -> None:
    kept = {name: getattr(draft, name) for name in _KEPT} | {"until": (site.hub.clock.now() + LASTS).isoformat()}
    blob = browser_key.seal(draft.key, json.dumps(kept).encode())
    await store.put(tx, draft.id, blob, _expires(site, draft))


def _expires(site: Site, draft: Draft) -> datetime:
    return site.hub.clock.now() + (SAVED_FOR if draft.code and not draft.sent else LASTS)


async def drop(site: Site, response: Response, draft: Draft) -> None:
    """It is finished with."""
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        await store.drop(tx, draft.id)
        await store.drop_files(tx, draft.id)
    site.forget(response, COOKIE)


async def keep_files(site: Site, draft: Draft, files: Iterable[Taken]) -> bool:
    """Keep files with the draft; False when so many wait to be sent that there is no room for more."""
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        if await store.count_files(tx) >= MOST_FILES:
            return False
        for file in files:
            blob = browser_key.seal(draft.key, file.content)
            await store.put_file(tx, draft.id, file.id, blob, _expires(site, draft))
    return True


async def files_of(site: Site, draft: Draft) -> tuple[Taken, ...]:
    """The files of the draft, with their content."""
    async with site.hub.database.reading(site.hub.scope()) as tx:
        kept = [(told, await store.load_file(tx, draft.id, told["id"])) for told in draft.files]
    return tuple(
        Taken(told["id"], FileKind(told["kind"]), told["name"], browser_key.unseal(draft.key, blob))
        for told, blob in kept
        if blob is not None
    )


async def files_sent(tx: Transaction, draft: Draft) -> None:
    """They are part of a case now."""
    await store.drop_files(tx, draft.id)


async def drop_file(site: Site, draft: Draft, file: str) -> None:
    """One is not to be sent."""
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        await store.drop_files(tx, draft.id, file)
