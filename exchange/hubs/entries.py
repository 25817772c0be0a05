"""Entries: the tables of a hub file that a form can change, and how each of their keys is asked in plain words.

1. A form shows what the file says and writes only what was altered: keys that it does not ask stay as they are.
2. Nothing is judged here: whether the file can be used says the loader, and its faults are shown at these fields.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from exchange.case.statute import NamedClock
from exchange.hubs import statutes
from exchange.hubs.difference import clock_text
from exchange.hubs.editing import Change, Place, add_row, add_table, at, put, put_anew, take_out
from exchange.hubs.refusal import Fault


class Kind(StrEnum):
    """How a value is written in a form."""

    TEXT = "text"
    NUMBER = "number"  # or a word, as a drill's "monthly"
    WORDS = "words"  # several, with commas between them, in this order
    DAY = "day"
    DAYS = "days"  # a day a line
    TABLE = "table"  # a line for each: "mon 08:30-17:00"; or one word, "always"


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form."""

    name: str  # the key in the file
    label: str
    hint: str = ""
    kind: Kind = Kind.TEXT


_CODES = Field(
    "code_to", "Where one-time codes go (optional)", "A telephone number, or another mailbox than this one"
)
_HOURS = (
    "A line for each day, like mon 08:30-17:00; days left out are closed. Or the one word always. Bank holidays are "
    "closed unless it never closes"
)
_BOX = (
    Field("address", "Mail address"),
    Field(
        "transports", "Ways to reach it, in the order they are tried",
        "Of openpgp, openpgp-attachment, smime, tls and pickup, with commas between them", Kind.WORDS,
    ),
    Field("telephone", "Telephone", "Whom to ring when mail does not get through"),
)  # fmt: skip
_AGENCY = (
    Field("name", "Name"),
    Field("functions", "What it does", "Like police, health or social_care, with commas between them", Kind.WORDS),
    Field("basis", "UK GDPR Article 6 gateway", "6(1)(e) for public bodies, 6(1)(ea) for others"),
    Field(
        "areas", "Areas it serves (optional)", "Outward postcodes with commas; everywhere if left empty", Kind.WORDS
    ),
)
_ID = Field("id", "Short name in the file", "Small letters, digits and hyphens. It never changes")
_FORMS: dict[str, tuple[Field, ...]] = {
    "hub": (
        Field("name", "Name of the hub", "As letters and pages call it"),
        Field("telephone", "Telephone", "Printed in every letter"),
        Field("duty_telephone", "Telephone of the emergency duty team"),
        Field("first_look", "From receipt until a person has read it", "Day and night, like 30m"),
        Field("feedback", "From the decision until the referrer is told", "Like 1wd"),
        Field("overdue_again", "Past due: how often the desk is pressed anew (optional)", "Like 1h"),
        Field("digest", "From when a mailbox gets its list of what it owes (optional)", "Like 09:00"),
        Field("pickup", "How long a letter waits to be fetched (optional)", "Like 14d"),
        Field("drift", "Without an event for so long a case is drifting (optional)", "Like 24h"),
    ),
    "calendar": (
        Field("hours", "Hours of the hub", _HOURS, Kind.TABLE),
        Field("holidays", "Bank holidays (optional)", "england-and-wales, scotland or northern-ireland"),
        Field("closed", "The hub’s own closure days (optional)", "A day a line, like 2026-12-24", Kind.DAYS),
        Field(
            "dates", "Days with hours of their own (optional)", "A line for each, like 2027-03-25 08:30-12:30",
            Kind.TABLE,
        ),
    ),
    "rating": (
        Field("label", "What it is called"),
        Field("acknowledge", "Until a person at the agency has it in hand", "Like 30m, 2wh or 1wd"),
        Field("answer", "Until the agency has answered", "Like 2h, 12wh or 2wd"),
        Field("decide", "From receipt until the decision", "Like 4h or 1wd"),
    ),
    "agency": _AGENCY,
    "mailbox": (
        *_BOX, _CODES,
        Field("domains", "Mail domains of its own (optional)", "A proved reply from there counts as its answer",
              Kind.WORDS),
        Field("role", "Whose it is (optional)", "team if left empty; deputy stands in, lead is told after"),
        Field("hours", "When somebody reads it (optional)", _HOURS, Kind.TABLE),
        Field("topics", "Streams of work that come here first (optional)", "With commas between them", Kind.WORDS),
        Field("drill", "How often it is sent a test (optional)", "weekly, monthly, quarterly, yearly or days",
              Kind.NUMBER),
    ),
    "person": (
        Field("name", "Name"),
        Field("since", "First day", kind=Kind.DAY),
        Field("until", "Last day (optional)", "To end an assignment, write its last day", Kind.DAY),
        Field("telephone", "Telephone (optional)"),
        Field("topic", "Champion of one topic (optional)", "Like exploitation; left empty for everything"),
        Field("vetting", "Vetting (optional)", "As their agency writes it"),
        Field("vetted_until", "Vetting ends on (optional)", kind=Kind.DAY),
        _CODES,
    ),
    "agreement": (
        Field("name", "Name"),
        Field("parties", "Agencies it binds", "Their short names with commas between them", Kind.WORDS),
        Field("since", "First day", kind=Kind.DAY),
        Field("until", "Last day (optional)", kind=Kind.DAY),
        Field("review", "Looked at again on (optional)", kind=Kind.DAY),
        Field("tier", "Kind (optional)", "overarching, or specific, which it is if left empty"),
    ),
    "route": (
        Field("agency", "Agency", "Its short name"),
        Field("purpose", "Why it needs to know", "In the words of the record of disclosures"),
        Field("parts", "Parts of the referral it is given",
              "Of identity, whereabouts, health, education, care, household, concern, risk, voice, consent and "
              "referrer; or all", Kind.WORDS),
        Field("on", "When it is asked (optional)", "receipt if left empty, or rating"),
        Field("forms", "Only about (optional)", "child or adult", Kind.WORDS),
        Field("age_bands", "Only of these ages (optional)", "unborn, under_5, school, 16_17, adult, unknown",
              Kind.WORDS),
        Field("ratings", "Only with these ratings (optional)", "Only when it is asked on rating", Kind.WORDS),
        Field("cohorts", "Only of these streams of work (optional)", kind=Kind.WORDS),
        Field("areas", "Only in these areas (optional)", "Outward postcodes", Kind.WORDS),
        Field("roles", "Only who is (optional)", "at_risk and missing if left empty, or poses_risk", Kind.WORDS),
    ),
    "turn": (
        Field("spoc", "Whose turn", "The short name of somebody at this mailbox"),
        Field("days", "On which days of each week (optional)", "Like mon, tue, with commas between them", Kind.WORDS),
        Field("dates", "Or on which days only (optional)", "A day a line, like 2026-12-25", Kind.DAYS),
        Field("hours", "From when until when", "Like 08:00-16:00; 20:00-08:00 goes on through the night"),
    ),
    "keep": (
        Field("record", "Which records",
              "nfa, advice, early_help, section_17, child_protection, adult, lado, consultation or transport"),
        Field("keep", "How long they are kept", "Like 6y or 30d"),
        Field("from", "From when", "last_contact, closed, decided or birth"),
    ),
}  # fmt: skip
CLOCKS = "clocks"  # those of the law and the usual ones beside them: which there are says the statute of the hub
FIRST = {"agency": (_ID, *_AGENCY, *_BOX), "agreement": (_ID, *_FORMS["agreement"])}  # asked besides when it is new
ENDS = frozenset({"agency", "mailbox", "person", "agreement", "route", "turn", "keep"})  # what can be taken out
BEGINS = {"agency": "", "mailbox": "agency", "person": "mailbox", "turn": "mailbox", "agreement": "", "route": "",
          "keep": ""}  # new: of what  # fmt: skip
