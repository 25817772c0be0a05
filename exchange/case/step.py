"""One move of a case: what it becomes, and what is asked of the outside."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exchange.case.effect import Effect
from exchange.case.state import Case


class CannotHappen(ValueError):
    """This cannot happen to the case as it stands; nothing was changed. The text says what to do instead.

    `faults` says the same for a form: by the name of the value that is wanted, in words without codes.
    """

    def __init__(self, told: str, /, **faults: str) -> None:
        self.faults = faults
        super().__init__(told)


@dataclass(frozen=True, slots=True)
class Step:
    """The next case, and effects in the order asked."""

    case: Case
    effects: tuple[Effect, ...] = ()

    def then(self, other: Step) -> Step:
        """This step followed by another that started from this one's case."""
        return replace(other, effects=self.effects + other.effects)
