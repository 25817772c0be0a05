"""The shape of a referral: JSON Schema for programs, a text template for people, from the one list of questions."""

from __future__ import annotations

from typing import Any

from exchange.case.code_lists import Code
from exchange.case.fields import FIELDS, Field, Kind, Section, questions
from exchange.case.referral import LONGEST_ANSWER, MOST_PERSONS, MOST_SUBJECTS, SCHEMA

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
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _answer(asked: Field) -> dict[str, Any]:
    shape: dict[str, Any] = {"title": asked.label, "type": "string", "maxLength": LONGEST_ANSWER}
    if asked.kind is Kind.DATE:
        shape["format"] = "date"
    if asked.kind is Kind.CHOICE:
        shape["enum"] = [code for code, _ in asked.choices]
    if asked.kind is Kind.SEVERAL:
        one = "|".join(code for code, _ in asked.choices)
        shape["pattern"] = f"^({one})(, *({one}))*$"
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
