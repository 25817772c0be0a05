"""What every page is given besides its own values, and under which policy the browser may show it.

1. A page loads nothing from anywhere else, and runs no script but ours (CSP below).
2. Nothing of a page is kept: not by the browser, not by a cache, not in the next site's log (HEADERS).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from exchange.web.element_ids import OwnIds
from exchange.web.speaking import Choice
from templates import render

STATIC = Path(__file__).parent / "static"
PUBLIC_FILES = {
    "app.css": "text/css; charset=utf-8",
    "rtl.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "waiting.js": "text/javascript; charset=utf-8",
    **{f"images/{file.name}": "image/svg+xml" for file in sorted((STATIC / "images").glob("*.svg"))},
}  # all that /static/ serves, with its type
_HASH_LENGTH = 12  # enough to tell two builds apart; it guards nothing

HEADERS = {
    "Cache-Control": "no-store",  # a shared computer's Back button must not show a referral
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class RingNow:
    """Whom to ring now, in the words of the page's language."""

    number: str
    opens: str = ""  # when the hub opens, while it is shut and the number is the duty team's


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page's own content, the same for every page of one reply."""

    service_name: str  # neutral: it stands in the browser's history
    telephone: str  # the hub's number, shown wherever a page cannot help
    ring: RingNow  # the number that is staffed now
    csp_nonce: str  # fresh for every reply
    home: str = "/"
    exit_href: str | None = None  # where "Exit this page" leads; None on pages for staff
    navigation: tuple[Link, ...] = ()  # the desk's menu; empty on public pages
    signed_in_as: str | None = None
    signed_in_until: str = ""  # when they sign in again unless they open another page
    choices: tuple[Choice, ...] = ()  # the languages that the page can be read in


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a menu."""

    text: str
    href: str
    current: bool = False


def page(name: str, frame: Frame, /, **values: object) -> str:
    """The HTML of `templates/web/<name>.html`."""
    return render(f"web/{name}.html", frame=frame, asset=asset, own_ids=OwnIds(), **values)


def content_security_policy(nonce: str) -> str:
    """The policy that all pages live under; the nonce is for the design system's one line of inline script."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


@cache
def asset(name: str) -> str:
    """The address of a file in static/, with its content's hash so that a new build is fetched at once."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:_HASH_LENGTH]}"
