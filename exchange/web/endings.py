"""Endings: by which acts of a case's page a row of its work list ends, so that the row can lead there."""

from __future__ import annotations

from exchange.case.milestone import PROVED_BY_A_DISCUSSION
from exchange.web.worklist import Work

# The acts, the usual one first. What is not here ends elsewhere: on a page of its own (`matters.PAGES`), on the
# telephone page, or by saying that it is done.
OF_TASKS: dict[str, tuple[str, ...]] = {
    "first_look": ("look",),
    **dict.fromkeys(("decide", "told_late"), ("decide",)),
    "second_review": ("second_review",),
    **dict.fromkeys(("no_route", "conflict", "another_recipient"), ("ask",)),
    "declined": ("settle_decline", "ask", "more"),
    "refusal": ("recall", "override_refusal"),
    "elsewhere": ("accepted_elsewhere",),
    "keep_from": ("restrict", "route"),
    "employer": ("restrict",),
    **dict.fromkeys(("silent_agency", "telephone_agency", "cannot_open", "unclear_answer"), ("answered",)),
    **dict.fromkeys(("manager", "lead_unreached", "no_deputy", "not_taken_on", "decided_anew"), ("answered",)),
    "wrong_person": ("answered", "ask"),
    "hand_over": ("hand_over",),
    "outcome_overdue": ("outcome",),
    **dict.fromkeys(("shut_out_holds", "in_error"), ("recall",)),
    "unconfirmed_recall": ("deleted",),
    **dict.fromkeys(("silent_invitee", "attendance_claimed"), ("attends",)),
    "other_time": ("move",),
    "no_quorum": ("invite", "move"),
    "no_place": ("say_where",),
    "not_held": ("held", "cancel"),
    "full_discussion": ("held", "call"),
    "owner_silent": ("owner_answered", "override"),
    "owner_refused": ("override", "product"),
    "milestone": ("clock_met",),
    **dict.fromkeys(("action", "cannot_do", "needs_longer"), ("move_action",)),
    **dict.fromkeys(("tell_referrer", "ring_referrer"), ("tell_referrer",)),
    "review_feedback": ("send_feedback", "withhold_feedback"),
    "approve_feedback": ("approve_feedback", "approve_reply"),
    "approve_question": ("approve_question",),
    "question": ("referrer_said",),
    "challenged": ("reply_challenge",),
    "dispose": ("dispose",),
}
OF_OWED: dict[str, tuple[str, ...]] = {  # before the desk is asked to do something about it
    "first_look": ("look",),
    "decision": ("decide",),
    **dict.fromkeys(("acknowledgement", "answer", "unqualified_nil", "hand_over"), ("answered",)),
    "attendance": ("attends",),
    "release": ("owner_answered",),
    "recall": ("deleted",),
    "to_hand_over": ("hand_over",),
    "outcome": ("outcome",),
    "feedback": ("send_feedback", "tell_referrer"),
    "milestone": ("clock_met",),
    "action": ("move_action",),
    "challenge": ("reply_challenge",),
}


def endings(one: Work) -> tuple[tuple[str, str], ...]:
    """(act, what it is about) for each way to end the row, most usual first."""
    asked = [(t.about, OF_TASKS.get(t.kind, ())) for t in one.tasks]
    if one.owed and not one.tasks:
        asked = [(one.owed.about, OF_OWED.get(one.owed.what, ()))]
    named = ((act, about) for about, acts in asked for act in _held(about, acts))
    return tuple(dict.fromkeys(named))


def _held(about: str, acts: tuple[str, ...]) -> tuple[str, ...]:
    """A milestone that only a discussion proves is ended by holding one."""
    proved = about.partition("/")[2] in PROVED_BY_A_DISCUSSION
    return ("call", "telephoned") if acts == ("clock_met",) and proved else acts
