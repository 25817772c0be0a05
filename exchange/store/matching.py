"""Matching: who might this be? Keyed tokens of compounds, ranked by weight, without a readable name anywhere.

A token that very many cases share says nothing, and is passed over but where a person looks for somebody. Equality
and frequency of tokens do leak to a thief of the database: docs/threats.md says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, literal, or_, select, tuple_

from exchange.case.restriction import Kind
from exchange.store import schema, viewing
from exchange.store.database import Transaction

_m = schema.match.c
OVERSIZED = 200  # cases behind one token: a common surname sound with a common year
MOST_CANDIDATES = 20  # opened and shown to a person; more is a search that should name more


@dataclass(frozen=True, slots=True)
class Token:
    """One compound of one subject."""

    token: str
    subject: str
    weight: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject that shares tokens with what was looked for."""

    case_id: str
    subject: str
    weight: int
    shared: int  # how many tokens: of those that are alike, who is written the same shares more

    @property
    def place(self) -> tuple[int, int, str, str]:
        """Where it stands among all that are alike."""
        return self.weight, self.shared, self.case_id, self.subject


async def put(tx: Transaction, case_id: str, tokens: Iterable[Token]) -> None:
    """Index the subjects of a case."""
    known = {
        (r.token, r.subject)
        for r in await tx.run(select(_m.token, _m.subject).where(_m.hub == tx.hub, _m.case_id == case_id))
    }
    new = {(t.token, t.subject): t for t in tokens if (t.token, t.subject) not in known}
    rows = [
        {"hub": tx.hub, "token": t.token, "case_id": case_id, "subject": t.subject, "weight": t.weight}
        for t in new.values()
    ]
    if rows:
        await tx.run(insert(schema.match), rows)


async def cases_of(tx: Transaction, tokens: Iterable[str]) -> frozenset[str]:
    """The cases that have any of these tokens, however many they are, and that the actor may see."""
    mine = (_m.hub == tx.hub, _m.token.in_(sorted(tokens)), viewing.visible(tx, _m.case_id))
    return frozenset(r.case_id for r in await tx.run(select(_m.case_id).where(*mine)))


async def kept(tx: Transaction, name: str) -> Mapping[str, str]:
    """The tokens under this name of the cases that are kept from the actor, each with its case."""
    mine = (_m.hub == tx.hub, _m.subject == name, viewing.hidden(tx, _m.case_id))
    return {r.token: r.case_id for r in await tx.run(select(_m.token, _m.case_id).where(*mine))}


async def is_kept_from_an_agency(tx: Transaction, tokens: Iterable[str], likely: int) -> bool:
    """Whether somebody who is likely one of these is in a case that an agency must not see."""
    alike = [found.case_id for found in await candidates(tx, tokens, None) if found.weight >= likely]
    s = schema.shut_out.c
    kept = select(s.who).where(s.hub == tx.hub, s.kind == Kind.AGENCY.value, s.case_id.in_(alike)).limit(1)
    return bool(alike) and (await tx.run(kept)).first() is not None


async def candidates(
    tx: Transaction, tokens: Iterable[str], most: int | None = MOST_CANDIDATES
) -> tuple[Candidate, ...]:
    """Subjects that share tokens and that the actor may see, strongest first; oversized tokens are passed over."""
    wanted = list(tokens)
    if not wanted:
        return ()
    useful = (
        select(_m.token)
        .where(_m.hub == tx.hub, _m.token.in_(wanted))
        .group_by(_m.token)
        .having(func.count() <= OVERSIZED)
    )  # counted over all cases: that a token is common says nothing about any one of them
    rows = await tx.run(_alike(tx, _m.token.in_(useful)).limit(most))
    return tuple(map(_candidate, rows))


async def search(
    tx: Transaction, tokens: Iterable[str], most: int, beyond: tuple[Any, ...] | None = None
) -> tuple[tuple[Candidate, ...], int]:
    """As `candidates`, of common names too: whoever looks for somebody is told of all there are. So many of those
    that stand `beyond` a place, and how many of these there are altogether that the actor may see."""
    alike = _alike(tx, _m.token.in_(list(tokens)))
    if beyond is not None:
        alike = alike.having(_stands_beyond(*beyond))
    rows = (await tx.run(alike.add_columns(func.count().over().label("all")).limit(most))).all()
    return tuple(map(_candidate, rows)), rows[0].all if rows else 0


_WEIGHT, _SHARED = func.sum(_m.weight), func.count()


def _alike(tx: Transaction, shared: ColumnElement[bool]) -> Select[Any]:
    """By weight; of those that are alike, first who is written the same (a token without a weight of its own)."""
    return (
        select(_m.case_id, _m.subject, _WEIGHT.label("total"), _SHARED.label("shared"))
        .where(_m.hub == tx.hub, shared, viewing.visible(tx, _m.case_id))
        .group_by(_m.case_id, _m.subject)
        .order_by(_WEIGHT.desc(), _SHARED.desc(), _m.case_id, _m.subject)
    )


def _stands_beyond(weight: int, shared: int, case_id: str, subject: str) -> ColumnElement[bool]:
    """Behind this place in that order."""
    further = tuple_(_m.case_id, _m.subject) > tuple_(literal(case_id), literal(subject))
    alike = and_(literal(weight) == _WEIGHT, or_(shared > _SHARED, and_(literal(shared) == _SHARED, further)))
    return or_(weight > _WEIGHT, alike)


def _candidate(row: Any) -> Candidate:
    return Candidate(row.case_id, row.subject, int(row.total), int(row.shared))
