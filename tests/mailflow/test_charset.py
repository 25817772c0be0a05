"""Octets in whatever character set was named become text, and dangerous names are none."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow import charset

WELSH = "Mae'r plentyn yn ddiogel gyda'i fodryb yn nhŷ ei nain; gwnaethom ŵyl fach."
GREEK = "Ανησυχώ για το παιδί του γείτονα. Μένει συχνά μόνο του στο σπίτι."


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("UTF-8", "utf-8"),
        (' "utf8" ', "utf-8"),
        ("'us-ascii'", "ascii"),
        ("iso-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("x-sjis", "cp932"),
        ("iso-8859-14", "iso8859-14"),  # Welsh ŵ and ŷ
        ("unicode-1-1-utf-7", "utf-7"),
    ],
)
def test_names_as_mail_uses_them(name: str, python: str) -> None:
    assert charset.known(name) == python


@pytest.mark.parametrize(
    "name",
    [
        *("", "x-none", "default", "zlib", "hex", "rot13", "base64", "bz2", "idna", "punycode"),
        *("undefined", "mbcs", "\0", "é", "../../etc", "a" * 5000),
    ],
)
def test_names_that_are_none(name: str) -> None:
    assert charset.known(name) == ""


@pytest.mark.parametrize(
    ("octets", "name", "text", "true"),
    [
        (WELSH.encode(), "utf-8", WELSH, True),
        (WELSH.encode("iso-8859-14"), "iso-8859-14", WELSH, True),
        (WELSH.encode(), "", WELSH, True),
        (WELSH.encode(), "us-ascii", WELSH, False),  # named by a program that never looked
        (b"caf\xe9", "utf-8", "café", False),
        (b"caf\xe9", "x-none", "café", False),
        (b"caf\xc3\xa9", "x-none", "café", False),
        (b"\x81", "utf-8", "�", False),
        (b"", "utf-8", "", True),
    ],
)
def test_text_is_decoded_and_a_false_name_is_told(octets: bytes, name: str, text: str, true: bool) -> None:
    assert charset.decode(octets, name) == (text, true)


def test_only_a_body_with_enough_letters_is_guessed() -> None:
    octets = GREEK.encode("cp1253")
    assert charset.decode(octets, "x-none", guess=True) == (GREEK, False)
    assert charset.decode(octets, "x-none")[0] != GREEK
    assert charset.decode(b"caf\xe9 na\xefve", "x-none", guess=True) == ("café naïve", False)


def test_what_can_be_no_text_at_all_is_still_shown() -> None:
    noise = b"\x81\x8d\x8f\x90\x9d\x00\xff\xfe" * 40
    text, true = charset.decode(noise, "utf-8", guess=True)
    assert (len(text) > 0, true) == (True, False)


def test_every_codec_can_be_loaded_ahead_for_a_process_that_opens_no_file() -> None:
    program = (
        "import builtins, io, sys; from mailflow import charset; charset.load_all(); before = set(sys.modules)\n"
        "for name in ('cp037', 'iso-8859-14', 'x-gbk', 'koi8-u'): assert charset.known(name), name\n"
        "assert set(sys.modules) == before\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)
    charset.load_all()
    assert "encodings.cp037" in sys.modules


@given(st.binary(max_size=200), st.text(max_size=30), st.booleans())
def test_any_octets_under_any_name_are_text(octets: bytes, name: str, guess: bool) -> None:
    text, _ = charset.decode(octets, name, guess=guess)
    assert isinstance(text, str)


@given(st.text(max_size=200).filter(lambda text: "\ufeff" not in text))
def test_what_was_written_in_utf_8_is_read_as_it_was(text: str) -> None:
    assert charset.decode(text.encode("utf-8", "replace"), "utf-8") == (
        text.encode("utf-8", "replace").decode(),
        True,
    )
