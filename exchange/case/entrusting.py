"""Entrusting: a protected address is given to one agency, by a sealed letter (rules in address_release.py)."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.address_release import AddressRelease, AddressReleased
from exchange.case.delivery import Delivery
from exchange.case.effect import Letter, SendLetter
from exchange.case.lateral_check import Recall
from exchange.case.packet import RELEASABLE
from exchange.case.refusing import respect
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.step import CannotHappen, Step


def address_released(case: Case, event: AddressReleased, rules: Rules) -> Step:
    """The agency's packets may hold the address from now on. What has left is not sent again: the address follows it
    in a letter of its own. An agency that was never asked about them is told nothing by this: not that there is a
    concern, and not where they live."""
    if case.closed:
        raise CannotHappen("this case is closed: take what is new as a new referral")
    if event.owner not in protected(case):
        raise CannotHappen(f"no protected address of “{event.owner}” in this case: name whose it is (s1, p1...)")
    if rules.agency(event.agency) is None:
        raise CannotHappen(f"no agency “{event.agency}” in this hub: choose one of the hub file's agencies")
    if case.shuts_out(event.agency):
        raise CannotHappen("this agency must not see this case: its restriction would have to be lifted first")
    if event.owner in case.released_to(event.agency):
        raise CannotHappen("this agency has been given the address already")
    respect(case, (event.owner,), (event.agency,))
    leg = _standing(case, event)
    if leg is None:
        raise CannotHappen(
            "this agency has no packet of this case about them: ask it first about them (ask), and release the "
            "address then"
        )
    release = AddressRelease(event.owner, event.agency, event.at, event.by)
    case = replace(case, address_releases=(*case.address_releases, release))
    case, leg = _with_places(case, leg, event.owner)
    if leg.delivery is Delivery.TO_SEAL:  # not written yet: it will hold the address
        return Step(case)
    key, about = f"address:{leg.id}:{event.owner}", f"{leg.id}/{event.owner}"
    return Step(case, (SendLetter(key, Letter.ADDRESS, about),))


def protected(case: Case) -> set[str]:
    """Whose address must be kept secret, of the subjects and of the household."""
    persons = (name.partition(".") for name in case.fields if name[0] == "p")
    told = {owner for owner, _, plain in persons if plain == "address_protected" and owner[1:].isdigit()}
    return told | {s.id for s in case.subjects if s.codes.address_protected}


def _standing(case: Case, event: AddressReleased) -> Leg | None:
    """The agency's newest packet that stands and is about them, or for somebody of the household about anybody."""
    for leg in reversed(case.legs):
        about = event.owner in leg.subjects or event.owner.startswith("p")
        if leg.agency == event.agency and about and leg.recall is Recall.NONE and not leg.failed:
            return leg
    return None


def _with_places(case: Case, leg: Leg, owner: str) -> tuple[Case, Leg]:
    """The leg's manifest with the address, and the school, whatever parts the agency is given otherwise."""
    places = tuple(f"{owner}.{place}" for place in sorted(RELEASABLE))
    more = tuple(name for name in places if name in case.fields and name not in leg.manifest)
    kept = tuple(name for name in leg.kept_back if name not in places)
    leg = replace(leg, manifest=(*leg.manifest, *more), kept_back=kept)
    return case.with_leg(leg), leg
