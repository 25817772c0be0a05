"""The story of a case as the journey knows it: who was asked, which server said what, who answered, what is owed."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any

from exchange import content, guarding
from exchange.blockers import lacking, today
from exchange.case.state import Case
from exchange.case.strategy_discussion import missing
from exchange.hub import Hub
from exchange.outstanding import Owed, of_case
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, outbox, tasks


async def story(hub: Hub, viewer: Viewer, reference: str) -> dict[str, Any]:
    """Everything but names and words. Raises NoSuchCase or Forbidden."""
    require(viewer, Action.SEE_STATUS)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        await guarding.read_by(hub, viewer, (case,))
        rules = await casebook.rules_of(tx, case)
        directory = await hub.directory(tx)
        servers = {event: json.loads(plain) for event, _, plain in await hub.opened(tx, case.id, content.SERVER)}
        return {
            "case": dataclasses.asdict(case),
            "quorum_missing": {d.id: missing(d, rules.strategy.quorum) for d in case.discussions},
            "agreements_lacking": lacking(directory, _told(case), today(rules, hub.clock.now())),
            "outstanding": [owed_row(o) for o in await of_case(tx, case, directory, hub.clock.now())],
            "tasks": [dataclasses.asdict(t) for t in await tasks.pending(tx, case.id)],
            "letters": [_letter_row(r) for r in await outbox.of_case(tx, case.id)],
            "timeline": [_line(e, servers.get(e.id)) for e in await casebook.timeline(tx, case.id)],
        }


def _told(case: Case) -> list[str]:
    """The agencies that were told of somebody."""
    return [*(leg.agency for leg in case.legs), *(x.recipient for x in case.disclosures)]


def owed_row(owed: Owed) -> dict[str, Any]:
    """One thing owed, for a program or a line of text."""
    row = dataclasses.asdict(owed)
    row.pop("case_id")
    return {**row, "late": "LATE" if owed.overdue else "in time"}


def _letter_row(row: outbox.Row) -> dict[str, Any]:
    names = ("id", "letter", "about", "state", "attempts", "form", "fingerprint", "message_id", "sent_at")
    return {name: getattr(row, name) for name in names}


def _line(stored: casebook.StoredEvent, server: Any) -> dict[str, Any]:
    line = {"seq": stored.seq, "at": stored.at, "kind": type(stored.event).__name__}
    line |= {k: v for k, v in dataclasses.asdict(stored.event).items() if k != "at"}
    return line | ({"server": server} if server else {})


def as_text(told: dict[str, Any]) -> str:
    """The story for a person at a terminal."""
    case = told["case"]
    lines = [f"{case['reference']}  received {_time(case['received_at'])} by {case['channel']}"]
    lines += [f"  {s['codes']['id']}: {_subject(s)}" for s in case["subjects"]]
    for leg in case["legs"]:
        said = f"in hand: {leg['acknowledgement']}; answer: {_answer(leg)}{_check(leg)}"
        lines.append(f"  {leg['id']} {leg['agency']}: mail: {_MAIL.get(leg['delivery'], leg['delivery'])}; {said}")
    for d in case["discussions"]:
        lines.append(f"  {d['id']} at {_time(d['starts_at'])}: {d['state']}")
        lines += [f"    {i['agency']} ({i['function']}): {i['attendance']}" for i in d["invitees"]]
    for p in case["products"]:
        lines += [f"  {p['id']} {v['id']}: {v['stage']}, for {', '.join(v['recipients'])}" for v in p["versions"]]
        lines += [f"    {w['id']} of {w['agency']}: {w['word']}" for w in p["passages"]]
    for x in case["disclosures"]:
        what = f"{x['product']} {x['version']} about {', '.join(x['subjects'])} from {', '.join(x['sources']) or '-'}"
        basis = f"{x['basis']}; {x['condition']}; {x['purpose']}"
        lines.append(
            f"  {x['id']} to {x['recipient']}, {_time(x['at'])} by {x['by']}: {what}; {basis}; {x['delivery']}"
        )
    lines += [f"  not shared: {n['what']} with {n['recipient'] or 'anybody'}, by {n['by']}" for n in case["withheld"]]
    lines += [f"  no agreement in force: {a}: {why}" for a, why in told["agreements_lacking"].items()]
    lines.append("outstanding:" if told["outstanding"] else "nothing outstanding")
    lines += [
        f"  {o['owner']}: {o['what']} due {_time(o['due'])} {o['late']}; next: {o['next_step']} {o['telephone']}"
        for o in told["outstanding"]
    ]
    lines.append("timeline:")
    lines += [f"  {e['seq']:>3} {_time(e['at'])} {e['kind']} {_details(e)}" for e in told["timeline"]]
    return "\n".join(lines)


_MAIL = {"accepted": "taken by their server", "kept": "about to go", "to_seal": "being sealed"}


def _answer(leg: dict[str, Any]) -> str:
    unqualified = leg["response"] == "nothing_known" and leg["nil_missing"]
    return f"{leg['response']} (unqualified: no {', '.join(leg['nil_missing'])})" if unqualified else leg["response"]


def _check(leg: dict[str, Any]) -> str:
    """What a decline or a recall has come to, in codes."""
    told = [f"{name}: {leg[name]}" for name in ("decline", "recall") if leg[name] != "none"]
    told += [f"suggests: {leg['suggested']}"] if leg["suggested"] else []
    told += [f"asked instead: {', '.join(leg['rerouted_to'])}"] if leg["rerouted_to"] else []
    return "".join(f"; {each}" for each in told)


def _subject(subject: dict[str, Any]) -> str:
    seems = f"{subject['provisional']} (provisional)" if subject["provisional"] else "not rated"
    rating = subject["ratings"][-1]["code"] if subject["ratings"] else seems
    decision = subject["decisions"][-1]["code"] if subject["decisions"] else "not decided"
    return f"{rating}, {decision}"


def _details(line: dict[str, Any]) -> str:
    shown = (
        "by",
        "leg",
        "letter",
        "about",
        "news",
        "code",
        "answer",
        "proof",
        "rating",
        "decision",
        "clock",
        "why",
        "product",
        "version",
        "passage",
        "agrees",
        "what",
        "recipient",
        "suggested",
        "instead_of",
    )
    told = [f"{k}={line[k]}" for k in shown if line.get(k) not in (None, "")]
    if line.get("server"):
        told.append(f"server: {line['server'].get('host', '')} {line['server'].get('reply', '')}")
    return " ".join(told)


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
