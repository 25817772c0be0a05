"""Drafts: a referral being written, sealed under a key that only this browser holds, for two hours of quiet.

Nobody but the person in front of the browser can read a draft: not the operator, not a thief of the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from exchange.attachments import Taken
from exchange.case.attachment import FileKind
from exchange.case.code_lists import BUSINESS
from exchange.case.fields import Section
from exchange.case.journeys import Journey, When
from exchange.store import drafts as store
from exchange.store.database import Transaction
from exchange.web.context import Site
from keys import browser_key
from keys.refusal import Refused

_KEPT = (
    "form", "journey", "answers", "subjects", "people", "more", "who", "about", "under_age", "seen",
    "once", "files", "sent",
)  # fmt: skip
LASTS = timedelta(hours=2)  # after the last answer: long enough to be called away, short on a shared computer
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
    async with site.hub.database.reading(site.hub.scope()) as tx:
        blob = await store.load(tx, draft_id, site.hub.clock.now())
    if blob is None:
        raise NoDraft
    try:
        kept = json.loads(browser_key.unseal(key, blob))
    except Refused:
        raise NoDraft from None
    known = {"once": draft_id, **kept, "journey": Journey(kept.get("journey", Journey.WORK))}
    return Draft(draft_id, key, **known)


async def save(site: Site, response: Response, draft: Draft) -> None:
    """Keep it as it is now."""
    plain = json.dumps({name: getattr(draft, name) for name in _KEPT}).encode()
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        expires = site.hub.clock.now() + LASTS
        await store.put(tx, draft.id, browser_key.seal(draft.key, plain), expires)
        await store.extend_files(tx, draft.id, expires)
    site.keep(response, COOKIE, f"{draft.id}.{draft.key}")


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
            await store.put_file(tx, draft.id, file.id, blob, site.hub.clock.now() + LASTS)
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
