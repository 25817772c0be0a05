"""Floods and guesses: whoever asks without end, or tries codes, takes nothing from the others (T23, T24).

Where a request comes from says the proxy in front: these play it, one address for each actor.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from exchange.codes import Codes
from exchange.demo.stage import stage
from exchange.policy import Role
from exchange.setting_up import add_token
from exchange.web import sources
from exchange.web.sources import AT_ONCE, MOST_WAITING, WRONG_TRIES
from tests.ready import ready
from tests.sign_in.conftest import Desk, Hands, csrf, desk_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
FLOOD, OFFICE = "192.0.2.66", "198.51.100.7"
SECONDS, EACH, LINES = 10, 20, 50  # a thousand requests a second
REFERRAL = {
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "worry"},
    "subjects": [{"given_name": "Mina"}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """The pages of a hub, whose clock stands still."""
    async with desk_in(tmp_path_factory.mktemp("flood"), Hands()) as made:
        yield made


def behind(url: str, address: str) -> httpx.AsyncClient:
    """Somebody whom the proxy sees at this address."""
    return httpx.AsyncClient(base_url=url, headers={"X-Forwarded-For": address}, timeout=60)


async def program(desk: Desk, label: str) -> httpx.AsyncClient:
    """A case system with a token of its own."""
    token = await add_token(desk.exchange, label, (Role.INTAKE_ADMIN.value,))
    made = httpx.AsyncClient(base_url=f"{desk.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    desk.clients.append(made)
    return made


async def test_who_guesses_at_codes_is_stopped_and_nobody_else(desk: Desk) -> None:
    """T23: what one source may guess in a year, and ten thousand sources in a hundred, finds nothing."""
    right = (await (await program(desk, "school")).post("/referrals", json=REFERRAL)).json()["receipt_code"]
    async with behind(desk.url, FLOOD) as guesser, behind(desk.url, OFFICE) as office:
        form, theirs = [{"csrf": csrf((await web.get("/receipt")).text)} for web in (guesser, office)]
        for n in range(WRONG_TRIES):
            got = await guesser.post("/receipt", data=form | {"code": f"guess-{n}"})
            assert got.status_code == 400
        for page in ("/receipt", "/receipt/print", "/referral/return"):
            stopped = await guesser.post(page, data=form | {"code": right})
            assert stopped.status_code == 429
            assert stopped.headers["retry-after"]
            assert "Wait a few minutes" in stopped.text
        assert (await guesser.post("/desk/sign-in", data=form | {"member": "m", "password": "p"})).status_code == 429
        assert (await guesser.get("/tell")).status_code == 200  # who must tell us something still can
        assert (await office.post("/receipt", data=theirs | {"code": right})).status_code == 200
        desk.hands.later(minutes=10)
        assert (await guesser.post("/receipt", data=form | {"code": right})).status_code == 200
    a_year = 365 * 24 * 6 * WRONG_TRIES
    assert 10_000 * 100 * a_year * 1_000_000 < 32**26 / 2**40  # a million receipts to be found; less than one in 2^40
    assert len(Codes(bytes(32)).receipt("c").replace("-", "")) == 26


async def test_many_pages_at_once_from_one_address_wait_and_only_what_is_beyond_is_sent_away(desk: Desk) -> None:
    most = AT_ONCE + MOST_WAITING
    async with behind(desk.url, FLOOD) as flood, behind(desk.url, OFFICE) as office:
        asked = [asyncio.create_task(flood.get("/privacy")) for _ in range(most)]
        assert (await office.get("/")).status_code == 200
        assert {(await one).status_code for one in asked} == {200}
        got = Counter([one.status_code for one in await asyncio.gather(*(flood.get("/privacy") for _ in range(100)))])
        assert got[200] >= most
        assert set(got) <= {200, 429}
        assert (await flood.get("/privacy")).status_code == 200


async def test_a_program_that_asks_without_end_is_told_to_wait_and_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await program(desk, "one"), await program(desk, "other")
    assert (await one.get("/cases")).status_code == 200
    monkeypatch.setattr(sources.Allowance, "left", lambda _self, who, _now: 0 if who == "token-one" else 1)
    got = await one.get("/cases")
    assert (got.status_code, got.headers["content-type"]) == (429, "application/problem+json")
    assert got.headers["retry-after"] == "60"
    assert (await other.get("/cases")).status_code == 200


@pytest.mark.long
async def test_a_thousand_requests_a_second_from_one_address_leave_the_others_served() -> None:
    """T24: for ten seconds; nobody else is refused, and 19 of 20 have their page within two seconds."""
    async with stage() as made:
        await ready(made)
        await made.serve("web")
        took: list[float] = []
        flood = [asyncio.create_task(line(made.base_url)) for _ in range(LINES)]
        async with behind(made.base_url, OFFICE) as office:
            for n in range(SECONDS * 4):
                began = time.monotonic()
                got = await office.get(("/", "/tell", "/receipt", "/desk/sign-in")[n % 4])
                took.append(time.monotonic() - began)
                assert got.status_code in (200, 303)
                await asyncio.sleep(max(0, 0.25 - took[-1]))
        answered = sum([await one for one in flood], Counter())
        assert answered.total() > 100 * SECONDS
        assert set(answered) <= {200, 429}
        assert statistics.quantiles(took, n=20)[-1] < 2, sorted(took)
        async with behind(made.base_url, FLOOD) as there:  # who is frightened, where the flood came from
            assert (await there.get("/tell")).status_code == 200


async def line(url: str) -> Counter[int]:
    """One of the flood's connections: so many requests a second, each when it is due or as soon as it can be."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    request = (
        f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nX-Forwarded-For: {FLOOD}\r\nConnection: close\r\n\r\n".encode()
    )
    answered: Counter[int] = Counter()
    begun = time.monotonic()
    for n in range(SECONDS * EACH):
        await asyncio.sleep(max(0, begun + n / EACH - time.monotonic()))
        if time.monotonic() - begun > SECONDS:
            break
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request)
        answered[int((await reader.read()).split(b" ", 2)[1])] += 1
        writer.close()
    return answered
