"""Passkeys on the pages: what a page's script is given, and what it sends back in the page's own form.

A page that offers one puts `data-passkey` on a button (see deploy/vendor/passkeys.js); the answer comes in the field
`passkey`, with the page's token like every other form. Without script the button is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.passkeys import Kept, Owner, Passkeys
from exchange.staffing import PASSKEYS
from exchange.web.context import Site
from keys.passkeys import party

FIELD = "passkey"  # of a form: the answer of the browser's authenticator, as JSON
ANSWER = 65_536  # characters of it at most


@dataclass(frozen=True, slots=True)
class Offer:
    """What a button needs: `create` or `get`, and the options of that call as JSON."""

    does: str
    options: str


async def passkeys_of(site: Site) -> Passkeys:
    """The passkeys of these pages; `usable` tells whether browsers make any for their address."""
    return Passkeys(site.hub, party(site.settings.base_url, (await site.rules()).name))


async def offer_proof(site: Site, kind: str = PASSKEYS, bound: str = "", owner: str = "") -> Offer | None:
    """A button with which somebody of this kind proves who they are; None where there can be none."""
    found = await passkeys_of(site)
    if not (found.usable and site.settings.sign_in.passkeys):
        return None
    return Offer("get", await found.begin_proof(kind, bound, owner))


async def offer_register(site: Site, owner: Owner, bound: str, shown: str) -> Offer | None:
    """A button with which `owner` makes one; None where there can be none."""
    found = await passkeys_of(site)
    if not (found.usable and site.settings.sign_in.passkeys):
        return None
    return Offer("create", await found.begin_register(owner, bound, shown))


__all__ = ["ANSWER", "FIELD", "Kept", "Offer", "Owner", "Passkeys", "offer_proof", "offer_register", "passkeys_of"]
