"""No pattern in the mail readers takes long over what a stranger can write (T45)."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

import mailflow
from exchange import guessing, sent_again

LENGTH = 4_000  # characters: a pattern whose time grows with the square of them shows here
MOST = 0.25  # seconds of processor time
PIECES = (
    *"a 0.,:;-_=*#<>()[]\"'\\/@\t\n",
    *("\r\n", "a ", "a.", "a@", "a@b.", "0.", "a-", "- ", "> ", "a:", ": ", "a\n", " \n", "[a] ", "(a) ", "<a>", "é"),
    *(
        "could not ",
        "delivery ",
        "message ",
        "was not ",
        "your email ",
        "click ",
        "confirm ",
        "external ",
        "this email ",
    ),
    *("On a ", "wrote ", "wrote: ", "From: ", "auto ", "out of office ", "Ann Lee ", "MASH-AAAA-", "1999 ", "done "),
    *("dkim=pass ", "header.d=", "i=1;", "=?a?q?", "?=", "begin 644 a\n", "-----BEGIN PGP MESSAGE-----\n", "Aa-Bb'"),
)
OF_OURS = frozenset(  # they read what we write, or commands of bounded length
    {
        "compose",
        "dkim_signing",
        "gate",
        "sender",
        "direct",
        "listener",
        "reader",
        "requesting",
        "retry",
        "verdict",
        "domain_check",
    }
    | {"mta_sts", "labels"}
)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern of the readers, by module and name; those in tables too."""
    found = [m.name for m in pkgutil.walk_packages(mailflow.__path__, "mailflow.")]
    modules = [importlib.import_module(name) for name in found if name.split(".")[1] not in OF_OURS]
    for module in (*modules, guessing, sent_again):
        for name, value in vars(module).items():
            yield from _inside(f"{module.__name__}.{name}", value)


def _inside(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _inside(name, item)


PATTERNS = dict(patterns())


@pytest.mark.timeout(300)
@pytest.mark.long  # it measures time: a busy machine must not fail a change
@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_takes_no_longer_than_its_text(name: str) -> None:
    pattern = PATTERNS[name]
    for piece in PIECES:
        text: Any = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
        begun = time.process_time()
        found = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
        pattern.match(found)
        for _ in zip(pattern.finditer(found), range(LENGTH), strict=False):
            pass
        assert time.process_time() - begun < MOST, piece
