"""What a mail says, however it is written: the value, never an exception."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow import entity, text_body
from mailflow.mime import ParsedMail, from_wire, read, to_wire

CORPUS = Path(os.environ.get("MAIL_CORPUS", Path(__file__).parents[3] / "shared" / "mail"))
FOUND = sorted(p for p in CORPUS.glob("**/*") if p.is_file()) if CORPUS.is_dir() else []


RUSSIAN = "Здравствуйте, я беспокоюсь о соседском ребёнке. Он часто остаётся один дома."


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8")


def mail(headers: str, body: str = "words\n") -> ParsedMail:
    return read(crlf(headers.strip("\n") + "\n\n" + body))


# -- headers


def test_an_ordinary_mail() -> None:
    got = mail(
        "From: =?utf-8?q?Zo=C3=AB_Gray?= <Zoe.Gray@School.example>\n"
        "To: Hub <referrals@hub.example>, other@hub.example\n"
        "Subject: =?utf-8?B?Q29uY2VybiDi?=\n =?utf-8?B?gJMgdG9kYXk=?=\n"
        "Message-ID: <one@school.example>\nIn-Reply-To: <zero@hub.example>\n"
        "References: <a@hub.example>\n <zero@hub.example>\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0100"
    )
    assert got.from_addresses == ("zoe.gray@school.example",)
    assert got.from_display == "Zoë Gray"
    assert got.to == ("referrals@hub.example", "other@hub.example")
    assert got.subject == "Concern – today"  # the dash is cut in two between the encoded words
    assert got.message_id == "<one@school.example>"
    assert got.in_reply_to == ("<zero@hub.example>",)
    assert got.references == ("<a@hub.example>", "<zero@hub.example>")
    assert got.date is not None
    assert got.date.isoformat() == "2026-11-23T10:00:00+01:00"
    assert got.header("SUBJECT") == "Concern – today"
    assert got.header("x-none") == ""
    assert (got.text, got.text_is_html, got.oddities, got.unreadable) == ("words", False, (), "")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<[0a1b]@exch.example>", "<[0a1b]@exch.example>"),
        ("<[0a1b@exch.example]>", "<[0a1b@exch.example]>"),  # policy.default: IndexError
        ("bare@exch.example", "<bare@exch.example>"),
        ("< spaced@exch.example >", "<spaced@exch.example>"),
        ("<noat>", "<noat>"),
        ("<", ""),
        ("", ""),
    ],
)
def test_message_ids_that_exchange_and_others_write(written: str, meant: str) -> None:
    assert mail(f"Message-ID: {written}").message_id == meant


@pytest.mark.parametrize(
    ("headers", "addresses", "oddity"),
    [
        ("From: a@b.example\nFrom: c@d.example", ("a@b.example", "c@d.example"), "two_from"),
        ("From: a@b.example, c@d.example", ("a@b.example", "c@d.example"), "two_from"),
        ('From: "boss@trusted.example" <evil@x.example>', ("evil@x.example",), ""),
        ("From: undisclosed-recipients:;", (), "no_from"),
        ("Subject: x", (), "no_from"),
        ("From: Broken <a@b.example", ("a@b.example",), ""),
    ],
)
def test_who_it_claims_to_be_from(headers: str, addresses: tuple[str, ...], oddity: str) -> None:
    got = mail(headers)
    assert got.from_addresses == addresses
    assert ({"two_from", "no_from"} & set(got.oddities)) == ({oddity} if oddity else set())


def test_nothing_decoded_becomes_a_second_line() -> None:
    got = mail("Subject: =?utf-8?q?a=0D=0ABcc:_x=E2=80=A8y=00z?=")
    assert got.subject == "a  Bcc: x yz"


@pytest.mark.parametrize("name", ["x-nope", "zlib_codec", "rot13", "idna", "undefined", "\ud800"])
def test_character_sets_that_are_none(name: str) -> None:
    got = read(f'Content-Type: text/plain; charset="{name}"\r\n\r\n'.encode("utf-8", "replace") + b"caf\xe9 na\xefve")
    assert got.text == "café naïve"
    assert "unknown_charset" in got.oddities


@pytest.mark.parametrize(
    ("charset", "octets", "text"),
    [
        ("iso-8859-1", b"\x93quoted\x94 \x80", "“quoted” €"),  # what senders mean by it
        ("gb2312", "中文".encode("gb18030"), "中文"),
        ("ks_c_5601-1987", "한국".encode("cp949"), "한국"),
        ("us-ascii", "naïve".encode(), "naïve"),
        ("utf-8", b"caf\xe9", "café"),
        ("x-none", RUSSIAN.encode("cp1251"), RUSSIAN),
    ],
)
def test_character_sets_as_they_are_meant(charset: str, octets: bytes, text: str) -> None:
    assert read(b"Content-Type: text/plain; charset=%b\r\n\r\n" % charset.encode() + octets).text == text


def test_a_header_line_broken_by_a_gateway_costs_only_itself() -> None:
    got = mail("From: a@b.example\nthis is no header\nSubject: still here")
    assert got.subject == "still here"
    assert "broken_header" in got.oddities


def test_a_missing_empty_line_starts_the_body() -> None:
    got = read(b"Subject: x\r\nHello there.\r\nSecond line\r\n")
    assert got.text == "Hello there.\nSecond line"


# -- text


ALTERNATIVE = """--b
Content-Type: text/plain; charset=utf-8

