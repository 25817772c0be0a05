"""Outstanding: who still owes what, how late it is, what happens next and whom to ring. Derived, never stored.

What was asked of the desk alone is the one exception: it lasts until somebody has done it, and only the list of tasks
knows whether they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from exchange import discussion_wording, guarding
from exchange.ahead import Ahead
from exchange.blockers import today
from exchange.case import clock, escalating, soon
from exchange.case.acknowledgement import Acknowledgement
from exchange.case.action import HUB, Action, Doing
from exchange.case.challenge import (
    LABELS,
    STAGE,
)
from exchange.case.contact import typed_in_by
from exchange.case.delivery import FAILED, Delivery
from exchange.case.duty import Handing
from exchange.case.effect import TaskKind
from exchange.case.feedback import (
    Contact,
    Feedback,
)
from exchange.case.handing import duty_of
from exchange.case.lateral_check import (
    Decline,
    Recall,
)
from exchange.case.mailbox import Directory
from exchange.case.milestone import Progress
from exchange.case.outcome import LETTERS, OutcomeOwed
from exchange.case.presence import Presence
from exchange.case.product import OwnersWord, address
from exchange.case.record import Record, Standing
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import UNSETTLED, Attendance, Invitee, Meeting
from exchange.case.urgency import most_urgent
from exchange.hub import Hub
from exchange.owed import Owed
from exchange.policy import Action as Act
from exchange.policy import Viewer, require
from exchange.store import casebook, clocks, leave, tasks
from exchange.store.database import Transaction
from exchange.store.tasks import Task

_SILENT = "ring; then override with reasons, or leave their part out"
_OF_DESK: dict[
    TaskKind, tuple[str, str]
] = {  # tasks of which nothing else of the case tells: (what is owed, next step)
    TaskKind.HAND_OVER: (
        "to_hand_over",
        "hand over to the agency that is to act, or say done when it is the hub’s own",
    ),
    TaskKind.REFUSAL: (
        "refusal",
        "respect it, and ask back what agencies have about them; or record on which ground not",
    ),
    TaskKind.ELSEWHERE: (
        "elsewhere",
        "ring the other area: it is ours until a named person there has accepted it",
    ),
    TaskKind.KEEP_FROM: (
        "keep_from",
        "settle who must not see it (restrict, then route): nobody is asked until then",
    ),
    TaskKind.TOLD_LATE: ("told_late", "read what it tells after the decision: does that stand?"),
    TaskKind.UNCLEAR_ANSWER: ("unclear_answer", "read what they wrote, and say what it is"),
    TaskKind.MAIL_WAITS: ("mail_waits", "read it under Other mail, and say there what it is"),
    TaskKind.DECIDED_ANEW: ("decided_anew", "ring the agency: tell it which decision holds now"),
}
_UNREAD = frozenset({TaskKind.TOLD_LATE, TaskKind.UNCLEAR_ANSWER, TaskKind.MAIL_WAITS})
HUB_OWNS = "the hub"  # who owes it, when no agency does


async def outstanding(hub: Hub, viewer: Viewer, now: datetime | None = None) -> tuple[Owed, ...]:
    """All that is owed in the hub's open cases, and what nobody has read yet of closed ones; soonest due first."""
    require(viewer, Act.SEE_STATUS)
    now = now or hub.clock.now()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        directory, wakes = await hub.directory(tx), await clocks.of_hub(tx)
        todo: dict[str, list[Task]] = {}
        for task in await tasks.pending(tx):
            todo.setdefault(task.case_id, []).append(task)
        found: list[Owed] = []
        cases, there = await casebook.listing(tx), dict[date, Presence]()
        unread = {case for case, asked in todo.items() if any(t.kind in _UNREAD for t in asked)}
        closed = sorted(unread - {case.id for case in cases})
        cases += tuple([await casebook.load(tx, case) for case in closed])
        for case in cases:
            rules = await casebook.rules_of(tx, case)
            day = today(rules, now)
            there[day] = there.get(day) or Presence(directory, day, await leave.on(tx, day))
            found += _Reading(case, rules, there[day], wakes.get(case.id, {}), now, todo.get(case.id, ())).owed()
    await guarding.read_by(hub, viewer, cases)
    return tuple(sorted(found, key=lambda o: o.due))


