"""Recording: how the record of a discussion is written, approved, circulated, corrected, and missed when it is late.

1. It is owed from the moment the discussion was held, on its own clock; a correction starts that clock anew.
2. A version is approved by a chair or a manager; whoever wrote it may not, unless they chair.
3. Each agency's copy is one letter; what cannot reach an agency is told by a person, and that is recorded.
4. Whether it is circulated is looked at after everything that happens (`follow`), and stored nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from exchange.case import circulation, delivery, soon
from exchange.case.action import HUB
from exchange.case.clock import ClockKind, ClockSpec
from exchange.case.code_lists import CodeList
from exchange.case.delivery import ARRIVED, FAILED
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawLetter,
)
from exchange.case.event import ClockRanOut, LetterNews
from exchange.case.pressing import press_again
from exchange.case.record import (
    STANDINGS,
    Copy,
    Dissent,
    Information,
    Minutes,
    Move,
    OfSubject,
    Record,
    RecordApproved,
    RecordTold,
    RecordWritten,
    Release,
    Version,
)
from exchange.case.record_fields import (
    APOLOGIES,
    BY_NAME,
    EMERGENCIES,
    MODES,
    PRESENT,
    QUESTIONS,
    ROLES,
    VETTED,
    knows,
)
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import Meeting, Mode, StrategyDiscussion

_USUAL = ClockSpec(ClockKind.WORKING_DAYS, days=1)


def follow(step: Step, at: datetime, rules: Rules) -> Step:
    """The step, and what follows from it for the records: one is owed once its discussion was held, and it is
    circulated while every copy has reached its agency."""
    for discussion in step.case.discussions:
        if discussion.state is Meeting.HELD and step.case.record(discussion.id) is None:
            step = step.then(_begun(step.case, discussion, at, rules))
    for record in step.case.records:
        step = step.then(_looked_after(step.case, record, at))
    return step


def _begun(case: Case, discussion: StrategyDiscussion, at: datetime, rules: Rules) -> Step:
    ended = discussion.starts_at + timedelta(minutes=discussion.minutes)
    due = _due(
        discussion, min(discussion.held_at or at, ended), rules
    )  # to say late that it was held gains nobody any time
    record = Record(discussion.id, due)
    reminded = soon.of_record(record, discussion.held_at or at, at, rules)
    return Step(replace(case, records=(*case.records, record)), (SetClock(_key(record), due), reminded))


def _due(discussion: StrategyDiscussion, since: datetime, rules: Rules) -> datetime:
    return rules.named_due(rules.discussion(discussion.kind).record, _USUAL, since)


def _key(record: Record) -> str:
    return f"record:{record.discussion}"


def _looked_after(case: Case, record: Record, at: datetime) -> Step:
    version = record.in_force
    if version is None:
        return Step(case)
    there = all(copy.reached or case.shuts_out(copy.agency) for copy in record.copies_of(version))
    after = STANDINGS[version.standing, Move.SENT if there else Move.BACK]
    if after is version.standing:
        return Step(case)
    moved = replace(version, standing=after, circulated_at=at if there else None)
    record = record.with_version(moved)
    if not record.owed:
        done = (StopClock(_key(record)), soon.stopped(record.discussion), CloseTask(_key(record)))
        return Step(case.with_record(record), done)
    return Step(case.with_record(record), (SetClock(_key(record), record.due),))


def written(case: Case, event: RecordWritten, rules: Rules) -> Step:
    """A first draft, an amended one, or the correction of what has gone out."""
    record, discussion = _record(case, event.discussion)
    if event.version != f"v{len(record.versions) + 1}":
        raise CannotHappen("somebody wrote a newer version meanwhile: open the record again and begin from theirs")
    _refuse_odd_times(event)
    _refuse_unknown(case, discussion, event.minutes, rules)
    older = tuple(_moved(v, Move.AMEND) for v in record.versions)
    version = Version(event.version, event.at, event.by, event.minutes)
    corrects = record.in_force is not None
    after = replace(
        record, versions=(*older, version), due=_due(discussion, event.at, rules) if corrects else record.due
    )
    clocks = (SetClock(_key(after), after.due), soon.of_record(after, event.at, event.at, rules))
    effects = clocks if corrects else ()
    return Step(case.with_record(after), effects)


def _record(case: Case, name: str) -> tuple[Record, StrategyDiscussion]:
    discussion, record = case.discussion(name), case.record(name)
    if discussion is None:
        raise CannotHappen(f"no discussion “{name}” in this case")
    if record is None:
        raise CannotHappen("this discussion has not been held: record that it was, and who was there, first")
    return record, discussion


def _moved(version: Version, move: Move) -> Version:
    after = STANDINGS.get((version.standing, move))
    if after is None:
        raise CannotHappen("this version has been approved already: write a new one to correct it")
    return replace(version, standing=after)


def _refuse_odd_times(event: RecordWritten) -> None:
    started, ended = event.minutes.started, event.minutes.ended
    if ended < started:
        raise CannotHappen(
            "a discussion begins before it ends: check both dates and times", ended="It ended before it began"
        )
    if ended > event.at:
        told = "a discussion has ended before its record is written: check when it ended"
        raise CannotHappen(told, ended="This moment has not come yet")


def _refuse_unknown(case: Case, discussion: StrategyDiscussion, minutes: Minutes, rules: Rules) -> None:
    """Agencies of the hub, subjects of the discussion, codes of the lists, and each row once."""
    parts: tuple[Information | Dissent, ...] = (*minutes.information, *minutes.dissents)
    agencies = [part.agency for part in parts] + [apology.agency for apology in minutes.apologies]
    agencies += [agency for told in minutes.information for agency in told.recipients]
    agencies += [there.agency for there in minutes.attendees if there.agency != HUB]
    if any(rules.agency(agency) is None for agency in agencies):
        raise CannotHappen("one of the agencies is not in this hub: choose from the hub file's agencies")
    _refuse_others(discussion, minutes, parts)
    numbers = [there.id for there in minutes.attendees] + [part.id for part in parts]
    for rows in (numbers, [of.subject for of in minutes.subjects]):
        if len(set(rows)) != len(rows):
            raise CannotHappen("each row has a number of its own, and each child or adult one part")
    _refuse_unknown_codes(minutes)
    if unnamed := next((n for n in minutes.information if n.release is Release.NAMED and not n.recipients), None):
        told = "information for named recipients names them: choose at least one agency"
        raise CannotHappen(told, **{f"{_row(unnamed.id)}.recipients": "Choose at least one agency that may read it"})


def _refuse_others(
    discussion: StrategyDiscussion, minutes: Minutes, parts: tuple[Information | Dissent, ...]
) -> None:
    """Subjects of the discussion only, and each part about somebody."""
    told = "name subjects of this discussion only, and for each information and dissent at least one"
    for part in parts:
        if not part.subjects or not set(part.subjects) <= set(discussion.subjects):
            raise CannotHappen(told, **{f"{_row(part.id)}.subjects": "Choose whom it is about, of this discussion"})
    if any(of.subject not in discussion.subjects for of in minutes.subjects):
        raise CannotHappen(told)


def _row(part: str) -> str:
    """Where a row stands on the form: "n2" is information.2."""
    return f"{_ROWS[part[:1]]}.{part[1:]}"


_ROWS = {"t": "attendee", "n": "information", "o": "dissent"}


def _refuse_unknown_codes(minutes: Minutes) -> None:
    coded: list[tuple[str, CodeList, str]] = [("mode", MODES, minutes.mode)]
    coded += [("emergency", EMERGENCIES, minutes.emergency)] if minutes.emergency else []
    coded += [(f"apology.{apology.agency}.why", APOLOGIES, apology.why) for apology in minutes.apologies]
    for there in minutes.attendees:
        at = _row(there.id)
        coded += [(f"{at}.role", ROLES, there.role), (f"{at}.mode", PRESENT, there.mode)]
        coded += [(f"{at}.vetted", VETTED, there.vetted)] if there.vetted else []
    for name, of, code in coded:
        if code not in {known for known, _ in of.choices}:
            told = f"“{code}” is none of {', '.join(known for known, _ in of.choices)}"
            raise CannotHappen(told, **{name: "Choose one of the list"})
    for subject in minutes.subjects:
        for name, answer in subject.codes:
            if name not in BY_NAME or not knows(BY_NAME[name], answer):
                told = "one of the answers about a child or adult is not in its list: choose again"
                raise CannotHappen(told, **{f"subject.{subject.subject}.{name}": "Choose one of the list"})
        if any(name not in BY_NAME or BY_NAME[name].codes for name in subject.words):
            raise CannotHappen("one of the answers about a child or adult belongs to no question that takes words")


def approved(case: Case, event: RecordApproved, rules: Rules) -> Step:
    """Let the newest version go to those invited, each its own part."""
    record, discussion = _record(case, event.discussion)
    latest = record.latest
    if latest is None or latest.id != event.version:
        raise CannotHappen("this is not the newest version: read the newest, and approve that")
    if latest.written_by == event.by and not event.as_chair:
        raise CannotHappen("somebody else must approve what you wrote: the chair, or another deciding manager")
    version = replace(_moved(latest, Move.APPROVE), approved_at=event.at, approved_by=event.by)
    _refuse_if_unfinished(case, discussion, version.minutes, rules)
    kept_from = tuple(
        a for a in circulation.recipients(case, discussion, version, rules) if case.shuts_out(a)
    )  # fmt: skip
    version = replace(version, kept_from=kept_from)
    sent = circulation.copies(case, record, discussion, version, event, rules)
    older = tuple(_moved(v, Move.REPLACE) for v in record.versions[:-1])
    after = replace(record, versions=(*older, version), copies=(*record.copies, *sent))
    effects = (
        *_withdrawn(record.copies),
        *(SendLetter(f"record:{copy.id}", Letter.RECORD, copy.id) for copy in sent),
    )
    return Step(case.with_record(after), effects)


def _withdrawn(copies: Iterable[Copy]) -> tuple[Effect, ...]:
    """What an older version still had to do: nobody is sent, or rung about, what does not hold any more."""
    return tuple(e for c in copies for e in (WithdrawLetter(f"record:{c.id}"), CloseTask(f"telephone:{c.id}")))


def _refuse_if_unfinished(case: Case, discussion: StrategyDiscussion, minutes: Minutes, rules: Rules) -> None:
    if not minutes.attendees:
        raise CannotHappen("nobody is named who took part: write who was there")
    missing = absent(discussion, minutes, rules)
    if missing and not minutes.emergency:
        names = ", ".join(function.replace("_", " ") for function in missing)
        raise CannotHappen(f"it was not quorate ({names} missing): write why it went on all the same")
    recorded = {of.subject: of for of in minutes.subjects}
    for subject in case.subjects:
        if subject.id not in discussion.subjects or subject.codes.role != "at_risk":
            continue
        said = recorded.get(subject.id, OfSubject(subject.id))
        for asked in QUESTIONS:
            if asked.required and not said.code(asked.name):
                raise CannotHappen(f"the record does not say, of subject {subject.id[1:]}: {asked.label}")


def absent(discussion: StrategyDiscussion, minutes: Minutes, rules: Rules) -> tuple[str, ...]:
    """The functions of the quorum that nobody filled; who only wrote was not there."""
    spoke = (rules.agency(t.agency) for t in minutes.attendees if t.mode != Mode.WRITTEN)
    there = {function for known in spoke if known for function in known.functions}
    return tuple(f for f in rules.discussion(discussion.kind).quorum if f not in there)


def told(case: Case, event: RecordTold, rules: Rules) -> Step:
    """A person told an agency what no mail could bring."""
    record = next((r for r in case.records if any(c.id == event.copy for c in r.copies)), None)
    copy = case.copy(event.copy)
    if record is None or copy is None or record.in_force is None or copy.version != record.in_force.id:
        raise CannotHappen("name a copy of the version that holds, by its number in the circulation list")
    if case.shuts_out(copy.agency):
        raise CannotHappen("this agency must not see this case any more: tell it nothing")
    moved = replace(copy, told_at=copy.told_at or event.at, told_by=copy.told_by or event.by)
    return Step(case.with_record(record.with_copy(moved)), (CloseTask(f"telephone:{copy.id}"),))


def copy_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """The mail that carries one agency's copy moved; a failure is rung at once, as with a packet."""
    record = next((r for r in case.records if any(c.id == event.about for c in r.copies)), None)
    copy = case.copy(event.about)
    if record is None or copy is None:
        return Step(case)
    goes = delivery.by(copy.transport, event.news, event.transport)
    moved = replace(copy, delivery=delivery.TABLE[copy.delivery, event.news], transport=goes)
    key, effects = f"telephone:{copy.id}", tuple[Effect, ...]()
    holds = record.in_force is not None and record.in_force.id == copy.version
    if moved.delivery in FAILED and holds and copy.told_at is None:
        effects = (OpenTask(key, TaskKind.TELEPHONE_AGENCY, copy.id, event.at),)
    elif event.news in ARRIVED:
        effects = (CloseTask(key),)
    return Step(case.with_record(record.with_copy(moved)), effects)


def record_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """It should be with those invited by now: the desk is asked, again and again, until it is."""
    record = case.record(about)
    if record is None or not record.owed:
        return Step(case)
    return Step(case, press_again(_key(record), TaskKind.RECORD, about, event, rules))
