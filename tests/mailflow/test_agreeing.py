"""An owner's plain words about what may leave the hub; in doubt a person reads them."""

from __future__ import annotations

import pytest

from mailflow.agreeing import read_agreement


@pytest.mark.parametrize(
    "words",
    ["AGREE", "agree.", "*AGREE*", "Agreed", "I agree", "We agree to this wording.", "Hello,\n\nwe agree.\n\nPat",
     "Thanks. Agreed!"],
)  # fmt: skip
def test_an_agreement(words: str) -> None:
    assert read_agreement(words) is True


@pytest.mark.parametrize(
    "words",
    ["REFUSE", "REFUSE it would identify the mother, who agreed to nothing", "We refuse: not ours to give",
     "Sorry, we do not agree.", "We don’t agree", "Not agreed", "No, I disagree", "I object to this",
     "refused\nIf you need more, ring me"],
)  # fmt: skip
def test_a_refusal_with_or_without_its_reason(words: str) -> None:
    assert read_agreement(words) is False


@pytest.mark.parametrize(
    "words",
    ["", "OK", "AGREE if you take out the date", "AGREE\nREFUSE", "Agree?", "Refuse?", "AGREE or REFUSE",
     "We would agree", "Agreed, but not the second line", "AGREE\nonly for social care", "Nobody can agree to it",
     "No, we agree",
     "agreement is for the Caldicott guardian", "one\ntwo\nthree\nfour\nfive\nAGREE"],
)  # fmt: skip
def test_what_is_not_plain_is_read_by_a_person(words: str) -> None:
    assert read_agreement(words) is None
