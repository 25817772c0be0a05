"""What an operator types is named when it is wrong, and what cannot work yet is said before it costs a case."""

from __future__ import annotations

import asyncio
import json
import re
import sys

import pytest

from exchange.config import keys
from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, PATIENCE, CommandFailed, Stage, stage
from tests.postgres import Cluster
from tests.ready import ready


async def said(hub: Stage, *arguments: str) -> str:
    """What a command wrote on standard error, whether it failed or not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", *arguments, env=hub.environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        return (await process.communicate())[1].decode()


async def test_transports_that_cannot_be_used_yet_and_weakened_rules_are_said_by_name() -> None:
    async with stage() as hub:
        await ready(hub)
        text = HUB_FILE.read_text()
        file = hub.folder / "hub.toml"

        def changed(old: str, new: str) -> str:
            assert old in text
            file.write_text(text.replace(old, new, 1))
            return str(file)

        police = 'address = "safeguarding@police.example"\ntransports = '
        told = await said(hub, "hub", "apply", changed(f'{police}["openpgp"]', f'{police}["tls", "pickup"]'))
        assert "until somebody has run `exchange domain check DOMAIN`: police-1 (police.example)" in told
        assert "for no one-time code can reach anybody: police-1. The settings" in told
        route = '[route_types.police]\ndomains = ["police.example"]\ntransports = ["tls"]\n\n[agencies.police]\n'
        told = await said(hub, "hub", "apply", changed("[agencies.police]\n", route))
        assert "openpgp may not be used at police.example, a route of type police: write tls" in told
        told = await said(hub, "hub", "apply", changed("", ""))
        assert told.count("warning") == 2  # this, and that no malware scanner is named
        assert "nobody has proved yet that they can open what goes to police-1, health-1" in told
        told = await said(hub, "hub", "apply", changed('quorum = ["social_care", "police", "health"]',
                                                       'quorum = ["social_care", "police"]'))  # fmt: skip
        assert re.search(r"line \d+: strategy\.quorum: .*below the minimum of the statute \(england-wt2026\)", told)
        told = await said(hub, "hub", "apply", changed('acknowledge = "12s"', 'acknowledge = "4wh"'))
        assert 'ratings.red.acknowledge: "4wh": stands still out of hours' in told


async def test_the_doctor_says_what_is_not_well_and_what_to_do() -> None:
    async with stage() as hub:
        await ready(hub)
        told = await hub.command("doctor")
        for well in ("record and keys", "disk", "mail to be read", "letters to be sent", "hub key"):
            assert f"well: {well}" in told
        assert "see to it: caution: nobody has proved yet" in told
        hub.environment["EXCHANGE_DISK__LEAST_FREE"] = str(1 << 62)
        fails = [one for one in await doctor(hub) if one["verdict"] == "fails"]
        assert [one["what"] for one in fails] == ["disk"]
        assert "Make room on it" in fails[0]["told"]


async def test_the_doctor_says_that_the_key_which_signs_our_mail_cannot_be_read() -> None:
    async with stage() as hub:
        await ready(hub)
        assert "DKIM key" not in await hub.command("doctor")
        await hub.command("dkim", "make", "--selector", "s1")
        hub.environment |= {"EXCHANGE_DKIM__SELECTOR": "s1", "EXCHANGE_DKIM__KEY_FILE": "dkim-s1.pem"}
        assert "well: DKIM key" in await hub.command("doctor")
        key = hub.folder / "hub" / "dkim-s1.pem"
        for text, why in (("nothing", "no PEM file with a private key"), (None, "No such file")):
            key.unlink() if text is None else key.write_text(text)
            (found,) = [one for one in await doctor(hub) if one["what"] == "DKIM key"]
            assert found["verdict"] == "fails"
            assert found["told"].startswith(f"dkim.key_file: {key}: ")
            assert why in found["told"]
            assert "`exchange dkim make`" in found["told"]


async def doctor(hub: Stage) -> list[dict[str, str]]:
    """What the doctor finds when something fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "exchange", "doctor", "--json"), env=hub.environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 1
    told: list[dict[str, str]] = json.loads(out)
    return told


@pytest.mark.long
async def test_the_settings_name_every_key_and_a_misspelt_variable_is_refused() -> None:
    async with stage() as hub:
        await ready(hub)
        table, written = "", set()
        for line in (hub.folder / "hub" / "exchange.toml").read_text().splitlines():
            if header := re.match(r"\[(\w+)\]", line):
                table = f"{header[1]}."
            elif key := re.match(r"(?:# )?(\w+) = ", line):
                written.add(table + key[1])
        assert written == set(keys())
        for name, meant in (
            ("EXCHANGE_RELAY_PORT", "did you mean EXCHANGE_RELAY__PORT?"), ("EXCHANGE_WHATEVER_ELSE_3", "unset it"),
        ):  # fmt: skip
            hub.environment[name] = "2525"
            with pytest.raises(CommandFailed, match=f"{name} in the environment names no setting: .*") as failed:
                await hub.command("outstanding")
            assert meant in str(failed.value)
            del hub.environment[name]
        assert await hub.command("outstanding") == "nothing\n"


async def test_a_hub_without_a_hub_file_says_so_when_it_starts() -> None:
    async with stage() as hub:
        home = hub.folder / "hub"
        hub.environment["EXCHANGE_WEB__PORT"] = "0"
        await hub.command("init", str(home), "--hub", "fakeshire", "--hub-address", HUB_ADDRESS, "--base-url",
                          "http://127.0.0.1")  # fmt: skip
        hub.environment["EXCHANGE_CONFIG"] = str(home / "exchange.toml")
        await hub.serve()
        assert "no hub file is applied" in (hub.folder / "serve.log").read_text()


async def test_the_key_store_may_live_in_a_database_of_its_own_for_several_machines(cluster: Cluster) -> None:
    async with stage() as hub:
        record, keystore = cluster.new_database(), cluster.new_database()
        where = ("init", str(hub.folder / "hub"), "--hub-address", HUB_ADDRESS, "--base-url", "http://127.0.0.1")
        with pytest.raises(CommandFailed, match="--keystore: the key store is a database of its own"):
            await hub.command(*where, "--database", record, "--keystore", record)
        with pytest.raises(CommandFailed, match="mysql: Not a database we can use"):
            await hub.command(*where, "--database", record, "--keystore", "mysql://x")
        told = await hub.command(*where, "--database", record, "--keystore", keystore, "--hub", "fakeshire")
        assert "several machines need" not in told
        assert not (hub.folder / "hub" / "keys.db").exists()
        hub.environment["EXCHANGE_CONFIG"] = str(hub.folder / "hub" / "exchange.toml")
        await hub.command("hub", "apply", str(HUB_FILE))
        assert await hub.command("hub", "apply", str(HUB_FILE)) == "nothing to change\n"  # read back with its key
        other = ("init", str(hub.folder / "other"), *where[2:], "--database", cluster.new_database())
        assert "several machines need --keystore" in await hub.command(*other)
