"""Known members: which values an act of the desk knows by name, so that a misspelt one is told and never dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from exchange.acts_listed import values
from exchange.case.correction import ELSEWHERE
from exchange.case.fields import Section, questions
from exchange.desk.correcting import asked
from exchange.desk.deciding import LIMBS

FORMS = ("child", "adult")
_ROWS = r"(?:attendee|information|dissent|apology|subject)\.[\w-]+\.\w+"  # of a record of a discussion


def unknown(act: str, names: Iterable[str]) -> list[str]:
    """Those that the act would not look at."""
    return [name for name in names if not _known(act).fullmatch(name)]


def is_open(act: str) -> bool:
    """Whether it takes values whose names do not all stand in the act itself."""
    return (
        act in _HANDED_ON
        or bool(_questions(act))
        or any(v.name == "mode" or v.name.endswith("ID") for v in values(act))
    )


@cache
def _known(act: str) -> re.Pattern[str]:
    every = [*values(act), *(v for also in _HANDED_ON.get(act, ()) for v in values(also))]
    dated = [v.name for v in every if "date" in v.how]  # the parts in which a page gives a moment
    exact = {v.name for v in every if not v.name.endswith("ID")} | {
        f"{n}_{p}" for n in dated for p in ("date", "time")
    }
    under = [v.name.removesuffix("ID") for v in every if v.name.endswith("ID")]
    if "mode" in exact and act != "minute":
        under.append("mode.")
    if act == "emergency":  # of each agency that was rung
        under += ["rang.", "reached.", "who.", "number."]
    patterns = [*map(re.escape, exact | _questions(act)), *(re.escape(start) + ".+" for start in under)]
    return re.compile("|".join([*patterns, _ROWS] if act == "minute" else patterns) or "(?!)")


_HANDED_ON = {"rang": ("answered", "attends")}  # what somebody said who was reached


def _questions(act: str) -> set[str]:
    """What is asked by names that stand in the form of a referral, and not in the act."""
    match act:
        case "add_subject" | "correct_subject":
            return {f.name for form in FORMS for f in questions(Section.SUBJECT, form)}
        case "add_person" | "correct_person":
            return {f.name for form in FORMS for f in questions(Section.PERSON, form)}
        case "correct_concern":
            return {name for form in FORMS for name, _ in asked(form)} | set(ELSEWHERE)  # which are refused by name
        case "minute":
            return {"emergency_words"}
        case "decide":
            return {name for limb in LIMBS for name in (limb, f"{limb}_why")}
        case _:
            return set()
