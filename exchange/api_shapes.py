"""The shapes of the API's description: how an operation, an answer and a value are written in OpenAPI."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "object"}
REFERRAL = {  # an example
    "form": "child",
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "What was seen and heard, in plain words."},
    "subjects": [{"given_name": "Mina", "family_name": "Madeup"}],
}
SAID: dict[str, Any] = {"type": ["string", "number"]}  # a number is taken as it is written


def get(summary: str, found: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    """Reading: what is found."""
    return {
        "summary": summary, "parameters": list(parameters),
        "responses": {
            "200": {**answer("found", found), "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}},
            "304": {"description": "it is as it was when it had the `ETag` that `If-None-Match` names"},
            **REFUSALS,
        },
    }  # fmt: skip


def octets(summary: str, kind: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Reading: a file of this kind."""
    found = get(summary, TEXT, *parameters)
    found["responses"]["200"]["content"] = {kind: {"schema": TEXT}}
    return found


def answering(operation: dict[str, Any], status: str, description: str) -> dict[str, Any]:
    """The same, which may be refused for this too."""
    return {**operation, "responses": {**operation["responses"], status: told(description)}}


def post(
    summary: str, body: dict[str, Any], example: dict[str, Any], made: dict[str, Any], status: int,
    *parameters: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Doing: what is given, with an example, and what is answered."""
    return {
        "summary": summary,
        "parameters": list(parameters),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body, "example": example}}},
        "responses": {
            **({"200": answer("done before, under the same Idempotency-Key", made)} if status != 200 else {}),
            str(status): answer("done", made), "409": told("it cannot be done, and why"),
            "413": told("larger than two megabytes"), "422": told("an Idempotency-Key used for something else"),
            **REFUSALS,
        },
    }  # fmt: skip


def parameter(
    name: str, place: str, example: Any, schema: dict[str, Any] | None = None, *, required: bool = False
) -> dict[str, Any]:
    """A value of the address or of a header."""
    return {"name": name, "in": place, "required": required, "schema": schema or TEXT, "example": example}


def answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """An answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def told(description: str) -> dict[str, Any]:
    """A refusal, as a problem."""
    return {"description": description, "content": {"application/problem+json": {"schema": ref("Problem")}}}


def problem() -> dict[str, Any]:
    """RFC 9457, with members of ours."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT,
            "member": {**TEXT, "description": "the member of the body that is wrong"},
            "members": {"type": "object", "additionalProperties": TEXT, "description": "what is wrong with each"},
            "problems": {"type": "array", "items": holding(where=TEXT, what=TEXT, remedy=TEXT)},
        },
    }  # fmt: skip


def holding(**properties: Any) -> dict[str, Any]:
    """An object that holds all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def open_(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """An object of these, and perhaps of others."""
    return {"type": "object", "properties": properties, "required": list(required)}


def closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """An object of these alone."""
    return {**open_(properties, *required), "additionalProperties": False}


def listed(name: str) -> dict[str, Any]:
    """An object that holds a list under this name."""
    return holding(**{name: {"type": "array", "items": WHOLE}})


def paged(name: str) -> dict[str, Any]:
    """A part of a list under this name, and the address of the next part."""
    return holding(**{name: {"type": "array", "items": WHOLE}, "next": TEXT})


def ref(name: str) -> dict[str, Any]:
    """A schema that is described once."""
    return {"$ref": f"#/components/schemas/{name}"}


REFERENCE: dict[str, Any] = {"$ref": "#/components/parameters/Reference"}
KEY = {
    **parameter("Idempotency-Key", "header", "7c1e", {"type": "string", "maxLength": 200}),
    "description": "a repeated request with the same key acts once",
}
IF_MATCH = {
    **parameter("If-Match", "header", '"7.0a1b2c3d4e5f6071"'),
    "description": "the ETag of the case as you read it: when it has changed since, nothing is done (412)",
}
REFUSALS = {
    "400": told("what is wrong with the request"), "401": told("no bearer token, or one that is not in use"),
    "404": told("nothing here that this token may see"),
    "429": {
        **told("this token asks too often"),
        "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds until it may ask again"}},
    },
}  # fmt: skip
PART = (
    {**parameter("after", "query", ""), "description": "as `next` of the answer before has it"},
    parameter("limit", "query", 200, {"type": "integer", "minimum": 1, "maximum": 200}),
)
