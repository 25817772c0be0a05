"""Drills in words, for the desk's pages and the terminal."""

from __future__ import annotations

from exchange.desk.drills import FAILED, NEVER, WAITING, Standing
from exchange.store.drills import Drill
from templates import moments

TRANSPORTS = {  # how a transport is called where people read it
    "openpgp": "OpenPGP",
    "openpgp-attachment": "a file sealed with OpenPGP",
    "smime": "S/MIME",
    "tls": "enforced TLS",
    "pickup": "the pick-up page",
}
HEARD = {"mail": "by mail", "page": "on the page", "telephone": "by telephone"}
ENDED = {
    "silent": "nobody answered in time",
    "not_sent": "it could not be sent",
    "bounced": "it came back",
    "cannot_open": "they say that they cannot open it",
    "wrong_person": "they say that they are not the right people",
}


def took(drill: Drill) -> str:
    """How long the answer took."""
    return moments.span(drill.took) if drill.took is not None else "no time"


def by(drill: Drill) -> str:
    """Through which transport and certificate."""
    key = f", key …{drill.fingerprint[-8:]}" if drill.fingerprint else ""
    return f"{TRANSPORTS.get(drill.transport, drill.transport)}{key}"


def proof(drill: Drill) -> str:
    """What was proved: when, by what, and how long it took."""
    day = moments.day(drill.answered_at.date()) if drill.answered_at else ""
    return f"proved on {day} by {by(drill)}; said back {HEARD.get(drill.heard, drill.heard)} after {took(drill)}"


def line(one: Standing) -> str:
    """How a mailbox stands, in one line."""
    ring = "; RING, and have its three words read out: no packet goes there before" if one.to_ring else ""
    over = "; by a key that is used no more" if one.over else ""
    return _proof(one) + over + ring


def _proof(one: Standing) -> str:
    before = f"; before that {proof(one.proved)}" if one.proved and one.proved != one.last else ""
    if one.state == NEVER or one.last is None:
        return "never asked to prove that it can open what we send"
    asked = moments.day(one.last.asked_at.date())
    if one.state == WAITING:
        return f"asked on {asked}, no answer yet{before}"
    if one.state == FAILED and one.failed:
        when, how = moments.day(one.failed.asked_at.date()), ENDED.get(one.failed.ended, one.failed.ended)
        again = f"; asked again on {asked}, no answer yet" if not one.last.ended else ""
        return f"NOT PROVED: asked on {when}, {how}{again}{before}"
    return proof(one.last)
