"""The sieve: what somebody wants to see of the queue, read from the address, so that a colleague opens the same.

1. What cannot be (a rating or an agency that the hub does not have) is as if it had not been asked for: nobody reads
   an empty list and thinks that all is well.
2. What others owe and is not late yet is left to the page of the silent: the queue says how much that is.
3. A sieve hides nothing unsaid: what is chosen stands above the list, each with a way to take it back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.web.worklist import Work

NOT_RATED, MINE, NOBODY, YES = "none", "me", "nobody", "yes"
ALL = "all"  # what others owe in time, too
BY_RATING, BY_AGENCY = "rating", "agency"  # the other orders; by when it is due is the usual one
QUEUE = "/desk"


@dataclass(frozen=True, slots=True)
class Sieve:
    """Each "" lets everything through."""

    rating: str = ""  # a code, or NOT_RATED
    late: str = ""  # YES
    unread: str = ""  # YES: only cases that nobody has looked at
    owner: str = ""  # who follows the case: a member of staff, MINE or NOBODY
    agency: str = ""  # who was asked
    cohort: str = ""  # stream of work
    order: str = ""  # BY_RATING or BY_AGENCY
    show: str = ""  # ALL; otherwise what the desk must do, and what is late

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen of what the queue shows of itself, by name."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) and f.name not in _WIDER}

    def values(self) -> dict[str, str]:
        """What stands in the form that chooses."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def address(self, page: str = QUEUE, /, **changed: str) -> str:
        """The address of a page, seen through this sieve with these changes."""
        other = replace(self, **changed)
        query = urlencode({f.name: value for f in fields(other) if (value := getattr(other, f.name))})
        return f"{page}?{query}" if query else page

    def keeps(self, case: Case, viewer: str) -> bool:
        """Whether a case is one of those asked for, by all that a case can tell."""
        return all(self._tests(case, viewer))

    def _tests(self, case: Case, viewer: str) -> Iterator[bool]:
        yield not self.unread or case.looked_at is None
        yield not self.owner or case.owner == {MINE: viewer, NOBODY: ""}.get(self.owner, self.owner)
        yield not self.cohort or any(s.codes.cohort == self.cohort for s in case.subjects)
        yield not self.agency or self.agency in _asked(case)
        yield not self.rating or self.rating in _ratings(case)

    def keeps_matter(self, one: Work, case: Case | None, viewer: str, *, late: bool) -> bool:
        """Whether a matter is; what is of no case is only shown to who has not asked for a kind of case."""
        if (self.late and not late) or not (self.show or late or one.for_the_desk):
            return False
        if self.rating and (one.of_nobody or (one.rating or NOT_RATED) != self.rating):
            return False
        if self.agency and one.owed and one.owed.agency not in ("", self.agency):
            return False
        of_case = replace(self, rating="", late="")
        return of_case.keeps(case, viewer) if case else not of_case.chosen


_WIDER = frozenset({"order", "show"})  # they take nothing away


def sieve(query: Mapping[str, str], rules: Rules, members: Collection[str]) -> Sieve:
    """What the address asks for, as far as this hub has it."""
    known: dict[str, Collection[str]] = {
        "rating": {NOT_RATED, *(r.code for r in rules.ratings)}, "late": {YES}, "unread": {YES},
        "owner": {MINE, NOBODY, *members}, "agency": {a.id for a in rules.agencies}, "cohort": set(rules.cohorts),
        "order": {BY_RATING, BY_AGENCY}, "show": {ALL},
    }  # fmt: skip
    return Sieve(**{name: query[name] for name, of in known.items() if query.get(name) in of})


def _ratings(case: Case) -> frozenset[str]:
    given = {s.rating or NOT_RATED for s in case.subjects if s.in_error is None}
    return frozenset(given or {case.provisional or NOT_RATED})


def _asked(case: Case) -> frozenset[str]:
    seats = (i.agency for d in case.discussions for i in d.invitees)
    return frozenset({*(leg.agency for leg in case.legs if not leg.shut_out), *seats})
