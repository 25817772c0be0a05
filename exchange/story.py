"""The story of a case as the journey knows it: who was asked, which server said what, who answered, what is owed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from exchange import (
    chronicle,
    content,
    guarding,
    mail_words,
    wording,
)
from exchange.blockers import (
    lacking,
    today,
)
from exchange.case.mailbox import PassedOver, Transport
from exchange.case.state import Case
from exchange.case.strategy_discussion import missing, out_of_reach
from exchange.discussion_wording import SAID, functions
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
            "warnings": {s.id: s.decisions[-1].warnings if s.decisions else () for s in case.subjects},
            "quorum_missing": {d.id: missing(d, rules.discussion(d.kind).quorum) for d in case.discussions},
            "quorum_out_of_reach": {d.id: out_of_reach(d, rules.discussion(d.kind).quorum) for d in case.discussions},
            "kinds": {d.kind: rules.discussion(d.kind).label for d in case.discussions},
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
    sent = (copy.agency for record in case.records for copy in record.copies)
    return [*(leg.agency for leg in case.legs), *(x.recipient for x in case.disclosures), *sent]


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
    meets = f" (meeting {local(row['meets_at'], zone)})" if row["meets_at"] else ""
    what = f"{row['owner']}  {whose}{row['what'].replace('_', ' ')}{meets}  due {due}  {row['late']}"
    told = f"{row['reference'] or 'no case'}  {what}  next: {row['next_step']}  {row['telephone']}".rstrip()
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
    lines += [f"  {s['codes']['id']}: {_subject(s, told)}" for s in case["subjects"]]
    lines += ["  no agency is asked before it is settled who must not see this"] * case["routing_held"]
    for leg in case["legs"]:
        agency = names.get(leg["agency"], leg["agency"])
        asked = leg["deputy_asked_at"]
        goes = leg["deputy_mail"], leg["deputy_transport"]
        deputy = f". {mail_words.deputy(when(asked), *goes)}" if asked else ""
        said = f"in hand: {leg['acknowledgement']}; answer: {_answer(leg)}{_check(leg)}"
        said += ("; received insecurely" if leg["insecure"] else "") + deputy
        lines.append(f"  {leg['id']} {agency}: mail: {_mail(leg)}; {said}")
    for d in case["discussions"]:
        lines += _discussion(d, told, zone)
    for r in case["records"]:
        lines += _record(r, when, names)
    for a in case["actions"]:
        lines.append(
            f"  {a['id']} of {names.get(a['owner'], 'the hub')}, by {when(a['due'])}: {a['doing']}{_agreed(a)}"
        )
    for p in case["products"]:
        lines += [f"  {p['id']} {v['id']}: {v['stage']}, for {', '.join(v['recipients'])}" for v in p["versions"]]
        lines += [f"    {w['id']} of {w['agency']}: {w['word']}" for w in p["passages"]]
    for x in case["disclosures"]:
        what = f"{x['product']} {x['version']} about {', '.join(x['subjects'])} from {', '.join(x['sources']) or '-'}"
        basis = f"{x['basis']}; {x['condition']}; {x['purpose']}"
        lines.append(
            f"  {x['id']} to {x['recipient']}, {when(x['at'])} by {x['by']}: {what}; {basis}; "
            f"mail: {mail_words.mail(x['delivery'], x['transport'])}"
        )
    lines += [f"  not shared: {n['what']} with {n['recipient'] or 'anybody'}, by {n['by']}" for n in case["withheld"]]
    lines += [f"  no agreement in force: {a}: {why}" for a, why in told["agreements_lacking"].items()]
    lines.append("outstanding:" if told["outstanding"] else "nothing outstanding")
    lines += [f"  {owed_text(o, zone)}" for o in told["outstanding"]]
    lines.append("timeline:")
    lines += [f"  {e['seq']:>3} {when(e['at'])} {e['words']}{_details(e, zone)}" for e in told["chronicle"]]
    return "\n".join(lines)


def _discussion(d: dict[str, Any], told: dict[str, Any], zone: ZoneInfo) -> list[str]:
    """A discussion with its seats and its quorum as it stands."""
    names, lacks = told["agencies"], told["quorum_missing"][d["id"]]
    how = [name for name in ("emergency", "by_telephone") if d[name]] + ([d["session"]] if d["session"] else [])
    lines = [
        f"  {d['id']} {told['kinds'][d['kind']]} at {local(d['starts_at'], zone)}: {d['state']}"
        + (f" ({', '.join(how)})" if how else "")
    ]
    lines += [
        f"    {names.get(i['agency'], i['agency'])} ({i['function']}): {_seat(i, d, zone)}" for i in d["invitees"]
    ]
    lines += [
        f"    rang {names.get(r['agency'], r['agency'])} {local(r['at'], zone)}: "
        + ("reached" if r["reached"] else "not reached")
        for r in d["rang"]
    ]
    if d["state"] != "cancelled":
        lines.append(f"    quorum lacks: {', '.join(lacks)}" if lacks else "    quorate")
    if d["full_due"] and not d["followed_by"]:
        lines.append(f"    full discussion due {local(d['full_due'], zone)}")
    return lines


def _seat(i: dict[str, Any], d: dict[str, Any], zone: ZoneInfo) -> str:
    """What a seat said, or who sat there."""
    if d["state"] != "held":
        claimed = f" (claimed: {SAID[i['claimed']]})" if i["claimed"] else ""
        machines = ", ".join(dict.fromkeys(m["code"].replace("_", " ") for m in i["machines"]))
        said = "must not see this case: not asked" if i["shut_out"] else f"{SAID[i['attendance']]}{claimed}"
        told = [said, f"{len(i['history'])} replies"]
        ignored = sum(r["weight"] in ("older", "late") for r in i["history"])
        told += [f"{ignored} of them older or late: they change nothing"] if ignored else []
        told += [f"a machine answered: {machines} (not counted)"] if machines else []
        asked = i["deputy_asked_at"]
        named = i["attendance"] in ("deputy", "delegated")
        told += [mail_words.deputy(local(asked, zone), i["deputy_mail"], named=named)] if asked else []
        return "; ".join(told)
    there = f"there, {i['mode'] or 'mode not known'}" + (", by deputy" if i["by_deputy"] else "")
    return there if i["attended"] else "in writing" if i["mode"] == "written" else "not there"


def agenda_text(row: dict[str, Any], zone: ZoneInfo) -> str:
    """One session with its agenda, for a person at a terminal."""
    closes = "closed" if row["closed"] else f"closes {local(row['agenda_closes_at'], zone)}"
    lines = [f"{row['label']}  {local(row['starts_at'], zone)}  agenda {closes}"]
    lines += [f"  roster: {', '.join(row['roster'])}"]
    for case in row["cases"]:
        lacks = functions(tuple(case["quorum_missing"])) or "nothing"
        lines.append(f"  {case['reference']}  {case['state']}  quorum lacks: {lacks}")
        lines += [f"    {agency}: {said}" for agency, said in case["attendance"].items()]
    return "\n".join(lines if row["cases"] else [*lines, "  nothing on it"])


def _record(record: dict[str, Any], when: Callable[[datetime], str], names: dict[str, str]) -> Iterator[str]:
    """Where the record of a discussion stands, and what each agency was sent of it."""
    if not record["versions"]:
        yield f"  record of {record['discussion']}: not written, due {when(record['due'])}"
    for v in record["versions"]:
        approved = f", approved {when(v['approved_at'])} by {v['approved_by']}" if v["approved_at"] else ""
        yield (
            f"  record of {record['discussion']} {v['id']}: {v['standing']}, written {when(v['written_at'])} "
            f"by {v['written_by']}{approved}, due {when(record['due'])}"
        )
        yield from (f"    not sent to {names.get(a, a)}: it must not see this case" for a in v["kept_from"])
        for c in (c for c in record["copies"] if c["version"] == v["id"]):
            told = f", told {when(c['told_at'])} by {c['told_by']}" if c["told_at"] else ""
            left = f"; left out: {' '.join(c['left_out'])}" if c["left_out"] else ""
            mail = mail_words.mail(c["delivery"], c["transport"])
            yield (
                f"    {c['id']} to {names.get(c['agency'], c['agency'])}: {mail}{told}; "
                f"holds: {' '.join(c['holds'])}{left}; {c['basis']}; {c['condition']}"
            )


def _agreed(action: dict[str, Any]) -> str:
    told = f", agreed in {action['discussion']}" if action["discussion"] else ""
    return told + (f", promised by {action['promised']}" if action["promised"] else "")


def _mail(leg: dict[str, Any]) -> str:
    """Where the packet's mail stands, by which transport, and what was passed over."""
    passed = [PassedOver(Transport(one["transport"]), one["why"]) for one in leg["passed_over"]]
    return ", ".join(
        filter(
            None, (mail_words.mail(leg["delivery"], leg["transport"]), mail_words.carried(leg["transport"], passed))
        )
    )


