"""Words that no machine acts on: a referrer's about being contacted, and an agency's after the decision. A person
reads them, and it is loud until somebody has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS, stage
from tests.full_case import PASSWORD, signed_in
from tests.journeys.test_feedback import REFERRAL, TO_THEM, Scene, client, decided, done, story, until
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
ANN = MailClient("ann@neighbour.example")
WORDS = ("Canary: no emails", "Canary: he reads my email", "Canary: Tuesdays only", "Canary: call my office")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A served hub on each kind of database."""
    database = request.getfixturevalue("cluster").new_database() if request.param == "postgresql" else ""
    async with stage() as made:
        await ready(made, database=database)
        made.publish_dkim("neighbour.example")
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "manager-2", "--roles", "hub_manager", "--password-file", str(secret))
        await made.serve()
        async with (
            await client(made, "officer-1", "screening_officer") as officer,
            await client(made, "manager-1", "hub_manager") as manager,
        ):
            yield Scene(made, officer, manager)


def from_ann(words: str) -> dict[str, Any]:
    """As she fills it in: by email, and what to know before that."""
    told = {"name": "Ann", "source": "2A", "telephone": "01632 960156", "mail": ANN.address, "mail_shared": "no",
            "feedback_wanted": "yes", "feedback_route": "mail", "safe_contact": words}  # fmt: skip
    return {**REFERRAL, "referrer": told}


async def by_api(scene: Scene, web: WebClient, words: str) -> str:
    return str((await scene.manager.post("/referrals", json=from_ann(words))).json()["reference"])


async def by_mail(scene: Scene, web: WebClient, words: str) -> str:
    before = {c["reference"] for c in (await scene.manager.get("/cases")).json()["cases"]}
    raw = ANN.plain(HUB_ADDRESS, "Referral", "See there", {"referral.json": json.dumps(from_ann(words)).encode()})
    signed = scene.stage.dkim["neighbour.example"].sign(raw)
    assert (await scene.stage.mail(ANN.address, HUB_ADDRESS, signed)).startswith("250")
    for _ in range(400):
        now = {c["reference"] for c in (await scene.manager.get("/cases")).json()["cases"]} - before
        if now:
            return str(now.pop())
        await asyncio.sleep(0.05)
    raise AssertionError("the mail became no case")


async def by_telephone(scene: Scene, web: WebClient, words: str) -> str:
    told = {f"referrer.{name}": said for name, said in from_ann(words)["referrer"].items() if name != "name"}
    page = await web.submit(await web.get("/desk/telephone"), "/desk/telephone", **{
        "name": "Ann", "telephone": "01632 960156", "checked": "rang back", "rating": "amber",
        "concern.immediate_danger": "no", "concern.what_happened": "Canary-bruise", "s1.given_name": "Quillon-canary",
        "s1.date_of_birth": "2016-04-01", **told,
    })  # fmt: skip
    return next(word for word in page.text.split() if word.startswith("MASH-"))


async def test_a_referrer_s_words_about_being_contacted_stop_every_automatic_mail_and_somebody_rings(
    scene: Scene,
) -> None:
    web = await signed_in(scene.stage, "manager-2")
    cases = [await by_api(scene, web, words) for words in WORDS]
    cases += [await by_mail(scene, web, WORDS[1]), await by_telephone(scene, web, WORDS[2])]
    for reference in cases:
        await done(scene.manager, reference, "look", rating="amber")
        await decided(scene.manager, reference)
        told = (await scene.manager.get(f"/cases/{reference}")).json()
        assert "ring_referrer" in {t["kind"] for t in told["tasks"]}
        assert told["case"]["feedback"] == "due"
        assert not [x for x in told["letters"] if x["letter"] in TO_THEM]
        page = await web.get(f"/desk/case/{reference}")
        assert [words for words in WORDS if words in page.text]
        await done(scene.manager, reference, "tell_referrer", name="Ann", checked="rang the number", words="told her")
    told = await story(scene.stage, cases[-1])
    assert told["case"]["feedback"] == "told"
    await scene.stage.received("social_care", f"Our reference {cases[-1]}")  # the dispatcher has been at work
    assert not scene.stage.relay.mails(ANN.address)


def late_news(told: dict[str, Any]) -> dict[str, Any]:
    return next((o for o in told["outstanding"] if o["what"] == "told_late"), {})


async def test_what_an_agency_tells_after_the_decision_is_late_when_an_unread_contact_would_be(scene: Scene) -> None:
    hub, api = scene.stage, scene.manager
    web = await signed_in(hub, "manager-2")
    for way in ("mail", "telephone"):
        reference = str((await api.post("/referrals", json=REFERRAL)).json()["reference"])
        packet = await hub.received("police", f"Our reference {reference}")
        await decided(api, reference)
        first = (await api.get(f"/cases/{reference}")).json()["case"]
        within = moment(first["first_look_due"]) - moment(first["received_at"])
        if way == "mail":
            police = hub.people["police"]
            words = police.reply(packet, "INFORMATION: Canary-he threatened to kill her today")
            await hub.mail(police.address, packet.reply_to, police.encrypted(words, [hub.hub_fingerprint]))
        else:
            await done(api, reference, "close", reason="r", override=True)
            leg = next(x["id"] for x in first["legs"] if x["agency"] == "police")
            await done(api, reference, "answered", leg=leg, answer="information", name="Sergeant Made-Up",
                       checked="rang back", words="Canary-he threatened to kill her today")  # fmt: skip
        told = await until(api, reference, "told late", late_news)
        row = late_news(told)
        assert moment(row["due"]) - moment(row["asked_at"]) == within
        told = await until(api, reference, "it is late", lambda t: late_news(t)["late"] == "LATE")
        assert told["case"]["closed"] is None
        mine = [o for o in json.loads(await hub.command("outstanding", "--json")) if o["reference"] == reference]
        assert "LATE" in {o["late"] for o in mine if o["what"] == "told_late"}
        assert "LATE" in (await web.get(f"/desk/case/{reference}")).text.upper()
        key = next(t["key"] for t in told["tasks"] if t["kind"] == "told_late")
        await done(api, reference, "task", key=key)
        assert not late_news((await api.get(f"/cases/{reference}")).json())


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
