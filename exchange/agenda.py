"""The agenda: the sessions that recur, with the cases on each by reference, who is called and who comes.

Derived from the cases as they stand, never stored. No name is on it: a session's room is full of screens.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchange import guarding
from exchange.case import session as recurring
from exchange.case.rules import Rules
from exchange.case.session import Session
from exchange.case.state import Case
from exchange.case.strategy_discussion import Meeting, StrategyDiscussion, missing
from exchange.discussion_wording import MODES, SAID
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.store import casebook
from exchange.wording import agency_name


async def agenda(hub: Hub, viewer: Viewer) -> list[dict[str, Any]]:
    """Each session that is to come, soonest first: the next one even while nothing is on its agenda."""
    require(viewer, Action.SEE_STATUS)
    now = hub.clock.now()
    _, rules = await hub.rules()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        cases = await casebook.listing(tx)
        quorums = {case.id: await casebook.rules_of(tx, case) for case in cases if case.discussions}
    await guarding.read_by(hub, viewer, cases)
    found = [row for s in rules.sessions for row in _of_session(s, cases, quorums, rules, now)]
    return sorted(found, key=lambda row: (row["starts_at"], row["session"]))


def _of_session(
    session: Session, cases: tuple[Case, ...], kept: dict[str, Rules], rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    on_it = [
        (case, d) for case in cases for d in case.discussions
        if d.session == session.id and (d.state is Meeting.CALLED or _is_today(d, rules, now))
    ]  # fmt: skip
    following = recurring.starts(session, now, rules.calendar)
    times = {d.starts_at for _, d in on_it} | ({following} if following else set())
    return [
        {
            "session": session.id, "label": session.label, "starts_at": starts_at,
            "agenda_closes_at": starts_at - session.cut_off, "closed": now >= starts_at - session.cut_off,
            "location": session.location, "telephone": session.telephone,
            "roster": [agency_name(agency, rules) for agency in session.roster],
            "cases": [_case(c, d, kept[c.id]) for c, d in on_it if d.starts_at == starts_at],
        }
        for starts_at in sorted(times)
    ]  # fmt: skip


def _is_today(d: StrategyDiscussion, rules: Rules, now: datetime) -> bool:
    zone = rules.calendar.zone
    return d.state is Meeting.HELD and d.starts_at.astimezone(zone).date() == now.astimezone(zone).date()


def _case(case: Case, d: StrategyDiscussion, rules: Rules) -> dict[str, Any]:
    return {
        "reference": case.reference, "discussion": d.id, "state": d.state.value,
        "attendance": {
            agency_name(i.agency, rules): _mode(d, i.attended, i.mode) or SAID[i.attendance] for i in d.invitees
        },
        "quorum_missing": list(missing(d, rules.discussion(d.kind).quorum)),
    }  # fmt: skip


def _mode(d: StrategyDiscussion, attended: bool, mode: Any) -> str:
    if d.state is not Meeting.HELD:
        return ""
    return f"there {MODES[mode] if mode else ''}".strip() if attended else "not there"
