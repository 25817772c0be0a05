"""The forms that people fill in hold every question, say what it is to whoever cannot see it, and are built alike."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest

from exchange.case.fields import FIELDS, Kind
from templates.paper_form import MOST, Publisher, names, paper_form
from templates.pdf_form import pdf_form
from templates.word_form import word_form
from tests.mailflow.paper import W, empty_docx, empty_pdf, unzipped

FORMS = pytest.mark.parametrize("form", ["child", "adult"])
_PEOPLE = {"subject": ["s1", "s2", "s3", "s4"], "person": ["p1", "p2", "p3", "p4"]}
HUB = Publisher("Fakeshire hub", "referrals@hub.example", "01632 960100", "01632 960101")


def wanted(form: str) -> dict[str, list[str]]:
    """Every box there must be, from the list of questions itself: its name -> what may be chosen in it."""
    found: dict[str, list[str]] = {"form_version": []}
    for f in FIELDS:
        if form not in f.forms:
            continue
        for owner in _PEOPLE.get(f.section, [f.section.value]):
            codes = [code for code, _ in f.choices]
            if f.kind is Kind.SEVERAL:
                found |= {f"{owner}.{f.name}.{code}": [] for code in codes}
            else:
                found[f"{owner}.{f.name}"] = codes
    return found


def pdf_boxes(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any, list[str]]]:
    """(name, field, what may be chosen)."""
    waiting = [(field, "") for field in pdf.Root.AcroForm.Fields]
    while waiting:
        field, path = waiting.pop()
        name = f"{path}.{field.T}" if path else str(field.T)
        branches = [kid for kid in field.get("/Kids", []) if "/T" in kid]
        waiting += [(kid, name) for kid in branches]
        if branches:
            continue
        offered = [str(code) for code, _ in field.get("/Opt", []) if str(code)]
        states = [str(key).lstrip("/") for kid in field.get("/Kids", []) for key in kid.AP.N]
        yield name, field, offered + [state for state in states if state != "Off"]


@FORMS
def test_a_pdf_has_a_field_for_every_question_and_every_choice(form: str) -> None:
    with pikepdf.open(io.BytesIO(empty_pdf(form))) as pdf:
        found = {name: offered for name, _, offered in pdf_boxes(pdf)}
    assert found == wanted(form)


@FORMS
def test_a_word_file_has_a_control_for_every_question_and_every_choice(form: str) -> None:
    body = ElementTree.fromstring(unzipped(empty_docx(form))["word/document.xml"])
    found = {}
    for properties in body.iter(f"{W}sdtPr"):
        tag = properties.find(f"{W}tag")
        assert tag is not None
        offered = [item.get(f"{W}value", "") for item in properties.iter(f"{W}listItem")]
        assert offered[:1] in ([], ["-"])
        found[tag.get(f"{W}val", "")] = offered[1:]
        assert properties.find(f"{W}lock") is not None
    assert found == wanted(form)
    assert max(map(len, found)) <= 64  # ECMA-376 allows more, Word does not


@FORMS
def test_the_names_are_those_of_the_form_itself(form: str) -> None:
    assert {name for name, _ in names(paper_form(form))} | {"form_version"} == set(wanted(form))


@FORMS
def test_a_pdf_is_tagged_and_every_field_says_what_it_asks(form: str) -> None:
    with pikepdf.open(io.BytesIO(empty_pdf(form))) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "en-GB"
        assert root.ViewerPreferences.DisplayDocTitle
        assert pdf.docinfo["/Title"] == f"Safeguarding referral: a{'n adult' if form == 'adult' else ' child'}"
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root.Metadata.read_bytes()
        widgets = [a for page in pdf.pages for a in page.get("/Annots", []) if a.Subtype == "/Widget"]
        seen = [w for w in widgets if not int(w.F) & 2]
        assert len(widgets) == len(seen) + 1  # form_version alone is hidden
        assert all(str(w.TU).strip() for w in widgets)
        assert {tuple(w.Rect) for w in seen if w.Rect[2] <= w.Rect[0] or w.Rect[3] <= w.Rect[1]} == set()
        elements = list(_elements(root.StructTreeRoot))
        assert {str(e.S) for e in elements if _objects(e)} == {"/Form"}
        in_tree = {o.objgen for e in elements for o in _objects(e)}
        assert in_tree == {w.objgen for w in seen}
        assert all(len(_objects(e)) == 1 for e in elements if e.S == "/Form")  # ISO 14289-1 7.18.4
        assert all(page.Tabs == "/S" for page in pdf.pages)
        assert [page for page in pdf.pages for a in page.get("/Annots", []) if a.Subtype != "/Widget"] == []


def _elements(element: Any) -> Iterator[Any]:
    held = element.get("/K", [])
    for kid in held if isinstance(held, pikepdf.Array) else [held]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _elements(kid)


def _objects(element: Any) -> list[Any]:
    held = element.get("/K", [])
    kids = held if isinstance(held, pikepdf.Array) else [held]
    return [kid.Obj for kid in kids if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR"]


@FORMS
def test_the_tabulator_goes_as_the_questions_stand(form: str) -> None:
    """In the order of the structure, which is that of the list of questions."""
    with pikepdf.open(io.BytesIO(empty_pdf(form))) as pdf:
        places = {w.objgen: name for name, field, _ in pdf_boxes(pdf) for w in (field, *field.get("/Kids", []))}
        order = [places[o.objgen] for e in _elements(pdf.Root.StructTreeRoot) for o in _objects(e)]
    assert list(dict.fromkeys(order)) == [name for name, _ in names(paper_form(form))]


def test_nothing_in_a_form_acts_by_itself_or_fetches_anything() -> None:
    with pikepdf.open(io.BytesIO(empty_pdf())) as pdf:
        keys = {str(key) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) for key in one}
        assert not [a for page in pdf.pages for a in page.get("/Annots", []) if "/A" in a]
    assert not keys & {"/JS", "/JavaScript", "/OpenAction", "/AA", "/XFA", "/EmbeddedFiles", "/Launch"}
    parts = unzipped(empty_docx())
    assert not [name for name in parts if "vba" in name.lower()]
    assert b"TargetMode" not in b"".join(parts.values())


@FORMS
def test_a_form_built_twice_is_the_same(form: str) -> None:
    assert pdf_form(paper_form(form)) == empty_pdf(form)
    assert word_form(paper_form(form)) == empty_docx(form)
    assert empty_pdf(form) != pdf_form(paper_form(form, HUB))


def test_a_form_names_the_hub_and_has_room_for_as_many_as_was_asked() -> None:
    made = paper_form("child", HUB, subjects=MOST, people=1)
    with pikepdf.open(io.BytesIO(pdf_form(made))) as pdf:
        found = {name.partition(".")[0] for name, _, _ in pdf_boxes(pdf)}
    assert {f"s{n}" for n in range(1, MOST + 1)} | {"p1"} <= found
    assert "p2" not in found
    body = unzipped(word_form(made))["word/document.xml"].decode()
    for said in ("Fakeshire hub", "referrals@hub.example", "01632 960100", "01632 960101", f"up to {MOST} children"):
        assert said in body


def test_the_words_of_a_hub_are_words_and_no_markup() -> None:
    made = paper_form("child", Publisher('A & B <"hub">'))
    assert "A &amp; B &lt;" in unzipped(word_form(made))["word/document.xml"].decode()
    assert pdf_form(made).startswith(b"%PDF")


def test_a_word_file_is_a_package_that_others_open() -> None:
    with zipfile.ZipFile(io.BytesIO(empty_docx("adult"))) as package:
        assert package.testzip() is None
        for part in package.namelist():
            ElementTree.fromstring(package.read(part))
        settings = package.read("word/settings.xml")
    assert b'<w:documentProtection w:edit="forms" w:enforcement="1"/>' in settings
    body = ElementTree.fromstring(unzipped(empty_docx("adult"))["word/document.xml"])
    ids = [one.get(f"{W}val") for one in body.iter(f"{W}id")]
    assert len(ids) == len(set(ids)) > 100
