"""The referral form as a PDF that is filled in on a screen, tagged for screen readers.

Typst sets the page and tags it, and knows no form fields; so every place for an answer is set as a link, and here
each link becomes a field: its annotation a widget, its structure element `Link` a `Form`, with the reading order, the
page and the place that Typst gave it. (Reportlab and pypdf alone make fields without tags; weasyprint makes both, and
wants Pango installed on every machine that builds.)

1. Each field has its name, the question as its tooltip, and a place in the structure tree (ISO 14289-1 7.18).
2. No script, no action, no submit button, nothing hidden but `form_version`.
3. The same form gives the same octets, on any machine.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from exchange.case.fields import Kind
from templates.document import set_page
from templates.paper_form import VERSION, Block, PaperForm, Question

_MARK = "field:"  # what the address of a link begins with that is a field's place
_RADIO_WORDS, _RADIOS = 9, 3  # so short and so few: all stand beside each other, and one is a click
_READ_ONLY, _MULTILINE, _RADIO, _COMBO = 1, 1 << 12, 1 << 15, 1 << 17  # ISO 32000-1 tables 221, 226, 228, 230
_PRINTED, _HIDDEN = 4, 2  # table 165
_FONT = "/Helv 10 Tf 0.04 0.05 0.05 rg"
_TICK = b"q 0.07 0.22 0.36 RG 1.7 w 1 J 1 j 2.4 5.6 m 4.6 3 l 8.8 8.4 l S Q"
# A circle of radius 3 around the middle, in the four Bezier curves that everybody draws it in.
_DOT = (
    b"q 0.07 0.22 0.36 rg 8.5 5.5 m 8.5 7.16 7.16 8.5 5.5 8.5 c 3.84 8.5 2.5 7.16 2.5 5.5 c "
    b"2.5 3.84 3.84 2.5 5.5 2.5 c 7.16 2.5 8.5 3.84 8.5 5.5 c f Q"
)


def pdf_form(form: PaperForm) -> bytes:
    """The form as octets. Raises DocumentRefused."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(set_page("form.typ", _data(form)))))
    fields = _Fields(writer)
    asked = {q.name: q for q in form.questions}
    for page in writer.pages:
        page[NameObject("/Tabs")] = NameObject("/S")  # the tabulator follows the structure (7.18.3)
        for annotation in page.get("/Annots", ()):
            link = annotation.get_object()
            where = str(link["/A"]["/URI"])
            if where.startswith(_MARK):
                fields.add(annotation, asked, where.removeprefix(_MARK))
    fields.add_hidden(VERSION, form.version, form.fixed["version"])
    _as_form_elements(writer.root_object["/StructTreeRoot"])
    writer.root_object[NameObject("/AcroForm")] = fields.form()
    digest = ByteStringObject(hashlib.sha256(_octets(writer)).digest()[:16])
    writer._ID = ArrayObject((digest, digest))  # it follows from what is in the form (14.4)
    return _octets(writer)


