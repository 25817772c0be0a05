"""Colleagues: what one organisation has referred, for those of its people who refer often, and for nobody else.

1. A referral is found by the address at work that its referrer gave, or wrote from with proof, and by nothing else:
   keyed tokens stand for addresses and domains.
2. Only what somebody referred as part of their work is shown, and only where their address may be written to: whoever
   said that others read their mailbox is not betrayed by it.
3. A colleague sees no referral that is kept from anybody, that takes a discreet way, or that is kept from the
   organisation's agency: it may be about one of them. Its own referrer sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from exchange.case.feedback import ReferrerClass
from exchange.case.mailbox import Address, AddressRefused, Directory
from exchange.case.organisation import Organisation
from exchange.case.state import Case, ReferrerCodes
from exchange.hub import Hub
from exchange.store import casebook, matching
from exchange.store.database import Transaction
from exchange.store.matching import Token
from keys.vault import index_token

WHOSE = "referrer"  # in the index, in the place of a subject
MOST = 200  # referrals shown, the newest


@dataclass(frozen=True, slots=True)
class Shown:
    """One referral that somebody may see."""

    case: Case
    mine: bool  # they referred it themselves


def tokens(secret: bytes, codes: ReferrerCodes, address: str) -> tuple[Token, ...]:
    """By what the referral of somebody at work is found again; nothing for anybody else's."""
    found = read(address)
    if found is None or codes.referrer_class is not ReferrerClass.PROFESSIONAL:
        return ()
    return tuple(Token(_token(secret, kind, of), WHOSE, 0) for kind, of in _names(found))


def read(address: str) -> Address | None:
    """The address that somebody typed; None for what is none."""
    try:
        return Address(address.strip())
    except AddressRefused:
        return None


def organisation_of(directory: Directory, address: Address, day: date) -> Organisation | None:
    """Whose address it is, as far as they may see anything on this day."""
    return next((o for o in directory.referrers if o.lets_in(address.text, day)), None)


async def referred(hub: Hub, tx: Transaction, of: Organisation, by: Address) -> tuple[Shown, ...]:
    """What they may see, the newest first."""
    own = {_token(hub.index_secret, "referrer-address", by.text)}
    team = {_token(hub.index_secret, kind, name) for kind, name in _of(of)}
    mine = await matching.cases_of(tx, own)
    found = []
    for case_id in await matching.cases_of(tx, own | team):
        case = await casebook.load(tx, case_id)
        if _may_be_shown(case) and (case_id in mine or not _kept_from_colleagues(case, of)):
            found.append(Shown(case, case_id in mine))
    return tuple(sorted(found, key=lambda one: one.case.received_at, reverse=True)[:MOST])


def _may_be_shown(case: Case) -> bool:
    return case.referrer.referrer_class is ReferrerClass.PROFESSIONAL and case.referrer.may_mail


def _kept_from_colleagues(case: Case, of: Organisation) -> bool:
    kept = any(r.in_force for r in case.restrictions) or case.routing_held or case.discreet
    return kept or bool(of.agency and case.shuts_out(of.agency))


def _of(organisation: Organisation) -> Iterator[tuple[str, str]]:
    yield from (("referrer-domain", domain) for domain in organisation.domains)
    yield from (("referrer-address", person.address) for person in organisation.people)


def _names(address: Address) -> Iterator[tuple[str, str]]:
    yield "referrer-address", address.text
    yield "referrer-domain", address.domain


def _token(secret: bytes, kind: str, name: str) -> str:
    return index_token(secret, kind, name).hex()
