"""Schedules of the hub: its named clocks with what the law says of each, how long records are kept, and the rotas."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import wording
from exchange.blockers import today
from exchange.case.clock import ClockSpec
from exchange.case.disposal import Keep, RecordType, Since
from exchange.case.mailbox import Mailbox
from exchange.case.rota import Turn
from exchange.hubs import statutes
from exchange.hubs.difference import clock_text
from exchange.web.admin import HOME, page, seen_by
from templates import moments

router = APIRouter()
RECORDS = {
    RecordType.NFA: "No further action", RecordType.ADVICE: "Advice given", RecordType.EARLY_HELP: "Early help",
    RecordType.SECTION_17: "A child in need", RecordType.CHILD_PROTECTION: "Child protection",
    RecordType.ADULT: "An adult at risk", RecordType.LADO: "Somebody in a position of trust",
    RecordType.CONSULTATION: "A consultation, without names", RecordType.TRANSPORT: "Mail as it came and went",
}  # fmt: skip
FROM = {
    Since.LAST_CONTACT: "the last contact", Since.CLOSED: "the day it was closed", Since.BIRTH: "their birth",
    Since.DECIDED: "the last decision",
}  # fmt: skip
UNITS = {
    "s": "second", "m": "minute", "h": "hour", "d": "day", "wm": "working minute", "wh": "working hour",
    "wd": "working day",
}  # fmt: skip


@router.get(HOME + "/clocks")
async def clocks(request: Request) -> Response:
    """The named clocks: the hub may shorten what binds, and never lengthen it."""
    viewer, site, rules, _ = await seen_by(request)
    statute, day = rules.statute, today(rules, site.hub.clock.now())
    rows = [
        {
            "name": one.label, "runs": f"From when {one.starts} until {one.stops}", "own": _in_words(one.spec),
            "law": _in_words(one.limit) if one.limit else "", "source": one.source[:1].upper() + one.source[1:],
            "whom": " and ".join(f"{form}ren" if form == "child" else f"{form}s" for form in one.forms),
        }
        for one in sorted(statute.clocks, key=lambda one: one.limit is None)
    ]  # fmt: skip
    return await page(
        request, viewer, "clocks", title="Named clocks", back=HOME, listed=rows, statute=statute.name,
        since=moments.day(statute.since) if statute.since else "", outdated=statutes.outdated(statute, day),
    )  # fmt: skip


def _in_words(spec: ClockSpec) -> str:
    """`15 minutes`, `1 working day`: whoever reads it need not know how a hub file writes it."""
    text = clock_text(spec)
    amount = text.rstrip(ascii_letters)
    return f"{amount} {UNITS[text.removeprefix(amount)]}{'' if amount == '1' else 's'}"


@router.get(HOME + "/retention")
async def retention(request: Request) -> Response:
    """How long each sort of record is kept; a sort that no row names is kept for ever."""
    viewer, _, rules, _ = await seen_by(request)
    rows = [
        {"number": n, "record": RECORDS[keep.record], "how_long": _length(keep), "since": FROM[keep.since]}
        for n, keep in enumerate(rules.retention, 1)
    ]
    named = {keep.record for keep in rules.retention}
    return await page(
        request, viewer, "retention", title="How long records are kept", back=HOME, listed=rows,
        forever=[RECORDS[record] for record in RecordType if record not in named],
    )  # fmt: skip


def _length(keep: Keep) -> str:
    count, unit = (keep.years, "year") if keep.years else (keep.days, "day")
    return f"{count} {unit}{'' if count == 1 else 's'}"


@router.get(HOME + "/rota")
async def rota(request: Request) -> Response:
    """Whose turn it is at each mailbox, and how many of the hub's own staff must be there."""
    viewer, _, rules, directory = await seen_by(request)
    rows = [
        {"agency": agency.name, "mailbox": box.id, "turns": list(_turns(box))}
        for agency in rules.agencies
        for box in directory.of(agency.id)
    ]
    least = [{"key": wording.say(minimum.role), "value": str(minimum.least)} for minimum in directory.cover]
    return await page(request, viewer, "rota", title="Rotas", back=HOME, mailboxes=rows, least=least)


def _turns(box: Mailbox) -> Iterator[dict[str, str]]:
    names = {spoc.id: spoc.name for spoc in box.spocs}
    for n, turn in enumerate(box.rota, 1):
        hours = f"{turn.begins:%H:%M} to {turn.ends:%H:%M}"
        yield {"id": f"{box.id}-{n}", "who": names[turn.spoc], "when": _days(turn), "hours": hours}


def _days(turn: Turn) -> str:
    return ", ".join((*(moments.DAYS[day] for day in turn.days), *(moments.day(day) for day in turn.dates)))
