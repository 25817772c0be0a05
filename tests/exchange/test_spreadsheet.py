"""No cell of an export computes anything (T27), and nothing is lost on the way."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.spreadsheet import FORMULAS, as_csv

CELLS = st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2))


@given(CELLS)
def test_no_cell_begins_as_a_formula_and_each_says_what_it_said(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(as_csv(("one", "two"), rows).removeprefix("\ufeff"), newline="")))
    assert read[0] == ["one", "two"]
    for given_row, row in zip(rows, read[1:], strict=True):
        for was, cell in zip(given_row, row, strict=True):
            assert not cell.lstrip(" ").startswith(FORMULAS)
            assert cell.removeprefix("'") == was.replace("\0", "").removeprefix("'")


@pytest.mark.skipif(not shutil.which("localc"), reason="no LibreOffice Calc")
@pytest.mark.long
def test_a_spreadsheet_program_computes_nothing(tmp_path: Path) -> None:
    made = tmp_path / "record.csv"
    made.write_text(as_csv(("a",), [["=1+1"], ["@SUM(A1)"], ["+2"], ["-3"], ["\t=4"]]))
    command = ["soffice", "--headless", "--convert-to", "fods", str(made), "--outdir", str(tmp_path)]
    subprocess.run(command, check=True, timeout=90, capture_output=True)
    assert "table:formula" not in (tmp_path / "record.fods").read_text()
