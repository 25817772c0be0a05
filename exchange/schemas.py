"""The shape of a referral: JSON Schema for programs, a text template for people, from the one list of questions."""

from __future__ import annotations

from typing import Any

from exchange.case.code_lists import SOURCES, Code
from exchange.case.feedback import ReferrerClass, class_of_source
from exchange.case.fields import FIELDS, Field, Kind, Section, questions
from exchange.case.referral import LONGEST_ANSWER, MOST_PERSONS, MOST_SUBJECTS, OF_PROFESSIONALS, SCHEMA

_SECTIONS = (
    (Section.REFERRER, "referrer", "About you"),
    (Section.CONCERN, "concern", "What you are worried about"),
    (Section.CONSENT, "consent", "Consent"),
)

_REPEATED = ((Section.SUBJECT, "subjects"), (Section.PERSON, "household"))


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `referral.json`. Only subjects are required: a blank beats no referral."""
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "form": {"enum": ["child", "adult"], "default": "child"},
    }
    for section, name, title in _SECTIONS:
        properties[name] = {"title": title, **_object(section)}
    properties["subjects"] = {
        "title": "Each child or adult at risk",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_SUBJECTS,
        "items": _object(Section.SUBJECT),
    }
    properties["household"] = {
        "title": "Household and significant others",
        "type": "array",
        "maxItems": MOST_PERSONS,
        "items": _object(Section.PERSON),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Safeguarding referral",
        "type": "object",
        "properties": properties,
        "required": ["subjects"],
        "additionalProperties": False,
        "if": {"properties": {"form": {"const": "adult"}}, "required": ["form"]},
        "then": {"properties": _not_asked("adult")},
        "else": {"properties": _not_asked("child")},
    }


def asked_schema() -> dict[str, Any]:
    """The same, with what a program is asked for that can still answer (`referral.needed`)."""
    referrer = _with(*_always(Section.REFERRER))
    professions = [c.code for c in SOURCES.codes if class_of_source(c.code) is ReferrerClass.PROFESSIONAL]
    referrer["if"] = {"properties": {"source": {"enum": professions}}, "required": ["source"]}
    referrer["then"] = _with(*(key.rpartition(".")[2] for key in OF_PROFESSIONALS))
    unborn = {"type": "object", "properties": {"unborn": {"const": "yes"}}, "required": ["unborn"]}
    told = {
        "anyOf": [_with("given_name"), _with("features"), unborn],
        "if": unborn,
        "then": {"properties": {"date_of_birth": {"enum": ["", None]}}},  # `referral.unborn_fault`
    }
    shape = {"referrer": referrer, "concern": _with(*_always(Section.CONCERN)), "subjects": {"items": told}}
    return {**json_schema(), "allOf": [{"properties": shape, "required": list(shape)}]}


def _always(section: Section) -> list[str]:
    return [f.name for f in FIELDS if f.section == section and f.required and f.key not in OF_PROFESSIONALS]


def _with(*names: str) -> dict[str, Any]:
    """Each of these is answered."""
    return {
        "type": "object",
        "required": list(names),
        "properties": {name: {"type": "string", "pattern": r"\S"} for name in names},
    }


def _not_asked(form: str) -> dict[str, Any]:
    """The questions of the other form, which `read` refuses on this one."""
    found: dict[str, Any] = {}
    for section, name in [*((section, name) for section, name, _ in _SECTIONS), *_REPEATED]:
        never: dict[str, Any] = {f.name: False for f in FIELDS if f.section == section and form not in f.forms}
        shape: dict[str, Any] = {"properties": never}
        if never:
            found[name] = {"items": shape} if (section, name) in _REPEATED else shape
    return found


def _object(section: Section) -> dict[str, Any]:
    fields = {f.name: _answer(f) for f in FIELDS if f.section == section}
    return {"type": ["object", "null"], "properties": fields, "additionalProperties": False}


def _answer(asked: Field) -> dict[str, Any]:
    # Null and "" are no answer: a program may send all that it knows of, empty or not.
    shape: dict[str, Any] = {"title": asked.label, "type": ["string", "null"], "maxLength": LONGEST_ANSWER}
    if not asked.codes:
        shape["pattern"] = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F]*$"  # no control characters
    if asked.kind is Kind.DATE:
        shape["anyOf"] = [{"format": "date"}, {"enum": ["", None]}]
    if asked.kind is Kind.CHOICE:
        shape["enum"] = [*(code for code, _ in asked.choices), "", None]
    if asked.kind is Kind.SEVERAL:
        one = "|".join(code for code, _ in asked.choices)
        shape["pattern"] = f"^(({one})(, *({one}))*)?$"
    if asked.codes:
        shape["description"] = "; ".join(_described(code) for code in asked.codes.codes)
    elif asked.hint:
        shape["description"] = asked.hint
    return shape


def _described(code: Code) -> str:
    national = f" ({code.national})" if code.national not in ("", code.code) else ""
    return f"{code.code}: {code.label}{national}"


def text_template(form: str = "child") -> str:
    """The template people fill in in a mail: one question a line, the answer after the colon.

    More than one subject is a `[subject]` block each. A person at the desk types it in.
    """
    lines = [f"# {SCHEMA} {form}", "# Write your answers after the colons. Leave out what you do not know."]
    for section, name, title in _SECTIONS:
        lines += ["", f"[{name}] {title}", *_lines(section, form)]
    lines += ["", "[subject] One child or adult at risk. Repeat this block for each.", *_lines(Section.SUBJECT, form)]
    lines += [
        "",
        "[person] Somebody in the household, or who matters. Repeat as needed.",
        *_lines(Section.PERSON, form),
    ]
    return "\n".join(lines) + "\n"


def _lines(section: Section, form: str) -> list[str]:
    return [f"{f.name} ({_asked(f)}):" for f in questions(section, form)]


def _asked(asked: Field) -> str:
    if asked.codes:
        some = " – any of, with commas:" if asked.kind is Kind.SEVERAL else ""
        return f"{asked.label}{some} {' / '.join(_meant(*choice) for choice in asked.choices)}"
    return f"{asked.label} YYYY-MM-DD" if asked.kind is Kind.DATE else asked.label


def _meant(code: str, label: str) -> str:
    """A code with its meaning, where the code is not the word itself."""
    return code if code == label.casefold() else f"{code} = {label}"
