"""What somebody sent when their session was over: kept until they have signed in again, and shown to nobody else.

1. Sealed under a key that only this browser holds, for two hours, and bound to the member whose session it was.
2. Nothing is sent by itself: whoever comes back reads what they typed, and presses the button.
3. A form that our own page in this browser did not make is not kept, nor one with a password or a passkey in it:
   then only the page is remembered on which it stood.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from fastapi import HTTPException, Request
from fastapi.responses import Response

from exchange.store import drafts
from exchange.web import act_forms
from exchange.web.context import Site, site_of
from exchange.web.forgery import Forged, Form
from keys import browser_key
from keys.refusal import Refused

COOKIE, SHOWN = "kept", "kept-shown"  # what waits to be shown, and what was shown: nobody is led there twice
LASTS = timedelta(hours=2)


class NothingKept(LookupError):
    """This browser has nothing of this person's that waits to be sent."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where somebody was, or what they sent there."""

    member: str
    path: str
    fields: Mapping[str, tuple[str, ...]] | None = field(default=None, repr=False)  # None: they only looked
    ended: str = ""  # how the session ended: Over; "" where it goes on

    @property
    def parts(self) -> tuple[act_forms.Given, dict[str, act_forms.Given]]:
        """What belongs to the button that was pressed, and what was typed in other parts of that page."""
        own, others = act_forms.parted(Form(self.fields or {}))
        return own.fields, others

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """What the page sends again, but for the token, which is the new page's own."""
        return tuple(
            (name, value) for name, values in (self.fields or {}).items() if name != "csrf" for value in values
        )


async def keep(request: Request, response: Response, member: str, ended: str = "") -> bool:
    """Keep where `member` was in this browser, with what they sent; whether there was something to keep."""
    site = site_of(request)
    fields = None
    if request.method == "POST":
        try:
            fields = (await site.form(request)).fields
        except (Forged, HTTPException):  # also a form with files, which nobody can send again for them
            return False
    elif request.method != "GET" or not _is_page(request):
        return False
    secret = any("password" in name or name == "passkey" for name in fields or ())
    kept = Kept(member, _path(request), fields, ended)
    if secret:
        kept = Kept(member, request.url.path.rpartition("/")[0], ended=ended)
    key, draft, now = browser_key.new(), site.hub.chance.id(), site.hub.clock.now()
    async with site.hub.database.transaction(site.hub.scope(member)) as tx:
        await drafts.sweep(tx, now)
        await drafts.put(tx, draft, browser_key.seal(key, json.dumps(asdict(kept)).encode()), now + LASTS)
    site.keep(response, COOKIE, f"{draft}.{key}", int(LASTS.total_seconds()))
    return True


async def load(request: Request, member: str, *, again: bool = False) -> Kept:
    """What was kept of this member in this browser, and not shown yet unless `again`. Raises NothingKept."""
    site = site_of(request)
    given = request.cookies.get(site.cookie(COOKIE)) or (again and request.cookies.get(site.cookie(SHOWN))) or ""
    found = await _opened(site, given)
    if found is None or found.member != member:
        raise NothingKept
    return found


async def ended(request: Request) -> tuple[str, bool]:
    """For whoever is not signed in: how the session of this browser ended that was last left, and whether what was
    sent in it is kept. Nothing of what it was, nor whose."""
    site = site_of(request)
    found = await _opened(site, request.cookies.get(site.cookie(COOKIE), ""))
    return (found.ended, found.fields is not None) if found else ("", False)


async def _opened(site: Site, given: str) -> Kept | None:
    draft, _, key = given.partition(".")
    async with site.hub.database.reading(site.hub.scope("desk")) as tx:
        blob = await drafts.load(tx, draft, site.hub.clock.now())
    try:
        found = json.loads(browser_key.unseal(key, blob)) if blob else {}
    except Refused:
        return None
    if "member" not in found:
        return None  # a draft of somebody else's is no such thing
    fields = found["fields"]
    typed = {name: tuple(values) for name, values in fields.items()} if fields is not None else None
    return Kept(found["member"], found["path"], typed, found.get("ended", ""))


def shown(request: Request, response: Response) -> None:
    """They are there: the page can be opened again, and the next to sign in is not led to it."""
    site = site_of(request)
    if given := request.cookies.get(site.cookie(COOKIE)):
        site.keep(response, SHOWN, given, int(LASTS.total_seconds()))
        site.forget(response, COOKIE)


async def drop(site: Site, request: Request, response: Response) -> None:
    """It is not wanted any more."""
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        for name in (COOKIE, SHOWN):
            await drafts.drop(tx, request.cookies.get(site.cookie(name), "").partition(".")[0])
            site.forget(response, name)


def _is_page(request: Request) -> bool:
    """Whether a person opened it, and not a picture or a script on a page that they have open."""
    asked = request.headers
    return asked.get("sec-fetch-dest", "document") == "document" and "event-stream" not in asked.get("accept", "")


def _path(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
