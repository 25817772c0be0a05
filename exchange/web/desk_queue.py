"""The desk's queue: what nobody has looked at, what is to do and who owes what, and every open case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import labels, ringing, scripts, wording
from exchange.case.decision import (
    LABELS,
    Decision,
)
from exchange.case.effect import TaskKind
from exchange.case.escalation import DUTY
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.case.state import (
    Case,
    SubjectEpisode,
)
from exchange.covering import gaps, presence_of
from exchange.desk.people import AHEAD
from exchange.heard import with_servers
from exchange.holding_pen import WAITING
from exchange.outstanding import (
    HUB_OWNS,
    outstanding,
)
from exchange.policy import (
    Action,
    Viewer,
    require,
)
from exchange.store import (
    casebook,
    tasks,
)
from exchange.web.context import Site, shown, site_of
from exchange.web.leaves import Leaf, Leaves
from exchange.web.sign_in import menu, viewer_of
from exchange.web.worklist import Work, work

router = APIRouter()
TASKS = {
    "first_look": "Read it and rate it",
    "no_automatic_receipt": "Ring the sender: no automatic receipt went out",
    "tell_how": "Ring the sender and tell them how to refer: no letter can go to them",
    "telephone_agency": "Ring the agency: mail will not get through",
    "silent_agency": "Ring the agency: no answer in time",
    "manager": "Hub manager: an agency is silent",
    "lead_unreached": "Ring the agency’s safeguarding lead: no letter has reached them",
    "duty": "Ring the duty team: handed over only when a named person there accepts",
    "return_note": "Get the duty team’s note, and record it",
    "no_deputy": "Ring the agency’s lead: the team is away or silent, and no deputy can be reached by mail",
    "cannot_open": "Ring the agency: they cannot open the packet",
    "wrong_person": "Ring the agency: the packet reached the wrong person",
    "unclear_answer": "Read an answer that is unclear or unproved",
    "declined": "An agency declined: ask another, give more, or decide",
    "silent_invitee": "Ring an invitee who has not replied",
    "attendance_claimed": "A reply to an invitation that nothing proves, or to an earlier time: ask, then confirm it",
    "other_time": "An invitee proposes another time: move the discussion, or tell them that it stays",
    "no_quorum": "A discussion cannot reach its quorum: call somebody else, or another time",
    "not_held": "A discussion should have been held by now: hold it and record it, or cancel it",
    "full_discussion": "Hold the full discussion that must follow one without its quorum",
    "letter_failed": "A letter could not be sent: ring",
    "tell_referrer": "Tell the referrer what came of it: no letter reaches them",
    "decide": "Decide: the time is over",
    "disputed": "The referrer says the outcome does not answer the concern",
    "test_reply": "A reply to our test is not its words: read it, ring, and help them to open what we send",
    "key_reply": "A reply to our letter about a key: a file in it goes to whoever keeps the keys, who rings",
    "holding_pen": "A mail that belongs to no case we can tell",
    "shelved": "A mail that could not be read",
    "mail_away": "The shared mailbox cannot be read: mail may wait there. Look into it yourself, and tell IT",
    "not_fetched": "A mail in the shared mailbox could not be taken: read it there, and enter it by hand",
    "transcribe": "Type it in as a referral: nobody has been asked yet",
    "confirm": "Compare what was read from a form with the form, and confirm it",
    "password": "A file is locked, and nobody can read it: ring whoever sent it, and ask for the password",
    "owner_silent": "Ring the owner: no answer whether its words may leave the hub",
    "owner_refused": "An owner refuses: leave its part out, or override with reasons",
    "late_refusal": "Ring at once: an owner refuses what has already gone out",
    "agreement": "No information-sharing agreement in force: tell the board; share all the same",
    "no_route": "No rule says whom to ask about this person",
    "elsewhere": "Ring the other area: it is ours until a named person there has accepted it",
    "refusal": "An adult with capacity refuses: respect it, and ask back what agencies have about them (recall); or "
    "record on which ground not",
    "second_review": "Borderline: a second person must look before anybody decides",
    "follow_up": "Look again, as was decided",
    "milestone": "Past its time: has it been done?",
    "action": "Ring: an action is overdue",
    "hand_over": "Decided: hand over to the agency that is to act, or say done when it is the hub’s own",
    "decided_anew": "Ring: the agency has somebody under a decision that holds no more. Tell it what holds now",
    "not_taken_on": "Ring the agency: do they take it on? It is yours until they accept",
    "outcome_overdue": "Ring the agency: what came of it?",
    "ring_referrer": "Ring the referrer to tell them: read first when and how it is safe",
    "approve_feedback": "Somebody else must read what is written to the referrer",
    "review_feedback": "Look again: may the referrer be told now?",
    "challenged": "Somebody disagrees: reply",
    "protected": "An address that must be secret now was told to an agency: ring them",
    "conflict": "Conflict of interest at an agency: choose another recipient now",
    "unconfirmed_recall": "Ring the agency: it has not said that it deleted what was recalled",
    "holds_more": "Ring the agency: beside the packet that was asked back it has a product or a record about them. "
    "Say what is to become of it",
    "shut_out_holds": "An agency that must not see this has been written to: recall it",
    "another_recipient": "An agency must not be asked: choose another in its place",
    "keep_from": "Somebody may have to be kept from this, as the referrer says or as in an earlier case of the same "
    "people: settle whom; nobody is asked until then",
    "restricted_attempt": "Somebody who is shut out tried to see or change this case",
    "record": "The record of a discussion is late: write it, approve it, or tell who has not got it",
    "cannot_do": "An agency cannot do its action: choose another, or ring",
    "needs_longer": "An agency needs longer for its action: agree a new time, or ring",
    "in_error": "Ring the agency: its packet names somebody who should not be in this case",
    "employer": "Somebody in a position of trust: shut out the agency they work for, the referrer’s too; or say done",
    "stepped_down": "A mailbox is not reached as its list begins: renew its key, certificate, check or contact",
    "tls_fails": "Ring: their mail server does not offer the verified TLS that was agreed, and nothing goes there",
    "not_secure": "Ring: their mail servers do not prove verified TLS any more; then check the domain again",
    "other_servers": "Ring: their domain names mail servers that nobody here accepted, and nothing goes to those",
    "codes_fail": "No one-time code can be sent, so no letter can be fetched: ring with what waits, mend the gateway",
    "codes": "Ring: too many one-time codes were asked for; somebody cannot get in, or should not",
    "key_change": "Ring the number you had before: do they know that their key is to change? Say so in the directory",
    "mailbox_moves": "Ring the number you had before: do they know that their mailbox is to be reached otherwise?",
    "dispose": "The record has been kept as long as it may be: dispose of it, or hold it",
    "drill_failed": "Ring: nobody there has shown that they can open what we send",
    "key_ends": "A mailbox’s key ends soon: ask for a new one",
    "key_unusable": "Ring: a mailbox’s key cannot be used any more",
}
BY_THEMSELVES = frozenset(
    {"first_look", "decide", "no_route", "transcribe", "elsewhere", "refusal", "second_review", "milestone", "action"}
    | {"agreement", "owner_silent", "owner_refused", "declined", "keep_from", "dispose", "key_change"}
    | {"not_taken_on", "outcome_overdue", "ring_referrer", "approve_feedback", "review_feedback", "challenged"}
    | {"tell_referrer", "duty", "return_note", "record"}
    | {"no_quorum", "not_held", "full_discussion", "key_ends", "key_unusable"}
    | {
        "stepped_down",
        "tls_fails",
        "not_secure",
        "mail_away",
        "other_servers",
        "mailbox_moves",
        "codes_fail",
        "confirm",
    }
)  # done by doing it, never by saying so
PAGES = {
    "drill_failed": "/desk/drills",
    "key_change": "/desk/directory",
    "mailbox_moves": "/desk/directory",
    "key_ends": "/desk/directory",
    "key_unusable": "/desk/directory",
}
_OF_MAIL = frozenset({*WAITING, "password"})  # about a mail, by its number
_TELLING = frozenset({"tell_referrer", "ring_referrer", "tell_how"})


@router.get("/desk")
async def overview(request: Request) -> Response:
    """The queue: unread first, then what is to do and who owes what, the most urgent first."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, rules, now = site.hub, await site.rules(), site.hub.clock.now()
    owed = await outstanding(hub, viewer, now)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        unread = await casebook.listing(tx, unread=True)
        cases = {c.id: c for c in await casebook.listing(tx)}
        todo, presence = await tasks.pending(tx), await presence_of(hub, tx, rules)
        of_tasks = {t.case_id: cases.get(t.case_id) or await casebook.load(tx, t.case_id) for t in todo if t.case_id}
    leaf = Leaves(request)
    matters = work(owed, todo, of_tasks, rules, skip="first_look")
    lists: dict[str, Any] = {
        "unread": leaf("unread", unread, lambda c: _unread(c, rules, site)),
        "todo": await _shown(leaf("todo", matters, lambda w: {"of": w}), of_tasks, rules, presence, site, viewer),
        "cases": leaf("cases", list(cases.values()), lambda c: _case_row(c, rules, site)),
    }
    return await site.page(
        request,
        "desk/overview",
        title="Cases",
        navigation=menu(request),
        signed_in_as=viewer.id,
        few=bool(await gaps(hub, rules, AHEAD)),
        **lists,
    )