def _answer(leg: dict[str, Any]) -> str:
    unqualified = leg["response"] == "nothing_known" and leg["nil_missing"]
    return f"{leg['response']} (unqualified: no {', '.join(leg['nil_missing'])})" if unqualified else leg["response"]


def _check(leg: dict[str, Any]) -> str:
    """What a decline or a recall has come to, in codes."""
    told = [f"{name}: {leg[name]}" for name in ("decline", "recall") if leg[name] != "none"]
    told += [f"suggests: {leg['suggested']}"] if leg["suggested"] else []
    told += [f"asked instead: {', '.join(leg['rerouted_to'])}"] if leg["rerouted_to"] else []
    return "".join(f"; {each}" for each in told)


def _subject(subject: dict[str, Any], told: dict[str, Any]) -> str:
    seems = f"{subject['provisional']} (provisional)" if subject["provisional"] else "not rated"
    rating = subject["ratings"][-1]["code"] if subject["ratings"] else seems
    if subject["in_error"]:
        return "entered in error"
    decision = subject["decisions"][-1]["code"] if subject["decisions"] else "not decided"
    return "\n    ".join((f"{rating}, {decision}", *told["warnings"][subject["codes"]["id"]]))


def _details(line: dict[str, Any], zone: ZoneInfo) -> str:
    told = f" ({line['times']} times since {local(line['since'], zone)})" if "times" in line else ""
    told += f", by {line['by']}" if line["by"] else ""
    if server := line.get("server"):
        told += f"; {server.get('host') or 'their server, or ours,'} said: {server.get('reply', '')}"
    return told
