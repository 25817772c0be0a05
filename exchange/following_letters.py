"""The letters that follow a packet: a protected address that was released, and who has the case open there."""

from __future__ import annotations

from datetime import datetime

from exchange import content
from exchange.case import routing
from exchange.case.correcting import names_for
from exchange.case.packet import RELEASABLE, fill, who
from exchange.case.packet import label as asked
from exchange.case.sorting import Sorting
from exchange.case.state import Leg
from exchange.posting import File
from templates import letters
from templates.addressed import Answering, Sender
from templates.corrected import Corrected


def address(leg: Leg, owner: str, file: File, sender: Sender) -> letters.Entrusted:
    """Where somebody is, for the agency of this leg alone."""
    referral = file.referral
    released = next(r for r in file.case.address_releases if (r.owner, r.agency) == (owner, leg.agency))
    assert referral is not None  # noqa: S101 - whose address it is stands in it
    wanted = {*who(file.case.fields, (owner,)), f"{owner}.name", *(f"{owner}.{place}" for place in RELEASABLE)}
    names = tuple(name for name in file.case.fields if name in wanted)
    return letters.Entrusted(
        sender, file.case.reference, _name(leg, file), referral.form, names,
        fill(referral, names, file.case.released_to(leg.agency)),
        released.by, released.at, leg.basis, file.own_references.get(leg.agency, ""),
    )  # fmt: skip


def corrected(leg: Leg, number: str, file: File, sender: Sender) -> Corrected:
    """What was typed in wrongly, put right, for an agency that has it otherwise."""
    made, referral, case = file.case.corrections[int(number) - 1], file.referral, file.case
    assert referral is not None  # noqa: S101 - what is corrected stands in it
    names = names_for(case, leg, made.names)
    whose = {owner for n in names if (owner := n.partition(".")[0])[0] in "sp" and owner[1:].isdigit()}
    shown = tuple(n for n in leg.manifest if n in names or (n.partition(".")[0] in whose and _names_them(n)))
    household = routing.tells_household(leg, file.rules)
    answers = fill(referral, shown, case.released_to(leg.agency), everybody=household)
    gone = tuple(dict.fromkeys(asked(name) for name in names if name not in answers))
    return Corrected(
        sender, case.reference, _name(leg, file), referral.form, tuple(n for n in shown if n in answers), answers,
        gone, leg.opened_at, made.at, leg.basis, case.number_of(leg.id), file.own_references.get(leg.agency, ""),
    )  # fmt: skip


def _names_them(name: str) -> bool:
    return name.partition(".")[2] in ("given_name", "family_name", "name", "relationship")


def for_worker(leg: Leg, file: File, sender: Sender, answering: Answering, now: datetime) -> letters.ForWorker:
    """That the packet is for whoever has the case open there."""
    return letters.ForWorker(
        sender, file.case.reference, _name(leg, file), worker(leg, file), answering, leg.opened_at, now,
        file.own_references.get(leg.agency, ""),
    )  # fmt: skip


def worker(leg: Leg, file: File) -> str:
    """The allocated worker, when the agency has the case open and staff know who that is."""
    has_it = file.case.sorting is Sorting.OPEN_CASE and leg.agency == file.case.sorted_about
    return " ".join(file.said.get(content.WORKER, b"").decode().split()) if has_it else ""


def _name(leg: Leg, file: File) -> str:
    known = file.rules.agency(leg.agency)
    return known.name if known else leg.agency
