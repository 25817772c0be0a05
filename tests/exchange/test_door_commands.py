"""What an operator sees of key, record and shared mailbox: what is wrong, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from exchange import cli_dkim, cli_imap, setting_up
from exchange.config import ConfigRefused
from exchange.demo.actors.dns_server import DnsServer
from exchange.setting_up import SetUpRefused
from tests.mailflow.dovecot import NAME, PASSWORD, USER, Dovecot, dovecot

Run = Callable[..., "asyncio.Future[int]"]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="door", dir="/tmp"))  # gpg's sockets need a short name
    setting_up.init(folder / "hub", "referrals@hub.example", "http://127.0.0.1", "", "hub", "the hub")
    yield folder / "hub"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DnsServer]:
    server = DnsServer()
    monkeypatch.setenv("EXCHANGE_DNS_SERVER", f"127.0.0.1:{await server.start()}")
    yield server
    await server.stop()


async def ran(command: Callable[..., None], home: Path, **more: object) -> int:
    """Its exit code; beside the loop, for the name server answers on it."""

    def run() -> int:
        try:
            command(config=home / "exchange.toml", **more)
        except SystemExit as left:
            return int(left.code or 0)
        return 0

    return await asyncio.to_thread(run)


async def test_a_dkim_key_its_record_and_whether_they_fit(
    home: Path, names: DnsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SetUpRefused, match="our mail is not signed"):
        await ran(cli_dkim.check, home)
    for selector in ("S1", "a.b", "", "x" * 64):
        with pytest.raises(SetUpRefused, match="part of a DNS name"):
            await ran(cli_dkim.make, home, selector=selector)
    await ran(cli_dkim.make, home, selector="s202611")
    file, told = home / "dkim-s202611.pem", capsys.readouterr().out
    assert stat.S_IMODE((await asyncio.to_thread(file.stat)).st_mode) == 0o600
    assert 'selector = "s202611"\nkey_file = "dkim-s202611.pem"' in told
    with pytest.raises(SetUpRefused, match="already there: choose another selector"):
        await ran(cli_dkim.make, home, selector="s202611")

    monkeypatch.setenv("EXCHANGE_DKIM__SELECTOR", "s202611")
    with pytest.raises(ConfigRefused, match=r"dkim\.key_file: .*dkim\.pem: No such file"):
        await ran(cli_dkim.check, home)
    monkeypatch.setenv("EXCHANGE_DKIM__KEY_FILE", "dkim-s202611.pem")
    await ran(cli_dkim.show, home)
    zone = next(line for line in told.splitlines() if " IN TXT " in line)
    assert capsys.readouterr().out.strip() == zone
    strings, name = re.findall(r'"([^"]*)"', zone), "s202611._domainkey.hub.example"
    assert zone.startswith(f"{name}. IN TXT ( ")
    assert max(map(len, strings)) <= 255

    def record(*texts: str) -> None:
        names.records.clear()
        names.add(name, "TXT", *texts)

    right = "".join(strings)
    for texts, why in (
        ((), "there is no such record"),
        (("v=spf1 -all",), "there is no such record"),
        ((strings[0],), "another key, or was cut"),
        (("v=DKIM1; p=",), "another key, or was cut"),  # revoked (RFC 6376 3.6.1)
        ((right, "v=DKIM1; k=rsa; p=MIGf"), "more than one record"),
    ):
        record(*texts)
        assert await ran(cli_dkim.check, home) == 1
        assert why in capsys.readouterr().out
    record(right)
    assert await ran(cli_dkim.check, home) == 0
    told = capsys.readouterr().out
    assert "the record is that of our key" in told
    assert "no DMARC record: anybody may write in the name of hub.example" in told
    names.add("_dmarc.hub.example", "TXT", "v=DMARC1; p=quarantine")
    assert await ran(cli_dkim.check, home, json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"name": name, "verifies": True, "why": "", "dmarc": True}


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


async def test_whether_the_shared_mailbox_can_be_read(
    home: Path, server: Dovecot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigRefused, match="no shared mailbox is written"):
        await ran(cli_imap.check, home)
    (home / "word").write_text(PASSWORD)
    for name, value in {"HOST": NAME, "PORT": server.tls_port, "USERNAME": USER, "PASSWORD_FILE": "word"}.items():
        monkeypatch.setenv(f"EXCHANGE_IMAP__{name}", str(value))
    assert await ran(cli_imap.check, home) == 1
    assert "no TLS with a certificate of its own name" in capsys.readouterr().out
    monkeypatch.setenv("EXCHANGE_IMAP__CA_FILE", str(server.ca_file))
    await asyncio.to_thread(server.deliver, b"Subject: x\r\n\r\nwords\r\n")
    for _ in range(2):  # it takes nothing
        assert await ran(cli_imap.check, home) == 0
        assert "the mailbox can be read: 1 to be taken" in capsys.readouterr().out
    monkeypatch.setenv("EXCHANGE_IMAP__FOLDER", "nowhere")
    assert await ran(cli_imap.check, home, json=True) == 1
    assert json.loads(capsys.readouterr().out) == {"reads": False, "why": "folder"}
    (home / "word").write_text("another")
    assert await ran(cli_imap.check, home) == 1
    told = capsys.readouterr().out
    assert "use token_file" in told
    assert "another" not in told
