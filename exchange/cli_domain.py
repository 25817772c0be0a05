"""The commands about mail domains: what each shows of verified TLS, and until when that is believed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from exchange import app, story
from exchange.case.effect import TaskKind
from exchange.case.mailbox import Address, AddressRefused, Directory
from exchange.cli_running import Config, Json, dumps, opened
from exchange.setting_up import SetUpRefused
from exchange.store import evidence, tasks
from exchange.store.evidence import PROVED, Evidence

cli = App(name="domain", help="Mail domains that get mail over enforced TLS.")
SERVERS = {
    "proved": "offers TLS with a certificate of its own name",
    "no_starttls": "offers no STARTTLS, or somebody on the way takes it out",
    "tls_failed": "TLS failed: its certificate is not its own, has ended, or nobody we trust vouches for it",
    "unreachable": "cannot be reached, or is no mail server",
    "no_address": "has no address that we may connect to",
}
TROUBLE = {
    "tls": "its certificate is not its own",
    "timeout": "it did not answer in time",
    "connect": "it cannot be reached",
    "no_address": "it has no address that we may connect to",
    "content_type": "it is not text/plain",
    "too_large": "it is too large",
}


@cli.command
def check(
    domain: str, *, accept_new: Annotated[bool, Parameter(negative="")] = False, config: Config = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Look at DOMAIN now: its servers, its MTA-STS policy, what each server shows; kept as evidence. Sends nothing.

    Exits 1 when mail may not go there over enforced TLS.

    Parameters
    ----------
    domain
        what stands after the @ of its addresses, like police.example
    accept_new
        its servers are others than those accepted before, and somebody there said by telephone which they are
    """
    from exchange import outgoing  # these load mail: no other command should
    from exchange.domains import Looked, look

    try:
        name = Address(f"x@{domain}").domain
    except AddressRefused:
        raise SetUpRefused(f"{domain}: write what stands after the @ of its addresses, like police.example") from None

    async def act(exchange: app.Opened) -> tuple[Looked, dict[str, Any], ZoneInfo]:
        looked = await look(exchange.hub, outgoing.direct(exchange.settings), name, "operator", accept_new=accept_new)
        async with exchange.hub.database.reading(exchange.hub.scope("operator")) as tx:
            directory = await exchange.hub.directory(tx)
        _, rules = await exchange.hub.rules()
        return looked, _row(looked.evidence, directory, looked.holds), rules.calendar.zone

    looked, row, zone = opened(config, act)
    row |= {"policy_trouble": looked.shown.policy_trouble, "nothing_learned": looked.shown.nothing_learned}
    row |= {"announced": looked.shown.policy is not None, "strangers": list(looked.strangers)}
    print(dumps(row) if json else "\n".join(_told(row, zone, looked.shown.servers)))
    sys.exit(0 if looked.holds else 1)


@cli.command(name="list")
def list_(*, config: Config = None, json: Json = False) -> None:
    """Every domain that was looked at, or that a mailbox with tls is on: until when its evidence holds."""

    async def act(exchange: app.Opened) -> tuple[list[dict[str, Any]], ZoneInfo]:
        hub = exchange.hub
        async with hub.database.reading(hub.scope("operator")) as tx:
            directory, known = await hub.directory(tx), await evidence.known(tx)
            failing = _failing(await tasks.pending(tx, ""))
        _, rules = await hub.rules()
        now = hub.clock.now()
        never = {m.address.domain for m in directory.mailboxes if "tls" in m.transports} - known.keys()
        rows = [_row(found, directory, found.holds(now)) for found in known.values()]
        rows += [
            _row(Evidence(domain, now, now), directory, False) | {"checked_at": None} for domain in sorted(never)
        ]
        rows = [row | {"failing": sorted(failing & set(row["mailboxes"]))} for row in rows]
        return rows, rules.calendar.zone

    rows, zone = opened(config, act)
    print(dumps(rows) if json else "\n".join(_line(row, zone) for row in rows) or "nothing")


def _failing(open_now: Iterable[tasks.Task]) -> set[str]:
    """Mailboxes whose servers did not do as was agreed, when they were last written to or looked at."""
    return {t.about for t in open_now if t.kind in (TaskKind.TLS_FAILS, TaskKind.OTHER_SERVERS)}


def _row(found: Evidence, directory: Directory, holds: bool) -> dict[str, Any]:
    route = directory.route_type(found.domain)
    boxes = [m.id for m in directory.mailboxes if m.address.domain == found.domain]
    return {
        "domain": found.domain, "holds": holds, "checked_at": found.checked_at, "until": found.until,
        "mode": found.mode, "patterns": list(found.patterns), "servers": dict(found.servers),
        "policy_until": found.policy_until, "agreed": list(found.agreed),
        "route_type": route.id if route else "", "note": route.note if route else "", "mailboxes": boxes,
    }  # fmt: skip


def _line(row: dict[str, Any], zone: ZoneInfo) -> str:
    if row["checked_at"] is None:
        return f"{row['domain']}  never checked: `exchange domain check {row['domain']}`"
    until = f"until {story.local(row['until'], zone)}" if row["holds"] else f"ended {story.local(row['until'], zone)}"
    told = f"{row['domain']}  {'holds' if row['holds'] else 'DOES NOT HOLD'} {until}, policy: {row['mode'] or 'none'}"
    told += f"  {', '.join(row['mailboxes'])}" if row["mailboxes"] else ""
    if row.get("failing"):
        told += (
            f"\n      FAILS now, and letters wait: {', '.join(row['failing'])}. Ring, and `exchange domain check` it"
        )
    return told + (f"\n      {row['route_type']}: {row['note']}" if row["note"] else "")


def _told(row: dict[str, Any], zone: ZoneInfo, servers: Mapping[str, str]) -> list[str]:
    lines = [f"{server}: {SERVERS.get(found, found)}" for server, found in servers.items()]
    lines += ["the domain has no mail server: it takes no mail"] if not servers and not row["nothing_learned"] else []
    if row["mode"]:
        named = ", ".join(row["patterns"]) or "nobody"
        lines.append(f"MTA-STS policy: {row['mode']}, its servers are {named}")
        if not row["announced"] and not row["nothing_learned"]:
            ends = story.local(row["policy_until"], zone)
            lines.append(f"it is not to be had now, and binds us until {ends} all the same (RFC 8461)")
    elif row["policy_trouble"]:
        why = TROUBLE.get(row["policy_trouble"], row["policy_trouble"].replace("_", " "))
        lines.append(f"MTA-STS policy: announced, and not to be had: {why}")
    else:
        lines.append(
            "MTA-STS policy: none, so that only servers that were accepted here and prove themselves are used"
        )
    if row["nothing_learned"]:
        lines.append("nothing could be learned: the network failed. What was known before stays as it was")
    if row["strangers"]:
        lines.append(
            f"NOT accepted, and nothing goes there: {', '.join(row['strangers'])}. "
            + ("Its policy does not name it" if row["mode"] == "enforce" else
               "Ring somebody there on a number you had before; if it is theirs, add --accept-new"
               if any(servers.get(name) == PROVED for name in row["strangers"]) else
               "It does not prove itself: ring, and have their IT give it a certificate of its own name")
        )  # fmt: skip
    if row["holds"]:
        return [*lines, f"mail may go there over enforced TLS until {story.local(row['until'], zone)}",
                *([f"{row['route_type']}: {row['note']}"] if row["note"] else [])]  # fmt: skip
    return [*lines, "mail may NOT go there over enforced TLS: the next transport of each mailbox is used"]
