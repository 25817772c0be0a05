"""Gathering: every English word of the pages and letters that people outside the hub read, into each catalogue.

`make languages` (this module as a command) brings the catalogues up to date and says what each lacks;
with codes, such as `pl`, it begins catalogues for those languages. Words are marked in templates by `_()`, in Python
by `say` and `N_`; what the core asks and offers is data, and is read from its lists.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from exchange.case.challenge import LABELS as STANDINGS
from exchange.case.code_lists import OUTCOMES_ACHIEVED, CodeList
from exchange.case.fields import FIELDS
from exchange.case.journeys import JOURNEYS
from exchange.case.outcome import ADULT_OUTCOMES, CHILD_OUTCOMES
from exchange.case.question import APPROVED
from exchange.case.rules import DiscussionRules
from exchange.case.topics import TOPICS
from templates.languages import CATALOGUES, ENGLISH, known

ROOT = CATALOGUES.parent.parent
TEMPLATES = ("templates/web/*.html", "templates/web/public/*.html")  # the desk is English
_PYTHON = ("exchange/*.py", "exchange/web/*.py", "templates/*.py")
_MARKS = {"_": None, "say": None, "N_": None, "count": (1, 2)}
_MARKED = re.compile(rf"\b({'|'.join(_MARKS)})\(")
_JINJA = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false", "encoding": "utf-8"}
_ALSO_OFFERED = (OUTCOMES_ACHIEVED, ADULT_OUTCOMES, CHILD_OUTCOMES, APPROVED)  # on pages of agencies and referrers
_WIDTH = 100
_NOISE = re.compile(  # git knows when and who; and such lines would collide
    rb'^"(POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team|Generated-By):.*\n',
    re.MULTILINE,
)


def gathered() -> Catalog:
    """All words, untranslated."""
    catalog = Catalog(project="Referral Exchange", charset="utf-8", fuzzy=False)
    for where, words in (*_marked(TEMPLATES, "jinja2", _JINJA), *_marked(_PYTHON, "python", {}), *_data()):
        catalog.add(words, locations=[(where, 1)])
    return catalog


def _marked(
    patterns: tuple[str, ...], method: str, options: dict[str, str]
) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        if not _MARKED.search(path.read_text()):  # most modules say nothing, and to take one apart is slow
            continue
        for _, words, _, _ in extract_from_file(method, path, keywords=_MARKS, options=options):
            yield str(path.relative_to(ROOT)), words


def _data() -> Iterator[tuple[str, str]]:
    """What the core asks and offers: its lists mark nothing, for the core imports nothing."""
    for field in FIELDS:
        yield from (("exchange/case/fields.py", words) for words in (field.label, field.hint) if words)
    for topic in TOPICS:
        yield from (("exchange/case/topics.py", words) for words in (topic.heading, topic.note) if words)
    for topic in (stop.topic for journey in JOURNEYS.values() for stop in journey if stop.topic):
        put = (text for words in topic.words for text in (words.label, words.hint, *_labels(words.codes)))
        yield from (("exchange/case/journeys.py", text) for text in (topic.heading, topic.note, *put) if text)
    for codes in (*(f.codes for f in FIELDS if f.codes), *_ALSO_OFFERED):
        yield from (("exchange/case/code_lists.py", label) for _, label in codes.choices)
    yield "exchange/case/rules.py", DiscussionRules().label  # a hub's own labels are in the hub's own words
    yield from (("exchange/case/challenge.py", label) for label in STANDINGS.values())


def _labels(codes: CodeList | None) -> tuple[str, ...]:
    return tuple(label for _, label in codes.choices) if codes else ()


def brought_up_to_date(code: str) -> tuple[bytes, list[str]]:
    """The catalogue of a language as it should stand, and the words that it lacks."""
    path = CATALOGUES / code / "LC_MESSAGES" / "messages.po"
    kept = read_po(BytesIO(path.read_bytes()), locale=code) if path.exists() else Catalog(locale=code, fuzzy=False)
    kept.project, kept.fuzzy = "Referral Exchange", False
    kept.header_comment = "# Written by `make languages`; what stands in msgstr is written by people."
    kept.update(gathered(), no_fuzzy_matching=True)
    written = BytesIO()
    write_po(written, kept, width=_WIDTH, include_lineno=False, ignore_obsolete=True)
    lacking = [str(m.id) for m in kept if m.id and (m.fuzzy or not all(_forms(m.string)))]
    return _NOISE.sub(b"", written.getvalue()), lacking


def _forms(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (said or "",) if said is None or isinstance(said, str) else tuple(said)


def main(codes: list[str]) -> None:
    """Write the catalogues."""
    for code in sorted({one.code for one in known()} - {ENGLISH} | set(codes)):
        content, lacking = brought_up_to_date(code)
        path = Path(CATALOGUES / code / "LC_MESSAGES" / "messages.po")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{code}: {len(lacking)} to be translated")  # noqa: T201 - a command speaks on its standard output
        for words in lacking[:20]:
            print(f"    {words}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
