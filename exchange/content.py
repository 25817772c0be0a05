"""Content: a referral and what was said about it, as named bodies in their compartments, taken apart and put
together again.

Each subject has a compartment of its own, for siblings' records are forgotten at different times; so has each
agency's contribution.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from exchange.case.referral import Referral

REFERRAL = "referral"  # what is said of nobody in particular: referrer, concern, consent, household
SUBJECT = "subject:"  # + "s1": one subject's answers
WORDS = "words"  # what a person wrote or said, as they said it
CONTRIBUTION = "contribution:"  # + its id: what an agency told us, in its own words
REASON = "reason"  # why somebody decided so
WHO = "who"  # who said it: name, telephone, how it was checked
MAIL = "mail"  # which mail it came by, and its address
ACTION = "action:"  # + its id: what somebody has undertaken to do
PLACE = "place:"  # + a discussion's id: where it is or how to join, for the papers alone
LOCATION = "location:"  # + a discussion's id: what staff wrote for calendars, naming nobody
SERVER = "server"  # which server said what

Parts = Mapping[str, bytes]


def compartment(case_id: str, name: str) -> str:
    """Where the body of this name is kept."""
    if name.startswith((SUBJECT, CONTRIBUTION)):
        kind, _, of = name.partition(":")
        return f"{kind}:{case_id}:{of}"
    return f"case:{case_id}"


def said(contribution: str) -> str:
    """The body for what was said: a contribution in its own compartment, anything else with the case."""
    return f"{CONTRIBUTION}{contribution}" if contribution else WORDS


def parts_of(referral: Referral) -> dict[str, bytes]:
    """A referral as bodies."""
    data = referral.data()
    subjects = data.pop("subjects")
    parts = {REFERRAL: _bytes(data)}
    for n, answers in enumerate(subjects, 1):
        parts |= subject_part(f"s{n}", answers)
    return parts


def subject_part(subject: str, answers: Mapping[str, str]) -> dict[str, bytes]:
    """All that is known of one subject, as a body of its own."""
    return {f"{SUBJECT}{subject}": _bytes(dict(answers))}


def referral_from(bodies: Iterable[tuple[str, bytes]]) -> Referral | None:
    """The referral in a case's bodies, oldest first; later ones replace earlier. None when there is none yet.

    A subject whose record was forgotten is there without answers, so that the others keep their numbers.
    """
    whole: dict[str, Any] | None = None
    subjects: dict[int, dict[str, str]] = {}
    for name, plain in bodies:
        if name == REFERRAL:
            whole = json.loads(plain)
        elif name.startswith(SUBJECT):
            subjects[int(name.removeprefix(f"{SUBJECT}s"))] = json.loads(plain)
    if whole is None:
        return None
    return Referral(
        form=whole["form"],
        referrer=whole["referrer"],
        concern=whole["concern"],
        consent=whole["consent"],
        household=tuple(whole["household"]),
        subjects=tuple(subjects.get(n, {}) for n in range(1, max(subjects, default=0) + 1)),
    )


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
