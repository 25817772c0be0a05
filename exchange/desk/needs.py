"""Needs: what each act cannot do without, so that whoever leaves out three things is told of three at once.

What is needed only beside something else (the voice of a child whose words nobody gave, who said what an agency said)
is asked for by the act itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exchange.case.acknowledgement import Answer
from exchange.case.action import Doing
from exchange.case.decision import Decision
from exchange.case.disposal import HoldReason
from exchange.case.feedback import WITHHOLDING, Contact
from exchange.case.product import Purpose
from exchange.case.restriction import Kind, Why
from exchange.case.sorting import Ground, Sorting

_WHY = ("reason",)
_SAID_BY = ("name", "checked")
_TEST = ("necessary", "proportionate", "justified")
NEEDS: dict[str, tuple[str, ...]] = {
    "accepted_elsewhere": _SAID_BY,
    "answered": ("leg", "answer", *_SAID_BY),
    "approve_feedback": ("draft",),
    "approve_question": ("question",),
    "approve_reply": ("reply",),
    "ask": ("agency", *_WHY),
    "ask_release": ("product", "purpose"),
    "borderline": ("subject", *_WHY),
    "bring_back": ("subject", *_WHY),
    "call": _WHY,
    "cancel": ("discussion", *_WHY),
    "challenge": ("words", *_SAID_BY),
    "chase": ("about",),
    "clock_met": ("subject", "clock", *_WHY),
    "close": _WHY,
    "cohort": ("subject", "cohort", *_WHY),
    "contact_route": ("route", *_SAID_BY),
    "correct_concern": _WHY,
    "correct_words": ("entry", "words", *_WHY),
    "correct_person": ("person", *_WHY),
    "correct_subject": ("subject", *_WHY),
    "decide": ("subject", "decision", *_WHY),
    "deleted": ("leg", *_SAID_BY),
    "drop_feedback": ("draft", *_WHY),
    "drop_question": ("question", *_WHY),
    "drop_reply": ("reply", *_WHY),
    "entered_in_error": ("subject", *_WHY),
    "escalate": ("challenge", *_WHY),
    "add_person": _WHY,
    "add_subject": _WHY,
    "hand_over": ("agency", *_WHY),
    "hold": ("why", *_WHY),
    "level": ("subject", "level", *_WHY),
    "lift": ("kind", "who", *_WHY),
    "lift_hold": ("why", *_WHY),
    "more": ("leg", "words", *_WHY),
    "move": ("discussion", "starts", *_WHY),
    "move_action": ("action_id", "doing", *_WHY),
    "not_shared": ("what", *_WHY),
    "outcome": ("subject", "outcome", "words"),
    "override": ("passage", *_TEST),
    "override_refusal": ("subject", "ground", *_WHY),
    "owner_answered": ("passage", "word", *_SAID_BY),
    "product": ("analysis",),
    "rate": ("subject", "rating", *_WHY),
    "recall": ("leg", *_WHY),
    "referrer_said": ("words", *_SAID_BY),
    "release": ("product", "version", "purpose", *_TEST),
    "release_address": ("subject", "agency", *_WHY),
    "reply_challenge": ("challenge", "words"),
    "restrict": ("kind", "who", "why", *_WHY),
    "route": _WHY,
    "say_where": ("discussion",),
    "second_review": ("subject", "agrees", *_WHY),
    "send_feedback": _WHY,
    "set_action": ("words", "owner", "due"),
    "settle_decline": ("leg", *_WHY),
    "sort": ("into", *_WHY),
    "start_clock": ("subject", "clock", "since", *_WHY),
    "tell_referrer": ("words", *_SAID_BY),
    "withhold_feedback": ("why", "words", "review"),
}
CODES: dict[str, Mapping[str, Iterable[str]]] = {  # of what an act needs: those that would do, for who sees no form
    "answered": {"answer": tuple(Answer)},
    "contact_route": {"route": tuple(way for way in Contact if way is not Contact.UNSAID)},
    "decide": {"decision": tuple(Decision)},
    "hold": {"why": tuple(HoldReason)},
    "lift": {"kind": tuple(Kind)},
    "lift_hold": {"why": tuple(HoldReason)},
    "move_action": {"doing": tuple(Doing)},
    "override_refusal": {"ground": tuple(Ground)},
    "release": {"purpose": tuple(Purpose)},
    "restrict": {"kind": tuple(Kind), "why": tuple(Why)},
    "sort": {"into": tuple(Sorting)},
    "withhold_feedback": {"why": tuple(code for code, _ in WITHHOLDING.choices)},
}
