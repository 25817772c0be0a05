"""In part: a referral of which one answer cannot be read is taken with all others, and that one is held as written.

1. Its sender is not there to mend it, as at a form: a wrong date of birth must not cost the clocks of a frightened
   child. A person is asked to compare, and to ring whoever wrote it.
2. What protects somebody is never left out: where such an answer cannot be read, a person types all of it in.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from exchange.case.fields import BY_KEY, Kind
from exchange.case.referral import Problem, Referral, ReferralRefused, read

# Who must not see it, where it is safe to write, and what may be shared (rule 2).
_PROTECTS = frozenset(
    {"keep_from", "safe_contact", "safe_to_contact", "mail_shared", "feedback_route", "address_protected",
     "immediate_danger", "informed", "consent", "share", "why_not", "capacity", "unborn", "lives_there"}
)  # fmt: skip
_LISTS = {"subjects": "subject", "household": "person"}
_READ_ALONE = frozenset({Kind.DATE, Kind.CHOICE, Kind.SEVERAL})
LONGEST = 200  # characters of what was written that are told


def read_in_part(data: object) -> tuple[Referral, tuple[Problem, ...]]:
    """The referral, and what was held. Raises ReferralRefused where that cannot be told apart, or rule 2 forbids."""
    try:
        return read(data), ()
    except ReferralRefused as refused:
        if not isinstance(data, Mapping) or not all(_may_be_held(p, data) for p in refused.problems):
            raise
        left = copy.deepcopy(dict(data))
        for problem in refused.problems:
            _take(left, problem.where)
        return read(left), refused.problems


def as_written(data: Any, problem: Problem) -> str:
    """One problem with what was written there."""
    holder, name = _holder(data, problem.where) or ({}, "")
    written = " ".join(str(holder.get(name, "")).split())[:LONGEST]
    shown = f"“{written}” is " if written else ""
    return f"{problem.where}: {shown}{problem.what} ({problem.remedy})"


def _may_be_held(problem: Problem, data: Mapping[Any, Any]) -> bool:
    """One answer of its own that protects nobody."""
    found = _holder(data, problem.where)
    if found is None or not isinstance(found[0].get(found[1]), str):
        return False
    section, _, _ = problem.where.partition(".")
    asked = BY_KEY.get(f"{_LISTS.get(section, section)}.{found[1]}")
    return asked is not None and asked.kind in _READ_ALONE and found[1] not in _PROTECTS


def _take(data: dict[str, Any], where: str) -> None:
    found = _holder(data, where)
    if found:
        found[0].pop(found[1], None)


def _holder(data: Any, where: str) -> tuple[Any, str] | None:
    """(the answers that an answer stands among, its name), by its path (`subjects.2.date_of_birth`)."""
    *way, name = where.split(".")
    for step in way:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and 1 <= int(step) <= len(data):
            data = data[int(step) - 1]
        else:
            return None
    return (data, name) if isinstance(data, Mapping) and way else None