async def _shown(
    part: Leaf, cases: dict[str, Case], rules: Rules, presence: Presence, site: Site, viewer: Viewer
) -> Leaf:
    """The rows of one part of the work list, with what servers said: only for these is anything opened."""
    works: list[Work] = [row["of"] for row in part.rows]
    said = iter(await with_servers(site.hub, viewer, [w.owed for w in works if w.owed]))
    works = [replace(w, owed=next(said)) if w.owed else w for w in works]
    return replace(part, rows=tuple(matter(w, cases.get(w.case_id), rules, presence, site) for w in works))


def _unread(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    now = site.hub.clock.now()
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, now), "channel": case.channel,
        "due": shown(case.first_look_due, rules, now), "late": now >= case.first_look_due, "danger": case.danger,
        "securely": case.securely, "counts_as": rules.ratings[0].label,
    }  # fmt: skip


def matter(
    one: Work, case: Case | None, rules: Rules, presence: Presence, site: Site, caller: dict[str, str] | None = None
) -> dict[str, Any]:
    """A row of the work list; `caller` is whoever told us, for those who may see it."""
    now, owed = site.hub.clock.now(), one.owed
    tasks_ = [_task(t, case, rules, with_about=owed is None) for t in one.tasks]
    number, role = _number(one, case, presence)
    to_tell = any(t.kind in _TELLING for t in one.tasks)
    at = now.astimezone(rules.calendar.zone)
    of_team = role in ("", "the team")  # whose turn it is there says nothing of another's number
    there = next(filter(None, (ringing.whom(t, case, presence, at) for t in one.tasks if of_team)), "")
    whom = caller if caller and to_tell else {"name": "" if to_tell else there}
    return {
        **_owing(one, case, rules, now), "who": role, "tasks": tasks_, "sign": one.sign(now),
        "due": shown(one.due, rules, now),
        "rating": _rating_of(one, case, rules), "rank": wording.rank(one.rating, rules),
        "ring": _ring(one),
        "telephone": whom.get("telephone", "") if to_tell else number, "whom": whom.get("name", ""),
        "before": whom.get("safe_contact", ""), "instead": _instead(one, to_tell=to_tell),
        "reference": owed.reference if owed else case.reference if case else "",
        "page": next((page for t in one.tasks if (page := _page(t, case))), ""),
        "mail": next((t.about.partition(":")[0] for t in one.tasks if t.kind in WAITING), ""),
    }  # fmt: skip


