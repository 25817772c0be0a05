"""What a domain says of its own mail servers (RFC 8461)."""

from __future__ import annotations

import pytest

from mailflow.mta_sts import LONGEST, Policy, PolicyRefused, fits, read, says_so

POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mail.agency.example\r\nmx: *.agency.example\r\nmax_age: 604800\r\n"


def test_a_policy_is_read() -> None:
    assert read(POLICY) == Policy("enforce", ("mail.agency.example", "*.agency.example"), 604800)
    assert read(POLICY.replace(b"\r\n", b"\n")) == read(POLICY)
    assert read(POLICY + b"new_field: something\r\n") == read(POLICY)
    assert read(POLICY.replace(b"604800", b"999999999")).max_age == LONGEST
    assert read(b"version: STSv1\nmode: none\nmax_age: 60\n") == Policy("none", (), 60)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (b"STSv1", b"STSv2", "version"),
        (b"enforce", b"perhaps", "mode"),
        (b"max_age: 604800", b"max_age: soon", "max_age"),
        (b"max_age: 604800\r\n", b"", "max_age"),
        (b"mail.agency.example", b"mail agency", "mx"),
        (b"mail.agency.example", b"*.*.example", "mx"),
        (b"mx: ", b"xm: ", "mx"),
        (b"mode", b"\xff\xfe", "not_text"),
    ],
)
def test_what_is_no_policy_is_refused(before: bytes, after: bytes, why: str) -> None:
    with pytest.raises(PolicyRefused, match=why):
        read(POLICY.replace(before, after))


@pytest.mark.parametrize(
    ("records", "announced"),
    [
        ([b"v=STSv1; id=20260101T000000;"], True),
        ([b"v=spf1 -all", b"v=STSv1;id=1"], True),
        ([b"v=STSv1; id=1;", b"v=STSv1; id=2;"], False),
        ([b"v=STSv1;"], False),
        ([b"v=STSv12; id=1;"], False),
        ([], False),
    ],
)
def test_exactly_one_record_announces_it(records: list[bytes], announced: bool) -> None:
    assert says_so(records) is announced


@pytest.mark.parametrize(
    ("server", "patterns", "does"),
    [
        ("mail.agency.example", ("mail.agency.example",), True),
        ("MAIL.agency.example.", ("mail.agency.example",), True),
        ("mail.agency.example", ("*.agency.example",), True),
        ("a.mail.agency.example", ("*.agency.example",), False),
        ("agency.example", ("*.agency.example",), False),
        ("evil-agency.example", ("*.agency.example",), False),
        ("mail.agency.example.evil.example", ("mail.agency.example", "*.agency.example"), False),
        ("mail.agency.example", (), False),
    ],
)
def test_a_star_stands_for_one_label(server: str, patterns: tuple[str, ...], does: bool) -> None:
    assert fits(server, patterns) is does
