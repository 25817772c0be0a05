"""Over TLS in a real browser: what it keeps of ours is bound to us, and another site gets nothing of it (T20)."""

from __future__ import annotations

import asyncio
import contextlib
import html
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import trustme
from playwright.async_api import Browser, BrowserContext, Page

from exchange.demo.stage import free_port, stage
from tests.browser.tab import PASSWORD
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]
LAX = {"__Host-language"}  # says nothing but a language, to whoever comes by a link in a letter


@dataclass
class Proxy:
    """What an operator puts in front: it ends TLS, and passes on."""

    port: int
    behind: int
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = [one for one in head.split("\r\n")[:-2] if not one.lower().startswith("connection:")]
            length = next((int(one[15:]) for one in lines if one.lower().startswith("content-length:")), 0)
            body = await reader.readexactly(length)
            asked = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body
            await self.pass_on(asked, writer)

    async def pass_on(self, asked: bytes, writer: asyncio.StreamWriter) -> None:
        """One request; the answer as it comes, for some never end."""
        hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", self.behind)
        with contextlib.closing(hub_writer):
            hub_writer.write(asked)
            while piece := await hub_reader.read(65536):
                writer.write(piece)
                await writer.drain()

    async def stop(self) -> None:
        """A browser keeps connections on which it asks nothing."""
        for task in set(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url() -> AsyncIterator[str]:
    """A hub behind its proxy."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "m", "--roles", "hub_manager", "--password-file", str(secret))
        proxy = Proxy(free_port(), urlsplit(made.base_url).port or 0)
        made.environment["EXCHANGE_BASE_URL"] = f"https://127.0.0.1:{proxy.port}"
        await made.serve("web")
        async with await asyncio.start_server(proxy.take, "127.0.0.1", proxy.port, ssl=tls):
            yield made.environment["EXCHANGE_BASE_URL"]
            await proxy.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def context(url: str, chromium: Browser) -> AsyncIterator[BrowserContext]:
    """Somebody's browser, in which she is signed in and has begun to write a referral."""
    made = await chromium.new_context(ignore_https_errors=True)
    page = await made.new_page()
    await page.goto(f"{url}/?language=cy")
    await page.goto(f"{url}/?language=en")
    await page.click("button[value=child]")
    await page.check("input[value=no]")
    await page.click("button:text-is('Continue')")
    await page.goto(f"{url}/desk/sign-in")
    await page.fill("#member", "m")
    await page.fill("#password", PASSWORD)
    await page.click("button:text-is('Sign in')")
    await page.wait_for_url(f"{url}/desk")
    yield made
    await made.close()


async def test_each_cookie_is_bound_to_this_host_and_no_script_reads_it(url: str, context: BrowserContext) -> None:
    kept = await context.cookies()
    assert {"__Host-form", "__Host-staff", "__Host-language"} <= {one["name"] for one in kept}
    for one in kept:
        assert one["name"].startswith("__Host-"), one["name"]  # which a browser takes without a domain alone
        assert (one["secure"], one["httpOnly"], one["path"]) == (True, True, "/"), one["name"]
        assert one["sameSite"] == ("Lax" if one["name"] in LAX else "Strict"), one["name"]
    page = await context.new_page()
    got = await page.goto(f"{url}/desk")
    assert got
    assert (await got.all_headers())["strict-transport-security"] == "max-age=31536000"
    assert await page.evaluate("document.cookie") == ""


@contextlib.asynccontextmanager
async def elsewhere(context: BrowserContext, body: str) -> AsyncIterator[Page]:
    """A page of another site, open in the same browser."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body.encode())}"
            writer.write(f"{head}\r\nConnection: close\r\n\r\n{body}".encode())
            await writer.drain()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as theirs:
        page = await context.new_page()
        await page.goto(f"http://localhost:{theirs.sockets[0].getsockname()[1]}/")
        yield page
        await page.close()


@pytest.mark.parametrize(
    ("path", "status"),  # who she is does not come along, nor the token of our page
    [("/desk/sign-out", 403), ("/desk/account/sign-out-everywhere", 303), ("/referral/check", 403)],
)
async def test_a_form_on_another_sites_page_does_nothing(
    url: str, context: BrowserContext, path: str, status: int
) -> None:
    form = f'<form method=post action="{html.escape(url + path)}"><input name=csrf value=guess>'
    async with elsewhere(context, f"{form}<button>press</button></form>") as page:
        async with page.expect_response(lambda got: got.url == url + path) as got:
            await page.click("button")
        answered = await got.value
        assert (answered.request.method, answered.status) == ("POST", status)
    async with elsewhere(context, f"<a href='{url}/desk'>press</a>") as page:
        await page.click("a")  # a strict cookie does not come along, and is there when she opens the page herself
        await page.wait_for_url("**/desk/sign-in")
        await page.goto(f"{url}/desk")
        assert "Signed in as m" in await page.inner_text("body")


async def test_another_sites_page_neither_frames_nor_reads_ours(url: str, context: BrowserContext) -> None:
    script = f"fetch('{url}/desk', {{credentials: 'include'}}).then(() => 'read', () => 'kept from it')"
    async with elsewhere(context, f"<iframe src='{url}/tell'></iframe>") as page:
        assert await page.evaluate(script) == "kept from it"
        framed = page.frames[1]
        assert framed.url == "chrome-error://chromewebdata/"