{plain}
--b
Content-Type: text/html; charset=utf-8

<p>rich</p>
--b--
"""


@pytest.mark.parametrize(("plain", "text", "is_html"), [("plain words", "plain words", False), (" ", "rich", True)])
def test_plain_text_is_chosen_when_it_says_anything(plain: str, text: str, is_html: bool) -> None:
    got = mail("Content-Type: multipart/alternative; boundary=b", ALTERNATIVE.format(plain=plain))
    assert (got.text, got.text_is_html) == (text, is_html)
    assert [p.content_type for p in got.parts] == ["text/plain", "text/html"]


def test_headers_repeated_for_older_programs_are_no_words() -> None:
    shown = b"Subject: Referral\r\nTo: hub@hub.example\r\n\r\nWe accept.\r\n\r\nAnn Lee\r\n"
    head = b"Subject: Referral\r\nContent-Type: text/plain; hp=cipher%b\r\n\r\n"
    assert read(head % b"; hp-legacy-display=1" + shown).text == "We accept.\n\nAnn Lee"
    assert read(head % b"" + shown).text.startswith("Subject: Referral")


def test_format_flowed() -> None:
    body = "A long \nline \nhere.\n> quoted \n> line\n>> deeper\n-- \nsig\n From stuffed\n"
    got = mail("Content-Type: text/plain; format=flowed", body)
    assert got.text == "A long line here.\n> quoted line\n> > deeper\n-- \nsig\nFrom stuffed"
    assert mail("Content-Type: text/plain; format=flowed; delsp=yes", "Donau \ndampf\n").text == "Donaudampf"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<style>p {x}</style><script>if (a<b) alert()</script><title>t</title><b>seen</b>", "seen"),
        ("<div>a&nbsp;&amp;&#8211;b</div><!-- hidden --><div>c</div>", "a &–b\nc"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<div>Yes.</div><blockquote><p>Can you?</p></blockquote>", "Yes.\n> Can you?"),
        (
            '<div>ACCEPT</div><div class="gmail_quote"><div class="gmail_attr">On Monday X wrote:</div>'
            '<blockquote class="gmail_quote">old</blockquote></div>after',
            "ACCEPT\n> On Monday X wrote:\n> old\nafter",
        ),
        (
            '<div>NOT KNOWN</div><div id="divRplyFwdMsg"><b>From:</b> hub</div><div>old words</div>',
            "NOT KNOWN\n> From: hub\n> old words",
        ),
        (
            '<p>Yes</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>From: hub</p></div><p>old</p>',
            "Yes\n\n> From: hub\n\n> old",
        ),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("1 < 2 and <unclosed", "1 < 2 and"),
        ("</div></p>stray<td>x<td>y", "stray x y"),
    ],
)
def test_html_is_read_as_a_person_would(page: str, text: str) -> None:
    got = text_body.from_html(page)
    assert [line for line in got.split("\n") if line.strip("> ")] == [x for x in text.split("\n") if x]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<!--", "<a ", "</a", "<![CDATA[", "<", "&#", "<div>", "<blockquote>", "<script>"])
def test_no_html_is_slow(piece: str) -> None:
    text_body.from_html(piece * (text_body.HTML_MAX // len(piece)))


# -- parts


MIXED = """preamble
--b
Content-Type: text/plain

