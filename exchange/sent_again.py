"""Sent again: a mail that proves its author, and was written for another address, another case or another time.

A signature, and DKIM, prove who wrote something, never that it was written here and now (RFC 6376 8.6): whoever has
seen an agency's "ACCEPT" could send it to another of our addresses. Such a mail proves nothing: a person reads it.
So does one whose signature came before in another mail: a person signs each answer, and no two signatures are alike.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from exchange.case.sealed import Signed
from exchange.store import passkeys
from exchange.store.database import Transaction
from mailflow import header_text, pgp_mime
from mailflow.evidence import Evidence
from mailflow.parsed_mail import ParsedMail
from mailflow.reply_text import own_words

OLDEST = timedelta(days=7)  # of what is believed: relays try for five days
CLOCKS_DIFFER = timedelta(days=2)  # ahead of ours; a date further on was not written by a clock
REMEMBERED = timedelta(days=5 * 366)  # a signature: longer than any address of a letter is answered at
LONGEST = 50_000  # characters of a text: a letter of ours, quoted, has a few thousand
_REFERENCE = re.compile(r"\b([A-Z][A-Z0-9]{0,15})-([0-9A-Z]{4}-[0-9A-Z]{4})\b")  # as exchange/edge.py makes them


def why(e: Evidence, sent_to: str, reference: str, received_at: datetime) -> str:
    """`other_address`, `other_case` or `old`; "" when nothing shows it. `reference` is of the case it came to."""
    within = e.inner is not None and pgp_mime.claims_headers(e.inner)
    said = e.inner if e.inner is not None and within else e.mail
    addressed = _addressed(said) or _addressed(e.mail)
    if addressed and sent_to.lower() not in addressed:
        return "other_address"
    subject = e.subject if within or e.inner is None else ""  # one outside of a seal is whoever sent it on's
    text = e.content.text[:LONGEST]
    if reference and any(_names_another(said, reference) for said in (f"{subject}\n{text}", own_words(text))):
        return "other_case"
    if within and said.in_reply_to and e.mail.in_reply_to and not {*said.in_reply_to} & {*e.mail.in_reply_to}:
        return "other_case"
    written = said.date or e.mail.date
    if written and not received_at - OLDEST <= written <= received_at + CLOCKS_DIFFER:
        return "old"
    return ""


async def signed_before(tx: Transaction, e: Evidence, mail_id: str, now: datetime) -> str:
    """`other_mail` when its signature came already, in another mail to an address of a letter; "" when not: then it
    counts for this one, which may be read several times, and for no other."""
    for mark in e.signer.marks if isinstance(e.signer, Signed) else ():
        any_mail, this_mail = _spent(mark), _spent(mark, mail_id)
        if await passkeys.spend(tx, any_mail, now, now + REMEMBERED):
            await passkeys.spend(tx, this_mail, now, now + REMEMBERED)
        elif not await passkeys.is_spent(tx, this_mail):
            return "other_mail"
    return ""


def _spent(*of: str) -> str:
    return hashlib.sha256(" ".join(("signature", *of)).encode()).hexdigest()


def _addressed(mail: ParsedMail) -> frozenset[str]:
    copied = header_text.addresses(mail.header("cc").encode("utf-8", "replace"))
    return frozenset((*mail.to, *(spec for _, spec in copied)))


def references(text: str) -> tuple[str, ...]:
    """What looks like a reference of a case, as people write it."""
    return tuple(dict.fromkeys("-".join(found) for found in _REFERENCE.findall(text.upper())))


def _names_another(text: str, reference: str) -> bool:
    """Whether a text names references like ours, and not this one."""
    prefix, _, own = reference.upper().partition("-")
    named = {rest for found, rest in _REFERENCE.findall(text.upper()) if found == prefix}
    return bool(named) and own not in named
