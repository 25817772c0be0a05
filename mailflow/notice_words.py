"""The words by which help desks and shared mailboxes say that they have a mail, and gateways that they keep one back.

They come without a header that tells of a machine, and people write some of them: two kinds of such words, with
hardly anything beside them, and a person is to say which it was.
"""

from __future__ import annotations

import re

LONGEST = 2_500  # characters of such a notice, with its disclaimer
MOST_BESIDE = 25  # words of other sentences: a name, a department, hours
_KINDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bthank(?:s| you)(?: very much)? for (?:contacting|getting in touch"
        r"|your (?:e-?mail|message|enquiry|request|call))"
        r"|\bdiolch am (?:gysylltu|eich (?:neges|e-?bost))",
        r"\b(?:e-?mail|message|enquiry|request|ticket|query)\b[^.!?]{0,40} (?:has been|was|is) (?:now )?"
        r"(?:successfully )?(?:received|logged|created|registered|opened|important to us)\b"
        r"|\bwe (?:have|’ve|'ve) received your\b",
        r"\b(?:aim|endeavou?r|try|hope) to (?:respond|reply|answer|get back)|\bwill (?:be in touch"
        r"|(?:respond|reply) to you|get back to you|be reviewed|contact you)\b|\bis being reviewed\b"
        r"|\bin the order\b[^.!?]{0,20} received"
        r"|\bwithin \w+ (?:working|business) days?\b",
        r"\b(?:mailbox|inbox|e-?mail (?:address|account))\b[^.!?]{0,20} is (?:not |only |un)?"
        r"(?:actively |regularly )?(?:monitored|checked|manned|staffed)|\b(?:office|opening) hours are\b",
        r"\b(?:do not|don[’']t) (?:reply|respond) to this\b|\bplease do not (?:reply|respond)\b"
        r"|\bto add (?:\w+ )?comments?\b",
        r"\b(?:ticket|case|reference|request)(?: id| number| no\.?)?\s*(?:#|is\b|:)\s*\[?#?[A-Z]{0,6}-?\d{3,}",
        r"\b(?:dial|call|ring) (?:999|101|112)\b|\bin an emergency\b|\bout of hours\b",
    )
)
_KEPT_BACK = re.compile(
    r"\byour (?:e-?mail|message)\b[^.!?\n]{0,120}(?:(?:was|is|has been) "
    r"(?:quarantined|blocked|withheld|rejected|stopped)|(?:was not|has not been|could not be) delivered)"
    r"|\b(?:it|the (?:e-?mail|message))\b[^.!?\n]{0,40} (?:was not|has not been|could not be) delivered",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_TAGGED = re.compile(r"\[[^\]]{0,20}#[^\]]{1,30}\]|^\s*(?:re|aw|sv|antw)\s*:", re.IGNORECASE)


def is_notice(subject: str, own: str, *, answers: bool) -> bool:
    """Whether it answers something of ours, and nearly all of it is what a machine writes of any mail."""
    if not (answers or _TAGGED.search(subject[:200])) or len(own) > LONGEST:
        return False
    if keeps_back(own):
        return True
    return acknowledges(own) and _beside(own) <= MOST_BESIDE


def acknowledges(own: str) -> bool:
    """Whether a text has two kinds of the words by which a help desk says that it has a mail."""
    return sum(bool(kind.search(own[:LONGEST])) for kind in _KINDS) > 1


def keeps_back(own: str) -> bool:
    """Whether a gateway says that a mail did not get through."""
    return bool(_KEPT_BACK.search(own[:LONGEST]))


def _beside(own: str) -> int:
    sentences = (one for one in _SENTENCE.split(own) if not any(kind.search(one) for kind in _KINDS))
    return sum(len(one.split()) for one in sentences)
