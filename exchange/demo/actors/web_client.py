"""A browser without script: fetches pages, keeps cookies, fills in forms as they stand on the page."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy

TIMEOUT = 30.0


@dataclass
class Form:
    """One form of a page."""

    action: str
    values: dict[str, str] = field(default_factory=dict, repr=False)  # hidden inputs
    pressed: dict[str, str] = field(default_factory=dict, repr=False)  # what the button itself sends
    part: str = ""  # of a form with several buttons: what the names of this button's controls begin with

    def named(self, name: str) -> str:
        """The name of a control as it stands on the page."""
        if not self.part or name in self.values:
            return name
        anyhow = f"{self.part}:{name}"  # hidden
        return anyhow if anyhow in self.values else f"{self.part}.{name}"


@dataclass
class Page:
    """What came back."""

    url: str
    status: int
    html: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    octets: bytes = field(default=b"", repr=False)  # as they came, when it is a file
    forms: list[Form] = field(default_factory=list)
    text: str = field(default="", repr=False)  # what a person reads, in one line


class WebClient:
    """One person's browser."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    async def get(self, path: str) -> Page:
        """Open a page."""
        return await asyncio.to_thread(self._fetch, path, None)

    async def submit(self, page: Page, action: str = "", **answers: str | list[str]) -> Page:
        """Fill in the form whose action ends so (the first, when none is named) and send it."""
        form = next(f for f in page.forms if f.action.endswith(action))
        given = {form.named(k.replace("__", "-")): v for k, v in answers.items()}
        values: dict[str, str | list[str]] = {**form.values, **form.pressed, **given}
        return await asyncio.to_thread(
            self._fetch, form.action or page.url, urllib.parse.urlencode(values, doseq=True).encode()
        )

    async def send_files(self, page: Page, action: str, files: dict[str, bytes], **answers: str) -> Page:
        """Fill in a form with files, each under its name, in the control that takes them (RFC 7578)."""
        form = next(f for f in page.forms if f.action.endswith(action) and "remove" not in f.values)
        parts = [f'name="{k}"\r\n\r\n{v}'.encode() for k, v in {**form.values, **form.pressed, **answers}.items()]
        parts += [
            f'name="files"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + content
            for name, content in files.items()
        ]
        edge = "edge-7f3a1c"
        body = b"".join(f"--{edge}\r\nContent-Disposition: form-data; ".encode() + p + b"\r\n" for p in parts)
        kind = f"multipart/form-data; boundary={edge}"
        return await asyncio.to_thread(self._fetch, form.action, body + f"--{edge}--\r\n".encode(), kind)

    def _fetch(self, path: str, body: bytes | None, kind: str = "") -> Page:
        headers = {"Content-Type": kind} if kind else {}
        request = urllib.request.Request(urllib.parse.urljoin(self.base_url, path), body, headers)  # noqa: S310 - loopback
        try:
            with self._opener.open(request, timeout=TIMEOUT) as reply:
                return _page(reply.url, reply.status, reply.read(), dict(reply.headers.items()))
        except urllib.error.HTTPError as refused:
            with refused:
                return _page(refused.url, refused.code, refused.read(), dict(refused.headers.items()))


def _page(url: str, status: int, octets: bytes, headers: dict[str, str]) -> Page:
    page = Page(url, status, octets.decode(errors="replace"), {k.lower(): v for k, v in headers.items()}, octets)
    reader = _Reader(page)
    reader.feed(page.html)
    page.text = " ".join(" ".join(reader.words).split())
    return page


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.words = page, list[str]()
        self._unseen = 0
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.page.forms.append(self._form)
        elif tag == "input" and given.get("type") == "hidden" and self._form:
            self._form.values[given["name"]] = given.get("value", "")
        elif tag == "button" and "formaction" in given and self._form:  # the same form, sent elsewhere
            pressed = {given["name"]: given.get("value", "")} if "name" in given else {}
            part = given.get("value", "") if given.get("name") == "on_page" else ""
            self.page.forms.append(Form(given["formaction"], self._form.values, pressed, part))
        elif tag in ("script", "style"):
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unseen -= 1

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)
