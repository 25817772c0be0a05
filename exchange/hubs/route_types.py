"""Types of route in a hub file: kinds of mail domain with rules of their own, and the mailboxes held to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exchange.case.mailbox import Directory, Mailbox, RouteType
from exchange.hubs import shapes
from exchange.hubs.reading import Table, listed

DAYS = 30  # that evidence holds where a type does not say


def route_types(root: Table) -> tuple[RouteType, ...]:
    """The tables [route_types.NAME], if any."""
    return tuple(_route_types(root.table("route_types"))) if "route_types" in root else ()


def _route_types(outer: Table) -> Iterator[RouteType]:
    taken: dict[str, str] = {}
    for identity, table in outer.every(shapes.IDENTITY):
        found = RouteType(
            id=identity,
            domains=table.need_list("domains", shapes.MAIL_DOMAIN),
            transports=table.need_list("transports", shapes.TRANSPORT),
            evidence_days=table.may("evidence_days", shapes.DAYS, DAYS),
            note=table.may("note", shapes.TEXT, ""),
        )
        for domain in found.domains:
            if domain in taken and table.sound("domains"):
                table.fault("domains", f"{domain} is a domain of {taken[domain]}", "write each domain once")
            taken[domain] = identity
        yield found


def obeys(row: Table, mailbox: Mailbox, known: Iterable[RouteType]) -> None:
    """Note a fault where a mailbox may not be reached by a transport that it lists."""
    found = Directory((), route_types=tuple(known)).route_type(mailbox.address.domain)
    if found is None or not (row.sound("address") and row.sound("transports")):
        return
    for transport in mailbox.transports:
        if transport not in found.transports:
            why = f" ({found.note})" if found.note else ""
            told = f"{transport} may not be used at {mailbox.address.domain}, a route of type {found.id}{why}"
            row.fault("transports", told, f"write {listed(found.transports)}")
