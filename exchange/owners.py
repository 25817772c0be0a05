"""Owners: which mailboxes were proved by the people who read them, before anything goes there without a key.

1. What is sealed is proved with its key (enrolling.py). Enforced TLS and the pick-up page need none: whoever is
   behind the address, or gets the one-time codes, reads what goes there. So they wait until the mailbox is proved.
2. It is proved by the words of a test (drilling.py) that went to its present address: said back in any way when the
   test was sealed to a key that was proved; otherwise by telephone, to staff who rang a number they had before.
3. Until then only the test itself goes by those transports.
"""

from __future__ import annotations

from exchange.case.mailbox import Directory, Mailbox, Transport
from exchange.store import drills
from exchange.store.database import Transaction
from exchange.store.drills import Drill

READABLE = frozenset({Transport.TLS, Transport.PICKUP})  # whoever is there can read it


async def proved(tx: Transaction, directory: Directory) -> frozenset[str]:
    """The mailboxes that their people have proved, where they are now."""
    said = await drills.said_back(tx)
    return frozenset(m.id for m in directory.mailboxes if any(proves(drill, m) for drill in said))


def proves(drill: Drill, mailbox: Mailbox) -> bool:
    """Whether it shows that the mailbox is theirs: rule 2."""
    here = mailbox.address_since is None or drill.asked_at >= mailbox.address_since
    mine = drill.mailbox == mailbox.id and drill.ended == drills.ANSWERED
    return mine and here and (bool(drill.fingerprint) or drill.heard == drills.TELEPHONE)


def needs_proof(mailbox: Mailbox, owned: frozenset[str]) -> bool:
    """Whether one of its transports waits for its people to prove it."""
    return mailbox.id not in owned and bool(READABLE & set(mailbox.transports))
