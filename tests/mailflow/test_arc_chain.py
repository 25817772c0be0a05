"""Who passed a mail on under a seal is told, and believed only when the settings trust them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mailflow.arc_chain import MOST_SEALS
from tests.mailflow.arc_sealer import seal
from tests.mailflow.name_server import HEALTH, MAIL, Troubled, World, key_of

LIST = "lists.example"
GATEWAY = "gateway.example"
GOOD = "dkim=pass (2048-bit key) header.d=health.example header.s=s1; spf=pass smtp.mailfrom=health.example"
PASSED_ON = MAIL.replace(b"ACCEPT", b"ACCEPT\r\n-- \r\nfooter of the list")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = Troubled()
    port = await server.start()
    found = World(server, port)
    found.publish(LIST, GATEWAY)
    yield found
    await server.stop()


def sealed(domain: str, results: str, mail: bytes = PASSED_ON) -> bytes:
    return seal(mail, key_of(domain), results)


async def test_a_sealed_chain_is_told_and_proves_no_author(world: World) -> None:
    got = await world.judge(sealed(LIST, GOOD))
    assert (got.arc.verdict, got.arc.sealers, got.arc.signers) == ("pass", (LIST,), (HEALTH,))
    assert (got.aligned_domain, got.sealed_for) == ("", False)
    assert not got.dkim_aligned((HEALTH,))


async def test_only_trusted_sealers_are_believed_and_all_of_them_must_be(world: World) -> None:
    one = sealed(LIST, GOOD)
    got = await world.judge(one, sealers=frozenset({LIST}))
    assert (got.aligned_domain, got.sealed_for) == (HEALTH, True)
    two = sealed(GATEWAY, "arc=pass; dkim=fail header.d=health.example", one)
    assert (await world.judge(two, sealers=frozenset({LIST}))).aligned_domain == ""
    assert (await world.judge(two, sealers=frozenset({GATEWAY}))).aligned_domain == ""
    both = await world.judge(two, sealers=frozenset({LIST, GATEWAY}))
    assert (both.arc.verdict, both.arc.sealers, both.aligned_domain) == ("pass", (LIST, GATEWAY), HEALTH)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param("dkim=fail header.d=health.example", id="it was broken before"),
        pytest.param("dkim=pass header.d=police.example", id="somebody else's signature"),
        pytest.param("dkim=none (dkim=pass header.d=health.example)", id="in a comment"),
        pytest.param("spf=pass smtp.mailfrom=health.example; dkim=none", id="the envelope alone"),
        pytest.param("dkim=pass; x=header.d=health.example", id="of another result"),
    ],
)
async def test_a_trusted_sealer_that_found_no_good_signature_vouches_for_nobody(world: World, found: str) -> None:
    got = await world.judge(sealed(LIST, found), sealers=frozenset({LIST}))
    assert (got.arc.verdict, got.aligned_domain) == ("pass", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"ACCEPT", b"DECLINE", id="the body was changed since"),
        pytest.param(b"From: Ann Lee", b"From: Bob Lee", id="the sender was changed since"),
        pytest.param(b"header.d=health", b"header.d=police", id="the results were changed since"),
        pytest.param(b"cv=none", b"cv=pass", id="a chain that begins in its middle"),
        pytest.param(b"ARC-Seal:", b"X-Seal:", id="a seal taken away"),
        pytest.param(b"ARC-Message-Signature: i=1", b"ARC-Message-Signature: i=2", id="another instance"),
        pytest.param(b"ARC-Seal: i=1", b"ARC-Seal: i=one", id="no number"),
    ],
)
async def test_a_chain_that_does_not_hold_counts_for_nobody(world: World, before: bytes, after: bytes) -> None:
    one = sealed(LIST, GOOD)
    assert before in one
    got = await world.judge(one.replace(before, after), sealers=frozenset({LIST}))
    assert got.arc.verdict in ("fail", "none")
    assert (got.arc.signers, got.aligned_domain) == ((), "")


async def test_a_chain_that_says_it_was_broken_stays_broken(world: World) -> None:
    broken = seal(sealed(LIST, GOOD).replace(b"ACCEPT", b"DECLINE"), key_of(GATEWAY), "arc=fail", cv="fail")
    got = await world.judge(broken, sealers=frozenset({LIST, GATEWAY}))
    assert (got.arc.verdict, got.aligned_domain) == ("fail", "")


async def test_a_seal_that_does_not_cover_the_author_counts_for_nobody(world: World) -> None:
    bare = seal(PASSED_ON, key_of(LIST), GOOD, signed=("to", "subject"))
    got = await world.judge(bare, sealers=frozenset({LIST}))
    assert (got.arc.verdict, got.aligned_domain) == ("fail", "")


async def test_nothing_is_known_of_a_seal_while_the_name_server_is_in_trouble(world: World) -> None:
    world.dns.troubled = (key_of(LIST).name,)
    got = await world.judge(sealed(LIST, GOOD), sealers=frozenset({LIST}))
    assert (got.arc.verdict, got.aligned_domain) == ("temperror", "")


async def test_a_chain_longer_than_anybody_makes_is_not_verified(world: World) -> None:
    many = b"".join(
        b"ARC-Seal: i=%d; a\r\nARC-Message-Signature: i=%d; a\r\nARC-Authentication-Results: i=%d; x\r\n" % (n, n, n)
        for n in range(1, MOST_SEALS + 2)
    )
    assert (await world.judge(many + MAIL)).arc.verdict == "fail"


async def test_a_trusted_seal_never_outdoes_several_authors(world: World) -> None:
    two = PASSED_ON.replace(b"From: Ann Lee", b"From: eve@evil.example\r\nFrom: Ann Lee")
    got = await world.judge(sealed(LIST, GOOD, two), sealers=frozenset({LIST}))
    assert (got.from_domain, got.aligned_domain) == ("", "")


async def test_results_that_nobody_sealed_are_not_read(world: World) -> None:
    forged = f"ARC-Authentication-Results: i=1; {LIST}; {GOOD}\r\nAuthentication-Results: {LIST}; {GOOD}\r\n"
    got = await world.judge(forged.encode() + MAIL, sealers=frozenset({LIST}))
    assert (got.arc.verdict, got.aligned_domain) == ("none", "")