async def of_case(tx: Transaction, case: Case, directory: Directory, now: datetime) -> list[Owed]:
    """All that is owed in one case."""
    rules = await casebook.rules_of(tx, case)
    day, wakes = today(rules, now), {c.name: c.due for c in await clocks.of_case(tx, case.id)}
    presence = Presence(directory, day, await leave.on(tx, day))
    return list(_Reading(case, rules, presence, wakes, now, await tasks.pending(tx, case.id)).owed())


@dataclass(frozen=True, slots=True)
class _Reading:
    case: Case
    rules: Rules
    presence: Presence
    wakes: dict[str, datetime]
    now: datetime
    todo: Sequence[Task]  # all that is asked of the desk

    def owed(self) -> Iterator[Owed]:
        """All of it, with what comes next."""
        ahead = Ahead(self.case, self.rules, self.presence, self.wakes, self.now)
        return (ahead.of(owed) for owed in self._all())

    def _all(self) -> Iterator[Owed]:
        if self.case.closed:
            yield from self._of_desk(_UNREAD)
            return  # what the law's clocks still ask is pressed as a task
        if self.case.looked_at is None:
            unread = self._hub(
                "first_look", "", self.case.received_at, self.case.first_look_due, "read it and rate it"
            )
            yield replace(unread, rating=self.rules.ratings[0].code)  # unread counts as the most urgent there is
        elif not (self.case.subjects or self.case.set_aside):
            due = typed_in_by(self.case, self.rules)
            step = "type it in as a referral: no agency knows of it yet"
            yield replace(
                self._hub("transcribe", "", self.case.received_at, due, step), next_at=self.wakes.get("transcribe")
            )
        yield from self._of_desk(frozenset(_OF_DESK))
        for leg in self.case.legs:
            if leg.owing:
                yield self._leg(leg)
            yield from self._checks(leg)
        yield from self._seats()
        yield from self._discussions()
        yield from self._decisions()
        yield from self._milestones()
        yield from self._actions()
        yield from self._records()
        yield from self._releases()
        if self.case.feedback in (Feedback.DUE, Feedback.UNDELIVERABLE):
            due = self.case.feedback_due or self.now
            ring = self.case.referrer.way is Contact.TELEPHONE
            step = "ring the referrer, when it is safe" if ring else "tell the referrer"
            yield self._hub("feedback", "", self.case.received_at, due, step)
        yield from self._outcomes()
        yield from self._challenges()
        yield from self._duty()

    def _hub(self, what: str, about: str, asked: datetime, due: datetime, step: str) -> Owed:
        return Owed(
            case_id=self.case.id, reference=self.case.reference, what=what, about=about, owner=HUB_OWNS,
            asked_at=asked, due=due, overdue=self.now >= due, state="", rating=self._rating(self._whom(about)),
            next_step=step,
            next_at=None, telephone=self._hub_telephone(),
        )  # fmt: skip

    def _of_desk(self, kinds: frozenset[TaskKind]) -> Iterator[Owed]:
        """What was asked of the desk alone; at once is late when a packet would have lain unread for too long, and
        what nobody has read yet when a contact would have."""
        for task in (t for t in self.todo if t.kind in kinds):
            due = task.due
            if due <= task.opened_at:
                about = self._whom(task.about) or tuple(s.id for s in self.case.subjects)
                rating = most_urgent(self.case, about, self.rules)
                soon = self.rules.first_look if task.kind in _UNREAD else rating.acknowledge
                due = clock.due(soon, task.opened_at, self.rules.calendar)
            what, step = _OF_DESK[TaskKind(task.kind)]
            yield self._hub(what, task.about, task.opened_at, due, step)

    def _wake(self, name: str, about: str) -> datetime | None:
        """When something is asked for next: before its time, or at it."""
        return min(filter(None, (self.wakes.get(f"soon:{about}"), self.wakes.get(name))), default=None)

    def _hub_telephone(self) -> str:
        is_open = self.rules.calendar.is_open(self.now)
        return self.rules.telephone if is_open else self.rules.duty_telephone

    def _leg(self, leg: Leg) -> Owed:
        awaited = leg.acknowledgement is Acknowledgement.AWAITED
        due = leg.acknowledge_due if awaited else leg.answer_due
        overdue = self.now >= due
        what = "acknowledgement" if awaited else "unqualified_nil" if leg.unqualified else "answer"
        return Owed(
            case_id=self.case.id, reference=self.case.reference, what=what, about=leg.id,
            owner=self._name(leg.agency), asked_at=leg.opened_at, due=due, overdue=overdue,
            state=leg.delivery, rating=self._rating(leg.subjects), next_step=_step(leg, awaited, overdue),
            next_at=self.wakes.get(f"remind:{leg.id}" if awaited else f"answer:{leg.id}"),
            telephone=self._telephone(leg.agency), reminders=leg.reminders, mail=leg.delivery,
        )  # fmt: skip

    def _checks(self, leg: Leg) -> Iterator[Owed]:
        """A decline that waits for the hub, and a recall that waits for the agency."""
        if leg.decline is Decline.OPEN and not self._all_decided(leg):
            since, step = leg.answered_at or leg.opened_at, "ask another agency, give it more, or record a decision"
            soon = most_urgent(self.case, leg.subjects, self.rules).acknowledge  # as long as a packet may lie unread
            yield self._hub("decline", leg.id, since, clock.due(soon, since, self.rules.calendar), step)
        if leg.recall is Recall.RECALLED:
            due = leg.recall_due or self.now
            overdue = self.now >= due
            yield Owed(
                case_id=self.case.id, reference=self.case.reference, what="recall", about=leg.id,
                owner=self._name(leg.agency), asked_at=leg.recalled_at or due, due=due, overdue=overdue,
                state=leg.recall, rating=self._rating(leg.subjects),
                next_step="ring: have they deleted it?" if overdue else "they are asked by mail to confirm",
                next_at=self.wakes.get(f"recall:{leg.id}"), telephone=self._telephone(leg.agency, to_delete=True),
            )  # fmt: skip

    def _all_decided(self, leg: Leg) -> bool:
        return all(s.decision for s in self.case.subjects if s.id in leg.subjects)

    def _seats(self) -> Iterator[Owed]:
        for discussion in self.case.discussions:
            for i in discussion.invitees:
                if self.case.shuts_out(i.agency) or i.shut_out:
                    continue
                if i.attendance in UNSETTLED and discussion.state is Meeting.CALLED:
                    about = f"{discussion.id}/{i.id}"
                    due = i.due or discussion.starts_at
                    yield Owed(
                        case_id=self.case.id, reference=self.case.reference, what="attendance", about=about,
                        owner=self._name(i.agency), asked_at=escalating.seat_since(discussion, i), due=due,
                        overdue=self.now >= due, state=i.attendance,
                        rating=self._rating(discussion.subjects),
                        next_step=_seat_step(i),
                        next_at=self._wake(f"chase:{about}", about), telephone=self._telephone(i.agency),
                        reminders=soon.reminded(discussion, i, self.now, self.rules), mail=i.mail,
                        meets_at=discussion.starts_at,
                    )  # fmt: skip

    def _discussions(self) -> Iterator[Owed]:
        for d in self.case.discussions:
            if d.full_owed and d.full_due and d.held_at:
                step = discussion_wording.full_step(self.case, d, self.rules)
                owed = self._hub("full_discussion", d.id, d.held_at, d.full_due, step)
                yield replace(owed, next_at=self.wakes.get(f"follow_up_meeting:{d.id}"), meets_at=d.starts_at)

    def _decisions(self) -> Iterator[Owed]:
        for s in self.case.subjects:
            if not s.settled and not self.case.set_aside:
                step = "decide" if s.ratings else "rate, then decide"
                step += f" ({s.rating} is provisional)" if s.is_provisional else ""
                yield self._hub("decision", s.id, self.case.received_at, s.decide_due, step)

    def _milestones(self) -> Iterator[Owed]:
        for s in self.case.subjects:
            for m in s.milestones:
                if m.progress is Progress.RUNNING:
                    known = self.rules.statute.clock(m.name)
                    step = known.stops if known else "say when it was met"
                    yield self._hub("milestone", f"{s.id}/{m.name}", m.started_at, m.due, step)

    def _actions(self) -> Iterator[Owed]:
        for a in self.case.actions:
            if a.doing is Doing.OPEN:
                own = self._hub("action", a.id, a.set_at, a.due, "do it, and say so")
                yield own if a.owner == HUB else self._of_agency(own, a)

    def _of_agency(self, owed: Owed, action: Action) -> Owed:
        step = "ring: is it done?" if action.chased else "they are reminded by mail"
        said = f"not yet, by {action.promised:%d/%m/%Y}" if action.promised else ""
        return replace(
            owed, owner=self._name(action.owner), telephone=self._telephone(action.owner), next_step=step, state=said,
            next_at=self._wake(f"action:{action.id}", action.id), reminders=action.chased,
        )  # fmt: skip

    def _records(self) -> Iterator[Owed]:
        for record in self.case.records:
            if record.owed:
                discussion = self.case.discussion(record.discussion)
                since = discussion.held_at if discussion and discussion.held_at else record.due
                owed = self._hub("record", record.discussion, since, record.due, _record_step(record))
                yield replace(
                    owed, state=record.latest.standing if record.latest else "", rating=self._rating(
                        discussion.subjects if discussion else ()
                    ), next_at=self._wake(f"record:{record.discussion}", record.discussion),
                    meets_at=discussion.starts_at if discussion else None,
                )  # fmt: skip

    def _releases(self) -> Iterator[Owed]:
        for product in self.case.products:
            for passage in product.pending:
                if passage.word in (OwnersWord.ASKED, OwnersWord.SILENT) and passage.due and passage.asked_at:
                    about = address(product.id, passage.id)
                    overdue = self.now >= passage.due
                    yield Owed(
                        case_id=self.case.id, reference=self.case.reference, what="release", about=about,
                        owner=self._name(passage.agency), asked_at=passage.asked_at, due=passage.due,
                        overdue=overdue, state=passage.word, rating=self._rating(product.latest.subjects),
                        next_step=_SILENT if overdue else "at the due time this becomes a telephone task",
                        next_at=self.wakes.get(f"release:{about}"), telephone=self._telephone(passage.agency),
                    )  # fmt: skip

    def _outcomes(self) -> Iterator[Owed]:
        for owed in self.case.outcomes_owed:
            if owed.offered and owed.accept_by:
                yield self._offered(owed, owed.accept_by)
            if owed.left:
                again = owed.asked < LETTERS and self.now < owed.due
                yield Owed(
                    case_id=self.case.id, reference=self.case.reference, what="outcome", about=owed.leg,
                    owner=self._name(owed.agency), asked_at=owed.since, due=owed.due, overdue=self.now >= owed.due,
                    state=f"asked {owed.letters} times", rating=self._rating(owed.left),
                    next_step="they are asked by mail" if again else "ring: what came of it?",
                    next_at=self.wakes.get(f"outcome:{owed.leg}"), telephone=self._telephone(owed.agency),
                    reminders=owed.asked,
                )  # fmt: skip

    def _offered(self, owed: OutcomeOwed, due: datetime) -> Owed:
        by_mail = owed.again < LETTERS and self.now < due
        return Owed(
            case_id=self.case.id, reference=self.case.reference, what="hand_over", about=owed.leg,
            owner=self._name(owed.agency), asked_at=owed.since, due=due, overdue=self.now >= due,
            state=f"asked {owed.again + 1} times", rating=self._rating(owed.offered),
            next_step="they are reminded by mail" if by_mail else "ring: do they take it on?",
            next_at=self._wake(f"handover:{owed.leg}", f"{owed.leg}/handover"),
            telephone=self._telephone(owed.agency), reminders=owed.again,
        )  # fmt: skip

    def _challenges(self) -> Iterator[Owed]:
        for found in self.case.challenges:
            if found.open:
                owed = self._hub("challenge", found.id, found.raised_at, found.due, "reply to whoever disagrees")
                yield replace(owed, owner=LABELS[found.standing], state=f"stage {STAGE[found.standing]}")
            if found.open and found.unread:
                step = "read the reply to the referrer, and let it go or not"
                yield self._hub("second_look", found.id, found.unread.at, found.due, step)
        if self.case.draft:
            at = self.case.draft.at
            due = self.case.feedback_due or clock.due(self.rules.feedback, at, self.rules.calendar)
            yield self._hub("second_look", "", at, due, "read what is written to the referrer, and let it go or not")

    def _duty(self) -> Iterator[Owed]:
        newest = duty_of(self.case)
        if newest is None or newest.state not in (Handing.OFFERED, Handing.ACCEPTED):
            return
        back = newest.state is Handing.ACCEPTED
        owed = self._hub(
            "return_note" if back else "duty", "", newest.accepted_at or newest.offered_at,
            (newest.note_due or self.now) if back else newest.offered_at,
            "get the duty team’s note" if back else "ring the duty team until a named person there accepts",
        )  # fmt: skip
        yield replace(
            owed, owner="the emergency duty team", telephone=self.rules.duty_telephone, who="the duty team",
            state=newest.state, next_at=self.wakes.get("duty"),
        )  # fmt: skip

    def _name(self, agency: str) -> str:
        known = self.rules.agency(agency)
        return known.name if known else agency

    def _telephone(self, agency: str, *, to_delete: bool = False) -> str:
        if self.case.shuts_out(agency) and not to_delete:
            return ""
        avoided = self.presence.avoided(self.case.spocs_shut_out)  # nobody rings those who must not know
        return next((m.telephone for m in self.presence.choices(agency, without=avoided)), "")

    def _whom(self, about: str) -> tuple[str, ...]:
        """The subjects that something is about: one, those of a leg or of an action; () for the whole case."""
        leg, action, subject = (
            self.case.leg(about),
            self.case.action(about),
            self.case.subject(about.partition("/")[0]),
        )
        if subject:
            return (subject.id,)
        return leg.subjects if leg else action.subjects if action else ()

    def _rating(self, subjects: tuple[str, ...]) -> str:
        if not self.case.subjects:
            return self.case.provisional
        given = {s.rating for s in self.case.subjects if not subjects or s.id in subjects}
        return next((r.code for r in self.rules.ratings if r.code in given), "")


def _record_step(record: Record) -> str:
    if record.latest is None:
        return "write the record of the discussion"
    draft = record.latest.standing is Standing.DRAFT
    return "approve it: the chair or a manager" if draft else "it is on its way; tell who cannot be sent it"


def _seat_step(invitee: Invitee) -> str:
    if invitee.attendance is not Attendance.AWAITED:
        return f"ring: does anybody come? They said: {discussion_wording.SAID[invitee.attendance]}"
    if invitee.claimed:
        return f"ask them: {discussion_wording.claim(invitee)} says {discussion_wording.SAID[invitee.claimed]}"
    if not invitee.chased and invitee.mail in FAILED:
        return "ring: the invitation will not get through"
    return "ring" if invitee.chased else "they are chased by mail"


def _step(leg: Leg, awaited: bool, overdue: bool) -> str:
    if leg.lost:
        return "ring: mail will not get through"
    if overdue:
        return "ring: they have not answered"
    if leg.delivery is Delivery.DEFERRED:
        return "ring: what was sent waits, and is tried again"
    if leg.unqualified:
        return "asked by mail how they searched; at the due time this becomes a telephone task"
    return "they are reminded by mail" if awaited else "at the due time this becomes a telephone task"
