"""Forged forms: a form counts only when our own page, in this very browser, posted it.

1. The browser keeps a secret in a cookie, the page shows a token made from it; another site can read neither.
2. What the browser itself says of where the form came from (Sec-Fetch-Site, Origin) must not contradict.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import Request

from exchange.edge import Chance

SECRET_BYTES = 16  # 128 bits: not to be guessed
MOST_FIELDS = 1000  # of one form: the largest of ours, a desk entry with every question and person, has fewer
LARGEST_FIELD = 256 * 1024  # octets: the longest answer with every character percent-encoded


_OURS = frozenset(
    {"csrf", "change", "list", "leave", "more", "remove", "of", "once", "password"}
)  # what nobody writes


class Forged(PermissionError):
    """This form did not come from our own page in this browser: open the page again and send it from there."""

    def __init__(self, why: str, typed: tuple[str, ...] = ()) -> None:
        self.typed = typed  # by a person on a page of this site, whose browser has lost its cookies
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Token:
    """What makes a page's form ours."""

    kept: str = field(repr=False)  # by the browser, in a cookie
    shown: str = field(repr=False)  # in the form
    is_new: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What was posted, as text; files are no answers here."""

    fields: Mapping[str, tuple[str, ...]] = field(repr=False)

    def one(self, name: str) -> str:
        """The answer without the blanks around it; "" when there is none."""
        return next(iter(self.fields.get(name, ())), "").replace("\r\n", "\n").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Every answer of this name: boxes that were ticked."""
        return self.fields.get(name, ())

    @property
    def once(self) -> str:
        """What a button pressed twice sends twice. Other words under the same number, as a page that was kept or
        copied sends them, are another act: nothing that somebody wrote is taken for a repetition."""
        said = sorted((name, given) for name, given in self.fields.items() if name not in ("csrf", "once"))
        return f"{self.one('once')[:40]}:{hashlib.sha256(repr(said).encode()).hexdigest()[:16]}"

    @property
    def typed(self) -> tuple[str, ...]:
        """What somebody wrote, rather than chose: several words of their own."""
        return tuple(value for name, value in self.values().items() if name not in _OURS and " " in value)

    @property
    def given(self) -> dict[str, str]:
        """All that somebody wrote or chose, by name: to be shown once more where it cannot be kept."""
        said = {name: ",".join(filter(None, map(str.strip, given))) for name, given in self.fields.items()}
        return {name: text.replace("\r\n", "\n") for name, text in said.items() if text and name not in _OURS}

    def values(self) -> dict[str, str]:
        """Each first answer, as a page shows it again."""
        return {name: self.one(name) for name in self.fields}


def token(request: Request, cookie: str, secret: bytes, chance: Chance) -> Token:
    """The token for a page: of the browser's secret, or of a new one."""
    kept = request.cookies.get(cookie, "")
    is_new = len(kept) != len(_text(bytes(SECRET_BYTES)))
    if is_new:
        kept = _text(chance.bytes(SECRET_BYTES))
    return Token(kept, _shown(kept, secret), is_new)


async def read(request: Request, cookie: str, secret: bytes) -> Form:
    """The form that was posted. Raises Forged."""
    if not _from_here(request):
        raise Forged("the browser says that another site sent it")
    async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD) as posted:
        given: dict[str, tuple[str, ...]] = {}
        for name, value in posted.multi_items():
            if isinstance(value, str):
                given[name] = (*given.get(name, ()), value)
    return proved(request, Form(given), cookie, secret)


def proved(request: Request, form: Form, cookie: str, secret: bytes) -> Form:
    """The form, when our own page in this browser posted it. Raises Forged."""
    if not _from_here(request):
        raise Forged("the browser says that another site sent it")
    kept = request.cookies.get(cookie, "")
    if not kept or not hmac.compare_digest(_shown(kept, secret).encode(), form.one("csrf").encode()):
        # Only what the browser vouches for is shown again: no other site puts its words on our pages.
        ours = request.headers.get("sec-fetch-site") == "same-origin"
        raise Forged("without the token of our page", form.typed if ours else ())
    return form


def _from_here(request: Request) -> bool:
    # Under our no-referrer policy browsers write "Origin: null" (Fetch, "append a request Origin header"), which
    # says nothing; then the token decides.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.headers.get("host")


def _shown(kept: str, secret: bytes) -> str:
    return _text(hmac.new(secret, b"form\0" + kept.encode(), hashlib.sha256).digest())


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")
