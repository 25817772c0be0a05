"""What an act lacks is told all at once, with the codes that would do for whoever sees no form."""

from __future__ import annotations

import pytest

from exchange.cli_case import _pairs
from exchange.desk.given import Given, Lacking
from exchange.desk.needs import CODES, NEEDS


def test_what_is_lacking_is_told_with_what_would_do_and_beside_its_input_without() -> None:
    with pytest.raises(Lacking, match="Choose why, one of conflict, ") as refused:
        Given({"kind": ("agency",), "who": ("police",)}).complete(NEEDS["restrict"], CODES["restrict"])
    assert refused.value.faults["why"] == "Choose why"
    assert "Write the reason: it is part of the record" in str(refused.value)


def test_codes_are_told_of_values_that_are_needed() -> None:
    assert not [act for act, of in CODES.items() if set(of) - set(NEEDS[act])]


def test_subjects_may_be_written_together_and_nothing_else_is_taken_apart() -> None:
    assert _pairs(("subjects=s1,s2", "reason=one, two", "subjects=s3")) == {
        "subjects": ("s1", "s2", "s3"), "reason": ("one, two",),
    }  # fmt: skip
