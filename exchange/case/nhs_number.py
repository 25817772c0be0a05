"""The NHS number: ten digits, of which the last follows from the others, so that a slip of one digit shows."""

from __future__ import annotations

LENGTH = 10


def fits(digits: str) -> bool:
    """Whether the last of ten digits follows from the others (NHS data dictionary: modulus 11)."""
    total = sum(int(digit) * (LENGTH - n) for n, digit in enumerate(digits[: LENGTH - 1]))
    return (11 - total % 11) % 11 == int(digits[-1])
