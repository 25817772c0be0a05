"""What the headers of a mail in a mailbox say of its envelope, and what they do not prove."""

from __future__ import annotations

import time

import pytest

from mailflow.delivered_to import MOST_RECIPIENTS, envelope_of
from mailflow.reply_address import ReplyAddresses

HUB = "referrals@hub.example"
ADDRESSES = ReplyAddresses(b"secret", "hub.example")
LEG, SEAT = ADDRESSES.make("leg", "case1-l1"), ADDRESSES.make("invitee", "case1-d1-i2")
FORGED = LEG[:-13] + "aaa@hub.example"


def recipients(head: str) -> tuple[str, ...]:
    return envelope_of(head.encode() + b"\r\n\r\nwords\r\n", is_ours, HUB).recipients


def is_ours(address: str) -> bool:
    return address == HUB or ADDRESSES.read(address) is not None


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (f"To: {HUB}", (HUB,)),
        ("Subject: nobody's", (HUB,)),
        ("", (HUB,)),
        (f"To: <{LEG}>", (LEG,)),
        (f"To: Fakeshire MASH <{LEG.upper()}>", (LEG,)),
        (f"To: someone@agency.example,\r\n {LEG}", (LEG,)),  # folded
        (f"To: a@b.example\r\nCc: {LEG}, {SEAT}", (LEG, SEAT)),
        (f"To: {LEG}, {LEG}", (LEG,)),
        (f"X-Original-To: {SEAT}\r\nTo: {LEG}", (SEAT,)),  # what a server wrote on delivery comes first
        (f"Delivered-To: {HUB}\r\nTo: {LEG}", (LEG,)),  # the shared mailbox's own name tells nothing
        (f"Delivered-To: {LEG}\r\nX-Original-To: x@hub.example", (LEG,)),
        (f"To: {FORGED}", (HUB,)),  # what we never made is nobody's address
        (f"X-To: {LEG}", (HUB,)),
        (f"Subject: To: {LEG}", (HUB,)),
        (f"In-Reply-To: <{LEG}>", (HUB,)),
    ],
)  # fmt: skip
def test_to_whom_of_ours_it_came(head: str, found: tuple[str, ...]) -> None:
    assert recipients(head) == found


def test_what_stands_in_the_text_is_no_header() -> None:
    assert recipients(f"Subject: x\r\n\r\nTo: {LEG}") == (HUB,)


def test_line_ends_of_all_kinds() -> None:
    assert envelope_of(f"Subject: x\nTo: a,\n\t{LEG}\n\nwords\n".encode(), is_ours, HUB).recipients == (LEG,)


@pytest.mark.parametrize(
    ("line", "mail_from"),
    [("Return-Path: <ann@gp.example>", "ann@gp.example"), ("Return-Path: <>", ""), ("Return-path:ann@gp.example",
     "ann@gp.example"), ("Subject: hello", "unknown")],
)  # fmt: skip
def test_where_it_came_from(line: str, mail_from: str) -> None:
    found = envelope_of(f"{line}\r\n\r\nReturn-Path: <evil@x.example>\r\n".encode(), is_ours, HUB)
    assert found.mail_from == mail_from
    assert (found.peer, found.helo, found.tls) == ("", "", False)


def test_the_last_server_wrote_the_first_return_path() -> None:
    head = b"Return-Path: <ann@gp.example>\r\nReturn-Path: <>\r\n\r\n"
    assert envelope_of(head, is_ours, HUB).mail_from == "ann@gp.example"


def test_odd_octets_and_no_end_are_read_all_the_same() -> None:
    for raw in (b"", b"\r\n\r\n", b"\xff\0\r\n: \r\n", b"To:", b"To" * 1000, f"To: {LEG}".encode()):
        assert envelope_of(raw, is_ours, HUB).recipients in ((HUB,), (LEG,))


def test_a_hostile_header_costs_little() -> None:
    many = [ADDRESSES.make("leg", f"case1-l{n}") for n in range(50)]
    began = time.perf_counter()
    assert len(recipients("To: " + ", ".join(many))) == MOST_RECIPIENTS
    recipients("To: " + "a" * 10_000_000)
    recipients("To: " + "a@" * 2_000_000)
    recipients("To: x\r\n" * 1_000_000)
    recipients("To:" + "\r\n " * 1_000_000)
    assert time.perf_counter() - began < 2
