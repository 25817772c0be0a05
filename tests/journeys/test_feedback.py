"""The end of a case from outside: what came of it, who hears of it and how, and a challenge that climbs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, Stage, stage
from tests.ready import ready, token_of

REFERRAL: dict[str, Any] = {
    "schema": "referral/1",
    "form": "child",
    "referrer": {"name": "Dr Orla Notreal", "source": "3A", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "Canary-bruise seen"},
    "subjects": [{"given_name": "Quillon-canary", "date_of_birth": "2016-04-01"}],
}
pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE = 400  # looks, a twentieth of a second apart


@dataclass
class Scene:
    """A served hub, and two members of staff at work with programs of their own."""

    stage: Stage
    officer: httpx.AsyncClient
    manager: httpx.AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A hub that asks for an outcome again after seconds, on each kind of database."""
    database = request.getfixturevalue("cluster").new_database() if request.param == "postgresql" else ""
    async with stage() as made:
        quick = made.folder / "hub.toml"
        quick.write_text(HUB_FILE.read_text() + '\n[clocks]\noutcome_chase = "3s"\nescalation_1 = "2s"\n')
        await ready(made, quick, database=database)
        made.publish_dkim("neighbour.example")
        await made.serve()
        async with (
            await client(made, "officer-1", "screening_officer") as officer,
            await client(made, "manager-1", "hub_manager") as manager,
        ):
            yield Scene(made, officer, manager)


async def client(hub: Stage, label: str, roles: str) -> httpx.AsyncClient:
    """A member's own program."""
    token = await token_of(hub, label, roles, label)
    return httpx.AsyncClient(
        base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
    )


async def act(api: httpx.AsyncClient, reference: str, act_: str, /, **given: object) -> httpx.Response:
    return await api.post(f"/cases/{reference}/{act_}", json=given)


async def done(api: httpx.AsyncClient, reference: str, act_: str, /, **given: object) -> None:
    got = await act(api, reference, act_, **given)
    assert got.status_code == 200, got.text


async def story(hub: Stage, reference: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await hub.command("show", reference, "--json"))
    return found


async def until(api: httpx.AsyncClient, reference: str, what: str, holds: Any) -> dict[str, Any]:
    """The story of the case as soon as it holds."""
    told: dict[str, Any] = {}
    for _ in range(PATIENCE):
        told = (await api.get(f"/cases/{reference}")).json()
        if holds(told):
            return told
        await asyncio.sleep(0.05)
    raise AssertionError(f"never: {what}: {told['tasks']} {told['case']['feedback']}")


async def decided(api: httpx.AsyncClient, reference: str) -> None:
    """A manager reads, rates and decides."""
    await done(api, reference, "rate", subject="s1", rating="amber", reason="r")
    await done(api, reference, "decide", subject="s1", decision="early_help", reason="r", voice="heard",
               without_checks=True)  # fmt: skip


async def referred(api: httpx.AsyncClient, **referrer: str) -> tuple[str, str]:
    """(reference, receipt code) of a referral by API."""
    data = deepcopy(REFERRAL)
    data["referrer"].update(referrer)
    made = (await api.post("/referrals", json=data)).json()
    return made["reference"], made["receipt_code"]


async def receipt(hub: Stage, code: str) -> tuple[WebClient, Page]:
    web = WebClient(hub.base_url)
    return web, await web.submit(await web.get("/receipt"), code=code)


