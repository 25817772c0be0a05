"""What hub staff, agencies and senders are told is all there is: nothing vanishes, nothing looks surer than it is."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.smtp_server import Delivered
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, CommandFailed, Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "a fictitious pass phrase"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with a manager; police and the surgery sign their mail with DKIM."""
    async with stage() as made:
        await ready(made)
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager")
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "manager-1", "--roles", "hub_manager", "--password-file", str(secret))
        for domain in ("police.example", "madeup-surgery.example"):
            made.publish_dkim(domain)
        await made.serve()
        yield made


async def at_the_desk(hub: Stage) -> WebClient:
    """The manager, signed in."""
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member="manager-1", password=PASSWORD)
    return web


async def shown(web: WebClient, path: str, what: str) -> Page:
    """The page once it shows `what`, a pattern."""
    for _ in range(200):
        page = await web.get(path)
        if re.search(what, page.html):
            return page
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what} is not on {path}")


async def taken(web: WebClient, **more: str) -> Page:
    """A referral by telephone, seeming green; the page of its case."""
    answers = {
        "name": "Rita Ringer", "telephone": "01632 960180", "checked": "rang back", "rating": "green",
        "concern.immediate_danger": "no", "concern.what_happened": "Heard shouting", "s1.given_name": "Mina",
        "s1.family_name": "Inventa", "s1.date_of_birth": "5 May 2015", **more,
    }  # fmt: skip
    return await web.submit(await web.get("/desk/telephone"), "/desk/telephone", **answers)


async def test_a_rating_that_nobody_confirmed_is_called_provisional_everywhere(hub: Stage) -> None:
    web = await at_the_desk(hub)
    page = await taken(web)
    reference = reference_in(page.text)
    assert "Mina Inventa: Green (provisional)" in page.text
    assert "rate, then decide (green is provisional)" in page.text
    assert "Green (provisional)" in (await web.get("/desk")).text
    assert "green (provisional)" in await hub.command("show", reference)
    owed = (await hub.command("outstanding")).splitlines()
    assert [line for line in owed if reference in line and "next: rate, then decide (green is provisional)" in line]
    decided = ("decide", reference, "s1", "nfa", "voice=heard", "--without-checks", "--reason", "nothing in it",
               "--as", "manager-9")  # fmt: skip
    with pytest.raises(CommandFailed, match="rate this subject before deciding"):
        await hub.command(*decided)
    page = await web.submit(page, "/rate", subject="s1", rating="green", reason="as it seemed")
    assert "provisional" not in page.text
    assert "next: decide" in await hub.command("show", reference)
    await hub.command(*decided)


async def answered(hub: Stage, sent: bytes) -> str:
    """What the GP is answered to a mail."""
    gp = hub.people["madeup-surgery"]
    before = {mail.path for mail in hub.relay.mails(gp.address)}
    await hub.mail(gp.address, HUB_ADDRESS, sent)
    came = await hub.relay.wait_for_mail(gp.address, lambda mail: mail.path not in before, 20)
    return gp.open(came.content).text


def reference_in(text: str) -> str:
    """The reference of a case."""
    found = re.search(r"MASH-\w{4}-\w{4}", text)
    assert found
    return found[0]


async def referred(hub: Stage, **more: Any) -> str:
    """A GP refers by sealed mail; the reference of the case."""
    referral = {
        "form": "child",
        "referrer": {"name": "Dr Orla Notreal", "source": "3A", "telephone": "01632 960155"},
        "concern": {"immediate_danger": "no", "what_happened": "A bruise"},
        "subjects": [{"given_name": "Milo", "date_of_birth": "2019-03-27", "school": "Imaginary Primary"}],
        **more,
    }  # fmt: skip
    gp = hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Referral", "Attached.", {"referral.json": json.dumps(referral).encode()})
    return reference_in(await answered(hub, gp.encrypted(mail, [hub.hub_fingerprint])))


async def test_a_warning_and_the_manifest_of_its_packet_agree(hub: Stage) -> None:
    reference = await referred(
        hub, consent={"informed": "no", "why_not": "unsafe_child"},
        concern={"immediate_danger": "yes", "what_happened": "Bruise", "risks_to_workers": "Canary-dog in the hall"},
    )  # fmt: skip
    disclosed = {"concern.immediate_danger", "consent.informed", "consent.why_not"}
    for agency in ("police", "health", "social_care", "education"):
        packet = await hub.received(agency, f"Our reference {reference}")
        for warning in ("IMMEDIATE DANGER", "DO NOT TELL THE FAMILY", "RISK TO WORKERS"):
            assert warning in packet.text
        told = json.loads(packet.attachments["packet.json"])
        assert disclosed <= set(told["manifest"]) == set(told["values"])
        worker = {name: value for name, value in told["values"].items() if "risks_to_workers" in name}
        if agency in ("police", "social_care"):  # those who need to know the risk itself
            assert worker == {"concern.risks_to_workers": "Canary-dog in the hall"}
        else:
            assert worker == {"concern.risks_to_workers:warned": "yes"}
            assert "Canary-dog" not in packet.text
            assert "Yes. Ring us to hear more" in packet.text


