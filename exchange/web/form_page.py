"""A page's forms, read off the page: what each asks, and in which words.

1. A part of a page of many acts is a form by itself; one that is fixed to another thing is not taken for it.
2. A hidden value is told only where the page says it somewhere: its codes are for programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from exchange.web.act_forms import OURS, Given

_VOID = frozenset({"input", "br", "img", "hr", "meta", "link", "source", "wbr", "area", "col"})
_HEADINGS = frozenset({"h2", "h3", "h4", "caption"})
_OF_A_PART = re.compile(r"[\w-]+[.:](.+)", re.DOTALL)  # a control's name on a page of many acts (element_ids)
_FORM = "form "  # before the number of a form that is no part of one: no id has a space
_LONGEST = 200  # characters of a row that says what its form is about
_CHOICES = frozenset({"radio", "checkbox"})


@dataclass(slots=True)
class _Element:
    """One that is open: where its text begins, and what is known of it."""

    tag: str
    attributes: Mapping[str, str]
    begins: int
    title: str = ""  # of what is folded away, or of a group of choices


@dataclass(frozen=True, slots=True)
class Control:
    """Something that a form sends."""

    name: str  # without the number of its part
    kind: str  # "select", or an input's type
    value: str
    id: str
    part: str
    group: _Element | None  # the choices that it is one of
    options: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """One act of a page of many, or a form by itself."""

    number: str
    under: str  # the heading or the row that it stands under
    title: str  # what it is for, as what it is folded under and its button say
    goes: set[str] = field(default_factory=set)  # where its buttons send it


class FormPage(HTMLParser):
    """The forms of one page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.heading = ""
        self.controls: list[Control] = []
        self.parts: dict[str, Part] = {}
        self.labels: dict[str, str] = {}
        self._open: list[_Element] = []
        self._texts: list[str] = []
        self._under = ""
        self._inside: list[tuple[int, str]] = []  # how deep each part began that is open, and its number
        self.feed(html)

    def handle_data(self, data: str) -> None:
        """Words."""
        self._texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = {name: value or "" for name, value in attrs}
        made = _Element(tag, given, len(self._texts))
        if tag == "form" or "data-act" in given:
            number = given["id"] if "data-act" in given else f"{_FORM}{len(self.parts)}"
            under, title = self._place()
            self.parts[number] = Part(number, under if "data-act" in given or not title else "", title)
            self._inside.append((len(self._open), number))
        if tag in ("input", "textarea", "select") and given.get("name"):
            self._control(tag, given)
        if tag not in _VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        """An element ends: its text is whole."""
        if all(one.tag != tag for one in self._open):
            return
        while (ended := self._open.pop()).tag != tag:
            pass
        self._inside = [one for one in self._inside if one[0] < len(self._open)]
        if ended.tag in _HEADINGS:
            self._under = self._said(ended.begins)
        elif ended.tag in _ENDED:
            _ENDED[ended.tag](self, ended.attributes, self._said(ended.begins))

    def _h1(self, _: Mapping[str, str], text: str) -> None:
        self.heading = self.heading or text

    def _label(self, given: Mapping[str, str], text: str) -> None:
        self.labels[given.get("for", "")] = text

    def _option(self, given: Mapping[str, str], text: str) -> None:
        self.controls[-1].options[given.get("value", text)] = text

    def _title_of(self, tag: str, text: str) -> None:
        if around := self._around(tag):
            around.title = text

    def _control(self, tag: str, given: Mapping[str, str]) -> None:
        number = self._inside[-1][1] if self._inside else ""
        found = _OF_A_PART.fullmatch(given["name"]) if number and not number.startswith(_FORM) else None
        kind = given.get("type", "text") if tag == "input" else tag
        group = self._around("fieldset")
        self.controls.append(
            Control(
                found[1] if found else given["name"], kind, given.get("value", ""), given.get("id", ""), number, group
            )
        )

    def _button(self, given: Mapping[str, str], text: str) -> None:
        if not self._inside:
            return
        form, part = self._around("form"), self.parts[self._inside[-1][1]]
        part.goes.add(given.get("formaction") or (form.attributes.get("action", "") if form else ""))
        if text and text not in part.title:
            part.title = f"{part.title}: {text}" if part.title else text

    def _place(self) -> tuple[str, str]:
        """What says what a form is about: (the row it stands in or its heading, what it is folded away under)."""
        details, row = self._around("details"), self._around("tr")
        return self._said(row.begins)[:_LONGEST] if row else self._under, details.title if details else ""

    def _around(self, tag: str) -> _Element | None:
        return next((one for one in reversed(self._open) if one.tag == tag), None)

    def _said(self, begins: int) -> str:
        return " ".join("".join(self._texts[begins:]).split())

    def part(self, path: str, number: str, given: Given) -> Part | None:
        """The form by which this was sent, and no other of its kind that is about something else (rule 2)."""
        there = [one for one in self.parts.values() if path in one.goes]
        there.sort(key=lambda one: one.number != number)
        return next((one for one in there if self._is_about(one, given)), None)

    def _is_about(self, part: Part, given: Given) -> bool:
        fixed = (c for c in self.controls if c.part == part.number and c.kind == "hidden" and c.name not in OURS)
        return all(c.value in given.get(c.name, ()) for c in fixed)

    def spoken(self, part: Part, given: Given) -> Iterator[tuple[str, str]]:
        """(what was asked, what was answered) of everything that was given."""
        mine = [c for c in self.controls if c.part == part.number]
        for name, values in given.items():
            if name in OURS:
                continue
            of = [c for c in mine if c.name == name]
            if of and of[0].kind == "hidden":
                of = [c for c in self.controls if c.name == name and c.kind in _CHOICES | {"select"}]
                yield from (told for value in values if (told := self._chosen(of, value)))
                continue
            for value in filter(None, values):
                yield self._chosen(of, value) or (self._asked(of, name), value)

    def _chosen(self, of: list[Control], value: str) -> tuple[str, str] | None:
        """A choice in its words, if it is one."""
        for one in of:
            if one.kind == "select" and value in one.options:
                return self.labels.get(one.id, ""), one.options[value]
            if one.kind in _CHOICES and one.value == value:
                text, legend = self.labels.get(one.id, value), one.group.title if one.group else ""
                return (legend, text) if legend else (text, "Yes")
        return None

    def _asked(self, of: list[Control], name: str) -> str:
        if not of:
            return by_name(name)
        label, legend = self.labels.get(of[0].id, ""), of[0].group.title if of[0].group else ""
        return ": ".join(filter(None, (legend, label))) or by_name(name)


def by_name(name: str) -> str:
    """A control of which nothing else is known."""
    words = name.rpartition(".")[2].replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


_ENDED: Mapping[str, Callable[[FormPage, Mapping[str, str], str], None]] = {
    "h1": FormPage._h1,
    "label": FormPage._label,
    "option": FormPage._option,
    "summary": lambda page, _, text: page._title_of("details", text),
    "legend": lambda page, _, text: page._title_of("fieldset", text),
    "button": FormPage._button,
}
