"""The published form is filled in, mailed in, read field by field and compared; a locked one is opened with its
password, and one that cannot be read is typed in with the original beside it."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import msoffcrypto
import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage
from tests.full_case import form, forms
from tests.mailflow import paper
from tests.mailflow.paper import filled_docx, filled_pdf
from tests.ready import STAFF_PASSWORD, at_the_desk, manned

pytestmark = pytest.mark.asyncio(loop_scope="module")
FILE_PASSWORD = "Canary-password"
PDF = {
    "concern.immediate_danger": "no", "concern.what_happened": "Canary-form: bruises.\nThe father will be angry.",
    "consent.informed": "no", "referrer.name": "Pat Placeholder", "referrer.source": "School",
    "referrer.telephone": "01632 960177", "s1.given_name": "Quillon", "s1.date_of_birth": "27/03/2016",
    "s2.given_name": "Perdita", "s2.date_of_birth": "1/4/2019",
}  # fmt: skip
WORD = {**PDF, "concern.immediate_danger": "No", "consent.informed": "No", "concern.what_happened": "Canary-word"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk."""
    async with manned() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(hub: Stage) -> WebClient:
    """Somebody at the desk."""
    return await at_the_desk(hub)


async def sent(hub: Stage, words: str, files: dict[str, bytes]) -> None:
    """A stranger's plain mail."""
    nora = MailClient("nora@housing.example")
    assert (await hub.mail(nora.address, HUB_ADDRESS, nora.plain(HUB_ADDRESS, "Referral", words, files)))[:3] == "250"


async def case_of(web: WebClient, said: str) -> Page:
    """The page of the case that says this."""
    for _ in range(150):
        for reference in set(re.findall(r"/desk/case/([A-Z0-9-]+)", (await web.get("/desk")).html)):
            page = await web.get(f"/desk/case/{reference}")
            if said in page.text:
                return page
    raise AssertionError(f"no case says {said}")


async def test_an_encrypted_pdf_form_becomes_a_referral_that_a_person_compares(hub: Stage, web: WebClient) -> None:
    gp = hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Referral", "Please see attached", {"form.pdf": filled_pdf(PDF)})
    assert (await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [hub.hub_fingerprint]))).startswith("250")
    case = await case_of(web, "Canary-form")
    assert "Quillon" in case.text
    assert "Perdita" in case.text
    assert "Not before you have asked us" not in case.text
    assert "Compare it with the form" in case.text
    assert await hub.received("police", "Canary-form")  # asked at once, as with any referral
    path = re.search(r"/desk/case/[^/\"]+/compare", case.html)
    assert path
    page = await web.get(path[0])
    for shown in ("Canary-form", "“form.pdf”, box s2.date_of_birth", "Written “1/4/2019” (70% sure)",
                  "Typed (90% sure)", "Chosen (95% sure)", "Person 2 at risk"):  # fmt: skip
        assert shown in page.text, shown
    after = await web.submit(page, "/confirm")
    assert "Compare it with the form" not in after.text
    assert "compared with it, and confirmed" in after.text


async def test_a_locked_word_form_is_rung_about_opened_and_typed_in_from_what_was_read(
    hub: Stage, web: WebClient
) -> None:
    inside, locked = filled_docx(WORD), io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(inside)).encrypt(FILE_PASSWORD, locked)
    await sent(hub, "Canary-locked: the password follows by telephone", {"Mein Formular.docx": locked.getvalue()})
    case = await case_of(web, "Canary-locked")
    assert "ring whoever sent it, and ask for the password" in case.text
    assert "I have read it" in case.text  # its first look runs
    link = re.search(r'href="(/desk/mail/[^"]+)"', case.html)
    assert link
    page = await web.get(link[1])
    assert "Locked: Mein Formular.docx" in page.text
    wrong = await web.submit(page, "/unlock", **{"password-1": "another"})
    assert "this password does not open the file" in wrong.text
    typing = await web.submit(wrong, "/unlock", **{"password-1": FILE_PASSWORD})
    assert typing.url.endswith("/transcribe")
    proposed = form(typing, "transcribe").controls
    assert proposed["s1.given_name"].holds == ["Quillon"]
    assert proposed["s2.date_of_birth"].holds == ["2019-04-01"]
    assert proposed["referrer.source"].holds == ["2A"]
    assert "box s1.given_name. Typed (90% sure)" in typing.text
    assert "opened with its password" in typing.text
    sent_back = {name: value for name, value in form(typing, "transcribe").sent().items() if name != "csrf"}
    after = await web.submit(typing, "/transcribe", **{n.replace("-", "__"): v for n, v in sent_back.items()})
    assert "Quillon" in after.text
    assert "ask for the password" not in after.text
    assert "Compare it with the form" not in after.text  # a person has typed it in
    mail = await web.get(link[1])
    opened = re.search(r'href="(/desk/mail/[^"]+/opened/1)"', mail.html)
    assert opened
    assert (await web.get(opened[1])).octets == inside
    assert not [f for f in forms(mail) if f.act == "unlock"]
    kept = b"".join(p.read_bytes() for p in hub.folder.rglob("*") if p.is_file())
    assert FILE_PASSWORD.encode() not in kept
    assert STAFF_PASSWORD.encode() in kept  # the search would have found it


