"""Telling: what an agency tells with its answer, by mail, page, telephone or API, as journey codes and sealed words.

1. All ways give the same text, and the same reader finds in it what a nil return does not say.
2. The agency's own reference could identify somebody: it is a sealed body of its own, never part of an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exchange import content
from exchange.case.acknowledgement import Answer
from exchange.case.event import Answered
from exchange.case.rules import AgencyRules
from exchange.case.state import Case
from mailflow import labels
from mailflow.suggestion import Known, meant


@dataclass(frozen=True, slots=True)
class Telling:
    """What was told, as far as it was."""

    words: str = field(default="", repr=False)
    systems: str = field(default="", repr=False)  # which systems were searched
    identifiers: str = field(default="", repr=False)  # on which identifiers
    searched: str = field(default="", repr=False)  # when
    own_reference: str = field(default="", repr=False)  # the agency's own number for it
    released: bool = False  # the agency says that it may be used in what leaves the hub

    @property
    def text(self) -> str:
        """All of it in words, the parts of a nil return each on a line under its label."""
        parts = zip(labels.LABELS.values(), (self.systems, self.identifiers, self.searched), strict=True)
        lines = [f"{label}: {' '.join(value.split())}" for label, value in parts if value.strip()]
        return "\n".join([*lines, self.words]).strip()

    def missing(self, answer: Answer) -> tuple[str, ...]:
        """What a nil return does not say."""
        return labels.nil_missing(self.text) if answer is Answer.NOTHING_KNOWN else ()

    def parts(self, event: Answered) -> dict[str, bytes]:
        """The sealed bodies: what was told, and the agency's own reference when it gave one."""
        found = {content.said(event.contribution): self.text.encode()}
        reference = labels.as_reference(self.own_reference)
        if reference:
            found[f"{content.OWN_REFERENCE}{event.leg}"] = reference.encode()
        return found


def by_mail(text: str, case: Case) -> Telling:
    """What a mail tells; our own reference, quoted back at us, is none of theirs."""
    theirs = labels.own_reference(text)
    return Telling(
        text, own_reference="" if case.reference in theirs else theirs, released=labels.may_be_shared(text)
    )


def other_agency(words: str, agencies: Iterable[AgencyRules], own: str) -> str:
    """The one other agency of the hub that these words mean; "" when it could be none or several."""
    known: Known = {a.id: (a.name, *a.functions) for a in agencies if a.id != own}
    return meant(words, known)


def own_references(case: Case, bodies: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
    """By agency, the reference it gave last, of a case's bodies, oldest first."""
    found = {}
    for name, plain in bodies:
        leg = case.leg(name.removeprefix(content.OWN_REFERENCE)) if name.startswith(content.OWN_REFERENCE) else None
        if leg:
            found[leg.agency] = plain.decode()
    return found
