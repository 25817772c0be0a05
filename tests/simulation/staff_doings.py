"""What staff of the hub do in the simulation: look, rate, call, meet, write the record, decide, hand over, ring.

Most of it in time, some late, some never; never because the hub asked in a way that nobody saw.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.action import ActionAnswered, Doing, DoingAnswer
from exchange.case.event import Answered, InviteeReplied
from exchange.case.referral import read
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import Attendance, Meeting
from exchange.contacting import Contact, lodge, referrer_from
from exchange.policy import Role, Viewer
from exchange.store import tasks
from exchange.store.tasks import Task
from exchange.task_words import BY_THEMSELVES

if TYPE_CHECKING:
    from tests.simulation.world import World

CHAIR = Viewer("chair-1", frozenset({Role.CHAIR}))  # approves what somebody else wrote
INVITED = ("police", "health", "social_care")
RINGS = frozenset({"silent_agency", "telephone_agency", "no_deputy", "lead_unreached", "manager", "letter_failed",
                   "wrong_person", "cannot_open"})  # fmt: skip
THERE = {
    f"attendee.{n}.{key}": value
    for n, agency in enumerate(INVITED, 1)
    for key, value in (("agency", agency), ("name", "Ann Other"), ("role", "other"), ("mode", "telephone"))
}
AGREED = {"subject.s1.seen": "alone", "subject.s1.threshold": "met", "subject.s1.enquiry": "joint",
          "subject.s1.parents": "social_care"}  # fmt: skip
SAID = {"name": "Rita Reached", "checked": "rang back on the number of the directory", "words": "what they know"}


async def comes(here: World, number: int) -> None:
    """A concern, and when somebody looks at it and rates it."""
    dice = here.dice
    born = "2024-05-01" if dice.random() < 0.4 else "2016-05-01"
    given = {"given_name": f"Mina{number}", "family_name": "Inventa", "date_of_birth": born}
    danger = "yes" if dice.random() < 0.02 else "no"
    referral = read(
        {"form": "child", "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
         "concern": {"immediate_danger": danger, "what_happened": f"canary-{number}"}, "subjects": [given]},
    )  # fmt: skip
    lodged = await lodge(here.exchange.hub, Contact("api", True, referrer_from(referral), referral), f"n{number}")
    here.cases[lodged.reference] = lodged.case_id
    rating = dice.choices(("red", "amber", "green"), (0.08, 0.32, 0.60))[0]
    if danger == "yes":
        here.red_since[lodged.reference] = here.clock.at
    here.later(dice.lognormvariate(2.5, 1.2) / 60, partial(_look, here, lodged.reference, rating))


async def _look(here: World, reference: str, rating: str) -> None:
    if rating == "red":
        here.red_since.setdefault(reference, here.clock.at)
    await here.act(reference, "look", rating=rating)
    await here.act(reference, "rate", subject="s1", rating=rating, reason="as it reads")
    if rating == "red" and here.dice.random() < 0.6:
        await _call(here, reference)
    here.later(here.dice.lognormvariate(2.6, 0.8), partial(_decide, here, reference))


async def _call(here: World, reference: str) -> None:
    """A strategy discussion; most invitees reply, in any order, and most discussions are held."""
    starts = (here.clock.at + timedelta(hours=20)).isoformat()
    await here.act(
        reference, "call", starts=starts, subjects="s1", agencies=INVITED, reason="may be section 47",
    )  # fmt: skip
    for seat in ("i1", "i2", "i3"):
        if here.dice.random() < 0.6:
            here.later(here.dice.random() * 6, partial(_replies, here, reference, seat))
    if here.dice.random() < 0.7:
        here.later(22, partial(_hold, here, reference))


async def _replies(here: World, reference: str, seat: str) -> None:
    case, now = await here.desk.case(reference), here.clock.at
    if case.discussions:
        said = here.dice.choices((Attendance.ACCEPTED, Attendance.DECLINED, Attendance.TENTATIVE), (0.8, 0.1, 0.1))[0]
        await here.happens(reference, InviteeReplied(now, "d1", seat, said, now, "mail", Proof.DKIM), f"reply:{seat}")


async def _hold(here: World, reference: str) -> None:
    """It is held by whoever came, quorum or not; somebody writes its record, at once or when pressed."""
    case = await here.desk.case(reference)
    called = [d for d in case.discussions if d.state is Meeting.CALLED]
    if not called:
        return
    await here.act(
        reference, "held", discussion=called[0].id, words="what was said", agencies=INVITED, mode="telephone",
        reason="it could not wait",
    )  # fmt: skip
    if here.dice.random() < 0.6:
        here.later(here.dice.lognormvariate(1.5, 1.2), partial(_record, here, reference))
    if here.dice.random() < 0.7:
        due = (here.clock.at + timedelta(days=3)).isoformat()
        owner = here.dice.choice(("police", "health", "hub"))
        await here.act(reference, "set_action", owner=owner, due=due, words="visit", subjects="s1")
        if here.dice.random() < 0.5:
            here.later(here.dice.random() * 110, partial(_does, here, reference, owner))


async def _record(here: World, reference: str) -> None:
    case = await here.desk.case(reference)
    for d in (d for d in case.discussions if d.state is Meeting.HELD):
        before = case.record(d.id)
        if before and before.in_force:
            continue  # it has gone out
        began = d.began_at or d.starts_at
        await here.act(
            reference, "minute", discussion=d.id, mode="telephone", started=began.isoformat(),
            ended=(began + timedelta(minutes=40)).isoformat(),
            **THERE, **AGREED,
        )  # fmt: skip
        written = (await here.desk.case(reference)).record(d.id)
        if written and written.latest:
            await here.act(reference, "approve_record", CHAIR, discussion=d.id, version=written.latest.id)


async def _does(here: World, reference: str, owner: str) -> None:
    """The owner says that it is done, by mail or at the desk."""
    case = await here.desk.case(reference)
    for action in (a for a in case.actions if a.doing is Doing.OPEN):
        if owner == "hub":
            await here.act(reference, "move_action", action_id=action.id, doing="done", reason="done")
        else:
            event = ActionAnswered(here.clock.at, owner, action.id, DoingAnswer.DONE, Proof.SIGNATURE, "mail")
            await here.happens(reference, event, f"does:{action.id}")


async def _decide(here: World, reference: str) -> None:
    await here.act(
        reference, "decide", subject="s1", decision="assessment", reason="as it stands", without_checks="yes",
        voice="heard",
    )  # fmt: skip
    if here.dice.random() < 0.6:
        await _hand_over(here, reference)
    here.later(72 + here.dice.random() * 200, partial(_close, here, reference))


async def _hand_over(here: World, reference: str) -> None:
    """Social care is asked to take the child on: most accept, and most say what came of it."""
    await here.act(reference, "hand_over", agency="social_care", subjects="s1", reason="theirs now")
    if here.dice.random() < 0.7:
        here.later(here.dice.lognormvariate(1.5, 1.2), partial(_accepts, here, reference))


async def _accepts(here: World, reference: str) -> None:
    case, now = await here.desk.case(reference), here.clock.at
    leg = next((leg.id for leg in case.legs if leg.agency == "social_care"), "")
    if leg:
        event = Answered(now, "social_care", leg, Answer.ACCEPT, Proof.SIGNATURE, "mail")
        await here.happens(reference, event, f"accepts:{leg}")


async def _close(here: World, reference: str) -> None:
    case = await here.desk.case(reference)
    if all(leg.complete for leg in case.legs):
        await here.act(reference, "close", reason="all is done", override="yes")
    elif not case.closed:
        here.later(48, partial(_close, here, reference))


async def at_the_desk(here: World) -> None:
    """Twice a working day somebody works through part of what is asked; at night the duty team accepts or not."""
    hub = here.exchange.hub
    async with hub.database.reading(hub.scope()) as tx:
        asked = await tasks.pending(tx)
    references = {case: reference for reference, case in here.cases.items()}
    for task in asked:
        if task.case_id in references and here.dice.random() < 0.35:
            await _works(here, references[task.case_id], task)


async def _works(here: World, reference: str, task: Task) -> None:
    about = task.about.rpartition(":")[2]
    if task.kind in RINGS and about.startswith("l"):
        await _ring(here, reference, about)
    elif task.kind == "silent_invitee":
        await _ring_seat(here, reference, about)
    elif task.kind in DOES:
        await DOES[task.kind](here, reference)
    elif task.kind not in BY_THEMSELVES:
        try:
            await here.desk.settle_task(task.case_id, task.key)
        except CannotHappen as refused:
            here.refused[f"task {task.kind}: {refused}"] += 1


async def _duty(here: World, reference: str) -> None:
    await here.act(reference, "duty_accepted", name="Ed Duty", checked="rang their number")


async def _note(here: World, reference: str) -> None:
    await here.act(reference, "duty_returned", words="seen, safe until Tuesday")


async def _tell(here: World, reference: str) -> None:
    await here.act(reference, "tell_referrer", **SAID)


async def _ring(here: World, reference: str, leg: str) -> None:
    reached = here.dice.random() < 0.6
    answer = {"answer": here.dice.choice(("received", "information", "nothing_known")), "systems": "all",
              "identifiers": "name and date of birth", "searched": "today"} if reached else {}  # fmt: skip
    await here.act(reference, "rang", leg=leg, reached="yes" if reached else "no", note="as told", **SAID, **answer)


async def _ring_seat(here: World, reference: str, about: str) -> None:
    reached = here.dice.random() < 0.6
    attends = {"attendance": "accepted"} if reached else {}
    await here.act(
        reference, "rang", leg=about, reached="yes" if reached else "no", note="as told", **SAID, **attends
    )


DOES: dict[str, Callable[[World, str], Awaitable[None]]] = {  # what ends each kind of task
    "duty": _duty,
    "return_note": _note,
    "decide": _decide,
    "hand_over": _hand_over,
    "tell_referrer": _tell,
    "ring_referrer": _tell,
    "not_held": _hold,
    "full_discussion": _hold,
    "record": _record,
    "action": partial(_does, owner="hub"),
    "not_taken_on": _accepts,
    "outcome_overdue": _accepts,
}
