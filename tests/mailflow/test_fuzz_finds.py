"""What fuzzing found stays mended, and what it begins with holds."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import TARGETS, seeds


@pytest.mark.timeout(120)
@pytest.mark.parametrize("target", TARGETS)
def test_what_was_found_is_mended(target: str) -> None:
    for octets in seeds(target):
        TARGETS[target](octets)
