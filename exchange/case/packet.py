"""Packets: exactly which answers go to which agency. The manifest lists names, never values.

1. An answer travels only if its part was asked for, and it is about a subject of the leg. What was said with the
   contact as a whole travels where it is about one of them (`Case.words_for`).
2. A protected address and what would give it away (postcode, whereabouts, school) never travel by rule; only a
   named person's release may send them. That holds for somebody in the household too, and for who lives with a
   subject whose address is protected. Other addresses travel by their part; what is kept back, the packet says.
3. `fill` gives what the manifest lists and nothing else: what is not listed cannot be in the packet. A risk that
   somebody may pose is told with their name; of whom there is none, nothing, unless the household is told of.
4. A protected address that somebody wrote into another answer, or into a letter, is struck out there, unless it is
   released to the agency that reads it; an address that holds one is kept back as a whole.
5. What makes a packet's warnings is in every manifest, whatever the parts: nobody may tell the family, or visit, for
   want of a line. Of it travels the least that warns: a coded answer as it is, of free text only that there is one
   (the name then ends in WARNED); of consent, where it is about nobody of the leg, only that the hub be asked first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set

from exchange.case.fields import BY_KEY, Part, Section
from exchange.case.place import tells
from exchange.case.referral import (
    Referral,
    SubjectCodes,
    addresses,
    answered,
    lives_with_a_secret,
    protected_places,
)

KEPT_BACK = "[address kept back]"
_AGAIN = re.compile(rf"{re.escape(KEPT_BACK)}(?:[\s,;]*{re.escape(KEPT_BACK)})+")
WHO = frozenset({"given_name", "family_name", "aliases", "date_of_birth", "age", "unborn", "expected_date", "sex"})
RISKS = frozenset({"poses_risk", "alleged", "works_with", "employer"})  # of a person: nothing without saying whose
WHOSE = frozenset({"name", "relationship"})
WARNED = ":warned"  # after a name: the packet says that there is such an answer, and none of its words
_UNSAID = frozenset({"consent.informed", "consent.why_not"})  # warn of the family: "ask us before you speak to them"
_WARNINGS = _UNSAID | {"concern.immediate_danger", "concern.risks_to_workers"}
# and of each subject whether the address is protected
_NOBODY: frozenset[str] = frozenset()
ADDRESSES = frozenset({"address", "postcode", "current_address", "whereabouts"})  # where somebody can be found
RELEASABLE = ADDRESSES | {"school"}  # what a named person may let one agency know
PLACES = RELEASABLE | {"gp", "health_visitor"}


def manifest(
    fields: Iterable[str], subjects: Iterable[SubjectCodes], about: tuple[str, ...], parts: tuple[Part, ...],
    released: Set[str] = _NOBODY, *, words: bool = True,
) -> tuple[str, ...]:  # fmt: skip
    """The names of the answers a leg about the subjects `about` may disclose, of all `fields` that were given;
    `released` are those whose protected address a named person lets this agency know. Without `words` nothing of what
    was said with the contact as a whole is among them, but for what warns."""
    given = tuple(fields)
    secret = _protected(given, subjects) - released
    listed = {name: _listed(name, about, parts, secret, words) for name in given}
    told = {name.partition(".")[0] for name, as_ in listed.items() if as_ and name.rpartition(".")[2] in RISKS}
    whose = {f"{owner}.{plain}" for owner in told for plain in WHOSE}
    return tuple(filter(None, (as_ or (name if name in whose else "") for name, as_ in listed.items())))


def kept_back(
    fields: Iterable[str], subjects: Iterable[SubjectCodes], about: tuple[str, ...], parts: tuple[Part, ...],
    released: Set[str] = _NOBODY, *, words: bool = True,
) -> tuple[str, ...]:  # fmt: skip
    """Of what `manifest` would list, were no address protected, what it leaves out."""
    given = tuple(fields)
    secret = _protected(given, subjects) - released
    wanted = (name for name in given if _may_travel(name, about, parts, _NOBODY, words))
    return tuple(name for name in wanted if not _may_travel(name, about, parts, secret, words))


def _protected(given: tuple[str, ...], subjects: Iterable[SubjectCodes]) -> set[str]:
    return {s.id for s in subjects if s.address_protected} | _protected_persons(given)


def _listed(name: str, about: tuple[str, ...], parts: tuple[Part, ...], secret: Set[str], words: bool) -> str:
    """The name under which an answer travels; "" when it does not."""
    if _may_travel(name, about, parts, secret, words):
        return name
    owner, _, plain = name.partition(".")
    if name not in _WARNINGS and not (owner in about and plain == "address_protected"):
        return ""
    coded = BY_KEY[f"{_section(owner)}.{plain}"].codes is not None
    return name if coded and (words or name not in _UNSAID) else name + WARNED


def entrusted(names: Iterable[str], released: Set[str]) -> set[str]:
    """Of the `released`, those whose address stands under one of these names."""
    placed = {owner for owner, _, plain in (n.partition(".") for n in names) if plain in ADDRESSES}
    return placed & released


def who(fields: Iterable[str], about: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the answers that say who these subjects are, and nothing more of them."""
    return tuple(n for n in fields if n.partition(".")[0] in about and n.partition(".")[2] in WHO)


