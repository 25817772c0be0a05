"""Index tokens: compounds of what identifies a person, keyed, so that equal people meet without being readable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import jellyfish

from exchange.case.referral import Answers, Referral
from exchange.store.matching import Token
from keys.vault import index_token

# How much sharing one compound says; tuned so that a number, or two weaker signs, stand out.
LIKELY = 5  # weight of the tokens two subjects share: a name and a year, a name and a place, or a number
_NHS, _NAME_YEAR, _NAME_PLACE, _NAME, _PLACE = 10, 6, 5, 2, 2


def subject_tokens(secret: bytes, referral: Referral) -> tuple[Token, ...]:
    """The tokens of every subject of a referral."""
    return tuple(
        Token(index_token(secret, kind, value).hex(), f"s{n}", weight)
        for n, answers in enumerate(referral.subjects, 1)
        for kind, value, weight in _compounds(answers)
    )


def searched(
    secret: bytes,
    given_name: str = "",
    family_name: str = "",
    year: str = "",
    postcode: str = "",
    nhs_number: str = "",
) -> tuple[str, ...]:
    """The tokens of somebody looked for. None when what is known finds nobody: a year alone, a number cut short."""
    born = f"{year}-01-01" if year else ""
    answers = {
        "given_name": given_name, "family_name": family_name, "date_of_birth": born, "postcode": postcode,
        "nhs_number": nhs_number,
    }  # fmt: skip
    return tuple(index_token(secret, kind, value).hex() for kind, value, _ in _compounds(answers))


def _compounds(answers: Answers) -> Iterator[tuple[str, str, int]]:
    number = "".join(c for c in answers.get("nhs_number", "") if c.isdigit())
    if len(number) == 10:
        yield "nhs", number, _NHS
    postcode = "".join(answers.get("postcode", "").upper().split())
    if postcode:
        yield "place", postcode, _PLACE
    sounds = [s for s in (_sound(answers.get("family_name", "")), _sound(answers.get("given_name", ""))) if s]
    for sound in sounds:
        yield "sound", sound, _NAME
    for spelt in {spelt_alike(answers.get(name, "")) for name in ("family_name", "given_name")} - {""}:
        yield "spelt", spelt, 0  # of all who sound so, those written the same come first
    if len(sounds) == 2:
        whole = "+".join(sounds)
        yield "names", whole, _NAME_YEAR
        if year := answers.get("date_of_birth", "")[:4]:
            yield "names-year", f"{whole}+{year}", _NAME_YEAR
        if postcode:
            yield "names-place", f"{whole}+{postcode}", _NAME_PLACE


def spelt_alike(name: str) -> str:
    """A name as it is compared: whatever its capitals, blanks and hyphens."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def _sound(name: str) -> str:
    letters = "".join(c for c in name if c.isalpha())
    return jellyfish.metaphone(letters) or letters.lower() if letters else ""
