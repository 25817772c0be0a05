"""The API described: an OpenAPI 3.1 document, made from what the API is made from.

1. Each act of the desk is an operation; what it takes is read from the functions that take it (acts_listed).
2. A referral is described by the schema that `exchange schema referral` prints, and by what a program must answer.
3. It holds examples of invented people, and nothing of any hub.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from exchange.acts_listed import Value, about, values
from exchange.case.code_lists import CONSULTATION_ADVICE, LEVEL_OF_NEED, SOURCES, CodeList
from exchange.case.referral import DESCRIBES
from exchange.desk.acts import ACTS
from exchange.desk.consulting import STATUTORY, TOPICS
from exchange.desk.given import asked_for
from exchange.known_members import is_open
from exchange.policy import Role
from exchange.schemas import asked_schema

VERSION = "1"
PREFIX = "/api/v1"
_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "object"}
_SAID: dict[str, Any] = {"type": ["string", "number"]}  # a number is taken as it is written
_SHAPES: dict[str, tuple[dict[str, Any], Any]] = {  # by how an act takes a value: its schema, and an example
    "text": (_SAID, "text"),
    "yes or no": ({"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", ""]}]}, True),
    "list of text": ({"anyOf": [_SAID, {"type": "array", "items": _SAID}]}, ["s1"]),
    "one of": (_SAID, ""),
    "any of": ({"anyOf": [_SAID, {"type": "array", "items": _SAID}]}, []),
    "date": (_SAID, "2026-03-27"),
    "date and time": (_SAID, "2026-03-27T14:30"),
    "date, or date and time": (_SAID, "2026-03-27"),
}
_REFERRAL = {
    "form": "child",
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "What was seen and heard, in plain words."},
    "subjects": [{"given_name": "Mina", "family_name": "Madeup"}],
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
            "description": "What a case system may do with a bearer token (`exchange token add`), under the same "
            "policy as a person. What a token may not see looks as if it were not there (404).",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": {**_reading(), **_taking(), **{f"/cases/{{reference}}/{act}": _act(act) for act in sorted(ACTS)}},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Referral": asked_schema(), "Problem": _problem(), "Case": _case()},
            "parameters": {"Reference": _parameter("reference", "path", "MASH-7Q2F-K9", required=True)},
            "headers": {"ETag": {"schema": _TEXT, "description": "the case as it was read, for If-Match"}},
        },
    }


def _reading() -> dict[str, Any]:
    after = _parameter("after", "query", "MASH-7Q2F-K9")
    hours = _parameter("hours", "query", 48, {"type": "integer", "minimum": 1, "maximum": 87_600})
    cases = _object(cases={"type": "array", "items": _ref("Case")}, next=_TEXT)
    limit = _limit()
    return {
        "/cases": {
            "get": _get("Open cases, oldest first; `next` leads to those after the last", cases, after, limit)
        },
        "/cases/{reference}": {"get": _get("The whole delivery story of a case; no names", _WHOLE, _REFERENCE)},
        "/outstanding": {"get": _get("Who owes what, soonest due first", _list("outstanding"))},
        "/drift": {"get": _get("Open cases that nobody follows, or with nothing done", _list("drift"), hours)},
        "/escalations": {"get": _get("The board's log", _list("escalations"))},
        "/agenda": {"get": _get("The sessions that recur, with the cases on each agenda", _list("agenda"))},
        "/directory": {"get": _get("Every agency with its mailboxes, people and keys", _WHOLE)},
        "/cover": {"get": _get("The coming days on which too few of a role are there", _list("cover"))},
        "/hub": {"get": _get("The hub file in force, and the `base` of a change of it", _WHOLE)},
        "/openapi.json": {"get": {**_get("This document", _WHOLE), "security": []}},
    }


def _taking() -> dict[str, Any]:
    leave = {
        "kind": {"enum": ["spoc", "staff"]}, "who": _TEXT, "since": _TEXT, "until": _TEXT, "covered_by": _TEXT,
    }  # fmt: skip
    away = {"kind": "spoc", "who": "police-mash-1", "since": "2026-03-27", "until": "2026-03-31"}
    made = _object(reference=_TEXT, receipt_code=_TEXT)
    advised, limit = _object(consultations={"type": "array", "items": _WHOLE}, next=_TEXT), _limit()
    return {
        "/referrals": {"post": _post("A new referral", _ref("Referral"), _REFERRAL, made, 201, _KEY)},
        "/consultations": {
            "get": _get(
                "What was advised without names, newest first",
                advised,
                limit,
                _parameter("after", "query", "CONS-7Q2F-K9XD"),
            ),
            "post": _post("Advice given without names", *_consultation(), _object(reference=_TEXT), 201),
        },
        "/consultations/{consultation}": {
            "get": _get(
                "One consultation, and the referrals that name it",
                _WHOLE,
                _parameter("consultation", "path", "CONS-7Q2F-K9XD", required=True),
            )
        },
        "/leave": {
            "get": _get("All leave that is not over", _list("leave")),
            "post": _post("Somebody will be away", _closed(leave, "kind", "who"), away, _WHOLE, 201),
        },
        **_hub_changes(),
        **_staff(),
        "/leave/{leave}/end": {
            "post": _post(
                "They are back, today or on the day `back`",
                _closed({"back": _TEXT}),
                {"back": "2026-03-30"},
                _WHOLE,
                200,
                _parameter("leave", "path", "a1b2c3", required=True),
            )
        },
    }


def _staff() -> dict[str, Any]:
    """What the pages do to staff. A password that is made for somebody is in that one answer."""
    member = _parameter("member", "path", "duty-2", required=True)
    role, flag = {"enum": [role.value for role in Role]}, _SHAPES["yes or no"][0]
    many = {"anyOf": [role, {"type": "array", "items": role, "minItems": 1}]}
    days = {name: {**_SAID, "description": "2026-03-27"} for name in ("since", "until")}
    told = _object(staff=_TEXT, roles={"type": "array", "items": _WHOLE})
    acts: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "give": ("Let them hold a role, from one day to another", _closed({"role": role, **days}, "role"),
                 {"role": "auditor", "since": "2099-03-27", "until": "2099-09-30"}),
        "take": ("End a role now", _closed({"role": role}, "role"), {"role": "auditor"}),
        "sign-out": ("Sign them out everywhere", _closed({}), {}),
        "anew": ("A new password; what they signed in with counts no more", _closed({}), {}),
        "leave": ("They leave the hub", _closed({"sure": flag}, "sure"), {"sure": True}),
    }  # fmt: skip
    found = {
        f"/staff/{{member}}/{act}": {"post": _post(summary, body, example, told, 200, member)}
        for act, (summary, body, example) in acts.items()
    }
    asked = _closed({"staff": _SAID, "role": many, "password": flag, **days}, "staff", "role")
    new = {"staff": "duty-2", "role": ["screening_officer"], "until": "2099-09-30", "password": True}
    here = _get("Who is with the hub, with every role they hold, held or will hold", _list("staff"))
    return {"/staff": {"get": here, "post": _post("Let somebody in", asked, new, told, 201)}, **found}


def _hub_changes() -> dict[str, Any]:
    which = _parameter("change", "path", "a1b2c3", required=True)
    entry = {"part": _TEXT, "which": _TEXT, "values": _WHOLE, "base": _TEXT}
    body = {"anyOf": [_closed({"text": _TEXT, "base": _TEXT}, "text"), _closed(entry, "part", "which", "values")]}
    example = {"part": "mailbox", "which": "police-1", "values": {"telephone": "01632 960118"}}
    proposed = _post("Propose a change of the hub file", body, example, _WHOLE, 201)
    proposed["responses"]["409"] = _told("somebody else was quicker, or it needs a named person")
    ended = {
        f"/hub/changes/{{change}}/{act}": {"post": _post(summary, _open({}), {}, _WHOLE, 200, which)}
        for act, summary in (("apply", "Put it in force; somebody else's to do where it says so"),
                             ("withdraw", "Nobody will apply it"))
    }  # fmt: skip
    for item in ended.values():
        del item["post"]["requestBody"]  # who asks, and of what, is all there is to say
        item["post"]["responses"]["409"] = _told("it needs another person, or is over")
    return {
        "/hub/changes": {"get": _get("Changes that wait", _list("changes")), "post": proposed},
        "/hub/changes/{change}": {"get": _get("What it would change, as things stand now", _WHOLE, which)},
        **ended,
    }


def _consultation() -> tuple[dict[str, Any], dict[str, Any]]:
    """What was asked and advised, and an example; each form has topics of its own."""
    asked = {
        "form": {"enum": list(TOPICS)}, "source": _codes(SOURCES), "advice": _codes(CONSULTATION_ADVICE),
        "level": {"enum": [code for code in _of(LEVEL_OF_NEED) if code != STATUTORY]},
        "harm": {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]},
    }  # fmt: skip
    by_form = [_open({"form": {"const": form}, "topic": _codes(of)}) for form, of in TOPICS.items()]
    shape = {**_open({**asked, "topic": _TEXT}, *asked, "topic"), "oneOf": by_form, "additionalProperties": False}
    first = {name: one["enum"][0] for name, one in asked.items() if "enum" in one}
    return shape, {**first, "topic": _of(TOPICS[first["form"]])[0], "harm": False}


def _act(act: str) -> dict[str, Any]:
    takes = values(act)
    must = [v.name for v in takes if v.must] + list(_BESIDES.get(act, ()))
    body = _open({v.name: _shape(v) for v in takes if not v.name.endswith("ID")}, *dict.fromkeys(must))
    if is_open(act):
        body["description"] = "and the questions that docs/acts.md names"
    else:
        body["additionalProperties"] = False
    if act in _EITHER:
        body["anyOf"] = [{"required": [name]} for name in _EITHER[act]]
    said = (*must, *_EITHER.get(act, ())[:1])
    example = {**dict.fromkeys(said, "text"), **{v.name: _example(v) for v in takes if v.name in said}}
    after = {"type": "object", "allOf": [_ref("Case")]}
    operation = _post(" ".join(about(act)), body, example, after, 200, _REFERENCE, _KEY, _IF_MATCH)
    operation["operationId"] = act
    operation["responses"]["409"] = _told("it cannot be done as the case stands, or needs a named person")
    operation["responses"]["412"] = _told("the case has changed since it was read")
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


def _get(summary: str, found: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary, "parameters": list(parameters),
        "responses": {"200": {**_answer("found", found), "headers": {}}, **_REFUSALS},
    }  # fmt: skip


def _post(
    summary: str, body: dict[str, Any], example: dict[str, Any], made: dict[str, Any], status: int,
    *parameters: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    return {
        "summary": summary,
        "parameters": list(parameters),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body, "example": example}}},
        "responses": {
            **({"200": _answer("done before, under the same Idempotency-Key", made)} if status != 200 else {}),
            str(status): _answer("done", made), "409": _told("it cannot be done, and why"),
            "413": _told("larger than two megabytes"), "422": _told("an Idempotency-Key used for something else"),
            **_REFUSALS,
        },
    }  # fmt: skip


def _limit() -> dict[str, Any]:
    return _parameter("limit", "query", 200, {"type": "integer", "minimum": 1, "maximum": 200})


def _parameter(
    name: str, place: str, example: Any, schema: dict[str, Any] | None = None, *, required: bool = False
) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema or _TEXT, "example": example}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _told(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/problem+json": {"schema": _ref("Problem")}}}


def _problem() -> dict[str, Any]:
    """RFC 9457, with members of ours."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT,
            "member": {**_TEXT, "description": "the member of the body that is wrong"},
            "members": {"type": "object", "additionalProperties": _TEXT, "description": "what is wrong with each"},
            "problems": {"type": "array", "items": _object(where=_TEXT, what=_TEXT, remedy=_TEXT)},
        },
    }  # fmt: skip


