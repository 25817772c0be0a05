"""A full disk, a relay stripped of its TLS: said clearly, and nothing lost."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.stage import HUB_ADDRESS, CommandFailed, Stage, stage
from tests.ready import ready

DISK = "48m"  # large enough for a hub, small enough to fill
MOST_MAILS = 60


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own."""
    folder = Path(tempfile.mkdtemp(prefix="disk"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("a full disk needs the right to mount one: run as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def fill(folder: Path, left: int = 0) -> Path:
    """Write until no more than so many octets are left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while shutil.disk_usage(folder).free > left or not left:
            file.write(b"x" * 4096)
    assert shutil.disk_usage(folder).free <= left
    return filler


async def contacts(hub: Stage) -> int:
    """How many wait to be looked at."""
    return sum(o["what"] == "first_look" for o in json.loads(await hub.command("outstanding", "--json")))


async def test_on_a_full_disk_mail_is_put_off_and_every_mail_taken_is_there(small_disk: Path) -> None:
    async with stage(small_disk / "hub") as hub:
        hub.environment["EXCHANGE_DISK__LEAST_FREE"] = "0"  # to the last octet
        await ready(hub)
        await hub.serve()
        sender = MailClient("neighbour@street.example")
        filler = fill(small_disk)
        taken, said = 0, ""
        for number in range(MOST_MAILS):
            mail = sender.plain(HUB_ADDRESS, "help", f"Canary {number} " + "they cry at night\n" * 5000)
            said = await hub.mail(sender.address, HUB_ADDRESS, mail)
            if not said.startswith("250"):
                break
            taken += 1
        assert said.startswith("451"), said
        assert "Canary" not in said
        filler.unlink()
        again = sender.plain(HUB_ADDRESS, "help", "Canary again")
        assert (await hub.mail(sender.address, HUB_ADDRESS, again)).startswith("250")
        for _ in range(40):  # each look is a command, and takes its time
            if await contacts(hub) == taken + 1:
                break
        assert await contacts(hub) == taken + 1
        assert (await hub.command("audit", "verify")).startswith("holds")


async def test_before_the_disk_is_full_mail_is_put_off_people_are_told_and_the_database_goes_on(
    small_disk: Path,
) -> None:
    async with stage(small_disk / "hub") as hub:
        hub.environment |= {"EXCHANGE_DISK__LEAST_FREE": "8000000", "EXCHANGE_DISK__WARN_BELOW": "9000000"}
        await ready(hub)
        await hub.serve()
        assert "well: disk" in await hub.command("doctor")
        sender = MailClient("neighbour@street.example")
        mail = sender.plain(HUB_ADDRESS, "help", "Canary before " + "they cry at night\n" * 500)
        assert (await hub.mail(sender.address, HUB_ADDRESS, mail)).startswith("250")
        while not await contacts(hub):
            pass  # each look is a command, and takes its time
        filler = fill(small_disk, 6_000_000)
        later = sender.plain(HUB_ADDRESS, "help", "Canary later")
        assert (await hub.mail(sender.address, HUB_ADDRESS, later)).startswith("452")
        with pytest.raises(CommandFailed):
            await hub.command("doctor")
        for _ in range(40):
            if "little room on the disk" in (hub.folder / "serve.log").read_text():
                break
            await hub.command("outstanding")
        assert "little room on the disk" in (hub.folder / "serve.log").read_text()
        await hub.command("token", "add", "program", "--roles", "auditor")  # whoever works on sees nothing of it
        filler.unlink()
        again = sender.plain(HUB_ADDRESS, "help", "Canary again")
        assert (await hub.mail(sender.address, HUB_ADDRESS, again)).startswith("250")
        assert "well: disk" in await hub.command("doctor")


async def test_to_a_relay_stripped_of_tls_nothing_is_said_and_all_goes_out_when_it_is_back() -> None:
    async with stage() as hub:
        await ready(hub)
        hub.environment["EXCHANGE_RELAY__TLS"] = "required"
        process = await hub.serve()
        gp = hub.people["madeup-surgery"]
        data = {"concern": {"immediate_danger": "no"}, "subjects": [{"given_name": "Patience"}]}
        mail = gp.write(HUB_ADDRESS, "Referral", "See there.", {"referral.json": json.dumps(data).encode()})
        sealed = gp.encrypted(mail, [hub.hub_fingerprint])
        assert (await hub.mail(gp.address, HUB_ADDRESS, sealed)).startswith("250")
        told: dict[str, dict[str, list[dict[str, str]]]] = {}
        for _ in range(40):
            owed = json.loads(await hub.command("outstanding", "--json"))
            if owed:
                told = json.loads(await hub.command("show", owed[0]["reference"], "--json"))
                if {leg["delivery"] for leg in told["case"]["legs"]} == {"deferred"}:
                    break
        assert {leg["delivery"] for leg in told["case"]["legs"]} == {"deferred"}
        assert not hub.relay.delivered
        assert not {"MAIL", "RCPT", "DATA"} & {verb for s in hub.relay.sessions for verb in s.commands}
        await hub.end(process)
        hub.environment["EXCHANGE_RELAY__TLS"] = "loopback"
        await hub.serve()
        for agency in ("police", "health", "social_care"):
            assert (await hub.received(agency, "Patience", 60)).encrypted
