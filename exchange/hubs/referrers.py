"""Who refers often, in a hub file: `[referrers.NAME]` with its domains, and people let in one by one.

1. A domain or an address is one organisation's: what one refers no other can see.
2. A domain that many organisations share, a webmail's or one of a type of route, lets nobody in: there people are
   named one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

from exchange.case.organisation import Colleague, Organisation
from exchange.hubs import shapes
from exchange.hubs.agencies import Register
from exchange.hubs.reading import Table


def referrers(root: Table, known: Register) -> tuple[Organisation, ...]:
    """The tables [referrers.NAME], if any."""
    return tuple(_organisations(root, known)) if "referrers" in root else ()


def _organisations(root: Table, known: Register) -> Iterator[Organisation]:
    agencies = shapes.one_of((a.id for a in known.agencies), "agency of this file")
    shared = {domain for route_type in known.route_types for domain in route_type.domains}
    taken: dict[str, str] = {}
    for identity, table in root.table("referrers").every(shapes.IDENTITY):
        found = Organisation(
            id=identity,
            name=table.need("name", shapes.TEXT),
            domains=table.may_list("domains", shapes.DOMAIN),
            people=tuple(_people(table)),
            agency=table.may("agency", agencies, ""),
            until=table.may("until", shapes.DATE, None),
        )
        for domain in found.domains:
            if domain in shared:
                table.fault("domains", f"many share {domain}", "name its people one by one, under people")
        for key, name in (*(("domains", d) for d in found.domains), *(("people", p) for p in _addresses(found))):
            if name in taken and taken[name] != identity and table.sound(key):
                table.fault(key, f"already of {taken[name]}", "write each domain and address under one organisation")
            taken[name] = identity
        if not (found.domains or found.people):
            table.fault("domains", "nobody could sign in", "write domains, or people")
        yield found


def _addresses(of: Organisation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person.address for person in of.people))


def _people(table: Table) -> Iterator[Colleague]:
    for row in table.rows("people", needed=False):
        person = Colleague(
            row.need("address", shapes.ADDRESS).text,
            row.need("since", shapes.DATE),
            row.may("until", shapes.DATE, None),
        )
        if row.sound("since") and row.sound("until") and person.until and person.until < person.since:
            row.fault("until", "before since", "write the last day on which this person may sign in, or leave it out")
        yield person
