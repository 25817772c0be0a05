"""The structure of a mail is found as slices of its own octets, and every limit ends the search in time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.entity import HEADERS_MAX, MARKS_MAX, PARTS_MAX, Entity, TooMuch, leaves, read_headers, split

MULTIPART = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


def why(raw: bytes) -> str:
    with pytest.raises(TooMuch) as stopped:
        split(raw)
    return stopped.value.code


def test_a_mail_is_cut_where_its_sender_cut_it() -> None:
    raw = MULTIPART + b"preamble\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\nepilogue"
    root = split(raw)
    assert root.raw == raw
    assert [(leaf.content_type, leaf.content) for leaf in leaves(root)] == [
        ("text/plain", b"one"),
        ("text/html", b"two"),
    ]
    assert [leaf.raw for leaf in leaves(root)] == [b"\r\none", b"Content-Type: text/html\r\n\r\ntwo"]


def test_headers_are_found_by_name_in_their_order() -> None:
    root = split(b"Received: from a\r\n\tby b\r\nRECEIVED: from c\r\nSubject: x\r\n\r\n")
    assert root.all("received") == [b"from a\tby b", b"from c"]
    assert (root.first("received"), root.first("date"), root.all("date")) == (b"from a\tby b", b"", [])


def test_a_nul_in_a_header_is_taken_out_and_named() -> None:
    root = split(b"Subject: a\0b\r\n\r\nx")
    assert root.first("subject") == b"ab"
    assert root.oddities == ("nul",)


@pytest.mark.parametrize(
    "first", [b"From duty@health.example Tue Nov 24 10:00:00 2026\n", b">From duty@health.example\n"]
)
def test_an_mbox_separator_is_no_header_and_nothing_odd(first: bytes) -> None:
    root = split(first + b"Subject: x\n\nwords")
    assert (root.first("subject"), root.content, root.oddities) == (b"x", b"words", ())


def test_a_header_without_end_is_read_to_the_last_octet() -> None:
    assert read_headers(b"Subject: x\r\n y", 0, 14) == ([("Subject", b"x y")], 14, [])


def test_a_boundary_inside_a_line_parts_nothing() -> None:
    (leaf,) = leaves(split(MULTIPART + b"before --b\r\n--b\r\n\r\nsee --b and --b--\r\n--b--"))
    assert leaf.content == b"see --b and --b--"


# -- limits


def test_parts_within_parts_are_counted_together() -> None:
    inner = b"--b\r\nContent-Type: multipart/mixed; boundary=c%d-\r\n\r\n%b--b"
    half = PARTS_MAX // 2
    many = b"".join(inner % (n, b"--c%d-\r\n\r\n\r\n" % n * half) + b"\r\n" for n in range(2))
    assert why(MULTIPART + many.replace(b"--b\r\n--b", b"--b")) == "too_many_parts"


@pytest.mark.timeout(20)
def test_boundaries_that_extend_one_another_are_given_up() -> None:
    begun = time.process_time()
    assert why(MULTIPART + b"--bb\r\n" * (MARKS_MAX + 1)) == "too_many_parts"
    assert split(MULTIPART + b"--bb\r\n" * (MARKS_MAX - 1)).oddities == ("no_boundary",)
    assert time.process_time() - begun < 5


def test_what_was_read_before_a_limit_is_kept() -> None:
    with pytest.raises(TooMuch) as stopped:
        split(b"From: a@b.example\r\n" + b"X: y\r\n" * HEADERS_MAX)
    assert stopped.value.seen[0] == ("From", b"a@b.example")
    assert len(stopped.value.seen) == HEADERS_MAX


@pytest.mark.parametrize(
    ("boundary", "found"), [("b" * 200, True), ("b" * 201, False), ("", False)], ids=["200", "201", "none"]
)
def test_a_boundary_has_a_length(boundary: str, found: bool) -> None:
    raw = f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n--{boundary}\n\nwords\n--{boundary}--\n'
    root = split(raw.encode())
    assert bool(root.children) is found
    assert ("no_boundary" in root.oddities) is not found


# -- what a part says of itself


def part(headers: str, body: bytes = b"") -> Entity:
    return split(headers.encode() + b"\n\n" + body)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Content-Type: TEXT/HTML", "text/html"),
        ("Content-Type: text/html charset=utf-8", "text/html"),  # the semicolon forgotten
        ("Content-Type: text", "text/plain"),  # RFC 2045 5.2
        ("Content-Type: text/plain/html", "text/plain"),
        ("Content-Type:", "text/plain"),
        ("Subject: x", "text/plain"),
    ],
)
def test_a_type_that_makes_no_sense_is_plain_text(headers: str, kind: str) -> None:
    assert part(headers).content_type == kind


@pytest.mark.parametrize(
    ("headers", "name", "attached"),
    [
        ("Content-Disposition: attachment", "", True),
        ("Content-Disposition: attachment; filename=a.pdf", "a.pdf", True),
        ("Content-Disposition: INLINE; filename=a.png", "a.png", False),
        ("Content-Type: application/pdf; name=b.pdf", "b.pdf", True),
        ("Content-Disposition: attachment; filename=a.pdf\nContent-Type: x/y; name=b.pdf", "a.pdf", True),
        ("Content-Type: text/plain", "", False),
    ],
)
def test_what_is_an_attachment(headers: str, name: str, attached: bool) -> None:
    found = part(headers)
    assert (found.file_name, found.is_attachment) == (name, attached)


@pytest.mark.parametrize(
    ("encoding", "body", "content", "well"),
    [
        ("", b"as it is", b"as it is", True),
        ("8BIT", b"\xff", b"\xff", True),
        ("quoted-printable", b"a=3Db", b"a=b", True),
        ("base64", b"aGk=", b"hi", True),
        ("base64", b"aGkx\nX", b"hi1", False),
        ("base64 (so they say)", b"aGk=", b"aGk=", False),
        ("x-uuencode", b"words before\nbegin 644 a\n#:&D*\n`\nend\nand after", b"hi\n", True),
        ("uuencode", b"begin 644 a\n#:&D*\nend\n", b"hi\n", True),
        ("x-uue", b"begin 644 a\n#:&D*\n", b"hi\n", True),  # cut short: no end
        ("uue", b"no beginning", b"", True),
        ("uuencode", b"begin 644 a\n#:&D*\n#\xff\xff\xff\xff\nend\n", b"hi\n", False),
    ],
)
def test_transfer_encodings_are_undone_as_far_as_they_go(
    encoding: str, body: bytes, content: bytes, well: bool
) -> None:
    found = part(f"Content-Transfer-Encoding: {encoding}", body)
    assert (found.content, found.well_encoded) == (content, well)


@given(st.binary(max_size=300))
def test_any_octets_have_a_structure_within_them(raw: bytes) -> None:
    for root in (split(raw), split(MULTIPART + raw)):
        for leaf in leaves(root):
            assert root.start <= leaf.start <= leaf.body_start <= leaf.end <= root.end
