"""Each answer needs its strength of proof, and only a person's word acknowledges."""

from __future__ import annotations

import pytest

from exchange.case.acknowledgement import (
    ACKNOWLEDGES,
    COMPLETE,
    LEAST_PROOF,
    RESPONDS,
    RESPONSES,
    Answer,
    Proof,
    Responded,
    enough,
)


@pytest.mark.parametrize("table", [LEAST_PROOF, ACKNOWLEDGES, RESPONDS])
def test_every_answer_stands_in_every_table(table: dict[Answer, object]) -> None:
    assert set(table) == set(Answer)


@pytest.mark.parametrize("answer", list(Answer))
def test_no_proof_carries_nothing_and_staff_or_a_signature_carries_all(answer: Answer) -> None:
    assert not enough(answer, Proof.NONE)
    assert enough(answer, Proof.SIGNATURE)
    assert enough(answer, Proof.STAFF)


@pytest.mark.parametrize(
    ("answer", "page_is_enough"),
    [
        (Answer.RECEIVED, True),
        (Answer.CANNOT_OPEN, True),
        (Answer.WRONG_PERSON, True),
        (Answer.ACCEPT, False),
        (Answer.DECLINE, False),
        (Answer.NOTHING_KNOWN, False),
        (Answer.INFORMATION, False),
    ],
)
def test_a_telephone_is_enough_to_say_received_but_not_to_decide(answer: Answer, page_is_enough: bool) -> None:
    assert enough(answer, Proof.PAGE) is page_is_enough
    assert enough(answer, Proof.DKIM)


@pytest.mark.parametrize(
    ("now", "answer", "after"),
    [
        (Responded.AWAITED, Answer.RECEIVED, Responded.AWAITED),
        (Responded.AWAITED, Answer.CANNOT_OPEN, Responded.AWAITED),
        (Responded.AWAITED, Answer.ACCEPT, Responded.ACCEPTED),
        (Responded.ACCEPTED, Answer.INFORMATION, Responded.INFORMATION),
        (Responded.INFORMATION, Answer.ACCEPT, Responded.INFORMATION),
        (Responded.INFORMATION, Answer.RECEIVED, Responded.INFORMATION),
        (Responded.NOTHING_KNOWN, Answer.INFORMATION, Responded.INFORMATION),
        (Responded.DECLINED, Answer.WRONG_PERSON, Responded.DECLINED),
        (Responded.INFORMATION, Answer.DECLINE, Responded.DECLINED),
    ],
)
def test_a_later_answer_may_change_an_earlier_one(now: Responded, answer: Answer, after: Responded) -> None:
    assert RESPONSES[now, answer] is after


def test_accepting_does_not_end_an_agencys_part() -> None:
    assert Responded.AWAITED not in COMPLETE
    assert Responded.ACCEPTED not in COMPLETE
