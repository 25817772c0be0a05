"""The description of the API is of the API that is served: every route, and examples that fit."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

import jsonschema
import pytest
from fastapi.routing import APIRoute

from exchange import web
from exchange.api_described import PREFIX, document
from exchange.case.referral import read
from exchange.desk.acts import ACTS
from exchange.web import api_keys, api_mail, api_staff

# Every module of the API: one that is added is found here without a word.
PARTS = [
    importlib.import_module(f"exchange.web.{found.name}")
    for found in pkgutil.iter_modules(web.__path__)
    if found.name == "api" or found.name.startswith("api_")
]
OPERATIONS = [
    (path, method, operation) for path, item in document()["paths"].items() for method, operation in item.items()
]


def test_every_route_is_described_and_nothing_else() -> None:
    served = {
        (route.path.removeprefix(PREFIX), method.lower())
        for part in PARTS
        for route in part.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    by_name: dict[str, Iterable[str]] = {
        "/cases/{reference}/{act}": ACTS,
        "/staff/{member}/{act}": api_staff.TAKES,
        "/mail/{mail_id}/{act}": api_mail.SAYS,
        "/keys/{fingerprint}/{act}": api_keys.TAKES,
    }
    acts = {(path.replace("{act}", act), "post") for path, named in by_name.items() for act in named}
    assert {(path, method) for path, method, _ in OPERATIONS} == served - {(p, "post") for p in by_name} | acts


@pytest.mark.parametrize(("path", "method", "operation"), [one for one in OPERATIONS if "requestBody" in one[2]])
def test_the_examples_fit_what_is_asked(path: str, method: str, operation: dict[str, Any]) -> None:
    body = operation["requestBody"]["content"]["application/json"]
    whole = {**body["schema"], "components": document()["components"]}
    jsonschema.Draft202012Validator(whole).validate(body["example"])
    assert operation["summary"]


def test_the_example_of_a_referral_is_taken() -> None:
    body = document()["paths"]["/referrals"]["post"]["requestBody"]["content"]["application/json"]
    assert read(body["example"], need_required=True).subjects
