"""One header's value is read as its sender meant it, and no value raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow import header_text
from mailflow.header_text import FILE_NAME_MAX, PARAMS_MAX, WORDS_MAX


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Re: Message MASH-7K2F", "Re: Message MASH-7K2F"),
        ("Neges am blentyn yn Nhŷ Mawr".encode(), "Neges am blentyn yn Nhŷ Mawr"),  # RFC 6532
        (b"caf\xe9", "café"),
        (b"=?iso-8859-14?Q?T=FE?=", "Tŷ"),
        (b"=?UTF-8?B?VMW3?= Mawr", "Tŷ Mawr"),
        (b"=?utf-8?b?VMU=?= =?utf-8?b?tw==?=", "Tŷ"),  # one letter cut in two, by Outlook
        (b"=?utf-8?q?one?= =?iso-8859-1?q?_two?=", "one two"),
        (b"=?utf-8*cy?q?T=C5=B7?=", "Tŷ"),  # RFC 2231 5
        (b"=?utf-8?q?a=0D=0ABcc:_b?=", "a  Bcc: b"),
        (b"=?x-none?q?a?= and =?broken", "a and =?broken"),
        (b"a\tb\x0bc\0d\x1b[31m", "a b cd[31m"),
        (b"", ""),
    ],
)
def test_words(raw: bytes, text: str) -> None:
    assert header_text.words(raw) == text


def test_more_encoded_words_than_any_client_writes_stay_as_they_are() -> None:
    assert header_text.words(b"=?utf-8?q?a?=" * WORDS_MAX) == "a" * WORDS_MAX
    many = b"=?utf-8?q?a?=" * (WORDS_MAX + 1)
    assert header_text.words(many) == many.decode()


@pytest.mark.parametrize(
    ("raw", "main", "params"),
    [
        (b"Text/Plain; CharSet=UTF-8", "text/plain", {"charset": "UTF-8"}),
        (b'x/y; name="a\\"b;c.pdf"', "x/y", {"name": 'a"b;c.pdf'}),
        (b'x/y; name="never closed', "x/y", {"name": "never closed"}),
        (b"x/y; charset=us-ascii (plain text)", "x/y", {"charset": "us-ascii"}),
        (b"x/y; name*=utf-8''T%C5%B7.pdf", "x/y", {"name": "Tŷ.pdf"}),
        (b"x/y; name*1=b.pdf; name*0=a", "x/y", {"name": "ab.pdf"}),
        (b"x/y; name*0*=iso-8859-14'cy'T%FE; name*1=.pdf", "x/y", {"name": "Tŷ.pdf"}),
        (b"x/y; name*0*=no-quotes; name*1*=%41", "x/y", {"name": "no-quotesA"}),
        (b"x/y; name*x=a", "x/y", {"name": "a"}),
        (b"x/y; name*99999=a", "x/y", {"name": "a"}),
        (b"multipart/report;report-type=delivery-status;;boundary=b", "multipart/report", None),
        (b"attachment", "attachment", {}),
        (b"", "", {}),
    ],
)
def test_params(raw: bytes, main: str, params: dict[str, str] | None) -> None:
    wanted = {"report-type": "delivery-status", "boundary": "b"} if params is None else params
    assert header_text.params(raw) == (main, tuple(wanted.items()))


def test_only_so_many_parameters_are_read() -> None:
    _, found = header_text.params(b"x/y" + b"".join(b"; p%d=v" % n for n in range(PARAMS_MAX + 10)))
    assert len(found) == PARAMS_MAX


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"Ann Lee <Ann.Lee@Health.example>", [("Ann Lee", "ann.lee@health.example")]),
        (b'"Lee, Ann (Duty)" <a@b.example>, c@d.example', [("Lee, Ann (Duty)", "a@b.example"), ("", "c@d.example")]),
        (b"=?utf-8?q?Si=C3=A2n?= <a@b.example>", [("Siân", "a@b.example")]),
        ("Siân <siân@tŷ.example>".encode(), [("Siân", "siân@tŷ.example")]),
        (b"Team: a@b.example, c@d.example;", [("", "a@b.example"), ("", "c@d.example")]),
        (b"a@b.example,", [("", "a@b.example")]),
        (b"Ann <a@b.example", [("Ann", "a@b.example")]),
        (b"Ann a@b.example> (Duty", [("", "a@b.example")]),
        (b"mailto:a@b.example", [("", "a@b.example")]),
        (b"undisclosed-recipients:;", []),
        (b"", []),
    ],
)
def test_addresses(raw: bytes, found: list[tuple[str, str]]) -> None:
    assert [spec for _, spec in header_text.addresses(raw)] == [spec for _, spec in found]
    if all(spec.isascii() and name.isascii() for name, spec in found):
        assert list(header_text.addresses(raw)) == found


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"<a@b.example>\t<c@d.example>", ("<a@b.example>", "<c@d.example>")),
        (b"<a@b.example> <a@b.example>", ("<a@b.example>",)),
        (b"<[0a1b]@exch.example>", ("<[0a1b]@exch.example>",)),
        (b"a@b.example, c@d.example", ("<a@b.example>", "<c@d.example>")),
        (b"Your message of Tuesday", ()),
        (b"<1234   @   local(blah)  .machine .example>", ("<1234@local.machine.example>",)),  # RFC 5322 A.6.3
    ],
)
def test_ids(raw: bytes, found: tuple[str, ...]) -> None:
    assert header_text.ids(raw) == found


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        (b"Tue, 24 Nov 2026 10:00:00 +0100", datetime(2026, 11, 24, 10, tzinfo=timezone(timedelta(hours=1)))),
        (b"Tue, 24 Nov 2026 10:00:00 -0000", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (b"Tue, 24 Nov 2026 10(comment):   00  :  00 -0000", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (b"24 Nov 26 10:00 GMT (London)", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (b"Tue, 24 Nov 2026 10:00:00 +9999", None),
        (b"yesterday", None),
        (b"", None),
    ],
)
def test_dates(raw: bytes, moment: datetime | None) -> None:
    assert header_text.date(raw) == moment


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("..\\..\\windows\\x.exe", "x.exe"),
        ("/etc/passwd", "passwd"),
        (".hidden", "hidden"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a<b>c:d.txt", "a_b_c_d.txt"),
        ("x" * 300, "x" * FILE_NAME_MAX),
        ("x" * 300 + ".pdf", "x" * (FILE_NAME_MAX - 11) + ".pdf"),
        ("x" * 200 + "." + "y" * 200, "x" * FILE_NAME_MAX),
        ("...", ""),
    ],
)
def test_file_names(written: str, shown: str) -> None:
    assert header_text.file_name(written) == shown


@given(st.binary(max_size=200))
def test_no_value_is_too_odd(raw: bytes) -> None:
    header_text.addresses(raw)
    header_text.ids(raw)
    header_text.date(raw)
    main, params = header_text.params(raw)
    for text in (header_text.words(raw), *(value for _, value in params), header_text.file_name(main)):
        assert not set(text) & set("\r\n\0")


@given(st.binary(max_size=80))
def test_base64_is_undone_whatever_is_in_it(data: bytes) -> None:
    octets, _ = header_text.base64_octets(data)
    assert len(octets) <= len(data) * 3 // 4
