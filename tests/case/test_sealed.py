"""What can be read shows nothing of itself in a log line."""

from __future__ import annotations

import pytest

from exchange.case.sealed import Plain, PublicNotice, Sealed, TlsOnly

SECRET = b"Robin Nobody"


@pytest.mark.parametrize(
    "thing",
    [
        Plain(SECRET),
        Sealed(SECRET, "A" * 40, "robin@police.example"),
        TlsOnly(SECRET, "robin@police.example"),
        PublicNotice(SECRET, "robin@police.example"),
    ],
)
def test_no_content_and_no_recipient_is_shown(thing: object) -> None:
    assert "robin" not in repr(thing).lower()
    assert "robin" not in str(thing).lower()


def test_content_says_how_long_it_is() -> None:
    assert str(Plain(SECRET)) == "Plain(12 bytes)"
