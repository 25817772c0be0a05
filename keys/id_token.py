"""What an identity provider says of somebody, checked before any of it is believed (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from keys.refusal import Refused

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # signatures by a key of the provider's; never by a shared secret
LEEWAY = 60  # seconds by which two clocks may differ
_REFUSED = "the identity provider's word could not be believed: try again, or tell whoever looks after it"


@dataclass(frozen=True, slots=True)
class Said:
    """Whom a provider has recognised."""

    subject: str  # for ever the same person at this provider
    address: str = field(default="", repr=False)  # of their mail, where the provider has verified that it is theirs
    proved_at: int = 0  # when they last showed it who they are, in seconds since 1970; 0 where it does not say


def secret() -> str:
    """256 random bits, fit for an address: a state, a nonce, or a verifier (RFC 7636 4.1)."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """What stands for the verifier in the address (RFC 7636 4.2)."""
    made: str = create_s256_code_challenge(verifier)
    return made


def said(token: str, keys: dict[str, Any], issuer: str, client: str, nonce: str, now: datetime) -> Said:
    """Whom the token is about: signed by the issuer, for us, in answer to our own request, and not over.

    Raises Refused in the same words whatever was wrong.
    """
    try:
        read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims = CodeIDToken(
            read.claims, read.header,
            {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client},
             "nonce": {"essential": True, "value": nonce}},
            {"client_id": client, "nonce": nonce},
        )  # fmt: skip
        claims.validate(int(now.timestamp()), LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError):
        raise Refused(_REFUSED) from None
    subject, address, proved = claims.get("sub"), claims.get("email"), claims.get("auth_time")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:  # Core 2: at most 255 ASCII characters
        raise Refused(_REFUSED)
    verified = isinstance(address, str) and claims.get("email_verified") is True
    return Said(subject, str(address) if verified else "", int(proved) if isinstance(proved, int | float) else 0)
