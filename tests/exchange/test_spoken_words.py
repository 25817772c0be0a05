"""The words of drills: found in whatever mail programs make of them, and not to be had by writing them all."""

from __future__ import annotations

import re

import pytest

from exchange.codes import DRILL_WORDS, Codes
from exchange.drilling import MOST_RUNS
from exchange.spoken_words import WORDS, runs, spoken
from templates import samples
from templates.letters import write

SAID = "copper lantern meadow"


def test_there_is_a_word_for_every_octet_and_none_begins_like_another() -> None:
    assert len(WORDS) == len(set(WORDS)) == 256
    assert all(re.fullmatch(r"[a-z]{4,9}", word) for word in WORDS)
    assert [a for a in WORDS for b in WORDS if a != b and b.startswith(a)] == []
    assert spoken(b"\x00\xff") == f"{WORDS[0]} {WORDS[255]}"


@pytest.mark.parametrize(
    "written",
    [
        SAID,
        "Copper, Lantern & MEADOW!",
        "> copper\n> lantern\n> meadow",
        "1. copper-lantern-meadow",
        f"Hello,\n{SAID}.\nBob",
    ],
)
def test_they_are_found_however_they_are_written(written: str) -> None:
    assert SAID in list(runs(written, DRILL_WORDS))


@pytest.mark.parametrize("written", ["", "copper lantern", "copper and lantern and meadow", "coppers lantern meadow"])
def test_words_with_others_between_are_not_a_run(written: str) -> None:
    assert list(runs(written, DRILL_WORDS)) == []


def test_each_drill_has_its_own_words_and_each_hub() -> None:
    codes = Codes(b"a secret")
    made = {codes.drill(f"drill{n}") for n in range(200)}
    assert len(made) == 200
    assert codes.drill("drill1") == codes.drill("drill1") != Codes(b"another").drill("drill1")


def test_a_letter_holds_no_other_run_so_that_a_reply_with_its_quote_says_one_thing() -> None:
    letter = write(samples.of_the_hub(sealed=True)[0]).text
    assert list(runs(letter, DRILL_WORDS)) == [samples.DRILL_WORDS]
    assert len(list(runs(" ".join(WORDS), DRILL_WORDS))) > MOST_RUNS
