"""An information product over real mail: three agencies tell, each is asked, and only what they let go leaves."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.demo.actors.mail_client import MailClient, Read
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_FILE, CommandFailed, Stage, stage
from tests.journeys.test_by_mail import refer
from tests.ready import ready

PASSWORD = "a fictitious pass phrase"
TOLD = {  # what each agency tells, and the sanitised words that rest on it
    "police": (
        "Canary-police: uncle Ned Nobody was cautioned in 2019",
        "An adult in the household is known to police.",
    ),
    "health": ("Canary-health: maternal history, ward 7", "A health concern about a carer is on record."),
    "education": ("Canary-pupil: absent nine days", "Attendance has fallen this term."),
}
ANALYSIS = "Seen together this is a pattern of neglect."
WHY = ("necessary=Canary-why nobody else can act", "proportionate=Canary-why one line", "justified=Canary-why harm")
ISA = """
[product]
agreement = "{limit}"

[[agreements]]
id = "isa"
name = "Fakeshire agreement"
parties = ["police", "health", "education", "madeup-surgery"]
since = 2026-01-05
"""


def hub_file(folder: Path, limit: str, extra: str = "") -> Path:
    """The demo's hub with agreements that leave out social care."""
    file = folder / "hub.toml"
    file.write_text(HUB_FILE.read_text() + ISA.format(limit=limit) + extra)
    return file


async def served(made: Stage, database: str, limit: str) -> Stage:
    """A served hub with a screening officer, a manager and a health navigator."""
    await ready(made, hub_file(made.folder, limit), database=database)
    secret = made.folder / "password"
    secret.write_text(PASSWORD)
    for member, role in (
        ("officer-1", "screening_officer"), ("manager-1", "decision_manager"), ("nurse-1", "health_navigator"),
    ):  # fmt: skip
        await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
    await made.serve()
    return made


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """Owners have an hour."""
    async with stage() as made:
        yield await served(made, database_url, "1h")


@pytest.fixture
async def hasty(database_url: str) -> AsyncIterator[Stage]:
    """Owners have a second."""
    async with stage() as made:
        yield await served(made, database_url, "1s")


async def signed_in(hub: Stage, member: str) -> WebClient:
    """Somebody at the desk."""
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web


async def sends(hub: Stage, person: MailClient, to: Read, words: str) -> None:
    """A sealed and signed reply."""
    sealed = person.encrypted(person.reply(to, words), [hub.hub_fingerprint])
    assert (await hub.mail(person.address, to.reply_to, sealed)).startswith("250")