def struck(referral: Referral | None, text: str, released: Set[str] = _NOBODY) -> str:
    """The text without any protected address of the referral, however it is written in it; those of `released` may
    stand."""
    return _without(_secret(referral, released), text) if referral else text


def _without(secret: re.Pattern[str], text: str) -> str:
    return _AGAIN.sub(KEPT_BACK, secret.sub(KEPT_BACK, text))


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


def _may_travel(name: str, about: tuple[str, ...], parts: tuple[Part, ...], secret: Set[str], words: bool) -> bool:
    owner, _, plain = name.partition(".")
    section = _section(owner)
    if BY_KEY[f"{section}.{plain}"].part not in parts or not (words or section is Section.SUBJECT):
        return False
    if section is Section.SUBJECT and owner not in about:
        return False
    return not (owner in secret and plain in PLACES)


def _section(owner: str) -> Section:
    if owner[0] == "s" and owner[1:].isdigit():
        return Section.SUBJECT
    if owner[0] == "p" and owner[1:].isdigit():
        return Section.PERSON
    return Section(owner)


def fill(
    referral: Referral, names: tuple[str, ...], released: Set[str] = _NOBODY, *, everybody: bool = False
) -> Mapping[str, str]:
    """The answers listed, by their manifest names, in the order of the form; of the `released`, and of whoever's own
    place is listed, the reader knows the address. With `everybody`, who poses no risk too, whatever is listed."""
    wanted = set(names)
    values = {(f"{where}.{BY_KEY[key].name}" if where else key): value for where, key, value in answered(referral)}
    released = released | {name.partition(".")[0] for name in wanted if name.rpartition(".")[2] in PLACES}
    secret = _secret(referral, released)
    at_home = lives_with_a_secret(referral, released)
    idle = set() if everybody else _no_risk(values, wanted)
    told = {
        name: _told(name, value, secret, at_home)
        for name, value in values.items()
        if name in wanted and name.partition(".")[0] not in idle
    }
    warned = {
        name + WARNED: "yes" for name, value in values.items() if name + WARNED in wanted and _warns(name, value)
    }
    return told | warned


def _no_risk(values: Mapping[str, str], wanted: Set[str]) -> set[str]:
    """Those of the household who are in the packet for the risk they may pose alone, and of whom there is none.
    Whoever is listed without such an answer, or anything else of a household, shows that the household is told of."""
    listed = [n.partition(".") for n in wanted if _section(n.partition(".")[0]) is Section.PERSON]
    about = {owner for owner, _, _ in listed}
    for_more = {owner for owner, _, plain in listed if plain not in RISKS | WHOSE}
    spoken = {owner for owner, _, plain in listed if plain in RISKS}
    household = any(BY_KEY[f"person.{plain}"].part is Part.HOUSEHOLD and plain not in WHOSE for _, _, plain in listed)
    if household or about - spoken:
        return set()
    risky = {n.partition(".")[0] for n, value in values.items() if n.rpartition(".")[2] in RISKS and value != "no"}
    return about - for_more - risky


def _told(name: str, value: str, secret: re.Pattern[str], at_home: Set[str]) -> str:
    owner, _, plain = name.partition(".")
    if plain in ADDRESSES and (owner in at_home or secret.search(value)):
        return KEPT_BACK
    return _without(secret, value)


def _warns(name: str, value: str) -> bool:
    """Whether an answer is a reason to warn: of consent, "they do not know of it" and "unsafe to tell them"."""
    return name not in _UNSAID or value == "no" or value.startswith("unsafe")


def _written(places: Iterable[str]) -> re.Pattern[str]:
    """Each place as it may be written: any case, any spacing."""
    spaced = (r"\W*".join(map(re.escape, re.findall(r"\w", place))) for place in places)
    longest_first = sorted(filter(None, spaced), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)" if longest_first else r"(?!)", re.IGNORECASE)


def label(name: str) -> str:
    """The question behind a manifest name."""
    owner, _, plain = name.removesuffix(WARNED).partition(".")
    return BY_KEY[f"{_section(owner)}.{plain}"].label
