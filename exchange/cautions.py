"""Cautions: what an operator should see to although nothing failed; said after commands, and when serving starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from exchange import app, calendars, owners
from exchange.blockers import today
from exchange.case.lapse import Lapsing, lapses
from exchange.case.mailbox import Directory, Transport
from exchange.covering import gaps
from exchange.desk.people import AHEAD, gap_lines
from exchange.disk import disk_of
from exchange.hub import Hub
from exchange.store import drills, evidence, profiles
from exchange.store.drills import Drill
from exchange.store.evidence import Evidence
from exchange.ways import contacts

_LAPSES = {
    Lapsing.ASSIGNMENT_ENDS: "the assignment ends and nobody follows",
    Lapsing.VETTING_ENDS: "the vetting ends",
    Lapsing.VETTING_EXPIRED: "the vetting has ended",
    Lapsing.NOBODY: "nobody is assigned any more",
}


async def all_of(exchange: app.Opened) -> tuple[str, ...]:
    """Each in one line, without a name or an address."""
    first = (disk_of(exchange.settings).caution, await _wall(exchange.hub), _scanner(exchange.hub))
    hub, room = exchange.hub, tuple(filter(None, first))
    async with hub.database.reading(hub.scope("operator")) as tx:
        try:
            directory = await hub.directory(tx)
        except profiles.NoProfile:
            return (
                *room,
                "no hub file is applied: what comes is kept, and becomes no case. Run `exchange hub apply FILE.toml`",
            )
        newest, owned = await drills.newest(tx), await owners.proved(tx, directory)
    _, rules = await hub.rules()
    day = today(rules, hub.clock.now())
    async with hub.database.reading(hub.scope("operator")) as tx:
        checked = await evidence.known(tx)
    few = gap_lines(await gaps(hub, rules, AHEAD))
    ends = _ends(directory, day)
    return (
        *room,
        *await calendars.warnings(exchange),
        *_ways(directory, checked, day, hub.codes_by),
        *_unproved(directory, newest),
        *_not_theirs(directory, owned),
        *ends,
        *(f"too few staff: {line}" for line in few),
    )


def _scanner(hub: Hub) -> str:
    """Whether files that strangers send are looked at."""
    if hub.scans:
        return ""
    return (
        "no malware scanner is named: files that come by mail or form are opened unchecked. Install clamav-daemon, "
        "and name its socket in [clamd] socket"
    )


async def _wall(hub: Hub) -> str:
    """Whether PostgreSQL keeps the rows of hubs apart (store/row_security.py)."""
    if not await hub.database.walks_through():
        return ""
    return (
        "the database's role is a superuser or has BYPASSRLS: PostgreSQL would show one hub another's rows. Run as a "
        "role that owns the database and nothing more (RUNBOOK, Copies)"
    )


def _ends(directory: Directory, day: date) -> Iterator[str]:
    """Assignments and vettings that end, or have ended; they stop nothing."""
    for lapse in lapses(directory, day):
        told = f" {lapse.spoc}" if lapse.spoc else ""
        until = f" ({lapse.day})" if lapse.day else ""
        yield f"mailbox {lapse.mailbox}{told}: {_LAPSES[lapse.what]}{until}; mail goes there all the same"


def _ways(directory: Directory, checked: Mapping[str, Evidence], day: date, codes_by: str) -> Iterator[str]:
    """Mailboxes with a transport that cannot be used as things stand; keys have warnings of their own."""
    unchecked, silent = [], []
    for mailbox in directory.mailboxes:
        if Transport.TLS in mailbox.transports and mailbox.address.domain not in checked:
            unchecked.append(f"{mailbox.id} ({mailbox.address.domain})")
        if Transport.PICKUP in mailbox.transports and not contacts(mailbox, day, codes_by):
            silent.append(mailbox.id)
    if unchecked:
        yield (
            f"enforced TLS is passed over until somebody has run `exchange domain check DOMAIN`: "
            f"{', '.join(unchecked)}"
        )
    if silent:
        mend = (
            'Write code_to in the hub file (a mail address for [pickup] sender = "mail" in the settings, a telephone '
            'number for "http")'
            if codes_by
            else "The settings name nothing that sends codes: write [pickup] sender there"
        )
        yield f"the pick-up page is passed over, for no one-time code can reach anybody: {', '.join(silent)}. {mend}"


def _unproved(directory: Directory, newest: Mapping[str, tuple[Drill, Drill | None]]) -> Iterator[str]:
    """Mailboxes at which nobody has ever shown that they can open what we send."""
    never = [m.id for m in directory.mailboxes if newest.get(m.id, (None, None))[1] is None]
    if never:
        yield (
            f"nobody has proved yet that they can open what goes to {', '.join(never)}: before going live run "
            "`exchange drill --all`, and see `exchange drill list`"
        )


def _not_theirs(directory: Directory, owned: frozenset[str]) -> Iterator[str]:
    """Mailboxes that need no key for one of their transports, and that nobody has proved."""
    found = [m.id for m in directory.mailboxes if owners.needs_proof(m, owned)]
    if found:
        yield (
            "enforced TLS and the pick-up page are passed over until their people were rung and read out the three "
            f"words of a test: {', '.join(found)}. See `exchange mailbox check MAILBOX`"
        )
