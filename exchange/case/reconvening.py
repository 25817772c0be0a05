"""Reconvening: how a discussion that is called gets more seats, another time or a place, is taken back, or is late.

1. The calendar entry stays one: a new time is the same UID with a higher sequence, and so are a place that is said
   later and the cancellation.
2. At a new time everybody is asked anew, and silence climbs anew; what they had said before is kept, and counts no
   more.
3. The papers go to each agency once; those that have not left yet leave with the new time, or not at all. A place
   that they alone may name is in papers that go again.
4. Who has answered need not answer again because the place is said: the time is the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import escalating, soon
from exchange.case.convening import (
    found_another,
    invitation_key,
    invite,
    next_sequence,
    over,
    quorum_changed,
    refuse_shut_out,
    reply_due,
    settled,
)
from exchange.case.delivery import THERE, Delivery
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    SendLetter,
    SetClock,
    TaskKind,
    WithdrawLetter,
    WithdrawLetters,
)
from exchange.case.event import ClockRanOut
from exchange.case.pressing import press_again
from exchange.case.refusing import respect
from exchange.case.replying import not_needed
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import (
    MAY_BECOME,
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    DiscussionPlaced,
    Invitee,
    InviteesAdded,
    Meeting,
    StrategyDiscussion,
    out_of_reach,
)
from exchange.case.uninviting import asked_anew, papers_again, papers_back


def added(case: Case, event: InviteesAdded, rules: Rules) -> Step:
    """Call more agencies to a discussion."""
    discussion = _called(case, event.discussion)
    refuse_shut_out(case, event.agencies)
    respect(case, discussion.subjects, event.agencies)
    seated = {i.agency for i in discussion.invitees}
    new = tuple(a for a in dict.fromkeys(event.agencies) if a not in seated)
    back = tuple(i for i in discussion.invitees if i.shut_out and i.agency in event.agencies)
    if not new and not back:
        raise CannotHappen("name an agency that is not invited yet")
    lost = out_of_reach(discussion, rules.discussion(discussion.kind).quorum)
    after, effects = invite(discussion, new, event.at, rules)
    effects += (*found_another(case, after), *quorum_changed(lost, after, event.at, rules))
    step = Step(case.with_discussion(after), effects)
    for seat in back:
        step = step.then(asked_anew(step.case, discussion.id, seat, event.at, rules))
    return step


def moved(case: Case, event: DiscussionMoved, rules: Rules) -> Step:
    """Everybody is asked whether they come at the new time."""
    discussion = _called(case, event.discussion)
    if event.starts_at <= event.at:
        raise CannotHappen("the discussion must start in the future")
    lost = out_of_reach(discussion, rules.discussion(discussion.kind).quorum)
    after = replace(
        discussion, starts_at=event.starts_at, sequence=next_sequence(discussion), session="", timed=None,
        placed_at=None, placeless=discussion.placeless and not event.placed,
    )  # fmt: skip
    due = reply_due(after, event.at, rules)
    anew: dict[str, object] = {
        "attendance": Attendance.AWAITED,
        "asked_at": event.at,
        "said_at": event.at,
        "chased": 0,
        "due": due,
    }
    anew |= {"claimed": None, "proposed": None, "mail": Delivery.TO_SEAL, "deputy_asked_at": None}
    anew |= {"taken_back": False, "unread": ""}
    seats = tuple(
        replace(i, **anew, shut_out=case.shuts_out(i.agency))  # type: ignore[arg-type]
        for i in discussion.invitees
    )
    after = replace(after, invitees=seats)
    effects: list[Effect] = []
    for before, invitee in zip(discussion.invitees, seats, strict=True):
        if case.shuts_out(invitee.agency):
            continue
        about = f"{discussion.id}/{invitee.id}"
        seat, deputys = _deputy_anew(after, before, invitee, event.at)
        after = after.with_invitee(seat)
        effects += [
            *settled(about),
            WithdrawLetter(invitation_key(about, discussion.sequence)),
            SendLetter(invitation_key(about, after.sequence), Letter.INVITATION, about),
            *(papers_again(about, before.turns) if before.shut_out else ()),
            *(_papers_anew(about, after) if event.in_papers and not before.shut_out else ()),
            SetClock(f"chase:{about}", due),
            soon.of_seat(after, seat, event.at, rules),
            *deputys,
        ]
    effects += [*quorum_changed(lost, after, event.at, rules), *_place_known(after)]
    return Step(case.with_discussion(after), tuple(effects))


def _place_known(discussion: StrategyDiscussion) -> tuple[Effect, ...]:
    return () if discussion.placeless else (CloseTask(f"no_place:{discussion.id}"),)


def _papers_anew(about: str, after: StrategyDiscussion) -> tuple[Effect, ...]:
    return *papers_back(about), SendLetter(f"papers_again:{about}:at:{after.sequence}", Letter.PAPERS, about)


def placed(case: Case, event: DiscussionPlaced, rules: Rules) -> Step:
    """Everybody's entry says where, or where it says it; nobody is asked anew."""
    discussion = _called(case, event.discussion)
    if discussion.starts_at <= event.at:
        raise CannotHappen("the discussion has begun: ring those who are not there, or move it")
    sequence, timed = next_sequence(discussion), discussion.time_since
    after = replace(discussion, sequence=sequence, timed=timed, placeless=False, placed_at=event.at)
    effects: list[Effect] = [*_place_known(after)]
    for invitee in discussion.invitees:
        if invitee.shut_out or case.shuts_out(invitee.agency):
            continue
        about = f"{discussion.id}/{invitee.id}"
        if invitee.deputy_asked_at:
            effects += _deputy_told(after, invitee, in_papers=event.in_papers)
        if invitee.taken_back:  # their deputy comes, and has the entry
            continue
        after = after.with_invitee(replace(invitee, mail=Delivery.TO_SEAL))
        effects += [
            WithdrawLetter(invitation_key(about, discussion.sequence)),
            WithdrawLetters(f"invitation:{about}:"),
            SendLetter(invitation_key(about, after.sequence), Letter.INVITATION, about),
            *(_papers_anew(about, after) if event.in_papers else ()),
        ]
    return Step(case.with_discussion(after), tuple(effects))


