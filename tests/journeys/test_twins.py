"""Whatever a person can do at the desk a program can ask of the API, under the same rights: held by both tables.

The tables are held to what is served by test_who_may.py, and the API's description to the API by
tests/exchange/test_api_described.py; here the two tables are held to each other.
"""

from __future__ import annotations

import re

from exchange.api_described import document
from exchange.desk.acts import ACTS
from exchange.web import api_staff
from tests.journeys.rights import AT_THE_DESK, BY_PROGRAM, OF_ONESELF
from tests.journeys.twins import FOR_PEOPLE, TWINS, Route


def act_of(path: str) -> str:
    """The act of a case that an address of the desk does; ""."""
    act = path.removeprefix("/desk/case/{case}/")
    return act if path.startswith("/desk/case/{case}/") and act in ACTS else ""


def twins_of(route: Route) -> tuple[Route, ...]:
    """What the API has for a row of the desk."""
    act = act_of(route[1]) if route[0] == "POST" else ""
    return (("POST", f"/cases/{{case}}/{act}"),) if act else TWINS.get(route, ())


def test_whatever_the_desk_does_has_a_twin_or_is_for_people_alone() -> None:
    lacking = {route for route in AT_THE_DESK if not twins_of(route) and route not in FOR_PEOPLE}
    assert lacking == set(), "give each a row in twins.py, and the API what it lacks"
    assert set(TWINS) | set(FOR_PEOPLE) <= set(AT_THE_DESK), "rows of what is gone"
    assert not set(TWINS) & set(FOR_PEOPLE)
    assert all(method == "GET" for method, _ in FOR_PEOPLE), "whatever changes anything has a twin"
    assert all(path.startswith(("/desk/account", "/desk/prove", "/desk/kept")) for path in OF_ONESELF)


def test_whoever_may_at_the_desk_may_by_a_program_and_nobody_else() -> None:
    for route, roles in AT_THE_DESK.items():
        twins = twins_of(route)
        rights = {twin: BY_PROGRAM[twin] for twin in twins}
        if route[0] == "POST":
            assert all(roles == of for twin, of in rights.items() if twin[0] == "POST" or len(twins) == 1), route
        elif twins:
            assert roles in rights.values() or any(roles <= of for of in rights.values()), route


def test_every_twin_is_described_with_an_example() -> None:
    def shape(path: str) -> str:
        return re.sub(r"\{\w+\}", "X", path)

    described = {(method.upper(), shape(path)): one for path, of in document()["paths"].items()
                 for method, one in of.items()}  # fmt: skip
    for method, path in {twin for route in AT_THE_DESK for twin in twins_of(route)}:
        paths = [path.replace("{act}", act) for act in api_staff.TAKES] if path.startswith("/staff/") else [path]
        for one in paths:
            operation = described[method, re.sub(r"/(files|opened|pages)/1$", r"/\1/X", shape(one))]
            asked = operation.get("requestBody", {}).get("content", {}).get("application/json")
            assert asked is None or "example" in asked, (method, path)
            assert all("example" in p for p in operation["parameters"] if "$ref" not in p), (method, path)
