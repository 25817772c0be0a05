"""Before a hub goes live: mailboxes without a key are one thing to do until the last has one, and an operator is told
of each that has not said the words of a test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import AGENCIES, HUB_FILE, Stage, stage
from tests.journeys.test_by_mail import refer
from tests.journeys.test_desk import PASSWORD, signed_in
from tests.journeys.test_drills import standing, words_of
from tests.ready import ready

pytestmark = pytest.mark.timeout(600)
NEW = {"probation": "duty@probation.example", "fire": "safeguarding@fire.example"}
AGENCY = """
[agencies.{id}]
name = "Fakeshire {id}"
functions = ["{id}"]
basis = "6(1)(e)"

[agencies.{id}.mailbox]
address = "{address}"
transports = ["openpgp"]
telephone = "01632 960160"
domains = ["{id}.example"]
"""
ROUTE = """
[[routes]]
agency = "fire"
forms = ["child"]
parts = ["identity"]
purpose = "visits homes, and sees what is not safe there"
"""
KEYLESS = "Some mailboxes have never had the key that they are to be written to with"
UNPROVED = "before going live run `exchange drill --all`"


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Stage]:
    """A served hub of which two agencies have no key yet."""
    text = tmp_path / "hub.toml"
    text.write_text(HUB_FILE.read_text() + "".join(AGENCY.format(id=i, address=a) for i, a in NEW.items()) + ROUTE)
    async with stage() as made:
        await ready(made, text)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "manager-1", "--roles", "hub_manager", "--password-file", str(secret))
        await made.serve()
        yield made


async def overview(desk: WebClient, wanted: str) -> str:
    """The desk's list of what is to do, once it says this."""
    for _ in range(300):
        if wanted in (text := (await desk.get("/desk")).text):
            return text
        await asyncio.sleep(0.2)
    raise AssertionError(f"the desk never says: {wanted}")


async def packet_of(hub: Stage, reference: str, agency: str, delivery: str) -> None:
    """Until the packet of this agency is so."""
    for _ in range(100):
        legs = json.loads(await hub.command("show", reference, "--json"))["case"]["legs"]
        if [leg["delivery"] for leg in legs if leg["agency"] == agency] == [delivery]:
            return
    raise AssertionError(f"the packet of {agency} is never {delivery}")


async def unproved(hub: Stage) -> set[str]:
    """Of which mailboxes the doctor says that nobody has proved them."""
    found = json.loads(await hub.command("doctor", "--json"))
    told = next((f["told"] for f in found if UNPROVED in f["told"]), "")
    return set(told.partition("what goes to ")[2].partition(":")[0].split(", ")) - {""}


async def test_every_agency_has_a_key_and_has_opened_a_test_before_the_hub_goes_live(hub: Stage) -> None:
    desk = await signed_in(hub)
    said = await overview(desk, KEYLESS)
    assert said.count(KEYLESS) == 1  # of both agencies together
    assert "/desk/directory" in (await desk.get("/desk")).html
    assert await unproved(hub) == {f"{agency}-1" for agency in (*AGENCIES, *NEW)}

    reference = await refer(hub)
    await packet_of(hub, reference, "fire", "held")

    await hub.enlist({"probation": NEW["probation"]})
    assert KEYLESS in (await desk.get("/desk")).text  # the other has none yet
    await hub.enlist({"fire": NEW["fire"]})
    assert KEYLESS not in (await desk.get("/desk")).text  # at once, not with the next night
    await packet_of(hub, reference, "fire", "accepted")  # what was held for want of a key goes by itself
    assert (await hub.received("fire", "WHY YOU GET THIS", timeout=60)).encrypted

    tests = await desk.get("/desk/drills")
    tests.forms = [form for form in tests.forms if "mailbox" not in form.values]  # the one for all of them
    await desk.submit(tests, "/desk/drills")
    silent = "madeup-surgery"
    for agency in (*AGENCIES, *NEW):
        letter, person = await hub.received(agency, "THIS IS A TEST", timeout=60), hub.people[agency]
        assert letter.encrypted
        if agency != silent:
            reply = person.reply(letter, f"{words_of(letter)}. Duty desk").as_bytes()
            await hub.mail(person.address, letter.reply_to, reply)
    for _ in range(300):
        states = {agency: row["state"] for agency, row in (await standing(hub)).items()}
        if set(states.values()) == {"proved", "waiting"}:
            break
    assert states == {agency: "waiting" if agency == silent else "proved" for agency in (*AGENCIES, *NEW)}
    assert await unproved(hub) == {f"{silent}-1"}
    words = words_of(await hub.received(silent, "THIS IS A TEST"))
    await hub.command("drill", "heard", f"{silent}-1", *words.split(), "--as", "manager-1")
    assert await unproved(hub) == set()
