"""Mailboxes that are to be reached otherwise: as before, until somebody there could object."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from exchange.case.mailbox import Address, Directory, Mailbox, Spoc, Transport
from exchange.case.moving import Applied, Move, Part, as_it_is, moved, rung

AT, DAY = datetime(2026, 11, 24, 10, tzinfo=UTC), timedelta(days=1)
SPOC = Spoc("Ada Example", date(2026, 1, 1), id="health-ada", code_to="07700 900001")
BOX = Mailbox("health-1", "health", Address("safeguarding@health.example"), (Transport.OPENPGP,), "01632 960001",
              spocs=(SPOC,), code_to="07700 900002")  # fmt: skip
OTHER = replace(BOX, id="police-1", agency="police", address=Address("safeguarding@police.example"))
ASTRAY = replace(BOX, address=Address("safeguarding@hea1th.example"), telephone="01632 960666",
                 code_to="07700 900666",
                 spocs=(SPOC, replace(SPOC, id="health-bo", code_to="07700 900667")))  # fmt: skip


def of(*mailboxes: Mailbox) -> Directory:
    return Directory(mailboxes)


def after(
    moves: tuple[Move, ...], before: Directory, new: Directory, *received: str, now: datetime = AT
) -> tuple[Move, ...]:
    return moved(moves, Applied(before, new, frozenset(received), now, DAY))


def reached(directory: Directory, moves: tuple[Move, ...], now: datetime) -> Mailbox:
    return next(m for m in as_it_is(directory, moves, now).mailboxes if m.id == "health-1")


def test_address_number_and_codes_wait_for_a_day_and_the_number_of_before_is_rung_until_it_was() -> None:
    moves = after((), of(BOX, OTHER), of(ASTRAY, OTHER), "health-1")
    (move,) = moves
    assert move.parts == (Part.ADDRESS, Part.TELEPHONE, Part.CODES)
    now = reached(of(ASTRAY, OTHER), moves, AT)
    assert (now.address, now.telephone, now.code_to) == (BOX.address, BOX.telephone, BOX.code_to)
    assert [s.code_to for s in now.spocs] == ["07700 900001", ""]  # nobody new gets codes meanwhile
    then = reached(of(ASTRAY, OTHER), moves, AT + DAY)
    assert (then.address, then.telephone, then.code_to) == (ASTRAY.address, ASTRAY.telephone, ASTRAY.code_to)
    assert (then.address_since, then.proof_number) == (AT + DAY, BOX.telephone)
    assert reached(of(ASTRAY, OTHER), rung(moves, "health-1"), AT + DAY).proof_number == ASTRAY.telephone
    assert rung(moves, "police-1") == moves


def test_what_does_not_move_is_left_alone() -> None:
    assert after((), of(BOX), of(BOX, OTHER), "health-1") == ()  # a new one has nobody who was there before
    leaving = replace(BOX, spocs=())  # that somebody gets no codes any more leads nobody astray
    assert after((), of(BOX), of(leaving), "health-1") == ()
    assert as_it_is(of(BOX), (), AT) == of(BOX)


def test_where_nothing_ever_went_it_moves_at_once_and_nobody_is_told() -> None:
    (move,) = after((), of(BOX), of(ASTRAY))
    assert (move.starts_at, move.quiet, move.number) == (AT, True, "")


def test_another_list_of_transports_waits_too() -> None:
    new = of(replace(BOX, transports=(Transport.TLS, Transport.OPENPGP)))
    moves = after((), of(BOX), new, "health-1")
    (move,) = moves
    assert (move.parts, move.starts_at, move.address_since) == ((Part.TRANSPORTS,), AT + DAY, None)
    assert (reached(new, moves, AT).transports, reached(new, moves, AT).proof_number) == (
        (Transport.OPENPGP,), BOX.telephone
    )  # fmt: skip
    assert reached(new, moves, AT + DAY).transports == (Transport.TLS, Transport.OPENPGP)


def test_the_same_file_again_starts_no_new_day_and_the_old_file_takes_it_back() -> None:
    moves = after((), of(BOX), of(ASTRAY), "health-1")
    later = AT + timedelta(hours=5)
    assert after(moves, of(ASTRAY), of(ASTRAY), "health-1", now=later) == moves
    assert after(moves, of(ASTRAY), of(BOX), "health-1", now=later) == ()
    third = replace(BOX, address=Address("third@health.example"))
    (move,) = after(moves, of(ASTRAY), of(third), "health-1", now=later)
    assert (move.starts_at, move.before.address) == (later + DAY, BOX.address)


def test_two_moves_one_after_the_other_still_ring_the_first_number() -> None:
    moves = after((), of(BOX), of(ASTRAY), "health-1")
    third = replace(ASTRAY, telephone="01632 960777")
    (move,) = after(moves, of(ASTRAY), of(third), "health-1", now=AT + 2 * DAY)
    assert (move.number, move.before.telephone) == (BOX.telephone, ASTRAY.telephone)
    assert move.address_since == AT + DAY
    assert after((move,), of(third), of(third), "health-1", now=AT + 4 * DAY) == (move,)


def test_one_that_was_taken_out_comes_back_as_a_move_and_not_as_a_first_one() -> None:
    gone = after((), of(BOX, OTHER), of(OTHER), "health-1")
    assert [(m.mailbox, m.parts) for m in gone] == [("health-1", ())]
    assert after(gone, of(OTHER), of(OTHER), "health-1") == gone
    (move,) = after(gone, of(OTHER), of(ASTRAY, OTHER), "health-1", now=AT + DAY)
    assert (move.parts[0], move.starts_at, move.number) == (Part.ADDRESS, AT + 2 * DAY, BOX.telephone)
    assert reached(of(ASTRAY, OTHER), (move,), AT + DAY).address == BOX.address
