"""The files of a mail: looked at by the malware scanner, where there is one, each time before somebody is given one.

1. While the scanner is silent no file is given, and the desk and IT are told (scanning.py); the words of the mail are
   read all the same.
2. A file in which something was found stays shut. Where the mail is part of a case, somebody is asked to ring.
"""

from __future__ import annotations

from pathlib import Path

from exchange.case.effect import OpenTask, TaskKind
from exchange.case.step import CannotHappen
from exchange.hub import Hub
from exchange.stepping import raise_once
from exchange.store import casebook, tasks
from mailflow.clamd import Clamd, Verdict

SILENT = "the malware scanner does not answer, so the files of this mail stay shut: tell IT, and ring whoever sent it"
FOUND = "the malware scanner found something in this file: it stays shut. Ring whoever sent it, and ask what is in it"


async def look(hub: Hub, socket: Path | None, mail_id: str, reference: str, content: bytes) -> None:
    """Have one file looked at. Raises CannotHappen when it must stay shut."""
    if socket is None:
        return
    said = await Clamd(socket).look(content)
    if said is Verdict.CLEAN:
        return
    if said is Verdict.SILENT:
        async with hub.database.transaction(hub.scope()) as tx:
            await raise_once(tx, TaskKind.SCANNER_AWAY, "scanner", hub.clock.now())
        raise CannotHappen(SILENT)
    if reference:
        await _ask_to_ring(hub, mail_id, reference)
    raise CannotHappen(FOUND)


async def _ask_to_ring(hub: Hub, mail_id: str, reference: str) -> None:
    now, key = hub.clock.now(), f"{TaskKind.INFECTED}:{mail_id}"
    async with hub.database.transaction(hub.scope()) as tx:
        case = await casebook.find(tx, reference)
        if not await tasks.known(tx, case.id, key):
            await tasks.open_(tx, case.id, OpenTask(key, TaskKind.INFECTED, "", now), now)
