"""Where a mail is from is judged by ourselves, against a name server: proved, disproved, or not to be known."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import dkim
import dns.resolver
import pytest
from dkim.crypto import RSASSA_PKCS1_v1_5_sign, parse_pem_private_key

from mailflow.authenticity import Authenticity, DnsResolver, DnsTrouble
from mailflow.domain_signatures import MOST_SIGNATURES, DkimVerdict
from tests.mailflow.name_server import HEALTH, MAIL, PEER, POLICE, Troubled, World, key_of

NOW = int(time.time())


def signed(mail: bytes = MAIL, domain: str = HEALTH, **how: object) -> bytes:
    key = key_of(domain)
    header: bytes = dkim.sign(mail, key.selector.encode(), key.domain.encode(), key.private, **how)
    return header + mail


def by_hand(names: str, tags: str, digest: Callable[[bytes], Any] = hashlib.sha256) -> bytes:
    """Signed after RFC 6376 3.7, "simple/simple", with what a careful signer would not write."""
    head, _, body = MAIL.partition(b"\r\n\r\n")
    lines = {line.partition(b":")[0].lower(): line + b"\r\n" for line in head.split(b"\r\n")}
    covered = b"".join(lines.get(name.strip().lower().encode(), b"") for name in names.split(":"))
    body_digest = base64.b64encode(digest(body).digest()).decode()
    bare = f"DKIM-Signature: v=1; a=rsa-{digest(b'').name}; d={HEALTH}; s=s1; h={names}; {tags} bh={body_digest}; b="
    private = parse_pem_private_key(key_of(HEALTH).private)
    signature = RSASSA_PKCS1_v1_5_sign(digest(covered + bare.encode()), private)
    return bare.encode() + base64.b64encode(signature) + b"\r\n" + MAIL


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = Troubled()
    port = await server.start()
    yield World(server, port)
    await server.stop()


# -- DKIM


async def test_a_mail_signed_by_its_own_domain_is_proved(world: World) -> None:
    world.publish(HEALTH)
    got = await world.judge(signed())
    assert got.dkim == (DkimVerdict(HEALTH, "s1", valid=True),)
    assert (got.from_domain, got.aligned_domain) == (HEALTH, HEALTH)
    assert got.dkim_aligned((POLICE, HEALTH.upper()))
    assert not got.dkim_aligned((POLICE, "mail.health.example", "example"))
    assert not got.dkim_aligned(())


async def test_a_subdomain_is_proved_by_its_organisation_but_is_not_it(world: World) -> None:
    world.publish(HEALTH)
    got = await world.judge(signed(MAIL.replace(b"ann.lee@", b"ann.lee@ward3.")))
    assert got.aligned_domain == "ward3.health.example"
    assert not got.dkim_aligned((HEALTH,))
    assert got.dkim_aligned(("ward3.health.example",))


async def test_a_valid_signature_of_somebody_else_proves_nothing(world: World) -> None:
    world.publish(POLICE)
    got = await world.judge(signed(domain=POLICE))
    assert got.dkim == (DkimVerdict(POLICE, "s1", valid=True),)
    assert got.aligned_domain == ""
    assert not got.dkim_aligned((HEALTH, POLICE))


async def test_one_good_signature_among_others_is_enough(world: World) -> None:
    world.publish(HEALTH, POLICE)  # a list or a relay signs what it passes on
    got = await world.judge(signed(signed(), POLICE))
    assert [(v.domain, v.valid) for v in got.dkim] == [(POLICE, True), (HEALTH, True)]
    assert got.dkim_aligned((HEALTH,))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"ACCEPT", b"DECLINE", id="the body"),
        pytest.param(b"ACCEPT\r\n", b"ACCEPT\r\nand more\r\n", id="something added below"),
        pytest.param(b"From: Ann Lee", b"From: Bob Lee", id="the sender's name"),
        pytest.param(b"Subject: Re: Message", b"Subject: [EXTERNAL] Re: Message", id="the subject, by a gateway"),
    ],
)
async def test_what_was_changed_on_the_way_is_not_proved(world: World, before: bytes, after: bytes) -> None:
    world.publish(HEALTH)
    got = await world.judge(signed().replace(before, after))
    assert got.dkim == (DkimVerdict(HEALTH, "s1", valid=False, why="broken"),)
    assert got.aligned_domain == ""


async def test_white_space_changed_on_the_way_is_forgiven_where_the_signer_says_so(world: World) -> None:
    world.publish(HEALTH)
    relaxed = signed(canonicalize=(b"relaxed", b"relaxed"))
    assert (await world.judge(relaxed.replace(b"Subject: Re:", b"SUBJECT:   Re:"))).aligned_domain == HEALTH


async def test_a_signature_over_part_of_the_body_proves_nothing(world: World) -> None:
    world.publish(HEALTH)
    got = await world.judge(signed(length=True) + b"DECLINE\r\n")
    assert got.dkim == (DkimVerdict(HEALTH, "s1", valid=False, why="length"),)
    whole = await world.judge(signed(length=True))  # nothing added, but something might have been
    assert whole.aligned_domain == ""


@pytest.mark.parametrize(
    ("names", "tags", "why"),
    [
        pytest.param("From : To:Subject", "", "", id="as it should be"),
        pytest.param("from", "i=desk@ward3.health.example;", "", id="From only, for a subdomain"),
        pytest.param("Subject:To", "", "from", id="From is not covered"),
        pytest.param("Subject:X-From", "", "from", id="another header that ends in From"),
        pytest.param("From:To", f"x={NOW + 86400};", "", id="expires tomorrow"),
        pytest.param("From:To", f"x={NOW - 86400};", "broken", id="expired yesterday"),
        pytest.param("From:To", f"t={NOW + 86400};", "broken", id="signed tomorrow"),
        pytest.param("From:To", "l=8;", "length", id="a length, and it is the whole"),
        pytest.param("From:To", "i=desk@police.example;", "broken", id="for somebody else's domain"),
        pytest.param("From:To", "q=carrier/pigeon;", "broken", id="a key that is not in DNS"),
    ],
)
async def test_a_signature_counts_only_when_it_covers_from_and_all_and_is_in_time(
    world: World, names: str, tags: str, why: str
) -> None:
    world.publish(HEALTH)
    got = await world.judge(by_hand(names, tags))
    assert got.dkim == (DkimVerdict(HEALTH, "s1", valid=not why, why=why),)
    assert got.aligned_domain == ("" if why else HEALTH)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("", id="no record"),
        pytest.param("v=DKIM1; k=rsa; p=", id="a key that was withdrawn"),
        pytest.param("v=DKIM1; k=rsa; p=AAAA", id="not a key"),
        pytest.param("nothing of the kind", id="another record"),
    ],
)
async def test_without_a_key_there_is_no_proof(world: World, record: str) -> None:
    if record:
        world.dns.add(key_of(HEALTH).name, "TXT", record)
    got = await world.judge(signed())
    assert got.dkim == (DkimVerdict(HEALTH, "s1", valid=False, why="broken"),)


async def test_another_key_at_the_same_name_is_no_proof(world: World) -> None:
    world.dns.add(key_of(HEALTH).name, "TXT", key_of(POLICE).record)
    assert (await world.judge(signed())).aligned_domain == ""


@pytest.mark.parametrize(
    "authors",
    [
        pytest.param(b"From: ann.lee@health.example, eve@evil.example", id="one header, two addresses"),
        pytest.param(b"From: ann.lee@health.example\r\nFrom: eve@evil.example", id="two headers"),
        pytest.param(b"From: ann.lee@health.example, bob@health.example", id="two addresses of one domain"),
        pytest.param(b"From: undisclosed-recipients:;", id="none"),
    ],
)
async def test_several_authors_or_none_are_never_proved(world: World, authors: bytes) -> None:
    world.publish(HEALTH)
    world.dns.add("_dmarc.health.example", "TXT", "v=DMARC1; p=reject")
    got = await world.judge(signed(MAIL.replace(b"From: Ann Lee <ann.lee@health.example>", authors)))
    assert (got.from_domain, got.aligned_domain, got.dmarc) == ("", "", "none")
    assert not got.dkim_aligned((HEALTH,))


async def test_what_others_claim_to_have_judged_is_not_read(world: World) -> None:
    claimed = (
        b"Authentication-Results: hub.example; dkim=pass header.d=health.example; spf=pass; dmarc=pass\r\n" + MAIL
    )
    got = await world.judge(claimed)
    assert (got.spf, got.dkim, got.aligned_domain) == ("none", (), "")


async def test_only_so_many_signatures_are_judged(world: World) -> None:
    world.publish(HEALTH)
    header = signed()[: -len(MAIL)]
    got = await world.judge(header * (MOST_SIGNATURES + 3) + MAIL)
    assert len(got.dkim) == MOST_SIGNATURES


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"no header at all\r\n\r\nx", id="no header"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"DKIM-Signature: =;;=\r\n" + MAIL, id="a signature that says nothing"),
        pytest.param(
            b"DKIM-Signature: v=1; d=\xff.example; s=\xff; h=from; b=x; bh=x; a=rsa-sha256\r\n" + MAIL, id="8 bit"
        ),
        pytest.param(
            b"DKIM-Signature: v=1; d=" + b"a." * 3000 + b"; s=s; h=from; b=x; bh=x\r\n" + MAIL, id="too long"
        ),
    ],
)
async def test_odd_mail_is_judged_and_not_proved(world: World, raw: bytes) -> None:
    got = await world.judge(raw)
    assert not any(v.valid for v in got.dkim)
    assert got.aligned_domain == ""


async def test_when_the_name_server_is_in_trouble_nothing_is_known(world: World) -> None:
    world.publish(HEALTH)
    world.dns.troubled = (key_of(HEALTH).name, "_dmarc.health.example", "health.example")
    got = await world.judge(signed())
    assert got == Authenticity(
        "temperror", (DkimVerdict(HEALTH, "s1", valid=False, why="temperror"),), "temperror", HEALTH, ""
    )
    world.dns.troubled = ()
    assert (await world.judge(signed())).aligned_domain == HEALTH


# -- SPF


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 a:mx.health.example -all", "pass"),
        ("v=spf1 mx -all", "pass"),
        ("v=spf1 include:relay.example -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1 nonsense:x -all", "permerror"),
        ("not an SPF record", "none"),
        ("v=spf1 include:slow.example -all", "temperror"),
    ],
)
async def test_where_the_envelope_says_it_is_from(world: World, record: str, result: str) -> None:
    world.dns.add("health.example", "TXT", "some-verification=1", record)
    world.dns.add("health.example", "MX", "10 mx.health.example.")
    world.dns.add("mx.health.example", "A", PEER)
    world.dns.add("relay.example", "TXT", f"v=spf1 ip4:{PEER} -all")
    world.dns.troubled = ("slow.example",)
    assert (await world.judge(MAIL)).spf == result


async def test_a_null_return_path_is_judged_by_the_name_in_the_greeting(world: World) -> None:
    world.dns.add("mx.health.example", "TXT", f"v=spf1 ip4:{PEER} -all")
    assert (await world.judge(MAIL, mail_from="")).spf == "pass"
    assert (await world.judge(MAIL, mail_from="", helo="")).spf == "none"


async def test_an_ipv6_peer_is_judged(world: World) -> None:
    world.dns.add("health.example", "TXT", "v=spf1 ip6:2001:db8::/32 -all")
    assert (await world.judge(MAIL, peer="2001:db8::7")).spf == "pass"
    assert (await world.judge(MAIL, peer="2001:db9::7")).spf == "fail"


async def test_without_a_peer_spf_is_not_judged(world: World) -> None:
    assert (await world.judge(MAIL, peer="")).spf == "none"


async def test_a_peer_without_an_address_is_an_error_and_no_pass(world: World) -> None:
    assert (await world.judge(MAIL, peer="not an address")).spf == "permerror"


# -- DMARC


@pytest.mark.parametrize(
    ("policy", "result"),
    [
        pytest.param("v=DMARC1; p=reject", "pass", id="plain"),
        pytest.param("V=DMARC1 ; p=none; rua=mailto:x@health.example", "pass", id="spaces and capitals"),
        pytest.param("v=DMARC1; p=reject; adkim=s", "pass", id="strict, and the same domain"),
        pytest.param("v=spf1 -all", "none", id="another record at its place"),
        pytest.param("", "none", id="no record"),
    ],
)
async def test_a_signed_mail_against_its_domains_policy(world: World, policy: str, result: str) -> None:
    world.publish(HEALTH)
    if policy:
        world.dns.add("_dmarc.health.example", "TXT", policy)
    assert (await world.judge(signed())).dmarc == result


async def test_an_unsigned_mail_passes_by_its_envelope_when_that_aligns(world: World) -> None:
    world.dns.add("_dmarc.health.example", "TXT", "v=DMARC1; p=reject")
    for domain in ("health.example", "bounce.health.example", "bulk.example"):
        world.dns.add(domain, "TXT", f"v=spf1 ip4:{PEER} -all")
    assert (await world.judge(MAIL)).dmarc == "pass"
    assert (await world.judge(MAIL, mail_from="x@bounce.health.example")).dmarc == "pass"
    assert (await world.judge(MAIL, mail_from="x@bulk.example")).dmarc == "fail"
    assert (await world.judge(MAIL, mail_from="")).dmarc == "fail"
    assert (await world.judge(MAIL, peer="198.51.100.7")).dmarc == "fail"
    assert (await world.judge(MAIL)).aligned_domain == ""  # an envelope proves no author


async def test_a_strict_policy_wants_the_very_domain(world: World) -> None:
    world.publish(HEALTH)
    ward = MAIL.replace(b"ann.lee@", b"ann.lee@ward3.")
    world.dns.add("health.example", "TXT", f"v=spf1 ip4:{PEER} -all")
    world.dns.add("_dmarc.health.example", "TXT", "v=DMARC1; p=reject")
    assert (await world.judge(signed(ward))).dmarc == "pass"  # the organisation's policy, relaxed
    world.dns.add("_dmarc.ward3.health.example", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s")
    assert (await world.judge(signed(ward))).dmarc == "fail"


# -- the name server


async def test_each_kind_of_record_has_its_shape(world: World) -> None:
    world.dns.add("a.example", "TXT", "x" * 300, 'say "hi"')
    world.dns.add("a.example", "MX", "10 mx.a.example.", "20 mx2.a.example.")
    world.dns.add("a.example", "A", PEER)
    world.dns.add("a.example", "AAAA", "2001:db8::7")
    asked = world.resolver
    look = {kind: await _asked(asked, "a.example", kind) for kind in ("TXT", "MX", "A", "AAAA", "CNAME")}
    assert set(look["TXT"]) == {b"x" * 300, b'say "hi"'}
    assert set(look["MX"]) == {(10, "mx.a.example"), (20, "mx2.a.example")}
    assert (look["A"], look["AAAA"], look["CNAME"]) == ([PEER], ["2001:db8::7"], [])
    assert await _asked(asked, "nowhere.example", "TXT") == []


async def test_a_name_server_that_does_not_answer_in_time_is_trouble(world: World) -> None:
    world.dns.silent = ("silent.example",)
    with pytest.raises(DnsTrouble):
        await _asked(world.resolver, "silent.example", "TXT")


async def test_a_domain_whose_servers_are_dead_is_left_alone_and_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11: one agency's dead name servers delay nobody else's mail."""
    monkeypatch.setattr(world.resolver._resolver, "lifetime", 0.3)
    world.dns.silent = ("dead.example", "mx.dead.example")
    world.dns.add("alive.example", "A", PEER)
    for name in ("dead.example", "mx.dead.example"):
        with pytest.raises(DnsTrouble):
            await _asked(world.resolver, name, "A")
    with pytest.raises(DnsTrouble, match="silent"):
        await _asked(world.resolver, "dead.example", "A")
    assert await _asked(world.resolver, "alive.example", "A") == [PEER]


