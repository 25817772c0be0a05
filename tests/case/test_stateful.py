"""A case lived through by a machine that does anything at any time: people, machines, silence, duplicates, late news.

The invariants of one order of events each stand in the test_invariants files; here they hold together, step by step.
"""

from __future__ import annotations

from datetime import datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exchange.case.acknowledgement import Acknowledgement, Answer
from exchange.case.advance import CannotHappen, advance
from exchange.case.event import ClockRanOut, Event
from exchange.case.lateral_check import Recalled
from exchange.case.outcome import HandedOver
from exchange.case.state import Case
from tests.case.happenings import BY_MACHINES, BY_PEOPLE, CHECKS, CONTACTS, GIVES_AWAY, RULES, many
from tests.case.stories import Story, at, decides, rates, says

USUAL: list[Event] = [
    rates("s1", "red"),
    decides("s1", after=60),
    HandedOver(at(70), "duty-1", "police", ("s1",)),
    says(Answer.ACCEPT, "l1", 80),
    says(Answer.DECLINE, "l1", 85),
    Recalled(at(90), "duty-1", "l1"),
]


class Life(RuleBasedStateMachine):
    """One case, and what the outside would see of it."""

    def __init__(self) -> None:
        super().__init__()
        self.happened: list[Event] = []
        self.now: datetime | None = None
        self.before: Case | None = None

    @initialize(contact=CONTACTS)
    def begins(self, contact: Event) -> None:
        """A contact comes in."""
        self.story = Story(contact, rules=RULES)
        self.happened.append(contact)

    def _tell(self, event: Event) -> bool:
        self.before = self.story.case
        try:
            self.story.tell(event)
        except CannotHappen:
            assert self.story.case == self.before
            return False
        self.happened.append(event)
        return True

    @rule(event=st.one_of(*BY_PEOPLE, CHECKS))
    def somebody_acts(self, event: Event) -> None:
        """Staff, an agency or the referrer."""
        self._tell(event)

    @rule(course=st.integers(1, len(USUAL)))
    def it_takes_its_usual_course(self, course: int) -> None:
        """Rated, decided, handed over, and what follows: in this order random acts alone seldom come there."""
        for event in USUAL[:course]:
            self._tell(event)

    @rule(event=st.one_of(*BY_MACHINES))
    def a_machine_speaks(self, event: Event) -> None:
        """Servers and absence notices: (a) they acknowledge and answer nothing."""
        was = {leg.id: (leg.acknowledgement, leg.response) for leg in self.story.case.legs}
        if self._tell(event) and not isinstance(event, ClockRanOut):
            assert was == {leg.id: (leg.acknowledgement, leg.response) for leg in self.story.case.legs}

    @precondition(lambda self: self.story.clocks)
    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        """One of the clocks that run runs out, when it is due."""
        name = data.draw(st.sampled_from(sorted(self.story.clocks)))
        self._tell(ClockRanOut(self.story.clocks[name], name))

    @rule(data=st.data())
    def it_comes_once_more(self, data: st.DataObject) -> None:
        """A duplicate, however late: (b) it takes back nothing, and no letter is asked for under two keys."""
        event = data.draw(st.sampled_from(self.happened))
        owed = {leg.id for leg in self.story.case.legs if not leg.owing}
        if self._tell(event) and not isinstance(event, ClockRanOut) and type(event).__name__ == "Answered":
            assert owed <= {leg.id for leg in self.story.case.legs if not leg.owing or leg.decline_reason}

    @invariant()
    def replay_gives_the_same_case(self) -> None:
        """(h) What was stored is what the events tell."""
        case: Case | None = None
        for event in self.happened:
            case = advance(case, event, RULES).case
        assert case == (self.story.case if self.happened else None)

    @invariant()
    def nothing_is_waited_for_in_silence(self) -> None:
        """(c) Who owes something in an open case has a clock running, or a person was asked."""
        if not self.happened or self.story.case.closed:
            return
        case, names = self.story.case, {*self.story.clocks, *self.story.tasks}
        for leg in case.legs:
            assert not leg.owing or [n for n in names if n.endswith(f":{leg.id}")], leg.id
        for owed in case.outcomes_owed:
            waits = {f"handover:{owed.leg}", f"not_taken_on:{owed.leg}"} & names
            assert not owed.offered or waits or case.shuts_out(owed.agency), owed
            assert not owed.left or f"outcome:{owed.leg}" in names or case.shuts_out(owed.agency), owed

    @invariant()
    def history_only_grows(self) -> None:
        """(d) No packet, decision, rating or release is erased, and no acknowledgement taken back."""
        if self.before is None:
            return
        for old, new in zip(self.before.legs, self.story.case.legs, strict=False):
            assert (old.id, old.agency, old.opened_at) == (new.id, new.agency, new.opened_at)
            assert old.acknowledgement is Acknowledgement.AWAITED or new.acknowledged_at == old.acknowledged_at
        for was, now in zip(self.before.subjects, self.story.case.subjects, strict=False):
            assert now.decisions[: len(was.decisions)] == was.decisions
            assert now.ratings[: len(was.ratings)] == was.ratings

    @invariant()
    def nobody_reads_what_they_must_not(self) -> None:
        """(e) No packet gives away a protected place or somebody it is not about, but by a named release."""
        if not self.happened:
            return
        case = self.story.case
        secret = {s.id for s in case.subjects if s.codes.address_protected}
        for leg in case.legs if self.before is None else case.legs[len(self.before.legs) :]:
            for name in leg.manifest:
                owner, _, plain = name.partition(".")
                assert not (owner in secret - case.released_to(leg.agency) and plain in GIVES_AWAY), name
                assert owner in leg.subjects or not owner.startswith("s"), name


Life.TestCase.settings = settings(many, max_examples=60, stateful_step_count=30)
TestLife = Life.TestCase
