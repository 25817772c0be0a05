"""What they read: the outcome in the very words in which this referrer meets it, and how it comes to them, for staff.

1. What is shown is made by what makes the mail and the receipt page, so that it cannot differ from them.
2. Where a mailbox has a way that only its people can read, the mail is shown; when none of them works that day, the
   mail is a notice, and the rest is on the receipt page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange.case.feedback import Contact, Draft, Feedback, Told
from exchange.case.mailbox import Directory
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.telling import is_sent, may_know, way_told
from exchange.feedback_letter import outcome_letter
from exchange.hub import Hub
from exchange.our_name import sender_of
from exchange.store import receipts
from exchange.store.database import Transaction
from templates import letters

_HOW = {
    "sealed": "A mail goes that only they can read:",
    "notice": "A mail goes that says only that there is news:",
    Contact.TELEPHONE: "Nothing is mailed. Somebody is asked to ring them. On the receipt page they read:",
    Contact.PAGE: "Nothing is sent. Whoever has the receipt code reads on the receipt page:",
    "person": "Nothing is mailed. A person is asked to tell them. On the receipt page they read:",
    "never": "Do not contact them: nothing is sent, and nobody rings. On the receipt page they read:",
}


@dataclass(frozen=True, slots=True)
class Read:
    """How it comes to them, and the words."""

    how: str
    notice: str  # the mail that says nothing; "" where none goes
    text: str = field(repr=False)
    withheld: bool = False
    by_decision: bool = False  # they are told what is decided: a discreet route tells them less


def _read(
    case: Case, rules: Rules, referral: Referral | None, said: Mapping[str, bytes], page: str, directory: Directory,
    *, has_code: bool, draft: Draft | None = None,
) -> Read:  # fmt: skip
    """As it stands, with the words of `draft`; what is not decided yet is left open in it."""
    how = _how(case, directory)
    sealed, language = how == "sealed", case.referrer.language
    here = page if has_code else ""
    letter = outcome_letter(
        case, rules, referral if sealed else None, said, here if sealed else "", draft, kept=referral, ahead=True
    )
    notice = letters.OutcomeNotice(sender_of(rules), case.reference, case.received_at, here)
    return Read(
        how=_HOW[how],
        notice=letters.as_page(notice, language) if how == "notice" else "",
        text=letters.as_page(letter, language),
        withheld=case.feedback is Feedback.WITHHELD,
        by_decision=Told.DECISION in may_know(case),
    )


def now_and_waiting(case: Case) -> dict[str, Draft | None]:
    """The words that were let go, and those that wait for a second person."""
    return {"now": case.approved, **({"waiting": case.draft} if case.draft else {})}


async def at_the_desk(
    hub: Hub, tx: Transaction, case: Case, rules: Rules, referral: Referral | None, said: Mapping[str, bytes],
    base_url: str, drafts: Mapping[str, Draft | None],
) -> dict[str, Read]:  # fmt: skip
    """What they read with each of these drafts; nothing while there is no referral to speak of."""
    if referral is None:
        return {}
    directory = await hub.directory(tx)
    has_code = await receipts.find(tx, hub.codes.receipt_digest(hub.codes.receipt(case.id))) is not None
    page = f"{base_url}/receipt"
    return {
        name: _read(case, rules, referral, said, page, directory, has_code=has_code, draft=draft)
        for name, draft in drafts.items()
    }


def _how(case: Case, directory: Directory) -> str:
    if case.referrer.contact is Contact.NONE:
        return "never"
    if not is_sent(case):
        return "person" if Told.IN_PERSON in may_know(case) else Contact.PAGE
    way = way_told(case)
    if way is not Contact.MAIL:
        return way
    mailbox = next((m for m in directory.mailboxes if m.id == case.referrer.mailbox), None)
    return "sealed" if mailbox and mailbox.transports else "notice"
