"""Recording at the desk: writing the record of a discussion, approving it, telling an agency that no mail reaches.

Rows are numbered in the names of their values: `attendee.1.agency`, `information.2.words`, `dissent.1.agency`; what
is said of a child or adult is named by it (`subject.s1.seen`), an apology by its agency (`apology.health.why`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from exchange import content
from exchange.case.fields import Kind
from exchange.case.record import (
    Apology,
    Attendee,
    Dissent,
    Information,
    Minutes,
    OfSubject,
    Record,
    RecordApproved,
    RecordTold,
    RecordWritten,
    Release,
)
from exchange.case.record_fields import QUESTIONS, Question
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.compartments import shut_records
from exchange.desk.act import Act, caller_at, zone
from exchange.desk.given import Given, Several, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action, Role
from exchange.store import casebook

LONGEST = 20_000  # characters of one answer
_WHEN = "Write when it {}: the date like 27/11/2026 and the time like 14:30"
_SAYS = {  # what makes a row more than an empty one: the page fills in the agency of an information row itself
    "attendee": ("agency", "name", "role", "vetted"),
    "information": ("words",),
    "dissent": ("agency", "words"),
}
_ROWS_NEED = {  # of each row that says something: what it cannot do without, and what is told where it is missing
    "attendee": {
        "name": "Write the name of person {}",
        "agency": "Choose the agency of person {}",
        "role": "Choose the role of person {}",
        "mode": "Choose how person {} took part",
    },
    "information": {"agency": "Choose which agency told information {}"},
    "dissent": {
        "agency": "Choose whose dissent {} is",
        "words": "Write with what they do not agree, and why, in dissent {}",
    },
    "apology": {"why": "Choose why they did not take part, or take the words beside it back"},
}
_ROW = re.compile(r"([a-z]+)\.([A-Za-z0-9_-]{1,60})\.[a-z_]+\Z")


@dataclass(slots=True)
class _Words:
    """What is sealed of a version: by kind, then by row."""

    shared: dict[str, str] = field(default_factory=dict)  # trigger, emergency
    names: dict[str, str] = field(default_factory=dict)  # attendee -> name
    apologies: dict[str, str] = field(default_factory=dict)
    dissents: dict[str, str] = field(default_factory=dict)
    information: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, dict[str, str]] = field(default_factory=dict)

    def parts(self, discussion: str, version: str) -> content.Parts:
        """As bodies, each in its compartment."""
        shared = {**self.shared, "names": self.names, "apologies": self.apologies, "dissents": self.dissents}
        parts = {content.of_record(discussion, version): _bytes(shared)}
        for subject, answers in self.subjects.items():
            parts[content.of_record(discussion, version, subject)] = _bytes(answers)
        for row, words in self.information.items():
            parts[content.of_record(discussion, version, row)] = words.encode()
        return parts


def _bytes(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


async def minute(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """A version of the record: the first, an amended draft, or a correction. `after` names the version that the
    writer began from; what somebody wrote meanwhile is never lost over it."""
    discussion = given.need("discussion")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        case = await casebook.load(tx, case_id)
        shut = shut_records(case, await casebook.rules_of(tx, case), desk.viewer)
    record = case.record(discussion)
    _refuse_over_what_is_shut(discussion, record, shut)
    newest = given.may("after") or f"v{len(record.versions) if record else 0}"
    if not re.fullmatch(r"v\d{1,4}", newest):
        raise Unfit("after", "Write the version that you began from, like v1")
    if record and record.in_force and not given.may("reason"):
        raise Unfit("reason", "Write what is corrected, and why: the record has gone out")
    words, version = _Words(), f"v{int(newest[1:]) + 1}"
    minutes = await _minutes(desk, case, discussion, given, words)
    event = RecordWritten(desk.now(), desk.viewer.id, discussion, version, minutes)
    why = {content.REASON: given.may("reason").encode()} if given.may("reason") else {}
    return await desk.record(case_id, event, cause, {**words.parts(discussion, version), **why})


def _refuse_over_what_is_shut(discussion: str, record: Record | None, shut: set[str]) -> None:
    """Who cannot read all of a version would write over what they do not see."""
    latest = record.latest if record else None
    told = latest.minutes.information if latest else ()
    if latest and any(content.of_record(discussion, latest.id, one.id) in shut for one in told):
        raise CannotHappen("part of it is kept from you: whoever wrote it, or who may approve it, amends this record")


async def _minutes(desk: Desk, case: Case, discussion: str, given: Given, words: _Words) -> Minutes:
    there = await zone(desk)
    started, ended = given.moment("started", there), given.moment("ended", there)
    lacking = {n: _WHEN.format(n) for n, at in (("started", started), ("ended", ended)) if at is None}
    lacking |= {} if given.may("mode") else {"mode": "Choose how it was held"}
    lacking |= dict(_lacking(given))
    if lacking or started is None or ended is None:
        raise Several(lacking)
    called = case.discussion(discussion)
    usual = called.subjects if called else ()
    for name in ("trigger", "emergency_words"):
        if given.may(name):
            words.shared[name] = _short(given, name)
    return Minutes(
        started=started,
        ended=ended,
        mode=given.need("mode"),
        attendees=tuple(_attendees(given, words)),
        apologies=tuple(_apologies(given, words)),
        subjects=tuple(_of_subject(s, given, words) for s in usual),
        information=tuple(_information(given, usual, words)),
        dissents=tuple(_dissents(given, usual, words)),
        emergency=given.may("emergency"),
        next_at=given.moment("next", there),
        trigger=bool(given.may("trigger")),
    )


def _lacking(given: Given) -> Iterator[tuple[str, str]]:
    """What a row that says something cannot do without, each with what to write there."""
    for kind, wanted in _ROWS_NEED.items():
        for row, at in (_rows if kind == "apology" else _numbered_rows)(given, kind):
            for name, told in wanted.items():
                if not given.may(f"{at}.{name}"):
                    yield f"{at}.{name}", told.format(row)


def _short(given: Given, name: str) -> str:
    if len(given.may(name)) > LONGEST:
        raise Unfit(name, f"Write it shorter: at most {LONGEST} characters")
    return given.may(name)


def _rows(given: Given, kind: str) -> Iterator[tuple[str, str]]:
    """(number, prefix) of each row of which anything was given, in their order."""
    found = {m[2] for name in given.values if (m := _ROW.match(name)) and m[1] == kind and given.may(name)}
    for row in sorted(found, key=lambda row: (len(row), row)):
        yield row, f"{kind}.{row}"


def _numbered_rows(given: Given, kind: str) -> Iterator[tuple[str, str]]:
    """(number, prefix) of each numbered row that says something. A row that the page filled in with who was there,
    and of whom nobody told anything, says nothing."""
    for row, at in _rows(given, kind):
        if not row.isdigit():
            raise Unfit(at, f"Number the rows: {kind}.1.agency, {kind}.2.agency...")
        if any(given.may(f"{at}.{name}") for name in _SAYS[kind]):
            yield row, at


def _numbered(given: Given, kind: str, letter: str) -> Iterator[tuple[str, str]]:
    """(id, prefix) of each of them."""
    return ((f"{letter}{int(row)}", at) for row, at in _numbered_rows(given, kind))


def _attendees(given: Given, words: _Words) -> Iterator[Attendee]:
    for row, at in _numbered(given, "attendee", "t"):
        words.names[row] = given.need(f"{at}.name")
        yield Attendee(
            row, given.need(f"{at}.agency"), given.need(f"{at}.role"), given.need(f"{at}.mode"),
            given.yes(f"{at}.deputy"), given.may(f"{at}.vetted"),
        )  # fmt: skip


def _apologies(given: Given, words: _Words) -> Iterator[Apology]:
    for agency, at in _rows(given, "apology"):
        if given.may(f"{at}.words"):
            words.apologies[agency] = _short(given, f"{at}.words")
        yield Apology(agency, given.need(f"{at}.why"))


def _of_subject(subject: str, given: Given, words: _Words) -> OfSubject:
    at = f"subject.{subject}"
    codes = tuple((q.name, code) for q in QUESTIONS if q.codes and (code := _code(given, q, f"{at}.{q.name}")))
    told = {q.name: _short(given, f"{at}.{q.name}") for q in QUESTIONS if not q.codes}
    told = {name: text for name, text in told.items() if text}
    if told:
        words.subjects[subject] = told
    return OfSubject(subject, codes, tuple(told))


def _code(given: Given, question: Question, name: str) -> str:
    return ",".join(given.many(name)) if question.kind is Kind.SEVERAL else given.may(name)


def _information(given: Given, usual: tuple[str, ...], words: _Words) -> Iterator[Information]:
    for _, at in _rows(given, "information"):
        if not given.may(f"{at}.words"):
            _refuse_marked(given, at, usual)
    for row, at in _numbered(given, "information", "n"):
        words.information[row] = _short(given, f"{at}.words")
        release = given.choice(f"{at}.release", Release, Release.HUB_ONLY)
        named = given.many(f"{at}.recipients") if release is Release.NAMED else ()
        subjects = given.many(f"{at}.subjects") or usual
        yield Information(row, given.need(f"{at}.agency"), subjects, release, named)


def _refuse_marked(given: Given, at: str, usual: tuple[str, ...]) -> None:
    """Raises Unfit for a row without words in which somebody chose something else than what the page fills in."""
    chosen = {
        "where it may go": given.may(f"{at}.release") not in ("", Release.HUB_ONLY),
        "about whom": given.many(f"{at}.subjects") not in ((), usual),
        "for whom": bool(given.many(f"{at}.recipients")),
    }
    marked = ", ".join(name for name, typed in chosen.items() if typed)
    if marked:
        row = at.rpartition(".")[2]
        told = f"Write what was told in information {row}: {marked} is chosen there, or take that back"
        raise Unfit(f"{at}.words", told)


def _dissents(given: Given, usual: tuple[str, ...], words: _Words) -> Iterator[Dissent]:
    for row, at in _numbered(given, "dissent", "o"):
        words.dissents[row] = _short(given, f"{at}.words")
        yield Dissent(row, given.need(f"{at}.agency"), given.many(f"{at}.subjects") or usual)


async def approve(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """The newest version, as its reader saw it, goes to those invited."""
    as_chair = Role.CHAIR in desk.viewer.roles
    event = RecordApproved(desk.now(), desk.viewer.id, given.need("discussion"), given.need("version"), as_chair)
    return await desk.record(case_id, event, cause)


async def told(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Somebody at an agency was told what its copy says."""
    event = RecordTold(desk.now(), desk.viewer.id, given.need("copy"))
    return await desk.record(case_id, event, cause, {content.WHO: (await caller_at(desk, given)).part()})


ACTS: dict[str, Act] = {
    "minute": Act(Action.MINUTE, minute),
    "approve_record": Act(Action.APPROVE_RECORD, approve),
    "record_told": Act(Action.MINUTE, told),
}
