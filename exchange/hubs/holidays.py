"""Bank holidays as data: the dates arrive late and differ by nation, so each calendar is a file beside this one."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

_CALENDARS = files(__package__) / "calendars"


@cache
def names() -> tuple[str, ...]:
    """The calendars there are: `england-wales`."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in _CALENDARS.iterdir() if f.name.endswith(".toml")))


@cache
def dates(name: str) -> frozenset[date]:
    """The bank holidays of one of the `names`."""
    return frozenset(tomllib.loads((_CALENDARS / f"{name}.toml").read_text("utf-8"))["dates"])
