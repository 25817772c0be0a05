"""Going live: mailboxes of a new hub that have never had a key are one task together, not a call about each."""

from __future__ import annotations

from exchange.case.effect import OpenTask, TaskKind
from exchange.case.mailbox import Directory, Mailbox
from exchange.hub import Hub
from exchange.key_letters import OF_TRANSPORT
from exchange.store import certificates, tasks
from exchange.store.certificates import Kind, Pinned
from exchange.store.database import Transaction

_NO_CASE = ""


async def keyless(tx: Transaction, directory: Directory) -> frozenset[tuple[str, Kind]]:
    """Each mailbox and kind of certificate that its transports need, and of which it has never had one in use."""
    had = [c for c in await certificates.ever(tx) if c.live_at is not None]
    return frozenset(
        (mailbox.id, kind)
        for mailbox in directory.mailboxes
        for kind in {OF_TRANSPORT[t] for t in mailbox.transports if t in OF_TRANSPORT}
        if not any(_was(c, mailbox, kind) for c in had)
    )


def _was(one: Pinned, mailbox: Mailbox, kind: Kind) -> bool:
    return one.kind is kind and one.agency == mailbox.agency and one.mailbox in ("", mailbox.id)


async def looked_at(hub: Hub, tx: Transaction) -> None:
    """A key came into use: with the last of them the task is done."""
    if not await keyless(tx, await hub.directory(tx)):
        await tasks.close(tx, _NO_CASE, str(TaskKind.GO_LIVE), hub.clock.now())


async def told(hub: Hub, tx: Transaction, missing: frozenset[tuple[str, Kind]]) -> None:
    """Keep the one task open while any of them has none."""
    now, key = hub.clock.now(), str(TaskKind.GO_LIVE)
    is_open = any(task.key == key for task in await tasks.pending(tx, _NO_CASE))
    if missing and not is_open:
        await tasks.open_(tx, _NO_CASE, OpenTask(key, TaskKind.GO_LIVE, "", now), now)
    if not missing and is_open:
        await tasks.close(tx, _NO_CASE, key, now)
