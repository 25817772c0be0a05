"""A Word file, read for the answers in its content controls. Runs on strangers' bytes: only in the limited child.

Read are three parts of the package and no other, by the standard library: libraries for Word files give nothing back
of a cell whose text stands in a control, and none knows a control's tag.

1. An answer is what stands in a control with a tag of ours; where another program dropped the tags, in one with a
   bookmark of ours, and then a person looks at the original. A control that shows its own prompt is unanswered.
2. A file with macros, or one that fetches something from elsewhere, is not read, whoever made it: ours does neither.
3. Nothing is unpacked whose size is not bounded first, and a document type (from which XML bombs are made) ends it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser

from exchange.case.referral import SCHEMA
from mailflow.document import Box, Document, How, State

VERSION = "form_version"
MOST_ENTRIES = 1_000  # of the archive: a long report with pictures has a few hundred
PART_MAX = 20_000_000  # octets of one part, unpacked: our longest form has 250,000
TEXT_MAX = 50_000  # characters, for a person
MOST_BOXES = 5_000
MOST_ELEMENTS = 500_000  # of one part: our longest form has 20,000, a book some 300,000
DEEPEST = 250  # elements in elements: Word writes some twenty
_BODY = "word/document.xml"
SAYS_SO = re.compile(rf"{re.escape(SCHEMA)} (child|adult)")  # some programs save a form without its controls' tags
_RELATIONSHIPS = re.compile(r"word/_rels/[^/]+\.rels")
_MACROS = ("vbaproject.bin", "macroenabled")
_OUTSIDE_ALLOWED = "/hyperlink"  # an address that somebody typed: Word makes a link of it, which fetches nothing
_TICKED = ("1", "true", "on")
MARK = re.compile(
    r"form_version|[a-z][a-z0-9_]*__[a-z0-9_]+", re.IGNORECASE
)  # a bookmark of ours: dots are none there
# What stands in a box that nobody has filled in: LibreOffice keeps the words, and not that they are no answer.
PROMPTS = frozenset(
    {"Click here to write", "Choose", "Day/month/year"}
    | {"Cliciwch yma i ysgrifennu", "Dewiswch", "Diwrnod/mis/blwyddyn"}
)
BLANK = "-"  # the entry of our lists that takes a choice back


class _Refused(Exception):
    """It holds what is not read; the message is the code that says why."""


def read(content: bytes) -> Document:
    """What it holds. May raise anything: the caller says then that it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _looked_over(package)
            body = parsed(_part(package, _BODY))
            protected = _is_protected(package)
    except _Refused as refused:
        return Document("word", State.REFUSED, str(refused))
    boxes, why = list(_boxes(body)), ""
    if not _version(boxes):
        boxes, why = list(_marked(body)), "marks"
    if not (version := _version(boxes)):
        text = _text(body)[:TEXT_MAX].strip()
        return Document("word", State.OTHER, "flat" if SAYS_SO.search(text) else "", text=text)
    answers = tuple(box for box in boxes if box.name != VERSION and box.written)
    why = why if protected else "open"
    text = _text(body)[:TEXT_MAX].strip() if why else ""
    return Document("word", State.FORM if answers else State.BLANK, why, version.strip(), answers, text)


def _version(boxes: list[Box]) -> str:
    return next((box.written for box in boxes if box.name == VERSION), "")


def _looked_over(package: zipfile.ZipFile) -> None:
    """Rule 2, and the archive itself. Raises _Refused."""
    entries = package.infolist()
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > MOST_ENTRIES or len(set(names)) < len(names):
        raise _Refused("archive")
    if any(name.endswith(_MACROS[0]) for name in names):
        raise _Refused("program")
    if _MACROS[1].encode() in _part(package, "[Content_Types].xml").lower():
        raise _Refused("program")
    for name in (entry.filename for entry in entries if _RELATIONSHIPS.fullmatch(entry.filename)):
        for one in parsed(_part(package, name)).iter():
            outside = one.get("TargetMode", "").lower() == "external"
            if outside and not one.get("Type", "").lower().endswith(_OUTSIDE_ALLOWED):
                raise _Refused("outside")


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """One part, unpacked as far as it may be. Raises KeyError or _Refused."""
    with package.open(name) as part:
        found = part.read(PART_MAX + 1)
    if len(found) > PART_MAX:
        raise _Refused("too_large")
    return found


class _Bounded(TreeBuilder):
    """Elements as usual, so many and so deep; a document type is refused as soon as it begins."""

    def __init__(self) -> None:
        super().__init__()
        self._count = self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._count += 1
        self._depth += 1
        if self._count > MOST_ELEMENTS or self._depth > DEEPEST:
            raise _Refused("too_large")
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise _Refused("document_type")


def parsed(part: bytes) -> Element:
    parser = XMLParser(target=_Bounded())  # noqa: S314 - no document type gets through, and the child is limited
    parser.feed(part)
    root: Element = parser.close()
    return root


