"""Guesses: which cases a mail that belongs nowhere may be about, likeliest first. A person says whether it is so.

1. No guess files anything: whoever quotes a number joins no case (Alaveteli 5988, Zammad 5064).
2. A case that is kept from whoever looks is no guess for them.
3. What speaks for many cases alike, that an agency was asked, sets none of them apart: they are counted, not offered,
   for a tired person presses the first.
4. Of a stranger's text only so much is looked up as a person would write about one child.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from exchange import astray
from exchange.case.mailbox import Directory
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.pins import pins_of
from exchange.policy import Viewer
from exchange.sent_again import references
from exchange.store import casebook, matching, outbox
from exchange.store.casebook import NoSuchCase
from exchange.store.database import Transaction
from exchange.tokens import searched
from mailflow.evidence import Evidence
from mailflow.reply_address import Token

MOST = 5  # shown: further down a guess is noise
MOST_IDS = 20  # Message-IDs looked up
MOST_NAMES = 30  # pairs of words that may be a name
MOST_OF_EACH = 3  # years, postcodes and numbers
LONGEST = 20_000  # characters of a text in which somebody is looked for
_LIKELY = 5  # of what a person's tokens weigh together: a name and a year, a name and a place, or a number
_ADDRESSED, _ANSWERS, _QUOTES, _ASKED, _PROVED, _SIGNED = 100, 10, 6, 2, 1, 3

_BY_DOMAIN = "its sender's agency was asked, and nobody there has answered"
_BY_KEY = "the agency that signed it was asked, and nobody there has answered"

_OF_MANY = frozenset({_BY_DOMAIN, _BY_KEY})

_NAME = re.compile(r"\b([A-Z][^\W\d_]{1,30}(?:['’-][A-Z][^\W\d_]{1,30})?)\s+(?=([A-Z][^\W\d_]{1,30}))")
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b")
_NHS = re.compile(r"(?<!\d)(\d{3}[ -]?\d{3}[ -]?\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Guess:
    """One case, and why it may be meant."""

    reference: str
    weight: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guesses:
    """What one mail may be about."""

    cases: tuple[Guess, ...] = ()
    alike: int = 0  # other open cases for which only rule 3 speaks


@dataclass
class _Found:
    """What speaks for each case."""

    weights: dict[str, int] = field(default_factory=dict)  # by case id
    why: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, case_id: str, weight: int, why: str) -> None:
        if why not in self.why.setdefault(case_id, {}):
            self.weights[case_id] = self.weights.get(case_id, 0) + weight
            self.why[case_id][why] = None

    @property
    def apart(self) -> list[str]:
        """Those that something sets apart, the likeliest first; the only one there is needs nothing else."""
        by_itself = [case_id for case_id, why in self.why.items() if set(why) - _OF_MANY]
        apart = by_itself or (list(self.why) if len(self.why) == 1 else [])
        return sorted(apart, key=lambda case_id: -self.weights[case_id])


async def guesses(hub: Hub, viewer: Viewer, e: Evidence, sent_to: Token | None = None) -> Guesses:
    """The likeliest cases for one mail, of those that this member of staff may see; `sent_to` is what the address of
    ours that it came to is about."""
    found = _Found()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        await _addressed(tx, sent_to, found)
        await _answered(tx, e, found)
        await _quoted(tx, e, found)
        await _named(hub, tx, e, found)
        signed = astray.agency_of(e, await pins_of(hub, tx))
        _asked(await casebook.listing(tx), await hub.directory(tx), e, found, signed)
        ranked = found.apart
        told = [(await _visible(tx, case_id), case_id) for case_id in ranked[: 2 * MOST]]
    cases = (
        Guess(case.reference, found.weights[case_id], tuple(found.why[case_id])) for case, case_id in told if case
    )
    return Guesses(tuple(cases)[:MOST], len(found.why) - len(ranked))


async def connected(hub: Hub, e: Evidence, sent_to: Token | None = None) -> tuple[str, ...]:
    """The ids of open cases that a mail may be about by what it says or by where it came to. That its sender's agency
    still owes an answer connects nothing: such a case does not close anyhow."""
    found = _Found()
    async with hub.database.reading(hub.scope()) as tx:
        await _addressed(tx, sent_to, found)
        await _answered(tx, e, found)
        await _quoted(tx, e, found)
        await _named(hub, tx, e, found)
        ranked = sorted(found.weights, key=lambda case_id: -found.weights[case_id])
        cases = [await _visible(tx, case_id) for case_id in ranked[: 2 * MOST]]
    return tuple(case.id for case in cases if case and not case.closed)[:MOST]


async def _visible(tx: Transaction, case_id: str) -> Case | None:
    try:
        return await casebook.load(tx, case_id)
    except NoSuchCase:
        return None


async def _addressed(tx: Transaction, sent_to: Token | None, found: _Found) -> None:
    """Nobody can guess an address of ours: whoever writes there answers what it was made for."""
    if sent_to is None:
        return
    if sent_to.kind in ("bounce", "hub"):
        row = await outbox.load(tx, sent_to.attempt[0])
        case_id = row.case_id if row else ""
    else:
        case_id = sent_to.ident.partition("-")[0]
    if case_id:
        found.add(case_id, _ADDRESSED, "it came to the address that one letter of ours gave to whoever got it")


async def _answered(tx: Transaction, e: Evidence, found: _Found) -> None:
    reports = (one.original_message_id for one in (e.report, e.supposed) if one and one.original_message_id)
    named = dict.fromkeys((*reports, *e.mail.in_reply_to, *e.mail.references))
    for message_id in itertools.islice(named, MOST_IDS):
        row = await outbox.by_message_id(tx, message_id)
        if row and row.case_id:
            found.add(row.case_id, _ANSWERS, "it names a letter of ours")


async def _quoted(tx: Transaction, e: Evidence, found: _Found) -> None:
    for reference in itertools.islice(references(f"{e.subject}\n{e.content.text[:LONGEST]}"), MOST_IDS):
        try:
            case = await casebook.find(tx, reference)
        except NoSuchCase:
            continue
        found.add(case.id, _QUOTES, "it quotes the reference, which anybody could")


async def _named(hub: Hub, tx: Transaction, e: Evidence, found: _Found) -> None:
    tokens = dict.fromkeys(_tokens(hub.index_secret, f"{e.subject}\n{e.content.text[:LONGEST]}"))
    for one in await matching.candidates(tx, tokens):
        if one.weight >= _LIKELY:
            found.add(one.case_id, min(one.weight, _ANSWERS), "it names somebody like a person of this case")


def _tokens(secret: bytes, text: str) -> Iterator[str]:
    """Whoever a text may speak of: each pair of words that may be a name, with each year and place beside it."""
    years, places, numbers = (_few(pattern, text) for pattern in (_YEAR, _POSTCODE, _NHS))
    names = itertools.islice(dict.fromkeys(_NAME.findall(text)), MOST_NAMES)
    for given, family in names:
        for year, place in itertools.product(years or [""], places or [""]):
            yield from searched(secret, given, family, year, place)
    for number in numbers:
        yield from searched(secret, nhs_number=number)


def _few(pattern: re.Pattern[str], text: str) -> list[str]:
    return list(itertools.islice(dict.fromkeys(pattern.findall(text)), MOST_OF_EACH))


def _asked(cases: Iterable[Case], directory: Directory, e: Evidence, found: _Found, signed: str = "") -> None:
    """Cases in which the sender's agency was asked and no person there has answered: the agency whose key `signed`
    it, or those with its mail domain."""
    senders = {address.rpartition("@")[2] for address in e.mail.from_addresses}
    agencies = {m.agency for m in directory.mailboxes if senders & {*m.domains, m.address.domain}}
    agencies = {signed} if signed else agencies
    if not agencies:
        return
    weight = _SIGNED if signed else _ASKED + _PROVED * bool(e.authenticity.aligned_domain)
    for case in cases:
        if any(astray.is_awaited(case, agency) for agency in agencies):
            found.add(case.id, weight, _BY_KEY if signed else _BY_DOMAIN)
