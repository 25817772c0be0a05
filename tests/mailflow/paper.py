"""People who fill in the built forms: by other programs than the one that reads them, and by none of its code.

A PDF is filled in with pikepdf, as a PDF program does: the value into the field, `/AS` into the widgets that show it.
A Word file is unzipped, its XML is edited as Word edits it, and it is zipped again.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pikepdf

from templates.languages import ENGLISH, speaking
from templates.paper_form import paper_form
from templates.pdf_form import pdf_form
from templates.word_form import word_form

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
Answers = Mapping[str, str]  # the name of a box -> what is typed, the label that is chosen, or "yes" for a tick


@cache
def empty_pdf(form: str = "child", people: int = 4, language: str = ENGLISH) -> bytes:
    """The form as it is published; for fewer people it is read sooner."""
    with speaking(language):
        return pdf_form(paper_form(form, subjects=people, people=people))


@cache
def empty_docx(form: str = "child", language: str = ENGLISH) -> bytes:
    """The same for Word."""
    with speaking(language):
        return word_form(paper_form(form))


def filled_pdf(answers: Answers, form: str = "child", people: int = 4, language: str = ENGLISH) -> bytes:
    """The form filled in."""
    with pikepdf.open(io.BytesIO(empty_pdf(form, people, language))) as pdf:
        fields = dict(_fields(pdf))
        for name, said in answers.items():
            _fill(fields[name], said)
        return octets(pdf)


def octets(pdf: pikepdf.Pdf, **saved: object) -> bytes:
    """As it is saved."""
    out = io.BytesIO()
    pdf.save(out, **saved)  # type: ignore[arg-type]
    return out.getvalue()


def _fields(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    waiting = [(field, "") for field in pdf.Root.AcroForm.Fields]
    while waiting:
        field, path = waiting.pop()
        name = f"{path}.{field.T}" if path else str(field.T)
        branches = [kid for kid in field.get("/Kids", []) if "/T" in kid]
        waiting += [(kid, name) for kid in branches]
        if not branches:
            yield name, field


def _fill(field: pikepdf.Object, said: str) -> None:
    if field.FT == "/Tx":
        field.V = said.replace("\n", "\r")
    elif field.FT == "/Ch":
        field.V = next(str(code) for code, label in field.Opt if str(label) == said)
    else:
        widgets = list(field.get("/Kids", [field]))
        field.V = pikepdf.Name(f"/{said}")
        for widget in widgets:
            on = str(field.V) in map(str, widget.AP.N)
            widget.AS = field.V if on else pikepdf.Name.Off


def flattened(filled: bytes) -> bytes:
    """As some programs save it: what was written has become ink, and there is no field any more."""
    with pikepdf.open(io.BytesIO(filled)) as pdf:
        del pdf.Root.AcroForm
        for page in pdf.pages:
            page.Annots = pikepdf.Array()
        return octets(pdf)


def filled_docx(answers: Answers, form: str = "child", language: str = ENGLISH) -> bytes:
    """The form filled in as Word does it."""
    left = dict(answers)

    def fill(body: Element) -> None:
        for control in body.iter(f"{W}sdt"):
            said = left.pop(_tag(control), None)
            if said is not None:
                write(control, said)
        assert not left, left

    return edited(empty_docx(form, language), fill)


def by_libreoffice(package: bytes) -> bytes:
    """The same as LibreOffice 7.4 saves it: controls lose their tags, and those for text the sign that they wait;
    bookmarks around a control come to stand within it, and a line break within it before it."""

    def save(body: Element) -> None:
        for around in list(body.iter()):
            children = list(around)
            for at, control in enumerate(children):
                if control.tag == f"{W}sdt":
                    _saved(around, children[at - 1], control)

    return edited(package, save)


def _saved(around: Element, mark: Element, control: Element) -> None:
    properties, inside = control.find(f"{W}sdtPr"), control.find(f"{W}sdtContent")
    assert properties is not None
    assert inside is not None
    assert mark.tag == f"{W}bookmarkStart"
    for name in ("tag", "lock", *(("showingPlcHdr",) if properties.find(f"{W}text") is not None else ())):
        for one in properties.findall(f"{W}{name}"):
            properties.remove(one)
    breaks = [(run, one) for run in inside for one in run.findall(f"{W}br")]
    if not breaks:
        around.remove(mark)
        inside.insert(0, mark)
    for run, one in breaks:
        run.remove(one)
        ElementTree.SubElement(ElementTree.SubElement(around, f"{W}r"), f"{W}br")


def edited(package: bytes, edit: Callable[[Element], None], part: str = "word/document.xml") -> bytes:
    """The same package, with one of its parts edited."""
    parts = unzipped(package)
    ElementTree.register_namespace("w", W.strip("{}"))
    ElementTree.register_namespace("w14", W14.strip("{}"))
    root = ElementTree.fromstring(parts[part])
    edit(root)
    return zipped(parts | {part: ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)})


def unzipped(package: bytes) -> dict[str, bytes]:
    """Its parts."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A package of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _tag(control: Element) -> str:
    tag = control.find(f"{W}sdtPr/{W}tag")
    return tag.get(f"{W}val", "") if tag is not None else ""


def write(control: Element, said: str) -> None:
    """Word takes the prompt away with its mark, and puts the words in a run; a line break is an element."""
    properties, inside = control.find(f"{W}sdtPr"), control.find(f"{W}sdtContent")
    assert properties is not None
    assert inside is not None
    checked = properties.find(f"{W14}checkbox/{W14}checked")
    if checked is not None:
        checked.set(f"{W14}val", "1")
        said = "☒"
    waits = properties.find(f"{W}showingPlcHdr")
    if waits is not None:
        properties.remove(waits)
    picked = properties.find(f"{W}date")
    if picked is not None and (day := re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", said)):
        picked.set(f"{W}fullDate", f"{day[3]}-{day[2]}-{day[1]}T00:00:00Z")
    inside.clear()
    run = ElementTree.SubElement(inside, f"{W}r")
    for n, line in enumerate(said.split("\n")):
        if n:
            ElementTree.SubElement(run, f"{W}br")
        ElementTree.SubElement(run, f"{W}t").text = line