def _is_protected(package: zipfile.ZipFile) -> bool:
    """Whether it can still be written in nowhere but in its controls."""
    try:
        settings = parsed(_part(package, "word/settings.xml"))
    except KeyError:
        return False
    found = next((one for one in settings.iter() if name_of(one) == "documentProtection"), None)
    return found is not None and attribute(found, "enforcement") in _TICKED


def _boxes(body: Element) -> Iterator[Box]:
    """Every control that has a tag, in the order of the document; blank where it shows its prompt. One whose tag came
    before stands in a block that was copied, of somebody else: `s2~1.given_name`."""
    count = 0
    times: dict[str, int] = {}
    for control in body.iter():
        properties = _child(control, "sdtPr") if name_of(control) == "sdt" else None
        tag = _child(properties, "tag") if properties is not None else None
        if properties is None or tag is None:
            continue
        count += 1
        if count > MOST_BOXES:
            return
        name = attribute(tag, "val")
        copy = times[name] = times.get(name, -1) + 1
        owner, dot, rest = name.partition(".")
        name = f"{owner}~{copy}{dot}{rest}" if copy else name
        yield _box(name, properties, _child(control, "sdtContent"))


def _marked(body: Element) -> Iterator[Box]:
    """Every control with a bookmark of ours: around it, or inside it, where LibreOffice puts it."""
    begun: dict[
        str, tuple[str, Element | None]
    ] = {}  # by its number: the bookmark's name, and the control that it marks
    last: Element | None = None
    count = 0
    for one in body.iter():
        match name_of(one):
            case "sdt":
                last = one
                if begun:
                    number, (mark, _) = begun.popitem()
                    begun[number] = (mark, one)
            case "bookmarkStart" if MARK.fullmatch(attribute(one, "name")):
                begun[attribute(one, "id")] = (attribute(one, "name"), last)
            case "bookmarkEnd":
                mark, control = begun.pop(attribute(one, "id"), ("", None))
                properties = _child(control, "sdtPr") if control is not None else None
                if control is None or properties is None:
                    continue
                count += 1
                if count > MOST_BOXES:
                    return
                box = _box(mark.replace("__", "."), properties, _child(control, "sdtContent"))
                yield box if box.written not in PROMPTS else Box(box.name, "", box.how)


def _box(name: str, properties: Element, inside: Element | None) -> Box:
    if (tick := _child(properties, "checkbox")) is not None:
        checked = _child(tick, "checked")
        on = checked is not None and attribute(checked, "val") in ("", *_TICKED)
        return Box(name, "yes" if on else "", How.TICKED)
    offered = _child(properties, "dropDownList")
    offered = _child(properties, "comboBox") if offered is None else offered
    waits = _child(properties, "showingPlcHdr")
    shown = waits is not None and attribute(waits, "val") in ("", *_TICKED)
    written = "" if shown or inside is None else _text(inside).strip()
    if offered is None:
        return Box(name, written, _how(properties, written))
    codes = {attribute(i, "displayText") or attribute(i, "value"): attribute(i, "value") for i in offered}
    code = codes.get(written, written)
    return Box(name, "" if code == BLANK else code, How.CHOSEN if written in codes else How.TYPED)


def _how(properties: Element, written: str) -> How:
    """A day that was picked from the calendar is kept beside what is shown (ECMA-376 17.5.2.7)."""
    picked = _child(properties, "date")
    day = attribute(picked, "fullDate")[:10] if picked is not None else ""
    return How.CHOSEN if day and "/".join(reversed(day.split("-"))) == written else How.TYPED


def _text(root: Element) -> str:
    """The words as they are seen: a line a paragraph; what was struck out by tracking changes is not there."""
    pieces: list[str] = []
    waiting: list[tuple[Element, bool]] = [(root, False)]
    while waiting:
        one, left = waiting.pop()
        name = name_of(one)
        if left:
            pieces.append("\n")
        elif name in ("t", "delText"):
            pieces.append(one.text or "" if name == "t" else "")
        elif name in _SIGNS:
            pieces.append(_SIGNS[name])
        elif name not in _UNSEEN:
            waiting += [(one, True)] if name == "p" else []
            waiting += [(child, False) for child in reversed(one)]
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces).replace("\0", ""))


_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Struck out; of two versions of one thing the older program's; what a field is computed from; properties.
_UNSEEN = frozenset(
    {"del", "moveFrom", "Fallback", "instrText", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr"}
)


def name_of(one: Element) -> str:
    """Without its namespace: Word's strict and its usual files differ in nothing else here."""
    tag = one.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _child(one: Element, name: str) -> Element | None:
    return next((child for child in one if name_of(child) == name), None)


def attribute(one: Element, name: str) -> str:
    """Of whatever namespace; "" where there is none."""
    return next((value for key, value in one.attrib.items() if key.rpartition("}")[2] == name), "")
