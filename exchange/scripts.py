"""Scripts: whom to telephone when mail does not help, by which number, and what to say.

1. A script names nobody: who rings has the page of the case beside it, and says a name only to a person they have
   checked.
2. An answering machine is told the hub, the reference and a number, and nothing else.
3. The numbers are those of the directory as it is now: one that somebody gives us on the telephone proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange.case import escalating
from exchange.case.delivery import ARRIVED, LOST
from exchange.case.duty import Handing
from exchange.case.escalation import DUTY, Rung
from exchange.case.handing import duty_of
from exchange.case.mailbox import MailboxRole
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.urgency import urgent
from exchange.wording import agency_name

ROLES = {MailboxRole.TEAM: "the team", MailboxRole.DEPUTY: "the deputy", MailboxRole.LEAD: "the lead"}


@dataclass(frozen=True, slots=True)
class Number:
    """One number, and who answers it."""

    who: str  # "the team" | "the deputy" | "the lead" | "the duty team" | "the hub"
    telephone: str


@dataclass(frozen=True, slots=True)
class Script:
    """What to do on the telephone, in words, in this order."""

    whom: str  # the agency, or the duty team
    numbers: tuple[Number, ...]  # whom to ring first is first
    check: tuple[str, ...]
    say: tuple[str, ...]
    ask: tuple[str, ...]
    machine: tuple[str, ...]
    otherwise: tuple[str, ...]  # when nobody is reached


def numbers(agency: str, case: Case, presence: Presence, reached: tuple[Rung, ...] = ()) -> tuple[Number, ...]:
    """An agency's numbers: first those of whom silence has reached last, each once, and last where everybody is away;
    never that of a mailbox whose reader must not see the case, nor any of an agency that is shut out."""
    if case.shuts_out(agency):
        return ()
    first = {Rung.DEPUTY: MailboxRole.DEPUTY}.get(reached[-1], MailboxRole.LEAD) if reached else MailboxRole.TEAM
    order, avoided = list(MailboxRole), presence.avoided(case.spocs_shut_out)
    able = (m for m in presence.directory.of(agency) if m.id not in avoided)
    found: dict[str, str] = {}
    for mailbox in sorted(able, key=lambda m: (presence.away(m), m.role is not first, order.index(m.role))):
        found.setdefault(mailbox.telephone, ROLES[mailbox.role])
    return tuple(Number(who, telephone) for telephone, who in found.items())


def agency_about(case: Case, about: str) -> str:
    """The agency of a leg or a seat; "" when there is no such."""
    leg, invitee = case.leg(about), case.seat(about)
    return leg.agency if leg else invitee.agency if invitee else ""


def numbers_about(case: Case, about: str, presence: Presence) -> tuple[Number, ...]:
    """Whom to ring about a leg or a seat."""
    leg, invitee = case.leg(about), case.seat(about)
    if leg:
        reached = escalating.climbed(leg.rungs, escalating.since(leg))
        if not reached and leg.failed and leg.arrived:  # the deputy alone has it
            reached = (Rung.DEPUTY,)
        return numbers(leg.agency, case, presence, reached)
    return numbers(invitee.agency, case, presence, tuple(r.rung for r in invitee.rungs)) if invitee else ()


def has_lead(case: Case, about: str, presence: Presence) -> bool:
    """Whether the agency of a leg or a seat has a safeguarding lead who may see the case."""
    avoided = presence.avoided(case.spocs_shut_out)
    leads = presence.directory.standing_by(agency_about(case, about), MailboxRole.LEAD)
    return any(m.id not in avoided for m in leads)


def lead_told(case: Case, about: str, presence: Presence) -> str:
    """For the end of a line about a silence: what became of the letter to the agency's lead; "" where none is due."""
    leg, seat = case.leg(about), case.seat(about)
    rungs = leg.rungs if leg else seat.rungs if seat else ()
    news = next((r.news for r in reversed(rungs) if r.rung is Rung.LEAD), None)
    if news is None:
        return ""
    arrived = leg.arrived if leg else seat is not None and seat.arrived
    if news in ARRIVED:
        return ", its lead has been written to"
    if not has_lead(case, about, presence):
        return ", it has no lead"
    lost = news in LOST or not arrived
    return ", no letter has reached its lead" if lost else ", the letter to its lead has not gone yet"


def script(case: Case, about: str, rules: Rules, presence: Presence, now: datetime) -> Script | None:
    """What to say about a leg, a seat or the duty team; None when there is no such in the
    case, or nobody of it may be rung."""
    if about == DUTY:
        return _duty(case, rules)
    agency = agency_about(case, about)
    if not agency or case.shuts_out(agency):
        return None
    hub = rules.telephone if rules.calendar.is_open(now) else rules.duty_telephone
    name, leg = agency_name(agency, rules), case.leg(about)
    subjects = leg.subjects if leg else ()
    red = urgent(case, subjects or tuple(s.id for s in case.subjects), rules)
    return Script(
        whom=name,
        numbers=numbers_about(case, about, presence),
        check=(*_CHECK[:2], _check(case, about)),
        say=(
            f"“This is the duty desk of {rules.name}. I am ringing about our reference {case.reference}.”",
            _why(case, about),
            *(("“It is urgent: we need a person who can act on it now.”",) if red else ()),
        ),
        ask=_ask(case, about),
        machine=(
            f"Say only: “This is {rules.name}, reference {case.reference}. Please ring {hub}.” Then try the next.",
            _NEVER,
        ),
        otherwise=(
            "Record that nobody was reached: this comes back soon.",
            "Ring the other numbers above, the deputy and then the lead.",
            *((_DANGER,) if red else ()),
        ),
    )


