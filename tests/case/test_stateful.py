"""A case lived through by a machine that does anything at any time: people, machines, silence, duplicates, late news.

The letters are those of the closed loop's invariants, (a) to (i); of (d), that every mail ends in exactly one place,
tests/exchange/test_placing.py speaks, for no case knows of a mail that belongs to none. What holds for one order of
events each stands in the test_invariants files; here all of it holds together, step by step.
"""

from __future__ import annotations

from datetime import datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exchange.case.acknowledgement import Acknowledgement, Answer
from exchange.case.advance import CannotHappen, advance
from exchange.case.delivery import Delivery, News
from exchange.case.effect import SendLetter
from exchange.case.event import ClockRanOut, Closed, Event, PacketNews
from exchange.case.feedback import SETTLED
from exchange.case.lateral_check import Decline, Recalled
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


GONE = frozenset({Delivery.ACCEPTED, Delivery.DELIVERED})  # as far as servers have said; a person may have fetched it


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

    @precondition(lambda self: any(leg.delivery in GONE for leg in self.story.case.legs))
    @rule(data=st.data())
    def a_bounce_comes_after_it_was_delivered(self, data: st.DataObject) -> None:
        """(b) The leg is open again: somebody rings an agency that does not have what it is waited for."""
        case = self.story.case
        leg = data.draw(st.sampled_from([leg for leg in case.legs if leg.delivery in GONE]))
        self._tell(PacketNews(at(500), leg.id, News.BOUNCED))
        after = self.story.leg(leg.id)
        assert after.failed
        if leg.owing and leg.acknowledged_at is None and not case.closed:
            assert f"telephone:{leg.id}" in self.story.tasks
            assert after.owing

    @rule()
    def somebody_closes_it_who_says_nothing_of_what_is_open(self) -> None:
        """(c) That is refused while a leg is open or the referrer has not been told."""
        before = self.story.case
        if self._tell(Closed(at(2000), "manager-1")) and not before.closed:
            assert before.set_aside or before.feedback in SETTLED
            assert not any(leg.owing for leg in before.legs)

    @precondition(lambda self: any(leg.owing and leg.acknowledged_at is None for leg in self.story.case.legs))
    @rule(data=st.data())
    def an_acknowledgement_comes_late(self, data: st.DataObject) -> None:
        """(g) It ends what was climbing, and asks for no letter that was asked for before."""
        waits = [leg.id for leg in self.story.case.legs if leg.owing and leg.acknowledged_at is None]
        leg = data.draw(st.sampled_from(waits))
        asked = set(self.story.letters)
        if self._tell(says(Answer.RECEIVED, leg, 600)) and self.story.leg(leg).acknowledged_at:
            assert f"remind:{leg}" not in self.story.clocks
            assert not [key for key in self.story.waiting if key.startswith(f"lead:{leg}:")]
            assert not {e.key for e in self.story.effects if isinstance(e, SendLetter)} & asked

    @precondition(lambda self: self.story.clocks)
    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        """One of the clocks that run runs out, when it is due."""
        name = data.draw(st.sampled_from(sorted(self.story.clocks)))
        self._tell(ClockRanOut(self.story.clocks[name], name))

    @rule(data=st.data())
    def it_comes_once_more(self, data: st.DataObject) -> None:
        """(h) A duplicate, however late, takes nothing back."""
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
        """Who owes something in an open case has a clock running, or a person was asked."""
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
    def a_decline_ends_in_a_re_route_in_more_or_in_a_decision(self) -> None:
        """(e) Until then somebody is asked, and what follows from it is in the record."""
        if not self.happened:
            return
        decided = {s.id for s in self.story.case.subjects if s.decision}
        for leg in self.story.case.legs:
            if leg.decline is Decline.OPEN and not set(leg.subjects) <= decided:
                assert f"declined:{leg.id}" in self.story.tasks, leg.id
            assert leg.decline is not Decline.REROUTED or leg.rerouted_to
            settled = any(stamp.code == "decline_settled" for stamp in leg.evidence)
            assert leg.decline is not Decline.SETTLED or settled

    @invariant()
    def history_only_grows(self) -> None:
        """(f) Nothing that crosses erases an answer, a packet, a decision or a rating, nor an acknowledgement."""
        if self.before is None:
            return
        for old, new in zip(self.before.legs, self.story.case.legs, strict=False):
            assert (old.id, old.agency, old.opened_at) == (new.id, new.agency, new.opened_at)
            assert old.acknowledgement is Acknowledgement.AWAITED or new.acknowledged_at == old.acknowledged_at
            assert old.recall is new.recall or old.response is new.response  # a recall that crosses an answer
        assert self.story.case.contributions[: len(self.before.contributions)] == self.before.contributions
        for was, now in zip(self.before.subjects, self.story.case.subjects, strict=False):
            assert now.decisions[: len(was.decisions)] == was.decisions
            assert now.ratings[: len(was.ratings)] == was.ratings

    @invariant()
    def nobody_reads_what_they_must_not(self) -> None:
        """No packet gives away a protected place or somebody it is not about, but by a named release."""
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
