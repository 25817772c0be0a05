"""Languages: who is spoken to in which, that each catalogue is whole and current, and none leaks into another."""

from __future__ import annotations

import asyncio
import re

import pytest
from babel.messages.pofile import read_po

from exchange.web import speaking as web
from templates import _OURS
from templates.languages import CATALOGUES, ENGLISH, N_, Language, known, preferred, say, speaking, spoken
from templates.languages.gathering import ROOT, TEMPLATES, brought_up_to_date, gathered

TRANSLATED = [one.code for one in known() if one.code != ENGLISH]


def test_english_is_known_without_a_catalogue() -> None:
    assert known()[0] == Language("en", "English", "ltr")
    assert spoken().code == ENGLISH
    assert say("Send") == N_("Send") == "Send"
    assert say("100 %") == "100 %"
    assert say("%(name)s has it", name="Mina") == "Mina has it"


@pytest.mark.parametrize("accepted", ["", "xx", "*", "en;q=nonsense", ";;;,,,", "en-GB,en;q=0.9", "q=1"])
def test_who_asks_for_nothing_we_have_gets_english(accepted: str) -> None:
    assert preferred(accepted) == ENGLISH


def test_a_language_that_we_do_not_have_is_english() -> None:
    with speaking("../../etc"):
        assert spoken().code == ENGLISH


def test_words_are_found_in_templates_in_python_and_in_the_lists_of_the_core() -> None:
    words = {m.id for m in gathered()}
    assert "Tell us that you are worried about somebody" in words  # templates/web/public/start.html
    assert "today at %(clock)s" in words  # exchange/web/context.py
    assert "Is anyone in immediate danger?" in words  # exchange/case/fields.py
    assert "Not known" in words  # exchange/case/code_lists.py


def for_everybody() -> list[str]:
    """The templates of every page that somebody outside the hub reads."""
    return sorted(str(p.relative_to(ROOT)) for pattern in TEMPLATES for p in ROOT.glob(pattern))


@pytest.mark.parametrize("name", for_everybody())
def test_a_page_for_everybody_says_nothing_past_the_catalogues(name: str) -> None:
    source = (ROOT / name).read_text()
    wanted = ("data", "variable_begin", "block_begin")
    shown = "".join(text if kind == "data" else "\0" for _, kind, text in _OURS.lex(source) if kind in wanted)
    said = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"\0]*[A-Za-z]{2,}[^"\0]*)"', shown)
    assert said + re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", shown)) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_is_current_and_lacks_nothing(code: str) -> None:
    content, lacking = brought_up_to_date(code)
    assert lacking == []
    assert content == (CATALOGUES / code / "LC_MESSAGES" / "messages.po").read_bytes(), "run `make languages`"


async def test_what_one_task_speaks_reaches_no_other() -> None:
    code = known()[-1].code
    begun, heard = asyncio.Event(), asyncio.Event()

    async def one() -> str:
        with speaking(code):
            begun.set()
            await heard.wait()
            return spoken().code

    task = asyncio.create_task(one())
    await begun.wait()
    assert spoken().code == ENGLISH
    heard.set()
    assert await task == code


@pytest.mark.parametrize("path", ["//elsewhere.example/a", "/\\elsewhere.example", "///elsewhere.example"])
def test_the_way_back_never_leads_away(path: str) -> None:
    assert web._path(path) == "/elsewhere.example" + ("/a" if path.endswith("/a") else "")


_PLACES = re.compile(r"%\(\w+\)[sd]|%%\{?\w+\}?|<[^>]*>")  # values, the design system's own, markup


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_keeps_the_places_of_values_and_the_markup(code: str) -> None:
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in read_po(file, locale=code):
            if message.id:
                wanted, found = (sorted(_PLACES.findall(str(s))) for s in (message.id, message.string))
                assert found == wanted, message.id
                assert not message.fuzzy, message.id
