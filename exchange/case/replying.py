"""Replying: what a seat at a discussion says, and whose calendar holds it, the invitee's or their deputy's.

1. A reply changes attendance and nothing else; an older reply never overrides a newer one. Every one is kept.
2. A reply that nothing proves, or that answers an earlier time, fills no seat and is no silence: they are told once
   by mail that it does not count yet, the desk is pressed to confirm it, and nobody's deputy or lead is told.
3. Who does not know yet, or has passed it on to somebody who has not said, is rung when the time to reply is over.
   A deputy whom we asked, and who cannot come, is rung about: the invitee has said nothing by that.
4. Whoever comes for a seat has the entry, and nobody else of it: it is taken back from who was asked and need not
   come any more (RFC 5546 3.2.5), and given again to who comes after all. Who said themselves that another comes
   keeps theirs: what the other has may be a copy of it.
5. What somebody wrote beside an answer is read by a person, whatever the answer and however it is proved.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock, escalating
from exchange.case.acknowledgement import Proof
from exchange.case.contribution import Contribution
from exchange.case.convening import invitation_key, quorum_changed, settled
from exchange.case.delivery import THERE
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    TaskKind,
    WithdrawLetter,
    WithdrawLetters,
)
from exchange.case.event import InviteeReplied
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import (
    COMES,
    COUNTS_FROM,
    UNSETTLED,
    Attendance,
    Invitee,
    Meeting,
    Reply,
    SeatUnclear,
    StrategyDiscussion,
    Weight,
    holds,
    out_of_reach,
    standing,
)

_PASSED_ON = frozenset({Attendance.DEPUTY, Attendance.DELEGATED})  # the invitee says that another comes
_GIVES_WAY = frozenset({Attendance.TENTATIVE, Attendance.COUNTER})  # to a deputy who comes, as silence does


def replied(case: Case, event: InviteeReplied, rules: Rules) -> Step:
    """An invitee, or the deputy whom we asked, said whether they come."""
    discussion = case.discussion(event.discussion)
    invitee = discussion.invitee(event.invitee) if discussion else None
    if event.proof is Proof.STAFF:
        _refuse_staff(discussion, invitee, event)
    if discussion is None or invitee is None:
        return Step(case)
    step = _counted(case, discussion, invitee, event, rules)
    return Step(step.case, (*step.effects, *_to_read(event)))


def _to_read(event: InviteeReplied) -> tuple[Effect, ...]:
    """Whoever comes, or does not, may write of somebody's danger with it: rule 5."""
    about = f"{event.discussion}/{event.invitee}"
    return (OpenTask(f"words:{about}", TaskKind.WORDS_WITH_REPLY, about, event.at),) if event.more else ()


def _counted(
    case: Case, discussion: StrategyDiscussion, invitee: Invitee, event: InviteeReplied, rules: Rules
) -> Step:
    said = _weighed(discussion, invitee, event)
    case = replace(case, contributions=(*case.contributions, *_told(case, invitee, event)))
    kept = replace(invitee, history=(*invitee.history, said))
    if said.weight is Weight.CLAIMED:
        return _claimed(case, discussion, kept, event)
    if said.weight is not Weight.HOLDS:
        return Step(case.with_discussion(discussion.with_invitee(kept)))
    return _holding(case, discussion, kept, event, rules)


def unclear(case: Case, event: SeatUnclear, rules: Rules) -> Step:
    """Words no attendance may follow from: a person reads them, and the seat is chased on."""
    discussion = case.discussion(event.discussion)
    invitee = discussion.invitee(event.invitee) if discussion else None
    if discussion is None or invitee is None:
        return Step(case)
    about = f"{event.discussion}/{event.invitee}"
    case = case.with_discussion(discussion.with_invitee(replace(invitee, unread=event.why)))
    return Step(case, (OpenTask(f"unclear:{about}", TaskKind.UNCLEAR_ANSWER, about, event.at),))


def _refuse_staff(discussion: StrategyDiscussion | None, invitee: Invitee | None, event: InviteeReplied) -> None:
    if discussion is None or invitee is None:
        raise CannotHappen(f"no seat “{event.discussion}/{event.invitee}” in this case: reload the page")
    if discussion.state is not Meeting.CALLED and event.attendance is not Attendance.WRITTEN:
        raise CannotHappen("this discussion is over: who was there is recorded with it")


def _weighed(discussion: StrategyDiscussion, invitee: Invitee, event: InviteeReplied) -> Reply:
    """What a reply counts for. A calendar that answers the newest invitation is not older than it, whatever its clock
    says."""
    answers, before = event.sequence, invitee.word(deputy=event.deputy)
    current = answers is not None and answers >= discussion.time_since and before is None
    outdated = answers is not None and answers < discussion.time_since
    weight = Weight.HOLDS
    if discussion.state is not Meeting.CALLED:
        weight = Weight.LATE
    elif not current and not _newer(invitee, event, before):
        weight = Weight.OLDER
    elif event.proof < COUNTS_FROM or outdated:
        weight = Weight.CLAIMED
    return Reply(event.at, event.attendance, event.stamp, event.channel, event.proof, weight, outdated, event.deputy)


def _newer(invitee: Invitee, event: InviteeReplied, before: Reply | None) -> bool:
    if not event.deputy:
        return holds(invitee, event.stamp)
    since = before.stamp if before else invitee.asked_at
    return since is None or event.stamp >= since.replace(microsecond=0)


def _told(case: Case, invitee: Invitee, event: InviteeReplied) -> tuple[Contribution, ...]:
    """What they wrote instead of coming stays theirs, and in the hub."""
    if not event.contribution or case.contribution(event.contribution):
        return ()
    return (Contribution(event.contribution, "", invitee.agency, event.at, event.attendance),)


