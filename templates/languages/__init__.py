"""Languages: which one is spoken now, and how our English words are said in it.

1. Words in the code are English; a catalogue (`<code>/LC_MESSAGES/messages.po`) says them in another language. What a
   catalogue does not say, or only doubtfully ("fuzzy"), is said in English.
2. Which language is spoken belongs to the task at hand (one request, one letter) and reaches no other.
3. `say` gives plain words: whatever shows them in HTML escapes them. `_()` in a template takes literals only, for its
   message is trusted to be markup.

Catalogues are kept in git as text and compiled when first needed, so that a wheel and a checkout read the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

ENGLISH = "en"
CATALOGUES = Path(__file__).parent
_FILE = Path("LC_MESSAGES", "messages.po")
_now: ContextVar[str] = ContextVar("language", default=ENGLISH)


@dataclass(frozen=True, slots=True)
class Language:
    """One that pages and letters are written in."""

    code: str  # as `lang` takes it (BCP 47)
    name: str  # in its own words
    direction: str  # ltr | rtl


@cache
def known() -> tuple[Language, ...]:
    """English, and each language that has a catalogue."""
    codes = sorted(found.parent.parent.name for found in CATALOGUES.glob(f"*/{_FILE}"))
    return tuple(_language(code) for code in (ENGLISH, *codes))


@cache
def _language(code: str) -> Language:
    from babel import Locale  # costs 80 ms, which a command that shows no page need not spend

    locale = Locale.parse(code, sep="-")
    name = locale.get_display_name(locale) or code
    return Language(code, name[:1].upper() + name[1:], locale.text_direction)


def spoken() -> Language:
    """The language of the task at hand."""
    return _language(_now.get())


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language, as far as we know it, until the end of the block."""
    before = _now.set(code if any(one.code == code for one in known()) else ENGLISH)
    try:
        yield
    finally:
        _now.reset(before)


def preferred(accepted: str) -> str:
    """The first of our languages that a browser's `Accept-Language` asks for (RFC 9110 12.5.4)."""
    ours = {one.code for one in known()}
    for code in _by_preference(accepted):
        if code in ours:
            return code
    return ENGLISH


def _by_preference(accepted: str) -> Sequence[str]:
    ranked = []
    for entry in accepted[:1000].split(","):
        tag, _, quality = entry.partition(";q=")
        try:
            ranked.append((-float(quality or 1), tag.strip().partition("-")[0].lower()))
        except ValueError:
            continue
    return [tag for rank, tag in sorted(ranked, key=lambda one: one[0]) if rank < 0]


def say(words: str, /, **values: object) -> str:
    """The words in the language spoken; with `values`, `%(name)s` is filled in."""
    said = _catalogue(_now.get()).gettext(words) if words else ""
    return said % values if values else said


def N_(words: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """Words that are said later: the mark by which the catalogues find them."""
    return words


def count(one: str, many: str, number: int) -> str:
    """The form of the words that goes with a number, in the language spoken."""
    return _catalogue(_now.get()).ngettext(one, many, number)


@cache
def _catalogue(code: str) -> NullTranslations:
    if code == ENGLISH:
        return NullTranslations()
    from babel.messages.mofile import write_mo  # see _language
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (CATALOGUES / code / _FILE).open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)
