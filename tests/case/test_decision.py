"""Every decision has words for people, and warns of the same whichever way it came to a specialist route."""

from __future__ import annotations

import pytest

from exchange.case.addressee import topics
from exchange.case.decision import LABELS, ROUTES, Decision, Specialist
from exchange.hubs import statutes
from tests.case.stories import LOOK, Story, child, contact, decides, rates, with_rules


def rated() -> Story:
    """A case in which somebody may decide, under England's law."""
    return Story(contact(child()), LOOK, rates(), rules=with_rules(statute=statutes.profile("england-wt2026")))


def test_every_decision_has_a_label_of_its_own() -> None:
    assert set(LABELS) == set(Decision)
    assert len(set(LABELS.values())) == len(Decision)


@pytest.mark.parametrize("way", [Specialist.MARAC, Specialist.PREVENT, Specialist.LADO])
def test_what_is_decided_and_what_is_taken_beside_it_warn_run_and_ask_alike(way: Specialist) -> None:
    as_decision = rated().tell(decides(decision=Decision(way.value)))
    as_route = rated().tell(decides(decision=Decision.ADVICE, routes=(way,)))
    both = rated().tell(decides(decision=Decision(way.value), routes=(way,)))
    made = [story.case.subjects[0].decisions[-1] for story in (as_decision, as_route, both)]
    assert [one.ways for one in made] == [(way,)] * 3
    assert [one.warnings for one in made] == [(ROUTES[way].warning,)] * 3
    assert topics(as_decision.case, ()) == topics(as_route.case, ())
    assert as_decision.case.discreet is as_route.case.discreet is True
    clock = f"milestone:s1/{ROUTES[way].clock}"
    assert (clock in as_decision.clocks, clock in as_route.clocks) == (bool(ROUTES[way].clock),) * 2
