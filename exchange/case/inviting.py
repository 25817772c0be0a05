"""Inviting: what becomes of the mail that invites an agency to a discussion, and what machines answer to it.

1. A machine's word is kept with the seat, and is never a reply: whoever is away has a deputy, who is asked at once,
   and once for each time of the discussion.
2. Where no deputy can be asked by mail, or the deputy is away too, a person rings.
3. A deputy is asked by an entry for their calendar; one who need not come after all hears so, even where the letter
   that asked them was on its way when it was taken back.
4. Nobody is reminded of an invitation that has not reached them: the desk rings (convening.py).
5. One that was for a mailbox to which it may not go, or which the agency has no more, goes to whoever reads now.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case import delivery, escalating, replying, telling, uninviting
from exchange.case.delivery import ARRIVED, LOST, THERE
from exchange.case.effect import CloseTask, OpenTask, TaskKind
from exchange.case.event import LetterNews
from exchange.case.presence import ANOTHER_MAILBOX
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import Step
from exchange.case.strategy_discussion import MachineSaid, Meeting, SeatEvidence

AUTOMATIC_REPLY = "automatic_reply"  # of a machine's evidence: somebody is away
NOBODY = "no_mailbox"  # why a letter is held: the agency has no such mailbox


def invitation_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """The invitation moved; one that cannot arrive becomes a task, as any letter does."""
    discussion, invitee = case.discussion(event.about.partition("/")[0]), case.seat(event.about)
    if discussion and invitee:
        mail = delivery.TABLE[invitee.mail, event.news]
        case = case.with_discussion(discussion.with_invitee(replace(invitee, mail=mail)))
        if invitee.shut_out:
            return Step(case)
        if event.code == ANOTHER_MAILBOX and escalating.waited_for(case, event.about):
            return uninviting.asked_anew(case, discussion.id, invitee, event.at, rules, deputys=False)
    return telling.letter_news(case, event, rules)


def uninvited_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """What takes a meeting out of the calendar of who is shut out moved. Nobody rings them about it: what they hold
    is a task already."""
    return Step(case)


def chaser_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """A chaser moved; where that to the deputy cannot arrive, a person rings."""
    about = event.about.removesuffix("/deputy")
    if about == event.about:
        return telling.letter_news(case, event, rules)
    discussion, invitee = case.discussion(about.partition("/")[0]), case.seat(about)
    if discussion and invitee:
        mail = delivery.TABLE[invitee.deputy_mail, event.news]
        after = replace(invitee, deputy_mail=mail)
        case = case.with_discussion(discussion.with_invitee(after))
        if invitee.shut_out:
            return Step(case)
        if after.deputy_asked_at is None or discussion.state is Meeting.CANCELLED:
            if mail not in THERE or invitee.deputy_mail in THERE:
                return Step(case)
            turned = replace(after, turns=after.turns + 1)  # it left while it was taken back
            changed = case.with_discussion(discussion.with_invitee(turned))
            return Step(changed, replying.not_needed(discussion, turned))
    if event.news in LOST and escalating.waited_for(case, about):
        return Step(case, (_ring(about, event),))
    return Step(case, (CloseTask(f"no_deputy:{about}"),) if event.news in ARRIVED else ())


def papers_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """Papers moved. Whom to ring where no deputy can be written to, the letter that asks them says already."""
    if event.about.endswith("/deputy") and event.code.removeprefix("gate:") == NOBODY:
        return Step(case)
    return telling.letter_news(case, event, rules)


def machine_said(case: Case, event: SeatEvidence, rules: Rules) -> Step:
    """A machine answered an invitation: shown beside the seat, counted for nothing."""
    discussion = case.discussion(event.discussion)
    invitee = discussion.invitee(event.invitee) if discussion else None
    if discussion is None or invitee is None:
        return Step(case)
    heard = replace(invitee, machines=(*invitee.machines, MachineSaid(event.at, event.code, event.deputy)))
    after = case.with_discussion(discussion.with_invitee(heard))
    about = f"{discussion.id}/{invitee.id}"
    if event.code != AUTOMATIC_REPLY or not escalating.waited_for(case, about):
        return Step(after)
    if event.deputy:
        return Step(after, (_ring(about, event),))
    asked, effects = escalating.ask_deputy_of_seat(discussion, heard, event.at)
    return Step(case.with_discussion(discussion.with_invitee(asked)), effects)


def _ring(about: str, event: LetterNews | SeatEvidence) -> OpenTask:
    return OpenTask(f"no_deputy:{about}", TaskKind.NO_DEPUTY, about, event.at)
