"""Discussions as the desk's case page shows them: each seat with what it said, the quorum live, and who was rung."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange import content, mail_words, wording
from exchange.case.acknowledgement import Proof
from exchange.case.convening import full_called
from exchange.case.event import InviteeReplied
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.strategy_discussion import (
    Attendance,
    Invitee,
    Meeting,
    Mode,
    Reply,
    StrategyDiscussion,
    Weight,
    missing,
    out_of_reach,
)
from exchange.discussion_wording import MODES, SAID, claim, functions, label, machine, reply_notes
from exchange.labels import PROOFS
from exchange.store.casebook import StoredEvent

Bodies = list[tuple[str, str, bytes]]  # (event id, name, content), oldest first
When = Callable[[datetime | None], str]
_STANDS_IN = {Attendance.DEPUTY: content.DEPUTY, Attendance.DELEGATED: content.DELEGATE}  # whose word holds
_LONGEST = 600  # characters of their words in the table of seats
_STATES = {Meeting.CALLED: "called", Meeting.HELD: "held", Meeting.CANCELLED: "cancelled"}


@dataclass(frozen=True, slots=True)
class _Heard:
    """What stood in the replies to invitations, for who may read it."""

    said: dict[str, bytes]  # the newest content of each name
    events: tuple[StoredEvent, ...]
    bodies: Bodies

    def of(self, about: str, reply: Reply) -> tuple[InviteeReplied | None, dict[str, bytes]]:
        """The event by which a reply of this seat came, and what was said with it."""
        same = (reply.at, reply.attendance, reply.stamp)
        for one in self.events:
            e = one.event
            mine = isinstance(e, InviteeReplied) and f"{e.discussion}/{e.invitee}" == about
            if isinstance(e, InviteeReplied) and mine and (e.at, e.attendance, e.stamp) == same:
                return e, {name: plain for of, name, plain in self.bodies if of == one.id}
        return None, {}


def view(
    case: Case, rules: Rules, events: Iterable[StoredEvent], bodies: Bodies, when: When
) -> list[dict[str, Any]]:  # fmt: skip
    """Every discussion of the case; `bodies` is empty for who may not see content."""
    heard = _Heard({name: plain for _, name, plain in bodies}, tuple(events), bodies)
    return [
        {**_discussion(d, rules, heard, when), "full": _full(d, case, when)} for d in case.discussions
    ]  # fmt: skip


def _full(d: StrategyDiscussion, case: Case, when: When) -> str:
    """Where the full discussion stands that must follow it; "" when none must."""
    if not d.full_owed or d.full_due is None:
        return ""
    full, due = full_called(case, d), when(d.full_due)
    if full is None:
        return f"A full discussion must be held by {due}, and none is called: call it now."
    return f"A full discussion must be held by {due}. It is called for {when(full.starts_at)}: see below."


def _discussion(d: StrategyDiscussion, rules: Rules, heard: _Heard, when: When) -> dict[str, Any]:
    quorum = rules.discussion(d.kind).quorum
    lacks, lost = missing(d, quorum), out_of_reach(d, quorum)
    late = d.deadline is not None and d.starts_at > d.deadline
    return {
        "id": d.id, "open": d.state is Meeting.CALLED,
        "held": d.state is Meeting.HELD and not d.by_telephone,
        "title": f"{label(d.kind, rules)}, {when(d.began_at or d.starts_at)}: {_STATES[d.state]}{_how(d, rules)}",
        "deadline": when(d.deadline) if d.deadline and d.state is Meeting.CALLED else "", "late": late,
        "placeless": d.placeless and d.state is Meeting.CALLED,
        "seats": [_seat(d, i, rules, heard, when) for i in d.invitees],
        "quorum": _quorum(d, lacks), "lost": functions(lost) if lost and d.state is Meeting.CALLED else "",
        "rang": _rang(d, rules, heard.said, when),
    }  # fmt: skip


def _how(d: StrategyDiscussion, rules: Rules) -> str:
    session = rules.session(d.session)
    told = [session.label if session else d.session] if d.session else []
    told += ["an emergency by telephone" if d.emergency else "by telephone"] if d.by_telephone else []
    told += ["the time has changed"] if d.time_since and d.state is Meeting.CALLED else []
    return f" ({'; '.join(told)})" if told else ""


def _quorum(d: StrategyDiscussion, lacks: tuple[str, ...]) -> str:
    if d.state is Meeting.CANCELLED:
        return ""
    if d.state is Meeting.HELD:
        return f"Held without its quorum: {functions(lacks)}" if lacks else "Held with its quorum."
    return f"Not quorate yet: {functions(lacks)}" if lacks else "Quorate."


def _seat(d: StrategyDiscussion, i: Invitee, rules: Rules, heard: _Heard, when: When) -> dict[str, Any]:
    about = f"{d.id}/{i.id}"
    proposed = f", {when(i.proposed)}" if i.proposed else ""
    return {
        "id": i.id, "agency": i.agency, "name": wording.agency_name(i.agency, rules),
        "function": wording.say(i.function), "said": _said(d, i) + ("" if i.claimed else proposed),
        "claimed": i.claimed.value if i.claimed else "", "claims": SAID[i.claimed] + proposed if i.claimed else "",
        "claim": claim(i), "claimed_by": _claimed_by(about, i, heard),
        "deputy": heard.said.get(f"{_STANDS_IN[i.attendance]}{about}", b"").decode()
        if i.attendance in _STANDS_IN else "",
        "history": [_reply(about, r, heard, when) for r in i.history],
        "machines": [f"{when(m.at)}: {machine(m.code)}{' of the deputy' if m.deputy else ''}" for m in i.machines],
        "mail": "" if i.arrived or d.state is not Meeting.CALLED or d.by_telephone else wording.mail(i.mail),
        "asked": _deputy(i, when) if d.state is Meeting.CALLED else "",
    }  # fmt: skip


def _deputy(i: Invitee, when: When) -> str:
    """What became of asking their deputy, and that they cannot come where they have said so."""
    if not i.deputy_asked_at:
        return ""
    told = mail_words.deputy(when(i.deputy_asked_at), i.deputy_mail, named=i.attendance in _STANDS_IN)
    said = i.word(deputy=True)
    return f"{told}. The deputy says: cannot come" if said and said.attendance is Attendance.DECLINED else told


def _said(d: StrategyDiscussion, i: Invitee) -> str:
    if i.shut_out and d.state is Meeting.CALLED:
        return "must not see this case: not asked"
    if d.state is not Meeting.HELD:
        return SAID[i.attendance]
    if i.attended:
        return f"there {MODES[i.mode] if i.mode else ''}{', by deputy' if i.by_deputy else ''}".strip()
    before = "had not answered" if i.attendance is Attendance.AWAITED else f"had said: {SAID[i.attendance]}"
    return "in writing" if i.mode is Mode.WRITTEN else f"not there ({before})"


def _claimed_by(about: str, i: Invitee, heard: _Heard) -> dict[str, str]:
    """Who sent the reply that must be confirmed, and what they wrote."""
    newest = next((r for r in reversed(i.history) if r.weight is Weight.CLAIMED), None) if i.claimed else None
    event, mine = heard.of(about, newest) if newest else (None, {})
    return _sent(event, mine) if event else {}


def _reply(about: str, r: Reply, heard: _Heard, when: When) -> dict[str, str]:
    """One reply with who sent it, what they wrote and the other time they would come."""
    more, (event, mine) = reply_notes(r), heard.of(about, r)
    proposed = f", {when(event.proposed)}" if event and event.proposed else ""
    told = f"{when(r.at)} by {r.channel}: {SAID[r.attendance]}{proposed}" + (f" ({more})" if more else "")
    return {"told": told, **(_sent(event, mine) if event else {})}


def _sent(event: InviteeReplied, mine: dict[str, bytes]) -> dict[str, str]:
    """From whom as it is written there, how far that is proved, and their words; "" of what may not be read."""
    mail, who = (json.loads(mine.get(name, b"{}")) for name in (content.MAIL, content.WHO))
    sender = mail.get("from", "") or f"{who.get('name', '')} {who.get('telephone', '')}".strip()
    words = mine.get(content.said(event.contribution), b"").decode().strip()
    words = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}… (whole under All that happened)"
    return {"sender": sender and f"{sender} ({_proved(event.proof)})", "words": words}


def _proved(proof: Proof) -> str:
    if proof is Proof.STAFF:
        return "taken by staff"
    return "nothing proves who wrote it" if proof <= Proof.PAGE else f"proved by {PROOFS[proof]}"


def _rang(d: StrategyDiscussion, rules: Rules, said: dict[str, bytes], when: When) -> list[list[str]]:
    """Whom, when, and whether they were reached; whom they asked for, for who may read it."""
    whom = json.loads(said.get(f"{content.RANG}{d.id}", b"[]")) or [{}] * len(d.rang)
    return [
        [wording.agency_name(r.agency, rules), when(r.at), "reached" if r.reached else "not reached",
         f"{asked.get('who', '')} {asked.get('number', '')}".strip()]
        for r, asked in zip(d.rang, whom, strict=False)
    ]  # fmt: skip


def choices(case: Case, rules: Rules, sessions: dict[str, str]) -> dict[str, dict[str, str]]:
    """What the forms offer."""
    called = [d for d in case.discussions if d.state is Meeting.CALLED]
    return {
        "kinds": {"": rules.strategy.label, **{v.kind: v.label for v in rules.strategy.variants}},
        "sessions": sessions,
        "modes": {m.value: text.capitalize() for m, text in MODES.items()},
        "seats": {f"{d.id}/{i.id}": wording.agency_name(i.agency, rules) for d in called for i in d.invitees},
        "attendances": {a.value: SAID[a].capitalize() for a in Attendance if a is not Attendance.AWAITED},
    }
