"""Two processes of each role on one PostgreSQL: every packet goes once, whoever does the work."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from exchange.demo.stage import HUB_ADDRESS, stage
from tests.postgres import Cluster
from tests.ready import ready

REFERRALS = 8
AGENCIES = ("police", "health", "social_care")


async def test_two_of_each_role_share_the_work(cluster: Cluster) -> None:
    async with stage() as hub:
        await ready(hub, database=cluster.new_database())
        await hub.serve("web", "mail")
        ports = [hub.mail_port]
        hub.environment["EXCHANGE_WEB__PORT"] = "0"
        await hub.serve("web", "mail")
        ports.append(hub.mail_port)
        await asyncio.gather(hub.serve("work"), hub.serve("work"))
        gp = hub.people["madeup-surgery"]
        for n in range(REFERRALS):
            data = {
                "form": "child",
                "concern": {"what_happened": "worry"},
                "subjects": [{"given_name": f"Number{n}x"}],
            }
            mail = gp.write(HUB_ADDRESS, "Referral", "See there.", {"referral.json": json.dumps(data).encode()})
            hub.mail_port = ports[n % 2]
            answer = await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [hub.hub_fingerprint]))
            assert answer.startswith("250")
        for n in range(REFERRALS):
            for agency in AGENCIES:
                await hub.received(agency, f"Number{n}x", 60)
        for agency in AGENCIES:
            person = hub.people[agency]
            opened = [person.open(m.content) for m in hub.relay.mails(person.address)]
            packets = Counter(r.message_id for r in opened if r.attachments)
            assert len(packets) == REFERRALS
            assert set(packets.values()) == {1}
        assert (await hub.command("audit", "verify")).startswith("holds")
