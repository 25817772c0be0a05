"""Signing in at a council's identity provider: whom it really recognised for us comes in, and nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import OctKey, RSAKey

from exchange.demo.stage import free_port
from exchange.desk.given import Unfit
from exchange.policy import Role
from exchange.staffing import operators
from tests.sign_in.conftest import Desk, Hands, desk_in, post
from tests.sign_in.identity_provider import CLIENT, SECRET, IdentityProvider

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROLE = Role.HUB_MANAGER
IN, GO = "/desk/sign-in", "/desk/sign-in/provider"


@contextlib.asynccontextmanager
async def desk_with(folder: Path, issuer: Callable[[str, Hands], str]) -> AsyncIterator[Desk]:
    """A hub whose settings name a provider: the one that `issuer` makes for the hub's own address."""
    hands = Hands()
    async with desk_in(folder, hands, issuer=issuer, passwords=False) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Desk, IdentityProvider]]:
    made: list[IdentityProvider] = []

    def provider(url: str, hands: Hands) -> str:
        made.append(IdentityProvider(lambda: hands.now().timestamp(), f"{url}/desk/sign-in/back"))
        return made[0].issuer

    async with desk_with(tmp_path_factory.mktemp("provider"), provider) as desk:
        yield desk, made[0]
    made[0].stop()


@pytest.fixture
def desk(served: tuple[Desk, IdentityProvider]) -> Desk:
    return served[0]


@pytest.fixture
def council(served: tuple[Desk, IdentityProvider]) -> IdentityProvider:
    """The provider, as it was made."""
    plain = IdentityProvider.__dataclass_fields__
    for name in ("person", "bend", "header", "document", "broken"):
        made = plain[name]
        factory = made.default_factory
        setattr(served[1], name, factory() if callable(factory) else made.default)
    served[1].key = served[1].published
    return served[1]


async def known(desk: Desk, member: str, named: str) -> str:
    """Somebody without a password, known at the provider."""
    await operators(desk.exchange.hub).add(member, (ROLE,), with_password=False)
    await operators(desk.exchange.hub).known_as(member, desk.exchange.settings.provider.issuer, named)
    return member


async def back(
    desk: Desk, council: IdentityProvider, web: httpx.AsyncClient | None = None, go: str = GO
) -> httpx.Response:
    """There and back again, in one browser."""
    web = web or desk.browser()
    sent = await web.get(go)
    assert sent.status_code == 303, sent.text
    return await web.get(await asyncio.to_thread(council.visit, sent.headers["location"]))


async def test_who_is_known_by_the_provider_s_id_comes_in(desk: Desk, council: IdentityProvider) -> None:
    await known(desk, "subject-1", "id-subject")
    council.person = {"sub": "id-subject"}
    web = desk.browser()
    page = (await web.get(IN)).text
    assert "Sign in with your organisation" in page
    assert "Password" not in page
    got = await back(desk, council, web)
    assert got.status_code == 200
    assert 'http-equiv="refresh" content="0; url=/desk/kept"' in got.text
    assert (await web.get("/desk/kept")).headers["location"] == "/desk"
    assert "Signed in as subject-1" in (await web.get("/desk")).text
    cookies = got.headers.get_list("set-cookie")
    assert any(c.startswith("staff=") and "SameSite=strict" in c for c in cookies)
    assert any(c.startswith('away=""') for c in cookies)


async def test_the_cookie_for_the_way_back_alone_is_lax_and_says_nothing(
    desk: Desk, council: IdentityProvider
) -> None:
    sent = await desk.browser().get(GO)
    (cookie,) = (c for c in sent.headers.get_list("set-cookie") if c.startswith("away="))
    assert "SameSite=lax" in cookie
    assert "HttpOnly" in cookie
    assert "Max-Age=600" in cookie
    state = re.search(r"state=([^&]+)", sent.headers["location"])
    assert state
    assert state[1] not in cookie


async def test_a_verified_address_counts_once_and_then_the_id(desk: Desk, council: IdentityProvider) -> None:
    await known(desk, "address-1", "rita@council.example")
    council.person = {"sub": "id-a", "email": "Rita@Council.example", "email_verified": False}
    assert "not here" in (await back(desk, council)).text
    council.person = {"sub": "id-a", "email": "Rita@Council.example"}
    assert (await back(desk, council)).status_code == 200
    council.person = {"sub": "id-b", "email": "rita@council.example"}  # the address is somebody else's now
    assert "not here" in (await back(desk, council)).text
    council.person = {"sub": "id-a", "email": "married@council.example"}
    assert (await back(desk, council)).status_code == 200


