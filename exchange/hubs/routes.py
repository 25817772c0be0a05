"""The routing rows of a hub file: who is asked about which subjects, with which parts, and why."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.case.fields import Part
from exchange.case.rules import AT_RISK, Route
from exchange.hubs import shapes
from exchange.hubs.reading import Table

ALL = "all"  # written for parts: everything a referral says


def routes(root: Table, cohorts: tuple[str, ...]) -> Iterator[Route]:
    """The rows, in the order of the file; each names an agency, ratings and cohorts of the same file."""
    agency = shapes.one_of(root.names("agencies"), "agency of this file")
    rating = shapes.one_of(root.names("ratings"), "rating of this file")
    cohort = shapes.one_of(cohorts, "cohort of this file")
    seen: list[Route] = []
    for row in root.rows("routes"):
        route = Route(
            agency=row.need("agency", agency),
            parts=tuple(Part) if row.says("parts", ALL) else row.need_list("parts", shapes.PART),
            purpose=row.need("purpose", shapes.TEXT),
            on=row.may("on", shapes.MOMENT, "receipt"),
            forms=row.may_list("forms", shapes.FORM),
            cohorts=row.may_list("cohorts", cohort),
            ratings=row.may_list("ratings", rating),
            age_bands=row.may_list("age_bands", shapes.AGE_BAND),
            areas=row.may_list("areas", shapes.AREA),
            roles=row.may_list("roles", shapes.ROLE) or AT_RISK,
        )
        _lives(row, route, seen)
        seen.append(route)
        yield route


def _lives(row: Table, route: Route, seen: list[Route]) -> None:
    """A row that can never matter is a mistake, and the silence it leaves would be found too late."""
    if route.on == "receipt" and route.ratings:
        row.fault("ratings", "nobody is rated at receipt: this row would never hold", 'write on = "rating"')
    if route in seen and row.sound("agency"):
        row.fault("agency", "the same row stands above", "take one out")
