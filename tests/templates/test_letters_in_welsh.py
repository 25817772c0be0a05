"""Letters in Welsh: whatever goes to a referrer exists in it, says the same, and none of it in English."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from exchange.case.decision import Decision
from exchange.case.feedback import Reach, ReferrerClass
from templates import samples
from templates.languages import ENGLISH, spoken
from templates.letters import Accepted, ALetter, Decided, Guidance, Outcome, OutcomeNotice, Receipt, Replied, write
from templates.outside import OneTimeCode

KINDS = (Receipt, Accepted, Guidance, Outcome, OutcomeNotice, Replied, OneTimeCode)
OF_TWO = (Decided(Decision.SECTION_47, "child", "Nettie"), Decided(Decision.NFA, "child", "", "Nid oedd yno."))


def ours(letter: ALetter) -> ALetter:
    """A letter without free words, which are in the language of whoever wrote them."""
    return replace(letter, words="", asks="", subjects=OF_TWO) if isinstance(letter, Outcome) else letter


LETTERS = [ours(letter) for letter in samples.every() if isinstance(letter, KINDS)]
_SIGNS = re.compile(r"\d[\d .:-]+\d|[A-Z0-9]{4,}(?:-[A-Z0-9]+)+|https://\S+")  # numbers, references, addresses


def lines(text: str) -> set[str]:
    """The sentences of a letter, however folded; one word may be the same in both languages."""
    return {s for s in re.split(r"(?<=[.:?])\s|\n\n", " ".join(text.split())) if len(s.split()) > 2}


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: type(letter).__name__)
def test_a_letter_says_the_same_in_welsh(letter: ALetter) -> None:
    english, welsh = write(letter), write(letter, "cy")
    assert spoken().code == ENGLISH
    assert english.text != welsh.text
    assert english.subject != welsh.subject
    assert sorted(set(_SIGNS.findall(english.text))) == sorted(set(_SIGNS.findall(welsh.text)))
    assert not re.search(r"\b(the|and|you|your|message|ring)\b", welsh.text.replace(samples.HUB.name, ""))
    assert max(map(len, welsh.text.split("\n"))) <= 78


def test_every_kind_that_a_referrer_gets_was_looked_at() -> None:
    assert {type(letter) for letter in LETTERS} == set(KINDS)


@pytest.mark.parametrize("of", ReferrerClass)
def test_a_referrer_of_any_class_is_told_the_same_in_both_languages(of: ReferrerClass) -> None:
    letter = ours(samples.outcome(of))
    english, welsh = write(letter).text, write(letter, "cy").text
    assert english.count("\n\n") == welsh.count("\n\n")
    assert not lines(english) & lines(welsh) - {"Nid oedd yno."}


@pytest.mark.parametrize("young", [True, False])
@pytest.mark.parametrize("reach", Reach)
def test_whoever_told_of_themself_is_told_the_same_in_both_languages(reach: Reach, young: bool) -> None:
    letter = replace(samples.outcome(ReferrerClass.SELF), reach=reach, young=young)
    english, welsh = write(letter).text, write(letter, "cy").text
    assert english.count("\n\n") == welsh.count("\n\n")
    assert sorted(set(_SIGNS.findall(english))) == sorted(set(_SIGNS.findall(welsh)))
    assert not lines(english) & lines(welsh)


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("form", ["child", "adult"])
def test_every_decision_has_its_words(decision: Decision, form: str) -> None:
    one = samples.outcome(ReferrerClass.PROFESSIONAL, Decided(decision, form))
    text = write(one, "cy").text
    assert ("Yr oedolyn a enwir" if form == "adult" else "Y plentyn a enwir") in text


def test_a_language_without_letters_gets_the_english_ones() -> None:
    letter = samples.sealed_receipt()
    assert write(letter, "xx") == write(letter)
    assert write(samples.packet(), "cy") == write(samples.packet())  # an agency's packet is in English
