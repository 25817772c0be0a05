"""What a server's reply means, and what a relay may be told to do."""

from __future__ import annotations

import pytest

from mailflow.sender import Deferred, Refused, Relay
from mailflow.verdict import Phase, judge


def test_no_tls_is_for_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Relay("relay.hub.example", 25, "loopback")


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("code", range(400, 500, 7))
def test_every_4xx_is_a_deferral(phase: Phase, code: int) -> None:
    assert isinstance(judge(phase, code, ""), Deferred)


def test_a_servers_words_are_bounded_and_on_one_line() -> None:
    verdict = judge(Phase.RCPT, 550, "a\nb\x00é" + "x" * 5000)
    assert isinstance(verdict, Refused)
    assert verdict.why.startswith("a b??xxx")
    assert len(verdict.why) == 400
