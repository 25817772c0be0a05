"""Every decision has words for people."""

from __future__ import annotations

from exchange.case.decision import LABELS, Decision


def test_every_decision_has_a_label_of_its_own() -> None:
    assert set(LABELS) == set(Decision)
    assert len(set(LABELS.values())) == len(Decision)
