"""The acts of a case's page, which are parts of one form: whichever button is pressed, what was typed in another part
comes with it and is shown again.

1. The parts are numbered by act in the order they stand on the page ("restrict-2"); a button sends its part's number.
   The ids and names of a part's controls begin with it, so an error can lead to the very control.
2. Nothing that was typed is lost: when the part is no longer on the page, or is about another thing now, because
   somebody acted meanwhile, the page shows the words apart.
3. The templates ask `values` and `errors` as on every page; they answer for the part that was begun last.
4. The Enter key presses no button but one that does nothing (STAY): nobody decides by it what they did not mean.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import overload

from exchange.web.forgery import Form

NUMBER = "on_page"  # what a button sends: which part it is of
PARTS = "acts"  # the field by which a form says that it has parts
STAY = "stay"  # the act that sends nothing
OURS = frozenset({"csrf", "once", NUMBER, PARTS})  # of the page, not of the person
_NAMED = re.compile(r"([\w-]+)([.:])(.+)", re.DOTALL)  # of a part's control, as element_ids makes it
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
Given = Mapping[str, tuple[str, ...]]
_READ = frozenset({"additions"})  # not what a part is about, but how much of it was on the page
_THINGS = re.compile(r"[/:]")  # what is between the ids in what a task is about
_PARTS = re.compile(r"_(?:date|time)$")  # a moment is asked for in two controls


@dataclass(frozen=True, slots=True)
class Refused:
    """One form as it was sent, and what is wrong with it: by name of the control, or "" for the whole."""

    form: str
    fields: Mapping[str, tuple[str, ...]] = field(repr=False)
    errors: Mapping[str, str]


def parted(form: Form) -> tuple[Form, dict[str, Given]]:
    """(what belongs to the button that was pressed, every other part in which somebody wrote or ticked something)."""
    if not form.one(PARTS):
        return form, {}  # of a page that has one act
    number = form.one(NUMBER)
    parts, written = dict[str, dict[str, tuple[str, ...]]](), set[str]()
    for name, given in form.fields.items():
        if name in OURS:
            continue
        found = _NAMED.fullmatch(name)
        part, how, plain = found.groups() if found else (number, "", name)
        of = parts.setdefault(part, {})
        of[plain] = (*of.get(plain, ()), *given)
        if how == "." and any(one.strip() for one in given):
            written.add(part)
    ours = {"csrf": form.all("csrf"), "once": (form.one("once") + number,), NUMBER: (number,)}
    return Form({**parts.get(number, {}), **ours}), {n: of for n, of in parts.items() if n in written and n != number}


def beside(others: Mapping[str, Given]) -> list[tuple[str, str]]:
    """What is carried along on a page between, as hidden fields: other parts as they were sent."""
    given = [(f"{n}.{name}", one) for n, of in others.items() for name, values in of.items() for one in values]
    return [*given, (PARTS, "1")] if given else []


class ActForms:
    """The parts of one page: the one among them that was refused, and those that were not sent."""

    def __init__(self, refused: Refused | None = None, kept: Mapping[str, Given] | None = None) -> None:
        self._made: Counter[str] = Counter()
        self._refused = refused
        self._kept = dict(kept or {})
        self._apart: list[Given] = []
        self._texts: dict[str, str] = {}  # of the parts on the page: what each is for
        self._about: dict[str, frozenset[str]] = {}  # and what each is fixed to
        self.now = ""
        self._seen: dict[str, str] = {}  # an error's name -> the control at which it stands
        self.values, self.errors = Values(self), Errors(self)

    def begin(self, act: str, text: str = "") -> str:
        """The next part of this act, by what it is for; its number."""
        self._made[act] += 1
        self.now = act if self._made[act] == 1 else f"{act}-{self._made[act]}"
        self._texts[self.now] = text
        return self.now

    @property
    def given(self) -> Given:
        """What was given in the part at hand before."""
        return self.refused.fields if self.refused else self._kept.get(self.now, {})

    def is_of_another(self, inside: str) -> bool:
        """Whether the part at hand is about another thing than when it was typed in: then the words stand apart."""
        about = {name: value for name, value in _HIDDEN.findall(inside) if name not in _READ}
        self._about[self.now] = frozenset(about.values())
        if self.now not in self._kept or all(
            value in self._kept[self.now].get(name, ()) for name, value in about.items()
        ):
            return False
        self._apart.append(self._kept.pop(self.now))
        return True

    def unsent(self) -> dict[str, str]:
        """The parts that were not sent and are on the page, by what they are for."""
        return {number: self._texts[number] for number in self._kept if number in self._texts}

    def places(self, wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The parts of the page that do these acts (act, what it is about), by what they are for; of several of one
        act the one that is fixed to just this thing, or to none. To be asked for when every part has been made."""
        found = dict[str, str]()
        for act, about in wanted:
            parts = [number for number in self._texts if number == act or number.rpartition("-")[0] == act]
            things = set(_THINGS.split(about))
            fits = [n for n in parts if self._about[n] <= things or things <= self._about[n] or len(parts) == 1]
            fits.sort(key=lambda n: -len(self._about[n] & things))
            found.update((n, self._texts[n]) for n in fits[:1])
        return found

    @property
    def refused(self) -> Refused | None:
        """The form at hand, if it is the one that was refused."""
        return self._refused if self._refused and self._refused.form == self.now else None

    @property
    def fault(self) -> str:
        """What is wrong with the form at hand as a whole; ""."""
        return self.refused.errors.get("", "") if self.refused else ""

    def end(self) -> str:
        """What follows is in no form."""
        self.now = ""
        return ""

    @property
    def any_refused(self) -> bool:
        """Whether one of the page's forms was."""
        return self._refused is not None

    def at(self, name: str) -> str:
        """What is wrong with a control of the form at hand; ""."""
        if self.refused is None:
            return ""
        wrong = name if name in self.refused.errors else _PARTS.sub("", name)
        if wrong in self.refused.errors and wrong:
            self._seen.setdefault(wrong, name)
        return self.refused.errors.get(wrong, "") if wrong else ""

    def summary(self) -> dict[str, str]:
        """Where each fault is -> what is wrong. To be asked for when every form has been made."""
        if self._refused is None:
            return {}
        form, found = self._refused.form if self._is_there else "", dict[str, str]()
        for name, told in self._refused.errors.items():
            place = f"{form}-{self._seen[name]}" if form and name in self._seen else form
            found[place] = f"{found[place]}; {told}" if place in found else told
        return found

    @property
    def _is_there(self) -> bool:
        act, _, number = self._refused.form.rpartition("-") if self._refused else ("", "", "")
        return self._made[act] >= int(number) if number.isdecimal() else self._made[number] > 0

    def left_over(self) -> list[str]:
        """What was typed into parts that are no longer on the page."""
        gone = [of for number, of in self._kept.items() if number not in self._texts]
        refused = [self._refused.fields] if self._refused and not self._is_there else []
        return [
            ", ".join(filter(None, given))
            for of in (*refused, *self._apart, *gone)
            for name, given in of.items()
            if name not in OURS and any(given)
        ]


@dataclass(frozen=True, slots=True)
class Values:
    """What was typed into the form at hand: the first value of a name, or every one for boxes, which ask with a
    tuple."""

    forms: ActForms

    @overload
    def get(self, name: str, usual: tuple[str, ...]) -> tuple[str, ...]: ...
    @overload
    def get(self, name: str, usual: str = "") -> str: ...
    def get(self, name: str, usual: str | tuple[str, ...] = "") -> str | tuple[str, ...]:
        """The value, or what is usual."""
        given = self.forms.given.get(name, ())
        if isinstance(usual, tuple):
            return given or usual
        return given[0] if given else usual


@dataclass(frozen=True, slots=True)
class Errors:
    """What is wrong in the form at hand; true while anything on the page is."""

    forms: ActForms

    def __contains__(self, name: str) -> bool:
        return bool(self.forms.at(name))

    def __getitem__(self, name: str) -> str:
        return self.forms.at(name)

    def __bool__(self) -> bool:
        return self.forms.any_refused
