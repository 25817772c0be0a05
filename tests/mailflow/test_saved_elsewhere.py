"""A Word form that another program saved: its boxes are found by their bookmarks, less surely; a person is told."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mailflow.document import Document, State
from mailflow.forms import Found, documents, in_document, left_out, word_form
from mailflow.parsed_mail import ParsedMail
from templates.languages import known
from tests.mailflow.open_document import as_odt, odt
from tests.mailflow.paper import W, by_libreoffice, empty_docx, filled_docx, unzipped

ANSWERS = {
    "concern.immediate_danger": "No", "concern.what_happened": "bruises\nagain", "referrer.source": "School",
    "s1.given_name": "Quillon", "s1.date_of_birth": "27/03/2016", "s1.category.neglect": "yes",
    "s2.given_name": "Perdita", "s2.date_of_birth": "1/4/2019",
}  # fmt: skip


def told(found: Found) -> dict[str, object]:
    return {one.path: one.value for one in found.values}


def is_read(octets: bytes) -> None:
    """Whole, less surely, and with the word that a person looks."""
    document = documents.look(octets)
    assert document
    assert (document.state, document.why, document.version) == (State.FORM, "marks", "referral/1 child")
    found, as_word = in_document(document), in_document(word_form.read(filled_docx(ANSWERS)))
    said = "concern.what_happened"
    assert str(told(found).pop(said)).split() in (["bruises", "again"], ["bruisesagain"])
    assert {k: v for k, v in told(found).items() if k != said} == {
        k: v for k, v in told(as_word).items() if k != said
    }
    assert {one.confidence for one in found.values} == {0.6}
    assert "was saved by another program than Word" in left_out(ParsedMail(documents=(document,)))[0]


def test_boxes_without_their_names_are_known_by_their_bookmarks() -> None:
    is_read(by_libreoffice(filled_docx(ANSWERS)))


@pytest.mark.parametrize("form", ["child", "adult"])
@pytest.mark.parametrize("language", [one.code for one in known()])
def test_no_prompt_becomes_an_answer(form: str, language: str) -> None:
    assert word_form.read(by_libreoffice(empty_docx(form, language))).state is State.BLANK


def test_the_form_in_an_opendocument_text_is_read_by_its_bookmarks() -> None:
    is_read(as_odt(filled_docx(ANSWERS)))


@pytest.mark.parametrize("form", ["child", "adult"])
@pytest.mark.parametrize("language", [one.code for one in known()])
def test_no_prompt_in_an_opendocument_text_becomes_an_answer(form: str, language: str) -> None:
    blank = documents.look(as_odt(empty_docx(form, language)))
    assert blank
    assert (blank.kind, blank.state) == ("odt", State.BLANK)


VERSION = (
    '<text:bookmark-start text:name="form_version"/>referral/1 child<text:bookmark-end text:name="form_version"/>'
)
WORRY = "concern__what_happened"


def boxed(inside: str, *, ends: str = WORRY, more: Mapping[str, bytes] | None = None) -> Document:
    """What is read of a form in which this stands in one box."""
    box = f'<text:bookmark-start text:name="{WORRY}"/>{inside}<text:bookmark-end text:name="{ends}"/>'
    found = documents.look(odt(f"<office:text><text:p>{VERSION} {box} and more</text:p></office:text>", more))
    assert found
    return found


def test_of_a_box_in_an_opendocument_text_what_is_seen_in_it_is_read() -> None:
    comment = "<office:annotation><text:p>is this true?</text:p></office:annotation>"
    for inside, written in (
        ("typed over the field", "typed over the field"),
        ("<text:text-input>first<text:line-break/>second</text:text-input>", "first\nsecond"),
        (f"<text:span>She {comment}is</text:span> afraid", "She is afraid"),
        ('<loext:content-control loext:showing-place-holder="true">Anything</loext:content-control>', ""),
        ('<loext:content-control><loext:list-item loext:display-text="None" loext:value="-"/>None'
         "</loext:content-control>", ""),
    ):  # fmt: skip
        assert [box.written for box in boxed(inside).boxes] == ([written] if written else [])
    assert boxed("no end", ends="another").boxes == ()


def test_an_opendocument_text_with_programs_is_not_read() -> None:
    found = boxed("x", more={"Basic/Standard/Module1.xml": b"<x/>"})
    assert (found.state, found.why, found.boxes) == (State.REFUSED, "program", ())


def test_every_box_has_a_bookmark_that_word_can_hold() -> None:
    body = ElementTree.fromstring(unzipped(empty_docx())["word/document.xml"])
    names = [one.get(f"{W}name", "") for one in body.iter(f"{W}bookmarkStart")]
    tags = [one.get(f"{W}val", "") for one in body.iter(f"{W}tag")]
    assert len({one.get(f"{W}id") for one in body.iter(f"{W}bookmarkStart")}) == len(names)
    assert [name.replace("__", ".") for name in names] == tags
    assert max(map(len, names)) <= 40  # ECMA-376 17.13.6.2 and Word's own limit


@pytest.mark.long
@pytest.mark.parametrize("kind", ["docx:MS Word 2007 XML", "odt"])
def test_libreoffice_itself_saves_it_so(tmp_path: Path, kind: str) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice Writer is not installed (Debian: libreoffice-writer-nogui)")
    (tmp_path / "form.docx").write_bytes(filled_docx(ANSWERS))
    saved = tmp_path / "out"
    home, made = f"-env:UserInstallation=file://{tmp_path}/home", saved / f"form.{kind.partition(':')[0]}"
    command = [program, home, "--headless", "--convert-to", kind, "--outdir", str(saved), str(tmp_path / "form.docx")]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    if not made.exists():
        pytest.skip("LibreOffice has no Writer here (Debian: libreoffice-writer-nogui)")
    is_read(made.read_bytes())
