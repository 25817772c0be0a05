"""Acts listed: every act of the desk with what it takes, read from the functions that take it (docs/acts.md).

1. A value is listed where the act, or what it hands its values to, asks for it by name: nothing is said twice.
2. What an act cannot do without is what it is refused for (desk/needs.py), and what it asks for with `need`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from exchange.case.code_lists import CAPACITY_AT_ENQUIRY, NOT_HEARD, OUTCOMES_ASKED
from exchange.case.deciding import HEARD
from exchange.case.record import Release
from exchange.case.record_fields import APOLOGIES, EMERGENCIES, MODES, QUESTIONS, ROLES
from exchange.case.referral import ROLES as SUBJECT_ROLES
from exchange.case.strategy_discussion import Mode
from exchange.desk.act import refuse_future
from exchange.desk.acts import ACTS
from exchange.desk.given import asked_for
from exchange.desk.needs import CODES, NEEDS
from exchange.policy import IN_PERSON, MAY, Action

_HOW = {
    "need": "text", "may": "text", "many": "list of text", "yes": "yes or no", "choice": "one of",
    "choices": "any of", "day": "date", "moment": "date and time", "under": "text",
}  # fmt: skip
_WHOM = "`subjects` names whom it is about (`s1`...); it is needed where the case is about several"
_TOOK_PART = (
    "Who took part is `agencies`, or for each `mode.AGENCY`: `in_person`, `telephone`, `video` or `written`; "
    "`deputies` are those for whom somebody else sat"
)


def _rows() -> str:
    """The rows of the record of a discussion, and the codes in them."""

    def of(codes: Iterable[str]) -> str:
        return ", ".join(f"`{code}`" for code in codes)

    asked = "; ".join(
        f"`{q.name}`" + (f" ({of(code for code, _ in q.codes.choices)})" if q.codes else "") for q in QUESTIONS
    )
    return (
        "`started`, `ended` and `mode` must be given, and "
        f"each row by its number: `attendee.1.name`, `.agency`, `.role` ({of(code for code, _ in ROLES.choices)}), "
        f"`.mode` ({of(Mode)}), `.deputy` (yes or no), `.vetted`; `information.1.agency`, `.words`, "
        f"`.release` ({of(Release)}), `.recipients`, `.subjects`; `dissent.1.agency`, `.words`, `.subjects`; "
        f"`apology.AGENCY.why` ({of(code for code, _ in APOLOGIES.choices)}), `.words`. Of each subject "
        f"`subject.s1.` and: {asked}. What it makes is the next version: `v1` first"
    )


_PASSAGE = "`passage` is written with its product: `p1/w1`"
_ALSO = {  # what is asked for by names that are made up as they are asked
    "add_subject": "and every question about a subject of that form: `exchange schema referral --text`",
    "add_person": "and every question about a person of the household: `exchange schema referral --text`",
    "correct_concern": "and every question about the concern, consent and referrer by its name, like "
    "`concern.what_happened`: `exchange schema referral --text`",
    "correct_person": "and every question about a person of the household: `exchange schema referral --text`",
    "correct_subject": "and every question about a subject of that form: `exchange schema referral --text`",
    "answered": "`decline` is needed where they decline",
    "approve_record": "`version` is the newest as the record names its versions: `v1`, then `v2`",
    "ask": f"{_WHOM}. `instead_of` is a leg that declined (`l1`); `in_place_of` an agency that must not see the case",
    "hand_over": _WHOM,
    "telephoned": f"{_WHOM}. {_TOOK_PART}",
    "emergency": f"{_WHOM}. {_TOOK_PART}",
    "held": f"{_TOOK_PART}. `started` is left out where it was held at the time for which it was called",
    "override": _PASSAGE,
    "owner_answered": _PASSAGE,
    "not_shared": "`what` is the id of a contribution, or of a product",
    "decide": "and for section 42 `needs`, `risk` and `unable` (yes or no), each with its `_why`. "
    "`dropped_why` is needed where a route of the decision before is left out",
    "attends": "`name` and `checked` may be left out where a reply that claims the same is confirmed, `words` unless "
    "it is `written`",
    "rang": "and, when somebody was reached and answered, what `answered` or `attends` takes",
    "minute": _rows(),
}


_MUST = {"emergency": ("started",), "telephoned": ("started",)}  # what the act is refused for, and reads otherwise
_OF_A_SUBJECT = {"consent": ("yes", "no"), "role": SUBJECT_ROLES}
_OF_LISTS: dict[str, dict[str, tuple[str, ...]]] = {
    "add_subject": _OF_A_SUBJECT,
    "correct_subject": _OF_A_SUBJECT,
    "minute": {
        "mode": tuple(code for code, _ in MODES.choices),
        "emergency": tuple(code for code, _ in EMERGENCIES.choices),
    },
    "decide": {
        "voice": (HEARD, *(code for code, _ in NOT_HEARD.choices)),
        "capacity": tuple(code for code, _ in CAPACITY_AT_ENQUIRY.choices),
        "outcomes_asked": tuple(code for code, _ in OUTCOMES_ASKED.choices),
    },
}
_SOMETIMES = {  # what is asked for with `need`, and not always
    "answered": ("decline",),
    "decide": ("dropped_why",),
    "attends": ("name", "checked", "words"),
    "rang": ("name", "checked", "note", "answer", "decline"),
}
_NO_VALUES = {"minute": ("attendee", "apology", "information", "dissent", "n", "o", "t")}  # kinds and marks of rows
_NEVER = {"attends": ("awaited",), "contact_route": ("",)}  # what nobody says: how it stands before anybody did


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an act."""

    name: str
    how: str  # "text", "yes or no", "one of"...
    codes: tuple[str, ...]
    must: bool


