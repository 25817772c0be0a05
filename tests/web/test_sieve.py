"""What was chosen of the queue is in the address, hides nothing unsaid, and what cannot be is not chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from exchange.case.effect import TaskKind
from exchange.case.event import LookedAt
from exchange.owed import Owed
from exchange.store.tasks import Task
from exchange.web.sieve import ALL, MINE, NOBODY, NOT_RATED, YES, Sieve, sieve
from exchange.web.worklist import Work, by_due
from tests.case.stories import RULES, Story, at, child, contact, rates

CASE = replace(Story(contact(child(), child("s2")), rates("s1", "red")).case, owner="manager-1")
UNREAD = Story(contact(child())).case


def owes(what: str = "answer", owner: str = "Police", rating: str = "red", agency: str = "police") -> Work:
    owed = Owed("c", "MASH-1", what, "l1", owner, at(), at(5), False, "", rating, "ring", None, "", agency=agency)
    return Work("c", owed, (), rating)


def asked(kind: str, due: datetime, case: str = "c", rating: str = "red") -> Work:
    return Work(case, None, (Task(case, kind, kind, "", at(), due, 0),), rating)


@pytest.mark.parametrize(
    ("seen", "keeps"),
    [
        (Sieve(), True),
        (Sieve(rating="red"), True),
        (Sieve(rating="amber"), True),  # of two children one is amber so far
        (Sieve(rating=NOT_RATED), False),
        (Sieve(rating="green"), False),
        (Sieve(owner=MINE), True),
        (Sieve(owner="manager-1"), True),
        (Sieve(owner=NOBODY), False),
        (Sieve(owner="officer-1"), False),
        (Sieve(agency="police"), True),
        (Sieve(agency="nobody_asked"), False),
        (Sieve(unread=YES), False),
        (Sieve(cohort="missing"), False),
    ],
)
def test_a_case_is_kept_when_all_that_was_chosen_fits(seen: Sieve, keeps: bool) -> None:
    read = Story(contact(child(), child("s2")), LookedAt(at(1), "manager-1", "amber"), rates("s1", "red")).case
    assert seen.keeps(replace(read, owner="manager-1"), "manager-1") is keeps


def test_nobody_has_looked_at_it_yet() -> None:
    assert Sieve(unread=YES).keeps(UNREAD, "manager-1")
    assert Sieve(rating=NOT_RATED).keeps(UNREAD, "manager-1")
    assert Sieve(owner=NOBODY).keeps(UNREAD, "manager-1")


def test_what_others_owe_in_time_is_shown_only_when_asked_for() -> None:
    assert not Sieve().keeps_matter(owes(), CASE, "manager-1", late=False)
    assert Sieve().keeps_matter(owes(), CASE, "manager-1", late=True)
    assert Sieve(show=ALL).keeps_matter(owes(), CASE, "manager-1", late=False)
    assert Sieve().keeps_matter(owes("decision", "the hub", agency=""), CASE, "manager-1", late=False)


def test_a_matter_is_kept_by_its_own_rating_and_agency() -> None:
    wide = Sieve(show=ALL)
    assert replace(wide, rating="red", agency="police").keeps_matter(owes(), CASE, "m", late=False)
    assert not replace(wide, rating="amber").keeps_matter(owes(), CASE, "m", late=False)
    assert not replace(wide, agency="health").keeps_matter(owes(), CASE, "m", late=False)
    assert not replace(wide, late=YES).keeps_matter(owes(), CASE, "m", late=False)


def test_what_is_of_no_case_goes_with_no_choice_of_cases() -> None:
    pen = asked(TaskKind.HOLDING_PEN, at(1), case="")
    assert Sieve().keeps_matter(pen, None, "m", late=False)
    assert not Sieve(owner=MINE).keeps_matter(pen, None, "m", late=False)
    key = asked(TaskKind.KEY_ENDS, at(1), case="", rating="")
    assert not Sieve(rating=NOT_RATED).keeps_matter(key, None, "m", late=False)


def test_the_address_says_what_was_chosen_and_is_read_back() -> None:
    rules = replace(RULES, cohorts=("missing",))
    chosen = Sieve(rating="red", late=YES, owner=MINE, agency="police", cohort="missing", order="rating")
    query = {name: value[0] for name, value in parse_qs(urlsplit(chosen.address()).query).items()}
    assert sieve(query, rules, ["manager-1"]) == chosen
    assert "late" not in chosen.address(late="")
    assert Sieve().address() == "/desk"


def test_what_this_hub_does_not_have_is_not_chosen() -> None:
    given = {"rating": "purple", "late": "1", "owner": "<b>", "agency": "x", "cohort": "x", "order": "x", "show": "x"}
    assert sieve(given, RULES, ["manager-1"]) == Sieve()


def test_soonest_due_first_and_what_is_about_nobody_last() -> None:
    late, soon = asked(TaskKind.DECIDE, at(1), rating="green"), asked(TaskKind.DECIDE, at(9))
    board = asked(TaskKind.AGREEMENT, at() - timedelta(days=9), case="")
    moving = asked(TaskKind.MAILBOX_MOVES, at(5), case="")
    assert by_due([board, soon, moving, late]) == [late, moving, soon, board]
