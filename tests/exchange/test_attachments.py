"""Names that strangers give their files are shown as text, and lead nowhere (T26)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.attachments import ENDINGS, LONGEST_NAME, shown_name, size
from exchange.case.attachment import FileKind

HOSTILE = {
    "../../etc/passwd": "passwd.pdf",
    "..\\..\\windows\\system32\\evil.pdf": "evil.pdf",
    "report\0.pdf": "report.pdf",
    "photo‮fdp.exe": "photofdp.exe.pdf",  # read as photoexe.pdf where direction is turned
    "con": "_con.pdf",
    "CON.pdf": "_CON.pdf",
    "lpt1.": "_lpt1.pdf",
    "x" * 300: "x" * 75 + ".pdf",
    "x" * 300 + ".pdf": "x" * 76 + ".pdf",
    "invoice.pdf.exe": "invoice.pdf.exe.pdf",
    "  . . ": "file.pdf",
    "": "file.pdf",
    "a\r\nSet-Cookie: b=1": "aSet-Cookie_ b=1.pdf",
    '<img src=x onerror="alert(1)">.pdf': "_img src=x onerror=_alert(1)__.pdf",
    "Brief über Ŵŷn.PDF": "Brief über Ŵŷn.PDF",
    "报告.pdf": "报告.pdf",
}


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_only_text(name: str) -> None:
    assert shown_name(name, FileKind.PDF) == HOSTILE[name]


@given(st.text(), st.sampled_from(list(FileKind)))
def test_whatever_a_name_is_it_stays_short_visible_and_ends_as_what_the_file_is(name: str, kind: FileKind) -> None:
    shown = shown_name(name, kind)
    assert 0 < len(shown) <= LONGEST_NAME
    assert shown.rpartition(".")[2].lower() in ENDINGS[kind]
    assert all(c.isprintable() and unicodedata.category(c) != "Cf" for c in shown)
    assert not set(shown) & set('/\\\0:*?"<>|')
    assert shown_name(shown, kind) == shown


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size(n) for n in (9, 2048, 10 * 1024 * 1024, 1_600_000)] == ["9 bytes", "2 KB", "10 MB", "1.5 MB"]