@cache
def values(act: str) -> tuple[Value, ...]:
    """What an act takes, what it cannot do without first."""
    found: dict[str, Value] = {}
    for value in _asked(ACTS[act].do, set()):
        known = found.get(value.name)
        must = value.must or value.name in NEEDS.get(act, ()) or bool(known and known.must)
        must = (must and value.name not in _SOMETIMES.get(act, ())) or value.name in _MUST.get(act, ())
        of = value if known is None or value.codes else known
        if value.name in _NO_VALUES.get(act, ()):
            continue
        codes = of.codes or _codes(act, of.name)
        how = "one of" if codes and not of.codes else of.how
        found[value.name] = Value(of.name, how, tuple(c for c in codes if c not in _NEVER.get(act, ())), must)
    for name in NEEDS.get(act, ()):
        found.setdefault(name, Value(name, "text", (), True))
    return tuple(sorted(found.values(), key=lambda v: (not v.must, v.name)))


def _codes(act: str, name: str) -> tuple[str, ...]:
    """Those that would do for a value that the act reads as text."""
    return tuple(map(str, _OF_LISTS.get(act, {}).get(name) or CODES.get(act, {}).get(name, ())))


def _asked(function: Callable[..., Any], seen: set[Any]) -> Iterator[Value]:
    """The values that a function asks for, and those that the functions ask for to which it hands `given`."""
    if function in seen or not inspect.isfunction(function):
        return
    seen.add(function)
    around = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    for call in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Attribute) and _is_given(call.func.value):
            yield from _value(call, call.func.attr, around)
        elif any(map(_is_given, call.args)):
            for name in call.args:
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield Value(name.value, _how(_named(call.func, around)), (), must=False)
            yield from _asked(_named(call.func, around), seen)


def _how(function: Any) -> str:
    """What a value is that a function of ours reads by its name: a moment where that is what it gives back."""
    read = "date" in str(getattr(function, "__annotations__", {}).get("return", ""))
    return "date, or date and time" if read or function is refuse_future else "text"


def _is_given(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("given", "more")


def _value(call: ast.Call, how: str, around: dict[str, Any]) -> Iterator[Value]:
    if how not in _HOW or not call.args or not isinstance(call.args[0], ast.Constant):
        return
    name = str(call.args[0].value) + ("ID" if how == "under" else "")
    codes = _named(call.args[1], around) if how in ("choice", "choices") else ()
    listed = tuple(map(str, codes)) if isinstance(codes, type) and issubclass(codes, StrEnum) else ()
    usual = how == "choice" and len(call.args) > 2
    yield Value(name, _HOW[how], listed, how == "need" or (how == "choice" and not usual))


def _named(node: ast.expr, around: dict[str, Any]) -> Any:
    """What a name in the source stands for; None for what is known only as it runs."""
    if isinstance(node, ast.Name):
        return around.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_named(node.value, around), node.attr, None)
    return None


def page() -> str:
    """Every act in Markdown; the same acts always give the same text."""
    parts = [
        "# Acts", "",
        "Made by `exchange map --acts` from the acts of the desk; do not edit by hand. Each is done from the page of "
        "a case, by `exchange act REFERENCE ACT NAME=TEXT... --as ID`, or by `POST /api/v1/cases/REFERENCE/ACT` with "
        "a JSON object of the same names. Dates are written 2026-03-27, moments 2026-03-27T14:30.",
    ]  # fmt: skip
    for act in sorted(ACTS):
        parts += ["", f"## {act}", "", *about(act), "", "| value | | what |", "| --- | --- | --- |"]
        parts += [f"| `{v.name}` | {'must' if v.must else ''} | {_what(v)} |" for v in values(act)]
        parts += ["", f"{_ALSO[act][:1].upper()}{_ALSO[act][1:]}."] if act in _ALSO else []
    return "\n".join(parts) + "\n"


def about(act: str) -> Iterator[str]:
    """What an act does, and who may do it."""
    does = inspect.getdoc(ACTS[act].do)
    if does:
        yield " ".join(does.split("\n\n")[0].split())
        yield ""
    yield f"For: {', '.join(sorted(role.value for role in MAY[ACTS[act].action]))}.{_who(ACTS[act].action)}"


def _who(action: Action) -> str:
    if action in IN_PERSON:
        return " A named person must do it: `--as ID`, or a token with `--staff ID`."
    return " A program of nobody’s may do it too."


def _what(value: Value) -> str:
    codes = " " + ", ".join(f"`{code}`" for code in value.codes) if value.codes else ""
    return f"{asked_for(value.name)}: {value.how}{codes}"