async def test_social_cares_word_by_mail_closes_what_it_owes_and_its_silence_is_chased(scene: Scene) -> None:
    hub, api = scene.stage, scene.manager
    reference, _ = await referred(api)
    packet = await hub.received("social_care", f"Our reference {reference}")
    await decided(api, reference)
    refused = await act(api, reference, "close", reason="done")
    assert refused.status_code == 409
    await done(api, reference, "hand_over", agency="social_care", subjects=["s1"], reason="theirs")

    # It is the hub's until a person there accepts (design truth 6): the letter names whom, and what was decided.
    offer = await hub.received("social_care", "WE ASK YOU TO TAKE THIS ON")
    assert offer.encrypted
    assert "Quillon-canary" in offer.text
    assert "Early help (family help)" in offer.text
    assert "canary" not in (offer.subject + json.dumps(offer.outer)).lower()
    owed = next(o for o in (await story(hub, reference))["outstanding"] if o["what"] == "hand_over")
    assert owed["owner"] == "Fakeshire children’s social care"
    social = hub.people["social_care"]
    yes = social.encrypted(social.reply(offer, "ACCEPT"), [hub.hub_fingerprint])
    await hub.mail(social.address, offer.reply_to, yes)
    told = await until(api, reference, "taken on", lambda t: t["case"]["outcomes_owed"][0]["subjects"] == ["s1"])
    assert "hand_over" not in {o["what"] for o in told["outstanding"]}
    asked = await hub.received("social_care", f"has taken on {reference}")
    assert asked.encrypted  # its link opens the whole answer page
    assert "canary" not in (asked.text + asked.subject + json.dumps(asked.outer)).lower()

    # Silence: asked again by mail, then by telephone, and shown as theirs all the while.
    told = await until(api, reference, "a ring", lambda t: "outcome_overdue" in {k["kind"] for k in t["tasks"]})
    owed = next(o for o in told["outstanding"] if o["what"] == "outcome")
    assert (owed["owner"], owed["telephone"]) == ("Fakeshire children’s social care", "01632 960130")
    assert len([x for x in told["letters"] if x["letter"] == "outcome_asked"]) == 2

    # A stranger's word about it is nobody's; social care's own, signed and sealed, is theirs.
    forger = MailClient("safeguarding@social-care.example")
    await hub.mail("x@evil.example", asked.reply_to, forger.plain(asked.reply_to, "Re", "OUTCOME: NFA"))
    words = social.reply(asked, "OUTCOME: early help started\n\nCanary-worker visits weekly.")
    await hub.mail(social.address, asked.reply_to, social.encrypted(words, [hub.hub_fingerprint]))
    told = await until(api, reference, "an outcome", lambda t: t["case"]["subjects"][0]["outcomes"])
    assert [o["code"] for o in told["case"]["subjects"][0]["outcomes"]] == ["early_help"]
    assert "outcome" not in {o["what"] for o in told["outstanding"]}
    assert "outcome_overdue" not in {t["kind"] for t in told["tasks"]}
    assert packet.reply_to == asked.reply_to

    # The page takes an outcome too, with the code from inside the packet, and nobody is named on it.
    data = json.loads(packet.attachments["packet.json"])
    spoc = WebClient(hub.base_url)
    page = await spoc.get(f"{data['answer_page'].replace(hub.base_url, '')}/outcome")
    assert "canary" not in page.html.lower()
    refused_page = await spoc.submit(page, outcome="assessment", name="Eve Example")
    assert "needs the code" in refused_page.text
    taken = await spoc.submit(refused_page, outcome="assessment", name="Eve Example", code=data["code"])
    assert "We have your answer" in taken.text
    told = await story(hub, reference)
    assert [o["code"] for o in told["case"]["subjects"][0]["outcomes"]] == ["early_help", "assessment"]
    nothing_readable(hub)


