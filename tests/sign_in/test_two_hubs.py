"""T22: two hubs on one database. What one of them has is not there for the other, by whatever route it is asked for.

The routes are those of journeys/rights.py: test_who_may.py fails when one is missing there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.policy import Role
from exchange.setting_up import add_token
from tests.journeys.rights import AT_THE_DESK, BY_PROGRAM
from tests.journeys.test_who_may import GIVEN, csrf, seen
from tests.sign_in.conftest import PASSWORD, Desk, Hands, desk_in, post

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
REFERRAL = {
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "worry"},
    "subjects": [{"given_name": "Canaria", "family_name": "Singbird"}],
}


class Side:
    """One hub, with somebody who holds every role, and their program."""

    def __init__(self, desk: Desk, web: httpx.AsyncClient, program: httpx.AsyncClient, reference: str) -> None:
        self.desk, self.web, self.program, self.reference = desk, web, program, reference


async def side(desk: Desk) -> Side:
    name = await desk.member("all-1", *Role)
    token = await add_token(desk.exchange, "all", tuple(role.value for role in Role), name)
    program = httpx.AsyncClient(
        base_url=f"{desk.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    desk.clients.append(program)
    lodged = (await program.post("/referrals", json=REFERRAL)).json()
    return Side(desk, await desk.signed_in(name), program, lodged["reference"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Side, Side]]:
    folder, hands = tmp_path_factory.mktemp("two"), Hands()
    async with desk_in(folder / "a", hands, second="optional") as one:
        shared = one.exchange.settings.database
        async with desk_in(folder / "b", hands, hub="northmoor", database=shared, second="optional") as other:
            yield await side(one), await side(other)


def address(pattern: str, case: str) -> str:
    return re.sub(r"\{(\w+)[^}]*\}", lambda named: case if named[1] == "case" else "anything", pattern)


def of_a_case(rows: dict[tuple[str, str], frozenset[str]]) -> list[tuple[str, str]]:
    return [(method, pattern) for method, pattern in rows if "{case}" in pattern]


async def test_a_case_of_the_other_hub_is_absent_by_every_route_of_the_desk(two: tuple[Side, Side]) -> None:
    here, there = two
    token = csrf((await here.web.get("/desk/sign-out")).text)
    rows = of_a_case(AT_THE_DESK)
    assert len(rows) > 60
    for method, pattern in rows:
        data = {**GIVEN, "csrf": token, "once": pattern} if method == "POST" else None
        theirs = await here.web.request(method, address(pattern, there.reference), data=data)
        absent = await here.web.request(method, address(pattern, "MASH-0000-0000"), data=data)
        assert theirs.status_code == absent.status_code == 404, (method, pattern, theirs.status_code)
        assert seen(theirs) == seen(absent), (method, pattern)


async def test_and_by_every_route_of_the_api(two: tuple[Side, Side]) -> None:
    here, there = two
    for method, pattern in of_a_case(BY_PROGRAM):
        body = {**GIVEN, "subjects": ["s1"]} if method == "POST" else None
        theirs = await here.program.request(method, address(pattern, there.reference), json=body)
        absent = await here.program.request(method, address(pattern, "MASH-0000-0000"), json=body)
        assert (theirs.status_code, theirs.content) == (404, absent.content), (method, pattern)


async def test_no_list_search_or_count_tells_of_it(two: tuple[Side, Side]) -> None:
    here, there = two
    token = csrf((await here.web.get("/desk/search")).text)
    found = await here.web.post(
        "/desk/search", data={"csrf": token, "family_name": "Singbird", "given_name": "Canaria"}
    )
    assert here.reference in found.text  # the search does find the hub's own
    assert there.reference not in found.text
    endless = "/desk/live"  # says "refresh" and nothing else, for as long as it is open (test_desk_live.py)
    listed = [p for (m, p) in AT_THE_DESK if m == "GET" and "{" not in p and p != endless]
    for path in listed:
        assert there.reference not in (await here.web.get(path)).text, path
    for path in (p for (m, p) in BY_PROGRAM if m == "GET" and "{" not in p):
        assert there.reference not in (await here.program.get(path)).text, path
    assert len((await here.program.get("/cases")).json()["cases"]) == 1


async def test_who_is_let_in_at_one_is_not_at_the_other(two: tuple[Side, Side]) -> None:
    here, there = two
    web = there.desk.browser()
    web.cookies.set("staff", here.web.cookies["staff"], domain="localhost.local")
    assert (await web.get("/desk")).headers["location"] == "/desk/sign-in"
    got = await there.program.get("/cases", headers={"Authorization": here.program.headers["authorization"]})
    assert got.status_code == 401
    await here.desk.member("only-here-1")
    assert (await post(web, "/desk/sign-in", member="only-here-1", password=PASSWORD)).status_code == 400


async def test_t24_a_flood_at_the_front_door_keeps_no_referral_out(two: tuple[Side, Side]) -> None:
    """Passwords are tried as fast as a machine can: it is turned away in the end, and who refers is not."""
    here, _ = two
    web = here.desk.browser()
    web.timeout = httpx.Timeout(100)
    token = csrf((await web.get("/desk/sign-in")).text)

    async def guess(number: int) -> int:
        data = {"csrf": token, "member": f"guess-{number}", "password": "wrong wrong wrong"}
        return (await web.post("/desk/sign-in", data=data)).status_code

    async def refer() -> int:
        return (await here.program.post("/referrals", json=REFERRAL)).status_code

    guessed = asyncio.gather(*(guess(number) for number in range(40)))
    referred = [await refer() for _ in range(5)]
    assert referred == [201] * 5
    assert set(await guessed) == {400, 429}
