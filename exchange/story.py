"""The story of a case as the journey knows it: who was asked, which server said what, who answered, what is owed."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from exchange import (
    chronicle,
    content,
    guarding,
    wording,
)
from exchange.blockers import (
    lacking,
    today,
)
from exchange.case.state import Case
from exchange.case.strategy_discussion import missing
from exchange.heard import heard
from exchange.hub import Hub
from exchange.outstanding import of_case
from exchange.owed import Owed
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
        events = await casebook.timeline(tx, case.id)
        owed = await of_case(tx, case, directory, hub.clock.now())
        return {
            "case": dataclasses.asdict(case),
            "quorum_missing": {d.id: missing(d, rules.strategy.quorum) for d in case.discussions},
            "agreements_lacking": lacking(directory, _informed(case), today(rules, hub.clock.now())),
            "outstanding": [owed_row(o) for o in await heard(hub, tx, owed)],
            "tasks": [dataclasses.asdict(t) for t in await tasks.pending(tx, case.id)],
            "letters": [_letter_row(r) for r in await outbox.of_case(tx, case.id)],
            "timeline": [_line(e, servers.get(e.id)) for e in events],
            "chronicle": [_told(line, servers.get(line.newest.id)) for line in chronicle.lines(events, case, rules)],
            "timezone": rules.calendar.timezone,
            "agencies": {a.id: a.name for a in rules.agencies},
        }


def _informed(case: Case) -> list[str]:
    """The agencies that were told of somebody."""
    return [*(leg.agency for leg in case.legs), *(x.recipient for x in case.disclosures)]


def owed_row(owed: Owed) -> dict[str, Any]:
    """One thing owed, for a program or a line of text."""
    row = dataclasses.asdict(owed)
    row.pop("case_id")
    return {**row, "late": "LATE" if owed.overdue else "in time"}


def _letter_row(row: outbox.Row) -> dict[str, Any]:
    names = [
        "id",
        "key",
        "letter",
        "about",
        "state",
        "attempts",
        "mailbox",
        "form",
        "fingerprint",
        "message_id",
        "sent_at",
    ]
    return {name: getattr(row, name) for name in (*names, "sent_at")}


def _line(stored: casebook.StoredEvent, server: Any) -> dict[str, Any]:
    line = {"seq": stored.seq, "at": stored.at, "kind": type(stored.event).__name__}
    line |= {k: v for k, v in dataclasses.asdict(stored.event).items() if k != "at"}
    return line | ({"server": server} if server else {})


def _told(line: chronicle.Line, server: Any) -> dict[str, Any]:
    """One line of the chronicle."""
    told = {"seq": line.newest.seq, "at": line.newest.at, "words": line.words, "by": line.by}
    told |= {"times": line.times, "since": line.since} if line.times > 1 else {}
    return told | ({"server": server} if server else {})


def local(at: datetime, zone: ZoneInfo) -> str:
    """A moment by the clock on the hub's wall, and which clock that is: `2026-11-25 10:42 GMT`."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def owed_text(row: dict[str, Any], zone: ZoneInfo) -> str:
    """One thing owed, as a line for a person."""
    due = local(row["due"], zone)
    whose = f"{wording.who(row['about'].partition('/')[0])}: " if row["about"].startswith("s") else ""
    what = f"{row['owner']}  {whose}{row['what'].replace('_', ' ')}  due {due}  {row['late']}"
    told = f"{row['reference']}  {what}  next: {row['next_step']}  {row['telephone']}".rstrip()
    return "\n".join([told, *(f"      {more}" for more in _owed_more(row, zone))])


def _owed_more(row: dict[str, Any], zone: ZoneInfo) -> list[str]:
    """What stands below it: the mail and its server, what comes next and when, whom to ring."""
    sent = [f"sent {local(row['sent_at'], zone)}"] if row["sent_at"] else []
    mail = "; ".join([*sent, *([row["server"]] if row["server"] else [])])
    then = f"then: {row['then']}, {local(row['next_at'], zone)}" if row["then"] and row["next_at"] else ""
    numbers = ", ".join(f"{who} {number}" for who, number in row["numbers"])
    told = [row["left"], mail, then, f"ring {numbers}" if numbers else ""]
    return ["; ".join(filter(None, told))] if row["numbers"] or mail else []


def as_text(told: dict[str, Any]) -> str:
    """The story for a person at a terminal."""
    case, zone, names = told["case"], ZoneInfo(told["timezone"]), told["agencies"]

    def when(at: datetime) -> str:
        return local(at, zone)

    lines = [f"{case['reference']}  received {when(case['received_at'])} by {case['channel']}"]
    lines += [f"  {s['codes']['id']}: {_subject(s)}" for s in case["subjects"]]
    for leg in case["legs"]:
        agency = names.get(leg["agency"], leg["agency"])
        asked = f"deputy asked {when(leg['deputy_asked_at'])}; " if leg["deputy_asked_at"] else ""
        said = f"{asked}in hand: {leg['acknowledgement']}; answer: {_answer(leg)}{_check(leg)}"
        lines.append(f"  {leg['id']} {agency}: mail: {_MAIL.get(leg['delivery'], leg['delivery'])}; {said}")
    for d in case["discussions"]:
        lines.append(f"  {d['id']} at {when(d['starts_at'])}: {d['state']}")
        lines += [
            f"    {names.get(i['agency'], i['agency'])} ({i['function']}): {i['attendance']}" for i in d["invitees"]
        ]
    for p in case["products"]:
        lines += [f"  {p['id']} {v['id']}: {v['stage']}, for {', '.join(v['recipients'])}" for v in p["versions"]]
        lines += [f"    {w['id']} of {w['agency']}: {w['word']}" for w in p["passages"]]
    for x in case["disclosures"]:
        what = f"{x['product']} {x['version']} about {', '.join(x['subjects'])} from {', '.join(x['sources']) or '-'}"
        basis = f"{x['basis']}; {x['condition']}; {x['purpose']}"
        lines.append(
            f"  {x['id']} to {x['recipient']}, {when(x['at'])} by {x['by']}: {what}; {basis}; {x['delivery']}"
        )
    lines += [f"  not shared: {n['what']} with {n['recipient'] or 'anybody'}, by {n['by']}" for n in case["withheld"]]
    lines += [f"  no agreement in force: {a}: {why}" for a, why in told["agreements_lacking"].items()]
    lines.append("outstanding:" if told["outstanding"] else "nothing outstanding")
    lines += [f"  {owed_text(o, zone)}" for o in told["outstanding"]]
    lines.append("timeline:")
    lines += [f"  {e['seq']:>3} {when(e['at'])} {e['words']}{_details(e, zone)}" for e in told["chronicle"]]
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


def _details(line: dict[str, Any], zone: ZoneInfo) -> str:
    told = f" ({line['times']} times since {local(line['since'], zone)})" if "times" in line else ""
    told += f", by {line['by']}" if line["by"] else ""
    if server := line.get("server"):
        told += f"; {server.get('host', '')} said: {server.get('reply', '')}"
    return told
