"""The loop by pages, without any script: the form, the receipt page, the answer page."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from exchange.demo.actors.gpg import GpgFailed
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import CommandFailed, Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager")
        await made.serve()
        yield made


async def two_siblings(web: WebClient) -> Page:
    """A school tells of two children; the page before sending."""
    page = await web.submit(await web.get("/"), "/referral/begin", form="child", journey="work")
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, given_name="Ada-canary", family_name="Madeup")
    while not page.url.endswith("/another"):  # every page takes what it asks for and leaves the rest
        page = await web.submit(page, school="Canary-school", words="Canary-words", category=["neglect", "physical"],
                                date_of_birth__day="1", date_of_birth__month="4",
                                date_of_birth__year="2016")  # fmt: skip
    page = await web.submit(page, more="yes")
    assert page.url.endswith("/who-2")
    page = await web.submit(page, given_name="Bo-canary")
    while not page.url.endswith("/another"):
        page = await web.submit(page)
    page = await web.submit(page, more="no")
    assert page.url.endswith("/people")
    page = await web.submit(page, more="yes")
    page = await web.submit(page, name="Canary-uncle", relationship="uncle")
    page = await web.submit(page, poses_risk="yes", parental_responsibility="no")
    page = await web.submit(page, more="no")
    page = await web.submit(page, what_happened="Canary-bruises seen")
    page = await web.submit(page, more="yes")
    while not page.url.endswith("/consent"):
        page = await web.submit(page, injury="Canary-bruise", body_map="left arm", history="Canary-before")
    page = await web.submit(page, informed="no")
    page = await web.submit(page, why_not="unsafe_child")
    page = await web.submit(page, name="Pat Pretend", role="designated safeguarding lead", source="2A")
    page = await web.submit(page, lead_consulted="yes")
    page = await web.submit(page, telephone="01632 960170")
    return await web.submit(page)  # no files


async def test_the_form_the_code_and_the_outcome(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await two_siblings(web)
    assert page.url.endswith("/referral/check")
    assert "Bo-canary" in page.text
    page = await web.submit(page, "/referral/send")
    assert "We have received it" in page.text
    code = re.search(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]", page.text)
    reference = re.search(r"MASH-\w{4}-\w{4}", page.text)
    assert code
    assert reference
    again = await web.get("/referral/check")  # Back and forth shows the receipt again, and sends nothing twice
    assert code[0] in again.text

    social = await hub.received("social_care", "WHY YOU GET THIS")
    assert "Bo-canary" in social.text
    assert "Canary-uncle" in social.text
    education = await hub.received("education", "WHY YOU GET THIS")
    assert "Canary-uncle" not in education.text
    assert "Bo-canary" not in education.text  # a sibling without a date of birth is not known to be of school age

    # The answer page: opening it changes nothing; each answer needs a name and the code inside.
    packet = json.loads(social.attachments["packet.json"])
    spoc = WebClient(hub.base_url)
    for _ in range(2):
        answer = await spoc.get(packet["answer_page"])
    assert "canary" not in answer.html.lower()
    refused = await spoc.submit(answer, answer="received")
    assert refused.status == 400
    assert "Write your name" in refused.text
    coded = await spoc.submit(refused, answer="received", name="Eve Example")  # as a scanner might fill it in
    assert (coded.status, "needs the code" in coded.text) == (400, True)
    taken = await spoc.submit(coded, answer="received", name="Eve Example", code=packet["code"])
    assert "We have your answer" in taken.text
    refused = await spoc.submit(answer, answer="information", name="Eve", words="Canary-told")
    assert "needs the code" in refused.text
    for _ in range(5):
        refused = await spoc.submit(answer, answer="information", name="Eve", words="w", code="AAAA-AAAA")
    refused = await spoc.submit(answer, answer="information", name="Eve", words="w", code=packet["code"])
    assert "too many wrong codes" in refused.text
    page_of_school = await spoc.get(json.loads(education.attachments["packet.json"])["answer_page"])
    done = await spoc.submit(page_of_school, answer="information", name="Finn", words="Canary-told",
                             code=json.loads(education.attachments["packet.json"])["code"].lower())  # fmt: skip
    assert "nothing more to do" in done.text

    # The receipt page tells as it stands, by code only.
    other = WebClient(hub.base_url)
    ask = await other.get("/receipt")
    assert "do not know this code" in (await other.submit(ask, code="0" * 26)).text
    status = await other.submit(ask, code=code[0].lower().replace("-", " "))
    assert "Not yet" in status.text
    for subject in ("s1", "s2"):
        await hub.command("rate", reference[0], subject, "amber", "--reason", "r", "--as", "manager-9")
        await hub.command(
            "decide", reference[0], subject, "assessment", "voice=heard", "--without-checks", "--reason", "r",
            "--as", "manager-9",
        )  # fmt: skip
    status = await other.submit(ask, code=code[0])
    assert "The second child named in your referral: a social worker will make an assessment" in status.text
    assert "canary" not in status.html.lower()
    reopened = await other.submit(status, "/receipt/reply", answers="no")
    assert "look at it again" in reopened.text
    added = await other.submit(status, "/receipt/add", words="Canary-more")
    assert "We have what you added" in added.text
    story = json.loads(await hub.command("show", reference[0], "--json"))
    assert story["case"]["feedback"] == "disputed"
    assert "disputed" in {t["kind"] for t in story["tasks"]}
    files = b"".join(p.read_bytes() for p in hub.folder.rglob("*") if p.is_file() and "mail" not in p.parts)
    assert b"canary" not in files.lower()


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/"), "/referral/begin", form="child", journey="work")
    page = await web.submit(page)
    assert page.status == 400
    assert "Choose yes if anyone is in immediate danger" in page.text
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, family_name="Typed")
    assert "Write their first name" in page.text
    assert 'value="Typed"' in page.html
    page = await web.submit(page, given_name="Ty", family_name="Typed")
    page = await web.submit(page, date_of_birth__day="first", date_of_birth__month="2", date_of_birth__year="2016")
    assert "Write day, month and year as numbers" in page.text
    page = await web.submit(page, date_of_birth__day="31", date_of_birth__month="2", date_of_birth__year="2016")
    assert "There is no such day" in page.text
    assert 'value="31"' in page.html
    sent = await web.submit(await web.get("/referral/check"), "/referral/send")
    assert sent.status == 400  # nothing incomplete is sent, and it says what is missing, and leads there
    assert "Write what has happened, and what worries you" in sent.text
    assert 'href="/referral/happened?change#what_happened"' in sent.html
    assert "Choose which of these describes you best" in sent.text


async def test_a_form_from_elsewhere_is_refused(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.get("/")
    page.forms[0].values["csrf"] = "forged"
    assert (await web.submit(page, form="child")).status == 403
    stranger = WebClient(hub.base_url)  # the token of another browser
    fresh = await web.get("/")
    assert (await stranger.submit(fresh, form="child")).status == 403


async def test_pages_keep_nothing_and_load_nothing_from_elsewhere(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    for path in ("/", "/receipt", "/privacy", "/accessibility", "/hide-your-visit", "/answer/l.x.y", "/nowhere"):
        page = await web.get(path)
        assert page.status == (404 if path in ("/answer/l.x.y", "/nowhere") else 200), path
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not re.findall(r'(?:src|href)="https?://(?!www\.bbc)', page.html)


@pytest.mark.long
async def test_the_receipt_proves_offline_that_it_was_lodged_and_says_nothing_of_anybody(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    sent = await web.submit(await two_siblings(web), "/referral/send")
    reference = re.findall(r"MASH-\w{4}-\w{4}", sent.text)[0]
    saved, copy = await web.submit(sent, "/receipt/signed"), await web.submit(sent, "/referral/copy")
    assert saved.headers["content-disposition"] == f'attachment; filename="receipt-{reference}.txt"'
    assert "canary" not in saved.html.lower()
    assert "Bo-canary" in copy.html
    code = re.findall(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]", sent.text)[0]
    other = WebClient(hub.base_url)
    status = await other.submit(await other.get("/receipt"), code=code)
    assert "We ask you" not in status.text
    await hub.command("look", reference, "--rating", "amber", "--as", "manager-9")
    act = ("act", reference, "ask_referrer")
    await hub.command(*act, "questions=where_now", "questions=papers", "--as", "manager-9")
    status = await other.submit(await other.get("/receipt"), code=code)
    assert "Where are they now, and who is with them?" in status.text
    empty = await other.submit(status, "/receipt/answer")
    assert "Write your answer" in empty.text
    written = {"answer-q1": "Canary-at-home", "words": "Canary-knife", "why": "Canary-too-slow"}
    done = await other.submit(empty, "/receipt/answer", **written)  # one page, one thought: all of it is told
    assert "We have your answer, and what you added" in done.text
    assert "written more below that is not sent yet" in done.text  # to disagree has a button of its own
    assert re.findall(r">(Canary-[a-z-]+)</textarea>", done.html) == ["Canary-too-slow"]
    again = await other.submit(empty, "/receipt/answer", **written)  # and pressed twice
    assert "We have your answer" in again.text
    kinds = [e["kind"] for e in json.loads(await hub.command("show", reference, "--json"))["timeline"]]
    assert kinds.count("InformationAdded") == 2
    moved = await other.send_files(
        done, "/receipt/contact", {"note.txt": b"a note"}, contact="page", why="Canary-slow"
    )
    assert "The files you chose were not sent" in moved.text
    assert "Canary-slow</textarea>" in moved.html
    assert "Where are they now" not in done.text
    assert "A person read what you added Not yet" in done.text  # a first look is due again
    printed = await other.submit(status, "/receipt/print")
    assert f"Reference: {reference}" in printed.text
    assert (await other.submit(await other.get("/receipt"), code="")).status == 400
    stranger = await other.submit(printed, "/receipt", code="0" * 26)
    assert "do not know this code" in stranger.text

    folder = hub.folder / "kept"
    folder.mkdir()
    (folder / "receipt.txt").write_bytes(saved.octets)
    (folder / "copy.json").write_bytes(copy.octets)
    (folder / "other.json").write_bytes(copy.octets.replace(b"bruises", b"nothing"))
    altered = saved.octets.replace(b"web form", b"Web form")
    (folder / "altered.txt").write_bytes(altered)
    (folder / "longer.txt").write_bytes(b"Received: 2020-01-01\n" + saved.octets)
    (folder / "plain.txt").write_bytes(b"Reference: MASH-0000-0000")
    key, verify = str(hub.folder / "hub" / "hub-public-key.asc"), ("receipt", "verify")
    good = await hub.command(*verify, str(folder / "receipt.txt"), "--key", key, "--sent", str(folder / "copy.json"))
    assert "GOOD: this receipt is as it was signed" in good
    assert f"Reference {reference}" in good
    assert "The copy is what was sent" in good
    told = json.loads(await hub.command(*verify, str(folder / "receipt.txt"), "--json"))  # the key of the settings
    assert (told["standing"], told["reference"], told["by"]) == ("good", reference, "web form")
    for name, more, word in (
        ("altered.txt", (), "ALTERED"),
        ("longer.txt", (), "ALTERED"),
        ("plain.txt", (), "NO RECEIPT"),
        ("receipt.txt", ("--key", str(hub.folder / "police.asc")), "OTHER KEY"),
        ("receipt.txt", ("--key", key, "--sent", str(folder / "other.json")), "OTHER COPY"),
        ("receipt.txt", ("--key", str(folder / "plain.txt")), "no OpenPGP certificate"),
    ):
        with pytest.raises(CommandFailed) as failed:
            await hub.command(*verify, str(folder / name), *more)
        assert word in str(failed.value), name
    gpg = hub.people["police"].gpg  # and gpg alone tells the same
    assert gpg
    assert gpg.clear_signed_by(saved.octets) == hub.hub_fingerprint
    with pytest.raises(GpgFailed):
        gpg.clear_signed_by(altered)
