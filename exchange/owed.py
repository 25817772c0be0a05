"""Owed: one thing somebody has not yet done, with what happens next and whom to ring."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing somebody has not yet done."""

    case_id: str
    reference: str
    # first_look | transcribe | acknowledgement | answer | unqualified_nil | decline | recall | attendance | decision
    # | feedback | milestone | action | to_hand_over | refusal | elsewhere | decided_anew
    # | keep_from | told_late | unclear_answer | mail_waits
    # | other_mail (all mail that is part of no case, in one)
    what: str
    about: str  # leg, seat or subject
    owner: str  # the agency's name, or "the hub"
    asked_at: datetime
    due: datetime
    overdue: bool
    state: str  # of the mail that asked, or of the last thing said
    rating: str
    next_step: str
    next_at: datetime | None
    telephone: str
    reminders: int = field(default=0)
    agency: str = ""  # id of the agency that owes it; "" for the hub
    who: str = ""  # whose number it is: "the team", "the deputy", "the lead"
    numbers: tuple[tuple[str, str], ...] = ()  # (who, number) of all who may be rung, first choice first
    left: str = ""  # how long there is left, or how late it is, in words
    then: str = ""  # what happens at `next_at` when nobody answers
    sent_at: datetime | None = None  # when their server took the mail that asks for it
    server: str = ""  # which server said what, newest
    mail: str = ""  # where the mail that asks for it stands (delivery.Delivery)
    meets_at: datetime | None = None  # of a discussion: when it is
