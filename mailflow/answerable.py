"""Whether a machine may answer a mail at all (RFC 3834 2), and whether it goes round in circles.

When unsure no machine answers: then a person is asked to, and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Headers = tuple[tuple[str, str], ...]

MOST_HOPS = 50  # Received lines (Postfix hopcount_limit): no honest mail passes so many servers
_LISTS = re.compile(r"(?:resent-|x-)?list-|mailing-list$|x-mailing-list$|x-been-there$|x-loop$|feedback-id$")  # names
_BULK = re.compile(r"^\s*(?:bulk|list|junk|auto)", re.IGNORECASE)  # values of Precedence
_NOBODY = re.compile(  # RFC 3834 2, RFC 2142, and the habits of those who read no answers
    r"^(?:owner-.*|.*-(?:owner|request|bounces?)|mailer-daemon|postmaster|mail-daemon|listserv|majordomo"
    r"|(?:.*[._-])?(?:no|not|donot|do-not|do_not)[._-]?reply(?:[._+-].*)?|bounces?(?:[._+=-].*)?|root|daemon)\Z",
    re.IGNORECASE,
)


def answerable(headers: Headers, mail_from: str, authors: Iterable[str]) -> bool:
    """Whether an automatic answer to it reaches a person who wrote it: not a list, a bulk sender or a machine."""
    if mail_from in ("", "<>"):
        return False
    for name, value in headers:
        lower = name.lower()
        if _LISTS.match(lower) or (lower == "precedence" and _BULK.match(value)):
            return False
    return not any(_NOBODY.match(one.rpartition("@")[0].strip("<")) for one in (mail_from, *authors))


def hops(headers: Headers) -> int:
    """How many servers say that they had it."""
    return sum(name.lower() == "received" for name, _ in headers)
