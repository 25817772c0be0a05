"""The desk, through its pages: the queue, a case from reading to deciding, a referral taken by telephone, search."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.ready import ready, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "a fictitious pass phrase"
REFERRER = {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with two members of staff."""
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, roles in (("manager-1", "hub_manager"), ("administrator-1", "hub_administrator")):
            await made.command("staff", "add", member, "--roles", roles, "--password-file", str(secret))
        await made.serve()
        yield made


async def signed_in(hub: Stage, member: str = "manager-1") -> WebClient:
    """Somebody at the desk."""
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    assert "Not yet looked at" in page.text
    return web


async def taken(web: WebClient, **more: str) -> Page:
    """A referral by telephone; the page of its case."""
    form = await web.get("/desk/telephone")
    answers = {
        "name": "Rita Ringer", "telephone": "01632 960180", "checked": "rang back", "rating": "green",
        "concern.immediate_danger": "no",
        "concern.what_happened": "Heard shouting", "s1.given_name": "Mina", "s1.family_name": "Inventa",
        "s1.date_of_birth": "2015-05-05", **more,
    }  # fmt: skip
    return await web.submit(form, "/desk/telephone", **answers)


async def test_nobody_sees_the_desk_without_signing_in(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    for path in ("/desk", "/desk/search", "/desk/telephone", "/desk/case/MASH-0000-0000"):
        assert (await web.get(path)).url.endswith("/desk/sign-in")
    page = await web.get("/desk/sign-in")
    for member, password in (("manager-1", "wrong"), ("nobody", PASSWORD)):
        refused = await web.submit(page, member=member, password=password)
        assert refused.status == 400
        assert "Name or password is wrong" in refused.text


async def test_a_long_call_is_typed_on_one_page_and_a_slip_loses_nothing(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await web.get("/desk/telephone")
    heard = {
        "name": "Rita Ringer",
        "concern.what_happened": "Unopened post",
        "s1.given_name": "Vera",
        "s1.school": "A",
    }
    for more in ("subjects", "people", "adult"):  # whom the caller names as they go on
        page = await web.submit(page, "/desk/telephone", **heard, more=more)
        assert page.status == 200
        assert all(f'value="{text}"' in page.html for text in ("Rita Ringer", "Vera"))
        assert "Unopened post</textarea>" in page.html
    assert "Person 2 at risk" in page.text
    assert "Person 2 in their life" in page.text
    assert page.forms[0].values["s1.school"] == "A"  # of a child: there again for whoever goes back
    said: dict[str, str | list[str]] = {
        "name": "Rita Ringer", "telephone": "01632 960180", "checked": "rang back", "concern.immediate_danger": "no",
        "rating": "green", "concern.what_happened": "Unopened post", "s1.given_name": "Vera", "s2.given_name": "Sid",
        "s1.abuse": ["self_neglect", "financial"], "concern.already_told": ["police"], "s1.date_of_birth": "never",
        "p1.name": "Ash Nobody", "p2.name": "Bo Nobody", "p2.alleged": "yes",
    }  # fmt: skip
    page = await web.submit(page, "/desk/telephone", **said)
    assert page.status == 400
    ticked = re.findall(r'name="s1.abuse" type="checkbox" value="(\w+)" checked', page.html)
    assert ticked == ["financial", "self_neglect"]
    said["s1.date_of_birth"] = "1955-04-01"
    page = await web.submit(page, "/desk/telephone", **said)
    assert "Financial or material abuse; Self-neglect" in page.text
    assert "Bo Nobody" in page.text
    assert (await web.get("/desk/telephone?people=%C2%B2&subjects=-3")).status == 200


async def test_a_case_from_the_telephone_to_the_decision(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web)
    assert "Mina Inventa" in page.text
    assert "Rita Ringer 01632 960180 rang back" in page.text
    page = await web.submit(page, "/rate", subject="s1", rating="amber", reason="shouting at night")
    assert "Mina Inventa: Amber" in page.text
    page = await web.submit(page, "/answered", leg="l1", answer="nothing_known", name="Sergeant Made-Up",
                            checked="rang back", words="searched two systems")  # fmt: skip
    assert "not known to them (proof: staff)" in page.text
    page = await web.submit(page, "/ask", agency="madeup-surgery", subjects="s1", reason="her GP")
    assert "Madeup Surgery asked as well" in page.text
    await hub.received("madeup-surgery", "WHY YOU GET THIS")
    page = await web.submit(page, "/call", starts_date="2031-03-27", starts_time="14:30", subjects="s1",
                            agencies="police", reason="strategy")  # fmt: skip
    assert "Not quorate yet: social care, police, health" in page.text
    refused = await web.submit(page, "/decide", subject="s1", decision="assessment")
    assert refused.status == 400
    assert "Write the reason" in refused.text
    page = await web.submit(page, "/decide", subject="s1", decision="assessment", reason="needs help",
                            voice="heard", without_checks="yes")  # fmt: skip
    assert "needs help" in page.text
    page = await web.submit(page, "/outcome", subject="s1", outcome="assessment", words="a worker visits")
    refused = await web.submit(page, "/close", reason="done")
    assert refused.status == 400
    page = await web.submit(page, "/close", reason="done", override="yes")
    assert "Closed" in page.text
    found = await web.submit(await web.get("/desk/search"), "/desk/search", given_name="Meena", family_name="Inventa")
    assert "Mina Inventa" in found.text


async def test_a_person_is_found_by_where_they_live_or_by_number(hub: Stage) -> None:
    web = await signed_in(hub)
    where = {"s1.given_name": "Postal-canary", "s1.postcode": "zz99 7xy", "s1.nhs_number": "943 476 5919"}
    await taken(web, **where)
    form = await web.get("/desk/search")
    assert "Postal-canary" in (await web.submit(form, "/desk/search", postcode="ZZ997XY")).text
    assert "Postal-canary" in (await web.submit(form, "/desk/search", nhs_number="9434765919")).text
    assert "Postal-canary" not in (await web.submit(form, "/desk/search", postcode="ZZ99 7XX")).text
    refused = await web.submit(form, "/desk/search", year="2016")
    assert refused.status == 400
    assert "Write a name, a postcode or a whole NHS number" in refused.text


async def test_an_administrator_sees_status_and_no_content(hub: Stage) -> None:
    page = await taken(await signed_in(hub), **{"s1.given_name": "Hidden-canary"})
    reference = re.findall(r"MASH-\w{4}-\w{4}", page.text)[0]
    web = await signed_in(hub, "administrator-1")
    seen = await web.get(f"/desk/case/{reference}")
    assert reference in seen.text
    assert "canary" not in seen.html.lower()
    assert "Rita" not in seen.html
    assert (await web.get("/desk/telephone")).status == 404


async def test_a_mail_by_anybody_waits_to_be_looked_at(hub: Stage) -> None:
    stranger = MailClient("neighbour@street.example")
    mail = stranger.plain(HUB_ADDRESS, "help", "The little ones next door cry all night")
    assert (await hub.mail(stranger.address, HUB_ADDRESS, mail)).startswith("250")
    web = await signed_in(hub)
    for _ in range(100):
        page = await web.get("/desk")
        if "Came unencrypted" in page.text:
            break
    assert "Ring the sender" in page.text
    reference = page.html.split('href="/desk/case/')[1].split('"')[0]
    page = await web.get(f"/desk/case/{reference}")
    assert "The little ones next door cry all night" in page.text
    refused = await web.submit(page, "/look")
    assert refused.status == 400
    assert "Say how urgent it seems" in refused.text
    page = await web.submit(page, "/look", rating="amber")
    assert "Read by a person, seems amber" in page.text
    form = await web.get(f"/desk/case/{reference}/transcribe")
    assert "The little ones next door cry all night" in form.text
    refused = await web.submit(form, "/transcribe", **{"concern.what_happened": "Typed-by-hand"})
    assert "describe at least one child" in refused.text
    assert "Typed-by-hand" in refused.html
    page = await web.submit(refused, "/transcribe", **{"s1.given_name": "Littleone"})
    assert "Littleone" in page.text
    assert "Littleone" in (await hub.received("social_care", "Littleone")).text
    assert not hub.relay.mails(stranger.address)  # an unproved sender gets no automatic answer


async def test_of_very_many_who_sound_so_whoever_is_written_so_comes_first_and_nobody_is_left_out_unsaid(
    hub: Stage,
) -> None:
    token = await token_of(hub, "school", "intake_admin")
    lodged = {"concern": {"immediate_danger": "no", "what_happened": "worry"}, "referrer": REFERRER}
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as program:
        for case in range(18):  # "Kid0" to "Kid107" sound alike
            people = [{"given_name": f"Kid{6 * case + n}", "family_name": "Queue"} for n in range(6)]
            got = await program.post(f"{hub.base_url}/api/v1/referrals", json={**lodged, "subjects": people})
            assert got.status_code == 201, got.text
    web = await signed_in(hub)
    form = await web.get("/desk/search")
    found = await web.submit(form, "/desk/search", given_name="kid88", family_name="QUEUE")
    written, _, sounding = found.text.partition("Much: a name that sounds the same, or the NHS number (99)")
    assert "Much: the whole name, or the NHS number (1)" in written
    assert re.findall(r"Kid\d+ Queue", written) == ["Kid88 Queue"]
    assert len(re.findall(r"Kid\d+ Queue", sounding)) == 99
    assert "108 people might be meant. Only the 100 most alike are shown" in found.text
    last = await web.submit(form, "/desk/search", given_name="Kid107", family_name="Queue")
    assert last.text.index("Kid107 Queue") < last.text.index("a name that sounds the same")


async def test_whoever_is_in_danger_now_stands_first_of_what_nobody_has_looked_at(hub: Stage) -> None:
    token = await token_of(hub, "surgery", "intake_admin")
    lodged = {"referrer": REFERRER, "subjects": [{"given_name": "Mina"}]}
    references = []
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as program:
        for danger in ("no", "yes"):
            concern = {"immediate_danger": danger, "what_happened": "worry"}
            got = await program.post(f"{hub.base_url}/api/v1/referrals", json={**lodged, "concern": concern})
            references.append(got.json()["reference"])
    page = await (await signed_in(hub)).get("/desk")
    assert "Not yet looked at, 1 with danger now" in page.text
    listed = re.findall(r"/desk/case/(MASH-\w{4}-\w{4})", page.html.partition('id="unread"')[2])
    assert listed[0] == references[1]
