"""Element ids: on a page of many forms each control has an id of its own, and its label still leads to it.

Forms ask for the same things under the same names (a reason, who rang); HTML wants an id once a page.
"""

from __future__ import annotations

import re
from collections import Counter

# Attributes that are an id, or name some; what a person typed can be none of them: its quotes are escaped.
_POINTING = re.compile(r'(?<= )(id|for|aria-describedby|aria-labelledby|aria-controls|data-aria-controls)="([^"]+)"')


class OwnIds:
    """The ids of one page."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()

    def __call__(self, html: str, form: str) -> str:
        """The form's inside with every id beginning with the form's name, numbered when there are several such."""
        self._made[form] += 1
        prefix = form if self._made[form] == 1 else f"{form}-{self._made[form]}"

        def own(found: re.Match[str]) -> str:
            return f'{found[1]}="{" ".join(f"{prefix}-{one}" for one in found[2].split())}"'

        return _POINTING.sub(own, html)