_KEYS = {"mailbox": "mailbox", "person": "spocs", "turn": "rota", "agreement": "agreements", "route": "routes",
         "keep": "retention"}  # of the rows  # fmt: skip


def fields(data: Mapping[str, Any], what: str, *, new: bool = False) -> tuple[Field, ...]:
    """The questions of a form about this file; () for what has none."""
    if what == CLOCKS:
        return tuple(_clock(one) for one in statutes.profile(data["hub"].get("statute", "")).clocks)
    return FIRST.get(what, _FORMS.get(what, ())) if new else _FORMS.get(what, ())


def _clock(one: NamedClock) -> Field:
    """A named clock: what the law says is the longest that may be written."""
    law = f"The law: {clock_text(one.limit)}, or less" if one.limit else f"Usually {clock_text(one.spec)}"
    return Field(one.name, f"{one.label} (optional)", f"{law}. From when {one.starts} until {one.stops}")


def place(data: Mapping[str, Any], what: str, which: str) -> Place | None:
    """Where it stands; None when it is not there."""
    if what in ("hub", "calendar", CLOCKS):
        return (what,) if which == what else None
    if what == "rating":
        return ("ratings", which) if which in data["ratings"] else None
    return next((found for name, found in _named(data, what) if name == which), None)


def _named(data: Mapping[str, Any], what: str) -> Iterator[tuple[str, Place]]:
    """(id, place) of every one, with the id that the loader gives where the file gives none."""
    if what == "agency":
        yield from ((name, ("agencies", name)) for name in data["agencies"])
    elif what == "agreement":
        yield from ((row["id"], where) for row, where in _rows(data, (), "agreements"))
    elif what in ("route", "keep"):
        yield from ((str(n), where) for n, (_, where) in enumerate(_rows(data, (), _KEYS[what]), 1))
    elif what == "mailbox":
        yield from _boxes(data)
    elif what in ("person", "turn"):
        for box, where in _boxes(data):
            for n, (row, seat) in enumerate(_rows(data, where, _KEYS[what]), 1):
                yield row.get("id", f"{box}-{n}"), seat


