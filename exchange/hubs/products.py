"""What a hub file says of information products and of information-sharing agreements."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.case.agreement import Agreement
from exchange.case.rules import ProductRules
from exchange.hubs import shapes
from exchange.hubs.reading import Table

_TIER = shapes.one_of(("overarching", "specific"), "tier of an agreement")


def product_rules(root: Table, functions: tuple[str, ...]) -> ProductRules:
    """The table [product], which may be left out; a compartment nobody has would protect nothing."""
    usual = ProductRules()
    if not root.sound("product"):
        return usual
    table = root.table("product")
    function = shapes.one_of(functions, "function of an agency")
    return ProductRules(
        agreement=table.may("agreement", shapes.CLOCK, usual.agreement),
        compartments=table.may_list("compartments", function, usual.compartments),
    )


def agreements(root: Table) -> tuple[Agreement, ...]:
    """The rows [[agreements]], if any, by their ids."""
    return tuple(sorted(_agreements(root), key=lambda agreement: agreement.id))


def _agreements(root: Table) -> Iterator[Agreement]:
    party = shapes.one_of(root.names("agencies"), "agency of this file")
    seen: set[str] = set()
    for row in root.rows("agreements", needed=False):
        agreement = Agreement(
            id=row.need("id", shapes.IDENTITY),
            name=row.need("name", shapes.TEXT),
            parties=row.need_list("parties", party),
            since=row.need("since", shapes.DATE),
            until=row.may("until", shapes.DATE, None),
            tier=row.may("tier", _TIER, "specific"),
            review=row.may("review", shapes.DATE, None),
        )
        if agreement.id in seen and row.sound("id"):
            row.fault("id", "already an agreement of this file", "give each agreement an id of its own")
        if row.sound("since") and row.sound("until") and agreement.until and agreement.until < agreement.since:
            row.fault("until", "before since", "write the last day on which it holds, or leave it out")
        seen.add(agreement.id)
        yield agreement