async def test_nobody_is_two_people(desk: Desk, council: IdentityProvider) -> None:
    await known(desk, "twice-1", "id-twice")
    await operators(desk.exchange.hub).add("twice-2", (ROLE,), with_password=False)
    with pytest.raises(Unfit, match="Somebody else"):
        await operators(desk.exchange.hub).known_as("twice-2", council.issuer, "id-twice")


async def test_who_has_left_or_holds_no_role_stays_outside(desk: Desk, council: IdentityProvider) -> None:
    await known(desk, "gone-1", "id-gone")
    council.person = {"sub": "id-gone"}
    assert (await back(desk, council)).status_code == 200
    await operators(desk.exchange.hub).end("gone-1")
    assert "not here" in (await back(desk, council)).text


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {n: v for n, v in claims.items() if n != name}


BENT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another issuer": lambda c: {**c, "iss": "https://elsewhere.example"},
    "for another client": lambda c: {**c, "aud": "another-client"},
    "for two, by another": lambda c: {**c, "aud": [CLIENT, "another"], "azp": "another"},
    "over": lambda c: {**c, "exp": c["iat"] - 61},
    "from the future": lambda c: {**c, "iat": c["iat"] + 3600, "nbf": c["iat"] + 3600},
    "another nonce": lambda c: {**c, "nonce": "x" * 43},
    **{f"no {name}": without(name) for name in ("iss", "aud", "exp", "iat", "nonce", "sub")},
    "a number for an id": lambda c: {**c, "sub": 7},
    "an endless id": lambda c: {**c, "sub": "x" * 256},
}


@pytest.mark.parametrize("how", BENT)
async def test_a_token_that_is_not_for_us_now_lets_nobody_in(desk: Desk, council: IdentityProvider, how: str) -> None:
    await _bent(desk, council)
    council.bend = BENT[how]
    await _refused(desk, council)


async def _bent(desk: Desk, council: IdentityProvider) -> None:
    if not await _has(desk, "bent-1"):
        await known(desk, "bent-1", "id-bent")
    council.person = {"sub": "id-bent"}


async def _has(desk: Desk, member: str) -> bool:
    return member in {one.id for one in await operators(desk.exchange.hub).listed()}


async def _refused(desk: Desk, council: IdentityProvider) -> None:
    web = desk.browser()
    got = await back(desk, council, web)
    assert got.status_code == 400, got.text
    assert "staff" not in web.cookies
    assert "identity provider" in got.text


@pytest.mark.parametrize("how", ["another key", "a shared secret", "no signature"])
async def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    desk: Desk, council: IdentityProvider, how: str
) -> None:
    await _bent(desk, council)
    if how == "another key":
        council.key = RSAKey.generate_key(2048, {"kid": "k1"})
    elif how == "a shared secret":
        council.header, council.key = {"alg": "HS256", "kid": "k1"}, OctKey.import_key(SECRET * 2)
    else:
        council.header = {"alg": "none"}
    await _refused(desk, council)


BROKEN: dict[str, Callable[[str], tuple[int, bytes] | None]] = {
    "token endpoint fails": lambda path: (500, b"{}") if path == "/token" else None,
    "leads elsewhere": lambda path: (302, b"") if path == "/token" else None,
    "no JSON": lambda path: (200, b"<html>") if path == "/token" else None,
    "a list": lambda path: (200, b"[]") if path == "/token" else None,
    "nothing in it": lambda path: (200, b"{}") if path == "/token" else None,
    "without end": lambda path: (200, b'{"x": "' + b"x" * 300_000 + b'"}') if path == "/token" else None,
    "no keys": lambda path: (200, b'{"keys": []}') if path == "/keys" else None,
    "odd keys": lambda path: (200, b'{"keys": [{"kty": "no"}]}') if path == "/keys" else None,
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_provider_that_answers_oddly_is_told_of_and_lets_nobody_in(
    desk: Desk, council: IdentityProvider, how: str
) -> None:
    await _bent(desk, council)
    council.broken = BROKEN[how]
    await _refused(desk, council)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://169.254.169.254/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
    ids=repr,
)
async def test_where_the_document_may_not_lead_nothing_is_asked(
    desk: Desk, council: IdentityProvider, document: dict[str, Any]
) -> None:
    """T12: the issuer is the settings'; what it names is TLS, or this very server of a provider to try things out."""
    council.document = document
    before = len(council.asked)
    got = await desk.browser().get(GO)
    assert got.status_code == 400
    assert council.asked[before:] == ["GET /.well-known/openid-configuration"]