async def test_what_cannot_be_read_is_typed_in_with_the_original_beside_it(hub: Stage, web: WebClient) -> None:
    flat = paper.flattened(filled_pdf(PDF, people=2))
    await sent(hub, "Canary-flat", {"printed.pdf": flat, "empty.docx": paper.empty_docx()})
    case = await case_of(web, "Canary-flat")
    assert "Compare it with the form" not in case.text
    page = await web.get(case.url + "/transcribe")
    for shown in ("“printed.pdf” is our form, printed or saved without its boxes", "“empty.docx” is our form without",
                  "The words in printed.pdf", "The mail with its files"):  # fmt: skip
        assert shown in page.text, shown
    picture = re.search(r'<img src="(/desk/mail/[^"]+/pages/1)"', page.html)
    assert picture
    drawn = await web.get(picture[1])
    assert drawn.headers["content-type"] == "image/png"
    assert drawn.octets.startswith(b"\x89PNG")
    assert form(page, "transcribe").controls["s1.given_name"].holds == [""]


async def test_a_form_file_that_holds_nothing_is_named_on_the_page_of_its_case(hub: Stage, web: WebClient) -> None:
    await sent(hub, "Canary-empty: please see attached", {"Referral.docx": b"", "Second.docx": b"\x07junk" * 99})
    case = await case_of(web, "Canary-empty")
    assert "“Referral.docx” was not read: it is empty" in case.text
    assert "“Second.docx” was not read: it is damaged" in case.text


async def test_a_word_form_that_libreoffice_saved_is_read_and_compared_with_the_original(
    hub: Stage, web: WebClient
) -> None:
    saved = paper.by_libreoffice(filled_docx({**WORD, "concern.what_happened": "Canary-office"}))
    await sent(hub, "See attached", {"form.docx": saved})
    case = await case_of(web, "Canary-office")
    assert "Quillon" in case.text
    assert "Compare it with the form" in case.text
    assert "“form.docx” was saved by another program than Word" in case.text
    path = re.search(r"/desk/case/[^/\"]+/compare", case.html)
    assert path
    assert "(60% sure)" in (await web.get(path[0])).text


async def test_a_form_with_a_date_nobody_understands_is_used_with_what_was_written_beside_it(
    hub: Stage, web: WebClient
) -> None:
    answers = {"concern.what_happened": "Canary-doubt", "s1.given_name": "Quill", "s1.date_of_birth": "next spring"}
    await sent(hub, "See attached", {"form.pdf": filled_pdf(answers, people=1)})
    case = await case_of(web, "Canary-doubt")
    assert "Quill" in case.text
    assert "Compare it with the form" in case.text
    assert "“next spring”" in case.text


@pytest.mark.long
async def test_the_forms_that_are_built_name_the_hub(hub: Stage, tmp_path: Path) -> None:
    built = (await hub.command("forms", "build", str(tmp_path / "forms"))).split()
    assert [Path(name).name for name in built] == [
        "referral-child.pdf", "referral-child.docx", "referral-child.txt", "referral-adult.pdf",
        "referral-adult.docx", "referral-adult.txt", "referral.schema.json",
    ]  # fmt: skip
    word = paper.unzipped((tmp_path / "forms" / "referral-child.docx").read_bytes())["word/document.xml"].decode()
    assert HUB_ADDRESS in word