def _deputy_told(after: StrategyDiscussion, invitee: Invitee, *, in_papers: bool) -> tuple[Effect, ...]:
    about, number = f"{after.id}/{invitee.id}", after.sequence + invitee.turns
    told = (
        WithdrawLetters(f"deputy:{about}:"),
        SendLetter(f"deputy:{about}:{number}", Letter.CHASER, f"{about}/deputy"),
    )
    if not in_papers:
        return told
    again = SendLetter(f"papers:{about}:{number}:deputy", Letter.PAPERS, f"{about}/deputy")
    return *told, WithdrawLetters(f"papers:{about}:"), again


def _deputy_anew(
    discussion: StrategyDiscussion, before: Invitee, seat: Invitee, at: datetime
) -> tuple[Invitee, tuple[Effect, ...]]:
    """A deputy who was to come is asked about the new time at once; one who was only asked hears that they need not
    come at the old, and is asked anew when it is their turn."""
    if before.deputy_asked_at is None:
        return seat, ()
    if before.attendance is Attendance.DEPUTY:
        return escalating.ask_deputy_of_seat(discussion, seat, at)
    seat = replace(seat, turns=seat.turns + (before.deputy_mail in THERE))
    return seat, not_needed(discussion, seat)


def cancelled(case: Case, event: DiscussionCancelled, rules: Rules) -> Step:
    """It does not take place: calendars are told, nobody is chased, and papers that have not left stay here."""
    discussion = _called(case, event.discussion)
    after = replace(discussion, state=Meeting.CANCELLED, sequence=next_sequence(discussion), cancelled_at=event.at)
    asked = (i for i in after.invitees if not i.shut_out)
    taken_back = (effect for i in asked for effect in _taken_back(discussion, after, i))
    return Step(case.with_discussion(after), (*over(case, after), *taken_back))


def _taken_back(before: StrategyDiscussion, after: StrategyDiscussion, invitee: Invitee) -> tuple[Effect, ...]:
    about = f"{after.id}/{invitee.id}"
    deputys = not_needed(after, invitee) if invitee.deputy_asked_at else ()
    return (
        WithdrawLetter(invitation_key(about, before.sequence)),
        *papers_back(about),
        SendLetter(f"cancellation:{about}", Letter.CANCELLATION, about),
        *deputys,
    )


def _called(case: Case, name: str) -> StrategyDiscussion:
    """The discussion, as long as it is still to come. Raises CannotHappen."""
    discussion = case.discussion(name)
    if discussion is None:
        raise CannotHappen(f"no discussion “{name}” in this case")
    if Meeting.CANCELLED not in MAY_BECOME[discussion.state]:
        raise CannotHappen(f"this discussion is {discussion.state} already: call another")
    return discussion


def not_held(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """The time by which it must be held has come, and nobody has said that it was."""
    discussion = case.discussion(about)
    if discussion is None or discussion.state is not Meeting.CALLED:
        return Step(case)
    pressed = press_again(f"held_by:{about}", TaskKind.NOT_HELD, about, event, rules, f"not_held:{about}")
    return Step(case, pressed)
