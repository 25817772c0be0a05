"""Only an address that this hub made, for that very thing, is read as being about it."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailflow.reply_address import ReplyAddresses, Token

OURS = ReplyAddresses(b"first secret", "Hub.Northmoor.example")
KINDS = ("leg", "invitee", "bounce", "referrer", "owner", "recipient")
IDENT = "0190f3a2-7c1e-7b32-9d50-2f6f1c8e4a11"
LEG = OURS.make("leg", IDENT)
LOCAL, _, DOMAIN = LEG.partition("@")
idents = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=45)


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_is_read_as_it_was_made(kind: str) -> None:
    assert OURS.read(OURS.make(kind, IDENT)) == Token(kind, IDENT)


@given(st.sampled_from(KINDS), idents)
def test_every_ident_that_is_allowed_comes_back_and_fits_a_mailbox_name(kind: str, ident: str) -> None:
    address = OURS.make(kind, ident)
    assert OURS.read(address) == Token(kind, ident)
    assert len(address.partition("@")[0]) <= 64  # RFC 5321 4.5.3.1.1


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(LEG.upper(), id="upper case, as Lotus Domino and some gateways rewrite it"),
        pytest.param(LEG.title(), id="capitals after each dot"),
        pytest.param(f"{LOCAL}@{DOMAIN.upper()}", id="upper-case domain"),
    ],
)
def test_case_does_not_matter(written: str) -> None:
    assert OURS.read(written) == Token("leg", IDENT)


@pytest.mark.parametrize(
    "ident",
    ["", "Ann", "a.b", "a b", "a@b", "é", "a\n", "x" * 46],
    ids=["empty", "capital", "dot", "space", "at", "accent", "line end", "46 characters"],
)
def test_what_no_address_can_hold_is_refused(ident: str) -> None:
    with pytest.raises(ValueError, match="at most 45"):
        OURS.make("leg", ident)


@given(st.integers(0, len(LEG) - 1), st.sampled_from(string.ascii_lowercase + string.digits + "-.@+_= "))
def test_one_character_changed_and_it_is_not_ours(at: int, letter: str) -> None:
    assume(LEG[at] != letter)
    assert OURS.read(LEG[:at] + letter + LEG[at + 1 :]) is None


@given(st.integers(0, len(LEG) - 1))
def test_one_character_lost_and_it_is_not_ours(at: int) -> None:
    assert OURS.read(LEG[:at] + LEG[at + 1 :]) is None


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(ReplyAddresses(b"other secret", DOMAIN).make("leg", IDENT), id="made with another key"),
        pytest.param(f"{LOCAL}@elsewhere.example", id="another domain"),
        pytest.param(f"{LOCAL}@mail.{DOMAIN}", id="a subdomain"),
        pytest.param(f"{LOCAL}@{DOMAIN}.", id="a dot behind the domain"),
        pytest.param(f"i{LOCAL[1:]}@{DOMAIN}", id="a leg's digest under an invitee's letter"),
        pytest.param(f"z{LOCAL[1:]}@{DOMAIN}", id="a letter that stands for nothing"),
        pytest.param(f"{LOCAL[:-16]}{'a' * 16}@{DOMAIN}", id="a guessed digest"),
        pytest.param(f"{LOCAL}+tag@{DOMAIN}", id="plus addressing"),
        pytest.param(f" {LEG}", id="a space before"),
        pytest.param(f"{LEG}\n", id="a line end behind"),
        pytest.param(f"ann@{LEG}", id="something before it"),
        pytest.param(f"<{LEG}>", id="angle brackets"),
        pytest.param(LOCAL, id="no domain"),
        pytest.param(f"referrals@{DOMAIN}", id="the hub's own mailbox"),
        pytest.param("", id="nothing"),
    ],
)
def test_whatever_it_looks_like_it_is_not_ours(written: str) -> None:
    assert OURS.read(written) is None


@given(st.sampled_from(KINDS), st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=24))
def test_of_a_hub_with_one_mailbox_they_stand_behind_its_plus(kind: str, ident: str) -> None:
    plus = ReplyAddresses(b"first secret", "hub.northmoor.example", "Referrals")
    address = plus.make(kind, ident)
    assert address.startswith("referrals+")
    assert plus.read(address.upper()) == Token(kind, ident)
    assert plus.read(OURS.make(kind, ident)) == Token(kind, ident)  # what went out in the other form
    assert OURS.read(address) is None
    assert plus.read(address.replace("referrals+", "others+")) is None


def test_a_mailbox_name_leaves_room_for_what_comes_after() -> None:
    longest = ReplyAddresses(b"s", "hub.example", "a" * 17)
    assert len(longest.returned("a" * 24, 99).partition("@")[0]) <= 64
    with pytest.raises(ValueError, match="no room"):
        ReplyAddresses(b"s", "hub.example", "a" * 18)
    with pytest.raises(ValueError, match="so long"):
        longest.make("leg", "a" * 45)


def test_a_report_tells_which_attempt_to_send_it_is_about() -> None:
    letter = "abcdefghijklmnopqrstuvwx"
    first, second = OURS.returned(letter, 1), OURS.returned(letter, 2)
    assert [one and one.attempt for one in (OURS.read(first), OURS.read(second))] == [(letter, 1), (letter, 2)]
    local, _, domain = first.partition("@")
    assert OURS.read(f"{local.replace('-1.', '-2.')}@{domain}") is None  # another attempt needs another digest
    assert len(OURS.returned(letter, 999_999).partition("@")[0]) <= 64
    bare = OURS.read(OURS.make("bounce", letter))
    assert bare
    assert bare.attempt == (letter, 0)


def test_twenty_thousand_guesses_of_an_attempts_digest_find_nothing() -> None:
    """T16: 80 bits; nobody makes a mailbox look dead."""
    dice = random.Random(16)  # noqa: S311 - the same guesses every time
    letters = string.ascii_lowercase + "234567"
    for _ in range(20_000):
        guess = "".join(dice.choices(letters, k=16))
        assert OURS.read(f"b.abcdefghijklmnopqrstuvwx-1.{guess}@{DOMAIN}") is None


@given(st.text(max_size=120))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    assert OURS.read(text) is None
    assert OURS.read(f"{text}@{DOMAIN}") is None


@given(st.sampled_from(("page", "notice")), idents)
def test_a_link_opens_the_page_it_was_made_for_and_is_no_address(kind: str, ident: str) -> None:
    token = OURS.page(kind, ident)
    assert OURS.read_page(token) == Token(kind, ident)
    assert OURS.read(f"{token}@{DOMAIN}") is None
    assert OURS.read_page(f"{'n' if kind == 'page' else 'p'}{token[1:]}") is None


@given(st.sampled_from(KINDS), idents)
def test_no_address_opens_a_page_whatever_letter_it_is_given(kind: str, ident: str) -> None:
    local = OURS.make(kind, ident).partition("@")[0]
    assert not [letter for letter in string.ascii_lowercase if OURS.read_page(letter + local[1:])]


def test_what_no_link_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 45"):
        OURS.page("page", "Ann")
    assert OURS.read_page("") is None
