"""The agencies of a hub file: what the rules know of each, and the mailboxes through which it is reached.

1. An id names one mailbox, and an address belongs to one mailbox: a packet for one agency can never be filed under
   another's address.
2. Every agency has a mailbox of its team, and with it a telephone number: whoever is asked can be reached when mail
   fails.
3. A mailbox lists only transports that its type of route allows, and codes for what is fetched go elsewhere than the
   notice of it.
4. A person's id is theirs alone: one person may read several mailboxes of an agency, none of another's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from exchange.case.mailbox import DRILL_DAYS, Mailbox, MailboxRole, RouteType, Spoc
from exchange.case.rules import AgencyRules
from exchange.hubs import shapes
from exchange.hubs.hours import week
from exchange.hubs.reading import Table
from exchange.hubs.rotas import turns
from exchange.hubs.route_types import obeys, route_types

_CONDITION = "9(2)(g) with DPA 2018 Sch 1 para 18"  # safeguarding of children and of individuals at risk


@dataclass(frozen=True, slots=True)
class Register:
    """The agencies read, and what must not occur twice among them."""

    agencies: list[AgencyRules] = field(default_factory=list)
    mailboxes: list[Mailbox] = field(default_factory=list)
    route_types: tuple[RouteType, ...] = ()

    def functions(self) -> tuple[str, ...]:
        """What the agencies do, all together."""
        return tuple(sorted({function for agency in self.agencies for function in agency.functions}))


def register(root: Table) -> Register:
    """All agencies of the file, in its order."""
    found = Register(route_types=route_types(root))
    for identity, table in root.entries("agencies", shapes.IDENTITY):
        found.agencies.append(_agency(identity, table))
        mine = [*_mailboxes(identity, table, found)]
        if mine and not any(m.role is MailboxRole.TEAM for m in mine):
            table.fault("mailbox", "no mailbox of its team", 'leave out role, or write role = "team", in one of them')
    return found


def _agency(identity: str, table: Table) -> AgencyRules:
    return AgencyRules(
        id=identity,
        name=table.need("name", shapes.TEXT),
        functions=table.need_list("functions", shapes.IDENTITY),
        basis=table.need("basis", shapes.BASIS),
        condition=table.may("condition", shapes.TEXT, _CONDITION),
        areas=table.may_list("areas", shapes.AREA),
    )


def _mailboxes(agency: str, table: Table, found: Register) -> Iterator[Mailbox]:
    for number, row in enumerate(table.rows("mailbox"), 1):
        mailbox = Mailbox(
            id=row.may("id", shapes.IDENTITY, f"{agency}-{number}"),
            agency=agency,
            address=row.need("address", shapes.ADDRESS),
            transports=row.need_list("transports", shapes.TRANSPORT),
            telephone=row.need("telephone", shapes.TELEPHONE),
            domains=row.may_list("domains", shapes.DOMAIN),
            role=row.may("role", shapes.MAILBOX_ROLE, MailboxRole.TEAM),
            hours=week(row) if "hours" in row else (),
            topics=row.may_list("topics", shapes.IDENTITY),
            code_to=_code_to(row),
            drill_days=row.may("drill", shapes.DRILL, DRILL_DAYS),
        )
        spocs = tuple(_spocs(row, mailbox, found))
        mailbox = replace(mailbox, spocs=spocs, rota=tuple(turns(row, spocs)))
        _only_once(row, mailbox, found)
        _elsewhere(row, mailbox)
        obeys(row, mailbox, found.route_types)
        found.mailboxes.append(mailbox)
        yield mailbox


def _code_to(table: Table) -> str:
    return table.may("code_to", shapes.CONTACT, "")


def _elsewhere(row: Table, mailbox: Mailbox) -> None:
    """A code that goes where the notice goes would prove nothing."""
    for contact in (mailbox.code_to, *(s.code_to for s in mailbox.spocs)):
        if contact == mailbox.address.text:
            row.fault("code_to", "the mailbox itself", "write a telephone number, or another mailbox")


def _only_once(row: Table, mailbox: Mailbox, found: Register) -> None:
    owner = next((m.agency for m in found.mailboxes if m.id == mailbox.id), None)
    if owner:
        row.fault("id", f"already a mailbox of {owner}", "give each mailbox an id of its own")
    owner = next((m.agency for m in found.mailboxes if m.address == mailbox.address), None)
    if owner and row.sound("address"):
        row.fault("address", f"already a mailbox of {owner}", "write each address once")


def _spocs(table: Table, of: Mailbox, found: Register) -> Iterator[Spoc]:
    seen: list[Spoc] = []
    elsewhere = {s.id: m.agency for m in found.mailboxes if m.agency != of.agency for s in m.spocs}
    for number, row in enumerate(table.rows("spocs", needed=False), 1):
        spoc = _spoc(row, f"{of.id}-{number}")
        if spoc.id in elsewhere:  # their leave, and what is kept from them, would be somebody else's
            row.fault("id", f"already a person of {elsewhere[spoc.id]}", "give each person an id of their own")
        if any(replace(spoc, id=s.id) == s for s in seen) and row.sound("name"):
            row.fault("name", "the same person, dates and topic stand above", "take one out")
        seen.append(spoc)
        yield spoc


def _spoc(table: Table, usual: str) -> Spoc:
    spoc = Spoc(
        id=table.may("id", shapes.IDENTITY, usual),
        name=table.need("name", shapes.TEXT),
        since=table.need("since", shapes.DATE),
        until=table.may("until", shapes.DATE, None),
        topic=table.may("topic", shapes.IDENTITY, ""),
        telephone=table.may("telephone", shapes.TELEPHONE, ""),
        vetting=table.may("vetting", shapes.TEXT, ""),
        vetted_until=table.may("vetted_until", shapes.DATE, None),
        code_to=_code_to(table),
    )
    if table.sound("since") and table.sound("until") and spoc.until and spoc.until < spoc.since:
        table.fault("until", "before since", "write the last day on which this person answers, or leave it out")
    return spoc