def _case() -> dict[str, Any]:
    subject = _object(id=_TEXT, rating=_TEXT, decision=_TEXT)
    return _object(
        reference=_TEXT, received_at={"type": "string", "format": "date-time"}, looked_at={"type": "boolean"},
        subjects={"type": "array", "items": subject},
    )  # fmt: skip


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _open(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {**_open(properties, *required), "additionalProperties": False}


def _list(name: str) -> dict[str, Any]:
    return _object(**{name: {"type": "array", "items": _WHOLE}})


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _codes(of: CodeList) -> dict[str, Any]:
    return {"enum": _of(of)}


def _of(codes: CodeList) -> list[str]:
    return [code.code for code in codes.codes]


_REFERENCE: dict[str, Any] = {"$ref": "#/components/parameters/Reference"}
_KEY = {
    **_parameter("Idempotency-Key", "header", "7c1e", {"type": "string", "maxLength": 200}),
    "description": "a repeated request with the same key acts once",
}
_IF_MATCH = {
    **_parameter("If-Match", "header", '"7"'),
    "description": "the ETag of the case as you read it: when it has changed since, nothing is done (412)",
}
_REFUSALS = {
    "400": _told("what is wrong with the request"), "401": _told("no bearer token, or one that is not in use"),
    "404": _told("nothing here that this token may see"),
}  # fmt: skip
