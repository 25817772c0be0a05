"""Signing in in a real browser: its own authenticator makes a passkey; without script, a password and a code."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, CDPSession

from tests.browser.tab import DESKTOP, PHONE, Look, with_context
from tests.sign_in.conftest import PASSWORD, Desk, Hands, desk_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A hub with the settings that a real one has."""
    async with desk_in(tmp_path_factory.mktemp("browser"), Hands()) as made:
        yield made


async def with_device(look: Look, context: BrowserContext, **other: Any) -> tuple[CDPSession, str]:
    """The browser's own authenticator, in software: what a fingerprint reader is in hardware."""
    cdp = await context.new_cdp_session(look.page)
    await cdp.send("WebAuthn.enable")
    made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **other}})
    return cdp, made["authenticatorId"]


async def test_a_passkey_is_made_and_signs_in_alone(desk: Desk, chromium: Browser) -> None:
    await desk.member("keys-1")
    look, context = await with_context(chromium, size=DESKTOP)
    page = look.page
    cdp, device = await with_device(look, context)
    await page.goto(f"{desk.url}/desk/sign-in")
    await page.fill("#member", "keys-1")
    await page.fill("#password", PASSWORD)
    await look.good()
    await page.click("button[type=submit]")
    await page.wait_for_url("**/desk/account")
    await look.good()
    await page.fill("#label", "Work laptop")
    await page.click("button:text-is('Add a passkey')")
    await page.wait_for_selector("text=Codes on paper")
    await look.good()
    await page.click("text=I have kept them")
    assert "Work laptop" in await page.inner_text("main")
    await look.good()
    await page.fill("#label", "The same again")
    await page.click("button:text-is('Add a passkey')")
    await page.wait_for_selector("text=has a passkey for you already")
    await page.goto(f"{desk.url}/desk/sign-out")
    await page.click("button:text-is('Sign out')")
    await page.click("text=Sign in with a passkey")
    await page.wait_for_url("**/desk")
    assert "Signed in as keys-1" in await page.inner_text("footer")
    await look.good()
    desk.hands.later(minutes=11)
    await page.goto(f"{desk.url}/desk/account/app")
    await page.wait_for_url("**/desk/prove")
    await look.good()
    await page.click("text=Use your passkey")
    await page.wait_for_url("**/desk/account")  # no app is being set up: from there back to the account
    await page.goto(f"{desk.url}/desk/sign-out")
    await page.click("button:text-is('Sign out')")
    await cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    await page.click("text=Sign in with a passkey")
    await page.wait_for_selector("text=The passkey was not used")
    assert page.url.endswith("/desk/sign-in")
    await context.close()


async def test_without_script_a_password_and_the_code_of_an_app(desk: Desk, chromium: Browser) -> None:
    await desk.member("plain-1")
    look, context = await with_context(chromium, script=False, size=PHONE)
    page = look.page
    await page.goto(f"{desk.url}/desk/sign-in")
    assert not await page.is_visible("text=Sign in with a passkey")
    await page.fill("#member", "plain-1")
    await page.fill("#password", PASSWORD)
    await look.go_on("Sign in")
    await look.go_on("Set up an app")
    await look.good()
    assert await page.evaluate("document.querySelector('main img').naturalWidth") > 100
    key = re.sub(r"\s", "", await page.inner_text("main code"))
    await page.fill("#code", "12")
    await look.go_on("Finish")
    await page.wait_for_selector(".govuk-error-summary")
    look.wrong.clear()  # the browser itself names the reply with status 400
    await page.fill("#code", pyotp.TOTP(key).at(desk.hands.now()))
    await look.go_on("Finish")
    await look.good()
    await page.click("text=I have kept them")
    await look.good()
    await page.goto(f"{desk.url}/desk/sign-out")
    await look.go_on("Sign out")
    desk.hands.later(minutes=1)
    await page.fill("#member", "plain-1")
    await page.fill("#password", PASSWORD)
    await look.go_on("Sign in")
    await page.fill("#code", pyotp.TOTP(key).at(desk.hands.now()))
    await look.go_on()
    assert page.url == f"{desk.url}/desk"
    await page.goto(f"{desk.url}/desk/telephone")
    desk.hands.later(hours=1)
    await page.click("main form button:visible >> nth=0")
    assert page.url.endswith("/desk/sign-in")
    await page.fill("#member", "plain-1")
    await page.fill("#password", PASSWORD)
    await look.go_on("Sign in")
    await page.fill("#code", pyotp.TOTP(key).at(desk.hands.now()))
    await look.go_on()
    assert page.url.endswith("/desk/kept")
    await look.good()
    await context.close()