def _octets(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _data(form: PaperForm) -> dict[str, Any]:
    return {
        "title": form.title, "hub": form.publisher.hub, "how": list(form.how), "version": form.version,
        "telephone": form.publisher.telephone, "duty_telephone": form.publisher.duty_telephone,
        "fixed": form.fixed,
        "blocks": [_block(block) for block in form.blocks],
    }  # fmt: skip


def _block(block: Block) -> dict[str, Any]:
    groups = [
        {"heading": g.heading, "note": g.note, "rows": _rows([_question(q) for q in g.questions])}
        for g in block.groups
    ]
    return {
        "title": block.title, "note": block.note, "new_page": block.new_page, "short": block.short, "groups": groups
    }  # fmt: skip


def _rows(questions: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Two short answers beside each other; a long one alone."""
    rows: list[list[dict[str, Any]]] = []
    for q in questions:
        if rows and len(rows[-1]) == 1 and not q["full"] and not rows[-1][0]["full"]:
            rows[-1].append(q)
        else:
            rows.append([q])
    return rows


def _question(q: Question) -> dict[str, Any]:
    kind, asked = _kind(q.asked.kind, q.asked.choices), q.asked
    sign = "#" if kind == "radio" else "."
    wide = max((len(label) for _, label in asked.choices), default=0) > 20
    return {
        "name": q.name, "label": asked.label, "hint": q.hint, "kind": kind, "lines": q.lines, "wide": wide,
        "options": [{"box": f"{q.name}{sign}{code}", "label": label} for code, label in asked.choices],
        "full": asked.kind in (Kind.LONG, Kind.SEVERAL) or len(asked.label) > 62 or len(q.hint) > 62,
    }  # fmt: skip


def _kind(kind: Kind, choices: tuple[tuple[str, str], ...]) -> str:
    if kind is Kind.SEVERAL:
        return "ticks"
    if kind is not Kind.CHOICE:
        return "text"
    few = len(choices) <= _RADIOS and all(len(label) <= _RADIO_WORDS for _, label in choices)
    return "radio" if few else "list"


class _Fields:
    """The tree of fields: a name's words are its branches, for no field's own name holds a dot (12.7.3.2)."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._top = ArrayObject()
        self._branches: dict[str, DictionaryObject] = {}
        self._drawn: dict[tuple[Any, ...], Any] = {}

    def add(self, annotation: Any, asked: dict[str, Question], where: str) -> None:
        """One link becomes the widget of a field."""
        name, _, code = where.partition("#")
        widget = annotation.get_object()
        del widget["/A"], widget["/Border"], widget["/Contents"]
        widget.update(_dictionary(Subtype="/Widget", F=_PRINTED))
        if code:
            self._radio(annotation, asked[name], code)
        elif name in asked:
            self._text(annotation, asked[name])
        else:
            self._box(annotation, asked[name.rpartition(".")[0]], name.rpartition(".")[2])

    def add_hidden(self, name: str, value: str, spoken: str) -> None:
        """A field that nobody sees: what the form says of itself."""
        widget = _dictionary(
            Type="/Annot", Subtype="/Widget", FT="/Tx", Ff=_READ_ONLY, F=_HIDDEN, V=_text(value),
            TU=_text(spoken),
            Rect=ArrayObject([FloatObject(0)] * 4), DA=_text(_FONT), P=self._writer.pages[0].indirect_reference,
        )  # fmt: skip
        reference = self._writer._add_object(widget)
        self._hang(reference, name)
        _array(self._writer.pages[0]["/Annots"]).append(reference)

    def form(self) -> DictionaryObject:
        """The form's own dictionary (12.7.2)."""
        encoding = NameObject("/WinAnsiEncoding")
        font = _dictionary(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica", Encoding=encoding)
        resources = _dictionary(Font=_dictionary(Helv=self._writer._add_object(font)))
        return _dictionary(Fields=self._top, DR=resources, DA=_text(_FONT))

    def _text(self, annotation: Any, q: Question) -> None:
        widget, of_list = annotation.get_object(), bool(q.asked.choices)
        flags = _COMBO if of_list else _MULTILINE if q.asked.kind is Kind.LONG else 0
        widget.update(_dictionary(FT="/Ch" if of_list else "/Tx", Ff=flags, TU=_text(q.spoken), DA=_text(_FONT)))
        if of_list:
            options = (("", " "), *q.asked.choices)  # the first takes a choice back
            pairs = (ArrayObject((_text(code), _text(label))) for code, label in options)
            widget[NameObject("/Opt")] = ArrayObject(pairs)
        self._hang(annotation, q.name)  # without a look of its own: programs draw what stands in it, and nothing old

    def _box(self, annotation: Any, q: Question, code: str) -> None:
        widget, label = annotation.get_object(), dict(q.asked.choices)[code]
        widget.update(_dictionary(FT="/Btn", TU=_text(f"{q.spoken}: {label}"), V="/Off", AS="/Off"))
        widget[NameObject("/AP")] = self._two(widget, "yes", _TICK)
        self._hang(annotation, q.box(code))

    def _radio(self, annotation: Any, q: Question, code: str) -> None:
        if q.name not in self._branches:
            group = _dictionary(FT="/Btn", Ff=_RADIO, TU=_text(q.spoken), V="/Off", Kids=ArrayObject())
            self._hang(self._writer._add_object(group), q.name)
        widget, label = annotation.get_object(), dict(q.asked.choices)[code]
        widget.update(_dictionary(AS="/Off", TU=_text(f"{q.spoken}: {label}")))
        widget[NameObject("/AP")] = self._two(widget, code, _DOT)
        self._under(annotation, self._branches[q.name])

    def _two(self, widget: DictionaryObject, on: str, drawing: bytes) -> DictionaryObject:
        """How it looks when it is on, and when it is off."""
        states = {on: self._drawing(widget, drawing), "Off": self._drawing(widget, b"")}
        return _dictionary(N=_dictionary(**states))

    def _drawing(self, widget: DictionaryObject, content: bytes) -> Any:
        left, bottom, right, top = (float(n) for n in _array(widget["/Rect"]))
        wanted = (content, round(right - left, 2), round(top - bottom, 2))
        if wanted not in self._drawn:
            stream = DecodedStreamObject()
            stream.set_data(content)
            box = ArrayObject(FloatObject(n) for n in (0, 0, *wanted[1:]))
            stream.update(_dictionary(Type="/XObject", Subtype="/Form", BBox=box))
            self._drawn[wanted] = self._writer._add_object(stream)
        return self._drawn[wanted]

    def _hang(self, reference: Any, name: str) -> None:
        """Under its branch, which grows when it must."""
        path, _, last = name.rpartition(".")
        reference.get_object()[NameObject("/T")] = _text(last)
        self._branches[name] = reference.get_object()
        if not path:
            self._top.append(reference)
            return
        if path not in self._branches:
            self._hang(self._writer._add_object(_dictionary(Kids=ArrayObject())), path)
        self._under(reference, self._branches[path])

    def _under(self, reference: Any, branch: DictionaryObject) -> None:
        reference.get_object()[NameObject("/Parent")] = branch.indirect_reference
        _array(branch["/Kids"]).append(reference)


def _as_form_elements(root: Any) -> None:
    """Every structure element that held a link to a field is a form's now (7.18.4): it holds the widget, and nothing
    else."""
    for element in _elements(root):
        if element.get("/S") == "/Link" and any(_is_widget(kid) for kid in _kids(element)):
            element[NameObject("/S")] = NameObject("/Form")


def _is_widget(kid: Any) -> bool:
    found = kid.get_object()
    if not isinstance(found, DictionaryObject) or "/Obj" not in found:
        return False
    held = found["/Obj"].get_object()
    return isinstance(held, DictionaryObject) and held.get("/Subtype") == "/Widget"


def _elements(element: Any) -> Iterator[DictionaryObject]:
    for kid in _kids(element):
        found = kid.get_object()
        if isinstance(found, DictionaryObject) and "/S" in found:
            yield found
            yield from _elements(found)


def _kids(element: Any) -> list[Any]:
    held = element.get("/K")
    held = held.get_object() if held is not None else ArrayObject()
    return list(held) if isinstance(held, ArrayObject) else [held]


def _array(value: Any) -> ArrayObject:
    found = value.get_object()
    assert isinstance(found, ArrayObject)  # noqa: S101 - Typst and we wrote it
    return found


def _dictionary(**values: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): _object(value) for name, value in values.items()})


def _object(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, TextStringObject):
        return NameObject(value)
    return NumberObject(value) if type(value) is int else value


def _text(words: str) -> TextStringObject:
    return TextStringObject(words)
