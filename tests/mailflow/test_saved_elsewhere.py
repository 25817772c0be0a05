"""A Word form that another program saved: its boxes are found by their bookmarks, less surely; a person is told."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mailflow.document import State
from mailflow.forms import Found, in_document, left_out, word_form
from mailflow.parsed_mail import ParsedMail
from templates.languages import known
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
    document = word_form.read(octets)
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


def test_every_box_has_a_bookmark_that_word_can_hold() -> None:
    body = ElementTree.fromstring(unzipped(empty_docx())["word/document.xml"])
    names = [one.get(f"{W}name", "") for one in body.iter(f"{W}bookmarkStart")]
    tags = [one.get(f"{W}val", "") for one in body.iter(f"{W}tag")]
    assert len({one.get(f"{W}id") for one in body.iter(f"{W}bookmarkStart")}) == len(names)
    assert [name.replace("__", ".") for name in names] == tags
    assert max(map(len, names)) <= 40  # ECMA-376 17.13.6.2 and Word's own limit


@pytest.mark.long
def test_libreoffice_itself_saves_it_so(tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice Writer is not installed (Debian: libreoffice-writer-nogui)")
    (tmp_path / "form.docx").write_bytes(filled_docx(ANSWERS))
    saved = tmp_path / "out"
    home, kind = f"-env:UserInstallation=file://{tmp_path}/home", "docx:MS Word 2007 XML"
    command = [program, home, "--headless", "--convert-to", kind, "--outdir", str(saved), str(tmp_path / "form.docx")]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    if not (saved / "form.docx").exists():
        pytest.skip("LibreOffice has no Writer here (Debian: libreoffice-writer-nogui)")
    is_read((saved / "form.docx").read_bytes())
