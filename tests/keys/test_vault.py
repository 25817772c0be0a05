"""Data at rest: what is sealed opens in its own place, with its own key, unchanged, and nowhere else."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from keys import vault
from keys.vault import DataKey, OpeningHalf, SealingHalf, VaultRefused, WrappedKey

PRIVATE, PUBLIC = vault.generate_master()
BOUND = vault.bound_data("hub", "case-1", "event-1", "body")
CONTENT = b"Something that was said"


@pytest.fixture
def made() -> tuple[DataKey, WrappedKey]:
    return SealingHalf(PUBLIC).new_key("case-1")


def test_the_public_half_seals_and_the_private_half_opens(made: tuple[DataKey, WrappedKey]) -> None:
    key, wrapped = made
    blob = vault.seal(key, CONTENT, BOUND)
    assert CONTENT not in blob
    assert vault.key_id(blob) == key.id == wrapped.id
    assert vault.unseal(OpeningHalf(PRIVATE).unwrap(wrapped), blob, BOUND).data == CONTENT
    assert vault.public_of(PRIVATE) == PUBLIC


def test_no_octet_may_change(made: tuple[DataKey, WrappedKey]) -> None:
    key, wrapped = made
    blob = vault.seal(key, CONTENT, BOUND)
    for at in range(len(blob)):
        with pytest.raises(VaultRefused):
            vault.unseal(key, blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :], BOUND)
    for at in range(len(wrapped.blob)):
        spoiled = wrapped.blob[:at] + bytes([wrapped.blob[at] ^ 1]) + wrapped.blob[at + 1 :]
        with pytest.raises(VaultRefused):
            OpeningHalf(PRIVATE).unwrap(replace(wrapped, blob=spoiled))


def test_no_length_but_its_own(made: tuple[DataKey, WrappedKey]) -> None:
    key, wrapped = made
    blob = vault.seal(key, CONTENT, BOUND)
    for size in range(len(blob)):
        with pytest.raises(VaultRefused):
            vault.unseal(key, blob[:size], BOUND)
    for size in range(len(wrapped.blob)):
        with pytest.raises(VaultRefused):
            OpeningHalf(PRIVATE).unwrap(replace(wrapped, blob=wrapped.blob[:size]))


def test_it_cannot_be_moved(made: tuple[DataKey, WrappedKey]) -> None:
    key, wrapped = made
    blob = vault.seal(key, CONTENT, BOUND)
    for elsewhere in itertools.product(("hub", "h"), ("case-1", "case-2"), ("event-1", "e"), ("body", "raw")):
        bound = vault.bound_data(*elsewhere)
        if bound != BOUND:
            with pytest.raises(VaultRefused):
                vault.unseal(key, blob, bound)
    with pytest.raises(VaultRefused):
        OpeningHalf(PRIVATE).unwrap(replace(wrapped, compartment="case-2"))
    with pytest.raises(VaultRefused):
        OpeningHalf(PRIVATE).unwrap(replace(wrapped, id=bytes(16)))


def test_other_keys_do_not_open_it(made: tuple[DataKey, WrappedKey]) -> None:
    key, wrapped = made
    other, others_wrapped = SealingHalf(PUBLIC).new_key("case-1")
    blob = vault.seal(key, CONTENT, BOUND)
    for wrong in (other, DataKey(key.id, other.secret)):
        with pytest.raises(VaultRefused):
            vault.unseal(wrong, blob, BOUND)
    with pytest.raises(VaultRefused):
        OpeningHalf(PRIVATE).unwrap(replace(wrapped, blob=others_wrapped.blob))
    with pytest.raises(VaultRefused):
        OpeningHalf(vault.generate_master()[0]).unwrap(wrapped)


def test_a_point_of_low_order_is_refused(made: tuple[DataKey, WrappedKey]) -> None:
    _, wrapped = made
    with pytest.raises(VaultRefused):
        OpeningHalf(PRIVATE).unwrap(replace(wrapped, blob=wrapped.blob[:1] + bytes(32) + wrapped.blob[33:]))


def test_bound_data_is_unambiguous() -> None:
    cut = {vault.bound_data(*parts) for parts in (("ab", "c", "", ""), ("a", "bc", "", ""), ("a", "b", "c", ""))}
    assert len(cut) == 3


def test_chance_is_given(made: tuple[DataKey, WrappedKey]) -> None:
    def fixed(size: int) -> bytes:
        return b"\x07" * size

    first, second = (SealingHalf(PUBLIC, fixed).new_key("c") for _ in range(2))
    assert first == second
    assert vault.seal(first[0], CONTENT, BOUND, fixed) == vault.seal(first[0], CONTENT, BOUND, fixed)
    assert vault.seal(made[0], CONTENT, BOUND) != vault.seal(made[0], CONTENT, BOUND)


def test_tokens_and_labels() -> None:
    half = OpeningHalf(PRIVATE)
    assert half.derive("index") == OpeningHalf(PRIVATE).derive("index") != half.derive("addresses")
    token = vault.index_token(half.derive("index"), "name", "amber")
    assert len(token) == 16
    assert token == vault.index_token(half.derive("index"), "name", "amber")
    assert token != vault.index_token(half.derive("index"), "postcode", "amber")
    assert token != vault.index_token(half.derive("other"), "name", "amber")


def test_secrets_do_not_show(made: tuple[DataKey, WrappedKey]) -> None:
    shown = (
        repr(made)
        + repr(OpeningHalf(PRIVATE))
        + repr(vault.unseal(made[0], vault.seal(made[0], CONTENT, BOUND), BOUND))
    )
    assert repr(made[0].secret)[2:-1] not in shown
    assert CONTENT.decode() not in shown