def _boxes(data: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    for agency in data["agencies"]:
        for n, (row, where) in enumerate(_rows(data, ("agencies", agency), "mailbox"), 1):
            yield row.get("id", f"{agency}-{n}"), where


def _rows(data: Mapping[str, Any], outer: Place, key: str) -> Iterator[tuple[Mapping[str, Any], Place]]:
    """The rows under a key with their places; a single `[key]` is one row."""
    rows = at(data, outer).get(key, [])
    if isinstance(rows, Mapping):
        yield rows, (*outer, key)
    else:
        yield from ((row, (*outer, key, n)) for n, row in enumerate(rows))


def texts(data: Mapping[str, Any], where: Place, what: str) -> dict[str, str]:
    """What the file says, as a form shows it."""
    table = data.get(CLOCKS, {}) if what == CLOCKS else at(data, where)
    return {f.name: _text(table[f.name]) for f in fields(data, what) if f.name in table}


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{name} {text}" for name, text in value.items())
    if isinstance(value, list):
        return ("\n" if value and isinstance(value[0], date) else ", ").join(str(one) for one in value)
    return str(value)


def altered(data: Mapping[str, Any], where: Place, what: str, given: Mapping[str, str]) -> Change:
    """The change that a form asks for: of what it shows only what is not as it was (rule 1)."""
    before = texts(data, where, what)
    new = {f.name: _value(f, given.get(f.name, "")) for f in fields(data, what)}
    changed = {k: v for k, v in new.items() if given.get(k, "").strip() != before.get(k, "")}
    return put_anew(where, changed) if what == CLOCKS else put(where, changed)


def begun(data: Mapping[str, Any], what: str, of: str, given: Mapping[str, str]) -> Change | None:
    """The change that adds a new one, to the agency or mailbox `of`; None when that is not there."""
    asked = {f.name: _value(f, given.get(f.name, "")) for f in fields(data, what, new=True)}
    new = {name: value for name, value in asked.items() if value is not None}
    if what == "agency":
        box = {f.name: new.pop(f.name) for f in _BOX if f.name in new}
        return add_table(("agencies",), str(new.pop("id", "")), {**new, "mailbox": box})
    outer = place(data, BEGINS[what], of) if BEGINS[what] else ()
    return None if outer is None else add_row(outer, _KEYS[what], new)


def ended(where: Place) -> Change:
    """The change that takes it out."""
    return take_out(where)


def at_fields(
    data: Mapping[str, Any], faults: tuple[Fault, ...], where: Place, what: str, *, new: bool = False
) -> dict[str, str]:
    """What is wrong, by the field it is about; what is about none of the form is told whole, with its line."""
    names = [f.name for f in fields(data, what, new=new)]
    told: dict[str, str] = {}
    for fault in faults:
        path = fault.key.split(".")
        mine = next((n for n in names if n in path and (new or path[: len(where)] == _dotted(where))), "")
        said = f"{fault.what}: {fault.remedy}" if mine else str(fault)
        told[mine] = f"{told[mine]}. {said}" if mine in told else said
    return told


def _dotted(where: Place) -> list[str]:
    return [str(step + 1) if isinstance(step, int) else step for step in where]


def _value(field: Field, text: str) -> Any:
    """As the file writes it; what cannot be read stays a text, and the loader says what is wrong with it."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        return None
    if field.kind is Kind.WORDS and text != "all":
        return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]
    if field.kind is Kind.DAYS:
        return [_day(line) for line in text.split()]
    if field.kind is Kind.TABLE and (" " in text or "\n" in text):
        return dict(_pair(line) for line in text.splitlines() if line.strip())
    if field.kind is Kind.NUMBER and text.isascii() and text.isdigit():
        return int(text)
    return _day(text) if field.kind is Kind.DAY else text


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.strip().partition(" ")
    return name, value.strip()


def _day(text: str) -> date | str:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    return text
