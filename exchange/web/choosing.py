"""Choosing: what a list of the desk may be seen by, and what was chosen, in words with a way back."""

from __future__ import annotations

from collections.abc import Sequence

from exchange import wording
from exchange.case.rules import Rules
from exchange.web.sieve import ALL, BY_AGENCY, BY_RATING, MINE, NOBODY, NOT_RATED, QUEUE, Sieve

Option = dict[str, str]  # value and text


def chosen(seen: Sieve, rules: Rules, page: str = QUEUE) -> list[dict[str, str]]:
    """What was chosen, each with the address at which it is not."""
    words = {
        "rating": f"Rating: {_label(seen.rating, rules)}", "late": "Late only", "unread": "Not yet looked at only",
        "owner": {MINE: "Cases of mine", NOBODY: "Cases of nobody"}.get(seen.owner, f"Followed by {seen.owner}"),
        "agency": f"Asked: {wording.agency_name(seen.agency, rules)}",
        "cohort": f"Stream of work: {wording.say(seen.cohort)}",
    }  # fmt: skip
    return [{"text": words[name], "href": seen.address(page, **{name: ""})} for name in seen.chosen]


def _label(rating: str, rules: Rules) -> str:
    return "not rated" if rating == NOT_RATED else rules.rating(rating).label


def choices(rules: Rules, members: Sequence[str], viewer: str) -> dict[str, list[Option]]:
    """What may be chosen; "" is everything."""
    offered = {
        "rating": {"": "Any", **{r.code: r.label for r in rules.ratings}, NOT_RATED: "Not rated"},
        "owner": {"": "Anybody", MINE: "Me", NOBODY: "Nobody", **{m: m for m in members if m != viewer}},
        "agency": {"": "Any", **{a.id: a.name for a in rules.agencies}},
        "cohort": {"": "Any", **{c: wording.say(c).capitalize() for c in rules.cohorts}},
        "show": {"": "What the desk must do, and what is late", ALL: "What others owe in time, too"},
        "order": {"": "Soonest due first", BY_RATING: "Most urgent rating first", BY_AGENCY: "By agency"},
    }
    return {name: [{"value": v, "text": t} for v, t in of.items()] for name, of in offered.items() if len(of) > 1}
