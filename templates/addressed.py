"""Who writes a letter, and the ways in which it may be answered: what every kind of letter shares."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sender:
    """The hub as its letters show it."""

    name: str
    telephone: str
    duty_telephone: str  # out of hours
    timezone: str = "Europe/London"  # whose clock the letters mean


@dataclass(frozen=True, slots=True)
class Answering:
    """The ways by which a person may answer; `code` stands in sealed letters only."""

    page: str = field(repr=False)
    address: str = field(default="", repr=False)  # the secret address a reply goes to
    code: str = field(default="", repr=False)
