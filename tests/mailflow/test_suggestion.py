"""Another agency is named when exactly one of ours is meant; otherwise nobody is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.suggestion import meant, suggestion

KNOWN = {
    "yjs": ("Fakeshire Youth Justice Service", "youth_justice"),
    "children": ("Fakeshire children’s social care", "social_care"),
    "adults": ("Fakeshire adult social care", "adult_social_care"),
    "housing": ("Fibton Homes", "housing"),
    "health": ("Fibshire NHS Trust", "health"),
    "madeup-surgery": ("Madeup Surgery", "primary_care"),
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Not known, try youth justice", "youth justice"),
        ("NOT KNOWN TO US. Please try the youth justice team.", "youth justice team"),
        ("Not known to us\nTry Fibton Homes", "Fibton Homes"),
        ("Decline, not our area; refer it to adult social care", "adult social care"),
        ("Not known - this is one for housing", "housing"),
        ("Not known but ask health", "health"),
        ("WRONG AGENCY: youth justice", "youth justice"),
        ("Wrong agency, try youth justice", "youth justice"),
        ("Not known; it should go to housing!", "housing"),
        ("Not known to us", ""),
        ("Not known. We will try again tomorrow", ""),
        ("Not known. Do not try youth justice", ""),
        ("Not known\n\na\nb\nc\nd\nTry housing", ""),
    ],
)
def test_who_else_is_named(text: str, words: str) -> None:
    assert suggestion(text) == words


@pytest.mark.parametrize(
    ("words", "agency"),
    [
        ("youth justice", "yjs"),
        ("Youth Justice team please", "yjs"),
        ("Fakeshire Youth Justice Service", "yjs"),
        ("yjs", "yjs"),
        ("adult social care", "adults"),
        ("Fibton Homes", "housing"),
        ("housing", "housing"),
        ("madeup surgery", "madeup-surgery"),
        ("social care", ""),  # children's or adults'
        ("children’s social care or adult social care", ""),
        ("housing or health", ""),
        ("youth justice and housing", ""),
        ("again with a date of birth", ""),
        ("mum", ""),
        ("the team", ""),
        ("Fakeshire", ""),
        ("", ""),
    ],
)
def test_one_agency_is_meant_or_none(words: str, agency: str) -> None:
    assert meant(words, KNOWN) == agency


@given(st.text(max_size=200))
def test_any_words_mean_one_or_none(text: str) -> None:
    assert meant(suggestion(text) or text, KNOWN) in {*KNOWN, ""}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["try ", ", try the ", "refer it ", "wrong agency ", "- "])
def test_no_text_is_slow(piece: str) -> None:
    text = "x" + piece * (200_000 // len(piece))
    begun = time.process_time()
    meant(suggestion(text), KNOWN)
    assert time.process_time() - begun < 5
