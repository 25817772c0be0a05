"""Whatever a file calls itself, what it holds says what it is; what is not on the list is not taken (T25)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msoffcrypto
import pytest
import pytest_asyncio

from exchange.case.attachment import FileKind
from mailflow import attached
from mailflow.limited import Child
from mailflow.pictures import drawn
from tests.mailflow.paper import filled_docx

pytestmark = pytest.mark.asyncio(loop_scope="module")
PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d494844520000000200000002080600000072b60d240000001549444154789c63fccfc0f09f8189811101c4803200"
    "1bf5020347c91eb40000000049454e44ae426082"
)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def word(**more: bytes) -> bytes:
    body = b"<document><body><p><r><t>Canary words</t></r></p></body></document>"
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": body, **more})


ODT = archive(
    {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office><p>Canary words</p></office>"}
)
KINDS: dict[str, tuple[bytes, FileKind]] = {
    "pdf": (b"%PDF-1.7\n1 0 obj", FileKind.PDF),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", FileKind.JPEG),
    "png": (PNG, FileKind.PNG),
    "gif": (b"GIF89a" + bytes(20), FileKind.GIF),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(20), FileKind.WEBP),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(20), FileKind.HEIC),
    "word": (word(), FileKind.WORD),
    "odt": (ODT, FileKind.ODT),
    "text": ("Canary wörds: BMI is low".encode(), FileKind.TEXT),
    "text as Windows writes it": (b"\xff\xfe" + "Canary wörds".encode("utf-16-le"), FileKind.TEXT),
    "mail": (b"From: a@b.example\r\nSubject: Canary\r\n\r\nwords", FileKind.MAIL),
    "a test virus is text until a scanner says otherwise": (EICAR, FileKind.TEXT),
    "a script is words, and is saved as words": (b"Set x = CreateObject(1)\r\nx.Run 2\r\n", FileKind.TEXT),
}


def old_word() -> bytes:
    """As LibreOffice saves it, its password taken off."""
    out = io.BytesIO()
    file = msoffcrypto.OfficeFile(io.BytesIO((Path(__file__).parent / "locked.doc").read_bytes()))
    file.load_key(password="abc")
    file.decrypt(out)
    return out.getvalue()


def locked_word() -> bytes:
    """As Word locks it."""
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(filled_docx({}))).encrypt("a password", out)
    return out.getvalue()


REFUSED: dict[str, tuple[bytes, str]] = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', attached.TYPE),
    "page": (b"\n<!doctype html><script>1</script>", attached.TYPE),
    "page behind a mark": (b"\xef\xbb\xbf<html>", attached.TYPE),
    "rich text": (rb"{\rtf1\objdata 1}", attached.TYPE),
    "shell": (b"#!/bin/sh\nrm -rf /\n", attached.TYPE),
    "shortcut": (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(60), attached.TYPE),
    "program": (b"MZ\x90\0" + bytes(100), attached.TYPE),
    "disk image": (bytes(0x8001) + b"CD001" + bytes(100), attached.TYPE),
    "archive": (archive({"holiday.jpg.exe": b"MZ"}), attached.TYPE),
    "spreadsheet": (archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"}), attached.TYPE),
    "word with macros": (word(**{"word/vbaProject.bin": b"1"}), attached.PROGRAM),
    "text with macros": (
        archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>", "Basic/a": b"1"}),
        attached.PROGRAM,
    ),
    "word that fetches its template": (
        word(**{"word/_rels/settings.xml.rels": b'<R><r TargetMode="External" Type="x/attachedTemplate"/></R>'}),
        attached.PROGRAM,
    ),
    "old word": (old_word(), attached.TYPE),
    "a compound file with a broken directory": (OLE + bytes(600), attached.DAMAGED),
    "a locked word file": (locked_word(), attached.LOCKED),
    "a locked word file that was cut": (locked_word()[:1_200], attached.DAMAGED),
    "half an archive": (word()[:80], attached.DAMAGED),
    "many entries": (archive({f"word/{n}": b"" for n in range(1_500)}), attached.TYPE),
    "octets": (bytes(range(256)) * 4, attached.TYPE),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def child() -> AsyncIterator[Child]:
    """One child for all questions, so that they cost no start each."""
    asked = Child("mailflow.attached")
    yield asked
    await asked.end()


async def answer(child: Child, question: bytes) -> Any:
    return json.loads(await child.ask(question, 10))


@pytest.mark.parametrize("name", KINDS)
async def test_a_file_is_what_it_holds(child: Child, name: str) -> None:
    content, kind = KINDS[name]
    assert await answer(child, b"k" + content) == [kind, ""]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_not_on_the_list_is_not_taken(child: Child, name: str) -> None:
    content, why = REFUSED[name]
    assert await answer(child, b"k" + content) == ["", why]


@pytest.mark.parametrize("name", ["word", "odt", "text", "text as Windows writes it", "mail"])
async def test_its_words_are_read_and_nothing_else(child: Child, name: str) -> None:
    content, kind = KINDS[name]
    assert "Canary" in str(await answer(child, b"w" + kind.encode().ljust(10) + content))


@pytest.mark.parametrize("name", ["pdf", "png", "gif"])
async def test_of_a_picture_no_words_are_read(child: Child, name: str) -> None:
    content, kind = KINDS[name]
    assert await answer(child, b"w" + kind.encode().ljust(10) + content) == []


async def test_an_archive_that_unpacks_to_too_much_is_not_taken() -> None:
    assert (await attached.known(b"")).why == attached.EMPTY
    bomb = word(**{"word/media/1": b" " * 250_000_000})
    assert len(bomb) < 1_000_000
    assert (await attached.known(bomb)).kind is None


async def test_a_picture_is_drawn_anew_and_what_is_none_is_not() -> None:
    picture = await drawn(PNG)
    assert picture
    assert picture.startswith(b"\x89PNG")
    assert picture != PNG
    assert await drawn(PNG[:8] + bytes(40)) is None


async def test_the_child_opens_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Canary")
    entity = b'<!DOCTYPE o [<!ENTITY e SYSTEM "file://%s/secret.txt">]><o><p>&e;</p></o>' % str(tmp_path).encode()
    odt = archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": entity})
    assert (await attached.words(FileKind.ODT, odt)).parts == ()
