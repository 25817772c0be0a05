"""Files with a concern: taken by what they hold, shut until the scanner has looked, read as pictures and words.

With a scanner that is away the concern goes on, and a file waits (T25, T26).
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.journeys.test_by_web import two_siblings
from tests.mailflow.test_attached import EICAR, PNG, word
from tests.ready import ready
from tests.scanner import Scanner

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "a fictitious pass phrase"
HOSTILE = "..\\..\\canary-holiday‮gpj.exe"


@dataclass(frozen=True)
class Served:
    """A hub with a scanner."""

    stage: Stage
    scanner: Scanner


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Served]:
    """A served hub with a scanner beside it, and somebody at the desk."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        scanner = Scanner(Path(folder) / "clamd")
        await scanner.start()
        async with stage() as made:
            await ready(made)
            made.environment["EXCHANGE_CLAMD__SOCKET"] = str(scanner.socket)
            secret = made.folder / "password"
            secret.write_text(PASSWORD)
            for member, role in (("manager-1", "hub_manager"), ("administrator-1", "hub_administrator")):
                await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
            await made.serve()
            yield Served(made, scanner)
        await scanner.stop()


async def signed_in(hub: Served, member: str = "manager-1") -> WebClient:
    web = WebClient(hub.stage.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web


async def until(web: WebClient, path: str, what: str) -> Page:
    """The page once it says so."""
    for _ in range(150):
        page = await web.get(path)
        if what in page.text:
            return page
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what} is not on {path}: {page.text[:2000]}")


def file_on(page: Page, name: str) -> str:
    """Where the page leads for a file."""
    found = re.search(rf'href="(/desk/attached/[^"]+)"><bdi>[^<]*{re.escape(name)}', page.html)
    assert found, name
    return found[1]


async def test_files_travel_with_a_referral_and_are_read_without_being_opened(hub: Served) -> None:
    web = WebClient(hub.stage.base_url)
    check = await two_siblings(web)
    assert "Files: a photograph, a letter or a report" in check.text
    page = await web.get("/referral/files")
    assert "Up to 5 files of 10 MB each" in page.text
    page = await web.send_files(page, "/referral/files", {HOSTILE: PNG, "letter.docx": word()})
    assert page.status == 200
    assert "canary-holidaygpj.exe.png" in page.text  # what it is, whatever it says
    assert "‮" not in page.text
    refused = await web.send_files(
        page, "/referral/files",
        {"x.svg": b"<svg onload='alert(1)'/>", "tool.lnk": b"L\0\0\0\x01\x14\x02\0" + bytes(70), "old.txt": b"",
         "test.txt": EICAR, "too.txt": b"a" * (10 * 1024 * 1024 + 1)},
    )  # fmt: skip
    assert refused.status == 400
    assert "“x.svg” is of a kind that we do not take" in refused.text
    assert "You can send 5 files at once" in refused.text
    assert "test.txt" not in refused.text
    page = await web.send_files(refused, "/referral/files", {"test.txt": EICAR, "big.txt": b"a" * 10_485_761})
    assert page.status == 400
    assert "“big.txt” is larger than 10 MB" in page.text
    assert "test.txt" in page.text
    page = await web.send_files(page, "/referral/files", {"gone.txt": b"a slip of the finger"})
    gone = page.forms[3].values["remove"]
    page = await web.submit(page, "/referral/files", remove=gone)
    assert "gone.txt" not in page.text
    page = await web.submit(page, "/referral/files", remove=page.forms[0].values["remove"])
    assert "canary-holiday" not in page.text
    check = await web.send_files(
        page, "/referral/files", {HOSTILE: PNG}, on="yes"
    )  # goes on, and never pressed “Add”
    assert check.url.endswith("/referral/check")
    assert "canary-holidaygpj.exe.png" in check.text
    assert (await web.send_files(page, "/referral/files", {}, on="yes")).url.endswith("/referral/check")
    wrong = await web.send_files(page, "/referral/files", {"x.svg": b"<svg/>"}, on="yes")
    assert (wrong.status, "of a kind that we do not take" in wrong.text) == (400, True)
    assert "letter.docx" in check.text
    sent = await web.submit(check, "/referral/send")
    assert "letter.docx" in sent.text
    reference = re.findall(r"MASH-\w{4}-\w{4}", sent.text)[0]

    desk = await signed_in(hub)
    page = await until(desk, f"/desk/case/{reference}", "The malware scanner found something: it stays shut.")
    page = await until(desk, f"/desk/case/{reference}", "The malware scanner found nothing.")
    assert "Received, by form, with 3 files" in page.text
    number = re.findall(r"File (\d): test.txt", page.text)[0]
    assert "found something in a file of this case" in page.text  # what is to do
    assert f"ask what is in it: file {number}" in page.text  # and about which of the three
    letter = await desk.get(file_on(page, "letter.docx"))
    assert "Canary words" in letter.text
    picture = await desk.get(file_on(page, "canary-holiday"))
    drawn = await desk.get(re.findall(r'<img src="([^"]+)"', picture.html)[0])
    assert drawn.headers["content-type"] == "image/png"
    assert drawn.octets != PNG
    original = await desk.submit(picture, "/original")
    assert original.octets == PNG
    assert original.headers["content-disposition"].endswith("UTF-8''canary-holidaygpj.exe.png")
    assert original.headers["content-type"] == "application/octet-stream"
    assert "test.txt" not in re.findall(r"<bdi>([^<]*)</bdi></a>", page.html)  # no way leads to what is infected
    administrator = await signed_in(hub, "administrator-1")
    assert "letter.docx" not in (await administrator.get(f"/desk/case/{reference}")).text
    assert (await administrator.get(file_on(page, "letter.docx"))).status == 404
    assert (await desk.submit(picture, "/original", csrf="forged")).status == 403

    packet = await hub.stage.received("social_care", reference)
    assert "files came with it and stay at the hub" in packet.text
    assert not any("letter" in name or "canary" in name for name in packet.attachments)


