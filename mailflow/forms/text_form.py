"""The text template as people send it back: wrapped, quoted, with labels or without, answers over several lines.

1. An answer runs from its colon to the next question, block or signature: nothing between them is dropped.
2. An answer is what it means (as_code.py), and stays as written where that is not plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from exchange.case.fields import Field, Section, questions
from exchange.case.referral import SCHEMA
from mailflow import charset
from mailflow.forms.as_code import Answer, understood
from mailflow.parsed_mail import Part, encloses

LABEL_LINES = 40  # over how many lines a mail client wraps the longest question: one with every code and meaning
_HEAD = re.compile(rf"(?m)^(?P<mark>[>| \t]*)#[ \t]*{re.escape(SCHEMA)}[ \t]+(?P<form>child|adult)[ \t]*\r?$")
_BLOCK = re.compile(r"\[(referrer|concern|consent|subject|person)\]", re.IGNORECASE)
_QUESTION = re.compile(r"^\*?([a-z_]+)\*?\s*(\(|:)", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_ONCE = ("referrer", "concern", "consent")
_LISTS = {"subject": "subjects", "person": "household"}

# As gateways, winmail.dat and uuencode give back a text file of whatever type it was.
_OF_ANY_TYPE = frozenset({"application/octet-stream", "application/x-unknown", "application/unknown"})
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # as Notepad saves them

Answers = dict[str, Answer]


def in_file(part: Part) -> str:
    """The words of a file that is a text; "" for any other."""
    named = part.file_name.lower()
    is_text = part.content_type == "text/plain" or part.content_type in _OF_ANY_TYPE or named.endswith(".txt")
    if not (named and is_text) or encloses(part.content_type, named) or not _says_so(part.content):
        return ""
    marked = next((name for mark, name in _MARKS.items() if part.content.startswith(mark)), "")
    said = dict(part.params).get("charset", "")
    return charset.decode(part.content, marked or said)[0]


def _says_so(content: bytes) -> bool:
    """Looked for before anything is made of the octets: a mail may hold megabytes of any type."""
    return any(SCHEMA.encode(name) in content for name in ("ascii", "utf-16-le", "utf-16-be"))


def read_all(text: str) -> Iterator[dict[str, Any]]:
    """Every filled-in template in a text, in the JSON shape, each answer with what was written; one left empty is
    none."""
    heads = list(_HEAD.finditer(text))
    for n, head in enumerate(heads):
        end = heads[n + 1].start() if n + 1 < len(heads) else len(text)
        mark = head["mark"].strip()
        lines = [_unmarked(line, mark) for line in text[head.end() : end].splitlines()]
        data = _read(lines, head["form"])
        if data["subjects"] or any(data[name] for name in _ONCE):
            yield data


def _unmarked(line: str, mark: str) -> str:
    for sign in mark.replace(" ", ""):
        line = line.lstrip().removeprefix(sign)
    return line.strip() if line != "-- " else line


def _read(lines: list[str], form: str) -> dict[str, Any]:
    data: dict[str, Any] = {"schema": SCHEMA, "form": form, "subjects": [], "household": []}
    data |= {name: {} for name in _ONCE}
    for name, answers in _blocks(lines, form):
        if name in _ONCE:
            data[name] |= answers
        elif answers:
            data[_LISTS[name]].append(answers)
    return data


def _blocks(lines: list[str], form: str) -> Iterator[tuple[str, Answers]]:
    name, begun = "", 0
    for at, line in enumerate([*lines, "[subject]"]):
        block = _BLOCK.match(line)
        ends = block or line == "-- "
        if not ends:
            continue
        if name:
            yield name, _answers(lines[begun:at], name, form)
        if not block:
            return  # a signature: what follows belongs to nobody's answer
        name, begun = block[1].lower(), at + 1


def _answers(lines: list[str], name: str, form: str) -> Answers:
    asked = {f.name: f for f in questions(Section(name), form)}
    given: dict[str, list[str]] = {}
    current, at = "", 0
    while at < len(lines):
        question = _question(lines, at, asked)
        if question:
            current, rest, used = question
            given.setdefault(current, []).append(rest)
            at += used
            continue
        if current and not lines[at].startswith("#"):
            given[current].append(lines[at])
        at += 1
    answers = {key: "\n".join(said).strip() for key, said in given.items()}
    return {key: understood(said, asked[key]) for key, said in answers.items() if said}


def _question(lines: list[str], at: int, asked: dict[str, Field]) -> tuple[str, str, int] | None:
    """(name, the answer's first line, lines used) when a question stands here."""
    start = _QUESTION.match(lines[at])
    name = start[1].lower() if start else ""
    if start is None or name not in asked:
        return None
    if start[2] == ":":
        return name, lines[at][start.end() :].strip(), 1
    for used in range(1, LABEL_LINES + 1):
        if used > 1 and _begins(lines[at + used - 1 : at + used], asked):
            return None  # another question: what looked like one belongs to an answer
        label, found, rest = " ".join(lines[at : at + used]).partition("):")
        if found and label:
            return name, rest.strip(), used
    return None


def _begins(line: list[str], asked: dict[str, Field]) -> bool:
    start = _QUESTION.match(line[0]) if line else None
    return start is not None and start[1].lower() in asked
