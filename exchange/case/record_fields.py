"""The questions of a strategy discussion's record: one list from which page, API, letter and manifest are made.

Source: domain 3.6. An answer that is a code travels in the journey; an answer in words is sealed with its subject,
because siblings' records have different lives.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.case.code_lists import YES_NO_UNKNOWN, Code, CodeList
from exchange.case.fields import Kind


def _list(name: str, *rows: tuple[str, str]) -> CodeList:
    return CodeList(name, "", tuple(Code(*row) for row in rows))


MODES = _list(
    "discussion_mode",
    ("in_person", "In person"), ("video", "Video call"), ("telephone", "Telephone"), ("mixed", "Partly in person"),
)  # fmt: skip
PRESENT = _list("present", ("in_person", "In person"), ("video", "By video"), ("telephone", "By telephone"),
                ("written", "By a written contribution"))  # fmt: skip
ROLES = _list(
    "discussion_role",
    ("chair", "Chair"), ("minute_taker", "Minute taker"), ("social_worker", "Social worker"),
    ("social_work_manager", "Social work manager"), ("police_officer", "Police officer"),
    ("health_professional", "Health professional"), ("doctor", "Doctor"), ("school", "School or nursery"),
    ("referrer", "Referrer"), ("legal_adviser", "Legal adviser"), ("provider", "Provider or commissioner"),
    ("advocate", "Advocate"), ("other", "Other"),
)  # fmt: skip
APOLOGIES = _list(
    "apology",
    ("not_available", "Not available in time"), ("on_leave", "On leave"), ("ill", "Ill"),
    ("not_reached", "Could not be reached"), ("conflict", "Conflict of interest"),
    ("contribution_sent", "Sent a contribution instead"), ("no_reason", "Gave no reason"),
)  # fmt: skip
EMERGENCIES = _list(  # why it went on without the quorum
    "inquorate_reason",
    ("immediate_danger", "Somebody was in immediate danger"), ("not_reached", "An agency could not be reached"),
    ("out_of_hours", "Out of hours"), ("contribution_sent", "The missing agency had sent its contribution"),
)  # fmt: skip
SEEN = _list(
    "seen",
    ("alone", "Yes, alone"), ("with_others", "Yes, with others present"), ("not_seen", "No"),
    ("refused", "No: it was refused"), ("unborn", "Not born yet"),
)  # fmt: skip
THRESHOLDS = _list("threshold", ("met", "Met"), ("not_met", "Not met"), ("more_needed", "Open: more is needed"))
ENQUIRIES = _list(
    "enquiry",
    ("joint", "Joint: social care and police"), ("single_social_care", "Single agency: social care"),
    ("single_police", "Single agency: police"), ("none", "None"),
)  # fmt: skip
PLANNED = _list("planned", ("planned", "Yes, planned"), ("done", "Done already"), ("not_needed", "Not needed"),
                ("later", "To be decided later"))  # fmt: skip
PROTECTION = _list(
    "protection",
    ("safety_plan", "Safety plan agreed"), ("stays", "Stays where they are safe"),
    ("person_leaves", "The person who poses a risk leaves"),
    ("accommodated", "Accommodated by agreement (section 20)"),
    ("police_protection", "Police protection (section 46)"), ("emergency_order", "Emergency protection order"),
    ("hospital", "Stays in hospital"), ("other", "Something else"),
)  # fmt: skip
PARENTS = _list(
    "who_tells",
    ("social_care", "Social care"), ("police", "Police"), ("joint", "Social care and police together"),
    ("health", "Health"), ("school", "School or nursery"), ("know_already", "They know already"),
    ("nobody", "Nobody, until it is decided again"),
)  # fmt: skip
VETTED = YES_NO_UNKNOWN


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a child or adult."""

    name: str
    label: str  # as the minute taker is asked, and as it is read
    kind: Kind = Kind.LONG
    codes: CodeList | None = None  # with them the answer is a code, without them sealed words
    required: bool = False  # before the record is approved, of everybody at risk
    place: bool = False  # could give away an address that is protected
    others: bool = False  # tells of the other subjects: only for who may see every one of them
    household: bool = False  # tells of adults around them: only for who was given the household
    hint: str = ""


QUESTIONS: tuple[Question, ...] = (
    Question("where", "Where are they now?", Kind.TEXT, place=True),
    Question("seen", "Have they been seen?", Kind.CHOICE, SEEN, required=True),
    Question("voice", "Their wishes and views", hint="In their own words, as far as they are known"),
    Question("siblings", "Siblings and other children considered", others=True),
    Question("adults", "Known adults", household=True),
    Question("risk", "Risk analysis"),
    Question("threshold", "Threshold for a statutory enquiry", Kind.CHOICE, THRESHOLDS,
             required=True),
    Question("enquiry", "Enquiry", Kind.CHOICE, ENQUIRIES, required=True),
    Question("medical", "Medical examination", Kind.CHOICE, PLANNED),
    Question("interview", "Interview on video (Achieving Best Evidence)", Kind.CHOICE, PLANNED),
    Question("legal", "Legal advice", Kind.CHOICE, PLANNED),
    Question("protection", "Immediate protection", Kind.SEVERAL, PROTECTION),
    Question("decision", "What was decided, in words"),
    Question("parents", "Who tells the parents or carers?", Kind.CHOICE, PARENTS, required=True),
    Question("parents_when", "When are they told?", Kind.TEXT),
    Question("must_not_say", "What must not be said, and to whom",
             hint="Every agency that gets the record reads this first"),
)  # fmt: skip
BY_NAME = {q.name: q for q in QUESTIONS}
MUST_NOT_SAY = "must_not_say"


def say(question: Question, answer: str) -> str:
    """An answer as people read it."""
    if question.codes is None:
        return answer
    return "; ".join(map(question.codes.label, chosen(question, answer)))


def chosen(question: Question, answer: str) -> tuple[str, ...]:
    """The codes in an answer: one of a choice, any number of several."""
    parts = answer.split(",") if question.kind is Kind.SEVERAL else (answer,)
    return tuple(dict.fromkeys(code for part in parts if (code := part.strip())))


def knows(question: Question, answer: str) -> bool:
    """Whether every code of an answer is one of the question's."""
    known = {code for code, _ in question.codes.choices} if question.codes else set()
    return bool(chosen(question, answer)) and set(chosen(question, answer)) <= known