async def test_the_way_back_is_open_once_in_the_browser_that_left_for_ten_minutes(
    desk: Desk, council: IdentityProvider
) -> None:
    await _bent(desk, council)
    web, other = desk.browser(), desk.browser()
    address = await asyncio.to_thread(council.visit, (await web.get(GO)).headers["location"])
    assert (await other.get(address)).status_code == 400  # whose link was sent to somebody else
    await other.get(GO)
    assert (await other.get(address)).status_code == 400
    assert (await web.get(address.replace("state=", "state=x"))).status_code == 400
    kept = web.cookies["away"]
    assert (await web.get(address)).status_code == 200
    web.cookies.set("away", kept, domain="localhost.local")
    assert (await web.get(address)).status_code == 400
    late = await asyncio.to_thread(council.visit, (await other.get(GO)).headers["location"])
    desk.hands.later(minutes=11)
    assert (await other.get(late)).status_code == 400
    mixed = await asyncio.to_thread(council.visit, (await other.get(GO)).headers["location"])
    elsewhere = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Felsewhere.example", mixed)
    assert (await other.get(elsewhere)).status_code == 400  # RFC 9207: mixed up with another provider


async def test_once_more_at_the_provider_before_what_cannot_be_undone(desk: Desk, council: IdentityProvider) -> None:
    await known(desk, "again-1", "id-again")
    await known(desk, "again-2", "id-again-2")
    council.person = {"sub": "id-again"}
    web = desk.browser()
    await back(desk, council, web)
    desk.hands.later(minutes=11)
    assert (await post(web, "/desk/account/app")).headers["location"] == "/desk/prove"
    assert "/desk/prove/provider" in (await web.get("/desk/prove")).text
    sent = (await web.get("/desk/prove/provider")).headers["location"]
    assert "prompt=login" in sent
    assert "max_age=0" in sent
    council.bend = lambda claims: {**claims, "auth_time": claims["iat"] - 600}  # nobody typed anything there
    assert (await back(desk, council, web, "/desk/prove/provider")).status_code == 400
    council.bend = lambda claims: claims
    council.person = {"sub": "id-again-2"}  # a colleague
    assert (await back(desk, council, web, "/desk/prove/provider")).status_code == 400
    assert (await post(web, "/desk/account/app")).headers["location"] == "/desk/prove"
    council.person, before = {"sub": "id-again"}, web.cookies["staff"]
    assert (await back(desk, council, web, "/desk/prove/provider")).status_code == 200
    assert web.cookies["staff"] != before
    assert (await post(web, "/desk/account/app")).headers["location"] == "/desk/account/app"


async def test_no_token_and_no_address_is_kept(desk: Desk, council: IdentityProvider) -> None:
    await known(desk, "canary-1", "canary@council.example")
    council.person = {"sub": "id-canary-subject", "email": "canary@council.example"}
    assert (await back(desk, council)).status_code == 200
    folder = desk.exchange.settings.folder
    kept = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and ".db" in file.name)
    assert b"canary-1" in kept
    for secret in (b"canary@council", b"id-canary-subject"):
        assert secret not in kept
    assert not re.search(rb"eyJ[\w-]{8,}\.", kept)  # a token's head; three octets alone may be a cipher's


async def test_a_provider_of_other_people_s_making_lets_its_people_in(tmp_path: Path) -> None:
    """oidc-provider-mock, in a process of its own: written by somebody who has not seen this exchange."""
    port = free_port()
    claims = json.dumps({"sub": "rita", "email": "rita@council.example", "email_verified": True})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "oidc_provider_mock", "-p", str(port), "--user-claims", claims,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as there:
            found = await _up(there)
            async with desk_with(tmp_path, lambda *_: found["issuer"]) as desk:
                desk.hands.at = datetime.now(UTC)
                await known(desk, "real-1", "rita")
                web = desk.browser()
                where = (await web.get(GO)).headers["location"]
                sent = await there.post(where, data={"sub": "rita"})
                got = await web.get(sent.headers["location"])
                assert got.status_code == 200, got.text
                assert "Signed in as real-1" in (await web.get("/desk")).text
    finally:
        process.terminate()
        await process.wait()


async def _up(there: httpx.AsyncClient) -> dict[str, Any]:
    for _ in range(200):
        with contextlib.suppress(httpx.TransportError):
            found: dict[str, Any] = (await there.get("/.well-known/openid-configuration")).json()
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("the provider did not come up")
