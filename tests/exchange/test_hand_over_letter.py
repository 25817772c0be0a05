"""Whoever is asked to take somebody on reads what nobody may forget on the routes that were decided."""

from __future__ import annotations

import pytest

from exchange import owing_letters
from exchange.case.decision import ROUTES, Decision, Specialist
from exchange.case.mailbox import Directory
from exchange.case.outcome import HandedOver
from exchange.case.referral import read
from exchange.pins import NO_PINS
from exchange.posting import File
from templates import letters, samples
from tests.case.stories import ALWAYS, LOOK, NOW, Story, arrives, at, child, contact, decides, rates, with_rules
from tests.desk.stands import SIBLINGS

RULES = with_rules(calendar=ALWAYS)
KEPT = "Not to the employer unless a manager says so."


@pytest.mark.parametrize(
    ("decision", "routes", "told"),
    [
        (Decision.MARAC, (), ROUTES[Specialist.MARAC].warning),
        (Decision.PREVENT, (), ROUTES[Specialist.PREVENT].warning),
        (Decision.ASSESSMENT, (Specialist.LADO,), f"Designated officer (LADO). {KEPT}"),
        (Decision.LADO, (), KEPT),
    ],
)
def test_the_letter_says_what_nobody_may_forget(
    decision: Decision, routes: tuple[Specialist, ...], told: str
) -> None:
    over = HandedOver(at(100), "duty-1", "police", ("s1",))
    story = Story(contact(child()), arrives(), LOOK, rates(code="green"), rules=RULES)
    story.tell(decides(decision=decision, routes=routes), over)
    file = File(story.case, RULES, Directory(()), NO_PINS, read(SIBLINGS), b"")
    sample = next(x for x in samples.every() if isinstance(x, letters.HandOver))
    letter = owing_letters.hand_over(story.case.legs[0], file, sample.sender, sample.answering, {}, NOW)
    text = " ".join(letters.write(letter).text.split())
    assert told in text