@pytest.mark.long
async def test_who_asks_not_to_be_contacted_gets_no_mail_by_web_or_mail_and_who_may_be_rung_is_rung(
    scene: Scene,
) -> None:
    sender, answer = "Ann@neighbour.example", {"source": "1B", "mail": "ann@neighbour.example"}
    hub, api = scene.stage, scene.manager
    for route in ("none", "page", "telephone"):
        by_web, code = await referred(api, feedback_route=route, safe_contact="Canary-Tuesdays only", **answer)
        await decided(api, by_web)
        told = await story(hub, by_web)
        kinds = {t["kind"] for t in told["tasks"]}
        assert ("ring_referrer" in kinds) is (route == "telephone")
        assert told["case"]["feedback"] == ("due" if route == "telephone" else "on_page")
        assert "A qualified person has read it" in (await receipt(hub, code))[1].text
        if route == "telephone":
            await done(api, by_web, "tell_referrer", name="Ann", checked="rang the number", words="told her")
            told = await story(hub, by_web)
            assert told["case"]["feedback"] == "told"
            assert "ring_referrer" not in {t["kind"] for t in told["tasks"]}

    # The same by mail, structured and proved by its domain; and in plain words that ask for it.
    data = deepcopy(REFERRAL)
    data["referrer"] = {"name": "Ann", "telephone": "01632 960156", "feedback_route": "none", **answer}
    ann = MailClient(sender.lower())
    structured = ann.write(HUB_ADDRESS, "R", "See", {"referral.json": json.dumps(data).encode()})
    plain = ann.write(HUB_ADDRESS, "help", "They cry all night. Do not reply to this address, he reads it.")
    before = len((await api.get("/cases")).json()["cases"])
    for mail in (structured, plain):
        signed = hub.dkim["neighbour.example"].sign(mail.as_bytes())
        assert (await hub.mail(sender, HUB_ADDRESS, signed)).startswith("250")
    for _ in range(PATIENCE):
        cases = (await api.get("/cases")).json()["cases"]
        if len(cases) == before + 2:
            break
        await asyncio.sleep(0.05)
    by_mail = [c["reference"] for c in cases[before:]]
    for reference in by_mail:
        await done(api, reference, "look", rating="amber")
    structured_case = next(c["reference"] for c in cases[before:] if c["subjects"])
    await decided(api, structured_case)
    for reference in by_mail:
        assert not [x for x in (await story(hub, reference))["letters"] if x["letter"] in TO_THEM]
    await hub.received("social_care", f"Our reference {structured_case}")  # the dispatcher has been at work
    assert not hub.relay.mails("ann@neighbour.example")


TO_THEM = ("receipt", "accepted", "outcome", "news", "guidance")


async def test_a_referrer_who_says_do_not_write_to_me_is_not_written_to_any_more(scene: Scene) -> None:
    hub, api = scene.stage, scene.manager
    reference, code = await referred(api, mail="bo@neighbour.example")
    web, page = await receipt(hub, code)
    page = await web.submit(page, "/receipt/contact", contact="page")
    assert "We write nothing more to your address" in page.text
    await decided(api, reference)
    told = await story(hub, reference)
    assert told["case"]["feedback"] == "on_page"
    assert not [x for x in told["letters"] if x["letter"] in TO_THEM]
    page = await web.submit(page, "/receipt/contact", contact="mail")
    notice = await hub.relay.wait_for_mail("bo@neighbour.example", lambda mail: True, 20)
    assert b"There is news" in notice.content
    assert b"anary" not in notice.content


async def test_free_words_need_a_second_person_and_withholding_has_its_review(scene: Scene) -> None:
    hub, writer, reader = scene.stage, scene.officer, scene.manager
    reference, code = await referred(writer)
    await decided(reader, reference)
    await done(writer, reference, "feedback", words="Canary-words for you", asks="Keep a diary")
    own = await act(writer, reference, "approve_feedback", draft="f1")
    assert (own.status_code, "omebody other" in own.text) == (409, True)
    assert "Canary-words" not in (await receipt(hub, code))[1].text
    refused = await act(reader, reference, "withhold_feedback", why="lado", words="w")
    assert (refused.status_code, "looked at again" in refused.text) == (400, True)
    await done(reader, reference, "approve_feedback", draft="f1")
    web, page = await receipt(hub, code)
    assert "Canary-words for you" in page.text
    assert "Keep a diary" in page.text

    day = (datetime.now(UTC) + timedelta(days=30)).date()
    await done(reader, reference, "withhold_feedback", why="lado", words="w", review=str(day))
    for answer in ("yes", "no"):  # said on a page that was opened before: neither shows what is withheld now
        shown = await web.submit(page, "/receipt/reply", answers=answer, once=f"after-{answer}")
        assert "It is being dealt with" in shown.text
        assert "early help" not in shown.text
    assert "It is being dealt with" in (await receipt(hub, code))[1].text
    told = await story(hub, reference)
    assert told["case"]["feedback"] == "withheld"
    assert "disputed" in {task["kind"] for task in told["tasks"]}  # and whoever said no is heard
    assert told["case"]["withheld_until"].startswith(str(day))
    await done(reader, reference, "send_feedback", reason="the officer agrees")
    assert "early help" in (await receipt(hub, code))[1].text


