"""What a hub adds to a letter is text: a few names are filled in, and nothing in it is ever a template (T28)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.case.own_words import MAY_CLOSE, MAY_OPEN, NAMES, OwnWords, filled
from exchange.hubs import loader
from exchange.hubs.refusal import HubFileRefused
from exchange.our_name import sender_of
from templates import samples
from templates.letters import FOLDERS, ALetter, as_page, write

DEMO = loader.packaged("demo")
VALUES = {name: f"<{name}>" for name in NAMES}
HOSTILE = (
    "{{7*7}}", "{{ 7*7 }}", "{% include 'web/base.html' %}", "{# gone #}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{0}",
    "{hub.__class__.__mro__}", "{reference!r}", "{hub:>10}", "{__class__}", "{{reference}}", "%(hub)s", "{letter}",
    "{{ ''.__class__ }}", "{self}", "{{config}}",
)  # fmt: skip


def of(folder: str) -> list[ALetter]:
    return [letter for letter in samples.every() if FOLDERS[type(letter)] == folder]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("folder", ["receipt", "reminder"])
def test_what_looks_like_a_template_comes_out_as_it_was_written(text: str, folder: str) -> None:
    for letter in of(folder):
        own = replace(letter.sender, words={folder: OwnWords(folder, f"A {text} Z", f"B {text} Z")})
        for told in (write(replace(letter, sender=own)).text, as_page(replace(letter, sender=own))):
            assert f"A {text} Z" in told
            assert f"B {text} Z" in told


def test_the_names_are_filled_in_once() -> None:
    assert filled("{hub}, {telephone} or {duty_telephone}: {reference}", VALUES) == (
        "<hub>, <telephone> or <duty_telephone>: <reference>"
    )
    assert filled("{hub}", {"hub": "{telephone}", "telephone": "no"}) == "{telephone}"


@given(st.text())
def test_all_else_is_left_alone(text: str) -> None:
    if not any(f"{{{name}}}" in text for name in NAMES):
        assert filled(text, VALUES) == text


@pytest.mark.parametrize("folder", MAY_CLOSE)
def test_they_stand_after_the_first_paragraph_and_at_the_end(folder: str) -> None:
    for letter in of(folder):
        plain = write(letter).text
        own = OwnWords(folder, "Opening words." if folder in MAY_OPEN else "", "Closing words.")
        text = write(replace(letter, sender=replace(letter.sender, words={folder: own}))).text
        assert text.rstrip().endswith("Closing words.")
        assert text.startswith(plain.strip("\n").partition("\n\n")[0])
        assert ("Opening words." in text) is (folder in MAY_OPEN)
        without = text.replace("Opening words.\n\n", "").replace("Closing words.", "")
        assert without.split() == plain.split()
        other = replace(letter.sender, words={"digest": own})
        assert write(replace(letter, sender=other)).text == plain


def test_a_hub_file_brings_them_to_its_letters() -> None:
    file = loader.read(DEMO + '\n[letters.packet]\nclosing = "Ring {telephone}."\n')
    (packet, *_) = of("packet")
    assert "Ring 01632 960100." in write(replace(packet, sender=sender_of(file.rules))).text
    assert loader.read(loader.packaged("example")).rules.letters[0].letter == "receipt"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('[letters.packet]\nopening = "x"', "nothing may stand before what this letter warns of"),
        ('[letters.digest]\nclosing = "x"', "no such letter to which words can be added"),
        ('[letters.receipt]\nclosing = ""', "no text"),
        ("[letters.receipt]", "no words"),
        (f'[letters.receipt]\nclosing = "{"x" * 601}"', "601 characters long"),
        ('[letters.receipt]\nclosing = "a\\u202eb"', "a character that nobody sees"),
        ("[letters.receipt]\nclosing = 7", "no text"),
        ('[letters.receipt]\nending = "x"', "unknown key"),
    ],
)
def test_words_that_cannot_be_added_are_refused(table: str, told: str) -> None:
    with pytest.raises(HubFileRefused, match=told):
        loader.read(f"{DEMO}\n{table}\n")
