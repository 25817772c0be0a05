"""Domains' signatures are verified in the limited child: what costs too much proves nothing, and ends it alone."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import AsyncIterator

import dkim
import pytest

from mailflow.domain_signatures import UNREADABLE, DkimVerdict, Signatures, key_names
from mailflow.mime import read
from mailflow.reader import Reader
from tests.mailflow.name_server import HEALTH, MAIL, key_of
from tests.mailflow.test_reader import PLAIN, child_of, cpu_seconds

NAME = f"s1._domainkey.{HEALTH}"
CLAIM = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=health.example; s=s1; h=from; bh=eA==; b=eA==\r\n"
    b"From: ann.lee@health.example\r\n"
)
BOMBS = {
    "a megabyte of spaces": CLAIM + b"\r\n" + b" " * 1_000_000,
    "spaces in lines": CLAIM + b"\r\n" + (b" " * 60_000 + b"x\r\n") * 500,
    "a million folds": CLAIM + b"Subject: a\r\n" + b" a\r\n" * 1_000_000 + b"\r\nhi",
    "many lines": CLAIM + b"\r\n" + b"\r\n" * 15_000_000,
}


@pytest.fixture
async def child() -> AsyncIterator[Reader]:
    reader = await Reader.start()
    yield reader
    await reader.close()


def record(domain: str = HEALTH) -> dict[str, bytes | None]:
    """Its key, as it stands in DNS."""
    return {key_of(domain).name: key_of(domain).record.encode()}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_costly_signature_proves_nothing_and_ends_only_its_child(child: Reader, name: str) -> None:
    before, mine = cpu_seconds(child_of(child)), time.process_time()
    got = await child.verify(BOMBS[name], record())
    assert not any(one.valid for one in got.dkim)
    if got != UNREADABLE:  # then its own clock ended it
        assert cpu_seconds(child_of(child)) - before < 2
    assert time.process_time() - mine < 1  # whoever asks pays nothing
    assert (await child.read(PLAIN)).subject == "hello"


async def test_the_child_verifies_as_everybody_does(child: Reader) -> None:
    signed = key_of(HEALTH).sign(MAIL)
    assert key_names(read(signed).headers) == (NAME,)
    assert await child.verify(signed, record()) == Signatures((DkimVerdict(HEALTH, "s1", valid=True),))
    changed = await child.verify(signed.replace(b"ACCEPT", b"DECLINE"), record())
    assert changed == Signatures((DkimVerdict(HEALTH, "s1", valid=False, why="broken"),))
    for unknown in ({}, {NAME: None}):
        [verdict] = (await child.verify(signed, unknown)).dkim
        assert (verdict.valid, verdict.why) == (False, "temperror")


async def test_the_largest_honest_mail_is_verified(child: Reader) -> None:
    head, _, _ = MAIL.partition(b"\r\n\r\n")
    large = head + b"\r\n\r\n" + base64.encodebytes(os.urandom(24 * 1024 * 1024)).replace(b"\n", b"\r\n")
    key = key_of(HEALTH)
    how = {"canonicalize": (b"relaxed", b"relaxed")}
    once = dkim.sign(large, key.selector.encode(), HEALTH.encode(), key.private, **how) + large
    got = await child.verify(once, record())
    assert got.dkim == (DkimVerdict(HEALTH, "s1", valid=True),)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("v=1; d=Health.example;\r\n s=s1", (NAME,)),
        ("v=1;s= s1 ;d=health.\r\n\texample", (NAME,)),
        ("d=health.example", ()),
        ("", ()),
    ],
)
def test_the_names_of_keys_stand_in_the_headers(value: str, names: tuple[str, ...]) -> None:
    assert key_names((("DKIM-Signature", value), ("Subject", "d=other.example; s=s1"))) == names


def test_only_so_many_keys_are_asked_for() -> None:
    many = tuple((kind, f"d=d{n}.example; s=s") for n in range(50) for kind in ("DKIM-Signature", "ARC-Seal"))
    assert len(key_names(many)) == 5
