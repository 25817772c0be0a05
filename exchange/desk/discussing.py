"""Discussing at the desk: who was there is recorded, whether invited by mail, rung in an emergency or rung at all."""

from __future__ import annotations

import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from exchange import content
from exchange.case.convening import named
from exchange.case.event import DiscussionHeld
from exchange.case.rules import DiscussionRules, Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import DiscussionTelephoned, FullFollows, Mode, Present, Rang
from exchange.desk.act import LATEST_ENTRY, Act, reason, zone
from exchange.desk.convening import Standing, standing
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action
from exchange.store import casebook

_TIME = re.compile(r"\d{1,2}[:.]\d\d")
_MODE, _RANG = "mode.", "rang."  # + an agency: how it took part; when it was rung


def present(given: Given, usual: Mode) -> tuple[Present, ...]:
    """Who took part: `agencies`, each as `mode.AGENCY` says or as usual, and `deputies` those for whom somebody else
    sat. An agency with a mode took part, too. Raises Unfit."""
    named = (*given.many("agencies"), *_agencies(given, _MODE))
    deputies = given.many("deputies")
    everywhere = given.choice("mode", Mode, usual)
    return tuple(
        Present(agency, given.choice(f"{_MODE}{agency}", Mode, everywhere), agency in deputies)
        for agency in dict.fromkeys((*named, *deputies))
    )


def _agencies(given: Given, prefix: str) -> tuple[str, ...]:
    """The agencies for which a value of this kind is given."""
    names = (name for name in given.values if name.startswith(prefix) and given.may(name))
    return tuple(name.removeprefix(prefix) for name in names)