async def test_a_challenge_from_the_receipt_page_climbs_two_stages_and_holds_the_case_open(scene: Scene) -> None:
    hub, officer, manager = scene.stage, scene.officer, scene.manager
    reference, code = await referred(officer)
    await decided(manager, reference)
    web, page = await receipt(hub, code)
    page = await web.submit(page, "/receipt/challenge", why="")
    assert "Write why you disagree" in page.text
    page = await web.submit(page, "/receipt/challenge", why="Canary-reason: the threshold is met")
    assert "You will be answered" in page.text
    assert "With the hub" in page.text
    told = await until(officer, reference, "pressed", lambda t: any(k["pressed"] for k in t["tasks"]
                       if k["kind"] == "challenged"))  # fmt: skip
    owed = next(o for o in told["outstanding"] if o["what"] == "challenge")
    assert (owed["owner"], owed["overdue"]) == ("the hub", True)
    await done(officer, reference, "reply_challenge", challenge="c1", words="Canary-no")
    page = (await receipt(hub, code))[1]
    assert "With the hub" in page.text
    assert "Canary-no" not in page.text  # nobody else has read it yet
    own = await act(officer, reference, "approve_reply", reply="c1-1")
    assert "omebody other than the writer" in own.text
    await done(manager, reference, "approve_reply", reply="c1-1")
    page = (await receipt(hub, code))[1]
    assert "With managers" in page.text
    assert "Canary-no" in page.text  # whoever disagreed reads the reply itself
    not_theirs = await act(officer, reference, "reply_challenge", challenge="c1", words="no")
    assert not_theirs.status_code == 404
    await done(officer, reference, "escalate", challenge="c1", reason="not content")
    assert "With senior managers" in (await receipt(hub, code))[1].text
    closing = await act(manager, reference, "close", reason="r")
    assert closing.status_code == 409
    decided_it = await act(manager, reference, "reply_challenge", challenge="c1", words="met", settles=True)
    assert "another manager must settle this" in decided_it.text
    async with await client(hub, "manager-2", "decision_manager") as other:
        await done(other, reference, "reply_challenge", challenge="c1", words="met after all", settles=True)
    await done(officer, reference, "approve_reply", reply="c1-2")
    page = (await receipt(hub, code))[1]
    assert "Answered" in page.text
    assert page.text.index("Canary-no") < page.text.index("met after all")
    assert "challenge" not in {o["what"] for o in (await story(hub, reference))["outstanding"]}
    nothing_readable(hub)


async def test_an_agency_disagrees_by_mail_and_is_answered_sealed(scene: Scene) -> None:
    hub, manager = scene.stage, scene.manager
    reference, _ = await referred(manager)
    packet = await hub.received("police", f"Our reference {reference}")
    await decided(manager, reference)
    police = hub.people["police"]
    words = police.reply(packet, "CHALLENGE URGENT: Canary-father is home at four")
    await hub.mail(police.address, packet.reply_to, police.encrypted(words, [hub.hub_fingerprint]))
    told = await until(manager, reference, "a challenge", lambda t: t["case"]["challenges"])
    assert told["case"]["challenges"][0]["standing"] == "with_managers"
    async with await client(hub, "manager-2", "decision_manager") as other:
        await done(other, reference, "reply_challenge", challenge="c1", words="Canary-we agree", settles="yes")
    answer = await hub.received("police", "Canary-we agree")
    assert answer.encrypted

    # What they tell after the end opens the case again, and somebody is to read it.
    await done(manager, reference, "close", reason="done", override=True)
    words = police.reply(packet, "INFORMATION: Canary-he was released today")
    await hub.mail(police.address, packet.reply_to, police.encrypted(words, [hub.hub_fingerprint]))
    told = await until(manager, reference, "told late", lambda t: "told_late" in {k["kind"] for k in t["tasks"]})
    assert told["case"]["closed"] is None
    nothing_readable(hub)


