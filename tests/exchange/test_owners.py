"""A mailbox that needs no key: it gets a test and nothing else until its people were rung, and read the words out."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest

from exchange import setting_up
from exchange.case.effect import TaskKind
from exchange.case.mailbox import Transport
from exchange.desk.drills import DrillDesk, standing
from exchange.desk.given import Unfit
from exchange.drill_words import line
from exchange.drilling import Heard, hear
from exchange.policy import OPERATOR
from exchange.reaching import reach
from exchange.store import drills
from tests.exchange.test_domains import HERE, HUB_FILE, KEEPERS, SECRET, House, house

__all__ = ["house"]
pytestmark = pytest.mark.parametrize("house", [False], indirect=True, ids=["unproved"])
READABLE = HUB_FILE.replace('transports = ["tls", "openpgp"]', 'transports = ["tls"]')
WORDS = re.compile(r"^    ([a-z]+ [a-z]+ [a-z]+)\s*$", re.MULTILINE)


async def test_over_tls_the_test_goes_first_and_a_call_proves_whose_it_is(house: House) -> None:
    hub, desk = house.exchange.hub, DrillDesk(house.exchange.hub, KEEPERS[0])
    await setting_up.apply_hub_file(house.exchange, "hub.toml", READABLE)
    assert await house.look()
    early = await house.lodge()
    house.theirs.offers_starttls = False  # on the first morning somebody takes it out
    await house.run(of_hub=True, minutes=1)
    _, leg = await house.leg(early)
    assert (leg.delivery, [(p.transport, p.why) for p in leg.passed_over]) == (
        "held",
        [(Transport.TLS, "not_proved")],
    )
    assert TaskKind.TELEPHONE_AGENCY in await house.tasks(early)
    assert not house.theirs.delivered
    assert TaskKind.NOT_PROVED not in await house.tasks()  # nothing has arrived that they could read out

    # The test waits for verified TLS as a packet would, and not an octet of it goes without.
    house.theirs.offers_starttls = True
    await house.run(of_hub=True, hours=2)
    (mail,) = house.theirs.delivered
    assert not [mail for mail in house.ours.mails(HERE) if b"test" in mail.content.lower()]
    text = message_from_bytes(mail.content, policy=policy.default).get_content()
    found = WORDS.search(text.replace("\r\n", "\n"))
    assert found
    words = found[1]
    assert "only that call shows us that it is yours" in " ".join(text.split())
    assert not [c for s in house.theirs.sessions if not s.tls for c in s.content]
    assert not [s for s in house.theirs.sessions if not s.tls and any(words in said for said in s.said)]
    assert TaskKind.NOT_PROVED in await house.tasks()
    (test,) = [s for s in await standing(hub) if s.mailbox.id == "police-1"]
    assert test.last
    assert (test.last.transport, test.to_ring) == ("tls", True)

    # Whoever reads that address can say the words on the page: it shows that it is read, and not by whom.
    async with hub.database.transaction(hub.scope()) as tx:
        assert await hear(hub, tx, test.last.id, words, "page") is Heard.RIGHT
    (test,) = [s for s in await standing(hub) if s.mailbox.id == "police-1"]
    assert (test.state, test.to_ring) == ("proved", True)
    assert "RING, and have its three words read out" in line(test)
    second = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    assert (await house.leg(second))[1].delivery == "held"
    police = next(one for one in await reach(hub, house.exchange.keyroom) if one.mailbox.id == "police-1")
    assert "have the three words of the test read out" in police.rungs[0].mend

    # A named person hears them on the number of before.
    with pytest.raises(Unfit, match="under their own name"):
        await DrillDesk(hub, OPERATOR).heard("police-1", words)
    with pytest.raises(Unfit, match="not the three words"):
        await desk.heard("police-1", "copper copper copper")
    assert (await desk.heard("police-1", words)).heard == drills.TELEPHONE
    with pytest.raises(Unfit, match="answered before"):
        await desk.heard("police-1", words)
    assert TaskKind.NOT_PROVED not in await house.tasks()
    third = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    assert (await house.leg(third))[1].transport == "tls"
    assert SECRET in house.seen()

    # At another address it is proved anew.
    await setting_up.apply_hub_file(house.exchange, "hub.toml", READABLE.replace(HERE, "other@police.example"))
    await house.run(of_hub=True, days=1, hours=1)
    fourth = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    _, leg = await house.leg(fourth)
    assert [(p.transport, p.why) for p in leg.passed_over] == [(Transport.TLS, "not_proved")]
    assert [m.address for m in house.theirs.delivered][-1] == "other@police.example"
    assert SECRET not in house.theirs.delivered[-1].content


async def test_a_sealed_test_that_was_answered_proves_the_other_transports_too(house: House) -> None:
    hub = house.exchange.hub
    assert await house.look()
    first = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    assert [p.why for p in (await house.leg(first))[1].passed_over] == ["not_proved"]
    (test,) = [s for s in await standing(hub) if s.mailbox.id == "police-1"]
    assert test.last
    assert (test.last.transport, bool(test.last.fingerprint)) == ("openpgp", True)
    async with hub.database.transaction(hub.scope()) as tx:
        assert await hear(hub, tx, test.last.id, hub.codes.drill(test.last.id), "mail") is Heard.RIGHT
    assert TaskKind.NOT_PROVED not in await house.tasks()
    second = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    assert (await house.leg(second))[1].transport == "tls"
