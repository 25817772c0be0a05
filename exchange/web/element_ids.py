"""Element ids: on a page of many acts each control has an id and a name of its own, and its label still leads to it.

Acts ask for the same things under the same names (a reason, who rang); HTML wants an id once a page, and a form that
sends all of them needs each name once. What a browser always sends, a choice made for people or a hidden value, has a
colon in its name; what somebody wrote or ticked has a dot.
"""

from __future__ import annotations

import re
from collections import Counter

# Attributes that are an id, or name some; what a person typed can be none of them: its quotes are escaped.
_POINTING = re.compile(r'(?<= )(id|for|aria-describedby|aria-labelledby|aria-controls|data-aria-controls)="([^"]+)"')
_CONTROL = re.compile(r"<(?:select|input|textarea)\b[^>]*>")  # typed words have no ">": it is escaped
_NAME = re.compile(r'(?<= )name="([^"]+)"')


class OwnIds:
    """The ids of one page."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()

    def __call__(self, html: str, form: str, *, again: bool = False) -> str:
        """The act's inside with every id and name beginning with the act's number. A tick is the page's own unless it
        shows `again` what was given."""
        self._made[form] += 1
        prefix = form if self._made[form] == 1 else f"{form}-{self._made[form]}"

        def own(found: re.Match[str]) -> str:
            return f'{found[1]}="{" ".join(f"{prefix}-{one}" for one in found[2].split())}"'

        def named(found: re.Match[str]) -> str:
            how = ":" if _is_sent_anyhow(found[0], again=again) else "."
            return _NAME.sub(rf'name="{form}{how}\1"', found[0])

        return _POINTING.sub(own, _CONTROL.sub(named, str(html)))  # as Markup it would escape its own tags


def _is_sent_anyhow(control: str, *, again: bool) -> bool:
    ticked_for_them = not again and 'type="checkbox"' in control and " checked" in control
    return control.startswith("<select") or 'type="hidden"' in control or ticked_for_them
