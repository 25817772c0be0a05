"""Passkeys: what a browser's authenticator registers and signs, checked (Web Authentication Level 3, 7.1 and 7.2).

1. A person was there, and their authenticator knew them by finger, face or PIN: a key that was found is no use.
2. Only our own page counts: the origin is compared whole, and a page framed in another's is refused.
3. Attestation is not asked for: which make a key is says nothing of who holds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    bytes_to_base64url,
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from keys.refusal import Refused

PATIENCE_MS = 300_000  # a browser waits so long for the person: to find the telephone, and to try twice
LARGEST = 64 * 1024  # characters of one answer: an RSA key with every extension has a tenth
_REFUSED = "this passkey was not accepted here: try again, or sign in another way"


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks: the pages under one address."""

    origin: str  # as browsers write it: `https://hub.example`, without a default port
    name: str = ""  # what the browser shows

    @property
    def host(self) -> str:
        """What a passkey is bound to."""
        return urlsplit(self.origin).hostname or ""

    @property
    def usable(self) -> bool:
        """Browsers make passkeys for names over TLS, and on `localhost`; never for an IP address."""
        named = any(c.isalpha() for c in self.host) and ":" not in self.host
        return named and (self.origin.startswith("https:") or self.host == "localhost")


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey."""

    credential: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent, before anything of it is believed."""

    text: str = field(repr=False)
    challenge: bytes = field(repr=False)
    credential: bytes = field(repr=False)


def party(base_url: str, name: str = "") -> Party:
    """Whoever serves pages under this address."""
    parts = urlsplit(base_url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return Party(f"{parts.scheme}://{parts.hostname}{port}", name)


def to_register(
    of: Party, challenge: bytes, handle: bytes, shown: str, have: Iterable[bytes]
) -> str:  # fmt: skip
    """What `navigator.credentials.create` is given, as JSON; where one of those they `have` is, none is made."""
    options = webauthn.generate_registration_options(
        rp_id=of.host, rp_name=of.name or of.host, user_name=shown, user_id=handle, challenge=challenge,
        timeout=PATIENCE_MS, exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in have],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    return options_to_json(options)


def to_prove(of: Party, challenge: bytes, among: Iterable[bytes] = ()) -> str:
    """What `navigator.credentials.get` is given, as JSON; without `among` the person chooses who they are."""
    options = webauthn.generate_authentication_options(
        rp_id=of.host, challenge=challenge, timeout=PATIENCE_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in among],
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return options_to_json(options)


def read(text: str) -> Answer:
    """An answer of either kind. Raises Refused for what is none."""
    if len(text) > LARGEST:
        raise Refused(_REFUSED)
    try:
        given = json.loads(text)
        parse = parse_registration_credential_json if _registers(given) else parse_authentication_credential_json
        answer = parse(given)
        client = parse_client_data_json(answer.response.client_data_json)
        if client.cross_origin or not answer.raw_id:
            raise Refused(_REFUSED)
    except (WebAuthnException, ValueError, TypeError, RecursionError):
        raise Refused(_REFUSED) from None
    return Answer(text, client.challenge, answer.raw_id)


def registered(of: Party, answer: Answer) -> Registered:
    """The passkey that was made for the challenge in the answer, which the caller knows as its own.

    Raises Refused."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer.text, expected_challenge=answer.challenge, expected_rp_id=of.host,
            expected_origin=of.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise Refused(_REFUSED) from None
    return Registered(found.credential_id, found.credential_public_key, found.sign_count)


def proved(of: Party, answer: Answer, public_key: bytes, count: int) -> int:
    """The authenticator's new count: it holds the key and signed the challenge in the answer. Raises Refused, also
    when it counts backwards, as a copied one does."""
    try:
        found = webauthn.verify_authentication_response(
            credential=answer.text, expected_challenge=answer.challenge, expected_rp_id=of.host,
            expected_origin=of.origin, credential_public_key=public_key, credential_current_sign_count=count,
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise Refused(_REFUSED) from None
    return found.new_sign_count


def _registers(given: object) -> bool:
    response = given.get("response") if isinstance(given, dict) else None
    return isinstance(response, dict) and "attestationObject" in response


def as_text(data: bytes) -> str:
    """Bytes as these answers write them."""
    return bytes_to_base64url(data)
