"""Setting up for real: what `init` makes, and for whose eyes."""

from __future__ import annotations

import asyncio
import shutil
import stat
from pathlib import Path

import pytest

from exchange.demo.stage import AGENCIES, HUB_ADDRESS, HUB_FILE, CommandFailed, Stage, stage
from tests.keys import openssl_command
from tests.ready import ready


async def test_init_makes_everything_for_this_user_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage() as hub:
        await hub.set_up()
        home = hub.folder / "hub"
        made = [home, *home.rglob("*")]
        names = {"exchange.toml", "exchange.db", "keys.db", "master.key", "gnupg", "smime", "hub-certificate.pem"}
        assert names <= {p.name for p in made}
        open_to_others = [p.name for p in made if not p.is_socket() and stat.S_IMODE(p.stat().st_mode) & 0o077]
        assert not open_to_others
        with pytest.raises(CommandFailed, match="already there"):
            await hub.command("init", str(home), "--hub-address", "a@b.example", "--base-url", "http://127.0.0.1")
        assert (await hub.command("hub", "apply", str(HUB_FILE))) == "nothing to change\n"
        listed = (await hub.command("key", "list")).splitlines()
        assert len(listed) == len(AGENCIES)
        assert all(line.endswith("sealed to") for line in listed)
        await _the_hubs_own_smime_keys(hub)


async def _the_hubs_own_smime_keys(hub: Stage) -> None:
    """A new one signs, the older ones stay; one that an authority issued; and none at all."""
    certificate = hub.folder / "hub" / "hub-certificate.pem"
    first = (await hub.command("smime", "show")).split()
    assert first[:3] == ["signs", "and", "opens"]
    assert first[-1] == _fingerprint(certificate)
    made = await hub.command("smime", "make")
    assert f"signs S/MIME with {_fingerprint(certificate)}, valid until" in made
    given = openssl_command.person(hub.folder / "given", HUB_ADDRESS)
    (hub.folder / "both.pem").write_bytes(given.key + given.pem)
    await hub.command("smime", "take", str(hub.folder / "both.pem"))
    listed = (await hub.command("smime", "show")).splitlines()
    assert [line.split()[0] for line in listed] == ["signs", "opens", "opens"]
    assert listed[0].split()[-1] == given.fingerprint == _fingerprint(certificate)
    assert "HubCertificateTaken" in await hub.command("audit", "log", "directory")
    with pytest.raises(CommandFailed, match="private key and its certificate"):
        await hub.command("smime", "take", str(certificate))
    shutil.rmtree(hub.folder / "hub" / "smime")  # as one that was made before there was S/MIME
    assert await hub.command("smime", "show") == "nothing\n"
    assert await hub.command("key", "list")


def _fingerprint(certificate: Path) -> str:
    said = openssl_command.openssl("x509", "-noout", "-fingerprint", "-sha256", stdin=certificate.read_bytes())
    return said.decode().partition("=")[2].strip().replace(":", "")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"EXCHANGE_DATABASE": "postgresql://hub@127.0.0.1/exchange"}, r"postgresql\+asyncpg"),
        ({"EXCHANGE_DATABASE": "postgresql+asyncpg://hub@127.0.0.1:1/exchange"}, "the database cannot be opened"),
        ({"EXCHANGE_SMTP__TLS_CERTIFICATE": "none.pem"}, "smtp.tls_certificate: none.pem: name a PEM file"),
        ({"EXCHANGE_SMTP__TLS_KEY": "none.key"}, "smtp.tls_certificate: missing"),
        ({"EXCHANGE_SMTP__HOST": "192.0.2.1"}, "smtp: 192.0.2.1:0: .*choose another host or port"),
    ],
)  # fmt: skip
async def test_what_an_operator_gets_wrong_is_said_in_one_line(variables: dict[str, str], told: str) -> None:
    async with stage() as hub:
        await ready(hub)
        hub.environment.update(variables)
        with pytest.raises(CommandFailed, match=told) as failed:
            await asyncio.wait_for(hub.command("serve"), 60)
        assert "Traceback" not in str(failed.value)


async def test_an_unusable_database_or_hub_file_is_said_before_anything_is_made() -> None:
    async with stage() as hub:
        home = str(hub.folder / "made")
        with pytest.raises(CommandFailed, match="mysql: Not a database we can use"):
            await hub.command("init", home, "--hub-address", "a@b.example", "--base-url", "http://127.0.0.1",
                              "--database", "mysql://hub@127.0.0.1/exchange")  # fmt: skip
        assert "made" not in [entry.name for entry in hub.folder.iterdir()]
        await ready(hub)
        (hub.folder / "latin.toml").write_bytes("name = 'Café'".encode("latin-1"))
        with pytest.raises(CommandFailed, match="is not UTF-8"):
            await hub.command("hub", "apply", str(hub.folder / "latin.toml"))
        with pytest.raises(CommandFailed, match="choose another staff id"):
            await hub.command("staff", "add", "operator", "--roles", "chair")
        (hub.folder / "short").write_text("x")
        with pytest.raises(CommandFailed, match="12 characters or more"):
            await hub.command(
                "staff", "add", "duty-1", "--roles", "chair", "--password-file", str(hub.folder / "short")
            )
