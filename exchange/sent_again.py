"""Sent again: a mail that proves its author, and was written for another address, another case or another time.

A signature, and DKIM, prove who wrote something, never that it was written here and now (RFC 6376 8.6): whoever has
seen an agency's "ACCEPT" could send it to another of our addresses. Such a mail proves nothing: a person reads it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from mailflow import header_text, pgp_mime
from mailflow.interpret import Evidence
from mailflow.parsed_mail import ParsedMail

OLDEST = timedelta(days=7)  # of what is believed: relays try for five days
CLOCKS_DIFFER = timedelta(days=2)  # ahead of ours; a date further on was not written by a clock
_REFERENCE = re.compile(r"\b([A-Z][A-Z0-9]{0,15})-([0-9A-Z]{4}-[0-9A-Z]{4})\b")  # as exchange/edge.py makes them


def why(e: Evidence, sent_to: str, reference: str, received_at: datetime) -> str:
    """`other_address`, `other_case` or `old`; "" when nothing shows it. `reference` is of the case it came to."""
    said = e.inner if e.inner is not None and pgp_mime.claims_headers(e.inner) else e.mail
    addressed = _addressed(said) or _addressed(e.mail)
    if addressed and sent_to.lower() not in addressed:
        return "other_address"
    if reference and _names_another(e.subject, reference):
        return "other_case"
    written = said.date or e.mail.date
    if written and not received_at - OLDEST <= written <= received_at + CLOCKS_DIFFER:
        return "old"
    return ""


def _addressed(mail: ParsedMail) -> frozenset[str]:
    copied = header_text.addresses(mail.header("cc").encode("utf-8", "replace"))
    return frozenset((*mail.to, *(spec for _, spec in copied)))


def references(text: str) -> tuple[str, ...]:
    """What looks like a reference of a case, as people write it."""
    return tuple(dict.fromkeys("-".join(found) for found in _REFERENCE.findall(text.upper())))


def _names_another(subject: str, reference: str) -> bool:
    """Whether it names references like ours, and not this one; who combines two cases names both."""
    prefix, _, own = reference.upper().partition("-")
    named = {rest for found, rest in _REFERENCE.findall(subject.upper()) if found == prefix}
    return bool(named) and own not in named
