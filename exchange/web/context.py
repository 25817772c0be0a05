"""What every route needs at hand: the hub, its addresses and settings, and how a page or a cookie is made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from exchange.case.rules import Rules
from exchange.code_sending import CodeSender
from exchange.config import Settings
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.mailroom import Mailroom
from exchange.store.sessions import Session
from exchange.web import forgery
from exchange.web.act_forms import Errors
from exchange.web.pages import Frame, Link, RingNow, page
from exchange.web.sources import PROGRAM_ASKS, WRONG_TRIES, Allowance, TooMany, source_of
from exchange.web.speaking import ASKED, choices
from templates import moments, staffed
from templates.languages import N_, say

SERVICE = N_("Message exchange")  # stands in the browser's history, so it says nothing of what the messages are about
EXIT = "https://www.bbc.co.uk/weather"  # where "Exit this page" leads: a page anybody might be looking at
_OF_STAFF = ("staff", "half", "away", "kept")  # how the cookies begin that have nothing to do with a visitor
# Pages of people at their work: nobody is endangered by being seen there, and the button is large on a telephone.
_AT_WORK = ("/account", "/action/", "/answer/", "/attend/", "/desk", "/drill/", "/key", "/pickup/", "/release/")
NOBODY = Rules.__name__  # key of the rules last read


@dataclass(frozen=True, slots=True)
class Site:
    """One hub's pages. Held in `app.state.site`."""

    hub: Hub
    room: Mailroom
    settings: Settings = field(repr=False)
    keyroom: Keyroom = field(repr=False)
    cookie_secret: bytes = field(repr=False)
    codes: CodeSender | None = None  # what takes one-time codes to people of agencies
    mailed: CodeSender | None = None  # what takes them to the addresses of people who refer
    tries: Allowance = field(default_factory=lambda: Allowance(WRONG_TRIES), repr=False)  # wrong ones, by source
    programs: Allowance = field(default_factory=lambda: Allowance(PROGRAM_ASKS), repr=False)  # by whose token
    _seen: dict[str, Rules] = field(default_factory=dict, repr=False)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS; otherwise this is a loopback for trying things out."""
        return self.settings.base_url.startswith("https:")

    async def rules(self) -> Rules:
        """The rules in force. When the database is away, those last read: a page can still say whom to ring."""
        try:
            _, found = await self.hub.rules()
        except Exception:
            if NOBODY not in self._seen:
                raise
            return self._seen[NOBODY]
        self._seen[NOBODY] = found
        return found

    async def page(
        self,
        request: Request,
        name: str,
        status: int = 200,
        *,
        navigation: tuple[Link, ...] = (),
        signed_in_as: str | None = None,
        errors: Mapping[str, str] | Errors | None = None,
        **values: object,
    ) -> HTMLResponse:
        """The page of `templates/web/<name>.html`; with `signed_in_as` it is one for staff. What is wrong, by field,
        begins with a capital wherever it was found."""
        rules = await self.rules()
        frame = Frame(
            service_name=rules.name if signed_in_as else say(SERVICE),
            telephone=rules.telephone,
            ring=_staffed(rules, self.hub.clock.now()),
            csp_nonce=request.state.nonce,
            home="/desk" if signed_in_as else "/",
            exit_href=None if signed_in_as or request.url.path.startswith(_AT_WORK) else "/exit",
            navigation=navigation,
            signed_in_as=signed_in_as,
            signed_in_until=self._until(request, rules) if signed_in_as else "",
            choices=() if signed_in_as else choices(request),
        )
        token = forgery.token(request, self.cookie("form"), self.cookie_secret, self.hub.chance)
        told = {} if errors is None else errors
        if not isinstance(told, Errors):
            told = {name: wrong[:1].upper() + wrong[1:] for name, wrong in told.items()}
        given = {"errors": told, "csrf": token.shown, "hub_name": rules.name}
        response = HTMLResponse(page(name, frame, **(given | values)), status)
        if token.is_new:
            self.keep(response, "form", token.kept)
        return response

    def _until(self, request: Request, rules: Rules) -> str:
        session: Session | None = getattr(request.state, "session", None)
        if session is None:
            return ""
        limits = self.settings.sign_in
        ends = session.ends_at(timedelta(seconds=limits.idle), timedelta(seconds=limits.longest))
        return f"{ends.astimezone(rules.calendar.zone):%H:%M}"

    async def form(self, request: Request) -> forgery.Form:
        """What was posted. Raises Forged unless our own page in this browser posted it."""
        return await forgery.read(request, self.cookie("form"), self.cookie_secret)

    def may_try(self, request: Request) -> None:
        """Before a code or password is looked at. Raises TooMany."""
        if self.tries.left(source_of(request), self.hub.clock.now()) < 1:
            raise TooMany

    def wrong(self, request: Request) -> None:
        """It was wrong, or something was sent at somebody's word."""
        if source := source_of(request):
            self.tries.spend(source, self.hub.clock.now())

    def cookie(self, name: str) -> str:
        """The name under which a browser keeps it: `__Host-` binds it to this host and to TLS (RFC 6265bis 4.1.3)."""
        return f"__Host-{name}" if self.secure else name

    def keep(
        self,
        response: Response,
        name: str,
        value: str,
        seconds: int | None = None,
        samesite: Literal["strict", "lax"] = "strict",
    ) -> None:
        """Let the browser keep `value`, until it is closed or for `seconds`."""
        response.set_cookie(
            self.cookie(name), value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite=samesite
        )

    def keep_language(self, response: Response, code: str) -> None:
        """Let the browser keep the language chosen; who comes by a link in a letter reads in it too (hence lax)."""
        self.keep(response, ASKED, code, samesite="lax")

    def forget_visit(self, request: Request, response: Response) -> None:
        """Let the browser forget all it keeps of a visit: what lies here was sealed under it, and opens no more."""
        begins = self.cookie("")
        for name in request.cookies:
            if name.startswith(begins) and not name.removeprefix(begins).startswith(_OF_STAFF):
                self.forget(response, name.removeprefix(begins))

    def forget(self, response: Response, name: str) -> None:
        """Let the browser forget it."""
        response.delete_cookie(
            self.cookie(name), path="/", secure=self.secure, httponly=True, samesite="strict"
        )  # fmt: skip


def site_of(request: Request) -> Site:
    """The site a request came to."""
    return cast(Site, request.app.state.site)


def _staffed(rules: Rules, now: datetime) -> RingNow:
    found = staffed.now(rules.telephone, rules.duty_telephone, rules.calendar, now)
    return RingNow(found.number, shown(found.until, rules, now) if found.until else "")


def shown(at: datetime, rules: Rules, now: datetime | None = None) -> str:
    """A moment as people here say it: `today at 10:42`, `Tuesday 3 March at 10:42`."""
    zone = rules.calendar.zone
    if now is not None:
        near = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
        clock = moments.clock(at, rules.calendar.timezone)
        match near:
            case 0:
                return say("today at %(clock)s", clock=clock)
            case 1:
                return say("tomorrow at %(clock)s", clock=clock)
            case -1:
                return say("yesterday at %(clock)s", clock=clock)
    return moments.short(at, rules.calendar.timezone, now)
