"""A correction: what a packet said otherwise, because it had been typed in wrongly; sealed, to who has the packet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from templates.addressed import Sender
from templates.disclosed import Group, groups


@dataclass(frozen=True, slots=True)
class Corrected:
    """To one agency, sealed."""

    sender: Sender
    reference: str
    agency: str
    form: str
    manifest: tuple[str, ...]  # what is right now, and who it is about
    answers: Mapping[str, str] = field(repr=False)
    gone: tuple[str, ...]  # the questions whose answers were taken out
    sent_at: datetime  # the packet
    corrected_at: datetime
    basis: str
    number: int = 0  # which of the agency's packets; 0 while there is no other
    own_reference: str = field(default="", repr=False)

    @property
    def groups(self) -> tuple[Group, ...]:
        """What is right now."""
        return groups(self.answers, self.manifest, self.form, self.corrected_at.date())
