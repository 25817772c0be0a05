"""Own words in a letter: after its first paragraph, which nobody may miss, and at its end."""

from __future__ import annotations

from exchange.case.own_words import filled
from templates.addressed import Sender


def with_own(text: str, sender: Sender, letter: str, reference: str) -> str:
    """The letter of this folder with the hub's own words. They are values, and no template ever reads them."""
    own = sender.words.get(letter)
    if own is None:
        return text
    names = {"hub": sender.name, "telephone": sender.telephone, "duty_telephone": sender.duty_telephone,
             "reference": reference}  # fmt: skip
    first, gap, rest = text.lstrip("\n").partition("\n\n")
    if own.opening:
        first, gap = f"{first.rstrip()}\n\n{filled(own.opening, names)}", "\n\n"
    closing = f"\n\n{filled(own.closing, names)}\n" if own.closing else ""
    return f"{first}{gap}{rest}".rstrip("\n") + (closing or "\n")
