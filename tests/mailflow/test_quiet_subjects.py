"""Every letter we write has a subject that the gate lets out, and the gate would stop one that says more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exchange.case.sealed import PublicNotice
from mailflow.compose import message_id, outer_headers, plain_message
from mailflow.gate import Expected, GatePassed, GateStopped, check
from templates import samples
from templates.languages import known
from templates.letters import ALetter, Chaser, Invitation, OutcomeNotice, write

THEM = "police@agency.example"


def judged(subject: str) -> GatePassed | GateStopped:
    """What the gate says of a notice with this subject."""
    head = outer_headers(
        from_address="referrals@hub.example", from_name="Northmoor Hub", to=THEM, reply_to="r.k3x@hub.example",
        message_id=message_id("hub.example", "k"), date=datetime(2026, 11, 23, tzinfo=UTC), subject=subject,
        automatic=True, autocrypt="mDME" * 60,
    )  # fmt: skip
    notice = PublicNotice(plain_message(head, "There is news for you.\n"), THEM)
    return check(notice, Expected(THEM, None, frozenset()), no_keys)


def no_keys(_armored: bytes) -> tuple[str, ...]:
    """Nothing is sealed here."""
    return ()


@pytest.mark.parametrize("letter", samples.every(), ids=lambda x: type(x).__name__)
def test_the_gate_lets_every_letters_subject_out(letter: ALetter) -> None:
    for language in known():
        assert judged(write(letter, language.code).quiet_subject) == GatePassed(), language


@pytest.mark.parametrize("days", range(0, 366, 7))
def test_on_every_day_of_the_year(days: int) -> None:
    at = samples.AT + timedelta(days=days, hours=days % 24)
    letters = (
        Invitation(samples.HUB, samples.REFERENCE, at, 60, at),
        Chaser(samples.HUB, samples.REFERENCE, at, at, at, at),
        OutcomeNotice(samples.HUB, samples.REFERENCE, at, "https://exchange.example/receipt"),
    )
    for letter in letters:
        assert judged(write(letter).quiet_subject) == GatePassed()


@pytest.mark.parametrize("more", ["Canary", "Zoe", "injury", "ring 01632960155", "1 Nowhere Lane"])
def test_a_subject_that_says_more_is_stopped(more: str) -> None:
    quiet = write(samples.every()[0]).quiet_subject
    assert judged(f"{quiet} {more}") == GateStopped("subject_not_quiet")
