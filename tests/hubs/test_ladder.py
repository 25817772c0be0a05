"""What a hub file says of silence: the ladder, its steps, the hour of the digest and what counts as drift."""

from __future__ import annotations

from datetime import time

import pytest

from exchange.case.clock import read_spec
from exchange.case.escalation import EscalationRules, Rung
from exchange.hubs.loader import HubFileRefused, packaged, read

EXAMPLE = packaged("example")


def test_the_example_says_all_of_it() -> None:
    rules = read(EXAMPLE).rules
    assert rules.escalation.ladder == tuple(Rung)
    assert rules.escalation.step == read_spec("2wh")
    assert rules.escalation.red_step == read_spec("20m")
    assert rules.escalation.duty_again == read_spec("30m")
    assert rules.digest == time(9)
    assert rules.drift == read_spec("24h")


def test_all_but_the_step_may_be_left_out() -> None:
    rules = read(packaged("demo")).rules
    assert rules.escalation == EscalationRules(step=read_spec("10s"))
    assert rules.digest is None


@pytest.mark.parametrize(
    ("written", "wrong", "what"),
    [
        ('red_step = "20m"', 'red_step = "2wh"', "stands still out of hours"),
        ('duty_again = "30m"', 'duty_again = "1wd"', "stands still out of hours"),
        ('"manager", "board"]', '"manger"]', "did you mean manager"),
        ('digest = "09:00"', 'digest = "nine"', "not a time of the day"),
        ('digest = "09:00"', "digest = 9", "not text"),
    ],
)
def test_what_would_not_be_loud_is_refused(written: str, wrong: str, what: str) -> None:
    assert written in EXAMPLE
    with pytest.raises(HubFileRefused, match=what):
        read(EXAMPLE.replace(written, wrong))
