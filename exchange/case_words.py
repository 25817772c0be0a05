"""What a case says beside its referral, its contributions and its history, for a program: each thing as it is worded.

It is made of what `opened_for` gives (exchange/compartments.py): where something is shut to whoever asks, or is
forgotten, its place is there and null in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange import content
from exchange.case.product import Product, Version, address
from exchange.case.record import Record
from exchange.case.record import Version as Written
from exchange.case.state import Case
from exchange.case.strategy_discussion import StrategyDiscussion
from exchange.compartments import OpenedFor

Json = dict[str, Any]


def words(case: Case, opened: OpenedFor) -> Json:
    """By what they are about: products, records of discussions, discussions, actions, and agencies' references."""
    said = _Said({name: plain for _, name, plain in opened.bodies})  # of one name the newest counts
    return {
        "products": [said.product(p, v) for p in case.products for v in p.versions],
        "records": [said.record(r, v) for r in case.records for v in r.versions],
        "discussions": [said.discussion(d) for d in case.discussions],
        "actions": [{"action": a.id, "words": said.text(f"{content.ACTION}{a.id}")} for a in case.actions],
        "own_references": [
            {"leg": leg.id, "reference": said.text(f"{content.OWN_REFERENCE}{leg.id}")} for leg in case.legs
        ],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Said:
    """Every body that may be read, by its name."""

    bodies: Mapping[str, bytes] = field(repr=False)

    def text(self, name: str) -> str | None:
        """As it was written."""
        plain = self.bodies.get(name)
        return None if plain is None else plain.decode()

    def data(self, name: str) -> Any:
        """What is kept as more than a text."""
        plain = self.bodies.get(name)
        return None if plain is None else json.loads(plain)

    def product(self, product: Product, version: Version) -> Json:
        """One version of an information product."""
        return {
            "product": product.id, "version": version.id,
            "analysis": self.text(content.of_product(product.id, version.id)),
            "passages": [
                {
                    "passage": address(product.id, p.id), "agency": p.agency, "contribution": p.contribution,
                    "words": self.text(content.of_product(product.id, p.id)),
                }
                for p in product.of(version)
            ],
        }  # fmt: skip

    def record(self, record: Record, version: Written) -> Json:
        """One version of the record of a discussion."""

        def name(part: str = "") -> str:
            return content.of_record(record.discussion, version.id, part)

        return {
            "discussion": record.discussion, "version": version.id, "says": self.data(name()),
            "subjects": [
                {"subject": s.subject, "says": self.data(name(s.subject))} for s in version.minutes.subjects
            ],
            "information": [
                {"information": n.id, "agency": n.agency, "words": self.text(name(n.id))}
                for n in version.minutes.information
            ],
        }  # fmt: skip

    def discussion(self, called: StrategyDiscussion) -> Json:
        """Why it was called and where it is, who was rung for it, and who comes in somebody's place."""
        seats = [f"{called.id}/{i.id}" for i in called.invitees]
        return {
            "discussion": called.id, "why": self.text(f"{content.CALLED_FOR}{called.id}"),
            "place": self.text(f"{content.PLACE}{called.id}"),
            "location": self.text(f"{content.LOCATION}{called.id}"),
            "rang": self.data(f"{content.RANG}{called.id}"),
            "seats": [
                {
                    "seat": seat, "deputy": self.text(f"{content.DEPUTY}{seat}"),
                    "delegate": self.text(f"{content.DELEGATE}{seat}"),
                }
                for seat in seats
            ],
        }  # fmt: skip