async def shown(hub: Stage, reference: str, until: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The story of the case, once it says so."""
    for _ in range(60):
        story: dict[str, Any] = json.loads(await hub.command("show", reference, "--json"))
        if until(story):
            return story
    raise AssertionError("the story never came to this")


async def told(hub: Stage) -> tuple[str, dict[str, str]]:
    """A case about which three agencies have told something: its reference, and contribution ids by agency."""
    reference = await refer(hub)
    for agency, (words, _) in TOLD.items():
        packet = await hub.received(agency, "WHY YOU GET THIS")
        await sends(hub, hub.people[agency], packet, f"INFORMATION: {words}")
    story = await shown(hub, reference, lambda s: len(s["case"]["contributions"]) == 3)
    return reference, {c["agency"]: c["id"] for c in story["case"]["contributions"]}


async def act(hub: Stage, reference: str, name: str, *values: str) -> None:
    """An act of the desk, by command."""
    await hub.command("act", reference, name, *values, "--as", "manager-1")


async def written(hub: Stage, reference: str, ids: dict[str, str], *agencies: str) -> Page:
    """The navigator writes a first version for social care on the desk's page."""
    web = await signed_in(hub, "nurse-1")
    given = {f"wording.{ids[a]}": TOLD[a][1] for a in agencies}
    page = await web.submit(
        await web.get(f"/desk/case/{reference}"), "/product", subjects="s1", recipients="social_care",
        sources=[ids[a] for a in agencies], analysis=ANALYSIS, **given,
    )  # fmt: skip
    assert "Product 1, version 1: draft" in page.text
    return page


def letters(hub: Stage, agency: str) -> list[Read]:
    """Every mail in an agency's Maildir, opened by gpg with its own key."""
    person = hub.people[agency]
    return [person.open(mail.content) for mail in hub.relay.mails(person.address)]


def nobody_was_told_what_another_said(hub: Stage) -> None:
    """No contribution stands in any letter but its owner's, and nothing stands outside a seal."""
    for agency in hub.people:
        for read in letters(hub, agency):
            whole = read.text.encode() + b"".join(read.attachments.values())
            for owner, (words, _) in TOLD.items():
                assert owner == agency or words.split(":")[0].encode() not in whole, (agency, read.subject)
    wire = b"".join(m.content for m in hub.relay.delivered)
    for canary in (*(words.split(":")[0] for words, _ in TOLD.values()), *(w for _, w in TOLD.values()), ANALYSIS):
        assert canary.encode() not in wire


async def denied(hub: Stage) -> list[dict[str, str]]:
    """The attempts to open a compartment that were refused."""
    lines = json.loads(await hub.command("audit", "log", "access", "--json"))
    return [line for line in lines if line["what"] == "Denied" and "open_compartment" in line["about"]]


async def test_a_contribution_refused_for_release_and_the_product_sent_without_it(hub: Stage) -> None:
    reference, ids = await told(hub)
    await the_health_fragment_is_withheld_from_an_officer(hub, reference, ids)
    await written(hub, reference, ids, "police", "health", "education")
    await act(hub, reference, "ask_release", "product=p1", "purpose=safeguard_child")
    asked = {a: await hub.received(a, "THE WORDS WE WISH TO SHARE") for a in TOLD}
    for agency, letter in asked.items():
        assert letter.encrypted
        text = " ".join(letter.text.split())
        assert all(part in text for part in TOLD[agency])
        assert not [other for other in TOLD if other != agency and any(p in text for p in TOLD[other])]

    await sends(hub, hub.people["police"], asked["police"], "AGREE")
    await sends(hub, hub.people["health"], asked["health"], "REFUSE\nit would identify her mother")
    await agreed_on_the_page(hub, asked["education"])
    story = await shown(hub, reference, lambda s: {w["word"] for w in passages(s)} == {"agreed", "refused"})
    assert "owner_refused" in {t["kind"] for t in story["tasks"]}
    page = await (await signed_in(hub, "manager-1")).get(f"/desk/case/{reference}")
    assert (
        page.html.count("it would identify her mother") == 3
    )  # beside its words, where one overrides, in the history
    with pytest.raises(CommandFailed, match="not agreed by Fibshire NHS Trust"):
        await act(hub, reference, "release", "product=p1", "version=v1", "purpose=safeguard_child", *WHY)

    kept = (f"sources={ids['police']}", f"sources={ids['education']}")
    await act(hub, reference, "product", "product=p1", "subjects=s1", "recipients=social_care", *kept,
              f"analysis={ANALYSIS}")  # fmt: skip
    await act(hub, reference, "release", "product=p1", "version=v2", "purpose=safeguard_child", *WHY)
    sent = await hub.received("social_care", "WHAT IS KNOWN")
    text = " ".join(sent.text.split())
    assert sent.encrypted
    assert sent.signed_by == hub.hub_fingerprint
    assert "Quillon" in text
    assert ANALYSIS in text
    assert TOLD["police"][1] in text
    assert TOLD["education"][1] in text
    assert TOLD["health"][1] not in text
    assert "Canary-why" not in text
    assert sent.attachments["product.pdf"].startswith(b"%PDF")

    await act(hub, reference, "not_shared", f"what={ids['health']}", "reason=Canary-why its owner refused")
    story = await shown(hub, reference, lambda s: s["case"]["disclosures"][0]["delivery"] == "accepted")
    one = story["case"]["disclosures"][0]
    assert (one["recipient"], one["sources"]) == ("social_care", [ids["police"], ids["education"]])
    assert (one["basis"], one["by"]) == ("6(1)(e)", "manager-1")
    assert story["case"]["withheld"][0]["what"] == ids["health"]
    assert "x1 to social_care" in await hub.command("show", reference)
    page = await (await signed_in(hub, "manager-1")).get(f"/desk/case/{reference}")
    assert "Decided not to share Fibshire NHS Trust" in page.text.replace("What With By When ", "")
    nobody_was_told_what_another_said(hub)
    assert (await hub.command("audit", "verify")).startswith("holds")


async def the_health_fragment_is_withheld_from_an_officer(hub: Stage, reference: str, ids: dict[str, str]) -> None:
    """Shown as withheld, its mail not opened, no passage written on it; and each attempt is audited."""
    officer, manager = await signed_in(hub, "officer-1"), await signed_in(hub, "manager-1")
    page, whole = await officer.get(f"/desk/case/{reference}"), await manager.get(f"/desk/case/{reference}")
    assert "Canary-health" not in page.html
    assert "Withheld until its owner releases it" in page.text
    assert "Canary-police" in page.text
    assert "Canary-health" in whole.text
    assert "Withheld until" not in whole.text
    mail = f"/desk/mail/{ids['health']}"
    assert mail in whole.html
    assert mail not in page.html
    assert (await officer.get(mail)).status == 404
    assert "Canary-health" in (await manager.get(mail)).text
    health = ids["health"]
    tried = await officer.submit(
        page,
        "/product",
        subjects="s1",
        recipients="police",
        sources=health,
        analysis="x",
        **{f"wording.{health}": "y"},
    )
    assert tried.status == 400
    assert "You may not read what rests here" in tried.text
    lines = await denied(hub)
    assert {line["by"] for line in lines} == {"officer-1"}
    assert len(lines) == 2  # the mail and the words; a page that is only looked at is no attempt
    assert all(health in line["about"] and "case" in line["about"] for line in lines)


async def agreed_on_the_page(hub: Stage, letter: Read) -> None:
    """The page needs a name and the code from inside the letter."""
    found = re.search(r"(/release/\S+)", letter.text)
    code = re.search(r"use the code (\S+):", letter.text)
    assert found
    assert code
    web = WebClient(hub.base_url)
    page = await web.get(found[1])
    assert "Canary" not in page.html
    refused = await web.submit(page, answer="agree", name="Finn Fiction")
    assert "needs the code" in refused.text
    refused = await web.submit(refused, answer="agree", name="Finn Fiction", code="0000-0000")
    assert "not the code" in refused.text
    page = await web.submit(refused, answer="agree", name="Finn Fiction", code=code[1])
    assert "We have your answer" in page.text
    assert (await web.get("/release/o.nobody-p1-w1.aaaaaaaaaaaaaaaa")).status == 404


def passages(story: dict[str, Any]) -> list[dict[str, Any]]:
    """The passages of the first product."""
    found: list[dict[str, Any]] = story["case"]["products"][0]["passages"]
    return found


@pytest.mark.long
async def test_silence_is_no_veto_and_an_override_is_recorded_and_its_owner_told(hasty: Stage) -> None:
    hub = hasty
    reference, ids = await told(hub)
    await written(hub, reference, ids, "health")
    await act(hub, reference, "ask_release", "product=p1", "purpose=safeguard_child")
    asked = await hub.received("health", "THE WORDS WE WISH TO SHARE")
    story = await shown(hub, reference, lambda s: "owner_silent" in {t["kind"] for t in s["tasks"]})
    assert [o["owner"] for o in story["outstanding"] if o["what"] == "release"] == ["Fibshire NHS Trust"]

    web = await signed_in(hub, "manager-1")
    page = await web.get(f"/desk/case/{reference}")
    refused = await web.submit(page, "/override", passage="p1/w1", necessary="a", proportionate="b")
    assert "Write why it is justified" in refused.text
    reasons = dict(value.split("=") for value in WHY)
    page = await web.submit(page, "/override", passage="p1/w1", **reasons)
    assert "a manager overrides its owner" in page.text
    notice = await hub.received("health", "THE WORDS IN QUESTION")
    assert notice.encrypted
    assert "manager-1" in notice.text
    assert "Canary-why" not in notice.text
    officer = await signed_in(hub, "officer-1")
    # The words that go out may be read; what health told, on which they rest, stays shut.
    assert TOLD["health"][1] in " ".join((await officer.get(f"/desk/case/{reference}")).text.split())
    assert "Canary-health" not in (await officer.get(f"/desk/case/{reference}")).text

    token = (await hub.command("token", "add", "desk", "--roles", "decision_manager", "--staff", "manager-1")).strip()
    given = {"product": "p1", "version": "v1", "purpose": "safeguard_child", **reasons}
    async with httpx.AsyncClient(
        base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"}
    ) as api:
        assert (await api.post(f"/cases/{reference}/release", json=given)).status_code == 200
        again = await api.post(f"/cases/{reference}/release", json=given)
        assert (again.status_code, "write a new one" in again.text) == (409, True)
    assert TOLD["health"][1] in " ".join((await hub.received("social_care", "WHAT IS KNOWN")).text.split())

    await sends(hub, hub.people["health"], asked, "REFUSE\nwe were not asked in time")
    story = await shown(hub, reference, lambda s: "late_refusal" in {t["kind"] for t in s["tasks"]})
    assert passages(story)[0]["word"] == "overridden"
    log = json.loads(await hub.command("audit", "log", "access", "--json"))
    assert ("Overridden", "manager-1") in {(line["what"], line["by"]) for line in log}
    nobody_was_told_what_another_said(hub)


@pytest.mark.long
async def test_an_owner_who_was_overridden_hears_that_the_words_were_left_out_after_all(hub: Stage) -> None:
    reference, ids = await told(hub)
    await written(hub, reference, ids, "police", "health")
    await act(hub, reference, "ask_release", "product=p1", "purpose=safeguard_child")
    for agency, words in (("police", "AGREE"), ("health", "REFUSE\nit would identify her mother")):
        await sends(hub, hub.people[agency], await hub.received(agency, "THE WORDS WE WISH TO SHARE"), words)
    story = await shown(hub, reference, lambda s: {w["word"] for w in passages(s)} == {"agreed", "refused"})
    refused = next(w["id"] for w in passages(story) if w["word"] == "refused")
    await act(hub, reference, "override", f"passage=p1/{refused}", *WHY)
    first = await hub.received("health", "They go to:")
    assert "Shared without your agreement" in first.subject
    await act(hub, reference, "product", "product=p1", "subjects=s1", "recipients=social_care",
              f"sources={ids['police']}", f"analysis={ANALYSIS}")  # fmt: skip
    put_right = await hub.received("health", "THEY HAVE NOT BEEN SHARED")
    assert put_right.encrypted
    assert "Not shared after all" in put_right.subject
    await act(hub, reference, "release", "product=p1", "version=v2", "purpose=safeguard_child", *WHY)
    sent = await hub.received("social_care", "WHAT IS KNOWN")
    assert TOLD["health"][1] not in " ".join(sent.text.split())
    nobody_was_told_what_another_said(hub)


@pytest.mark.long
async def test_a_missing_agreement_never_stops_safeguarding_traffic(hub: Stage) -> None:
    reference = await refer(hub)
    assert "WHY YOU GET THIS" in (await hub.received("social_care", "WHY YOU GET THIS")).text
    story = await shown(hub, reference, lambda s: len(s["letters"]) > 3)
    assert story["agreements_lacking"] == {"social_care": "missing"}
    web = await signed_in(hub, "manager-1")
    page = await web.get(f"/desk/case/{reference}")
    assert "No information-sharing agreement in force: Fakeshire children’s social care: none" in page.text
    await act(hub, reference, "product", "subjects=s1", "recipients=social_care", f"analysis={ANALYSIS}")
    await act(hub, reference, "release", "product=p1", "version=v1", "purpose=early_help", *WHY)
    assert ANALYSIS in " ".join((await hub.received("social_care", "WHAT THE HUB MAKES OF IT")).text.split())
    queue = await web.get("/desk")
    told = "No information-sharing agreement in force: tell the board; share all the same: Fakeshire children’s"
    assert queue.text.count(told) == 1  # and no number: nobody need ring the agency about it
    assert '"agency": "social_care"' in (hub.folder / "serve.log").read_text()

    more = '\n[[agreements]]\nid = "two"\nname = "Two"\nparties = ["social_care"]\nsince = 2026-01-05\n'
    changed = await hub.command("hub", "apply", str(hub_file(hub.folder, "1h", more)))
    assert "+ agreement two (Two)" in changed
    assert "No information-sharing agreement in force" not in (await web.get("/desk")).text


@pytest.mark.long
async def test_a_product_for_whom_no_mail_can_be_sealed_is_held_and_rung(hub: Stage) -> None:
    reference = await refer(hub)
    await hub.received("social_care", "WHY YOU GET THIS")
    fingerprint = next(
        row["fingerprint"]
        for row in json.loads(await hub.command("key", "list", "--json"))
        if row["agency"] == "social_care"
    )
    await hub.command("key", "retire", fingerprint, "--as", "keys-1")
    await act(hub, reference, "product", "subjects=s1", "recipients=social_care", f"analysis={ANALYSIS}")
    await act(hub, reference, "release", "product=p1", "version=v1", "purpose=early_help", *WHY)
    story = await shown(hub, reference, lambda s: s["case"]["disclosures"][0]["delivery"] == "held")
    assert [t["about"] for t in story["tasks"] if t["kind"] == "telephone_agency"] == ["x1"]
    assert not [read for read in letters(hub, "social_care") if ANALYSIS in read.text]
    page = await (await signed_in(hub, "manager-1")).get(f"/desk/case/{reference}")
    assert "Ring the agency: mail will not get through" in page.text
    assert "01632 960130" in page.text
