"""The state diagrams in docs are those of the tables, and every table of the core is drawn."""

from __future__ import annotations

import importlib
from pathlib import Path

from exchange.mapping import AUTOMATA, states

ROOT = Path(__file__).parent.parent.parent


def test_the_diagrams_are_those_of_the_tables() -> None:
    assert (ROOT / "docs" / "states.md").read_text() == states(), "run: exchange map > docs/states.md"


def test_every_table_of_the_core_is_drawn() -> None:
    drawn = {module for _, module, _ in AUTOMATA}
    for path in (ROOT / "exchange" / "case").glob("*.py"):
        module = importlib.import_module(f"exchange.case.{path.stem}")
        if path.stem != "__init__" and {"TABLE", "MAY_BECOME"} & set(vars(module)):
            own = [n for n in ("TABLE", "MAY_BECOME") if n in vars(module) and f"{n}:" in path.read_text()]
            assert not own or f"exchange/case/{path.name}" in drawn, path.name
