"""Acknowledgements and answers: an agency saying "we have it, and a person is looking", then what it knows.

1. An SMTP 250, a delivery report, a read receipt, an automatic reply or a fetched link is never one: only a
   named person's act leaves AWAITED.
2. Each answer needs a strength of proof; below it, the words go to the desk and no state changes.
3. "I cannot open this" and "wrong person" stop no clock: they are a failure to act on.
4. A later answer may change an earlier one; both stay in the history.
5. An interim note says that a person has it in hand, and answers nothing.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Proof(IntEnum):
    """How sure we are that the agency said it, weakest first."""

    NONE = 0
    PAGE = 1  # link token, a typed name, a real choice
    DKIM = 2  # DKIM-aligned mail from the agency's own domain to the leg's secret address
    PACKET_CODE = 3  # the code from inside the sealed packet
    SIGNATURE = 4  # a signature by the agency's pinned key
    STAFF = 5  # taken by telephone or in person by named hub staff, who say how they checked


class Answer(StrEnum):
    """What a person at an agency may say about a packet."""

    RECEIVED = "received"
    ACCEPT = "accept"
    DECLINE = "decline"
    NOTHING_KNOWN = "nothing_known"
    INFORMATION = "information"
    INTERIM = "interim"  # "we hold something, the full answer by ..."
    WRONG_AGENCY = "wrong_agency"  # not known here: another agency's business
    CANNOT_OPEN = "cannot_open"
    WRONG_PERSON = "wrong_person"


class DeclineReason(StrEnum):
    """Why an agency declines (coded; a decline always ends in a re-route, more information or a decision)."""

    NOT_REMIT = "not_remit"
    NO_CAPACITY = "no_capacity"
    INSUFFICIENT_INFO = "insufficient_info"
    CONFLICT = "conflict"
    ALREADY_OPEN = "already_open"
    NOT_KNOWN = "not_known"
    UNSTATED = "unstated"


class Acknowledgement(StrEnum):
    """Has a person at the agency got it in hand?"""

    AWAITED = "awaited"
    ACKNOWLEDGED = "acknowledged"


class Responded(StrEnum):
    """What the agency answered last."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOTHING_KNOWN = "nothing_known"
    INFORMATION = "information"
    WRONG_AGENCY = "wrong_agency"
    ASKED_AGAIN = "asked_again"  # it declined for want of information, and was given more


class Ours(StrEnum):
    """What we do about an answer."""

    MORE_GIVEN = "more_given"  # what it said that it lacked: it owes its answer again


LEAST_PROOF: dict[Answer, Proof] = {
    Answer.RECEIVED: Proof.PAGE,  # a word is enough here; the page asks for the code all the same (web/answer.py)
    Answer.CANNOT_OPEN: Proof.PAGE,  # a cry for help is always heard
    Answer.WRONG_PERSON: Proof.PAGE,
    Answer.ACCEPT: Proof.DKIM,
    Answer.DECLINE: Proof.DKIM,
    Answer.NOTHING_KNOWN: Proof.DKIM,
    Answer.INFORMATION: Proof.DKIM,
    Answer.INTERIM: Proof.DKIM,
    Answer.WRONG_AGENCY: Proof.DKIM,
}
ACKNOWLEDGES: dict[Answer, bool] = {
    Answer.RECEIVED: True,
    Answer.ACCEPT: True,
    Answer.DECLINE: True,
    Answer.NOTHING_KNOWN: True,
    Answer.INFORMATION: True,
    Answer.INTERIM: True,
    Answer.WRONG_AGENCY: True,
    Answer.CANNOT_OPEN: False,
    Answer.WRONG_PERSON: False,
}
RESPONDS: dict[Answer, Responded | None] = {
    Answer.RECEIVED: None,
    Answer.ACCEPT: Responded.ACCEPTED,
    Answer.DECLINE: Responded.DECLINED,
    Answer.NOTHING_KNOWN: Responded.NOTHING_KNOWN,
    Answer.INFORMATION: Responded.INFORMATION,
    Answer.INTERIM: None,  # what is promised is not answered
    Answer.WRONG_AGENCY: Responded.WRONG_AGENCY,
    Answer.CANNOT_OPEN: None,
    Answer.WRONG_PERSON: None,
}
CONTRIBUTES = frozenset(  # an answer that tells something
    {Answer.INFORMATION, Answer.NOTHING_KNOWN, Answer.INTERIM, Answer.WRONG_AGENCY}
)
DECLINES = frozenset({Answer.DECLINE, Answer.WRONG_AGENCY})  # an answer after which the hub must do something else
# What ends the agency's part. Accepting does not: the agency has yet to say what it knows.
COMPLETE = frozenset({Responded.DECLINED, Responded.NOTHING_KNOWN, Responded.INFORMATION, Responded.WRONG_AGENCY})


_R = Responded
# What an agency says later holds. A pair that is missing cannot happen.
RESPONSES: dict[tuple[Responded, Answer | Ours], Responded] = {
    **{(now, answer): RESPONDS[answer] or now for now in _R for answer in Answer},
    # "We accept" after saying what is known, or that nothing is, takes nothing back.
    (_R.INFORMATION, Answer.ACCEPT): _R.INFORMATION,
    (_R.NOTHING_KNOWN, Answer.ACCEPT): _R.NOTHING_KNOWN,
    (_R.DECLINED, Ours.MORE_GIVEN): _R.ASKED_AGAIN,
    (_R.WRONG_AGENCY, Ours.MORE_GIVEN): _R.ASKED_AGAIN,
}


def enough(answer: Answer, proof: Proof) -> bool:
    """Whether this proof carries this answer."""
    return proof >= LEAST_PROOF[answer]
