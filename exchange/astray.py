"""Astray: an agency's signed answer that names no letter of ours: only a person can say which case it is about.

1. Who counts is whoever is proved by a key of theirs, of an agency from which something is still wanted.
2. What counts is what looks like an answer. A concern of the same agency is a contact like anybody's, with its
   first-look clock; so is whatever we are not sure of.
3. It joins no case by itself: it waits in the holding pen, beside the cases it may be about. Once a person has said
   which, it is the answer of that agency there, with its proof.
"""

from __future__ import annotations

from exchange.case.mailbox import Directory
from exchange.case.sealed import Signed
from exchange.case.state import Case
from exchange.case.strategy_discussion import Attendance, Meeting
from exchange.correspondence import Place, place_in_leg
from exchange.pins import Pins
from exchange.sent_again import references
from exchange.store import casebook
from exchange.store.database import Transaction
from mailflow import words
from mailflow.evidence import Evidence
from mailflow.reply_text import is_reply_subject, own_words


def agency_of(e: Evidence, pins: Pins) -> str:
    """For which agency its signature speaks; "" for none."""
    return pins.agency_of(e.signer.fingerprint) if isinstance(e.signer, Signed) else ""


async def is_answer(tx: Transaction, e: Evidence, pins: Pins) -> bool:
    """Whether it looks like the answer of an agency that owes one. It is no structured referral."""
    agency = agency_of(e, pins)
    if not agency or not _looks_like_one(e):
        return False
    return any(is_awaited(case, agency) for case in await casebook.listing(tx))


def _looks_like_one(e: Evidence) -> bool:
    own = own_words(e.content.text)
    answers = is_reply_subject(e.subject) or is_reply_subject(e.mail.subject) or bool(e.mail.in_reply_to)
    return answers or words.read_answer(own).answer != "unclear" or bool(references(f"{e.subject}\n{own}"))


def is_awaited(case: Case, agency: str) -> bool:
    """Whether something is still wanted from an agency in this case: an answer, or whether they come."""
    called = (d for d in case.discussions if d.state is Meeting.CALLED)
    seats = (i for d in called for i in d.invitees)
    return bool(_legs(case, agency)) or any(i.agency == agency and i.attendance is Attendance.AWAITED for i in seats)


async def place_in(tx: Transaction, case: Case, e: Evidence, directory: Directory, pins: Pins) -> Place | None:
    """The one leg of this case at which its signer's agency still owes an answer."""
    legs = _legs(case, agency_of(e, pins))
    return await place_in_leg(tx, case, legs[0], directory, pins) if len(legs) == 1 else None


def _legs(case: Case, agency: str) -> list[str]:
    return [leg.id for leg in case.legs if agency and leg.agency == agency and not (leg.answered_at or leg.shut_out)]
