"""Enrolment by the commands: who must show that it is them, what is said, and that no key comes in by mail."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from exchange.demo.actors.gpg import Gpg
from exchange.demo.stage import AGENCIES, HUB_ADDRESS, KEEPERS, KEEPERS_FILE, CommandFailed, Stage, stage
from tests.ready import ready

POLICE = AGENCIES["police"]


async def confirm(hub: Stage, fingerprint: str, keeper: str, *more: str) -> str:
    """What a keeper is told who confirms."""
    return await hub.command("key", "confirm", fingerprint, "--as", keeper, "--read-back", fingerprint, *more)


@pytest.mark.timeout(240)
async def test_nobody_changes_a_key_alone_and_none_comes_by_mail() -> None:
    async with stage() as hub:
        await ready(hub)
        with Gpg() as attacker:
            fingerprint = attacker.make_key("Duty", POLICE, "60d")
            armored = attacker.export(POLICE)
        before = json.loads(await hub.command("key", "list", "--all", "--json"))
        await by_mail(hub, armored)
        assert json.loads(await hub.command("key", "list", "--all", "--json")) == before

        (hub.folder / "another.asc").write_bytes(armored)
        add = ("key", "add", str(hub.folder / "another.asc"))
        with pytest.raises(CommandFailed, match="whose certificate is it"):
            await hub.command(*add)
        told = await hub.command(*add, "--mailbox", "police-1")
        assert "police-1: waits for its proof" in told
        assert "ring them on a number you had before" in told
        assert "it ends soon" in told
        hub.environment["EXCHANGE_KEYS__HOLD"] = "86400"
        keeper, other = KEEPERS
        password = ("--password-file", str(hub.folder / KEEPERS_FILE))
        (hub.folder / "guessed").write_text("not this one")
        assert "somebody other than keys-1" in await confirm(hub, fingerprint, keeper, *password)
        with pytest.raises(CommandFailed, match="nobody signs in as “keys-2” with this password"):
            await confirm(hub, fingerprint, other, "--password-file", str(hub.folder / "guessed"))
        with pytest.raises(CommandFailed, match="keys-2 must show that it is them"):
            await confirm(hub, fingerprint, other)
        told = await confirm(hub, fingerprint, other, *password)
        assert "is proved, and in use from" in told
        notice = await hub.received("police", "Did your team make this key?")
        assert notice.signed_by == hub.hub_fingerprint
        assert fingerprint in "".join(notice.text.split())
        listed = (await hub.command("key", "list")).splitlines()
        assert [line for line in listed if line.startswith(f"police-1  {fingerprint}  amber  v4  until ")]
        assert "retired" in await hub.command("key", "retire", fingerprint.lower())


async def by_mail(hub: Stage, armored: bytes) -> None:
    """A key for the police's address in an Autocrypt header and as an attachment, in mail from their address."""
    await hub.serve()
    keydata = base64.b64encode(base64.b64decode(armored.partition(b"\n\n")[2].rpartition(b"\n=")[0])).decode()
    police = hub.people["police"]
    mail = police.plain(HUB_ADDRESS, "our new key", "Please use it from now on", {"key.asc": armored})
    header = f"Autocrypt: addr={POLICE}; prefer-encrypt=mutual; keydata={keydata}\r\n".encode()
    await hub.mail(POLICE, HUB_ADDRESS, header + mail)
    for _ in range(60):
        if json.loads(await hub.command("outstanding", "--json")):  # it was read, and became a contact
            return
        await asyncio.sleep(0.2)
    raise AssertionError("the mail was not read")
