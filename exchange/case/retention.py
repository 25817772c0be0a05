"""Retention: how long each part of a record is kept, by a schedule that is data, and what a legal hold means.

1. Siblings differ: each subject's answers have a life of their own. Contributions, an agency's own reference,
   information products and records of discussions live as long as the longest of those they are about; what is said
   of nobody in particular (the shared part) as long as the longest of all.
2. A life that no row of the schedule ends never ends; where a record is of several types, or several rows speak of
   one, the longest counts.
3. A hold refuses disposal, whatever the schedule says.
4. The journey (codes, ids, times) and its chain are never disposed of: they tell nobody's name.

A date of birth is content, which the journey does not know. A life counted from birth therefore starts at the latest
day on which somebody of the subject's age band can have been born. The band may have been taken on any day until the
case's last event, so it is counted back from there: nothing is ever disposed of too early, and some of it up to a few
years late. Other cases of the same person are not known here either: whoever disposes looks for them first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.case.decision import Decision
from exchange.case.disposal import SHARED, TRANSPORT, Keep, RecordType, Since
from exchange.case.product import Product
from exchange.case.state import Case, SubjectEpisode


@dataclass(frozen=True, slots=True)
class Life:
    """How long one part of a case lives."""

    part: str
    until: datetime | None  # None: it is never disposed of
    rule: str  # "nfa 6y from last_contact"; several with a semicolon; "" when no row speaks of it


# A decision, or a route beside it, makes the subject's record one of this type. A decision not here goes by the form.
_RECORDS: dict[str, RecordType] = {
    Decision.NFA: RecordType.NFA,
    Decision.ADVICE: RecordType.ADVICE,
    Decision.EARLY_HELP: RecordType.EARLY_HELP,
    Decision.ASSESSMENT: RecordType.SECTION_17,
    Decision.SECTION_47: RecordType.CHILD_PROTECTION,
    Decision.SECTION_42: RecordType.ADULT,
    Decision.OTHER_ENQUIRY: RecordType.ADULT,
    Decision.LADO: RecordType.LADO,
}
_BY_FORM = {"child": RecordType.CHILD_PROTECTION, "adult": RecordType.ADULT}  # undecided: as long as the longest
_LEAST_YEARS = {"under_5": 0, "school": 5, "16_17": 16, "adult": 18}  # of an age band
_UNBORN = timedelta(days=300)  # a pregnancy, and some days over


def lives(case: Case, schedule: Iterable[Keep]) -> tuple[Life, ...]:
    """How long every part of a closed case lives: subjects, contributions, records, the shared part and
    transport copies. Nothing of an open case has an end."""
    rows = tuple(schedule)
    subjects = {s.id: _subject_life(case, s, rows) for s in case.subjects}
    contributions = (_longest(c.id, _of_leg(case, c.leg, subjects)) for c in case.contributions)
    legs = (_longest(leg.id, _of_leg(case, leg.id, subjects)) for leg in case.legs)
    products = (_longest(p.id, _about(_subjects_of(p), subjects)) for p in case.products)
    records = (_longest(d.id, _about(d.subjects, subjects)) for d in case.discussions if case.record(d.id))
    shared = tuple(subjects.values()) or (_life(case, None, SHARED, {RecordType.CONSULTATION}, rows),)
    return (
        *subjects.values(), *contributions, *legs, *products, *records, _longest(SHARED, shared),
        _life(case, None, TRANSPORT, {RecordType.TRANSPORT}, rows),
    )  # fmt: skip


def _of_leg(case: Case, leg_id: str, subjects: dict[str, Life]) -> tuple[Life, ...]:
    leg = case.leg(leg_id)
    return _about(leg.subjects if leg else (), subjects)


def _subjects_of(product: Product) -> tuple[str, ...]:
    return tuple(name for version in product.versions for name in version.subjects)


def _about(names: tuple[str, ...], subjects: dict[str, Life]) -> tuple[Life, ...]:
    return tuple(life for name, life in subjects.items() if name in names) or tuple(subjects.values())


def _subject_life(case: Case, subject: SubjectEpisode, rows: tuple[Keep, ...]) -> Life:
    usual = _BY_FORM.get(subject.codes.form, RecordType.CHILD_PROTECTION)
    codes = {stamp.code for stamp in subject.decisions}
    beside = {way for stamp in subject.decisions for way in stamp.ways if way in _RECORDS}
    types = {_RECORDS.get(code, usual) for code in codes | beside} or {usual}
    return _life(case, subject, subject.id, types, rows)


def _life(
    case: Case, subject: SubjectEpisode | None, part: str, types: set[RecordType], rows: tuple[Keep, ...]
) -> Life:
    """The longest of what the rows say of every type; without an end where one of the types has no row."""
    speaking = [row for row in rows if row.record in types]
    rule = "; ".join(f"{row.record} {row.length} from {row.since}" for row in speaking)
    if case.closed is None or {row.record for row in speaking} != types:
        return Life(part, None, rule)
    return Life(part, max(_after(_start(case, subject, row.since), row) for row in speaking), rule)


def _longest(part: str, others: tuple[Life, ...]) -> Life:
    for life in others:
        if life.until is None:
            return Life(part, None, life.rule)
    until, rule = max((life.until, life.rule) for life in others if life.until)
    return Life(part, until, rule)


def _start(case: Case, subject: SubjectEpisode | None, since: Since) -> datetime:
    last = last_contact(case)
    if since is Since.CLOSED:
        return case.closed.at if case.closed else last
    if since is Since.DECIDED:
        return max((stamp.at for stamp in subject.decisions), default=last) if subject else last
    if since is Since.BIRTH:
        return _latest_birth(subject.codes.age_band if subject else "", last)
    return last


def last_contact(case: Case) -> datetime:
    """When anybody last did or said something in the case, as far as it is kept."""
    return max(_moments(case))


def _moments(case: Case) -> Iterator[datetime]:
    yield case.received_at
    yield from (stamp.at for stamp in (case.looked_at, case.closed) if stamp)
    yield from (stamp.at for stamp in case.sortings)
    for subject in case.subjects:
        yield from (decision.at for decision in subject.decisions)
        told = (*subject.ratings, *subject.outcomes, *subject.cohorts, *subject.levels, *subject.reviews)
        yield from (stamp.at for stamp in told)
    for leg in case.legs:
        yield leg.opened_at
        yield from (stamp.at for stamp in leg.evidence)
    yield from (contribution.at for contribution in case.contributions)
    yield from (version.written_at for product in case.products for version in product.versions)
    yield from (sent.at for sent in case.disclosures)
    yield from (version.written_at for record in case.records for version in record.versions)
    yield from (discussion.called_at for discussion in case.discussions)


def _latest_birth(age_band: str, on: datetime) -> datetime:
    """The latest day on which somebody can have been born who was of this age band on some day until `on`."""
    if age_band in _LEAST_YEARS:
        return _years_on(on, -_LEAST_YEARS[age_band])
    return on + _UNBORN  # not yet born, or not known: the youngest there is


def _after(start: datetime, row: Keep) -> datetime:
    return _years_on(start, row.years) + timedelta(days=row.days)


def _years_on(start: datetime, years: int) -> datetime:
    """The same day so many years on; the day after, where 29 February has none."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, month=3, day=1)
