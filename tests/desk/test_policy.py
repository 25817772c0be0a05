"""Deny wins over every grant, and whoever reads in somebody's name reads with all of their names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.case.restriction import Kind, Restriction, Why
from exchange.policy import OPERATOR, Role, Viewer, shut_out, standing_in

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PACKAGE = Path(__file__).parent.parent.parent / "exchange"


def kept_from(kind: Kind, who: str, lifted: datetime | None = None) -> tuple[Restriction, ...]:
    return (Restriction(kind, who, Why.CONFLICT, NOW, "duty-1", lifted),)


def viewer(name: str, *roles: Role) -> Viewer:
    return Viewer(name, frozenset(roles))


@pytest.mark.parametrize("role", list(Role))
def test_deny_wins_whatever_else_somebody_may(role: Role) -> None:
    everything = viewer("duty-1", *Role)
    assert shut_out(everything, kept_from(Kind.ROLE, role))
    assert shut_out(everything, kept_from(Kind.STAFF, "duty-1"))
    assert not shut_out(everything, kept_from(Kind.STAFF, "duty-2"))
    assert not shut_out(everything, kept_from(Kind.AGENCY, "duty-1"))
    assert not shut_out(everything, kept_from(Kind.ROLE, role, lifted=NOW))
    assert not shut_out(everything, ())


def test_leave_cover_never_grants_what_is_denied() -> None:
    father = viewer("manager-2", Role.DECISION_MANAGER)
    absent = viewer("manager-1", Role.HUB_MANAGER, Role.CHAIR)
    covering = standing_in(father, absent)
    assert covering.roles == father.roles | absent.roles
    assert shut_out(covering, kept_from(Kind.STAFF, "manager-2"))
    assert shut_out(covering, kept_from(Kind.ROLE, "decision_manager"))
    assert shut_out(covering, kept_from(Kind.ROLE, "chair"))  # a team whose cover they are is shut out with them
    assert shut_out(
        covering, kept_from(Kind.STAFF, "manager-1")
    )  # nor do they see what was taken from whom they cover
    assert not shut_out(covering, kept_from(Kind.STAFF, "manager-3"))


def test_the_operator_is_never_shut_out() -> None:
    """A staff id of that name nobody has, and hub managers are shut out one by one (restricting.py)."""
    assert OPERATOR.names == {("staff", "operator"), ("role", "hub_manager")}


def test_a_viewer_reads_with_all_their_names() -> None:
    """`scope(viewer.id)` would forget the viewer's roles, and show what is kept from a team."""
    forgetful = re.compile(r"scope\((?:\w+\.)*(?:viewer|_viewer)\.id\)")
    assert [p.name for p in PACKAGE.rglob("*.py") if forgetful.search(p.read_text())] == []
