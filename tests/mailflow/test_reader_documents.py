"""Documents are looked into in the limited child too: one that kills it takes nothing else with it."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path

import msoffcrypto
import pikepdf
import pytest

from exchange.demo.actors.mail_client import MailClient
from mailflow.document import State
from mailflow.forms import left_out, structured
from mailflow.reader import CPU, MOST_DOCUMENTS, Reader
from tests.mailflow import paper
from tests.mailflow.outlook import tnef
from tests.mailflow.paper import filled_docx, filled_pdf, unzipped, zipped
from tests.mailflow.test_reader import PLAIN, child_of, cpu_seconds

SENDER = MailClient("gp@surgery.example")
ANSWERS = {"s1.given_name": "Quillon"}
PASSWORD = "Pass wörd"


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    made = await Reader.start()
    yield made
    await made.close()


def mail(**files: bytes) -> bytes:
    """With these files attached."""
    named = {name.replace("_", "."): content for name, content in files.items()}
    return SENDER.plain("hub@hub.example", "Referral", "See attached", named)


def locked_docx() -> bytes:
    """As Word locks it: ECMA-376 agile encryption in an OLE container (MS-OFFCRYPTO 2.3.4.10)."""
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(filled_docx(ANSWERS))).encrypt(PASSWORD, out)
    return out.getvalue()


def zip_bomb() -> bytes:
    return zipped({**_word(), "word/document.xml": b"<x>" + b" " * 400_000_000})


def many_elements() -> bytes:
    return zipped({**_word(), "word/document.xml": b'<x xmlns:w="w">' + b"<w:sdt/>" * 2_000_000 + b"</x>"})


def deep_elements() -> bytes:
    return zipped({**_word(), "word/document.xml": b"<a>" * 3_000_000})


def entities() -> bytes:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return zipped({**_word(), "word/document.xml": f'<!DOCTYPE x [<!ENTITY a0 "ha">{levels}]><x>&a11;</x>'.encode()})


def page_of_blanks() -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        flood = pikepdf.Stream(pdf, b"")
        flood.write(zlib.compress(b" " * 500_000_000), filter=pikepdf.Name.FlateDecode)
        pdf.pages[0].Contents = flood
        return paper.octets(pdf)


def field_in_itself() -> bytes:
    with pikepdf.new() as pdf:
        field = pdf.make_indirect(pikepdf.Dictionary(T=pikepdf.String("a"), Kids=pikepdf.Array()))
        field.Kids.append(field)
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        return paper.octets(pdf)


def many_fields() -> bytes:
    one = b"<</T(x)/V(" + b"y" * 50 + b")>>"
    form = b"1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[" + one * 200_000 + b"]>>>>endobj\n"
    return (
        b"%PDF-1.7\n"
        + form
        + b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"
    )


def object_in_itself() -> bytes:
    return b"%PDF-1.7\n" + b"1 0 obj\n<</Length 1 0 R>>\nstream\n" * 20_000 + b"startxref\n9\n%%EOF"


def brackets() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * 3_000_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"


BOMBS = (
    zip_bomb, many_elements, deep_elements, entities, page_of_blanks, field_in_itself, many_fields, object_in_itself,
    brackets,
)  # fmt: skip


def _word() -> dict[str, bytes]:
    return unzipped(filled_docx(ANSWERS))


async def test_forms_in_a_mail_are_found_wherever_they_are(reader: Reader) -> None:
    for found in (
        await reader.read(mail(form_pdf=filled_pdf(ANSWERS))),
        await reader.read(mail(unnamed_bin=filled_docx(ANSWERS))),
        await reader.read(mail(winmail_dat=tnef("See attached", {"form.docx": filled_docx(ANSWERS)}))),
    ):
        assert [one.state for one in found.documents] == [State.FORM]
        assert structured(found).data["subjects"] == [{"given_name": "Quillon"}]
    form = filled_pdf(ANSWERS)
    twice = await reader.read(mail(a_pdf=form, b_pdf=form))
    assert len(twice.documents) == 1  # attached twice is one file
    assert (await reader.read(PLAIN)).documents == ()


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_costs_little_and_its_mail_is_read_all_the_same(
    reader: Reader, bomb: Callable[[], bytes]
) -> None:
    raw = mail(bomb_bin=bomb(), form_pdf=filled_pdf(ANSWERS))
    pid = child_of(reader)
    before = cpu_seconds(pid)
    got = await reader.read(raw)
    assert got.text.strip() == "See attached"
    assert got.unreadable == ""
    assert structured(got).data["subjects"] == [{"given_name": "Quillon"}]
    assert {one.state for one in got.documents} <= {State.FORM, State.REFUSED, State.DAMAGED, State.OTHER}
    if child_of(reader) == pid:  # else it was ended after CPU
        assert cpu_seconds(pid) - before < CPU + 2  # of both, and of the mail around them
    assert (await reader.read(PLAIN)).subject == "hello"


async def test_of_very_many_documents_the_rest_is_left_to_a_person(reader: Reader) -> None:
    files = {f"a{n}_pdf": b"%PDF-1.7\n%%EOF " + bytes([65 + n]) for n in range(MOST_DOCUMENTS + 2)}
    got = await reader.read(mail(**files))
    assert [one.why for one in got.documents].count("too_many") == 2


DAMAGED = "was not read: it is damaged"
SEALED = b"-----BEGIN PGP MESSAGE-----\n\nwcBM\n-----END PGP MESSAGE-----\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("form_docx", b"", "was not read: it is empty"),
        ("form_PDF", b"", "was not read: it is empty"),
        ("form_docx", b"\x07junk" * 200, DAMAGED),
        ("form_doc", b"no file of Word", DAMAGED),
        ("form_pdf", b"PK\x03\x04", DAMAGED),
        ("form_odt", zipped({"a.txt": b"x"}), DAMAGED),
        ("form_docx", locked_docx()[:2_000], DAMAGED),
        ("form_docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), DAMAGED),
        ("form_docx", zipped({**_word(), "word/document.xml": b"<x/>"}), "holds no words"),
        ("form_docx", SEALED, ""),
        ("form_bin", b"", ""),
        ("notes_txt", b"", ""),
    ],
)
async def test_what_is_named_as_a_form_and_gives_nothing_is_said(
    reader: Reader, name: str, content: bytes, said: str
) -> None:
    got = await reader.read(mail(**{name: content}))
    told = " ".join(left_out(got))
    assert said in told
    assert bool(said) == (name.replace("_", ".") in told)


async def test_a_type_claims_what_a_name_does_not(reader: Reader) -> None:
    for kind in ("pdf", "vnd.openxmlformats-officedocument.wordprocessingml.document", "msword"):
        made = EmailMessage()
        made.set_content("See attached")
        made.add_attachment(b"junk", maintype="application", subtype=kind, filename="form")
        assert "“form” was not read: it is damaged" in left_out(await reader.read(made.as_bytes()))[0]


async def test_locked_files_are_opened_in_the_child_with_their_password_alone(reader: Reader) -> None:
    with pikepdf.open(io.BytesIO(filled_pdf(ANSWERS))) as pdf:
        shut = paper.octets(pdf, encryption=pikepdf.Encryption(user=PASSWORD, owner="x", R=6))
    for content in (locked_docx(), shut):
        got = await reader.read(mail(form_bin=content))
        assert [one.state for one in got.documents] == [State.LOCKED]
        assert await reader.unlock(content, "pass word") is None
        opened = await reader.unlock(content, PASSWORD)
        assert opened is not None
        found = await reader.look("form", opened)
        assert found is not None
        assert [(box.name, box.written) for box in found.boxes] == [("s1.given_name", "Quillon")]


async def test_an_older_word_file_is_opened_too_and_left_to_a_person(reader: Reader) -> None:
    """`locked.doc` was written by LibreOffice Writer as “Word 97–2003”, with the password “abc”."""
    shut = (Path(__file__).parent / "locked.doc").read_bytes()
    assert [one.state for one in (await reader.read(mail(old_doc=shut))).documents] == [State.LOCKED]
    assert await reader.unlock(shut, "abd") is None
    opened = await reader.unlock(shut, "abc")
    assert opened is not None
    assert b"Canary words" in opened.replace(b"\0", b"")  # in UTF-16
    found = await reader.look("old.doc", opened)
    assert found is not None
    assert (found.state, found.why) == (State.OTHER, "old")


async def test_a_locked_file_that_asks_for_ten_times_the_work_holds_nobody_up(reader: Reader) -> None:
    slow = locked_docx().replace(b'spinCount="100000"', b'spinCount="999999"')
    assert slow != locked_docx()
    began = time.monotonic()
    assert await reader.unlock(slow, PASSWORD) is None
    assert time.monotonic() - began < 20
    assert (await reader.read(PLAIN)).subject == "hello"
