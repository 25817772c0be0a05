"""Proof: heads of the record go outside, signed; who was shown what is written down; a cut record is found out."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from exchange.demo.actors.gpg import Gpg
from exchange.demo.stage import CommandFailed, Stage, stage
from tests.journeys.test_desk import PASSWORD, signed_in, taken
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
BOARD = "auditor@board.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub whose heads go to the board's auditor."""
    async with stage() as made:
        made.environment["EXCHANGE_AUDIT__HEADS_TO"] = BOARD
        made.environment["EXCHANGE_AUDIT__HEADS_EVERY"] = "1"
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, roles in (("manager-1", "hub_manager"), ("administrator-1", "hub_administrator")):
            await made.command("staff", "add", member, "--roles", roles, "--password-file", str(secret))
        await made.serve()
        yield made


async def test_a_head_reaches_the_auditor_who_can_check_the_hub_s_signature(hub: Stage) -> None:
    first = await hub.relay.wait_for_mail(BOARD, lambda mail: b"head 1 of fakeshire" in mail.content, 20)
    with Gpg() as auditor:
        auditor.import_key((hub.folder / "hub" / "hub-public-key.asc").read_bytes())
        command = ["gpg", "--homedir", str(auditor.home), "--batch", "--status-fd", "1", "--verify"]
        checked = await asyncio.to_thread(
            subprocess.run, command, input=first.content, capture_output=True, check=False, timeout=60
        )
        assert f"VALIDSIG {auditor.fingerprint('referrals@')}" in checked.stdout.decode()
    kept = hub.folder / "kept.txt"
    kept.write_bytes(first.content)
    assert (await hub.command("audit", "verify", "--head", str(kept))).startswith("holds: ")


async def test_who_was_shown_what_is_written_down_and_who_was_refused(hub: Stage) -> None:
    page = await taken(await signed_in(hub), **{"s1.given_name": "Written-canary"})
    reference = re.findall(r"MASH-\w{4}-\w{4}", page.text)[0]
    stranger = await signed_in(hub, "administrator-1")
    await stranger.get(f"/desk/case/{reference}")  # status only: nothing about anybody is shown
    assert (await stranger.get("/desk/telephone")).status == 404
    log = json.loads(await hub.command("audit", "log", "access", "--json"))
    assert {line["by"] for line in log if line["what"] == "SignedIn"} == {"manager-1", "administrator-1"}
    assert [(line["by"], line["what"]) for line in log if line["what"] != "SignedIn"] == [
        ("manager-1", "ReceiptCodeShown"),  # to be read out to who rang
        ("manager-1", "Viewed"),
        ("administrator-1", "Denied"),
    ]
    assert "canary" not in json.dumps(log)
    changed = await hub.command("audit", "log", "directory")
    assert changed.count("CertificatePinned") == len(hub.people)
    assert "StaffAdded  roles=hub_manager staff=manager-1" in changed


async def test_the_record_of_another_day_is_found_out_by_a_head_from_outside(hub: Stage) -> None:
    head = await hub.command("audit", "head")
    kept = hub.folder / "newest.txt"
    kept.write_text(head)
    await hub.command("audit", "verify", "--head", str(kept))
    with sqlite3.connect(hub.folder / "hub" / "exchange.db") as database:
        database.execute("DELETE FROM event WHERE stream = 'heads'")
        database.execute("DELETE FROM headed")
    with pytest.raises(CommandFailed, match="does not reach to the head"):
        await hub.command("audit", "verify", "--head", str(kept))
    kept.write_text("no head at all")
    with pytest.raises(CommandFailed, match="holds no head"):
        await hub.command("audit", "verify", "--head", str(kept))
