"""The front door of the desk, over a real socket, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pyotp
import pytest
import pytest_asyncio

from exchange.desk.acts import ACTS
from exchange.policy import STEP_UP, Role
from exchange.setting_up import add_token
from exchange.staffing import operators
from tests.sign_in.authenticator import Authenticator
from tests.sign_in.conftest import PASSWORD, Desk, Hands, csrf, desk_in, options_of, post

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE, IN = "/desk/account", "/desk/sign-in"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A hub with the settings that a real one has."""
    async with desk_in(tmp_path_factory.mktemp("strict"), Hands()) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def easy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """One where a password is enough."""
    async with desk_in(tmp_path_factory.mktemp("easy"), Hands(), second="optional") as desk:
        yield desk


async def with_app(desk: Desk, name: str) -> tuple[httpx.AsyncClient, pyotp.TOTP, list[str]]:
    """Somebody who set up an app at their first sign-in: their browser, the app, their codes on paper."""
    web = await desk.signed_in(await desk.member(name))
    assert (await post(web, f"{HERE}/app")).headers["location"] == f"{HERE}/app"
    page = (await web.get(f"{HERE}/app")).text
    key = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert key
    app = pyotp.TOTP(key[1].replace(" ", ""))
    picture = await web.get(f"{HERE}/app.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert key[1].replace(" ", "") not in picture.text
    got = await post(web, f"{HERE}/app/works", code=app.at(desk.hands.now()))
    papers = re.findall(r"<code>([A-Z0-9-]+)</code>", got.text)
    assert len(papers) == 10
    return web, app, papers


def seen(page: httpx.Response) -> str:
    """What a person sees of it: without what differs on every page."""
    return re.sub(r'(value|nonce|data-options)="[^"]*"', "", page.text)


async def asked_for_code(desk: Desk, name: str) -> httpx.AsyncClient:
    web = desk.browser()
    got = await post(web, IN, member=name, password=PASSWORD)
    assert got.headers["location"] == f"{IN}/code"
    return web


async def test_a_password_alone_opens_nothing_but_the_page_where_more_is_set_up(strict: Desk) -> None:
    web = await strict.signed_in(await strict.member("new-1"))
    for path in ("/desk", "/desk/search", "/desk/directory"):
        assert (await web.get(path)).headers["location"] == HERE
    assert "a password alone is not enough here" in (await web.get(HERE)).text
    web, _, _ = await with_app(strict, "new-2")
    assert (await web.get("/desk")).status_code == 200


async def test_after_the_password_comes_the_code_of_the_app_once(strict: Desk) -> None:
    _, app, _ = await with_app(strict, "app-1")
    strict.hands.later(minutes=1)
    code = app.at(strict.hands.now())
    web, other = await asked_for_code(strict, "app-1"), await asked_for_code(strict, "app-1")
    assert (await web.get("/desk")).headers["location"] == IN  # half-way opens nothing
    assert (await post(web, f"{IN}/code", code="000000")).status_code == 400
    assert (await post(web, f"{IN}/code", code=f"{code[:3]} {code[3:]}")).status_code == 303
    assert (await web.get("/desk")).status_code == 200
    assert (await post(other, f"{IN}/code", code=code)).status_code == 400  # read over a shoulder
    strict.hands.later(minutes=2)
    assert (await post(other, f"{IN}/code", code=code)).status_code == 400
    strict.hands.later(minutes=4)
    assert (await post(other, f"{IN}/code", code=app.at(strict.hands.now()))).headers["location"] == IN  # too slow


async def test_a_code_on_paper_lets_in_once(strict: Desk) -> None:
    _, _, papers = await with_app(strict, "paper-1")
    web, other = await asked_for_code(strict, "paper-1"), await asked_for_code(strict, "paper-1")
    typed = papers[3].lower().replace("-", " ")
    assert (await post(web, f"{IN}/code", code=typed)).status_code == 303
    assert (await post(other, f"{IN}/code", code=papers[3])).status_code == 400
    assert "You have 9 codes left" in (await web.get(HERE)).text
    _, _, of_another = await with_app(strict, "paper-2")
    assert (await post(other, f"{IN}/code", code=of_another[0])).status_code == 400


async def test_half_way_is_one_member_s_and_cannot_be_written_by_hand(strict: Desk) -> None:
    await with_app(strict, "half-1")
    web = await asked_for_code(strict, "half-1")
    until, name, seal = web.cookies["half"].strip('"').split(".")
    later = str(int(until) + 9999)
    made = (f"{later}.{name}.{seal}", f"{until}.bmV3LTE=.{seal}", "", "x", f"{until}.{name}.", f"{until}.%%.{seal}")
    for forged in made:
        web.cookies.set("half", forged, domain="localhost.local")
        assert (await web.get(f"{IN}/code")).headers.get("location") == IN, forged


async def test_ten_wrong_answers_of_any_kind_lock_a_name_until_the_hour_is_over(strict: Desk) -> None:
    _, app, papers = await with_app(strict, "lock-1")
    web = await asked_for_code(strict, "lock-1")
    for _ in range(10):
        assert (await post(web, f"{IN}/code", code="123123")).status_code == 400
    strict.hands.later(minutes=1)
    for code in (app.at(strict.hands.now()), papers[0]):
        assert (await post(web, f"{IN}/code", code=code)).status_code == 400
    other = strict.browser()
    got = await post(other, IN, member="lock-1", password=PASSWORD)
    unknown = await post(other, IN, member="nobody-1", password=PASSWORD)
    assert seen(got) == seen(unknown)  # locked, wrong and unknown are told alike
    strict.hands.later(hours=1)
    await asked_for_code(strict, "lock-1")


async def test_a_passkey_is_added_and_signs_in_without_a_name_even_while_passwords_are_locked(strict: Desk) -> None:
    web = await strict.signed_in(await strict.member("key-1"))
    device = Authenticator(strict.url)
    page = (await web.get(HERE)).text
    given = {"label": "Work laptop", "passkey": device.create(options_of(page))}
    before = web.cookies["staff"]
    got = await web.post(f"{HERE}/passkeys", data={"csrf": csrf(page), **given})
    assert "Codes on paper" in got.text
    assert web.cookies["staff"] != before
    assert "Work laptop" in (await web.get(HERE)).text
    for _ in range(10):
        await post(strict.browser(), IN, member="key-1", password="wrong wrong wrong")
    other = strict.browser()
    page = (await other.get(IN)).text
    sent = {"csrf": csrf(page), "passkey": device.get(options_of(page))}
    assert (await other.post(IN, data=sent)).headers["location"] == "/desk"
    assert (await other.get("/desk")).status_code == 200
    assert (await strict.browser().post(IN, data=sent)).status_code == 403  # taken to another browser
    thief = strict.browser()
    stolen = {**sent, "csrf": csrf((await thief.get(IN)).text)}
    assert (await thief.post(IN, data=stolen)).status_code == 400  # and with its own token: answered already
    assert (await thief.get("/desk")).headers["location"] == IN
    await operators(strict.exchange.hub).end("key-1")
    page = (await thief.get(IN)).text
    assert (
        await thief.post(IN, data={"csrf": csrf(page), "passkey": device.get(options_of(page))})
    ).status_code == 400


async def test_a_session_ends_by_quiet_and_by_age_and_the_page_says_when(easy: Desk) -> None:
    web = await easy.signed_in(await easy.member("quiet-1"))
    easy.hands.later(minutes=14, seconds=59)
    until = (easy.hands.now() + timedelta(minutes=15)).strftime("%H:%M")  # London in November is UTC
    assert f"If you open no other page by {until}" in (await web.get("/desk")).text
    easy.hands.later(minutes=15)
    assert (await web.get("/desk")).headers["location"] == IN
    web = await easy.signed_in("quiet-1")
    for _ in range(47):
        easy.hands.later(minutes=10)
        assert (await web.get("/desk")).status_code == 200
    easy.hands.later(minutes=10)
    assert (await web.get("/desk")).headers["location"] == IN


async def test_who_looked_comes_back_to_where_they_were(easy: Desk) -> None:
    web = await easy.signed_in(await easy.member("back-1"))
    easy.hands.later(hours=1)
    assert (await web.get("/desk/drift?hours=2")).headers["location"] == IN
    got = await post(web, IN, member="back-1", password=PASSWORD)
    assert got.headers["location"] == "/desk/drift?hours=2"


async def test_what_was_typed_when_the_session_was_over_is_shown_to_its_writer_alone(easy: Desk) -> None:
    web = await easy.signed_in(await easy.member("typed-1"))
    await easy.member("typed-2")
    token = csrf((await web.get("/desk/consultation")).text)
    easy.hands.later(hours=1)
    given = {
        "csrf": token,
        "once": "1",
        "on_page": "ask-2",
        "words": "He asked <b>what</b> a section 47 is",
        "name": "Rita Ringer",
    }
    assert (await web.post("/desk/consultation", data=given)).headers["location"] == IN
    assert (await post(web, IN, member="typed-2", password=PASSWORD)).headers["location"] == "/desk"
    assert (await web.get("/desk/kept")).headers["location"] == "/desk"  # somebody else at the same desk
    await post(web, "/desk/sign-out")
    assert (await post(web, IN, member="typed-1", password=PASSWORD)).headers["location"] == "/desk/kept"
    page = (await web.get("/desk/kept")).text
    assert "He asked &lt;b&gt;what&lt;/b&gt; a section 47 is" in page
    assert "On page" not in page  # what only a program reads
    assert 'action="/desk/consultation"' in page
    again = {"csrf": csrf(page), **{n: v for n, v in given.items() if n != "csrf"}}
    assert "significant harm" in (await web.post("/desk/consultation", data=again)).text  # it asks for the rest
    await post(web, "/desk/sign-out")
    assert (await post(web, IN, member="typed-1", password=PASSWORD)).headers["location"] == "/desk"
    assert "a section 47 is" in (await web.get("/desk/kept")).text
    assert (await post(web, "/desk/kept/drop")).status_code == 303
    assert (await web.get("/desk/kept")).headers["location"] == "/desk"


async def test_only_a_page_that_somebody_opened_is_come_back_to(easy: Desk) -> None:
    web = await easy.signed_in(await easy.member("stream-1"))
    easy.hands.later(hours=1)
    for headers in ({"Accept": "text/event-stream"}, {"Sec-Fetch-Dest": "image"}, {"Sec-Fetch-Dest": "empty"}):
        assert (await web.get("/desk/drift", headers=headers)).headers["location"] == IN
    assert (await post(web, IN, member="stream-1", password=PASSWORD)).headers["location"] == "/desk"


async def test_a_form_of_another_site_is_not_kept(easy: Desk) -> None:
    web = await easy.signed_in(await easy.member("forged-1"))
    easy.hands.later(hours=1)
    got = await web.post("/desk/consultation", data={"csrf": "x" * 43, "words": "planted"})
    assert got.headers["location"] == IN
    assert "kept" not in web.cookies


async def test_sessions_are_listed_by_what_people_call_their_machines_and_ended_from_anywhere(easy: Desk) -> None:
    name = await easy.member("many-1")
    here = await easy.signed_in(name)
    agents = {
        "Safari on iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
        "Edge on Windows": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0",
        "A browser": "<script>alert(1)</script>",
    }
    others = {}
    for called, agent in agents.items():
        others[called] = easy.browser(agent)
        await post(others[called], IN, member=name, password=PASSWORD)
    page = (await here.get(HERE)).text
    assert all(called in page for called in agents)
    assert "alert(1)" not in page
    for digest in (web.cookies["staff"] for web in others.values()):
        assert digest not in page
    ends = re.findall(r"/desk/account/sessions/(\w+)/end", page)
    assert len(ends) == 3
    stranger = await easy.signed_in(await easy.member("many-2"))
    assert (await post(stranger, f"{HERE}/sessions/{ends[0]}/end")).status_code == 404
    assert (await post(here, f"{HERE}/sessions/{ends[0]}/end")).status_code == 303
    still = [called for called, web in others.items() if (await web.get("/desk")).status_code == 200]
    assert len(still) == 2
    await operators(easy.exchange.hub).sign_out(name)
    for web in (here, *others.values()):
        assert (await web.get("/desk")).headers["location"] == IN
    here = await easy.signed_in(name)
    other = await easy.signed_in(name)
    assert (await post(here, f"{HERE}/sign-out-everywhere")).headers["location"] == IN
    for web in (here, other):
        assert (await web.get("/desk")).headers["location"] == IN


async def test_signing_in_takes_no_cookie_that_was_there_before(easy: Desk) -> None:
    name = await easy.member("fixed-1")
    planted = await easy.signed_in(await easy.member("fixed-2"))
    web = easy.browser()
    web.cookies.set("staff", planted.cookies["staff"], domain="localhost.local")
    await post(web, IN, member=name, password=PASSWORD)
    assert web.cookies["staff"] != planted.cookies["staff"]
    assert f"Signed in as {name}" in (await web.get("/desk")).text
    assert (await planted.get("/desk")).headers["location"] == IN


async def test_access_with_dates_begins_and_ends_by_itself(easy: Desk) -> None:
    hub, name = easy.exchange.hub, "dated-1"
    tomorrow, later = easy.hands.now() + timedelta(days=1), easy.hands.now() + timedelta(days=2)
    await operators(hub).add(name, (Role.SCREENING_OFFICER,), password=PASSWORD, since=tomorrow, until=later)
    assert (await post(easy.browser(), IN, member=name, password=PASSWORD)).status_code == 400
    easy.hands.at = later - timedelta(minutes=5)
    web = await easy.signed_in(name)
    assert (await web.get("/desk/search")).status_code == 200
    easy.hands.at = later
    assert (await web.get("/desk/search")).headers["location"] == IN
    assert (await post(easy.browser(), IN, member=name, password=PASSWORD)).status_code == 400


async def test_without_a_case_to_see_one_begins_at_the_account(easy: Desk) -> None:
    web = easy.browser()
    name = await easy.member("board-1", Role.BOARD_MEMBER)
    assert (await post(web, IN, member=name, password=PASSWORD)).headers["location"] == HERE
    page = (await web.get(HERE)).text
    assert "/desk/search" not in page
    assert (await web.get("/desk")).status_code == 404


async def test_changing_the_password_asks_who_it_is_and_signs_every_other_browser_out(easy: Desk) -> None:
    name = await easy.member("change-1")
    other, web = await easy.signed_in(name), await easy.signed_in(name)
    easy.hands.later(minutes=11)
    await other.get("/desk")
    got = await post(web, f"{HERE}/password", new_password="another three words")
    assert got.headers["location"] == "/desk/prove"
    assert (await post(web, "/desk/prove", password="not it at all")).status_code == 400
    before = web.cookies["staff"]
    got = await post(web, "/desk/prove", password=PASSWORD)
    assert got.headers["location"] == HERE  # what was typed was a password, and is kept nowhere
    stale = easy.browser()
    stale.cookies.set("staff", before, domain="localhost.local")
    assert (await stale.get("/desk")).headers["location"] == IN
    assert (await post(web, f"{HERE}/password", new_password="short")).status_code == 400
    assert (await post(web, f"{HERE}/password", new_password="another three words")).status_code == 303
    assert (await other.get("/desk")).headers["location"] == IN
    assert (await web.get("/desk")).status_code == 200
    assert (await post(easy.browser(), IN, member=name, password=PASSWORD)).status_code == 400


async def test_many_try_at_once_and_none_gets_a_code_twice(strict: Desk) -> None:
    _, app, _ = await with_app(strict, "race-1")
    strict.hands.later(minutes=1)
    webs = [await asked_for_code(strict, "race-1") for _ in range(5)]
    tokens = [csrf((await web.get("/desk/sign-out")).text) for web in webs]
    code = app.at(strict.hands.now())
    got = await asyncio.gather(
        *(w.post(f"{IN}/code", data={"csrf": t, "code": code}) for w, t in zip(webs, tokens, strict=True))
    )
    assert sorted(one.status_code for one in got) == [303, 400, 400, 400, 400]


async def test_before_what_cannot_be_undone_the_desk_asks_who_it_is_and_a_program_is_not_asked(easy: Desk) -> None:
    """Every act of policy.STEP_UP leads to the proof once it was too long ago; see test_staffing.py for the rest."""
    name = await easy.member("step-1", *Role)
    web, exchange = await easy.signed_in(name), easy.exchange
    token = await add_token(exchange, "step", tuple(role.value for role in Role), name)
    program = httpx.AsyncClient(base_url=f"{easy.url}/api/v1", headers={"Authorization": f"Bearer {token}"})
    easy.clients.append(program)
    referral = {
        "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
        "concern": {"immediate_danger": "no", "what_happened": "worry"},
        "subjects": [{"given_name": "Mina"}],
    }
    reference = (await program.post("/referrals", json=referral)).json()["reference"]
    token = csrf((await web.get("/desk/sign-out")).text)
    easy.hands.later(minutes=11)
    guarded = [act for act, made in ACTS.items() if made.action in STEP_UP]
    assert len(guarded) > 5
    for act in (*guarded, "look", "rate", "close"):
        given = {"csrf": token, "once": act, "reason": "told on the telephone"}
        got = await web.post(f"/desk/case/{reference}/{act}", data=given)
        asked = got.headers.get("location") == "/desk/prove"
        assert asked is (act in guarded), (act, got.status_code)
        got = await program.post(f"/cases/{reference}/{act}", json={"reason": "told on the telephone"})
        assert got.status_code in (200, 400, 409), (act, got.status_code)
    last = await web.post(f"/desk/case/{reference}/dispose", data={**given, "reason": "its time <i>came</i>"})
    assert last.headers["location"] == "/desk/prove"
    assert (await post(web, "/desk/prove", password=PASSWORD)).headers["location"] == "/desk/kept"
    page = (await web.get("/desk/kept")).text
    assert "its time &lt;i&gt;came&lt;/i&gt;" in page
    assert f'action="/desk/case/{reference}/dispose"' in page
    got = await web.post(f"/desk/case/{reference}/dispose", data={**given, "csrf": csrf(page)})
    assert got.headers.get("location") != "/desk/prove"
