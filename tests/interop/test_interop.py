"""Of the table, the programs that are always there; all of them: `make interop`."""

from __future__ import annotations

import pytest

from tests.interop.programs import Gpg, Program, PysequoiaQuantum
from tests.interop.smime_programs import OpenSsl, OpenSslCurve
from tests.interop.table import Line, table


@pytest.mark.parametrize(
    ("programs", "smime"),
    [((Gpg, PysequoiaQuantum), False), ((OpenSsl, OpenSslCurve), True)],
    ids=["openpgp", "smime"],
)
async def test_it_opens_ours_and_we_open_its_answer(programs: tuple[type[Program], ...], smime: bool) -> None:
    lines = await table(programs, smime)
    assert [line.steps for line in lines if not line.works] == []
    assert len(lines) == len(programs)


def test_a_line_that_fails_is_seen() -> None:
    assert not Line("x", "1", "k", {}).works
    assert not Line("x", "1", "k", {"opens ours": "no: other octets"}).works