def _holding(case: Case, discussion: StrategyDiscussion, kept: Invitee, event: InviteeReplied, rules: Rules) -> Step:
    about = f"{discussion.id}/{kept.id}"
    seat = replace(kept, attendance=standing(kept), claimed=None, proposed=event.proposed, unread="")
    if not event.deputy:
        seat = replace(seat, said_at=event.stamp, delegate=event.delegate)
    seat, entries = _entries(discussion, seat, event.at)
    after = discussion.with_invitee(seat)
    lost = out_of_reach(discussion, rules.discussion(discussion.kind).quorum)
    read = (CloseTask(f"unclear:{about}"),) if event.proof is Proof.STAFF else ()
    effects = (
        *_asked_on(discussion, seat, event, rules), *read, *_other_time(about, event), *entries,
        *quorum_changed(lost, after, event.at, rules),
    )  # fmt: skip
    return Step(case.with_discussion(after), effects)


def _asked_on(
    discussion: StrategyDiscussion, seat: Invitee, event: InviteeReplied, rules: Rules
) -> tuple[Effect, ...]:
    """Nobody is asked any more once the seat has spoken; a deputy who cannot come leaves somebody to ring."""
    about = f"{discussion.id}/{seat.id}"
    done = () if seat.attendance is Attendance.AWAITED else settled(about, deputy=seat.attendance in _PASSED_ON)
    again = clock.due(rules.discussion(discussion.kind).reply, event.at, rules.calendar)
    waits = seat.attendance in UNSETTLED and seat.attendance is not Attendance.AWAITED
    if not event.deputy or event.attendance is not Attendance.DECLINED or seat.attendance is Attendance.ACCEPTED:
        return (*done, SetClock(f"chase:{about}", again)) if waits else done
    still = (SetClock(f"chase:{about}", again),) if seat.attendance in UNSETTLED else ()
    return (*done, OpenTask(f"no_deputy:{about}", TaskKind.NO_DEPUTY, about, event.at), *still)


def _entries(discussion: StrategyDiscussion, seat: Invitee, at: datetime) -> tuple[Invitee, tuple[Effect, ...]]:
    """Rule 4."""
    seat, invitees = _invitees(discussion, seat)
    seat, deputys = _deputys(discussion, seat, at)
    return seat, (*invitees, *deputys)


def _invitees(discussion: StrategyDiscussion, seat: Invitee) -> tuple[Invitee, tuple[Effect, ...]]:
    about, own, deputys = f"{discussion.id}/{seat.id}", seat.word(), seat.word(deputy=True)
    theirs = deputys is not None and deputys.attendance in COMES and (own is None or own.attendance in _GIVES_WAY)
    if theirs is seat.taken_back or (seat.taken_back and own and own.attendance not in COMES):
        return seat, ()  # nothing changes; or who has none any more does not come either
    seat = replace(seat, taken_back=theirs, turns=seat.turns + 1)
    if not theirs:
        return seat, (SendLetter(f"invitation:{about}:again:{seat.turns}", Letter.INVITATION, about),)
    return seat, (
        WithdrawLetter(invitation_key(about, discussion.sequence)),
        SendLetter(f"cancellation:{about}:{seat.turns}", Letter.CANCELLATION, about),
    )


def _deputys(discussion: StrategyDiscussion, seat: Invitee, at: datetime) -> tuple[Invitee, tuple[Effect, ...]]:
    own = seat.word()
    if own and own.attendance is Attendance.ACCEPTED and seat.deputy_asked_at:
        return _released(discussion, seat)
    if own and own.attendance in _PASSED_ON and at < discussion.starts_at:
        return escalating.ask_deputy_of_seat(discussion, seat, at)
    return seat, ()


def _released(discussion: StrategyDiscussion, seat: Invitee) -> tuple[Invitee, tuple[Effect, ...]]:
    turned = replace(seat, turns=seat.turns + 1)
    return replace(turned, deputy_asked_at=None), not_needed(discussion, turned)


def not_needed(discussion: StrategyDiscussion, seat: Invitee) -> tuple[Effect, ...]:
    """The deputy need not come: what waits for them stays here, and what they have leaves their calendar."""
    about = f"{discussion.id}/{seat.id}"
    waits = (WithdrawLetters(f"deputy:{about}:"), WithdrawLetters(f"papers:{about}:"))
    if seat.deputy_mail not in THERE:
        return waits
    key = f"cancellation:{about}:deputy:{discussion.sequence}:{seat.turns}"
    return (*waits, SendLetter(key, Letter.CANCELLATION, f"{about}/deputy"))


def _other_time(about: str, event: InviteeReplied) -> tuple[Effect, ...]:
    if event.attendance is not Attendance.COUNTER:
        return ()
    return (OpenTask(f"other_time:{about}", TaskKind.OTHER_TIME, about, event.at),)


def _claimed(case: Case, discussion: StrategyDiscussion, invitee: Invitee, event: InviteeReplied) -> Step:
    said = Attendance.DEPUTY if event.deputy and event.attendance in COMES else event.attendance
    if said is invitee.attendance:
        return Step(case.with_discussion(discussion.with_invitee(invitee)))
    about = f"{discussion.id}/{invitee.id}"
    claimed = replace(invitee, claimed=said, proposed=event.proposed or invitee.proposed, unread="")
    one_task: tuple[Effect, ...] = tuple(CloseTask(f"{name}:{about}") for name in ("silent_invitee", "no_deputy"))
    effects = (escalating.seat_to_ring(claimed, about, event.at), *one_task)
    return Step(case.with_discussion(discussion.with_invitee(claimed)), effects)