async def test_whoever_writes_of_an_injury_can_add_a_photograph_there_and_comes_back_to_what_was_typed(
    hub: Served,
) -> None:
    web = WebClient(hub.stage.base_url)
    page = await web.submit(await web.get("/"), "/referral/begin", form="child", journey="work")
    told = {"immediate_danger": "no", "given_name": "Ivy", "what_happened": "A bruise", "name": "Pat", "source": "2A",
            "telephone": "01632 960170"}  # fmt: skip
    while not page.url.endswith("/happened"):
        page = await web.submit(page, **told, more="no")
    assert "Add photos or files" in page.text
    page = await web.submit(page, what_happened="A bruise on her arm", leave="files")
    assert "/referral/files?back=happened" in page.url
    page = await web.send_files(page, "/referral/files", {"arm.png": PNG})
    assert "arm.png" in page.text
    page = await web.send_files(page, "/referral/files", {}, on="yes")
    assert page.url.endswith("/referral/happened")
    assert "A bruise on her arm" in page.html
    page = await web.get("/referral/files")
    page = await web.submit(page, "/referral/files", remove=page.forms[0].values["remove"])
    assert "arm.png" not in page.text
    elsewhere = await web.get("/referral/files?back=//evil.example")
    assert 'href="//evil' not in elsewhere.html
    assert "evil" not in "".join(str(form.values) for form in elsewhere.forms)


async def test_files_are_asked_for_on_the_way_of_a_professional_once_and_can_be_passed_over(hub: Served) -> None:
    web = WebClient(hub.stage.base_url)
    page = await web.submit(await web.get("/"), "/referral/begin", form="child", journey="work")
    told = {"immediate_danger": "no", "given_name": "Jo", "what_happened": "x", "name": "Pat", "source": "2A",
            "telephone": "01632 960170"}  # fmt: skip
    asked = 0
    while not page.url.endswith("/check"):
        asked += "/referral/files" in page.url
        page = await web.submit(page, **told, more="no")
        assert page.status == 200, page.text
    assert asked == 1
    page = await web.submit(await web.get("/referral/contact?change"), **told, change="yes")
    assert page.url.endswith("/check")  # not asked again
    assert "Pat" in (await web.submit(page, "/referral/send")).text


