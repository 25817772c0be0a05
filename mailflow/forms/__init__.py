"""Structured referrals inside mail: found by what they hold, not by how the mail was put together.

1. A mail with two of them is for a person to read: nobody is dropped by taking the first.
2. What cannot be read is said, and the words stay with the mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mailflow.forms import json_form, text_form
from mailflow.parsed_mail import ParsedMail, Part

LARGEST = 1_000_000  # octets: far above twenty subjects with every answer at full length


@dataclass(frozen=True, slots=True)
class Found:
    """A structured referral as its sender wrote it, unchecked, or why there is none."""

    data: Any = field(default=None, repr=False)
    problem: str = ""  # for the person who reads the mail instead; "" when there simply is none
    by_hand: bool = False  # read back from a text that somebody filled in: likely, and not certain


def structured(mail: ParsedMail) -> Found:
    """The one structured referral of a mail: a JSON file, JSON as the text, or the filled-in text template."""
    found = [one for one in _all(mail) if one != Found()]
    if len(found) > 1:
        return Found(problem=f"the mail holds {len(found)} referrals: type each in on its own")
    return found[0] if found else Found()


def _all(mail: ParsedMail) -> Iterator[Found]:
    bodies = [text for text in (mail.text, *(one.text for one in mail.enclosed)) if text]
    bodies = list(dict.fromkeys(bodies))  # what winmail.dat says may be the mail's own text
    for part in mail.files:
        if len(part.content) > LARGEST:
            continue
        if json_form.claims(part):
            yield _from_json(part.content, named=json_form.is_named(part))
        elif _is_text_file(part):
            bodies.append(part.content.decode("utf-8", errors="replace"))
    for text in bodies:
        if text.lstrip().startswith("{"):
            yield _from_json(text.encode(), named=False)
        else:
            yield from (Found(data, by_hand=True) for data in text_form.read_all(text[:LARGEST]))


def _from_json(content: bytes, *, named: bool) -> Found:
    try:
        return Found(json_form.read(content, named=named))
    except json_form.NotReadable as problem:
        return Found(problem=str(problem))


def _is_text_file(part: Part) -> bool:
    return part.content_type == "text/plain" and bool(part.file_name)