async def test_what_a_mails_headers_show_opens_no_page_and_a_reminders_link_says_little(hub: Stage) -> None:
    reference = await referred(hub)
    packet = await hub.received("education", f"Our reference {reference}")
    passer_by = WebClient(hub.base_url)
    assert "reply-to" not in packet.outer
    told = json.loads(packet.attachments["packet.json"])
    assert (await passer_by.get(f"/answer/{told['answer_address'].partition('@')[0]}")).status == 404
    assert (await passer_by.get(told["answer_page"])).status == 200
    reminder = await hub.received("education", f"Reference    {reference}", 40)
    link = re.search(r"http\S+/answer/\S+", reminder.text)
    assert link
    assert link[0] != told["answer_page"]
    assert (await passer_by.get(f"/answer/{reminder.reply_to.partition('@')[0]}")).status == 404
    page = await passer_by.get(link[0])
    for answer in ("accept", "decline", "information", "nothing_known"):
        refused = await passer_by.submit(page, answer=answer, name="Mallory", words="x", code=told["code"])
        assert (refused.status, "Choose one answer" in refused.text) == (400, True)
    for guess in ("", *(f"0000-000{n}" for n in range(6))):
        refused = await passer_by.submit(page, answer="received", name="Mail Scanner", code=guess)
        assert refused.status == 400
    assert "There were too many wrong codes" in refused.text
    cried = await passer_by.submit(page, answer="cannot_open", name="Finn Fiction")
    assert cried.status == 200  # is heard without a code
    desk = await at_the_desk(hub)
    assert "received (proof" not in (await desk.get(f"/desk/case/{reference}")).text
    done = await passer_by.submit(  # guesses by the reminder's link lock the reminder's page alone
        await passer_by.get(told["answer_page"]), answer="received", name="Finn Fiction", code=told["code"]
    )
    assert "We have your answer" in done.text
    assert "received (proof: the code from inside the packet)" in (await desk.get(f"/desk/case/{reference}")).text
    mailbox = f"{link[0].rpartition('/')[2]}@{HUB_ADDRESS.partition('@')[2]}"
    assert (await hub.mail("x@street.example", mailbox, b"Subject: x\r\n\r\nx")).startswith("550")


async def called(web: WebClient, reference: str, **more: str) -> Page:
    """A strategy discussion of police, health and social care, in two days."""
    at = datetime.now(UTC) + timedelta(days=2)
    return await web.submit(
        await web.get(f"/desk/case/{reference}"), "/call", starts_date=f"{at:%Y-%m-%d}", starts_time="10:00",
        subjects="s1", reason="injury", agencies=["police", "health", "social_care"], **more,
    )  # fmt: skip


async def invited(hub: Stage, agency: str, reference: str) -> Read:
    """The invitation in an agency's Maildir."""
    person = hub.people[agency]

    def fits(mail: Delivered) -> bool:
        read = person.open(mail.content)
        return "METHOD:REQUEST" in read.calendar and reference in read.text

    return person.open((await hub.relay.wait_for_mail(person.address, fits, 20)).content)


async def test_a_calendar_reply_that_nothing_proves_is_shown_and_counts_when_the_desk_confirms_it(hub: Stage) -> None:
    reference = await referred(hub)
    web, where = await at_the_desk(hub), f"/desk/case/{reference}"
    await called(web, reference)
    police, social_care = hub.people["police"], hub.people["social_care"]
    invitation = await invited(hub, "social_care", reference)
    declined = social_care.answer_invitation(invitation, "DECLINED", "Canary-<b>comment")
    await hub.mail("x@street.example", invitation.reply_to, declined)
    page = await shown(web, where, "a reply that nothing proves says: declined")
    assert "A reply to an invitation that nothing proves, or to an earlier time: ask, then confirm it" in page.text
    assert "ask them: a reply that nothing proves says declined" in page.text
    assert "to the invitation: declined (claimed: nothing proves it)" in page.text
    assert f"From {social_care.address} (nothing proves who wrote it)" in page.text  # whom to ask, and about what
    assert "They wrote: “Canary-<b>comment" in page.text  # and what stands in the mail beside it
    # They are told that it does not count yet, for perhaps nothing has come from them.
    await hub.received("social_care", "has an answer to the invitation", 40)
    own = await invited(hub, "police", reference)
    signed = hub.dkim["police.example"].sign(police.answer_invitation(own, "ACCEPTED"))
    await hub.mail(police.address, own.reply_to, signed)
    page = await shown(web, where, "Not quorate yet: social care, health")
    page = await web.submit(page, "/attends")
    assert "a reply that nothing proves says" not in page.text
    assert re.search(r"to the invitation: declined(?! \(claimed)", page.text)
    page = await web.submit(page, "/attends", seat="d1/i2", attendance="accepted", name="Nurse Notional",
                            checked="rang back")  # fmt: skip
    assert "Not quorate yet: social care" in page.text
    assert "Nurse Notional" in page.text
    assert (await hub.command("audit", "verify")).startswith("holds")


