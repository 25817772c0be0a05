"""What stands under a label plainly counts; what is left empty, or only looks like it, does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.case.lateral_check import NilPart
from mailflow.labels import (
    DATE,
    IDENTIFIERS,
    LABELS,
    SYSTEMS,
    as_reference,
    may_be_shared,
    nil_missing,
    own_reference,
)

WHOLE = (
    "NOT KNOWN TO US\nSystems searched: Niche, PND\nSearched on: name and date of birth\nDate searched: 24/11/2026"
)


def test_the_parts_are_those_the_journey_knows() -> None:
    assert tuple(LABELS) == tuple(NilPart)


def test_a_whole_nil_return_misses_nothing() -> None:
    assert nil_missing(WHOLE) == ()


@pytest.mark.parametrize("part", LABELS)
def test_a_part_left_out_is_missing(part: str) -> None:
    lines = [line for line in WHOLE.splitlines() if not line.startswith(LABELS[part])]
    assert nil_missing("\n".join(lines)) == (part,)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("systems checked: SystmOne", SYSTEMS),
        ("  * Records searched - three lists", SYSTEMS),
        ("Databases we searched = all four", SYSTEMS),
        ("Searched the systems: two of them", SYSTEMS),
        ("**Systems searched:** Mosaic", SYSTEMS),
        ("Identifiers used: NHS number", IDENTIFIERS),
        ("Searched by: surname", IDENTIFIERS),
        ("Checked against: name, 01/04/2016", IDENTIFIERS),
        ("Search terms: Madeup, Ada", IDENTIFIERS),
        ("Searched on: 9990000018", IDENTIFIERS),
        ("Date of search: 24 November 2026", DATE),
        ("Date we checked: Nov 24", DATE),
        ("When searched: this morning", DATE),
        ("Searched at: 2026-11-24 10:30", DATE),
        ("Search date: 24.11.26", DATE),
        ("Date searched: the 3rd of March", DATE),
    ],
)
def test_other_words_for_a_label(line: str, part: str) -> None:
    assert nil_missing(f"Not known\n{line}\n") == tuple(p for p in LABELS if p != part)


@pytest.mark.parametrize(
    "line",
    [
        "Systems searched:", "Systems searched: -", "Systems searched: n/a", "Systems searched: none",
        "Systems searched: (which)", "We searched our systems", "Which systems searched: all",
        "Searched on: 24/11/2026",  # when, or a date of birth alone: nobody can tell
        "Searched on: unknown", "Date searched: last week some time", "Date searched: 5", "Date searched: soon",
        "> Systems searched: quoted", "Date: 24/11/2026", "Searched on: (which names, dates of birth, addresses or",
        "Date searched: (when, for example 24/11/2026)",
    ],
)  # fmt: skip
def test_what_is_not_plainly_there_is_missing(line: str) -> None:
    assert nil_missing(line) == tuple(LABELS)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("RECEIVED\nOur ref: MPS/2026/0042", "MPS/2026/0042"),
        ("our reference = 77 / b", "77 / b"),
        ("Our own reference no.: X1", "X1"),
        ("Our ref.: *X2*", "X2"),
        ("Your ref: MASH-7K2F-9QXD", ""),
        ("Our ref:", ""),
        ("Our ref: n/a", ""),
        ("Our ref: " + "x" * 61, ""),
        ("Ask for our ref: 12 when you ring", ""),
        ("Our ref: \u202e12\u0007", "12"),
    ],
)
def test_an_agencys_own_reference(text: str, reference: str) -> None:
    assert own_reference(text) == reference


def test_a_reference_is_one_short_line() -> None:
    assert as_reference("  A\r\nBcc: 7 ") == "A Bcc: 7"
    assert as_reference("\x00-") == ""


@pytest.mark.parametrize("text", ["INFORMATION: seen\nMAY BE SHARED", "May be shared.", " - may be shared - "])
def test_a_line_of_its_own_releases(text: str) -> None:
    assert may_be_shared(text)


@pytest.mark.parametrize(
    "text", ["", "must not be shared", "It may be shared with police only", "MAY BE SHARED: no", "Not may be shared"]
)
def test_what_says_more_or_less_does_not_release(text: str) -> None:
    assert not may_be_shared(text)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert set(nil_missing(text)) <= set(LABELS)
    assert len(own_reference(text)) <= 60
    may_be_shared(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["Searched on: ", "our ref ", "* ", " - ", "may be ", "systems searched", "1"])
def test_no_text_is_slow(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    begun = time.process_time()
    nil_missing(text), own_reference(text), may_be_shared(text)
    assert time.process_time() - begun < 5
