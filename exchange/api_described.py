"""The API described: an OpenAPI 3.1 document, made from what the API is made from.

1. Each act of the desk is an operation; what it takes is read from the functions that take it (acts_listed).
2. A referral is described by the schema that `exchange schema referral` prints, and by what a program must answer.
3. It holds examples of invented people, and nothing of any hub.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from exchange import api_content_described
from exchange.acts_listed import Value, about, values
from exchange.api_shapes import (
    IF_MATCH,
    KEY,
    PART,
    REFERENCE,
    REFERRAL,
    SAID,
    TEXT,
    WHOLE,
    closed,
    get,
    holding,
    listed,
    open_,
    paged,
    parameter,
    post,
    problem,
    ref,
    told,
)
from exchange.case.code_lists import CONSULTATION_ADVICE, LEVEL_OF_NEED, SOURCES, CodeList
from exchange.case.referral import DESCRIBES
from exchange.desk.acts import ACTS
from exchange.desk.consulting import STATUTORY, TOPICS
from exchange.desk.given import asked_for
from exchange.known_members import is_open
from exchange.policy import Role
from exchange.schemas import asked_schema

VERSION = "1"
_ABOUT = (
    "What a case system may do with a bearer token (`exchange token add`), under the same policy as a person. What a "
    "token may not see looks as if it were not there (404). The scope of a token is the roles it was given: it reads "
    "names and words where they do, and does what a person at the desk proves anew for. What a named person must do, "
    "a token does that was issued with `--staff ID`. Signing in, sessions, passkeys and live pages are for people "
    "before a browser, and not here."
)
PREFIX = "/api/v1"
_SHAPES: dict[str, tuple[dict[str, Any], Any]] = {  # by how an act takes a value: its schema, and an example
    "text": (SAID, "text"),
    "yes or no": ({"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", ""]}]}, True),
    "list of text": ({"anyOf": [SAID, {"type": "array", "items": SAID}]}, ["s1"]),
    "one of": (SAID, ""),
    "any of": ({"anyOf": [SAID, {"type": "array", "items": SAID}]}, []),
    "date": (SAID, "2026-03-27"),
    "date and time": (SAID, "2026-03-27T14:30"),
    "date, or date and time": (SAID, "2026-03-27"),
}
_BESIDES = {  # what an act asks for by itself, beside what it is refused for at once
    "call": ("starts",), "emergency": ("started",), "telephoned": ("started",), "minute": ("started", "ended"),
    "rang": ("reached",),
}  # fmt: skip
_EITHER = {  # of which it must be told one at least
    "add_person": ("name", "relationship"),
    "add_subject": ("given_name", *sorted(DESCRIBES - {"given_name"})),
    "ask_referrer": ("words", "questions"),
    "feedback": ("words", "asks"),
    "say_where": ("place", "location"),
}
_EXAMPLES = {
    "subject": "s1",
    "subjects": ["s1"],
    "leg": "l1",
    "rating": "amber",
    "agency": "police",
    "passage": "p1/w1",
    "reached": False,
}


@cache
def document() -> dict[str, Any]:
    """The document, in the same words every time."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Referral Exchange",
            "version": VERSION,
            "description": _ABOUT,
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": {
            **_reading(),
            **_taking(),
            **api_content_described.paths(),
            **{f"/cases/{{reference}}/{act}": _act(act) for act in sorted(ACTS)},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Referral": asked_schema(), "Problem": problem(), "Case": _case()},
            "parameters": {"Reference": parameter("reference", "path", "MASH-7Q2F-K9", required=True)},
            "headers": {
                "ETag": {
                    "schema": TEXT,
                    "description": "what was read, as it was: for If-None-Match, and that of a case for If-Match",
                }
            },
        },
    }


