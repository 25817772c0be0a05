"""A council's identity provider, as strict as a real one, that can be bent. It shares no product code.

Written from OpenID Connect Core 1.0, Discovery 1.0 and RFC 7636 alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT, SECRET = "exchange-at-fakeshire", "a secret between the two"


@dataclass
class IdentityProvider:
    """One provider on loopback; `person` is who sits before it, `bend` changes what it says of them."""

    now: Callable[[], float]
    back: str
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "id-rita", "email": "Rita@Council.example"})
    bend: Callable[[dict[str, Any]], dict[str, Any]] = field(default=lambda claims: claims)
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "k1"})
    key: RSAKey | ECKey | OctKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    document: dict[str, Any] = field(default_factory=dict)  # instead of its own
    broken: Callable[[str], tuple[int, bytes] | None] = field(default=lambda path: None)
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published = self.key
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, "")

            def do_POST(self) -> None:
                provider.answer(self, self.rfile.read(int(self.headers["content-length"])).decode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def visit(self, address: str) -> str:
        """What a browser does there: its person shows who they are, and it is sent back to this."""
        given = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (given["response_type"], given["client_id"], given["redirect_uri"]) == ("code", CLIENT, self.back)
        assert given["code_challenge_method"] == "S256"
        assert len(given["state"]) >= 32 <= len(given["nonce"])
        assert "openid" in given["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = given
        return f"{self.back}?{urlencode({'code': code, 'state': given['state'], 'iss': self.issuer})}"

    def answer(self, to: BaseHTTPRequestHandler, body: str) -> None:
        self.asked.append(f"{to.command} {to.path}")
        bad = self.broken(to.path) or self._answer(to, body)
        to.send_response(bad[0])
        to.send_header("Content-Length", str(len(bad[1])))
        if bad[0] == 302:
            to.send_header("Location", f"{self.issuer}/keys")
        to.end_headers()
        to.wfile.write(bad[1])

    def _answer(self, to: BaseHTTPRequestHandler, body: str) -> tuple[int, bytes]:
        if to.path == "/.well-known/openid-configuration":
            return 200, json.dumps(self._document()).encode()
        if to.path == "/keys":
            return 200, json.dumps({"keys": [self.published.as_dict(private=False)]}).encode()
        return self._token(to, body) if to.path == "/token" else (404, b"{}")

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys", **self.document,
        }  # fmt: skip

    def _token(self, to: BaseHTTPRequestHandler, body: str) -> tuple[int, bytes]:
        given = {name: value for name, (value,) in parse_qs(body).items()}
        asked = self._codes.pop(given.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if to.headers.get("authorization") != f"Basic {expected}" or asked is None:
            return 401, b'{"error": "invalid_client"}'
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).decode()
        if challenge.rstrip("=") != asked["code_challenge"] or given["redirect_uri"] != self.back:
            return 400, b'{"error": "invalid_grant"}'
        now = int(self.now())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "auth_time": now,
            "nonce": asked["nonce"], "email_verified": True, **self.person,
        }  # fmt: skip
        token = jwt.encode(self.header, self.bend(claims), self.key, algorithms=["RS256", "ES256", "HS256", "none"])
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token}
        return 200, json.dumps(answer).encode()
