"""What waits to be sent once somebody has signed in again is told in the words of its form, and about whom it is."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.policy import Role
from exchange.setting_up import add_token
from tests.sign_in.conftest import PASSWORD, Desk, Hands, csrf, desk_in, post

pytestmark = pytest.mark.asyncio(loop_scope="module")
IN = "/desk/sign-in"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def easy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A hub where a password is enough."""
    async with desk_in(tmp_path_factory.mktemp("kept"), Hands(), second="optional") as made:
        yield made


def words(page: str) -> str:
    """What a person reads of a page."""
    shown = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())


async def siblings(desk: Desk, member: str) -> str:
    """A case of two, taken by a program in somebody's name; its reference."""
    token = await add_token(desk.exchange, f"of-{member}", tuple(role.value for role in Role), member)
    referral = {
        "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
        "concern": {"immediate_danger": "no", "what_happened": "worry"},
        "subjects": [{"given_name": "Mina"}, {"given_name": "Otto"}],
    }
    async with httpx.AsyncClient(base_url=f"{desk.url}/api/v1", headers={"Authorization": f"Bearer {token}"}) as web:
        return str((await web.post("/referrals", json=referral)).json()["reference"])


async def again(web: httpx.AsyncClient, member: str) -> str:
    """They sign in once more, and read what waits."""
    assert (await post(web, IN, member=member, password=PASSWORD)).headers["location"] == "/desk/kept"
    return words((await web.get("/desk/kept")).text)


async def test_a_rating_is_told_with_its_case_its_person_and_its_label(easy: Desk) -> None:
    name = await easy.member("rates-1", *Role)
    web = await easy.signed_in(name)
    reference = await siblings(easy, name)
    token = csrf((await web.get(f"/desk/case/{reference}")).text)
    easy.hands.later(minutes=16)
    given = {
        "csrf": token, "once": "1", "acts": "1", "on_page": "rate", "rate:subject": "s2", "rate.rating": "amber",
        "rate.reason": "told twice", "decide.reason": "not yet", "decide:subject": "s1",
    }  # fmt: skip
    assert (await web.post(f"/desk/case/{reference}/rate", data=given)).headers["location"] == IN

    asked = words((await web.get(IN)).text)
    assert "You were signed out after 15 minutes without use. What you were sending is kept" in asked
    assert not [word for word in (reference, "told twice", "Otto", name) if word in asked]
    told = await again(web, name)
    assert f"Case {reference} About Mina, Otto" in told
    assert re.search(r"What [^.]*Rate", told), told
    assert "Who Otto" in told
    assert "Amber" in told
    assert "Reason told twice" in told
    assert not re.search(r"\bs2\b|\bamber\b", told)
    sent, _, beside = told.partition("Typed elsewhere on that page")
    assert ("not yet" in sent, "not yet" in beside) == (False, True)


async def test_a_role_is_told_with_whose_it_is(easy: Desk) -> None:
    name, other = await easy.member("gives-1", *Role), await easy.member("gets-1", Role.SCREENING_OFFICER)
    web = await easy.signed_in(name)
    easy.hands.later(minutes=11)  # too long ago for what gives somebody rights
    given = {"role": "decision_manager", "since": "2026-11-24", "until": ""}
    got = await post(web, f"/desk/admin/staff/{other}/give", **given)
    assert got.headers["location"] == "/desk/prove"
    assert (await post(web, "/desk/prove", password=PASSWORD)).headers["location"] == "/desk/kept"
    told = words((await web.get("/desk/kept")).text)
    assert other in told
    assert f"Page Staff: {other} What Give a role" in told
    assert "Role Decision manager" in told
    assert "First day (optional) 2026-11-24" in told


async def test_the_page_to_sign_in_says_how_a_session_ended_and_nothing_to_who_had_none(easy: Desk) -> None:
    name = await easy.member("over-1")
    assert "You were signed out" not in words((await easy.browser().get(IN)).text)
    web = await easy.signed_in(name)
    for _ in range(49):
        easy.hands.later(minutes=10)
        await web.get("/desk/account")
    told = words((await web.get(IN)).text)
    assert "You were signed out: a session lasts 8 hours at most. Sign in, and you come back to where" in told
    await post(web, IN, member=name, password=PASSWORD)
    easy.hands.later(minutes=16)
    await web.get("/desk/account")
    assert "after 15 minutes without use. Sign in, and you come back to where you were." in words(
        (await web.get(IN)).text
    )
