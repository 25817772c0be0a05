"""The boxes of a filled-in PDF or Word form as the referral that they are, in the JSON shape.

1. Whose answer it is stands in the box's name; people left blank in between are left out, and nobody is dropped.
2. A block that was copied in Word is one more person (`s2~1`).
3. What no question of ours asks stays in the referral under its own name, so that the check names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from exchange.case.fields import BY_KEY
from mailflow.document import Box, Document, How
from mailflow.forms.as_code import CHOSEN, UNCLEAR, Answer, understood

_OWNER = re.compile(r"([sp])(\d{1,3})(?:~(\d+))?")
_LISTS = {"s": "subjects", "p": "household"}
_SECTIONS = {"s": "subject", "p": "person"}
_ONCE = ("referrer", "concern", "consent")


def referral_in(document: Document) -> dict[str, Any]:
    """What its boxes say, in the JSON shape, each answer with what was written and where."""
    schema, _, form = document.version.partition(" ")
    data: dict[str, Any] = {"schema": schema, "form": form, "subjects": [], "household": []}
    data |= {name: {} for name in _ONCE}
    people: dict[tuple[str, int, int], dict[str, Answer]] = {}
    for owner, name, answer in _answers(document.boxes):
        numbered = _OWNER.fullmatch(owner)
        if numbered:
            letter, number, copy = numbered.groups("0")
            people.setdefault((letter, int(copy), int(number)), {})[name] = answer
        elif owner in _ONCE:
            data[owner][name] = answer
        else:
            data[answer.box] = answer
    for key in sorted(people):
        data[_LISTS[key[0]]].append(people[key])
    return data


def _answers(boxes: tuple[Box, ...]) -> Iterator[tuple[str, str, Answer]]:
    """(owner, name, answer): boxes that are ticked for one question are one answer."""
    ticked: dict[str, list[str]] = {}
    for box in boxes:
        question, _, code = box.name.rpartition(".")
        if box.how is How.TICKED and "." in question:
            ticked.setdefault(question, []).append(code)
            continue
        owner, _, name = box.name.partition(".")
        yield owner, name, _answer(owner, name, box)
    for question, codes in ticked.items():
        owner, _, name = question.partition(".")
        yield owner, name, Answer(", ".join(codes), ", ".join(codes), CHOSEN, question)


def _answer(owner: str, name: str, box: Box) -> Answer:
    section = _SECTIONS[owner[0]] if _OWNER.fullmatch(owner) else owner
    asked, written = BY_KEY.get(f"{section}.{name}"), box.written.strip()
    return understood(written, asked, box.name, box.how) if asked else Answer(written, written, UNCLEAR, box.name)
