"""A council's identity provider: sending somebody there, and asking whom it knew (OpenID Connect, code flow).

1. Only the issuer in the settings is ever asked, and where its own document says; over TLS, without following it
   elsewhere. Nothing that a browser sends names an address.
2. What it answers is short, is read within seconds, and is kept nowhere: no token outlives the request.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from exchange.config import Provider as Settings
from keys import id_token
from keys.id_token import Said
from keys.refusal import Refused

LARGEST = 256 * 1024  # octets of one answer: the documents of the large providers have a tenth
PATIENCE = 8.0  # seconds for one answer: a person is waiting
_AWAY = "the identity provider cannot be reached, or does not answer as it should: sign in another way, or try later"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Asked:
    """What we remember of somebody whom we sent to the provider, until they come back."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """The one in the settings."""

    settings: Settings
    secret: str = field(repr=False)
    back: str  # the page of ours it sends people back to
    trust: ssl.SSLContext = field(repr=False)

    async def begin(self, again: bool = False) -> tuple[str, Asked]:
        """Where to send somebody, and what to remember; `again`: they must show it anew who they are.
        Raises Refused."""
        found = await self._document()
        asked = Asked(id_token.secret(), id_token.secret(), id_token.secret())
        given = {
            "response_type": "code", "client_id": self.settings.client_id, "redirect_uri": self.back,
            "scope": "openid email", "state": asked.state, "nonce": asked.nonce,
            "code_challenge": id_token.challenge(asked.verifier), "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if again else {}),
        }  # fmt: skip
        where = found["authorization_endpoint"]
        return where + ("&" if "?" in where else "?") + urlencode(given), asked

    async def finish(self, asked: Asked, code: str, issuer: str, now: datetime) -> Said:
        """Whom it recognised. `issuer` is who says so in the address, where it does (RFC 9207). Raises Refused."""
        if issuer not in ("", self.settings.issuer):
            raise Refused(_AWAY)
        found = await self._document()
        given = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.back,
            "code_verifier": asked.verifier,
        }  # fmt: skip
        answer = await self._fetch(found["token_endpoint"], given)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Refused(_AWAY)
        keys = await self._fetch(found["jwks_uri"])
        return id_token.said(token, keys, self.settings.issuer, self.settings.client_id, asked.nonce, now)

    async def _document(self) -> dict[str, str]:
        """Where the provider is to be asked what (OpenID Connect Discovery 4.2 and 4.3)."""
        found = await self._fetch(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
        named = {name: found.get(name) for name in _ENDPOINTS}
        if found.get("issuer") != self.settings.issuer or not all(self._may_ask(one) for one in named.values()):
            raise Refused(_AWAY)
        return {name: str(value) for name, value in named.items()}

    def _may_ask(self, address: object) -> bool:
        """TLS, or this very machine where the issuer is one to try things out on it."""
        if not isinstance(address, str):
            return False
        parts, own = urlsplit(address), urlsplit(self.settings.issuer)
        return parts.scheme == "https" or (own.scheme == "http" and parts.netloc == own.netloc)

    async def _fetch(self, address: str, given: Mapping[str, str] | None = None) -> dict[str, Any]:
        auth = httpx.BasicAuth(self.settings.client_id, self.secret) if given else None
        body = bytearray()
        try:
            async with (
                asyncio.timeout(PATIENCE),
                httpx.AsyncClient(verify=self.trust, timeout=PATIENCE, trust_env=False) as web,
                web.stream("POST" if given else "GET", address, data=given, auth=auth) as reply,
            ):
                if reply.status_code != httpx.codes.OK:
                    raise Refused(_AWAY)
                async for chunk in reply.aiter_bytes():
                    body += chunk
                    if len(body) > LARGEST:
                        raise Refused(_AWAY)
            answer = json.loads(body)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError):
            raise Refused(_AWAY) from None
        if not isinstance(answer, dict):
            raise Refused(_AWAY)
        return answer
