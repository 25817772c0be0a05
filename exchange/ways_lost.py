"""Ways lost: what a change of the hub file takes from the ways to a mailbox, in words for whoever would apply it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from exchange.case.mailbox import Directory, Mailbox, Transport
from exchange.case.rules import AgencyRules
from exchange.drill_words import TRANSPORTS


def lost(before: Directory, after: Directory, agencies: tuple[AgencyRules, ...], day: date) -> tuple[str, ...]:
    """A sentence for each mailbox that is reached by less than before, and each agency that is left with none."""
    known = {mailbox.id: mailbox for mailbox in before.mailboxes}
    told = [line for new in after.mailboxes if (old := known.get(new.id)) for line in _of_mailbox(old, new, day)]
    left = [a.name for a in agencies if before.team(a.id) and not after.team(a.id)]
    return (*told, *(f"No mailbox is left at which {name} could be asked: it could only be rung." for name in left))


def _of_mailbox(old: Mailbox, new: Mailbox, day: date) -> Iterator[str]:
    gone = [_called(t) for t in old.transports if t not in new.transports]
    if gone:
        rest = f"only {_called(new.transports[0])} is left" if len(new.transports) == 1 else f"left are {_list(new)}"
        yield (
            f"{new.id} could not be reached by {' or '.join(gone)} any more: {rest}. Be sure that what is left works "
            "today, as its page in the directory says; where nothing works, nothing is sent and somebody has to ring."
        )
    if new.transports[0] is Transport.PICKUP and old.transports[0] is not Transport.PICKUP:
        yield (
            f"Letters to {new.id} would wait on the pick-up page until somebody there fetches them with a one-time "
            "code; their mailbox gets a notice only. Ring the team first, so that they know."
        )
    if _shut(new, day) and not _shut(old, day):
        yield f"Nobody at {new.id} would get a one-time code, so nobody could open a letter: name whom it goes to."


def _shut(mailbox: Mailbox, day: date) -> bool:
    """Whether what waits there could be opened by nobody."""
    return Transport.PICKUP in mailbox.transports and not mailbox.codes_to(day)


def _list(mailbox: Mailbox) -> str:
    return ", then ".join(map(_called, mailbox.transports))


def _called(transport: Transport) -> str:
    return TRANSPORTS[transport]
