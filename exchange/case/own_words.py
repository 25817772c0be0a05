"""Own words: what a hub adds to its letters, plain text in which a few names are filled in; no template (T28).

1. Of a text nothing is computed: a name of NAMES in single braces becomes its value, everything else stays as it is.
2. What may not be missed comes first in every letter: own words stand after its first paragraph, or at its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# By the folder of the letter's words. A packet's warnings may be several paragraphs, and nothing stands between them.
MAY_OPEN = ("receipt", "accepted", "guidance", "outcome", "outcome_notice", "replied", "reminder")
MAY_CLOSE = (*MAY_OPEN, "packet")
NAMES = ("hub", "telephone", "duty_telephone", "reference")
LONGEST = 600  # characters: more would hide what the letter itself says
_NAME = re.compile(rf"(?<!\{{)\{{({'|'.join(NAMES)})\}}(?!\}})")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the hub adds to one kind of letter."""

    letter: str  # one of MAY_CLOSE
    opening: str = ""
    closing: str = ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its names filled in, once: a value is not looked at again."""
    return _NAME.sub(lambda found: values.get(found[1], found[0]), text)
