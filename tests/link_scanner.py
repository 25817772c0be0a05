"""A mail scanner that opens every link of a letter, as security gateways do, and presses what it finds there (T18).

It fetches (GET, HEAD), submits each form without the page's cookie, and as a browser that has it; three times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.web_client import Page
from tests.full_case import forms

TIMES = 3


def links(mails: Iterable[Read], base: str) -> set[str]:
    """Every address of ours in these mails, whatever is said beside it."""
    found: set[str] = set()
    for mail in mails:
        whole = mail.text + "\n" + "\n".join(a.decode("utf-8", "ignore") for a in mail.attachments.values())
        urls = re.findall(rf"{re.escape(base)}/[^\s<>\"']+", whole.replace("=\n", ""))
        found |= {u.rstrip(").,;>\"'") for u in urls}
    return found


def kinds(urls: Iterable[str]) -> set[str]:
    """The pages they lead to: answer, release, pickup..."""
    return {re.sub(r"https?://[^/]+/([a-z]+).*", r"\1", url) for url in urls}


async def scanned(urls: Iterable[str], times: int = TIMES) -> dict[str, int]:
    """All of it; afterwards each link can still be used by whoever could before: how each of them answers."""
    before = await _answers(urls)
    for _ in range(times):
        for url in sorted(urls):
            await scan(url)
    assert await _answers(urls) == before
    return before


async def _answers(urls: Iterable[str]) -> dict[str, int]:
    async with httpx.AsyncClient(timeout=60) as somebody:
        return {url: (await somebody.get(url)).status_code for url in sorted(urls)}


async def scan(url: str) -> None:
    """What a scanner does with one link."""
    async with httpx.AsyncClient(timeout=60) as bot:
        assert (await bot.head(url)).status_code < 500
        for to, holds in _forms(await bot.get(url)):
            bot.cookies.clear()
            alone = await bot.post(to, data=holds)
            assert alone.status_code in (403, 405), (url, alone.status_code)
        for to, holds in _forms(
            await bot.get(url)
        ):  # a browser with cookies that presses each button, and types nothing
            pressed = await bot.post(to, data=holds)
            sends_a_code = to.endswith("/code")  # to somebody in the directory, once a minute
            assert pressed.status_code in (400, 403, 404, 405) or sends_a_code, (url, pressed.status_code)


def _forms(response: httpx.Response) -> list[tuple[str, dict[str, list[str]]]]:
    """Where each form goes, and what it holds as it stands."""
    found = forms(Page(str(response.url), response.status_code, response.text, {}))
    tags = re.findall(r"<form[^>]*>", response.text)
    to = [re.search(r'action="([^"]*)"', tag) for tag in tags]
    return [
        (str(response.url.join(at[1] if at else "")), {c.name: c.holds for c in one.controls.values() if c.holds})
        for at, one in zip(to, found, strict=True)
    ]
