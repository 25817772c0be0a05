"""The hub asks whoever referred: approved questions at once, words of its own through a second person."""

from __future__ import annotations

from exchange import content
from exchange.case.question import APPROVED, QuestionApproved, QuestionAsked, QuestionDropped
from exchange.case.state import Case
from exchange.desk.act import Act, reason
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action
from exchange.store import casebook


async def ask(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Ask the referrer something, on their receipt page."""
    codes, words = given.many("questions"), given.may("words")
    if not codes and not words:
        raise Unfit("questions", "Choose what is asked, or write it", dict(APPROVED.choices))
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        number = len((await casebook.load(tx, case_id)).questions) + 1
    event = QuestionAsked(desk.now(), desk.viewer.id, f"q{number}", codes, bool(words))
    parts = {f"{content.QUESTION}{event.question}": words.encode()} if words else {}
    return await desk.record(case_id, event, cause, parts)


async def approve(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """I have read the question as it will be asked, and am not who wrote it."""
    return await desk.record(case_id, QuestionApproved(desk.now(), desk.viewer.id, given.need("question")), cause)


async def drop(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """It is not asked, or we have the answer otherwise."""
    event = QuestionDropped(desk.now(), desk.viewer.id, given.need("question"))
    return await desk.record(case_id, event, cause, reason(given))


ACTS: dict[str, Act] = {
    "ask_referrer": Act(Action.WRITE_FEEDBACK, ask),
    "approve_question": Act(Action.APPROVE_FEEDBACK, approve),
    "drop_question": Act(Action.APPROVE_FEEDBACK, drop),
}
