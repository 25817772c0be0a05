"""Passkeys: what an authenticator really signed is taken once, and everything forged, replayed or borrowed is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from exchange.hub import Hub
from exchange.passkeys import LASTS, MOST, Owner, Passkeys
from keys.passkeys import party
from keys.refusal import Refused
from tests.sign_in.authenticator import PRESENT, VERIFIED, Authenticator, read, written
from tests.sign_in.conftest import Hands

ORIGIN = "https://hub.example"
ADA, BEN = Owner("staff", "ada-1"), Owner("staff", "ben-1")


@pytest.fixture
def here(hub: Hub) -> Passkeys:
    return Passkeys(hub, party("https://hub.example:443", "Northmoor"))


async def made(here: Passkeys, owner: Owner = ADA, device: Authenticator | None = None) -> Authenticator:
    device = device or Authenticator(ORIGIN)
    options = await here.begin_register(owner, "session", owner.id)
    await here.finish_register(owner, "session", "work laptop", device.create(options))
    return device


async def test_who_registered_proves_who_they_are_without_saying_their_name(here: Passkeys) -> None:
    ada, ben = await made(here), await made(here, BEN)
    assert await here.finish_proof("staff", "", ada.get(await here.begin_proof("staff", ""))) == ADA
    assert await here.finish_proof("staff", "", ben.get(await here.begin_proof("staff", ""))) == BEN
    (kept,) = await here.listed(ADA)
    assert (kept.label, kept.used_at) == ("work laptop", here.hub.clock.now())


async def test_the_page_is_told_of_nobody_s_passkeys_but_the_owner_s(here: Passkeys) -> None:
    ada = await made(here)
    assert json.loads(await here.begin_proof("staff", ""))["allowCredentials"] == []
    assert json.loads(await here.begin_proof("staff", "s", BEN.id))["allowCredentials"] == []
    (named,) = json.loads(await here.begin_proof("staff", "s", ADA.id))["allowCredentials"]
    assert read(named["id"]) == ada.credential


async def test_a_challenge_counts_once_and_not_for_ever(here: Passkeys, hands: Hands) -> None:
    ada = await made(here)
    answer = ada.get(await here.begin_proof("staff", ""))
    assert await here.finish_proof("staff", "", answer) == ADA
    with pytest.raises(Refused, match="sent before"):
        await here.finish_proof("staff", "", answer)
    late = ada.get(await here.begin_proof("staff", ""))
    hands.later(seconds=LASTS.total_seconds())
    with pytest.raises(Refused, match="too long"):
        await here.finish_proof("staff", "", late)


def changed(answer: str, part: str, by: Callable[[bytes], bytes]) -> str:
    given: dict[str, Any] = json.loads(answer)
    given["response"][part] = written(by(read(given["response"][part])))
    return json.dumps(given)


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def at(origin: str, like: Authenticator, flags: int = PRESENT | VERIFIED, framed: bool = False) -> Authenticator:
    """The same key, in another place."""
    return Authenticator(origin, flags, cross_origin=framed, credential=like.credential, key=like.key)


REGISTERING = {
    "rp": {"id": "hub.example"},
    "user": {"id": ""},
    "authenticatorSelection": {"userVerification": "required"},
}
FORGED: dict[str, Callable[[Authenticator, str], str]] = {
    "another page": lambda a, o: at("https://hub.example.evil.example", a).get(o),
    "another port": lambda a, o: at("https://hub.example:8443", a).get(o),
    "in clear": lambda a, o: at("http://hub.example", a).get(o),
    "framed": lambda a, o: at(ORIGIN, a, framed=True).get(o),
    "for another site": lambda a, o: a.get(o, "evil.example"),
    "another key": lambda a, o: Authenticator(ORIGIN, credential=a.credential).get(o),
    "nobody's": lambda a, o: Authenticator(ORIGIN).get(o),
    "nobody was recognised": lambda a, o: at(ORIGIN, a, PRESENT).get(o),
    "signature changed": lambda a, o: changed(a.get(o), "signature", flipped),
    "data changed": lambda a, o: changed(a.get(o), "authenticatorData", flipped),
    "challenge of our own": lambda a, o: a.get(json.dumps({**json.loads(o), "challenge": written(bytes(56))})),
    "short challenge": lambda a, o: a.get(json.dumps({**json.loads(o), "challenge": ""})),
    "a registration": lambda a, o: a.create(json.dumps({**json.loads(o), **REGISTERING})),
    "no JSON": lambda a, o: "no",
    "a list": lambda a, o: "[]",
    "empty": lambda a, o: "{}",
    "a number for an id": lambda a, o: json.dumps({**json.loads(a.get(o)), "rawId": 7}),
    "deep": lambda a, o: '{"response":' + "[" * 30_000,
}  # fmt: skip


@pytest.mark.parametrize("how", FORGED)
async def test_what_is_forged_is_refused_in_words_that_tell_nothing(here: Passkeys, how: str) -> None:
    ada = await made(here)
    with pytest.raises(Refused) as refused:
        await here.finish_proof("staff", "", FORGED[how](ada, await here.begin_proof("staff", "")))
    assert ADA.id not in str(refused.value)
    assert await here.finish_proof("staff", "", ada.get(await here.begin_proof("staff", ""))) == ADA


async def test_an_answer_counts_where_it_was_asked_for_alone(here: Passkeys) -> None:
    """Another session's page, another member's step-up, another kind of person, a page for registering."""
    ada, ben = await made(here), await made(here, BEN)
    mine = await here.begin_proof("staff", "my session", ADA.id)
    for kind, bound, owner in (
        ("staff", "", ""), ("staff", "their session", ADA.id), ("staff", "my session", BEN.id),
        ("referrer", "my session", ADA.id),
    ):  # fmt: skip
        with pytest.raises(Refused):
            await here.finish_proof(kind, bound, ada.get(mine), owner)
    with pytest.raises(Refused, match="not known"):  # somebody else's finger in my session
        await here.finish_proof("staff", "my session", ben.get(mine), ADA.id)
    assert await here.finish_proof("staff", "my session", ada.get(mine), ADA.id) == ADA
    with pytest.raises(Refused):
        await here.finish_proof("referrer", "", ada.get(await here.begin_proof("referrer", "")))


async def test_registering_counts_once_for_its_owner_in_its_session(here: Passkeys) -> None:
    device = Authenticator(ORIGIN)
    options = await here.begin_register(ADA, "session", ADA.id)
    for owner, bound in ((BEN, "session"), (ADA, "other"), (ADA, "")):
        with pytest.raises(Refused):
            await here.finish_register(owner, bound, "", device.create(options))
    unseen = Authenticator(ORIGIN, PRESENT)
    with pytest.raises(Refused):
        await here.finish_register(ADA, "session", "", unseen.create(options))
    await here.finish_register(ADA, "session", "", device.create(options))
    with pytest.raises(Refused, match="sent before"):
        await here.finish_register(ADA, "session", "", device.create(options))
    with pytest.raises(Refused, match="registered already"):
        await made(here, BEN, device)
    assert [one.label for one in await here.listed(ADA)] == ["Passkey"]
    assert await here.listed(BEN) == ()


async def test_a_copied_authenticator_is_found_out_by_its_count(here: Passkeys) -> None:
    ada = await made(here, ADA, Authenticator(ORIGIN, count=5))
    copied = Authenticator(ORIGIN, count=5, credential=ada.credential, key=ada.key)
    ada.count = 7
    await here.finish_proof("staff", "", ada.get(await here.begin_proof("staff", "")))
    with pytest.raises(Refused):
        await here.finish_proof("staff", "", copied.get(await here.begin_proof("staff", "")))


async def test_a_passkey_is_removed_by_its_owner_alone_and_then_counts_no_more(here: Passkeys) -> None:
    ada = await made(here)
    (kept,) = await here.listed(ADA)
    assert not await here.remove(BEN, kept.digest)
    assert await here.remove(ADA, kept.digest)
    with pytest.raises(Refused, match="not known"):
        await here.finish_proof("staff", "", ada.get(await here.begin_proof("staff", "")))


async def test_nobody_fills_the_table(here: Passkeys) -> None:
    for _ in range(MOST):
        await made(here)
    with pytest.raises(Refused, match="remove one first"):
        await made(here)


@pytest.mark.parametrize(
    ("base_url", "usable"),
    [
        ("https://hub.example", True),
        ("http://localhost:8080", True),
        ("http://127.0.0.1:8080", False),
        ("https://192.0.2.7", False),
        ("https://[2001:db8::1]", False),
        ("http://hub.example", False),
    ],
)
def test_where_browsers_make_passkeys(base_url: str, usable: bool) -> None:
    assert party(base_url).usable is usable