the words
--b
Content-Type: application/pdf; name*0*=utf-8''..%2F..%2Fetc%2F; name*1*=r%C3%A9port.pdf
Content-Disposition: attachment
Content-Transfer-Encoding: base64

JVBERi0x
!LjQ=
--b
Content-Type: message/rfc822

From: deep@inside.example
Subject: not ours

--b
inner
--b
Content-Type: text/calendar; method=REPLY

BEGIN:VCALENDAR
--b--
epilogue
"""


def test_attachments_are_kept_and_named_for_showing() -> None:
    got = mail(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b", MIXED.replace("\n--b\ninner", "\ninner")
    )
    assert [p.content_type for p in got.parts] == [
        *("text/plain", "application/pdf", "message/rfc822", "text/calendar")
    ]
    pdf = got.parts[1]
    assert (pdf.file_name, pdf.content, pdf.disposition) == ("réport.pdf", b"%PDF-1.4", "attachment")
    assert got.parts[2].content.startswith(b"From: deep@inside.example")
    assert got.text == "the words"
    assert got.calendars == (b"BEGIN:VCALENDAR",)
    assert got.subject == ""
    assert "réport" not in repr(got)
    assert "a@b.example" not in repr(got)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\evil\\\\x.exe", "x.exe"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("..", ""),
        ("a" * 300 + ".pdf", "a" * 109 + ".pdf"),
        ("=?utf-8?q?=C3=A9.txt?=", "é.txt"),
        ("two  words\t.txt", "two words .txt"),
    ],
)
def test_file_names(name: str, shown: str) -> None:
    got = mail(f'Content-Type: application/pdf\nContent-Disposition: attachment; filename="{name}"')
    assert got.parts[0].file_name == shown


@pytest.mark.parametrize("raw", [b"--b\r\nA: x\r\n\r\none\r\n--b", b"A: x\r\n--b\r\n\r\none\r\n--b-- \r\nepilogue"])
def test_a_multipart_cut_short_or_begun_early(raw: bytes) -> None:
    got = read(b"Content-Type: multipart/mixed; boundary=b\r\n" + b"\r\n" * raw.startswith(b"--b") + raw)
    assert got.text.startswith("one")


def test_a_multipart_without_its_boundary_is_read_as_text() -> None:
    got = mail("Content-Type: multipart/mixed", "--b\n\nwords are not lost\n--b--\n")
    assert "words are not lost" in got.text
    assert "no_boundary" in got.oddities


def test_a_longer_boundary_is_another_boundary() -> None:
    body = "--bb\nA: x\n\nfalse\n--b\n\ntrue\n--b--\n"
    assert mail("Content-Type: multipart/mixed; boundary=b", body).text == "true"


def test_quoted_printable_and_uuencode() -> None:
    assert mail("Content-Transfer-Encoding: quoted-printable", "caf=C3=A9 =\nline =ZZ\n").text == "café line =ZZ"
    uu = "begin 644 a\n#:&D*\n`\nend\n"
    assert mail("Content-Transfer-Encoding: x-uuencode", uu).parts[0].content == b"hi\n"
    assert "bad_encoding" in mail("Content-Transfer-Encoding: x-strange").oddities


def test_odd_octets_are_kept_and_named() -> None:
    got = read(b"Subject: a\nFrom: x@y.example\r\n\r\nbare\rcr and \0 nul")
    assert {"bare_lf", "bare_cr", "nul"} <= set(got.oddities)
    assert got.parts[0].content == b"bare\rcr and \0 nul"


# -- signed


SIGNED = (
    b"--b\r\nContent-Type: text/plain\r\n\r\n exact \t octets \r\n\r\n--b\r\n"
    b"Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n--b--\r\n"
)
TYPE = b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\r\n\r\n'


def test_the_signed_octets_are_cut_from_the_original() -> None:
    got = read(b"From: a@b.example\r\n" + TYPE + SIGNED).signed
    assert got is not None
    assert got.signed == b"Content-Type: text/plain\r\n\r\n exact \t octets \r\n"
    assert got.signature == b"-----BEGIN PGP SIGNATURE-----"
    assert got.covers_all
    bare = read(b"From: a@b.example\n" + (TYPE + SIGNED).replace(b"\r\n", b"\n")).signed
    assert bare == got  # canonical form


def test_a_signature_inside_something_else_does_not_cover_it() -> None:
    wrapped = b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nforged words\r\n--o\r\n" + TYPE + SIGNED
    got = read(wrapped + b"--o--\r\n")
    assert got.signed is not None
    assert not got.signed.covers_all
    three = SIGNED.replace(b"--b--", b"--b\r\n\r\nforged words\r\n--b--")
    more = read(TYPE + three)
    assert more.signed is not None
    assert not more.signed.covers_all


# -- limits


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"X: " + b"y" * entity.SIZE_MAX, "too_large"),
        (b"From: a@b.example\r\nTo: " + b"x@y.example, " * 1600, "header_too_large"),
        (b"From: a@b.example\r\n" + b"X: y\r\n" * 1100, "too_many_headers"),
        (b"From: a@b.example\r\nSubject: " + b"y\r\n " * 60_000, "headers_too_large"),
        (
            b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 300,
            "too_many_parts",
        ),
    ],
)
def test_beyond_a_limit_what_was_safe_is_kept(raw: bytes, code: str) -> None:
    got = read(raw)
    assert got.unreadable == code
    assert got.from_addresses == (() if code == "too_large" else ("a@b.example",))


def test_nesting_has_an_end() -> None:
    raw = b"From: a@b.example\r\n"
    for level in range(entity.DEPTH_MAX + 1):
        raw += b"Content-Type: multipart/mixed; boundary=b%d-\r\n\r\n--b%d-\r\n" % (level, level)
    got = read(raw + b"\r\nhi")
    assert got.unreadable == "too_deep"
    assert got.from_addresses == ("a@b.example",)


def test_a_filters_endless_header_is_left_out() -> None:
    got = mail("From: a@b.example\nX-Filter-Says: " + "y" * 20_000)
    assert got.unreadable == ""
    assert "header_dropped" in got.oddities
    assert got.text == "words"


# -- total


def check(raw: bytes) -> None:
    got = read(raw)
    assert got.unreadable != "unexpected"
    assert from_wire(to_wire(got)) == got
    for _, value in got.headers:
        assert not set(value) & set("\r\n\0")


@pytest.mark.parametrize("path", FOUND, ids=lambda p: str(p.relative_to(CORPUS)))
def test_every_mail_others_wrote_is_read(path: Path) -> None:
    check(path.read_bytes())


@given(st.binary(max_size=400))
def test_random_octets(raw: bytes) -> None:
    check(raw)


SEEDS = [
    crlf("From: =?utf-8?q?a?= <a@b.example>\nContent-Type: multipart/mixed; boundary=b\n\n" + MIXED),
    b"Subject: x\r\n" + TYPE + SIGNED,
    crlf("Content-Type: text/html; charset=utf-16\nDate: Mon, 1 Jan 2026 10:00:00 +9999\n\n<p>x<blockquote>y"),
    crlf("Content-Transfer-Encoding: base64\nContent-Disposition: x; filename*=u''%\n\n")
    + base64.b64encode(b"x" * 99),
    crlf(
        "References: <a@b> <c\nTo: (((a@b.example)\nMessage-ID: <[x]>\n"
        "Content-Type: text/plain; format=flowed\n\n> a \n"
    ),
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 6), st.binary(max_size=6)), max_size=6),
)
def test_mutated_mails(seed: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    raw = seed
    for at, cut, new in edits:
        raw = raw[: at % len(seed)] + new + raw[at % len(seed) + cut :]
    check(raw)


@given(st.text(max_size=200))
def test_any_page(page: str) -> None:
    text_body.from_html("<div>" + page + "<p" + page + ">")
