"""A PDF file, read for the answers in its form fields. Runs on strangers' bytes: only in the limited child.

1. An answer is what stands in a field of our form; the words on its pages are for a person, and never answers.
2. A file with a program, an action, an attachment or XFA in it is not read as a form, whoever made it: ours has none.
3. What wants a password is said to. One that only forbids changes (its user password is empty) is read as any other.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

from pypdf import PasswordType, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from exchange.case.referral import SCHEMA
from mailflow.document import Box, Document, How, State

VERSION = "form_version"
MOST_FIELDS = 5_000  # of one file: our longest form has 800
MOST_PAGES = 500
MOST_ACTIONS = 50  # of one thing, each after the other
DEEPEST = 12  # fields under fields: ours are three deep
TEXT_SECONDS = 1.0  # for the words on its pages: those of the first pages tell a person what it is
TEXT_MAX = 50_000  # characters
_ACTIONS = {
    "/JavaScript": "program", "/Launch": "program", "/RichMediaExecute": "program", "/ImportData": "program",
    "/SubmitForm": "program", "/GoToE": "attachment",
}  # fmt: skip
_KINDS = {"/RichMedia": "program", "/3D": "program", "/Screen": "program", "/FileAttachment": "attachment"}


def read(content: bytes) -> Document:
    """What it holds. May raise anything: the caller says then that it is damaged."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        return Document("pdf", State.LOCKED)
    if why := _refused(reader):
        return Document("pdf", State.REFUSED, why)
    found = list(_fields(reader))
    version = next((box.written for box in found if box.name == VERSION), "")
    answers = tuple(box for box in found if box.name != VERSION and box.written.strip())
    if version:
        return Document("pdf", State.FORM if answers else State.BLANK, version=version, boxes=answers)
    return _of_another(reader, answers)


def _of_another(reader: PdfReader, answers: tuple[Box, ...]) -> Document:
    """Not our form, or one whose fields have become ink: its words, for a person."""
    printed = _printed(reader)
    why = "flat" if f"{SCHEMA} child" in printed or f"{SCHEMA} adult" in printed else "" if printed else "scan"
    filled = "\n".join(f"{box.name}: {box.written}" for box in answers)
    text = "\n\n".join(filter(None, (filled, printed)))
    return Document("pdf", State.OTHER, why if not answers else "", text=text[:TEXT_MAX])


def _printed(reader: PdfReader) -> str:
    words: list[str] = []
    began = time.process_time()
    for page in reader.pages:
        words.append(page.extract_text())
        if sum(map(len, words)) > TEXT_MAX or time.process_time() - began > TEXT_SECONDS:
            break
    return "\n".join(words).replace("\0", "").strip()


def _refused(reader: PdfReader) -> str:
    """Why it is not read, as a code; "" when nothing is in it that should not be. Looked at is what a program that
    shows it would act on: the catalog, the pages, and what is laid over them."""
    root = reader.root_object
    names, form = _dictionary(root.get("/Names")), _dictionary(root.get("/AcroForm"))
    if "/XFA" in form:
        return "xfa"
    if "/JavaScript" in names:
        return "program"
    if "/EmbeddedFiles" in names or "/AF" in root:
        return "attachment"
    if len(reader.pages) > MOST_PAGES:
        return "too_large"
    return next((why for one in _active(reader) if (why := _does(one))), "")


def _active(reader: PdfReader) -> Iterator[DictionaryObject]:
    yield reader.root_object
    seen = 0
    for page in reader.pages:
        yield page
        for annotation in _listed(page.get("/Annots")):
            seen += 1
            if seen > MOST_FIELDS:
                return
            yield _dictionary(annotation)


def _does(one: DictionaryObject) -> str:
    """What it would do by itself, or when somebody clicks on it, that no form of ours does."""
    if why := _KINDS.get(str(one.get("/Subtype"))):
        return why
    actions = [one.get("/OpenAction"), one.get("/A"), *_dictionary(one.get("/AA")).values()]
    for _ in range(MOST_ACTIONS):
        if not actions:
            return ""
        action = _dictionary(actions.pop())
        if why := _ACTIONS.get(str(action.get("/S"))) or ("program" if "/JS" in action else ""):
            return why
        following = action.get("/Next")
        actions += _listed(following) or ([following] if following else [])
    return "program"  # so long a chain is none


def _fields(reader: PdfReader) -> Iterator[Box]:
    """Every field that has a value, by its full name (ISO 32000-1 12.7.3.2)."""
    form = reader.root_object.get("/AcroForm")
    form = form.get_object() if form is not None else None
    if not isinstance(form, DictionaryObject):
        return
    waiting = [(one, "", None, 0) for one in reversed(_listed(form.get("/Fields")))]
    for _ in range(MOST_FIELDS):
        if not waiting:
            return
        found, path, kind, depth = waiting.pop()
        field = found.get_object()
        if not isinstance(field, DictionaryObject) or depth > DEEPEST:
            continue
        name = ".".join(filter(None, (path, _words(field.get("/T")))))
        kind = field.get("/FT") or kind
        named = [kid for kid in _listed(field.get("/Kids")) if "/T" in _dictionary(kid)]
        if named:
            waiting += [(kid, name, kind, depth + 1) for kid in reversed(named)]
        elif box := _box(field, name, str(kind or "")):
            yield box


def _box(field: DictionaryObject, name: str, kind: str) -> Box | None:
    if kind != "/Btn":
        how = How.CHOSEN if kind == "/Ch" else How.TYPED
        return Box(name, _value(field.get("/V")), how)
    states = [field, *(_dictionary(kid) for kid in _listed(field.get("/Kids")))]
    on = [str(state) for one in states for state in (one.get("/V"), one.get("/AS")) if state is not None]
    chosen = next((state.lstrip("/") for state in on if state not in ("/Off", "Off", "/", "")), "")
    how = How.CHOSEN if len(states) > 1 else How.TICKED  # radio buttons are the widgets of one field
    return Box(name, chosen, how) if chosen else None


def _value(value: Any) -> str:
    """Text, an entry of a list or several of them, or a stream of text (12.7.4.3)."""
    value = value.get_object() if isinstance(value, IndirectObject) else value
    if isinstance(value, ArrayObject):
        return ", ".join(_words(one) for one in value)
    return _words(value.get_data() if isinstance(value, StreamObject) else value)


def _words(value: Any) -> str:
    value = value.get_object() if isinstance(value, IndirectObject) else value
    if value is None:
        return ""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _listed(value: Any) -> list[Any]:
    value = value.get_object() if isinstance(value, IndirectObject) else value
    return list(list.__iter__(value)) if isinstance(value, ArrayObject) else []


def _dictionary(value: Any) -> DictionaryObject:
    found = value.get_object() if value is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def opened(content: bytes, password: str) -> bytes | None:
    """The file without its lock; None when the password is another. May raise."""
    from pypdf import PdfWriter  # nothing else here writes

    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and reader.decrypt(password) is PasswordType.NOT_DECRYPTED:
        return None
    out = io.BytesIO()
    PdfWriter(clone_from=reader).write(out)
    return out.getvalue()