async def _held(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """`reason` says why it was held without its quorum; `started` when, if that was not when it was called for."""
    known, there = await standing(desk, case), present(given, Mode.IN_PERSON)
    attended = tuple(p.agency for p in there if p.mode is not Mode.WRITTEN)
    began = await _began(desk, case, given)
    event = DiscussionHeld(
        desk.now(), desk.viewer.id, given.need("discussion"), attended, there, inquorate=bool(given.may("reason")),
        began_at=began, full=await _full(desk, known, given),
    )  # fmt: skip
    return await desk.record(case, event, cause, _words(given) | _why_full(known, 1))


async def _began(desk: Desk, case: str, given: Given) -> datetime | None:
    """When a discussion was held, where that is said. Raises Unfit for one whose time has not come, unless they say
    that they met sooner."""
    if any(map(given.may, ("started", "started_date", "started_time"))):
        began = await _started(desk, given)
        if began > desk.now():
            raise Unfit("started", "It cannot have begun in the future: check the date and the time")
        return began
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        called = (await casebook.load(tx, case)).discussion(given.need("discussion"))
    if called and called.starts_at > desk.now():
        raise Unfit("started", "Its time has not come yet: write when it was held, if you met sooner")
    return None


def _words(given: Given) -> dict[str, bytes]:
    why = reason(given) if given.may("reason") else {}
    return {content.WORDS: given.need("words").encode(), **why}


async def _telephoned(desk: Desk, case: str, given: Given, cause: str) -> Case:
    known = await standing(desk, case)
    subjects = given.many("subjects") or known.only
    event = DiscussionTelephoned(
        at=desk.now(),
        by=desk.viewer.id,
        discussion=known.next_id,
        started_at=await _started(desk, given),
        subjects=subjects,
        present=present(given, Mode.TELEPHONE),
        kind=known.kind(given.may("kind"), subjects).kind,
        inquorate=bool(given.may("reason")),
        full=await _full(desk, known, given),
    )
    return await desk.record(case, event, cause, _words(given) | _why_full(known, 2))


async def _emergency(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Who was rung is `rang.AGENCY` (when), `reached.AGENCY` (yes or no), `who.AGENCY` (whom they asked for) and
    `number.AGENCY`, each as often as they were rung. The full discussion that must follow is called at once, for the
    time that `full` says if it says one."""
    known, wall = await standing(desk, case), await zone(desk)
    subjects = given.many("subjects") or known.only
    started = await _started(desk, given)
    rung = [one for agency in _agencies(given, _RANG) for one in _rung(agency, given, started, wall)]
    rung.sort(key=lambda one: one[0].at)
    kind = known.kind(given.may("kind"), subjects)
    event = DiscussionTelephoned(
        at=desk.now(),
        by=desk.viewer.id,
        discussion=known.next_id,
        started_at=started,
        subjects=subjects,
        present=present(given, Mode.TELEPHONE),
        kind=kind.kind,
        emergency=True,
        rang=tuple(rang for rang, _ in rung),
        full=await _full(desk, known, given),
    )
    given.need("reason")
    _refuse_unrung(event, kind, known.rules)
    asked = json.dumps([said for _, said in rung]).encode()
    parts = {**_words(given), f"{content.RANG}{event.discussion}": asked}
    return await desk.record(case, event, cause, parts | _why_full(known, 2))


def _refuse_unrung(event: DiscussionTelephoned, kind: DiscussionRules, rules: Rules) -> None:
    """It could not wait for whoever of the quorum is missing: whom of them somebody rang, and when, is its reason.
    Raises CannotHappen."""
    asked = {*(p.agency for p in event.present), *(r.agency for r in event.rang)}
    functions = {f for agency in rules.agencies if agency.id in asked for f in agency.functions}
    if never := tuple(f for f in kind.quorum if f not in functions):
        raise CannotHappen(f"nobody of {named(never)} took part or was rung: ring them, and say when you did")


async def _full(desk: Desk, known: Standing, given: Given) -> FullFollows:
    """When the full discussion takes place that must follow, if somebody says so. Raises Unfit."""
    starts = given.moment("full", await zone(desk))
    if starts and starts <= desk.now():
        raise Unfit("full", "The full discussion must start in the future")
    return FullFollows(starts, known.referrer)


def _why_full(known: Standing, number: int) -> dict[str, bytes]:
    """What its papers say it was called for, in case it is called: it would be the next but so many."""
    discussion = f"d{len(known.case.discussions) + number}"
    return {f"{content.CALLED_FOR}{discussion}": b"The full discussion, after one that was held without its quorum."}


def _rung(agency: str, given: Given, started: datetime, wall: ZoneInfo) -> list[tuple[Rang, dict[str, str]]]:
    whom, numbers = given.many(f"who.{agency}"), given.many(f"number.{agency}")
    reached = given.many(f"reached.{agency}")
    found = []
    for n, text in enumerate(given.many(f"{_RANG}{agency}")):
        rang = Rang(agency, _at(text, f"{_RANG}{agency}", started, wall), _nth(reached, n).lower() in ("yes", "true"))
        said = {"agency": agency, "at": rang.at.isoformat(), "who": _nth(whom, n), "number": _nth(numbers, n)}
        found.append((rang, said))
    return found


def _nth(texts: tuple[str, ...], n: int) -> str:
    return texts[n] if n < len(texts) else ""


def _at(text: str, name: str, started: datetime, wall: ZoneInfo) -> datetime:
    """A whole moment, or a time on the day of the discussion."""
    whole = f"{started.astimezone(wall).date()}T{text}" if _TIME.fullmatch(text) else text
    found = Given({name: (whole,)}).moment(name, wall)
    assert found is not None  # noqa: S101 - there is a text
    return found


async def _started(desk: Desk, given: Given) -> datetime:
    started = given.moment("started", await zone(desk))
    if started is None:
        raise Unfit("started", "Write when it began: the date like 27/11/2026 and the time like 14:30")
    if desk.now() - started > LATEST_ENTRY:
        raise Unfit(
            "started", f"That is more than {LATEST_ENTRY.days} days ago: check the date, or ask the hub manager"
        )
    return started


ACTS: dict[str, Act] = {
    "held": Act(Action.CALL_DISCUSSION, _held),
    "telephoned": Act(Action.TELEPHONE_DISCUSSION, _telephoned),
    "emergency": Act(Action.TELEPHONE_DISCUSSION, _emergency),
}
