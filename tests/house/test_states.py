"""The state diagrams in docs are those of the tables, and every table of the core is drawn."""

from __future__ import annotations

import importlib
from enum import StrEnum
from pathlib import Path

from exchange.mapping import AUTOMATA, states

ROOT = Path(__file__).parent.parent.parent


def test_the_diagrams_are_those_of_the_tables() -> None:
    assert (ROOT / "docs" / "states.md").read_text() == states(), "run: exchange map > docs/states.md"


def test_every_table_of_the_core_is_drawn() -> None:
    drawn = [module for _, module, _ in AUTOMATA]
    for path in (ROOT / "exchange" / "case").glob("*.py"):
        module = importlib.import_module(f"exchange.case.{path.stem}")
        own = [
            v
            for name, v in vars(module).items()
            if name[0] != "_" and f"\n{name}: dict[" in path.read_text() and _is_automaton(v)
        ]
        assert drawn.count(f"exchange/case/{path.name}") == len(own), path.name


def _is_automaton(table: object) -> bool:
    """States to states, by news or by a person's act."""
    if not isinstance(table, dict):
        return False
    keys = [key[0] if isinstance(key, tuple) else key for key in table]
    of = {type(key) for key in keys}
    into = {type(v) for value in table.values() for v in (value if isinstance(value, frozenset) else [value]) if v}
    return len(of) == 1 and issubclass(of.pop(), StrEnum) and into == {type(keys[0])}
