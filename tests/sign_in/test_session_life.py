"""T21: whatever is done with sessions, in whatever order, a cookie opens what a plain model says, and no more.

The model knows of each cookie ever given whose it is, since when, when it was last used, and what ended it.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from exchange.staffing import operators
from tests.sign_in.conftest import PASSWORD, Desk, Hands, desk_in, post

T = TypeVar("T")
IDLE, WHOLE, FRESH = timedelta(minutes=15), timedelta(hours=8), timedelta(minutes=10)


@dataclass
class Life:
    """What the model knows of one cookie."""

    member: str
    web: httpx.AsyncClient
    cookie: str
    begun: datetime
    seen: datetime
    proved: datetime
    ended: bool = False

    def opens(self, now: datetime) -> bool:
        return not self.ended and now < self.seen + IDLE and now < self.begun + WHOLE


class Served:
    """One hub for all runs, in a loop of its own: making one takes seconds."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.hands = Hands()
        self._folder = tempfile.TemporaryDirectory(prefix="exchange-")
        self._made = desk_in(Path(self._folder.name), self.hands, second="optional")
        self.desk: Desk = self.run(self._made.__aenter__())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def stop(self) -> None:
        self.run(self._made.__aexit__(None, None, None))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._folder.cleanup()


class Sessions(RuleBasedStateMachine):
    """Two members, some browsers, and whoever has a copy of a cookie."""

    served: ClassVar[Served]
    lives = Bundle("lives")
    number: ClassVar[int] = 0

    def teardown(self) -> None:
        """Hundreds of runs: the browsers of one are closed before the next."""
        self.served.run(self.served.desk.close())

    @initialize()
    def people(self) -> None:
        Sessions.number += 1
        self.all: list[Life] = []
        self.members = [f"ada-{self.number}", f"ben-{self.number}"]
        for name in self.members:
            self.served.run(self.served.desk.member(name))

    @property
    def now(self) -> datetime:
        return self.served.hands.now()

    @rule(target=lives, which=st.integers(0, 1))
    def sign_in(self, which: int) -> Life:
        member = self.members[which]
        return self._begun(member, self.served.desk.browser())

    @rule(target=lives, life=lives, which=st.integers(0, 1))
    def sign_in_over(self, life: Life, which: int) -> Life:
        """In a browser where somebody is, or was, signed in: that session is over."""
        life.web.cookies.set("staff", life.cookie, domain="localhost.local")
        made = self._begun(self.members[which], life.web)
        life.ended = True
        return made

    def _begun(self, member: str, web: httpx.AsyncClient) -> Life:
        got = self.served.run(post(web, "/desk/sign-in", member=member, password=PASSWORD))
        assert got.status_code == 303
        made = Life(member, web, web.cookies["staff"], self.now, self.now, self.now)
        assert made.cookie not in {one.cookie for one in self.all}
        self.all.append(made)
        return made

    @rule(minutes=st.sampled_from([0.5, 2, 9, 11, 14, 16, 61, 481]))
    def wait(self, minutes: float) -> None:
        self.served.hands.later(minutes=minutes)

    @rule(life=lives)
    def look(self, life: Life) -> None:
        assert self._opens(life) is life.opens(self.now)
        self._used(life)

    @rule(life=lives)
    def change_the_password(self, life: Life) -> None:
        """Something that needs a fresh proof. The password stays what it is; every other session of theirs ends."""
        web = self._copy(life)
        got = self.served.run(post(web, "/desk/account/password", new_password=PASSWORD))
        opens, fresh = life.opens(self.now), self.now - life.proved <= FRESH
        if not opens:
            assert got.headers["location"] == "/desk/sign-in"
            return
        self._used(life)
        assert got.headers["location"] == ("/desk/account" if fresh else "/desk/prove")
        if fresh:
            for other in self.all:
                other.ended = other.ended or (other.member == life.member and other is not life)

    @rule(target=lives, life=consumes(lives))
    def prove(self, life: Life) -> Life:
        """The cookie changes, and the one before opens nothing; the session is no younger for it."""
        web, opens = self._copy(life), life.opens(self.now)
        got = self.served.run(post(web, "/desk/prove", password=PASSWORD))
        if not opens:
            assert got.headers["location"] == "/desk/sign-in"
            return life
        assert got.status_code == 303
        made = Life(life.member, web, web.cookies["staff"], life.begun, self.now, self.now)
        assert made.cookie not in {one.cookie for one in self.all}
        life.ended = True
        self.all.append(made)
        return made

    @rule(life=lives)
    def sign_out(self, life: Life) -> None:
        self.served.run(post(self._copy(life), "/desk/sign-out"))
        life.ended = True

    @rule(life=lives)
    def sign_out_everywhere(self, life: Life) -> None:
        opens = life.opens(self.now)
        self.served.run(post(self._copy(life), "/desk/account/sign-out-everywhere"))
        for other in self.all:
            other.ended = other.ended or (opens and other.member == life.member)

    @rule(which=st.integers(0, 1))
    def an_administrator_signs_them_out(self, which: int) -> None:
        self.served.run(operators(self.served.desk.exchange.hub).sign_out(self.members[which]))
        for other in self.all:
            other.ended = other.ended or other.member == self.members[which]

    @invariant()
    def what_is_over_opens_nothing(self) -> None:
        """To look at what is open would keep it open; what is over must stay so."""
        for life in getattr(self, "all", ())[-4:]:
            if not life.opens(self.now):
                assert not self._opens(life)

    def _used(self, life: Life) -> None:
        if life.opens(self.now) and self.now - life.seen > timedelta(minutes=1):
            life.seen = self.now

    def _opens(self, life: Life) -> bool:
        got = self.served.run(self._copy(life).get("/desk/account"))
        assert got.status_code == 200 or got.headers["location"] == "/desk/sign-in"
        assert got.status_code != 200 or f"Signed in as {life.member}" in got.text
        return got.status_code == 200

    def _copy(self, life: Life) -> httpx.AsyncClient:
        """Another browser with this cookie alone: whoever has it is whoever it says."""
        web = self.served.desk.browser()
        web.cookies.set("staff", life.cookie, domain="localhost.local")
        return web


@pytest.fixture(scope="module")
def served() -> Any:
    made = Served()
    yield made
    made.stop()


LONG = (pytest.mark.long, pytest.mark.timeout(1800))  # some thousand passwords, each hashed as slowly as it must be


@pytest.mark.timeout(600)
@pytest.mark.parametrize("runs", [3, pytest.param(150, marks=LONG)])
def test_t21_a_cookie_opens_what_the_model_says(served: Served, runs: int) -> None:
    Sessions.served = served
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=runs, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
