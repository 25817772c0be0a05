"""Uninviting: the seats at discussions still to come of those who must not see the case any more.

1. A meeting that stands in their calendar is taken out of it by one more mail, which names nobody and says nothing of
   the case. It goes once; no other letter follows it there.
2. An agency that is shut out fills no quorum, and somebody chooses another in its place. Let in again, it is asked
   when the discussion is moved, or when somebody calls it again.
3. Where one of its people alone is shut out, the agency is asked anew, through a mailbox that they do not read, with
   papers of its own: what was said at its seat before may be theirs, and counts no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from exchange.case import soon
from exchange.case.convening import (
    another,
    invitation_key,
    quorum_changed,
    reply_due,
    settled,
)
from exchange.case.delivery import Delivery
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    SendLetter,
    SetClock,
    WithdrawAbout,
    WithdrawLetter,
    WithdrawLetters,
)
from exchange.case.recalling import to_recall
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import Step
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion, out_of_reach


def of_agency(case: Case, agency: str, at: datetime, rules: Rules) -> Step:
    """Rule 2: its seats at whatever is still to come."""
    step = Step(case)
    for discussion in (d for d in case.discussions if d.state is Meeting.CALLED):
        for seat in (i for i in discussion.invitees if i.agency == agency and not i.shut_out):
            step = step.then(_left_out(step.case, discussion, seat, at, rules))
    return step


def _left_out(case: Case, discussion: StrategyDiscussion, seat: Invitee, at: datetime, rules: Rules) -> Step:
    about = f"{discussion.id}/{seat.id}"
    after = discussion.with_invitee(replace(seat, shut_out=True, turns=seat.turns + 1))
    effects = (
        WithdrawAbout(about),
        *settled(about),
        *_out_of_calendars(about, seat, own=True, deputys=True),
        to_recall(about, at),
        another(discussion, seat.agency, at),
        *quorum_changed(_lost(discussion, rules), after, at, rules),
    )
    return Step(case.with_discussion(after), effects)


def of_spoc(case: Case, abouts: tuple[str, ...], at: datetime, rules: Rules) -> Step:
    """Rule 3: the seats whose entry, or whose deputy's ("d1/i2/deputy"), a mailbox of theirs has."""
    step = Step(case)
    for discussion in (d for d in case.discussions if d.state is Meeting.CALLED):
        for seat in discussion.invitees:
            about = f"{discussion.id}/{seat.id}"
            own = about in abouts and not seat.taken_back
            deputys = f"{about}/deputy" in abouts and seat.deputy_asked_at is not None
            if (own or deputys) and not seat.shut_out:
                gone = Step(
                    step.case, (*_out_of_calendars(about, seat, own=own, deputys=deputys), to_recall(about, at))
                )
                step = step.then(gone)
                step = step.then(asked_anew(step.case, discussion.id, seat, at, rules, own=own, deputys=deputys))
    return step


def asked_anew(
    case: Case, name: str, seat: Invitee, at: datetime, rules: Rules, *, own: bool = True, deputys: bool = True
) -> Step:
    """The seat as if it were called now; with papers too where its `own` went to somebody else. Its deputy is asked
    anew when it is their turn, unless who was asked may be asked still. Nobody is asked once it has begun."""
    discussion = next(d for d in case.discussions if d.id == name)
    if discussion.starts_at <= at:
        return Step(case)
    about, turns, due = f"{name}/{seat.id}", seat.turns + 1, reply_due(discussion, at, rules)
    anew = replace(
        seat, attendance=Attendance.AWAITED, asked_at=at, said_at=at, chased=0, due=due, claimed=None, proposed=None,
        mail=Delivery.TO_SEAL, taken_back=False, turns=turns, unread="", delegate="", shut_out=False,
    )  # fmt: skip
    anew = replace(anew, deputy_asked_at=None, deputy_mail=Delivery.TO_SEAL) if deputys else anew
    after = discussion.with_invitee(anew)
    effects = (
        *settled(about, deputy=not deputys),
        CloseTask(f"unclear:{about}"),
        WithdrawLetter(invitation_key(about, discussion.sequence)),
        WithdrawLetters(f"invitation:{about}:"),
        SendLetter(f"invitation:{about}:again:{turns}", Letter.INVITATION, about),
        *(papers_again(about, turns) if own else ()),
        SetClock(f"chase:{about}", due),
        soon.of_seat(after, anew, at, rules),
        *quorum_changed(_lost(discussion, rules), after, at, rules),
    )
    return Step(case.with_discussion(after), effects)


def papers_again(about: str, turns: int) -> tuple[Effect, ...]:
    """Papers of its own for whoever is asked now."""
    return (*papers_back(about), SendLetter(f"papers_again:{about}:{turns}", Letter.PAPERS, about))


def papers_back(about: str) -> tuple[Effect, ...]:
    """The invitee's papers stay here, if they have not left."""
    return WithdrawLetter(f"papers:{about}"), WithdrawLetters(f"papers_again:{about}:")


def _out_of_calendars(about: str, seat: Invitee, *, own: bool, deputys: bool) -> Iterator[Effect]:
    """Rule 1. Whether the entry is in their calendar, and in whose, the letters that went tell (posting.py)."""
    if own and not seat.taken_back:
        yield SendLetter(f"uninvited:{about}:{seat.turns}", Letter.UNINVITED, about)
    if deputys and seat.deputy_asked_at:
        yield SendLetter(f"uninvited:{about}/deputy:{seat.turns}", Letter.UNINVITED, f"{about}/deputy")


def _lost(discussion: StrategyDiscussion, rules: Rules) -> tuple[str, ...]:
    return out_of_reach(discussion, rules.discussion(discussion.kind).quorum)