def _number(one: Work, case: Case | None, presence: Presence) -> tuple[str, str]:
    """Whom the desk rings about it, and who answers there: both of one mailbox, the same as on the telephone page."""
    owed = one.owed
    if owed and owed.owner == HUB_OWNS:  # the desk need not ring itself
        return "", ""
    no_deputy = any(t.kind == TaskKind.NO_DEPUTY for t in one.tasks)
    if owed and owed.numbers and not no_deputy:
        return owed.telephone, owed.who
    asked = ((task, ringing.mailbox(task, case, presence)) for task in one.tasks)
    task, found = next(((t, m) for t, m in asked if m), (None, None))
    if task and found:
        return ringing.number(task, found), scripts.ROLES[found.role] if owed else ""
    return (owed.telephone, owed.who) if owed else ("", "")


def _page(task: tasks.Task, case: Case | None) -> str:
    """Where it is done, when that is on a page of its own."""
    if task.kind == TaskKind.PASSWORD:
        return f"/desk/mail/{task.about}"
    if task.kind == TaskKind.CONFIRM and case:
        return f"/desk/case/{case.reference}/compare"
    return PAGES.get(task.kind, "")


def _instead(one: Work, *, to_tell: bool) -> str:
    """Where a number is to be found that the directory does not know."""
    if any(t.kind == TaskKind.PASSWORD for t in one.tasks):
        return "In their mail, if you know no other"
    return "On the page of the case" if to_tell else ""


