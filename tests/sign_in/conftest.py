"""A hub in this process, on both databases, with a clock that the test moves; and its pages, served."""

from __future__ import annotations

import asyncio
import contextlib
import html
import re
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange import outgoing
from exchange.app import Opened, opened
from exchange.config import Provider, SignIn, Web, read
from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, free_port
from exchange.examining import Examiner
from exchange.hub import Hub
from exchange.mailroom import Mailroom
from exchange.policy import Role
from exchange.safe import Safe
from exchange.setting_up import apply_hub_file, init
from exchange.staffing import operators
from exchange.store.database import KEYS, Database
from exchange.web.server import WebServer
from keys.vault import generate_master
from mailflow.reader import Reader

PASSWORD = "three words apart"
TRUSTED = ssl.create_default_context()  # made once: that takes longer than all else, and no page here is https


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    at: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def hub(database: Database, hands: Hands, tmp_path: Path) -> AsyncIterator[Hub]:
    keystore = Database(f"sqlite+aiosqlite:///{tmp_path}/keys.db", KEYS)
    await keystore.open()
    master, public = generate_master()
    yield Hub("northmoor", database, Safe(keystore, "northmoor", hands, public, master), hands)
    await keystore.close()


@dataclass
class Desk:
    """A hub's pages, served on a socket of their own by this process, whose clock a test moves."""

    exchange: Opened
    hands: Hands
    url: str
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, agent: str = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0") -> httpx.AsyncClient:
        """Somebody's browser, without script."""
        made = httpx.AsyncClient(base_url=self.url, headers={"User-Agent": agent}, timeout=30, verify=TRUSTED)
        self.clients.append(made)
        return made

    async def close(self) -> None:
        """All browsers."""
        while self.clients:
            await self.clients.pop().aclose()

    async def member(self, name: str, *roles: Role, password: str = PASSWORD) -> str:
        """Somebody who is with the hub."""
        await operators(self.exchange.hub).add(name, roles or (Role.HUB_MANAGER,), password=password)
        return name

    async def signed_in(self, name: str) -> httpx.AsyncClient:
        """Their browser, signed in by password."""
        web = self.browser()
        got = await post(web, "/desk/sign-in", member=name, password=PASSWORD)
        assert got.status_code == 303, got.text
        return web


def csrf(page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


def options_of(page: str) -> str:
    """What the page's script is given to ask for a passkey."""
    found = re.search(r'data-options="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


async def post(web: httpx.AsyncClient, path: str, page: str = "/desk/sign-out", **given: str) -> httpx.Response:
    """Send a form, with the token of a page of this browser's."""
    return await web.post(path, data={"csrf": csrf((await web.get(page)).text), **given})


@contextlib.asynccontextmanager
async def desk_in(
    folder: Path, hands: Hands, issuer: Callable[[str, Hands], str] | None = None, hub: str = "fakeshire",
    database: str = "", **sign_in: Any,
) -> AsyncIterator[Desk]:  # fmt: skip
    """The pages of a new hub in `folder`; `sign_in` are settings of that table, `issuer` makes its identity provider
    for the address of the pages."""
    url = f"http://localhost:{free_port()}"
    made = init(folder / "hub", HUB_ADDRESS, url, database, hub, f"{hub.title()} MASH")
    settings = read(made.settings_file)
    listen = Web(port=int(url.rpartition(":")[2]))
    (folder / "hub" / "client-secret").write_text("a secret between the two")
    at = issuer(url, hands) if issuer else ""
    provider = Provider(issuer=at, client_id="exchange-at-fakeshire", client_secret_file=Path("client-secret"))
    changed = {"web": listen, "sign_in": SignIn(**sign_in), "provider": provider}
    settings = settings.model_copy(update=changed)
    async with opened(settings, hands) as exchange:
        text = await asyncio.to_thread(HUB_FILE.read_text)
        await apply_hub_file(exchange, str(HUB_FILE), text.replace('"fakeshire"', f'"{hub}"', 1))
        reader = await Reader.start()
        room = Mailroom(Examiner(reader, None, outgoing.resolver(settings)), exchange.addresses, HUB_ADDRESS)
        server = WebServer(exchange.hub, room, settings, exchange.keyroom)
        await server.start()
        desk = Desk(exchange, hands, url)
        yield desk
        await desk.close()
        await server.stop()
        await reader.close()