_CHECK = (
    "Ring a number on this page, never one that somebody gives you.",
    "Ask for the person by their work: whoever is on the agency’s safeguarding desk. Ask for name and role.",
    "Ask them to read the reference back from the message they have. If they cannot find it, ring back through the "
    "agency’s switchboard before you say anything about anybody.",
)
_NOTHING_THERE = (
    "They have no message to read from. Unless you know whom you speak to, ring back through the agency’s "
    "switchboard before you say anything about anybody."
)
_NEVER = (
    "Never leave a name, an address, an age, or why you ring: not on a machine, not with whoever happens to answer, "
    "not in a text message."
)
_DANGER = (
    "If somebody is in danger now, ring the police on 999 and tell a manager of the hub: do not wait for this agency."
)


def _check(case: Case, about: str) -> str:
    """How whoever answers shows that they are the agency: by what only it has, where it has that."""
    leg = case.leg(about)
    if leg and leg.failed and leg.arrived:
        return (
            "The team has no message to read from; its deputy has. Ask the deputy to read the reference back, or "
            "ring back through the agency’s switchboard before you say anything about anybody."
        )
    there = leg.arrived if leg else case.seat(about) is not None
    return _CHECK[2] if there else _NOTHING_THERE


def _why(case: Case, about: str) -> str:
    leg = case.leg(about)
    if leg is None:
        seat = case.seat(about)
        if seat and seat.arrived:
            return "“We have invited your agency to a strategy discussion and have no reply.”"
        return "“We are calling a strategy discussion, and our invitation to your agency did not get through.”"
    if leg.failed and leg.arrived:
        return (
            "“Our encrypted message did not get through to your team. Your deputy has been sent it. It cannot wait.”"
        )
    if leg.lost:
        return "“We could not deliver an encrypted message to your team. It cannot wait for the mail.”"
    if leg.acknowledged_at:
        return "“Your team has our encrypted message, and we need its answer now.”"
    if not leg.arrived:
        return "“An encrypted message for your team has not gone through yet. It cannot wait for the mail.”"
    return "“We sent your team an encrypted message, and nobody has told us that they have it.”"


def _ask(case: Case, about: str) -> tuple[str, ...]:
    leg = case.leg(about)
    if leg is None:
        return (
            "“Will you come? If not you, who comes for your agency?”",
            "“If nobody can: what do you want the others to know? Send it encrypted, by the time it starts.”",
        )
    if not leg.arrived:
        return (
            "“Which mailbox of yours works now, and does it have your key?” What changed goes into the hub file.",
            "“Who at your agency takes this on until the mail works?” Write down name, role and time.",
            "What it says may be told to the person you have checked; record that you did.",
        )
    have = () if leg.acknowledged_at else ("“Do you have it, and can you open it?”",)
    return (
        *have,
        "“Who has it in hand?” Write down name and role: that, and nothing less, is an acknowledgement.",
        "“What do you know, and when will we have the rest?” NOT KNOWN counts when they say which systems they "
        "searched, on what, and when.",
    )


def _duty(case: Case, rules: Rules) -> Script | None:
    newest = duty_of(case)
    if newest is None:
        return None
    back = newest.state is Handing.ACCEPTED
    say = (
        f"“This is {rules.name}. I am ringing about our reference {case.reference}.”",
        "“You have had it in hand since we handed it over. I need your note.”"
        if back
        else "“It is urgent and undecided, and our office is closed. I am asking you to take it on.”",
    )
    ask = (
        (
            "“What have you done, who has seen them, where are they now, and what is left to do?”",
            "“Who else did you tell?”",
        )
        if back
        else (
            "“Who am I speaking to, and do you accept it?” It is handed over only when a named person says yes: a "
            "mail, or words on a machine, hand nothing over.",
            "“What will you do first, and when?”",
            f"“Send your note to us before we open, or ring {rules.telephone} then.”",
        )
    )
    return Script(
        whom="The emergency duty team",
        numbers=(Number("the duty team", rules.duty_telephone),),
        check=(*_CHECK[:1], "Ask for name and role, and read the reference out; they read it back."),
        say=(*say, "Then tell them what they must know, from the page of the case."),
        ask=ask,
        machine=(
            f"Say only: “This is {rules.name}, reference {case.reference}. Please ring back at once”, and the number "
            "you are at.",
            _NEVER,
        ),
        otherwise=(
            "It stays ours: whoever is at this desk has it in hand until somebody there accepts.",
            "Ring again; this comes back day and night until a named person has accepted.",
            "If the duty team cannot be reached, advise the police: 999 if somebody is in danger now, or 101.",
        ),
    )