def _rating_of(one: Work, case: Case | None, rules: Rules) -> str:
    if one.of_nobody:
        return ""
    if not one.rating:
        return "Not rated"
    seems = " (first look)" if case and not case.subjects else ""
    return rules.rating(one.rating).label + seems


_RUNG_UP = frozenset(  # tasks that end on the telephone with an agency
    {
        "telephone_agency",
        "silent_agency",
        "silent_invitee",
        "manager",
        "lead_unreached",
        "cannot_open",
        "wrong_person",
    }
    | {"no_deputy"}
)


def _ring(one: Work) -> str:
    """What the telephone page of this matter is about; "" where nobody is to be rung."""
    if any(t.kind in ("duty", "return_note") for t in one.tasks) or (one.owed and one.owed.what in _OF_DUTY):
        return DUTY
    about = next((t.about for t in one.tasks if t.kind in _RUNG_UP), "")
    late = one.owed if one.owed and one.owed.numbers and one.owed.overdue else None
    return about or (late.about if late else "")


_OF_DUTY = ("duty", "return_note")


def _owing(one: Work, case: Case | None, rules: Rules, now: datetime) -> dict[str, str]:
    """Who owes what; and what happens next, where the desk need do nothing yet."""
    owed = one.owed
    if owed is None:
        return {"owner": "", "what": "", "next": "", "left": "", "mail_said": "", "then": ""}
    of_hub, at = owed.owner == HUB_OWNS, f" ({shown(owed.next_at, rules, now)})" if owed.next_at else ""
    owner = (wording.about(owed.about, case, rules) or "The hub") if of_hub else owed.owner
    what = labels.OWED_BY_HUB.get(owed.what, wording.say(owed.what)) if of_hub else wording.owes(owed.what)
    what += wording.about_whom(owed.about, case)
    sent = f"Sent {shown(owed.sent_at, rules, now)}" if owed.sent_at else ""
    told = not one.tasks and owed.next_step not in owed.then
    return {
        "owner": owner, "what": what, "next": owed.next_step + at if told else "", "left": owed.left,
        "mail_said": "; ".join(filter(None, (sent, owed.server))),
        "then": owed.then + at if owed.then and owed.next_at else "",
    }  # fmt: skip


def _task(task: tasks.Task, case: Case | None, rules: Rules, *, with_about: bool) -> dict[str, Any]:
    named = task.about.partition(":")[2] if task.kind in WAITING else task.about
    named = "" if task.kind == TaskKind.PASSWORD else named  # it is about a mail, by its number
    about = wording.about(named, case, rules) if with_about and named else ""
    about += wording.about_whom(task.about, case) if about else ""
    what = TASKS.get(task.kind, task.kind)
    what += scripts.lead_told(case, task.about) if case and task.kind == "manager" else ""
    return {
        "key": task.key, "what": what,
        "settled_by_hand": task.kind not in BY_THEMSELVES and (case is None or ringing.rung(task, case)),
        "about": "; ".join(filter(None, (about, wording.suggests(task, case, rules)))), "times": task.pressed,
    }  # fmt: skip


def _case_row(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    seems = f"{rules.rating(case.provisional).label} (first look), not typed in yet" if case.provisional else ""
    ratings = ", ".join(f"{_rating(s, rules)}{decision_of(s)}" for s in case.subjects) or seems
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, site.hub.clock.now()),
        "sort": case.received_at.isoformat(), "ratings": ratings or "not yet transcribed",
    }  # fmt: skip


def _rating(subject: SubjectEpisode, rules: Rules) -> str:
    return wording.rated(subject, rules)


def decision_of(subject: SubjectEpisode) -> str:
    """What was decided, as it is said after the rating."""
    return f", decided: {LABELS[Decision(subject.decision)]}" if subject.decision else ""
