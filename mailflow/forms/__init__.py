"""Structured referrals inside mail: found by what they hold, not by how the mail was put together.

1. A mail with two of them is for a person to read: nobody is dropped by taking the first. The same answers in two
   forms are one.
2. What cannot be read is said, and the words and files stay with the mail.
3. Every value carries where it stood, and how surely it is what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mailflow.document import Document, State
from mailflow.forms import filled, json_form, text_form
from mailflow.forms.as_code import CERTAIN, Answer, is_mistyped
from mailflow.parsed_mail import ENCLOSED_SHUT, ParsedMail

LARGEST = 1_000_000  # octets: far above twenty subjects with every answer at full length
LOOSE = (
    0.6  # at most this, in a form whose protection was taken off, or its boxes' names: words may stand beside them
)
_NOT_READ = {
    "xfa": "it is made in a way that only one company’s program shows (XFA)",
    "program": "it holds a program or an action, which no form of ours does",
    "attachment": "it holds files of its own, which no form of ours does",
    "outside": "it would fetch something from elsewhere, which no form of ours does",
    "archive": "its parts are put together oddly",
    "document_type": "its parts are put together oddly",
    "too_large": "it is too large",
    "timeout": "that took too long",
    "crashed": "that took too much",
    "empty": "it is empty",
    "not_that": "it is damaged, or no file of the kind that it is named as",
    "too_many": "there are too many files in this mail",
}
_LOOSELY = {  # read, and less surely
    "open": "was unlocked: words may stand beside its boxes, look at the original",
    "marks": "was saved by another program than Word, which keeps our boxes loosely: look at the original",
}
_SHUT = "a message inside this mail was not opened, or not to its end: look at the original"
_AS_PICTURE = {
    "flat": "is our form, printed or saved without its boxes: its answers cannot be read by a machine",
    "scan": "holds pictures and no words",
    "old": "is of an older kind (.doc), which is not read",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One answer as it was read."""

    path: str  # "subjects.2.date_of_birth"
    value: Any = field(repr=False)
    confidence: float = CERTAIN
    source: str = field(default="", repr=False)  # the file or text, and the box
    written: str = field(default="", repr=False)  # what stood there, where that is not the value


@dataclass(frozen=True, slots=True)
class Found:
    """A structured referral as its sender wrote it, unchecked, or why there is none."""

    data: Any = field(default=None, repr=False)
    problem: str = field(default="", repr=False)  # for the person who reads the mail; "" when there simply is none
    by_hand: bool = False  # read back from what somebody filled in: likely, and not certain
    values: tuple[Value, ...] = field(default=(), repr=False)
    kind: str = ""  # "json" | "text" | "pdf" | "word" | "odt"


def structured(mail: ParsedMail) -> Found:
    """The one structured referral of a mail: a JSON file, JSON as the text, the filled-in text template, or a PDF or
    Word form that was filled in."""
    found = _once([one for one in _all(mail) if one.data is not None or one.problem])
    if len(found) > 1:
        return Found(problem=f"the mail holds {len(found)} referrals: type each in on its own")
    return found[0] if found else Found()


def doubts(found: Found) -> tuple[str, ...]:
    """What was taken and is hardly right, each in words: a person asks whoever wrote it."""
    return tuple(
        f"{one.path}: “{one.value}” is not an NHS number: one of its digits is wrong"
        for one in found.values
        if one.path.endswith(".nhs_number") and isinstance(one.value, str) and is_mistyped(one.value)
    )


def locked(mail: ParsedMail) -> bool:
    """Whether one of its files wants a password."""
    return any(one.state is State.LOCKED for one in mail.documents)


def left_out(mail: ParsedMail) -> tuple[str, ...]:
    """What its files are that no answer could be read from, for the person who reads them, each in words."""
    told = (f"“{one.file_name or one.kind}” {why}" for one in mail.documents if (why := _why_not(one)))
    return (*told, *((_SHUT,) if ENCLOSED_SHUT in mail.oddities else ()))


def _why_not(one: Document) -> str:
    if one.state is State.LOCKED:
        return "is locked: ask whoever sent it for the password"
    if one.state is State.BLANK:
        return "is our form without one answer in its boxes, perhaps printed or scanned: look at the original"
    if one.state is State.OTHER:
        nothing = "" if one.text or one.kind == "office" else "holds no words"
        said = _AS_PICTURE.get(one.why, nothing)
        return f"{said}: look at the original" if said else ""
    if one.state in (State.REFUSED, State.DAMAGED):
        return f"was not read: {_NOT_READ.get(one.why, 'it is damaged')}"
    return _LOOSELY.get(one.why, "")


def _once(found: list[Found]) -> list[Found]:
    """The same answers in a file of another kind, or in the same form saved twice, are one referral."""
    kept: list[Found] = []
    for one in found:
        same = (other for other in kept if one.data is not None and one.data == other.data)
        if not any(one.kind != other.kind or one.kind != "json" for other in same):
            kept.append(one)
    return kept


def _all(mail: ParsedMail) -> Iterator[Found]:
    texts = [(text, "the mail’s text") for text in (mail.text, *(one.text for one in mail.enclosed)) if text]
    for part in mail.files:
        if len(part.content) > LARGEST:
            continue
        if json_form.claims(part):
            yield _from_json(part.content, part.file_name or "a file", named=json_form.is_named(part))
        elif text := text_form.in_file(part):
            texts.append((text, f"“{part.file_name}”"))
    for text, where in dict(texts).items():  # what winmail.dat says may be the mail's own text
        if text.lstrip().startswith("{"):
            yield _from_json(text.encode(), where, named=False)
        else:
            yield from (_by_hand(data, "text", where) for data in text_form.read_all(text[:LARGEST]))
    yield from (in_document(one) for one in mail.documents)


def in_document(one: Document) -> Found:
    """The referral in one filled-in form."""
    if one.state is not State.FORM:
        return Found()
    at_most = LOOSE if one.why in _LOOSELY else CERTAIN
    return _by_hand(filled.referral_in(one), one.kind, f"“{one.file_name or one.kind}”", at_most)


def _by_hand(data: dict[str, Any], kind: str, where: str, at_most: float = CERTAIN) -> Found:
    values = tuple(_values(data, "", where, at_most))
    return Found(_plain(data), by_hand=True, values=values, kind=kind)


def _from_json(content: bytes, where: str, *, named: bool) -> Found:
    try:
        data = json_form.read(content, named=named)
    except json_form.NotReadable as problem:
        return Found(problem=str(problem))
    return Found(data, values=tuple(_values(data, "", where, CERTAIN)), kind="json")


def _plain(data: Any) -> Any:
    """The answers alone."""
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data.value if isinstance(data, Answer) else data


def _values(data: Any, path: str, where: str, at_most: float) -> Iterator[Value]:
    """Each value by its path, in order."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _values(value, f"{path}.{name}" if path else str(name), where, at_most)
    elif isinstance(data, list):
        for n, value in enumerate(data, 1):
            yield from _values(value, f"{path}.{n}", where, at_most)
    elif isinstance(data, Answer):
        yield _value(data, path, where, at_most)
    elif data is not None:
        yield Value(path, data, min(CERTAIN, at_most), where)


def _value(answer: Answer, path: str, where: str, at_most: float) -> Value:
    box = f", box {answer.box}" if answer.box else ""
    written = "" if answer.value == answer.written else answer.written
    return Value(path, answer.value, min(answer.sure, at_most), where + box, written)