async def test_a_name_server_that_answers_nothing_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.resolver._resolver, "lifetime", 0.3)
    world.dns.silent = ("dead.example", "alive.example", "")
    for _ in range(2):
        with pytest.raises(DnsTrouble):
            await _asked(world.resolver, "dead.example", "A")
    with pytest.raises(DnsTrouble, match="silent"):
        await _asked(world.resolver, "alive.example", "A")


async def test_a_name_that_no_server_can_be_asked_for_is_trouble(world: World) -> None:
    with pytest.raises(DnsTrouble):
        await _asked(world.resolver, "a" * 70 + ".example", "TXT")


async def _asked(resolver: DnsResolver, name: str, kind: str) -> list[object]:
    """Beside the loop, for the server answers on it."""
    return await asyncio.to_thread(resolver.lookup, name, kind)


def test_without_a_host_the_systems_own_servers_are_asked() -> None:
    try:
        own = dns.resolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        with pytest.raises(dns.resolver.NoResolverConfiguration):
            DnsResolver()
    else:
        assert DnsResolver()._resolver.nameservers == own


async def test_a_signature_with_sha_1_proves_nothing(world: World) -> None:
    world.publish(HEALTH)
    got = await world.judge(by_hand("From:To", "", hashlib.sha1))
    assert [v.valid for v in got.dkim] == [False]
    assert got.aligned_domain == ""
