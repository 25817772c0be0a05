"""The help page of every command says what the command does and what each of its values is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from cyclopts import App

from exchange.cli import cli

SAYS_NOTHING = ("[default: ]", "[default: None]", "[default: False]", '[default: ""]', "--no-", "--empty-")


def commands(of: App, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    """Every command with the words by which it is called, and those that hold others."""
    yield path, of
    for name in of:
        if not name.startswith("-"):
            yield from commands(of[name], (*path, name))


EVERY = list(commands(cli))


def test_every_value_of_every_command_is_explained() -> None:
    assert len(EVERY) > 60
    for path, command in EVERY:
        assert command.help, path
        values = command.assemble_argument_collection(parse_docstring=True) if command.default_command else ()
        lacking = [value.name for value in values if value.show and not (value.parameter.help or "").strip()]
        assert lacking == [], f"exchange {' '.join(path)}: say of each under “Parameters” of its docstring what it is"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("audit", "verify"), "a file with a head that was kept outside"),
        (("init",), "where people reach the pages"),
        (("token", "add"), "the member in whose name it acts"),
        (("decide",), "knowingly, although an agency has not answered"),
        (("serve",), "[default: web,mail,work]"),
    ],
)
def test_a_help_page_is_read_at_a_terminal(words: tuple[str, ...], told: str) -> None:
    command = [sys.executable, "-m", "exchange", *words, "--help"]
    wide = {**os.environ, "COLUMNS": "200"}
    page = subprocess.run(command, capture_output=True, check=True, timeout=60, env=wide).stdout.decode()
    assert told in page
    assert "----" not in page.replace("─", "")  # no mark-up of a docstring
    assert [words for words in SAYS_NOTHING if words in page] == []
