"""The referrer at the desk: free words two people answer for, withholding, telling by telephone, safe contact."""

from __future__ import annotations

from datetime import datetime, time

from exchange import content, feedback_letter
from exchange.case.feedback import (
    Contact,
    ContactChanged,
    FeedbackApproved,
    FeedbackDrafted,
    FeedbackDropped,
    FeedbackReleased,
    FeedbackTold,
    FeedbackWithheld,
)
from exchange.case.state import Case
from exchange.desk.act import Act, number, reason, since_receipt, zone
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Caller, Desk
from exchange.policy import Action
from exchange.store import casebook


async def heard(desk: Desk, given: Given, case: str) -> Caller:
    """Who said it, when, and how that was checked. Raises Unfit."""
    said = given.moment("said", await zone(desk)) or desk.now()
    if said > desk.now():
        raise Unfit("said", "Write when it was said: that moment has not come yet")
    await since_receipt(desk, case, "said", said)
    return Caller(given.need("name"), number(given), given.need("checked"), said)


async def draft(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Free words to the referrer, and what they are asked to do. They wait for a second person."""
    words, asks = given.may("words"), given.may("asks")
    if not words and not asks:
        raise Unfit("words", "Write what the referrer is told, or what they are asked to do")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        number = len((await casebook.load(tx, case_id)).drafts) + 1
    event = FeedbackDrafted(desk.now(), desk.viewer.id, f"f{number}")
    parts = {f"{content.DRAFT}{event.draft}": feedback_letter.body(words, asks)}
    return await desk.record(case_id, event, cause, parts)


async def approve(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """I have read the letter as it will go out, and am not who wrote it."""
    return await desk.record(case_id, FeedbackApproved(desk.now(), desk.viewer.id, given.need("draft")), cause)


async def drop(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """These words do not go out."""
    event = FeedbackDropped(desk.now(), desk.viewer.id, given.need("draft"))
    return await desk.record(case_id, event, cause, reason(given))


async def withhold(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """The referrer is not told, for a reason, until a day on which somebody looks at it again."""
    day = given.day("review")
    if day is None:
        raise Unfit("review", "Write the day on which it is looked at again, like 27/11/2026")
    review = datetime.combine(day, time(9), await zone(desk))
    event = FeedbackWithheld(desk.now(), desk.viewer.id, given.need("why"), review)
    return await desk.record(case_id, event, cause, {content.REASON: given.need("words").encode()})


async def send(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Tell the referrer now, in the approved wording; withholding ends."""
    event = FeedbackReleased(desk.now(), desk.viewer.id)
    return await desk.record(case_id, event, cause, reason(given))


async def told(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """I have told the referrer by telephone or in person."""
    parts = {content.WHO: (await heard(desk, given, case_id)).part(), content.WORDS: given.need("words").encode()}
    return await desk.record(case_id, FeedbackTold(desk.now(), desk.viewer.id), cause, parts)


async def contact(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """The referrer says how they may be told from now on."""
    if not given.may("route"):
        raise Unfit("route", "Choose how they may be told: mail, telephone, page or none")
    event = ContactChanged(desk.now(), desk.viewer.id, given.choice("route", Contact))
    return await desk.record(case_id, event, cause, {content.WHO: (await heard(desk, given, case_id)).part()})


ACTS: dict[str, Act] = {
    "feedback": Act(Action.WRITE_FEEDBACK, draft),
    "approve_feedback": Act(Action.APPROVE_FEEDBACK, approve),
    "drop_feedback": Act(Action.APPROVE_FEEDBACK, drop),
    "withhold_feedback": Act(Action.WITHHOLD_FEEDBACK, withhold),
    "send_feedback": Act(Action.WITHHOLD_FEEDBACK, send),
    "tell_referrer": Act(Action.TELL_REFERRER, told),
    "contact_route": Act(Action.TELL_REFERRER, contact),
}
