"""What may be destroyed, and what keeps it from being destroyed."""

from __future__ import annotations

from itertools import product

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import CannotHappen
from exchange.case.disposal import (
    Disposal,
    Disposed,
    HoldReason,
    Keep,
    LegalHoldLifted,
    LegalHoldSet,
    RecordType,
    Since,
)
from exchange.case.disposing import on_hold
from exchange.case.effect import CloseTask
from exchange.case.event import Answered, Event
from tests.case.stories import CLOSE_ANYWAY, Story, at, child, contact

TOLD = Answered(at(30), "police", "l1", Answer.INFORMATION, Proof.DKIM, "mail", contribution="c1")
CLOSED = (contact(child()), TOLD, CLOSE_ANYWAY)
COURT, INQUIRY = HoldReason.COURT, HoldReason.INQUIRY


def holds(why: HoldReason = COURT, after: float = 3000) -> LegalHoldSet:
    return LegalHoldSet(at(after), "records-1", why)


def lifts(why: HoldReason = COURT, after: float = 4000) -> LegalHoldLifted:
    return LegalHoldLifted(at(after), "records-1", why)


def disposes(*parts: str, after: float = 5000, due: float = 4500) -> Disposed:
    return Disposed(at(after), "records-1", parts or ("s1", "transport"), "nfa 6y from last_contact", at(due))


def refused(story: Story, event: Event, why: str) -> None:
    """The case refuses it, in these words, and nothing changed."""
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before


def test_what_is_due_is_disposed_of_by_a_named_person_under_a_named_rule() -> None:
    story = Story(*CLOSED, disposes("c1"), disposes("case", "s1", after=5001))
    assert story.case.disposals == (
        Disposal(at(5000), "records-1", ("c1",), "nfa 6y from last_contact"),
        Disposal(at(5001), "records-1", ("case", "s1"), "nfa 6y from last_contact"),
    )
    assert story.effects == (CloseTask("dispose"),)


def test_a_hold_refuses_disposal() -> None:
    story = Story(*CLOSED, holds())
    refused(story, disposes(), "a legal hold stands")
    story.tell(holds(INQUIRY), lifts())
    refused(story, disposes(), "a legal hold stands")
    story.tell(lifts(INQUIRY))
    assert story.tell(disposes()).case.disposals


def test_nothing_of_an_open_case_is_disposed_of() -> None:
    refused(Story(contact(child())), disposes(), "this case is open")


def test_nothing_is_disposed_of_before_it_is_due() -> None:
    refused(Story(*CLOSED), disposes(after=4499), "not due yet")


@pytest.mark.parametrize("parts", [("s9",), ("c9", "s1"), ("",)])
def test_only_parts_of_the_case_are_disposed_of(parts: tuple[str, ...]) -> None:
    refused(Story(*CLOSED), disposes(*parts), "name parts of this case")
    nothing = Disposed(at(5000), "records-1", (), "none", at(4500))
    refused(Story(*CLOSED), nothing, "name parts of this case")


def test_every_hold_meets_every_move() -> None:
    """The walk: never held, held, lifted, each met by setting and lifting for the same reason and another."""
    for stage, (asked, held) in product(range(3), product((COURT, INQUIRY), repeat=2)):
        story = Story(*CLOSED, *(holds(held), lifts(held))[:stage])
        stands = stage == 1
        assert on_hold(story.case) is stands
        if stands and asked is held:
            before = story.case
            assert story.tell(holds(asked, 3001)).case == before
            story.tell(lifts(asked))
            assert story.case.holds[0].lifted_by == "records-1"
        else:
            refused(story, lifts(asked), "not held for this reason")
            story.tell(holds(asked, 4100))
            assert len(story.case.holds) == (stage > 0) + 1
        assert on_hold(story.case) is not (stands and asked is held)


def test_an_open_case_may_be_held() -> None:
    assert on_hold(Story(contact(child()), holds(after=9)).case)


@pytest.mark.parametrize(
    ("row", "text"), [({"years": 6}, "6y"), ({"days": 30}, "30d"), ({"years": 1, "days": 1}, "1y1d")]
)
def test_a_length_is_written_as_in_the_hub_file(row: dict[str, int], text: str) -> None:
    assert Keep(RecordType.NFA, Since.CLOSED, **row).length == text