def by_machine(subject: str, text: str, *headers: str, sender: str = "records@madeup-surgery.example") -> bytes:
    """A mail that says it was written by a machine."""
    mail = (f"From: {sender}", f"To: {HUB_ADDRESS}", f"Subject: {subject}", f"Message-ID: <{len(text)}@x.example>",
            "Date: Tue, 24 Nov 2026 10:00:00 +0000", *headers, "", text, "")  # fmt: skip
    return "\r\n".join(mail).encode()


async def test_a_concern_that_a_machine_sends_becomes_a_case_and_gets_no_automatic_answer(hub: Stage) -> None:
    written = by_machine("Concern 4711", "Canary-record: she is afraid to go home", "Auto-Submitted: auto-generated")
    sent = hub.dkim["madeup-surgery.example"].sign(written)
    assert (await hub.mail("records@madeup-surgery.example", HUB_ADDRESS, sent)).startswith("250")
    web = await at_the_desk(hub)
    page = await shown(web, "/desk?todo=all", "Ring the sender: no automatic receipt went out")
    cases = [await web.get(f"/desk/case/{r}") for r in set(re.findall(r"/desk/case/([A-Z0-9-]+)", page.html))]
    case = next(page for page in cases if "Canary-record" in page.text)
    assert "I have read it" in case.text
    assert not hub.relay.mails("records@madeup-surgery.example")


async def test_no_mail_we_accepted_is_out_of_sight(hub: Stage) -> None:
    """An absence notice is listed, and can be made a concern after all; what may not be one waits for a person."""
    absence = by_machine("Automatic reply: Message", "Canary-absent: I am on leave", "Auto-Submitted: auto-replied",
                         "In-Reply-To: <1@hub.example>", sender="ann@street.example")  # fmt: skip
    await hub.mail("ann@street.example", HUB_ADDRESS, absence)
    unsure = by_machine("Ticket 12", "Canary-ticket: we have your message", "Auto-Submitted: auto-replied")
    await hub.mail("", HUB_ADDRESS, unsure)
    web = await at_the_desk(hub)
    await shown(web, "/desk?todo=all", "A mail that belongs to no case we can tell")
    page = await shown(web, "/desk/mail", "A machine’s word")
    assert "Waits for somebody to say what it is" in page.text
    opened = [await web.get(where) for where in re.findall(r'href="(/desk/mail/[^"]+)"', page.html)]
    notice = next(page for page in opened if "Canary-absent" in page.text)
    assert any("Canary-ticket" in page.text for page in opened)
    case = await web.submit(notice, "/contact")
    assert "Canary-absent" in case.text
    assert "A machine’s word" not in (await web.get("/desk/mail")).text


async def test_a_mail_that_cannot_be_opened_does_not_look_empty(hub: Stage) -> None:
    gp, key = hub.people["madeup-surgery"], hub.dkim["madeup-surgery.example"]
    assert gp.gpg
    web = await at_the_desk(hub)
    for subject, sealed in (
        ("wrong key", gp.encrypted(gp.write(HUB_ADDRESS, "x", "Canary"), [gp.gpg.fingerprint(gp.address)])),
        (
            "inline",
            gp.plain(HUB_ADDRESS, "x", gp.gpg.encrypt(b"Canary", [gp.gpg.fingerprint(gp.address)], "").decode()),
        ),
    ):
        receipt = await answered(hub, key.sign(sealed))
        assert "WE COULD NOT OPEN IT" in receipt, subject
        page = await web.get(f"/desk/case/{reference_in(receipt)}")
        assert "A mail in this case could not be opened. It was sealed for another key than ours" in page.text
        assert "[Part of this mail is sealed, and could not be opened.]" in page.text
        assert "BEGIN PGP" not in page.text


async def test_calendars_say_where_naming_nobody_and_the_papers_say_all(hub: Stage) -> None:
    web = await at_the_desk(hub)
    page = await taken(web, **{"s1.given_name": "Wenna", "s1.family_name": "Canarywick", "s1.postcode": "ZZ99 3WZ"})
    reference = reference_in(page.text)
    for telling in ("Call about Wenna", "https://meet.example/canarywick-12", "Hall at zz993wz", "x" * 201, "a\x07b"):
        refused = await called(web, reference, location=telling)
        assert refused.status == 400
        assert "location" in refused.text
    link = "https://meet.example/7731?room=a,b;c"
    page = await called(web, reference, location=link, place="Passcode Canary-4711, then wait")
    assert "Strategy discussion, " in page.text
    invitation = await invited(hub, "health", reference)
    unfolded = invitation.calendar.replace("\r\n ", "")
    assert "LOCATION:https://meet.example/7731?room=a\\,b\\;c" in unfolded
    assert f"Where        {link}" in invitation.text
    assert "Canary" not in invitation.calendar + invitation.text
    papers = await hub.received("health", "Canary-4711")
    assert papers.encrypted
    assert link in papers.text
    wire = b"".join(mail.content for mail in hub.relay.delivered)
    assert b"Canary-4711" not in wire
