"""The hub's own key by the commands: renewed while people write to it, and brought back from paper."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS, CommandFailed, Stage, stage
from tests.ready import ready


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_new_key_signs_the_old_one_still_opens_and_paper_brings_it_back() -> None:
    async with stage() as hub:
        await ready(hub)
        home, old = hub.folder / "hub", hub.hub_fingerprint
        shown = json.loads(await hub.command("hub-key", "show", "--json"))
        assert [(row["fingerprint"], row["state"]) for row in shown] == [(old, "in use")]
        assert shown[0]["revocation"].endswith(f"{old}.rev")
        told = await hub.command("hub-key", "rotate", "--overlap", "30")
        found = re.search(r"new key: ([0-9A-F]{40})", told)
        assert found
        assert f'hub_fingerprint = "{found[1]}"' in (home / "exchange.toml").read_text()
        text = await hub.command("hub-key", "show")
        assert "in use; made" in text
        assert "old, still good; made" in text

        await hub.serve()
        police = hub.people["police"]
        assert police.gpg
        police.gpg.import_key((home / "hub-public-key.asc").read_bytes())
        await refer(hub, hub.people["madeup-surgery"], old)
        packet = await hub.received("police", "we sign with a new key")
        assert packet.signed_by == found[1]
        assert found[1] in "".join(packet.text.split())
        assert "Do not take it on the word of this message" in packet.text
        page = await WebClient(hub.base_url).get("/key")
        statement = re.search(r'href="(/key/hub-key-change\.asc)"', page.html)
        assert statement
        signed = (await WebClient(hub.base_url).get(statement[1])).octets
        assert police.gpg.clear_signed_by(signed) == old  # with the copy that they have had for long
        assert found[1] in b"".join(signed.split()).decode()
        await on_paper(hub, found[1])


async def refer(hub: Stage, gp: MailClient, key: str) -> None:
    """A referral sealed to the key that the GP has had for long."""
    data = {"concern": {"immediate_danger": "no"}, "subjects": [{"given_name": "Patience"}]}
    mail = gp.write(HUB_ADDRESS, "Referral", "See there.", {"referral.json": json.dumps(data).encode()})
    assert (await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [key]))).startswith("250")


async def on_paper(hub: Stage, fingerprint: str) -> None:
    """Printed, lost, and typed again."""
    home, typed = hub.folder / "hub", hub.folder / "typed.txt"
    key, master = await hub.command("hub-key", "paper"), await hub.command("hub-key", "paper", "--master-key")
    (home / "gnupg").rename(hub.folder / "lost-gnupg")
    (home / "master.key").rename(hub.folder / "lost-master.key")
    typed.write_text(key.lower())
    with pytest.raises(CommandFailed, match="first the sheet of the master key"):
        await hub.command("hub-key", "restore", str(typed))
    typed.write_text(master)
    await hub.command("hub-key", "restore", str(typed))
    assert (home / "master.key").read_bytes() == (hub.folder / "lost-master.key").read_bytes()
    typed.write_text(re.sub(r"^  1: \w", "  1: F", key, flags=re.MULTILINE))
    with pytest.raises(CommandFailed, match=r"typed\.txt: line 1 is not what was printed"):
        await hub.command("hub-key", "restore", str(typed))
    typed.write_text(key)
    assert f"{fingerprint} is in" in await hub.command("hub-key", "restore", str(typed))
    signed = await hub.command("audit", "head")
    with Gpg() as anybody:
        anybody.import_key((home / "hub-public-key.asc").read_bytes())
        assert anybody.clear_signed_by(signed.encode()) == fingerprint
    shutil.rmtree(hub.folder / "lost-gnupg")
