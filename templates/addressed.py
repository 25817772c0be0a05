"""Who writes a letter, and the ways in which it may be answered: what every kind of letter shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange.case.own_words import OwnWords


@dataclass(frozen=True, slots=True)
class Sender:
    """The hub as its letters show it."""

    name: str
    telephone: str
    duty_telephone: str  # out of hours
    timezone: str = "Europe/London"  # whose clock the letters mean
    words: Mapping[str, OwnWords] = field(default_factory=dict)  # the hub's own, by the folder of the letter


@dataclass(frozen=True, slots=True)
class Answering:
    """The ways by which a person may answer; `code` stands in sealed letters only."""

    page: str = field(repr=False)
    address: str = field(default="", repr=False)  # the secret address a reply goes to
    code: str = field(default="", repr=False)
