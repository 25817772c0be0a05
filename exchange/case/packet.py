"""Packets: exactly which answers go to which agency. The manifest lists names, never values.

1. An answer travels only if its part was asked for, and it is about a subject of the leg or about nobody.
2. A protected address and what would give it away (postcode, whereabouts, school) never travel by rule; only a
   named person's release may send them. That holds for somebody in the household too, and where a subject's address
   is protected nobody's does: they may live together.
3. `fill` gives what the manifest lists and nothing else: what is not listed cannot be in the packet.
4. A protected address that somebody wrote into another answer, or into a letter, is struck out there, unless it is
   released to the agency that reads it.
5. What makes a packet's warnings is in every manifest, whatever the parts: nobody may tell the family, or visit, for
   want of a line. Of it travels the least that warns: a coded answer as it is, of free text only that there is one
   (the name then ends in WARNED).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set

from exchange.case.fields import BY_KEY, Part, Section
from exchange.case.place import tells
from exchange.case.referral import Referral, SubjectCodes, addresses, answered, protected_places

KEPT_BACK = "[address kept back]"
WHO = frozenset({"given_name", "family_name", "aliases", "date_of_birth", "unborn", "expected_date", "sex"})
WARNED = ":warned"  # after a name: the packet says that there is such an answer, and none of its words
_WARNINGS = frozenset(
    {"concern.immediate_danger", "concern.risks_to_workers", "consent.informed", "consent.why_not"}
)  # and of each subject whether the address is protected
_NOBODY: frozenset[str] = frozenset()
ADDRESSES = frozenset({"address", "postcode", "current_address", "whereabouts"})  # where somebody can be found
PLACES = ADDRESSES | {"school", "gp", "health_visitor"}


def manifest(
    fields: Iterable[str], subjects: Iterable[SubjectCodes], about: tuple[str, ...], parts: tuple[Part, ...],
    released: Set[str] = _NOBODY,
) -> tuple[str, ...]:  # fmt: skip
    """The names of the answers a leg about the subjects `about` may disclose, of all `fields` that were given;
    `released` are those whose protected address a named person lets this agency know."""
    given = tuple(fields)
    protected = ({s.id for s in subjects if s.address_protected} | _protected_persons(given)) - released
    return tuple(listed for name in given if (listed := _listed(name, about, parts, protected)))


def _listed(name: str, about: tuple[str, ...], parts: tuple[Part, ...], protected: set[str]) -> str:
    """The name under which an answer travels; "" when it does not."""
    if _may_travel(name, about, parts, protected):
        return name
    owner, _, plain = name.partition(".")
    if name not in _WARNINGS and not (owner in about and plain == "address_protected"):
        return ""
    return name if BY_KEY[f"{_section(owner)}.{plain}"].codes else name + WARNED


def who(fields: Iterable[str], about: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the answers that say who these subjects are, and nothing more of them."""
    return tuple(n for n in fields if n.partition(".")[0] in about and n.partition(".")[2] in WHO)


def struck(referral: Referral | None, text: str, released: Set[str] = _NOBODY) -> str:
    """The text without any protected address of the referral, however it is written in it; those of `released` may
    stand."""
    return _secret(referral, released).sub(KEPT_BACK, text) if referral else text


def gives_away(referral: Referral, text: str, *, protected_only: bool = False) -> bool:
    """Whether a text says where somebody of the referral lives: what may stand in no readable mail, nor, where the
    address is protected, in mail to everybody."""
    told = ((address, kept) for address, kept in addresses(referral) if kept or not protected_only)
    return any(tells(text, address, protected=kept) for address, kept in told)


def _secret(referral: Referral, released: Set[str]) -> re.Pattern[str]:
    """What is struck out; a line that somebody of `released` shares is known to the reader already."""
    places = tuple(protected_places(referral))
    known = {_plain(line) for owner, line in places if owner in released}
    return _written(line for owner, line in places if owner not in released and _plain(line) not in known)


def _plain(place: str) -> str:
    return "".join(re.findall(r"\w", place)).casefold()


def _protected_persons(given: tuple[str, ...]) -> set[str]:
    owners = (name.partition(".") for name in given)
    return {owner for owner, _, plain in owners if plain == "address_protected" and _section(owner) is Section.PERSON}


def _may_travel(name: str, about: tuple[str, ...], parts: tuple[Part, ...], protected: set[str]) -> bool:
    owner, _, plain = name.partition(".")
    section = _section(owner)
    if BY_KEY[f"{section}.{plain}"].part not in parts:
        return False
    if section is Section.PERSON:
        hidden = owner in protected or any(other.startswith("s") for other in protected)
        return not (hidden and plain in PLACES)
    if section is not Section.SUBJECT:
        return True
    return owner in about and not (owner in protected and plain in PLACES)


def _section(owner: str) -> Section:
    if owner[0] == "s" and owner[1:].isdigit():
        return Section.SUBJECT
    if owner[0] == "p" and owner[1:].isdigit():
        return Section.PERSON
    return Section(owner)


def fill(referral: Referral, names: tuple[str, ...]) -> Mapping[str, str]:
    """The answers listed, by their manifest names, in the order of the form."""
    wanted = set(names)
    values = {(f"{where}.{BY_KEY[key].name}" if where else key): value for where, key, value in answered(referral)}
    released = {name.partition(".")[0] for name in wanted if name.rpartition(".")[2] in PLACES}
    secret = _secret(referral, released)
    told = {name: secret.sub(KEPT_BACK, value) for name, value in values.items() if name in wanted}
    warned = {name + WARNED: "yes" for name in values if name + WARNED in wanted}
    return told | warned


def _written(places: Iterable[str]) -> re.Pattern[str]:
    """Each place as it may be written: any case, any spacing."""
    spaced = (r"\W*".join(map(re.escape, re.findall(r"\w", place))) for place in places)
    longest_first = sorted(filter(None, spaced), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)" if longest_first else r"(?!)", re.IGNORECASE)


def label(name: str) -> str:
    """The question behind a manifest name."""
    owner, _, plain = name.removesuffix(WARNED).partition(".")
    return BY_KEY[f"{_section(owner)}.{plain}"].label
