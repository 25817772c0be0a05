"""The letters that follow a packet: a protected address that was released, and who has the case open there."""

from __future__ import annotations

from datetime import datetime

from exchange import content
from exchange.case.packet import RELEASABLE, fill, who
from exchange.case.sorting import Sorting
from exchange.case.state import Leg
from exchange.posting import File
from templates import letters
from templates.addressed import Answering, Sender


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