def _reading() -> dict[str, Any]:
    _, limit = PART
    after = parameter("after", "query", "MASH-7Q2F-K9")
    hours = parameter("hours", "query", 48, {"type": "integer", "minimum": 1, "maximum": 87_600})
    cases = holding(cases={"type": "array", "items": ref("Case")}, next=TEXT)
    return {
        "/cases": {"get": get("Open cases, oldest first; `next` leads to those after the last", cases, after, limit)},
        "/cases/{reference}": {"get": get("The whole delivery story of a case; no names", WHOLE, REFERENCE)},
        "/outstanding": {"get": get("Who owes what, soonest due first", paged("outstanding"), *PART)},
        "/drift": {"get": get("Open cases that nobody follows, or with nothing done", listed("drift"), hours)},
        "/escalations": {"get": get("The board's log", listed("escalations"))},
        "/agenda": {"get": get("The sessions that recur, with the cases on each agenda", listed("agenda"))},
        "/directory": {"get": get("Every agency with its mailboxes, people and keys", WHOLE)},
        "/cover": {"get": get("The coming days on which too few of a role are there", listed("cover"))},
        "/hub": {"get": get("The hub file in force, and the `base` of a change of it", WHOLE)},
        "/openapi.json": {"get": {**get("This document", WHOLE), "security": []}},
    }


def _taking() -> dict[str, Any]:
    leave = {
        "kind": {"enum": ["spoc", "staff"]}, "who": TEXT, "since": TEXT, "until": TEXT, "covered_by": TEXT,
    }  # fmt: skip
    away = {"kind": "spoc", "who": "police-mash-1", "since": "2026-03-27", "until": "2026-03-31"}
    made = holding(reference=TEXT, receipt_code=TEXT)
    _, limit = PART
    after = parameter("after", "query", "CONS-7Q2F-K9XD")
    return {
        "/referrals": {"post": post("A new referral", ref("Referral"), REFERRAL, made, 201, KEY)},
        "/consultations": {
            "get": get("What was advised without names, newest first", paged("consultations"), limit, after),
            "post": post("Advice given without names", *_consultation(), holding(reference=TEXT), 201, KEY),
        },
        "/consultations/{consultation}": {
            "get": get(
                "One consultation, and the referrals that name it",
                WHOLE,
                parameter("consultation", "path", "CONS-7Q2F-K9XD", required=True),
            )
        },
        "/leave": {
            "get": get("All leave that is not over", listed("leave")),
            "post": post("Somebody will be away", closed(leave, "kind", "who"), away, WHOLE, 201, KEY),
        },
        **_hub_changes(),
        **_staff(),
        "/leave/{leave}/end": {
            "post": post(
                "They are back, today or on the day `back`",
                closed({"back": TEXT}),
                {"back": "2026-03-30"},
                WHOLE,
                200,
                parameter("leave", "path", "a1b2c3", required=True),
            )
        },
    }


def _staff() -> dict[str, Any]:
    """What the pages do to staff. A password that is made for somebody is in that one answer."""
    member = parameter("member", "path", "duty-2", required=True)
    role, flag = {"enum": [role.value for role in Role]}, _SHAPES["yes or no"][0]
    many = {"anyOf": [role, {"type": "array", "items": role, "minItems": 1}]}
    days = {name: {**SAID, "description": "2026-03-27"} for name in ("since", "until")}
    told = holding(staff=TEXT, roles={"type": "array", "items": WHOLE})
    acts: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "give": ("Let them hold a role, from one day to another", closed({"role": role, **days}, "role"),
                 {"role": "auditor", "since": "2099-03-27", "until": "2099-09-30"}),
        "take": ("End a role now", closed({"role": role}, "role"), {"role": "auditor"}),
        "sign-out": ("Sign them out everywhere", closed({}), {}),
        "anew": ("A new password; what they signed in with counts no more", closed({}), {}),
        "leave": ("They leave the hub", closed({"sure": flag}, "sure"), {"sure": True}),
    }  # fmt: skip
    found = {
        f"/staff/{{member}}/{act}": {"post": post(summary, body, example, told, 200, member)}
        for act, (summary, body, example) in acts.items()
    }
    asked = closed({"staff": SAID, "role": many, "password": flag, **days}, "staff", "role")
    new = {"staff": "duty-2", "role": ["screening_officer"], "until": "2099-09-30", "password": True}
    here = get("Who is with the hub, with every role they hold, held or will hold; and who was", listed("staff"))
    found["/staff/{member}"] = {"get": get("One of them, and where they are signed in", told, member)}
    return {"/staff": {"get": here, "post": post("Let somebody in", asked, new, told, 201, KEY)}, **found}


