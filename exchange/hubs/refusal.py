"""What can be wrong with a hub profile, said so that the operator can mend the file without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a hub file."""

    line: int
    key: str  # where it stands: "agencies.police.mailbox.address"; rows of a list are numbered from 1
    value: str  # as written, shortened; "" when something is missing
    what: str
    remedy: str

    def __str__(self) -> str:
        said = (self.key, self.value, self.what, self.remedy)
        return f"line {self.line}: " + ": ".join(part for part in said if part)


class HubError(ValueError):
    """A hub profile cannot be used as it stands."""


class HubFileRefused(HubError):
    """The hub file has faults; nothing was changed. Mend the lines named and apply it again."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class ProfileUnreadable(HubError):
    """The stored profile is not what this version writes: restore it from a backup, or apply the hub file again."""
