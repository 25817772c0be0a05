"""Nobody finds a receipt by trying: what is wrong is told alike, and takes alike, however near it comes (T23)."""

from __future__ import annotations

import math
import re
import secrets
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.codes import Codes
from exchange.demo.stage import Stage, stage
from tests.ready import ready
from tests.sign_in.test_told_alike import CHANCE, apart

pytestmark = pytest.mark.asyncio(loop_scope="module")
SPOKEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SAMPLES = 10_000  # of each; the difference that a thousandth of a millisecond makes would show
ROUNDS = 3  # chance alone makes one of a hundred look different, and not three one after the other


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve()
        yield made


def guess() -> str:
    return "".join(secrets.choice(SPOKEN) for _ in range(26))


async def lodged(hub: Stage) -> str:
    """The receipt code of a referral."""
    token = (await hub.command("token", "add", "school", "--roles", "intake_admin")).strip()
    referral = {
        "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
        "subjects": [{"given_name": "Mina"}],
        "concern": {"immediate_danger": "no", "what_happened": "worry"},
    }
    async with httpx.AsyncClient(base_url=hub.base_url, headers={"Authorization": f"Bearer {token}"}) as program:
        return str((await program.post("/api/v1/referrals", json=referral)).json()["receipt_code"])


@pytest.mark.parametrize("guesses", [100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
async def test_guesses_find_nothing(guesses: int) -> None:
    """By arithmetic, and tried; how few one source may try at all shows test_flood.py."""
    codes = Codes(secrets.token_bytes(32))
    known = {codes.receipt_digest(codes.receipt(f"case{n}")) for n in range(1_000)}
    octets = secrets.token_bytes(26 * guesses)
    for at in range(0, len(octets), 26):
        assert codes.receipt_digest("".join(SPOKEN[b % 32] for b in octets[at : at + 26])) not in known
    assert math.log2(32**26) >= 128


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_a_near_miss_is_answered_like_any_other_in_words_and_in_time(hub: Stage) -> None:
    right = (await lodged(hub)).replace("-", "")
    pages, found = set[str](), list[float]()
    async with httpx.AsyncClient(base_url=hub.base_url) as web:
        form = re.search(r'name="csrf"[^>]*value="([^"]+)"', (await web.get("/receipt")).text)
        assert form
        for _ in range(ROUNDS):
            took: dict[str, list[float]] = {"near": [], "far": []}
            for n in range(2 * SAMPLES):
                kind = ("near", "far")[(n + n // 2) % 2]  # in no order that anything else could follow
                last = SPOKEN[(SPOKEN.index(right[-1]) + 1 + n % 31) % 32]
                code = right[:-1] + last if kind == "near" else guess()
                began = time.perf_counter()
                got = await web.post("/receipt", data={"csrf": form[1], "code": code})
                took[kind].append(time.perf_counter() - began)
                assert got.status_code == 400
                pages.add(re.sub(r'nonce="[^"]*"|nonce-[^;"]*', "", got.text))
            found.append(apart(took["near"], took["far"]))
            if found[-1] > CHANCE:
                break
        assert (await web.post("/receipt", data={"csrf": form[1], "code": right})).status_code == 200
    assert len(pages) == 1
    assert found[-1] > CHANCE, found  # T23: p > 0.01 over ten thousand of each
