"""What is most urgent is somebody's at any hour: the duty team's only once a named person there has accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exchange.case.advance import CannotHappen
from exchange.case.calendar import Calendar
from exchange.case.decision import Decision
from exchange.case.duty import DutyAccepted, DutyReturned, Handing
from exchange.case.effect import TaskKind
from exchange.case.escalation import CallMade
from exchange.case.event import ClockRanOut, Closed, ContactReceived, Event, InformationAdded, LookedAt, Rated
from exchange.case.sorting import Sorted, Sorting, SubjectAdded
from tests.case.stories import Story, child, contact, decides, with_rules

LONDON = ZoneInfo("Europe/London")
EARLY_MAY = date(2027, 5, 3)
WEEK = ((time(8, 30), time(17)),) * 4
HUB = Calendar("Europe/London", (*WEEK, (time(8, 30), time(16, 30)), None, None), holidays=frozenset({EARLY_MAY}))
RULES = with_rules(calendar=HUB)


def on(day: int, hour: int, minute: int = 0, month: int = 4) -> datetime:
    """A moment of spring 2027 by the clock on the wall."""
    return datetime(2027, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def comes(at: datetime, **more: object) -> ContactReceived:
    return replace(contact(child(), channel="web"), at=at, **more)  # type: ignore[arg-type]


def rates(at: datetime, code: str = "red") -> Rated:
    return Rated(at, "duty-1", "s1", code)


def told(*events: Event) -> Story:
    return Story(*events, rules=RULES)


def state(story: Story) -> Handing:
    return story.case.duties[0].state


FRIDAY = on(30, 16, 55)


def test_scenario_8_red_at_1655_on_the_friday_before_a_bank_holiday() -> None:
    story = told(comes(FRIDAY, danger=True), LookedAt(FRIDAY, "duty-1", "red"), rates(FRIDAY))
    assert story.clocks["decide:s1"] == on(30, 20, 55)
    assert story.tasks["duty"].kind is TaskKind.DUTY
    assert story.tasks["duty"].due == FRIDAY
    assert state(story) is Handing.OFFERED  # a mail was sent, perhaps: that hands nothing over
    story.tell(DutyAccepted(on(30, 17, 13), "duty-1", on(30, 17, 12)))
    assert state(story) is Handing.ACCEPTED
    assert story.case.duties[0].accepted_at == on(30, 17, 12)
    assert "duty" not in story.tasks
    assert story.clocks["decide:s1"] == on(30, 20, 55)  # the hub's clocks run on
    assert story.clocks["duty"] == on(4, 8, 30, month=5)
    weekend(story, until=on(4, 8, 30, month=5) - timedelta(minutes=1))
    assert not story.case.closed
    assert {TaskKind.DECIDE, TaskKind.SILENT_AGENCY} <= story.kinds()
    assert TaskKind.RETURN_NOTE not in story.kinds()
    story.run_out("duty")
    assert story.tasks["return_note"].kind is TaskKind.RETURN_NOTE
    assert story.tasks["return_note"].due == on(4, 8, 30, month=5)
    story.run_out("duty")
    assert story.clocks["duty"] == on(4, 10, 30, month=5)
    story.tell(DutyReturned(on(4, 10, 40, month=5), "duty-1"))
    assert "return_note" not in story.tasks
    assert story.clocks["duty"] == on(4, 17, month=5)  # still red and undecided: this evening it is offered anew


def weekend(story: Story, until: datetime) -> None:
    """Let every clock speak that runs out until then, in its order."""
    while due := sorted((due, name) for name, due in story.clocks.items() if due <= until):
        story.run_out(due[0][1])


def test_who_has_not_accepted_is_pressed_day_and_night_until_the_day_team_is_there() -> None:
    story = told(comes(FRIDAY, danger=True), rates(FRIDAY))
    assert story.clocks["duty"] == on(30, 17, 55)
    story.run_out("duty")
    assert story.clocks["duty"] == on(30, 18, 55)
    story.tell(ClockRanOut(on(4, 8, 35, month=5), "duty"))
    assert "duty" in story.tasks  # nothing closes by itself
    assert story.clocks["duty"] == on(4, 17, month=5)


def test_what_is_red_while_the_hub_is_open_is_offered_when_it_closes() -> None:
    story = told(comes(on(29, 15)), LookedAt(on(29, 15), "duty-1", "red"))
    assert story.clocks["duty"] == on(29, 17)
    assert not story.case.duties
    story.tell(rates(on(29, 15, 10)))
    assert story.clocks["duty"] == on(29, 17)
    story.run_out("duty")
    assert story.tasks["duty"].due == on(29, 17)


def test_what_is_decided_or_less_urgent_is_offered_to_nobody() -> None:
    story = told(comes(on(29, 15)), rates(on(29, 15)))
    story.tell(rates(on(29, 16), "green"))
    assert "duty" not in story.clocks
    story.tell(rates(on(29, 16, 10)))
    decided = decides()
    story.tell(replace(decided, at=on(29, 16, 20)))
    assert "duty" not in story.clocks
    assert story.tell(ClockRanOut(on(29, 17), "duty")).case.duties == ()


def test_a_decision_by_people_of_the_hub_settles_an_offer() -> None:
    story = told(comes(FRIDAY, danger=True), rates(FRIDAY))
    story.tell(replace(decides(decision=Decision.SECTION_47), at=on(30, 17, 5)))
    assert state(story) is Handing.SETTLED
    assert "duty" not in {*story.tasks, *story.clocks}
    story.tell(DutyAccepted(on(30, 17, 10), "duty-1", on(30, 17, 4)))  # they had said yes meanwhile
    assert state(story) is Handing.ACCEPTED
    assert "duty" in story.clocks


def test_a_decision_does_not_end_what_a_duty_team_has_in_hand() -> None:
    story = told(comes(FRIDAY, danger=True), rates(FRIDAY), DutyAccepted(on(30, 17, 12), "duty-1", on(30, 17, 12)))
    story.tell(replace(decides(), at=on(30, 18)), Closed(on(30, 19), "manager-1", override=True))
    assert story.clocks["duty"] == on(4, 8, 30, month=5)
    assert TaskKind.RETURN_NOTE in story.run_out("duty").kinds()


def test_what_nobody_has_read_in_time_counts_as_the_most_urgent() -> None:
    story = told(comes(FRIDAY))
    assert not story.case.duties
    assert TaskKind.DUTY in story.run_out("first_look").kinds()


def test_a_contact_that_is_not_typed_in_yet_is_offered_by_what_is_known_of_it() -> None:
    looked = told(replace(comes(FRIDAY), subjects=()), LookedAt(FRIDAY, "duty-1", "red"))
    assert looked.case.duties
    danger = told(replace(comes(FRIDAY), subjects=(), danger=True), LookedAt(FRIDAY, "duty-1", "green"))
    assert danger.case.duties
    assert not told(replace(comes(FRIDAY), subjects=()), LookedAt(FRIDAY, "duty-1", "green")).case.duties


def test_what_is_set_aside_is_offered_to_nobody() -> None:
    story = told(comes(on(29, 15)), rates(on(29, 15)))
    story.tell(Sorted(on(29, 15, 5), "duty-1", Sorting.DUPLICATE, "MASH-0000-0000"))
    assert "duty" not in story.clocks


def test_what_is_not_in_hand_cannot_be_accepted_twice_or_returned() -> None:
    story = told(comes(on(29, 15)))
    for event in (DutyAccepted(on(29, 16), "duty-1", on(29, 16)), DutyReturned(on(29, 16), "duty-1")):
        with pytest.raises(CannotHappen, match="duty team"):
            story.tell(event)
    story = told(comes(FRIDAY, danger=True))
    with pytest.raises(CannotHappen, match="record first who"):
        story.tell(DutyReturned(on(30, 17), "duty-1"))
    story.tell(DutyAccepted(on(30, 17), "duty-1", on(30, 17)))
    with pytest.raises(CannotHappen, match="one person there has it"):
        story.tell(DutyAccepted(on(30, 17, 5), "duty-1", on(30, 17, 5)))


def test_a_hub_that_never_closes_hands_nothing_over() -> None:
    story = Story(comes(FRIDAY, danger=True))
    assert not story.case.duties
    assert "duty" not in story.clocks


def test_a_call_in_vain_to_the_duty_team_is_kept_and_the_offer_goes_on_being_pressed() -> None:
    story = told(comes(FRIDAY, danger=True), rates(FRIDAY))
    clocks = dict(story.clocks)
    story.tell(CallMade(on(30, 17, 5), "duty-1", "duty", reached=False, rang_at=on(30, 17, 2)))
    assert [(c.about, c.at, c.reached) for c in story.case.calls] == [("duty", on(30, 17, 2), False)]
    assert state(story) is Handing.OFFERED
    assert "duty" in story.tasks
    assert story.clocks == clocks
    assert story.run_out("duty").tasks["duty"].kind is TaskKind.DUTY
    with pytest.raises(CannotHappen, match="nothing of this case is with the duty team"):
        told(comes(on(28, 10))).tell(CallMade(on(28, 11), "duty-1", "duty", reached=False))


def test_a_note_that_comes_before_the_hub_opens_leaves_it_in_their_hands_until_it_does() -> None:
    story = told(comes(FRIDAY, danger=True), LookedAt(FRIDAY, "duty-1", "red"), rates(FRIDAY))
    story.tell(DutyAccepted(on(30, 17, 12), "duty-1", on(30, 17, 12)), DutyReturned(on(4, 7, month=5), "duty-1"))
    assert [d.state for d in story.case.duties] == [Handing.RETURNED]
    assert "duty" not in story.tasks
    assert story.clocks["duty"] == on(4, 17, month=5)  # this evening, if it is undecided still
    assert len(story.run_out("duty").case.duties) == 2


@pytest.mark.parametrize(
    "new",
    [
        rates(on(4, 7, 30, month=5)),
        InformationAdded(on(4, 6, 59, month=5), "referrer", "web"),
        SubjectAdded(on(4, 7, 30, month=5), "duty-1", child("s2"), ()),
    ],
)
def test_what_is_new_after_the_note_is_offered_in_the_same_night(new: Event) -> None:
    before = (comes(FRIDAY, danger=True), LookedAt(FRIDAY, "duty-1", "red"), rates(FRIDAY))
    story = told(*before, DutyAccepted(on(30, 17, 12), "duty-1", on(30, 17, 12)))
    note = DutyReturned(on(4, 7, month=5), "duty-1")
    story.tell(new, note) if new.at < note.at else story.tell(note, new)
    if "first_look" in story.clocks:
        story.run_out("first_look")
    assert [d.state for d in story.case.duties] == [Handing.RETURNED, Handing.OFFERED]
