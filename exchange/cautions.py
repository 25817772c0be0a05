"""Cautions: what an operator should see to although nothing failed; said after commands, and when serving starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from exchange import app, calendars
from exchange.blockers import today
from exchange.case.lapse import Lapsing, lapses
from exchange.case.mailbox import Directory, Mailbox
from exchange.covering import gaps
from exchange.desk.people import AHEAD, gap_lines
from exchange.posting import BUILT
from exchange.store import drills, profiles
from exchange.store.drills import Drill

_LAPSES = {
    Lapsing.ASSIGNMENT_ENDS: "the assignment ends and nobody follows",
    Lapsing.VETTING_ENDS: "the vetting ends",
    Lapsing.VETTING_EXPIRED: "the vetting has ended",
    Lapsing.NOBODY: "nobody is assigned any more",
}


async def all_of(exchange: app.Opened) -> tuple[str, ...]:
    """Each in one line, without a name or an address."""
    hub = exchange.hub
    async with hub.database.reading(hub.scope("operator")) as tx:
        try:
            directory = await hub.directory(tx)
        except profiles.NoProfile:
            return (
                "no hub file is applied: what comes is kept, and becomes no case. Run `exchange hub apply FILE.toml`",
            )
        newest = await drills.newest(tx)
    _, rules = await hub.rules()
    few = gap_lines(await gaps(hub, rules, AHEAD))
    ends = _ends(directory, today(rules, hub.clock.now()))
    return (
        *await calendars.warnings(exchange),
        *_ways(directory),
        *_unproved(directory, newest),
        *ends,
        *(f"too few staff: {line}" for line in few),
    )


def _ends(directory: Directory, day: date) -> Iterator[str]:
    """Assignments and vettings that end, or have ended; they stop nothing."""
    for lapse in lapses(directory, day):
        told = f" {lapse.spoc}" if lapse.spoc else ""
        until = f" ({lapse.day})" if lapse.day else ""
        yield f"mailbox {lapse.mailbox}{told}: {_LAPSES[lapse.what]}{until}; mail goes there all the same"


def _ways(directory: Directory) -> Iterator[str]:
    """Mailboxes whose ways are not all built yet."""
    for mailbox in directory.mailboxes:
        if not BUILT & set(mailbox.transports):
            yield (
                f"mailbox {mailbox.id}: {_missing(mailbox)} not built yet: every letter to {mailbox.agency} is held, "
                "and the desk has to telephone. Add openpgp to its transports, apply the file, and pin the agency's "
                "key with `exchange key add`"
            )
    partly = [f"{m.id} ({_missing(m)})" for m in directory.mailboxes if BUILT & set(m.transports) and _missing(m)]
    if partly:
        yield (
            f"only openpgp is built yet: these mailboxes go by it alone, and are held without a usable key: "
            f"{', '.join(partly)}"
        )


def _unproved(directory: Directory, newest: Mapping[str, tuple[Drill, Drill | None]]) -> Iterator[str]:
    """Mailboxes at which nobody has ever shown that they can open what we send."""
    never = [m.id for m in directory.mailboxes if newest.get(m.id, (None, None))[1] is None]
    if never:
        yield (
            f"nobody has proved yet that they can open what goes to {', '.join(never)}: before going live run "
            "`exchange drill --all`, and see `exchange drill list`"
        )


def _missing(mailbox: Mailbox) -> str:
    return ", ".join(t for t in mailbox.transports if t not in BUILT)
