"""How well a mailbox is: by the longest-lived certificate that its people have proved, of each kind that it lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exchange.case.mailbox import Address, Directory, Mailbox, Transport
from exchange.key_health import Tried, others_of, signing_of, standing_of, standings
from exchange.pins import Pin
from exchange.store.certificates import Kind

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FOREVER = None


def mailbox(identity: str = "police-1", *transports: Transport) -> Mailbox:
    address = Address(f"{identity}@police.example")
    return Mailbox(identity, "police", address, transports or (Transport.OPENPGP,), "01632 960110")


def certificate(
    days: float | None, why: str = "", *, of: str = "", in_use: bool = True, kind: Kind = Kind.OPENPGP
) -> Tried:
    pin = Pin(f"{days}{why}{of}{in_use}", kind, "police", of, b"")
    return Tried(pin, in_use, why, None if days is None or why else NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("found", "why", "mark"),
    [
        ([certificate(91)], "", None),
        ([certificate(90)], "", 90),
        ([certificate(31)], "", 90),
        ([certificate(30)], "", 30),
        ([certificate(7.5)], "", 30),
        ([certificate(7)], "", 7),
        ([certificate(0.1)], "", 7),
        ([certificate(FOREVER)], "", None),
        ([certificate(5), certificate(400)], "", None),  # an old one beside a new one asks for nothing
        ([certificate(5), certificate(FOREVER)], "", None),
        ([certificate(5), certificate(400, in_use=False)], "", None),  # the new one is proved, and held for a day
        ([certificate(400, in_use=False)], "no_key", None),  # nothing can be sealed until then
        ([certificate(-1, "key_expired"), certificate(20)], "", 30),
        ([certificate(-1, "key_expired")], "key_expired", None),
        ([certificate(200, "key_revoked")], "key_revoked", None),
        ([certificate(400, of="police-2")], "no_key", None),  # another mailbox's own
        ([certificate(20, of="police-1"), certificate(400, of="police-2")], "", 30),
        ([certificate(400, kind=Kind.SMIME)], "no_key", None),
        ([], "no_key", None),
    ],
)
def test_a_mailbox_is_as_well_as_its_longest_certificate(found: list[Tried], why: str, mark: int | None) -> None:
    one = standing_of(mailbox(), Kind.OPENPGP, found)
    assert (one.why, one.mark(NOW)) == (why, mark)


def test_each_kind_that_a_mailbox_lists_is_looked_at_and_no_other() -> None:
    boxes = (
        mailbox("police-1", Transport.SMIME, Transport.OPENPGP),
        mailbox("police-2", Transport.TLS, Transport.PICKUP),
        mailbox("police-3", Transport.OPENPGP),
    )
    found = [certificate(20), certificate(400, kind=Kind.SMIME)]
    told = [(s.mailbox.id, s.kind, s.mark(NOW)) for s in standings(Directory(boxes), found)]
    assert told == [
        ("police-1", Kind.SMIME, None), ("police-1", Kind.OPENPGP, 30), ("police-3", Kind.OPENPGP, 30),
    ]  # fmt: skip


def signer(days: float, *, only: bool = True, of: str = "") -> Tried:
    """An S/MIME certificate that signs; unless `only`, it is sealed to as well."""
    ends = NOW + timedelta(days=days)
    why = "key_cannot_encrypt" if only else "key_expired" if days <= 0 else ""
    pin = Pin(f"signs{days}{only}{of}", Kind.SMIME, "police", of, b"")
    return Tried(pin, True, why, None if why else ends, signs_only=only, signs_until=ends)


@pytest.mark.parametrize(
    ("transports", "found", "told"),
    [
        ("smime", [signer(29), certificate(400, kind=Kind.SMIME)], ("", 30)),
        ("smime", [signer(200)], ("", None)),
        ("smime", [signer(-1)], ("key_expired", None)),
        ("smime", [signer(5), signer(400)], ("", None)),  # a new one beside the old
        ("smime", [signer(5, of="police-2")], None),
        ("smime", [signer(29, only=False)], None),  # they hear of it as of the one that is sealed to
        ("smime", [signer(-1, only=False)], None),
        ("smime", [signer(29, only=False), certificate(400, kind=Kind.SMIME)], ("", 30)),
        ("smime", [certificate(20, kind=Kind.SMIME)], None),  # they sign nothing
        ("openpgp", [signer(6, only=False)], ("", 7)),  # sealed by OpenPGP, signed by S/MIME
        ("openpgp", [certificate(5)], None),
    ],
)
def test_what_people_sign_with_is_told_where_it_is_not_what_is_sealed_to(
    transports: str, found: list[Tried], told: tuple[str, int | None] | None
) -> None:
    one = signing_of(mailbox("police-1", Transport(transports)), found, NOW)
    assert (one and (one.why, one.mark(NOW))) == told


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([certificate(5), certificate(400)], [("", 7)]),  # somebody's of two, or an old one that was not taken out
        ([certificate(-1, "key_expired"), certificate(400)], [("key_expired", None)]),
        ([certificate(29), certificate(60), certificate(FOREVER)], [("", 30), ("", 90)]),
        ([certificate(200), certificate(400)], [("", None)]),
        ([certificate(5)], []),  # the only one is the mailbox's own matter
        ([certificate(-1, "key_expired"), certificate(-2, "key_expired")], []),  # so it is where none works
        ([certificate(5, in_use=False), certificate(400)], []),
        ([certificate(5), certificate(400, of="police-1")], []),  # it is not sealed to where there is an own one
        ([certificate(5, of="police-2"), certificate(400, of="police-1")], []),
        ([certificate(5, kind=Kind.SMIME), certificate(400)], []),
    ],
)
def test_the_end_of_another_that_is_sealed_to_beside_the_best_is_told_apart(
    found: list[Tried], told: list[tuple[str, int | None]]
) -> None:
    assert [(one.why, one.mark(NOW)) for one in others_of(mailbox(), found)] == told
