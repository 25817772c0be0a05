"""Keys on paper: what was printed comes back from what a person typed, or the slip is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.paper import PaperRefused, lines, read

DATA = bytes(range(60))
PRINTED = list(lines(DATA))


@given(st.binary(max_size=400))
def test_whatever_was_printed_comes_back(data: bytes) -> None:
    assert read("\n".join(lines(data))) == data


def test_small_letters_blanks_and_words_around_it_do_not_matter() -> None:
    typed = "\n".join(["the master key", "", *(f"  {line.lower()} " for line in reversed(PRINTED)), "kept in a safe"])
    assert read(typed.replace(" ", "  ")) == DATA


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ([PRINTED[0].replace("0405", "0406"), *PRINTED[1:]], "line 1 is not what was printed"),
        ([PRINTED[0], PRINTED[1].replace("18", "1"), *PRINTED[2:]], "line 2 has an odd number of digits"),
        ([PRINTED[0], *PRINTED[2:]], "line 2 is missing"),
        ([PRINTED[0], PRINTED[0], *PRINTED[1:]], "line 1 is there twice"),
        (PRINTED[:-1], "the last line"),
        ([*PRINTED[:-1], PRINTED[-1].replace("3 /", "2 /")], "more lines than the last one says"),
        ([*PRINTED[:-1], list(lines(DATA[:-1] + b"x"))[-1]], "not of one piece"),
        ([PRINTED[0].replace("  1:", "  2:"), *PRINTED[1:]], "line 2 is not what was printed"),
    ],
)
def test_a_slip_is_named_by_its_line(typed: list[str], told: str) -> None:
    with pytest.raises(PaperRefused, match=told):
        read("\n".join(typed))
