"""What comes after a decision at the desk: who takes it on, what came of it, and whoever disagrees."""

from __future__ import annotations

from exchange import content
from exchange.case.challenge import (
    Challenged,
    ChallengeEscalated,
    ChallengeReplied,
    ReplyApproved,
    ReplyDropped,
    Standing,
)
from exchange.case.challenging import next_reply
from exchange.case.event import OutcomeRecorded
from exchange.case.outcome import HandedOver
from exchange.case.state import Case
from exchange.desk.act import Act, reason
from exchange.desk.convening import standing
from exchange.desk.feedback import heard
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action, require
from exchange.store import casebook

NO_AGENCY, THE_REFERRER = "hub", "referrer"  # chosen on a page instead of an agency


async def hand_over(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """An agency is asked to take decided subjects on: they are the hub's until a person there accepts."""
    subjects = given.many("subjects") or (await standing(desk, case_id)).only
    event = HandedOver(desk.now(), desk.viewer.id, given.need("agency"), subjects)
    return await desk.record(case_id, event, cause, reason(given))


def _leg(given: Given, nobodys: str, choose: str) -> str:
    """Whose agency said it; "" for nobody’s, which a page says as `nobodys`: there it is chosen. Raises Unfit."""
    said = given.may("leg")
    if "leg" in given.values and not said:
        raise Unfit("leg", choose)
    return "" if said == nobodys else said


async def outcome(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """What came of it for one subject. With `leg` its agency has said so, and who did is part of the record."""
    leg = _leg(given, NO_AGENCY, "Choose who said so")
    event = OutcomeRecorded(
        desk.now(), desk.viewer.id, given.need("subject"), given.need("outcome"), leg, given.may("achieved")
    )
    parts = content.of_subject(event.subject, {content.WORDS: given.need("words").encode()})
    if leg or given.may("name"):
        parts[content.WHO] = (await heard(desk, given, case_id)).part()
    return await desk.record(case_id, event, cause, parts)


async def challenge(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """The referrer, or with `leg` an agency, told us that they disagree."""
    leg = _leg(given, THE_REFERRER, "Choose who disagrees")
    event = Challenged(desk.now(), desk.viewer.id, "telephone", leg, given.yes("immediate"))
    parts = {content.WHO: (await heard(desk, given, case_id)).part(), content.WORDS: given.need("words").encode()}
    return await desk.record(case_id, event, cause, parts)


async def reply(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """The reply of whoever the challenge stands with; above the hub that is a manager's to record. Words that a
    referrer may read wait for a second person (approve_reply)."""
    which = given.need("challenge")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        found = (await casebook.load(tx, case_id)).challenge(which)
    if found and found.standing is not Standing.AT_HUB:
        require(desk.viewer, Action.REPLY_AS_MANAGER)
    to_referrer = next_reply(found) if found else ""
    event = ChallengeReplied(desk.now(), desk.viewer.id, which, given.yes("settles"), to_referrer)
    name = f"{content.REPLY_DRAFT}{to_referrer}" if to_referrer else f"{content.REPLY}{which}"
    return await desk.record(case_id, event, cause, {name: given.need("words").encode()})


async def approve_reply(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """I have read these words to the referrer who disagrees, and am not who wrote them: now they are the reply."""
    which = given.need("reply")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        said = [plain for _, _, plain in await desk.hub.opened(tx, case_id, f"{content.REPLY_DRAFT}{which}")]
    parts = {f"{content.REPLY}{which.partition('-')[0]}": said[-1]} if said else {}
    return await desk.record(case_id, ReplyApproved(desk.now(), desk.viewer.id, which), cause, parts)


async def drop_reply(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """These words to the referrer who disagrees do not go out."""
    return await desk.record(
        case_id, ReplyDropped(desk.now(), desk.viewer.id, given.need("reply")), cause, reason(given)
    )


async def escalate(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """The challenge goes to the next stage without a reply."""
    event = ChallengeEscalated(desk.now(), desk.viewer.id, given.need("challenge"))
    return await desk.record(case_id, event, cause, reason(given))


ACTS: dict[str, Act] = {
    "hand_over": Act(Action.HAND_OVER, hand_over),
    "outcome": Act(Action.RECORD_OUTCOME, outcome),
    "challenge": Act(Action.RECORD_ANSWER, challenge),
    "reply_challenge": Act(Action.REPLY_CHALLENGE, reply),
    "approve_reply": Act(Action.APPROVE_FEEDBACK, approve_reply),
    "drop_reply": Act(Action.APPROVE_FEEDBACK, drop_reply),
    "escalate": Act(Action.REPLY_CHALLENGE, escalate),
}