def _hub_changes() -> dict[str, Any]:
    which = parameter("change", "path", "a1b2c3", required=True)
    entry = {"part": TEXT, "which": TEXT, "values": WHOLE, "base": TEXT}
    body = {"anyOf": [closed({"text": TEXT, "base": TEXT}, "text"), closed(entry, "part", "which", "values")]}
    example = {"part": "mailbox", "which": "police-1", "values": {"telephone": "01632 960118"}}
    proposed = post("Propose a change of the hub file", body, example, WHOLE, 201, KEY)
    proposed["responses"]["409"] = told("somebody else was quicker, or it needs a named person")
    ended = {
        f"/hub/changes/{{change}}/{act}": {"post": post(summary, open_({}), {}, WHOLE, 200, which)}
        for act, summary in (("apply", "Put it in force; somebody else's to do where it says so"),
                             ("withdraw", "Nobody will apply it"))
    }  # fmt: skip
    for item in ended.values():
        del item["post"]["requestBody"]  # who asks, and of what, is all there is to say
        item["post"]["responses"]["409"] = told("it needs another person, or is over")
    return {
        "/hub/changes": {"get": get("Changes that wait", listed("changes")), "post": proposed},
        "/hub/changes/{change}": {"get": get("What it would change, as things stand now", WHOLE, which)},
        **ended,
    }


def _consultation() -> tuple[dict[str, Any], dict[str, Any]]:
    """What was asked and advised, and an example; each form has topics of its own."""
    asked = {
        "form": {"enum": list(TOPICS)}, "source": _codes(SOURCES), "advice": _codes(CONSULTATION_ADVICE),
        "level": {"enum": [code for code in _of(LEVEL_OF_NEED) if code != STATUTORY]},
        "harm": {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]},
    }  # fmt: skip
    by_form = [open_({"form": {"const": form}, "topic": _codes(of)}) for form, of in TOPICS.items()]
    shape = {**open_({**asked, "topic": TEXT}, *asked, "topic"), "oneOf": by_form, "additionalProperties": False}
    first = {name: one["enum"][0] for name, one in asked.items() if "enum" in one}
    return shape, {**first, "topic": _of(TOPICS[first["form"]])[0], "harm": False}


def _act(act: str) -> dict[str, Any]:
    takes = values(act)
    must = [v.name for v in takes if v.must] + list(_BESIDES.get(act, ()))
    body = open_({v.name: _shape(v) for v in takes if not v.name.endswith("ID")}, *dict.fromkeys(must))
    if is_open(act):
        body["description"] = "and the questions that docs/acts.md names"
    else:
        body["additionalProperties"] = False
    if act in _EITHER:
        body["anyOf"] = [{"required": [name]} for name in _EITHER[act]]
    said = (*must, *_EITHER.get(act, ())[:1])
    example = {**dict.fromkeys(said, "text"), **{v.name: _example(v) for v in takes if v.name in said}}
    after = {"type": "object", "allOf": [ref("Case")]}
    operation = post(" ".join(about(act)), body, example, after, 200, REFERENCE, KEY, IF_MATCH)
    operation["operationId"] = act
    operation["responses"]["409"] = told("it cannot be done as the case stands, or needs a named person")
    operation["responses"]["412"] = told("the case has changed since it was read")
    return {"post": operation}


def _shape(value: Value) -> dict[str, Any]:
    shape = {**_SHAPES[value.how][0], "description": asked_for(value.name)}
    if value.codes and value.how == "one of":
        shape["enum"] = list(value.codes) if value.must else ["", *value.codes]
    return shape


def _example(value: Value) -> Any:
    if value.name in _EXAMPLES:
        return _EXAMPLES[value.name]
    return value.codes[0] if value.codes else _SHAPES[value.how][1]


def _case() -> dict[str, Any]:
    subject = holding(id=TEXT, rating=TEXT, decision=TEXT)
    return holding(
        reference=TEXT, received_at={"type": "string", "format": "date-time"}, looked_at={"type": "boolean"},
        subjects={"type": "array", "items": subject},
    )  # fmt: skip


def _codes(of: CodeList) -> dict[str, Any]:
    return {"enum": _of(of)}


def _of(codes: CodeList) -> list[str]:
    return [code.code for code in codes.codes]