async def test_the_second_person_reads_the_very_letter_at_the_desk(scene: Scene) -> None:
    hub, api = scene.stage, scene.manager
    secret = hub.folder / "password"
    secret.write_text("a fictitious pass phrase")
    await hub.command("staff", "add", "desk-1", "--roles", "hub_manager", "--password-file", str(secret))
    reference, _ = await referred(api, feedback_route="page")
    await decided(api, reference)
    await done(api, reference, "feedback", words="Canary-added words", asks="")
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member="desk-1", password="a fictitious pass phrase")
    page = await web.get(f"/desk/case/{reference}")
    assert "WHAT WE WANT TO ADD Canary-added words" in page.text
    read = page.text.split("To be read by somebody other than its writer")[1].split("WHAT WE WANT TO ADD")[0]
    assert "Whoever has the receipt code reads on the receipt page" in read
    assert "The child named in your referral: early help" in read  # a page names nobody
    assert "Quillon-canary" not in read
    page = await web.submit(page, "/approve_feedback")
    assert "read by a second person" in page.text
    assert "Told on the receipt page, for whoever has the code" in page.text
    page = await web.submit(page, "/outcome", subject="s1", outcome="early_help", words="visits", leg="l1",
                            name="Eve Example", checked="rang back")  # fmt: skip
    assert "Eve Example" in page.text
    refused = await web.submit(page, "/outcome", subject="s1", outcome="early_help", words="visits", leg="l1")
    assert "Write who said it" in refused.text


AT_ONCE = "What the referrer will be told at once"


async def test_whoever_decides_reads_first_what_is_told_at_once_and_may_withhold_it(
    scene: Scene,
) -> None:
    hub, api = scene.stage, scene.manager
    secret = hub.folder / "password"
    secret.write_text("a fictitious pass phrase")
    await hub.command("staff", "add", "desk-2", "--roles", "hub_manager", "--password-file", str(secret))
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member="desk-2", password="a fictitious pass phrase")
    reference, code = await referred(api, mail="cy@neighbour.example")
    page = await web.get(f"/desk/case/{reference}")
    told = page.text.split(AT_ONCE)[1]
    assert told.index("There is news about the message") < told.index("What they read on the receipt page")
    assert "The child named in your referral: (what you decide)" in told
    assert "only that it is dealt with" in told
    assert 'href="#withhold_feedback"' in page.html
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    held = {"why": "risk_to_subject", "words": "he reads it"}
    refused = await web.submit(page, "/withhold_feedback", **held, review="11/27/2031")  # never the month first
    assert "Write the day on which it is looked at again, like 27/11/2026" in refused.text
    page = await web.submit(refused, "/withhold_feedback", **held, review=f"{day:%d/%m/%Y}")
    assert "It is withheld: they are told nothing" in page.text.split(AT_ONCE)[1]
    await decided(api, reference)
    assert "early help" not in (await receipt(hub, code))[1].text
    assert not hub.relay.mails("cy@neighbour.example")
    page = await web.get(f"/desk/case/{reference}")
    goes = page.text.split("Tell the referrer now, in the approved wording")[1].split("I have told the referrer")[0]
    await done(api, reference, "send_feedback", reason="safe now")
    shown = (await receipt(hub, code))[1].text
    for line in ("The child named in your referral: early help", "Say so below, or ring us"):
        assert line in goes
        assert line in shown
    notice = await hub.relay.wait_for_mail("cy@neighbour.example", lambda mail: True, 20)
    assert b"There is news" in notice.content


def nothing_readable(hub: Stage) -> None:
    """No name and no word of the case stands on the wire or in a file outside a seal."""
    wire = b"".join(m.content for m in hub.relay.delivered).lower()
    files = b"".join(p.read_bytes() for p in hub.folder.rglob("*") if p.is_file() and "mail" not in p.parts).lower()
    assert b"canary" not in wire
    assert b"canary" not in files
