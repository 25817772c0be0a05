"""An OpenDocument text: our Word form as LibreOffice saves it in its own format, or somebody's letter.

Runs on strangers' bytes: only in the limited child.

1. A box is what stands between the two ends of a bookmark of ours, as Word's forms have them. Somebody may have typed
   beside it: a person looks at the original, whatever was read.
2. A file with programs in it is not read, as with Word's.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from mailflow.document import Box, Document, How, State
from mailflow.forms import word_form

PROGRAMS = ("basic/", "scripts/", "dialogs/")
_CONTENT = "content.xml"
_LINES = ("p", "h")
_BREAKS = {"line-break": "\n", "p": "\n", "tab": "\t", "s": " "}
_CONTROLS = ("text-input", "content-control")
_BESIDE = frozenset({"annotation", "tracked-changes", "note"})  # comments, what was struck out, footnotes


def read(content: bytes) -> Document:
    """What it says. May raise anything: the caller says then that it is damaged."""
    if has_programs(content):
        return Document("odt", State.REFUSED, "program")
    body = _body(content)
    if body is None:
        return Document("odt", State.REFUSED, "too_large")
    text = _lines(body)[: word_form.TEXT_MAX].strip()
    boxes = list(_boxes(body))
    version = next((box.written for box in boxes if box.name == word_form.VERSION), "")
    if not version:
        return Document("odt", State.OTHER, "flat" if word_form.SAYS_SO.search(text) else "", text=text)
    answers = tuple(box for box in boxes if box.name != word_form.VERSION and box.written)
    return Document("odt", State.FORM if answers else State.BLANK, "marks", version, answers, text)


def has_programs(content: bytes) -> bool:
    """Whether it holds macros or dialogues."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return any(name.lower().startswith(PROGRAMS) for name in package.namelist())


def words(content: bytes) -> str | None:
    """Its text, a line a paragraph; None for more than is read."""
    body = _body(content)
    return None if body is None else _lines(body)


def _body(content: bytes) -> Element | None:
    with zipfile.ZipFile(io.BytesIO(content)) as package, package.open(_CONTENT) as part:
        body = part.read(word_form.PART_MAX + 1)
    return None if len(body) > word_form.PART_MAX else word_form.parsed(body)


def _lines(body: Element) -> str:
    found = (one for one in body.iter() if word_form.name_of(one) in _LINES)
    return "\n".join("".join(one.itertext()) for one in found).replace("\0", "")


@dataclass
class _Mark:
    """A bookmark of ours that has begun."""

    name: str
    pieces: list[str] = field(default_factory=list)
    control: Element | None = None

    def ends_with(self, one: Element | str) -> bool:
        """Whether this is its other end."""
        if isinstance(one, str) or word_form.name_of(one) != "bookmark-end":
            return False
        return word_form.attribute(one, "name") == self.name

    def take(self, one: Element | str) -> None:
        """What stands in it, piece by piece."""
        if isinstance(one, str):
            self.pieces.append(one)
        elif word_form.name_of(one) in _CONTROLS:
            self.control = one
        else:
            self.pieces.append(_BREAKS.get(word_form.name_of(one), ""))

    @property
    def box(self) -> Box:
        """What stands in it."""
        name, written = self.name.replace("__", "."), "".join(self.pieces).strip()
        control = self.control
        if control is None:
            return Box(name, _answer(written))
        if word_form.attribute(control, "checkbox") == "true":
            return Box(name, "yes" if word_form.attribute(control, "checked") == "true" else "", How.TICKED)
        if word_form.attribute(control, "showing-place-holder") == "true":
            return Box(name, "")
        items = [one for one in control if word_form.name_of(one) == "list-item"]
        codes = {word_form.attribute(i, "display-text"): word_form.attribute(i, "value") for i in items}
        if written in codes:
            return Box(name, codes[written] if codes[written] != word_form.BLANK else "", How.CHOSEN)
        day = word_form.attribute(control, "current-date")[:10]
        picked = bool(day) and "/".join(reversed(day.split("-"))) == written
        return Box(name, _answer(written), How.CHOSEN if picked else How.TYPED)


def _answer(written: str) -> str:
    return "" if written in word_form.PROMPTS else written


def _boxes(body: Element) -> Iterator[Box]:
    """Every bookmark of ours, in the order of the document; ours are never within each other."""
    return itertools.islice((mark.box for mark in _marks(body)), word_form.MOST_BOXES)


def _marks(body: Element) -> Iterator[_Mark]:
    mark: _Mark | None = None
    for one in _in_order(body):
        begun = _begins(one)
        if begun:
            mark = _Mark(begun)
        elif mark and mark.ends_with(one):
            yield mark
            mark = None
        elif mark:
            mark.take(one)


def _begins(one: Element | str) -> str:
    """The name of a bookmark of ours, where one begins."""
    if isinstance(one, str) or word_form.name_of(one) != "bookmark-start":
        return ""
    name = word_form.attribute(one, "name")
    return name if word_form.MARK.fullmatch(name) else ""


def _in_order(root: Element) -> Iterator[Element | str]:
    """Elements and the words between them, as they are seen."""
    waiting: list[Element | str] = [root]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, str) or word_form.name_of(one) in _BESIDE:
            continue
        for child in reversed(one):
            waiting += [child.tail] if child.tail else []
            waiting.append(child)
        waiting += [one.text] if one.text else []
