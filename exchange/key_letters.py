"""Letters about keys: to a mailbox that will be written to with another key, sealed to the one it has, if it works.

1. A change is told to whoever holds the old key, by that key: who slips in a key of their own cannot stop it.
2. What the letter says is public: a fingerprint, a day, our telephone number. It asks for nothing but a call.
"""

from __future__ import annotations

import hashlib

from exchange.case.effect import Letter, SendLetter
from exchange.case.mailbox import Mailbox, Transport
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.of_no_case import Draft, Kind, ask_for, mailbox_of, name_of, recipient_at, sender_of
from exchange.pins import Pin, pins_of
from exchange.posting import Way
from exchange.store import certificates, outbox, profiles
from exchange.store.certificates import Kind as CertificateKind
from exchange.store.certificates import Pinned
from exchange.store.database import Transaction
from keys.directory import NotUsable
from templates.key_letters import KeyChanged

_KINDS = {kind.value: kind for kind in CertificateKind}
# The kind of certificate that a transport seals to; the others seal to none.
OF_TRANSPORT = {t: _KINDS[t.value.partition("-")[0]] for t in Transport if t.value.partition("-")[0] in _KINDS}
NAMED_BY = 16  # hexadecimal digits of a fingerprint: enough to tell the certificates of one agency apart


async def tell_of_change(hub: Hub, tx: Transaction, mailbox: str, new: Pinned, old: str = "") -> None:
    """Ask for the letter that a mailbox will be sealed to `new`: sealed to the certificate of the fingerprint `old`,
    or, with none, as a notice. Asking again for the same change asks for no second letter."""
    which = "\0".join((mailbox, new.fingerprint, old, new.added_at.isoformat()))
    key = f"{Letter.KEY_CHANGED}:{hashlib.sha256(which.encode()).hexdigest()[:32]}"
    about = f"{mailbox}/{new.fingerprint[:NAMED_BY]}/{old[:NAMED_BY]}"
    await ask_for(hub, tx, SendLetter(key, Letter.KEY_CHANGED, about))


class KeyChanges(Kind):
    """Writes to the mailbox whose key is changed."""

    letter = Letter.KEY_CHANGED

    def __init__(self, hub: Hub, keyroom: Keyroom) -> None:
        self._hub, self._keyroom = hub, keyroom

    async def draft(self, row: outbox.Row) -> Draft | None:
        """The change, as it stands; None when the new key was taken back, or the mailbox is gone. An old key that
        cannot be sealed to any more is told by a notice."""
        hub, now = self._hub, self._hub.clock.now()
        _, new, old = row.about.split("/")
        async with hub.database.reading(hub.scope()) as tx:
            _, rules = await profiles.current_rules(tx)
            mailbox, pins = mailbox_of(await hub.directory(tx), row), await pins_of(hub, tx)
            known = await certificates.known(tx, mailbox.agency) if mailbox else ()
        changed = next((c for c in known if c.fingerprint.startswith(new)), None)
        if mailbox is None or changed is None:
            return None
        by = await self._way(mailbox, [p for p in pins.known.values() if old and p.fingerprint.startswith(old)])
        told = KeyChanged(
            sender_of(rules), name_of(rules, mailbox.agency), changed.fingerprint, changed.live_at,
            sealed=by.certificate is not None, now=now,
        )  # fmt: skip
        return Draft(told, by)

    async def _way(self, mailbox: Mailbox, old: list[Pin]) -> Way:
        """Sealed to the old key, by the first transport of the mailbox's list that takes its kind; or a notice."""
        for pin in old:
            transport = next((t for t in mailbox.transports if OF_TRANSPORT.get(t) is pin.kind), None)
            found = await self._keyroom.usable(pin, self._hub.clock.now())
            if pin.agency == mailbox.agency and transport and not isinstance(found, NotUsable):
                return Way(recipient_at(mailbox), found, transport)
        return Way(recipient_at(mailbox))