async def test_with_a_scanner_that_is_away_the_concern_goes_on_and_the_file_waits_shut(hub: Served) -> None:
    web = WebClient(hub.stage.base_url)
    sent = await web.submit(await two_siblings(web), "/referral/send")
    code = re.findall(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]", sent.text)[0]
    reference = re.findall(r"MASH-\w{4}-\w{4}", sent.text)[0]
    await hub.scanner.stop()
    status = await web.submit(await web.get("/receipt"), code=code)
    refused = await web.send_files(status, "/receipt/add", {"a.exe": b"MZ\0"}, words="Canary-kept")
    assert refused.status == 400
    assert "Canary-kept" in refused.html  # what was typed is not lost over a file
    added = await web.send_files(refused, "/receipt/add", {"note.txt": b"Canary-note"}, words="Canary-more")
    assert "We have what you added" in added.text
    again = await web.send_files(refused, "/receipt/add", {"note.txt": b"Canary-note"}, words="Canary-more")
    assert "We have what you added" in again.text

    desk = await signed_in(hub)
    page = await until(desk, f"/desk/case/{reference}", "Waits for the malware scanner: shut until then")
    assert page.text.count("Waits for the malware scanner") == 1  # pressed twice, it is there once
    assert "Canary-more" in page.text
    assert "/desk/attached/" not in page.html
    await hub.scanner.start()
    page = await until(desk, f"/desk/case/{reference}", "The malware scanner found nothing.")
    assert "Canary-note" in (await desk.get(file_on(page, "note.txt"))).text
    assert b"Canary-note" in hub.scanner.seen


async def test_no_file_of_a_mail_is_given_before_the_scanner_has_looked_at_it(hub: Served) -> None:
    nora = MailClient("nora@housing.example")
    letter = word()
    files = {"letter.docx": letter, "test.txt": EICAR}
    raw = nora.plain(HUB_ADDRESS, "Concern", "Canary-mailed: see both files", files)
    assert (await hub.stage.mail(nora.address, HUB_ADDRESS, raw))[:3] == "250"
    desk = await signed_in(hub)
    for _ in range(150):
        found = dict.fromkeys(re.findall(r"/desk/case/[A-Z0-9-]+", (await desk.get("/desk")).html))
        pages = [page for path in found if "Canary-mailed" in (page := await desk.get(path)).text]
        if pages:
            break
    mail = re.findall(r"/desk/mail/[a-z0-9-]+", pages[0].html)[0]
    assert (await desk.get(f"{mail}/file/1")).octets == letter
    shut = await desk.get(f"{mail}/file/2")
    assert shut.status == 400
    assert "the malware scanner found something in this file: it stays shut" in shut.text
    assert "The malware scanner found something in a file of this case" in (await desk.get(pages[0].url)).text
    await hub.scanner.stop()
    silent = await desk.get(f"{mail}/file/1")
    assert "the files of this mail stay shut: tell IT" in silent.text
    away = (await desk.get("/desk")).text
    assert "The malware scanner does not answer: tell IT" in away
    assert "until it does: scanner" not in away
    assert "it does not answer: files stay shut" in await _doctor(hub)
    await hub.scanner.start()
    assert (await desk.get(f"{mail}/file/1")).octets == letter


async def _doctor(hub: Served) -> str:
    """What it says, as a program reads it; it fails when something does."""
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "exchange", "doctor", "--json"), env=hub.stage.environment,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    return (await asked.communicate())[0].decode()


async def test_nothing_of_a_file_is_readable_at_rest(hub: Served) -> None:
    home = hub.stage.folder / "hub"
    for file in home.rglob("*.db*"):
        octets = await asyncio.to_thread(file.read_bytes)
        assert b"Canary-note" not in octets
        assert b"canary-holiday" not in octets
    record = next(p for p in home.rglob("*.db") if "key" not in p.name)
    with sqlite3.connect(record) as database:
        kept = database.execute("SELECT count(*) FROM draft WHERE id LIKE '%/%'").fetchone()
        noted = database.execute("SELECT count(*) FROM event WHERE kind = 'OriginalFetched'").fetchone()
    assert kept == (0,)  # of drafts that were sent no file stays
    assert noted == (1,)
