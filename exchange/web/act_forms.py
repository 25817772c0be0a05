"""The forms of a case's page: what was typed into one that was refused is in it still, beside what is wrong.

1. The forms are numbered by act in the order they stand on the page ("restrict-2"); a form sends its number with it.
   Its controls' ids begin with it, so an error can lead to the very control.
2. Nothing that was typed is lost: when the form is no longer on the page, because somebody else acted meanwhile, the
   page shows the words apart.
3. The templates ask `values` and `errors` as on every page; they answer for the form that was begun last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import overload

NUMBER = "on_page"  # the field in which a form sends its number
_OURS = frozenset({"csrf", "once", NUMBER})
_PARTS = re.compile(r"_(?:date|time)$")  # a moment is asked for in two controls


@dataclass(frozen=True, slots=True)
class Refused:
    """One form as it was sent, and what is wrong with it: by name of the control, or "" for the whole."""

    form: str
    fields: Mapping[str, tuple[str, ...]] = field(repr=False)
    errors: Mapping[str, str]


class ActForms:
    """The forms of one page, and the one among them that was refused."""

    def __init__(self, refused: Refused | None = None) -> None:
        self._made: Counter[str] = Counter()
        self._refused = refused
        self._now = ""
        self._seen: dict[str, str] = {}  # an error's name -> the control at which it stands
        self.values, self.errors = Values(self), Errors(self)

    def begin(self, act: str) -> str:
        """The next form of this act; its number."""
        self._made[act] += 1
        self._now = act if self._made[act] == 1 else f"{act}-{self._made[act]}"
        return self._now

    @property
    def refused(self) -> Refused | None:
        """The form at hand, if it is the one that was refused."""
        return self._refused if self._refused and self._refused.form == self._now else None

    @property
    def fault(self) -> str:
        """What is wrong with the form at hand as a whole; ""."""
        return self.refused.errors.get("", "") if self.refused else ""

    def end(self) -> str:
        """What follows is in no form."""
        self._now = ""
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

    def left_over(self) -> dict[str, str]:
        """What was typed into a form that is no longer on the page."""
        if self._refused is None or self._is_there:
            return {}
        kept = {name: ", ".join(filter(None, of)) for name, of in self._refused.fields.items() if name not in _OURS}
        return {name: text for name, text in kept.items() if text}


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
        refused = self.forms.refused
        given = refused.fields.get(name, ()) if refused else ()
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
