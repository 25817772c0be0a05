"""Owners told: what an owner whose refusal or silence was overridden hears of their words.

1. They are told before anything leaves who will have the words, and what for.
2. What they were told is true or is put right: they hear when the words are left out, go to others or for another
   purpose, or will not go because the case is closed. What they know already is not told twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from exchange.case.effect import Effect, Letter, SendLetter, WithdrawLetters
from exchange.case.product import Passage, Product, Purpose, Version, address
from exchange.case.state import Case
from exchange.case.step import Step

Effects = tuple[Effect, ...]


def put_right(product: Product, passages: Iterable[Passage], *, closed: bool = False) -> tuple[Product, Effects]:
    """Owners who were overridden and whose words have not left hear what holds now, where that is not what they were
    told."""
    letters: list[Effect] = []
    for passage in passages:
        if not passage.overridden or product.has_left(passage.id):
            continue
        goes = passage.id in product.latest.passages and not closed
        moved = tells(passage, product.latest if goes else None)
        if moved.told_recipients != passage.told_recipients:
            product = product.with_passage(moved)
            letters += letter(product, moved)
    return product, tuple(letters)


def tells(passage: Passage, version: Version | None) -> Passage:
    """The passage whose owner is told that it goes out with this version; with None, that it does not."""
    if version is None:
        return replace(passage, told_recipients=(), told_purpose=None)
    return replace(passage, told_recipients=version.recipients, told_purpose=version.purpose)


def letter(product: Product, passage: Passage) -> Effects:
    """The letter to an owner who was overridden; what it says is what holds when it is written. One that says what
    held before, and has not left, never does."""
    about = address(product.id, passage.id)
    name = f"overridden:{about}:{len(passage.history)}:{product.latest.id}"
    name += f":{product.latest.stage}" if passage.told_recipients else ":out"
    return WithdrawLetters(f"overridden:{about}:"), SendLetter(name, Letter.OVERRIDDEN, about)


def closed(case: Case) -> Step:
    """What was to go out, and will not: owners who were overridden are told."""
    step = Step(case)
    for product in case.products:
        after, righted = put_right(product, product.pending, closed=True)
        step = step.then(Step(step.case.with_product(after), righted))
    return step


def of_what_goes(product: Product, purpose: Purpose) -> tuple[Product, Effects]:
    """Of words that go out now without their owner's agreement: to whom and what for, unless the owner knows."""
    letters: list[Effect] = []
    version = replace(product.latest, purpose=purpose)
    for passage in product.of(version):
        knows = (passage.told_recipients, passage.told_purpose) == (version.recipients, purpose)
        if passage.overridden and not knows:
            product = product.with_passage(moved := tells(passage, version))
            letters += letter(product, moved)
    return product, tuple(letters)
