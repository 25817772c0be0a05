"""The commands about cases: what is owed, a case's story, and the acts of the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from exchange import app, story
from exchange.agenda import agenda as agenda_of
from exchange.case.state import Leg
from exchange.cli_running import Config, Json, dumps, opened
from exchange.desk import Desk
from exchange.desk.acts import ACTS, allow, perform
from exchange.desk.consulting import Advised, Consulting, in_words, is_reference, row
from exchange.desk.counting import not_counted, uncounted
from exchange.desk.given import Given, Unfit
from exchange.heard import with_servers
from exchange.hub import Hub
from exchange.known_members import unknown
from exchange.naming import named
from exchange.outstanding import outstanding as owed_by_all
from exchange.policy import OPERATOR, Viewer

cli = App(name="exchange")
_LISTS = ("subjects", "agencies", "also", "deputies")  # ids, none with a comma in it
As = Annotated[str, Parameter(name="--as", help="the member of staff who does it, by their id")]


@cli.command
def outstanding(*, config: Config = None, json: Json = False) -> None:
    """Who still owes what, how late, what happens next and whom to ring; and mail that is part of no case."""
    from exchange import other_mail  # it loads all of mail

    async def act(exchange: app.Opened) -> tuple[list[dict[str, Any]], ZoneInfo]:
        _, rules = await exchange.hub.rules()
        rows = await with_servers(exchange.hub, OPERATOR, await owed_by_all(exchange.hub, OPERATOR))
        async with exchange.hub.database.reading(exchange.hub.scope(OPERATOR)) as tx:
            of_no_case = await other_mail.owed(tx, rules, exchange.hub.clock.now())
        return [story.owed_row(o) for o in (*rows, *filter(None, [of_no_case]))], rules.calendar.zone

    rows, zone = opened(config, act)
    print(dumps(rows) if json else "\n".join(story.owed_text(row, zone) for row in rows) or "nothing")


@cli.command
def show(reference: str, *, config: Config = None, json: Json = False) -> None:
    """The whole delivery story of a case, or what a consultation advised. No names: open the desk for those.

    Parameters
    ----------
    reference
        of a case, like MASH-7Q2F-K9XD, or of a consultation, like CONS-7Q2F-K9XD
    """
    if is_reference(reference):
        _advised(config, reference, json)
        return

    async def act(exchange: app.Opened) -> dict[str, Any]:
        return await story.story(exchange.hub, OPERATOR, reference)

    told = opened(config, act)
    print(dumps(told) if json else story.as_text(told))


def _advised(config: Path | None, reference: str, as_json: bool) -> None:
    async def act(exchange: app.Opened) -> tuple[Advised, ZoneInfo]:
        _, rules = await exchange.hub.rules()
        return await Consulting(exchange.hub, OPERATOR).of(reference), rules.calendar.zone

    advised, zone = opened(config, act)
    line = advised.line
    words = f"{line.facts['reference']}  consultation of {story.local(line.at, zone)}, by {line.by}: {in_words(line)}"
    if advised.cases:
        words += f"; named by {', '.join(advised.cases)}"
    print(dumps({**row(line), "cases": advised.cases}) if as_json else words)


@cli.command
def agenda(*, config: Config = None, json: Json = False) -> None:
    """The sessions that recur: the cases on each agenda, and who comes. No names."""

    async def act(exchange: app.Opened) -> tuple[list[dict[str, Any]], ZoneInfo]:
        _, rules = await exchange.hub.rules()
        return await agenda_of(exchange.hub, OPERATOR), rules.calendar.zone

    rows, zone = opened(config, act)
    print(dumps(rows) if json else "\n".join(story.agenda_text(row, zone) for row in rows) or "no session")


@cli.command
def look(reference: str, *, rating: str = "", as_: As = "", config: Config = None) -> None:
    """A person (--as) has read it; --rating says how urgent it seems. It is theirs to follow, unless it is somebody's
    already.

    Parameters
    ----------
    reference
        the reference of the case, like MASH-7Q2F-K9XD
    rating
        a rating of the hub file, like red
    """
    _act(config, reference, "look", as_, rating=rating)


@cli.command
def rate(reference: str, subject: str, rating: str, *, reason: str, as_: As = "", config: Config = None) -> None:
    """Rate one subject (s1, s2...).

    Parameters
    ----------
    reference
        the reference of the case, like MASH-7Q2F-K9XD
    subject
        whom it is about, as the case numbers them: s1, s2...
    rating
        a rating of the hub file, like amber
    reason
        why, in words: it is kept with the case
    """
    _act(config, reference, "rate", as_, subject=subject, rating=rating, reason=reason)


@cli.command
def ask(reference: str, agency: str, *, subjects: str, reason: str, as_: As = "", config: Config = None) -> None:
    """Ask one more agency about these subjects (s1,s2).

    Parameters
    ----------
    reference
        the reference of the case, like MASH-7Q2F-K9XD
    agency
        its id in the hub file, like health
    subjects
        whom it is about, with commas between them: s1,s2
    reason
        why, in words: it is kept with the case
    """
    _act(config, reference, "ask", as_, agency=agency, subjects=subjects, reason=reason)


@cli.command
def decide(
    reference: str,
    subject: str,
    decision: str,
    /,
    *considered: str,
    reason: str,
    as_: As,
    without_checks: bool = False,
    config: Config = None,
) -> None:
    """Record the threshold decision of a named member of staff for one subject: section_47, early_help, nfa...

    Parameters
    ----------
    reference
        the reference of the case, like MASH-7Q2F-K9XD
    subject
        whom it is about, as the case numbers them: s1, s2...
    decision
        section_47, early_help, nfa... (docs/acts.md names them all)
    considered
        what was considered, as NAME=TEXT: voice, capacity, outcomes_asked, needs, risk, unable, routes...
    reason
        why, in words: it is kept with the case
    without_checks
        knowingly, although an agency has not answered
    """
    missing = {"without_checks": ("yes",)} if without_checks else {}
    decided = {"subject": (subject,), "decision": (decision,), "reason": (reason,)}
    _done(config, reference, "decide", Given({**_pairs(considered), **missing, **decided}), as_)


@cli.command
def outcome(reference: str, subject: str, outcome: str, *, words: str, config: Config = None) -> None:
    """Record what came of the decision for one subject: early_help, assessment, nfa..., or for an adult reduced...

    Parameters
    ----------
    reference
        the reference of the case, like MASH-7Q2F-K9XD
    subject
        whom it is about, as the case numbers them: s1, s2...
    outcome
        early_help, assessment, nfa... (docs/acts.md names them all)
    words
        what came of it, in words
    """
    _act(config, reference, "outcome", "", subject=subject, outcome=outcome, words=words)


@cli.command
def act(reference: str, name: str, /, *values: str, as_: As = "", config: Config = None) -> None:
    """Any act of the desk on a case, with its values as NAME=TEXT; several of one name are kept, and subjects and
    agencies may be written together (subjects=s1,s2).

    The names are those of the API: POST /api/v1/cases/REFERENCE/ACT. All but outcome and attends need --as.

    Parameters
    ----------
    reference
        the reference of the case, like MASH-7Q2F-K9XD
    name
        the act, like chase: docs/acts.md names them all
    values
        what it takes, as NAME=TEXT
    """
    _done(config, reference, name, Given(_pairs(values)), as_)


async def viewer_of(hub: Hub, member: str) -> Viewer:
    """The member of staff named with --as, or whoever holds the keys of this machine."""
    if not member:
        return OPERATOR
    async with hub.database.reading(hub.scope(OPERATOR)) as tx:
        return await named(tx, member, hub.clock.now())


def _pairs(values: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    given: dict[str, tuple[str, ...]] = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not equals:
            raise Unfit(key, f"Write each value as NAME=TEXT: “{key}” has no =")
        several = text.split(",") if key in _LISTS else [text]
        given[key] = (*given.get(key, ()), *several)
    return given


def _act(config: Path | None, reference: str, name: str, member: str, **values: str) -> None:
    given = {key: tuple(text.split(",")) if key == "subjects" else (text,) for key, text in values.items()}
    _done(config, reference, name, Given(given), member)


def _done(config: Path | None, reference: str, name: str, given: Given, member: str = "") -> None:
    if name not in ACTS:
        raise Unfit("act", f"no act “{name}”: use one of {', '.join(ACTS)}")

    async def do(exchange: app.Opened) -> Leg | None:
        desk = Desk(exchange.hub, await viewer_of(exchange.hub, member))
        case = await desk.case(reference)
        allow(desk, name, case.id)  # before anything that was given is looked at
        if more := unknown(name, given.values):
            raise Unfit(more[0], f"no value “{more[0][:40]}” of {name}: docs/acts.md names what it takes")
        after = await perform(desk, name, case.id, given, exchange.hub.chance.id())
        return uncounted(name, given, after)

    leg = opened(config, do)
    print(f"recorded. {not_counted(leg)}" if leg else "done")
