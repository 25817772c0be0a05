"""What a person typed with a calendar's reply, apart from the sentences that calendars write in everybody's name.

When unsure it is a person's: a sentence of a calendar that somebody reads costs a look, a person's that nobody reads
may cost a child.
"""

from __future__ import annotations

import re

_ANSWERS = r"(?:accepted|declined|tentatively accepted|answered|replied|rejected)"
_SENTENCE = re.compile(  # whole lines: whoever goes on behind them has typed something
    rf"(?:(?:[^.!?;:]{{1,80}}|\S{{1,80}}@\S{{1,80}}) )?(?:has|have) {_ANSWERS}"
    r"(?: (?:this|your|the|to your|to this)(?: event| meeting| calendar)? (?:invitation|event|meeting))?\.?"
    r"|(?:accepted|declined|tentative(?:ly accepted)?)\.?|[-_=*~ ]+"
    r"|invitation from google calendar:? ?<?(?:https?://\S*)?>?",
    re.IGNORECASE,
)


def beside(comment: str, words: str) -> str:
    """All that somebody typed with a reply: its comment, and what stands in the mail."""
    return "\n".join(dict.fromkeys(one for one in (comment.strip(), typed(words)) if one))


def typed(words: str) -> str:
    """The lines that no calendar writes by itself; "" for none."""
    lines = (line.strip() for line in words.splitlines())
    return "\n".join(line for line in lines if line and not _SENTENCE.fullmatch(line))
