"""kill -9 at every point where stopping could hurt: after a restart nothing is lost and nothing has a second name."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from exchange.fault import POINTS
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.crash, pytest.mark.long]
AGENCIES = ("police", "health", "social_care")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A hub that is not yet served; a worker that vanished is replaced after seconds."""
    async with stage() as made:
        made.environment["EXCHANGE_WORK__LEASE"] = "4"
        await ready(made)
        yield made


# A shared mailbox has its own: tests/exchange/test_pulling.py.
@pytest.mark.parametrize("point", [point for point in POINTS if not point.startswith("pulling.")])
async def test_nothing_is_lost_and_nothing_has_two_names(hub: Stage, point: str) -> None:
    gp = hub.people["madeup-surgery"]
    name = f"Crash{POINTS.index(point)}test"
    data = {"form": "child", "concern": {"what_happened": "worry"}, "subjects": [{"given_name": name}]}
    mail = gp.write(HUB_ADDRESS, "Referral", "See there.", {"referral.json": json.dumps(data).encode()})
    sent = gp.encrypted(mail, [hub.hub_fingerprint])

    doomed = await hub.serve(fault=point)
    taken = ""
    with contextlib.suppress(OSError, EOFError, IndexError):  # the line breaks when the process dies
        taken = await hub.mail(gp.address, HUB_ADDRESS, sent)
    async with asyncio.timeout(60):
        assert await doomed.wait() == -9, "the point was reached"

    alive = await hub.serve()
    if not taken.startswith("250"):  # then it is still the sender's, who tries again
        assert (await hub.mail(gp.address, HUB_ADDRESS, sent)).startswith("250")
    references = set()
    for agency in AGENCIES:
        packet = await hub.received(agency, name, 40)
        references.add(json.loads(packet.attachments["packet.json"])["reference"])
        reader = hub.people[agency]
        again = [reader.open(m.content) for m in hub.relay.mails(reader.address)]
        assert len({r.message_id for r in again if name in r.text}) == 1
    assert len(references) == 1
    case = json.loads(await hub.command("show", references.pop(), "--json"))["case"]
    assert {leg["agency"] for leg in case["legs"]} == set(AGENCIES)
    assert (await hub.command("audit", "verify")).startswith("holds")
    await hub.end(alive)
