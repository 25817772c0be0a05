"""Circulation: exactly which parts of an approved record go to which agency. Names are listed, never values.

1. An agency reads of the subjects that its packets were about, or its papers when it had no packet; of others nothing
   but that something must not be said. Of an adult who refuses only those read for whom a ground was recorded.
2. Its own information it always has; another's only where that agency's marking lets it, and only about subjects
   that it may see.
3. What must not be said is never left out: of a subject whom the agency may not see, only that there is such a thing.
4. Where an address is protected, nobody is told where anybody is.
5. Nothing goes to an agency that is shut out of the case.
"""

from __future__ import annotations

from collections.abc import Iterator

from exchange.case import packet
from exchange.case.lateral_check import Recall
from exchange.case.packet import WARNED
from exchange.case.record import Copy, Information, OfSubject, Record, RecordApproved, Release, Version
from exchange.case.record_fields import BY_NAME, MUST_NOT_SAY
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import StrategyDiscussion

ATTENDANCE, APOLOGIES, TRIGGER, NEXT = "attendance", "apologies", "trigger", "next"


def recipients(case: Case, discussion: StrategyDiscussion, version: Version, rules: Rules) -> tuple[str, ...]:
    """The agencies on the list: those invited, and those that took part all the same."""
    invited = [i.agency for i in discussion.invitees]
    there = [t.agency for t in version.minutes.attendees if rules.agency(t.agency)]
    return tuple(dict.fromkeys((*invited, *there)))


def copies(
    case: Case, record: Record, discussion: StrategyDiscussion, version: Version, event: RecordApproved, rules: Rules
) -> tuple[Copy, ...]:
    """One for each agency on the list that may see the case."""
    able = [a for a in recipients(case, discussion, version, rules) if not case.shuts_out(a)]
    first = sum(len(r.copies) for r in case.records) + 1
    return tuple(
        _copy(case, record, discussion, version, event, rules, agency, f"k{n}")
        for n, agency in enumerate(able, first)
    )


def _copy(
    case: Case, record: Record, discussion: StrategyDiscussion, version: Version, event: RecordApproved, rules: Rules,
    agency: str, name: str,
) -> Copy:  # fmt: skip
    known = rules.agency(agency)
    subjects = sees(case, discussion, agency)
    holds = tuple(_held(case, discussion, version, agency, subjects))
    return Copy(
        id=name,
        version=version.id,
        agency=agency,
        subjects=subjects,
        manifest=packet.who(case.fields, subjects),
        holds=holds,
        left_out=tuple(_left_out(case, discussion, version, subjects, holds)),
        basis=known.basis if known else "",
        condition=known.condition if known else "",
        at=event.at,
        by=event.by,
        replaces=any(c.agency == agency and c.version != version.id and c.reached for c in record.copies),
    )


def _legs(case: Case, agency: str) -> tuple[Leg, ...]:
    return tuple(leg for leg in case.legs if leg.agency == agency)


def sees(case: Case, discussion: StrategyDiscussion, agency: str) -> tuple[str, ...]:
    """The subjects of the discussion of whom this agency may read; a packet that was asked back counts no more."""
    legs = _legs(case, agency)
    shown = {s for leg in legs if leg.recall is Recall.NONE for s in leg.subjects} if legs else {*discussion.subjects}
    kept = {s.id for s in case.subjects if s.keeps_from(agency) or s.in_error}
    return tuple(s for s in discussion.subjects if s in shown - kept)


def _household(case: Case, agency: str) -> bool:
    """Whether the agency was given the people around them."""
    legs = _legs(case, agency)
    listed = (name.partition(".")[0] for leg in legs for name in leg.manifest)
    return not legs or any(owner[:1] == "p" and owner[1:].isdigit() for owner in listed)


def _held(
    case: Case, discussion: StrategyDiscussion, version: Version, agency: str, subjects: tuple[str, ...]
) -> Iterator[str]:
    minutes, every = version.minutes, subjects == discussion.subjects
    frame = {
        ATTENDANCE: True,
        APOLOGIES: minutes.apologies,
        TRIGGER: minutes.trigger and every,
        NEXT: minutes.next_at,
    }
    yield from (name for name, there in frame.items() if there)
    for of in minutes.subjects:
        if of.subject in subjects:
            yield from _of_subject(case, of, every, _household(case, agency))
        elif MUST_NOT_SAY in of.words:
            yield f"{of.subject}.{MUST_NOT_SAY}{WARNED}"
    yield from (told.id for told in minutes.information if _may_read(told, agency, subjects))
    yield from (o.id for o in minutes.dissents if o.agency == agency or set(o.subjects) <= set(subjects))
    for action in case.actions:
        if action.discussion == discussion.id and (action.owner == agency or set(action.subjects) <= set(subjects)):
            yield action.id


def _of_subject(case: Case, of: OfSubject, every: bool, household: bool) -> Iterator[str]:
    secret = any(s.codes.address_protected for s in case.subjects)
    for name in answered(of):
        asked = BY_NAME[name]
        hidden = (asked.place and secret) or (asked.others and not every) or (asked.household and not household)
        if not hidden:
            yield f"{of.subject}.{name}"


def answered(of: OfSubject) -> tuple[str, ...]:
    """The questions answered about a subject, in their order."""
    given = {name for name, _ in of.codes} | set(of.words)
    return tuple(name for name in BY_NAME if name in given)


def _may_read(told: Information, agency: str, subjects: tuple[str, ...]) -> bool:
    if told.agency == agency:
        return True
    released = told.release is Release.ALL_INVITED or (told.release is Release.NAMED and agency in told.recipients)
    return released and set(told.subjects) <= set(subjects)


def _left_out(
    case: Case, discussion: StrategyDiscussion, version: Version, subjects: tuple[str, ...], holds: tuple[str, ...]
) -> Iterator[str]:
    minutes = version.minutes
    if minutes.trigger and TRIGGER not in holds:
        yield TRIGGER
    for of in minutes.subjects:
        if of.subject not in subjects:
            yield of.subject
        else:
            names = (f"{of.subject}.{name}" for name in answered(of))
            yield from (name for name in names if name not in holds)
    parts = [told.id for told in minutes.information] + [o.id for o in minutes.dissents]
    parts += [a.id for a in case.actions if a.discussion == discussion.id]
    yield from (part for part in parts if part not in holds)
