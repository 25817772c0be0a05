"""Delivery: what became of the mail that carries a packet.

Sent is not delivered, delivered is not opened, and none of them is an acknowledgement (see acknowledgement.py).
Late news is normal: a bounce arrives days after "delivered", a delivery report after the retry was given up.
Every state answers every piece of news, so nothing a mail server says can raise.
"""

from __future__ import annotations

from enum import StrEnum


class Delivery(StrEnum):
    """Where a packet's mail is."""

    TO_SEAL = "to_seal"  # asked for, not yet sealed
    HELD = "held"  # no usable way to send it: a task and a telephone number
    KEPT = "kept"  # sealed, the bytes kept, waiting to be sent
    DEFERRED = "deferred"  # the relay said "not now"; tried again
    UNCERTAIN = "uncertain"  # the line broke at the final dot; sent again with the same Message-ID
    ACCEPTED = "accepted"  # a server took it: it may still bounce
    DELIVERED = "delivered"  # their server reports delivery: it may still bounce
    REFUSED = "refused"  # permanently refused: a person must act
    BOUNCED = "bounced"  # taken, then returned: a person must act
    FETCHED = "fetched"  # read on the pick-up page by somebody with a one-time code; that is no acknowledgement
    EXPIRED = "expired"  # nobody fetched it in time: a person must act
    WITHDRAWN = "withdrawn"  # taken back before it left


class News(StrEnum):
    """What we may hear of it."""

    KEPT = "kept"
    HELD = "held"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    DELIVERED = "delivered"  # a delivery report says so
    RELAYED = "relayed"  # a delivery report says: given to a server that sends none
    DELAYED = "delayed"  # a delivery report says "still trying"
    BOUNCED = "bounced"
    FETCHED = "fetched"
    EXPIRED = "expired"


FAILED = frozenset(  # mail will not get through by itself
    {Delivery.HELD, Delivery.REFUSED, Delivery.BOUNCED, Delivery.EXPIRED}
)
TAKEN = frozenset({Delivery.ACCEPTED, Delivery.DELIVERED, Delivery.FETCHED})  # as far as anybody has said
THERE = TAKEN | {Delivery.UNCERTAIN}  # it is, or may be, in their hands
ARRIVED = frozenset({News.ACCEPTED, News.DELIVERED, News.FETCHED})  # nobody need ring about its mail any more
LOST = frozenset({News.HELD, News.REFUSED, News.BOUNCED, News.EXPIRED})
NO_TLS = "tls"  # the code of a letter that is put off because the server does not offer the TLS that was agreed
# Before the code of a letter that is held because its transport can be used no more: it is written anew, by the next.
FELL = "transport:"
_D, _N = Delivery, News


def by(before: str, news: News, transport: str) -> str:
    """By which transport a letter goes, or went. Mail systems name none; one that is held may have none."""
    return transport if news in (News.KEPT, News.HELD) else transport or before


# Default: news moves the packet to the state of the same name. The rows below are the ones with a story.
_BY_NEWS = {
    _N.KEPT: _D.KEPT, _N.HELD: _D.HELD, _N.ACCEPTED: _D.ACCEPTED, _N.DEFERRED: _D.DEFERRED,
    _N.UNCERTAIN: _D.UNCERTAIN, _N.REFUSED: _D.REFUSED, _N.DELIVERED: _D.DELIVERED, _N.BOUNCED: _D.BOUNCED,
    _N.FETCHED: _D.FETCHED, _N.EXPIRED: _D.EXPIRED,
}  # fmt: skip
_ODD: dict[tuple[Delivery, News], Delivery] = {
    # "Still trying" and "handed on" change nothing; they are shown as evidence. Our own relay's word that it handed
    # something on says no more than its 250 did.
    **{(state, news): state for state in _D for news in (_N.DELAYED, _N.RELAYED)},
    # A worker that crashed after sealing seals the very same bytes again: already further on is no news.
    (_D.ACCEPTED, _N.KEPT): _D.ACCEPTED,
    (_D.DELIVERED, _N.KEPT): _D.DELIVERED,
    (_D.BOUNCED, _N.KEPT): _D.BOUNCED,
    # Our relay's "accepted" for the second copy of an uncertain message comes after their report of delivery.
    (_D.DELIVERED, _N.ACCEPTED): _D.DELIVERED,
    (_D.DELIVERED, _N.DEFERRED): _D.DELIVERED,
    (_D.DELIVERED, _N.UNCERTAIN): _D.DELIVERED,
    (_D.DELIVERED, _N.REFUSED): _D.DELIVERED,  # the resend of what had already arrived was refused
    (_D.ACCEPTED, _N.DEFERRED): _D.ACCEPTED,
    (_D.ACCEPTED, _N.UNCERTAIN): _D.ACCEPTED,
    # A returned message stays returned until it is sent anew: one recipient's late "delivered" for an alias
    # expansion does not prove that the mailbox we meant has it.
    (_D.BOUNCED, _N.DELIVERED): _D.BOUNCED,
    (_D.BOUNCED, _N.DEFERRED): _D.BOUNCED,
    (_D.BOUNCED, _N.UNCERTAIN): _D.BOUNCED,
    # Withdrawn mail that a server nevertheless reports on did leave: say so.
    (_D.WITHDRAWN, _N.KEPT): _D.WITHDRAWN,
    (_D.WITHDRAWN, _N.HELD): _D.WITHDRAWN,
    (_D.WITHDRAWN, _N.DEFERRED): _D.WITHDRAWN,
    (_D.WITHDRAWN, _N.REFUSED): _D.WITHDRAWN,
    (_D.WITHDRAWN, _N.EXPIRED): _D.WITHDRAWN,
    # Who has fetched a letter has it, whatever becomes of the notice that told of it.
    **{(_D.FETCHED, news): _D.FETCHED for news in _N},
    # The time of a letter ends that is on its way again, or whose notice never arrived: that says more.
    (_D.TO_SEAL, _N.EXPIRED): _D.TO_SEAL,
    (_D.HELD, _N.EXPIRED): _D.HELD,
    (_D.REFUSED, _N.EXPIRED): _D.REFUSED,
    (_D.BOUNCED, _N.EXPIRED): _D.BOUNCED,
    # Late news of the notice makes nothing longer.
    **{
        (_D.EXPIRED, news): _D.EXPIRED
        for news in (_N.ACCEPTED, _N.DEFERRED, _N.UNCERTAIN, _N.DELIVERED, _N.REFUSED, _N.HELD)
    },
}
TABLE: dict[tuple[Delivery, News], Delivery] = {
    (state, news): _ODD.get((state, news)) or _BY_NEWS[news] for state in _D for news in _N
}
