"""Every case is somebody's: whoever looked first, until somebody takes it or is given it."""

from __future__ import annotations

import pytest

from exchange.case.advance import CannotHappen
from exchange.case.event import LookedAt
from exchange.case.ownership import Owned
from tests.case.stories import CLOSE_ANYWAY, LOOK, Story, at, child, contact


def test_whoever_looks_first_owns_it_until_it_is_given_to_somebody() -> None:
    story = Story(contact(child()))
    assert story.case.owner == ""
    story.tell(LOOK, LookedAt(at(9), "duty-2", "red"))
    assert story.case.owner == "duty-1"
    assert story.tell(Owned(at(10), "manager-1", "duty-3", "duty-1")).case.owner == "duty-3"


def test_who_took_it_before_anybody_looked_keeps_it() -> None:
    assert Story(contact(child()), Owned(at(1), "duty-3", "duty-3"), LOOK).case.owner == "duty-3"


def test_a_closed_case_is_given_to_nobody() -> None:
    with pytest.raises(CannotHappen, match="closed"):
        Story(contact(child()), CLOSE_ANYWAY, Owned(at(3000), "duty-3", "duty-3"))
