"""What a person writes as the code or the date that it means: `Yes`, `School` and `27/03/2019` are `yes`, `2A` and
`2019-03-27`; and how surely. What is not understood stays as written, for the check that names it: no guess is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from exchange.case.fields import Field, Kind
from exchange.case.nhs_number import LENGTH, fits
from exchange.case.referral import wrong
from mailflow.document import How

CERTAIN = 1.0  # written by a program
CHOSEN = 0.95  # by a person, from a list or by a tick
TYPED = 0.9  # by a person, in their own words
AMBIGUOUS = 0.7  # a date that means another day to whoever writes the month first
MISTYPED = 0.4  # by a person, and its own check digit says that it is another number
UNCLEAR = 0.2  # not an answer to this question: a person asks what was meant
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./ -]\s*(\d{1,2})\s*[./ -]\s*(\d{4})")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .-]+([a-z]{3,9})[ .,-]+(\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, and what was written for it."""

    value: str = field(repr=False)
    written: str = field(repr=False)
    sure: float
    box: str = ""  # the name of the box it stood in; "" in a text


def understood(said: str, asked: Field, box: str = "", how: How = How.TYPED) -> Answer:
    """The answer that was meant, as far as it is plain."""
    if asked.kind is not Kind.LONG:
        said = " ".join(said.split())  # a client's line break, not the person's
    value, sure = _value(said, asked)
    if wrong(value, asked):
        return Answer(value, said, UNCLEAR, box)
    sure = MISTYPED if asked.name == "nhs_number" and is_mistyped(value) else sure
    return Answer(value, said, sure if how is How.TYPED else CHOSEN, box)


def is_mistyped(nhs_number: str) -> bool:
    """Whether ten digits are no NHS number, whose last follows from the others (NHS data dictionary: modulus 11).
    What is no ten digits says itself that it is something else."""
    digits = "".join(one for one in nhs_number if one in "0123456789")
    return len(digits) == LENGTH and not fits(digits)


def _value(said: str, asked: Field) -> tuple[str, float]:
    if asked.kind is Kind.DATE:
        return _date(said)
    if asked.kind is Kind.SEVERAL:
        return ", ".join(_code(one, asked) for one in re.split("[,;/]", said) if one.strip()), TYPED
    return (_code(said, asked) if asked.kind is Kind.CHOICE else said), TYPED


def _date(said: str) -> tuple[str, float]:
    """Day first, as people here write it."""
    text = said.strip(" .")
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(n) for n in found.groups())
    elif (found := _NAMED.fullmatch(text)) and found[2][:3].lower() in _MONTHS:
        day, month, year = int(found[1]), _MONTHS.index(found[2][:3].lower()) + 1, int(found[3])
    else:
        return said, TYPED
    try:
        when = date(year, month, day).isoformat()
    except ValueError:
        return said, TYPED  # there is no such day, which the check says
    either = day <= len(_MONTHS) and day != month and found.re is _DAY_FIRST
    return when, AMBIGUOUS if either else TYPED


def _code(said: str, asked: Field) -> str:
    wanted = said.strip(" .").casefold()
    return next(
        (code for code, label in asked.choices if wanted in (code.casefold(), label.casefold())), said.strip()
    )
