"""Enrolment by the commands: who must show that it is them, what is said, and that no key comes in by mail."""

from __future__ import annotations

import asyncio
import base64
import json
import re

import pytest

from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.web_client import WebClient
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
        hub.environment["EXCHANGE_KEYS__HOLD"] = "86400"
        with Gpg() as attacker:
            fingerprint = attacker.make_key("Duty", POLICE, "60d")
            armored = attacker.export(POLICE)
        before = json.loads(await hub.command("key", "list", "--all", "--json"))
        await by_mail(hub, armored)
        assert json.loads(await hub.command("key", "list", "--all", "--json")) == before
        await our_own(hub)

        (hub.folder / "another.asc").write_bytes(armored)
        add = ("key", "add", str(hub.folder / "another.asc"))
        told = await hub.command(*add, "--mailbox", "police-1")
        assert "police-1: waits for its proof" in told
        assert "ring them on a number you had before" in told
        assert "it ends soon" in told
        keeper, other = KEEPERS
        password = ("--password-file", str(hub.folder / KEEPERS_FILE))
        (hub.folder / "guessed").write_text("not this one")
        assert "somebody other than keys-1" in await confirm(hub, fingerprint, keeper, *password)
        with pytest.raises(CommandFailed, match="nobody signs in as “keys-2” with this password"):
            await confirm(hub, fingerprint, other, "--password-file", str(hub.folder / "guessed"))
        with pytest.raises(CommandFailed, match="keys-2 must show that it is them"):
            await confirm(hub, fingerprint, other)
        await at_the_desk(hub, other, fingerprint)
        notice = await hub.received("police", "Did your team make this key?")
        assert notice.signed_by == hub.hub_fingerprint
        assert fingerprint in "".join(notice.text.split())
        addr, keydata = notice.outer["autocrypt"].split("; keydata=")
        assert addr == f"addr={HUB_ADDRESS}"
        is_ours(base64.b64decode("".join(keydata.split())), hub)
        told = await hub.command("mailbox", "check", POLICE)
        assert "1. OpenPGP: works" in told
        assert f"certificate …{fingerprint[-8:]} of police-1 (v4): amber, proved; in use from" in told


async def our_own(hub: Stage) -> None:
    """Whoever writes to the hub finds its key: a page, a file, and a Web Key Directory by both of its methods."""
    web, (local, _, domain) = WebClient(hub.base_url), HUB_ADDRESS.partition("@")
    assert hub.hub_fingerprint in "".join((await web.get("/key")).text.split())
    kept = (hub.folder / "hub" / "hub-certificate.pem").read_bytes()
    assert (await web.get("/key/hub-certificate.pem")).octets == kept
    gpg = hub.people["police"].gpg
    assert gpg
    name = gpg.wkd_name(HUB_ADDRESS)
    for path in ("/key/hub-public-key.asc", f"/.well-known/openpgpkey/hu/{name}?l={local}",
                 f"/.well-known/openpgpkey/{domain}/hu/{name}?l={local}"):  # fmt: skip
        is_ours((await web.get(path)).octets, hub)
    assert (await web.get(f"/.well-known/openpgpkey/{domain}/policy")).status == 200
    for path in (f"elsewhere.example/hu/{name}", "hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q", "elsewhere.example/policy"):
        assert (await web.get(f"/.well-known/openpgpkey/{path}")).status == 404


def is_ours(certificate: bytes, hub: Stage) -> None:
    """It is the hub's key, as a stranger's gpg takes it."""
    with Gpg() as stranger:
        stranger.import_key(certificate)
        assert stranger.fingerprint(HUB_ADDRESS) == hub.hub_fingerprint


async def at_the_desk(hub: Stage, member: str, fingerprint: str) -> None:
    """The second of the two confirms on a page, which does not tell what should be read out; then rings."""
    web = WebClient(hub.base_url)
    password = (hub.folder / KEEPERS_FILE).read_text()
    await web.submit(await web.get("/desk/sign-in"), member=member, password=password)
    pages = re.findall(r'href="(/desk/directory/key/[^"]+)"', (await web.get("/desk/directory")).html)
    form = next(page for page in [await web.get(p) for p in pages] if "Ring the number you had before" in page.text)
    assert "01632" in form.text
    assert fingerprint[-8:].lower() not in f"{form.url} {form.html}".lower()  # nor does the address tell it
    refused = await web.submit(form, read_back=fingerprint[:-4] + "0000")
    assert (refused.status, "is not this certificate" in refused.text) == (400, True)
    assert "press “Retire it” below" in refused.text
    assert "exchange key" not in refused.text
    taken = await web.submit(refused, read_back=fingerprint.lower())
    assert "Proved. Used from tomorrow" in taken.text
    assert "do they know that their key is to change?" in (await web.get("/desk")).text
    await web.submit(taken)
    assert "do they know that their key is to change?" not in (await web.get("/desk")).text


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
