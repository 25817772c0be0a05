"""Asking: the questions of a referral as pages, one topic a page, and what was typed as answers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from exchange import written_days
from exchange.case.code_lists import SOURCES
from exchange.case.feedback import ANONYMOUS, ReferrerClass, class_of_source
from exchange.case.fields import BY_KEY, Field, Kind, Section
from exchange.case.journeys import (
    JOURNEYS,
    RING_FIRST,
    SAME,
    SHARED,
    SOURCE_OF,
    Group,
    Journey,
    Per,
    Stop,
    When,
)
from exchange.case.referral import LONGEST_ANSWER, Problem, needed, wrong
from exchange.case.tools import NONE
from exchange.case.topics import WITHOUT, Topic, fields
from exchange.web.drafts import Draft
from exchange.web.forgery import Form
from exchange.web.slips import of_contact, slip
from templates.languages import N_, say

Errors = dict[str, str]
Values = dict[str, str | tuple[str, ...]]  # of inputs, by name; of boxes, those that are ticked


_NUMBERED = {
    "person": N_("Person %(number)s"), "child": N_("Child %(number)s"), "adult": N_("Adult %(number)s"),
}  # fmt: skip
_MISSING = {  # what to do about a question that was left out
    "concern.immediate_danger": N_("Choose yes if anyone is in immediate danger, otherwise no"),
    "concern.what_happened": N_("Write what has happened, and what worries you"),
    "subject.given_name": N_("Write their first name, or what you call them"),
    "referrer.name": N_("Write your name"),
    "referrer.source": N_("Choose which of these describes you best"),
    "referrer.telephone": N_("Write a telephone number we can ring you on"),
}
_MISSING_TO_A_CHILD = {
    "concern.immediate_danger": N_("Choose yes or no"),
    "concern.what_happened": N_("Write what has happened. A few words are enough"),
    "subject.given_name": N_("Write a name. You can use a nickname"),
}
_MISSING_FEATURES = N_("Write a name, or what they look like")


@dataclass(frozen=True, slots=True)
class Step:
    """One page of one draft."""

    slug: str  # as in its address
    topic: Topic | None  # None: a page of its own (ring-999, another, people, more, may-we-know...)
    number: int = 0  # of the subject or person
    group: Group = Group.START
    kind: str = ""  # its slug without the number
    off_the_way: bool = False

    def of(self, draft: Draft) -> dict[str, str]:
        """Where its answers are kept."""
        assert self.topic is not None  # noqa: S101 - only a page of questions has answers
        if self.topic.section is Section.SUBJECT:
            return draft.subjects[self.number - 1]
        if self.topic.section is Section.PERSON:
            return draft.people[self.number - 1]
        return draft.answers.setdefault(self.topic.section, {})

    @property
    def removable(self) -> bool:
        """Whether the person this page is about can be taken out again."""
        return self.topic is not None and (self.topic.section is Section.PERSON or self.number > 1)

    def heading(self, draft: Draft) -> str:
        """What the page is about, by topic and number: it stands in the browser's history, where no name may."""
        assert self.topic is not None  # noqa: S101 - the others have a question for a heading
        if not self.number or draft.journey is Journey.YOUNG:
            return say(self.topic.heading)
        return f"{self.who(draft)}: {lowered(say(self.topic.heading))}"

    def who(self, draft: Draft) -> str:
        """The person it is about, by number."""
        of_person = self.topic is not None and self.topic.section is Section.PERSON
        if of_person or draft.journey is Journey.BUSINESS:
            return say(_NUMBERED["person"], number=self.number)
        return say(_NUMBERED[draft.form], number=self.number)

    def asked(self, draft: Draft) -> tuple[Field, ...]:
        """Its questions, as far as the answers so far leave them to be asked."""
        assert self.topic is not None  # noqa: S101 - only a page of questions has any
        kept = self.of(draft)
        found = [f for f in fields(self.topic, draft.form) if _arises(f, kept, draft)]
        return tuple(_for_whom(f, kept, draft) for f in found)


def steps(draft: Draft) -> list[Step]:
    """All pages of a draft in order."""
    stops = [s for s in JOURNEYS[draft.journey] if _holds(s, draft)]
    found: list[Step] = []
    for per, run in itertools.groupby(stops, key=lambda stop: stop.per):
        found += _repeated(tuple(run), {Per.SUBJECT: draft.subjects, Per.PERSON: draft.people}.get(per), draft)
    return [s for s in found if s.topic is None or s.asked(draft)]


def _repeated(run: tuple[Stop, ...], kept: list[dict[str, str]] | None, draft: Draft) -> Iterator[Step]:
    if kept is None:
        yield from (Step(s.slug, s.topic, 0, s.group, s.slug, s.off_the_way) for s in run)
        return
    for n in range(1, len(kept) + 1):
        for stop in run:
            if stop.slug != SAME or (n > 1 and may_be_the_same(draft)):
                yield Step(f"{stop.slug}-{n}", stop.topic, n, stop.group, stop.slug)


def _holds(stop: Stop, draft: Draft) -> bool:
    """Whether a page is asked at all, as far as we know by now."""
    if stop.topic is not None and draft.form not in stop.topic.forms:
        return False
    danger = draft.answers.get(Section.CONCERN, {}).get("immediate_danger") == "yes"
    return {
        When.ALWAYS: True, When.DANGER: danger, When.MORE: draft.more,
        When.FRIEND: draft.about == When.FRIEND, When.SELF: draft.about != When.FRIEND,
    }[stop.when]  # fmt: skip


def may_be_the_same(draft: Draft) -> dict[str, dict[str, str]]:
    """What was told of the first that may hold for a further one too, by what it is called."""
    asked = {name for s in JOURNEYS[draft.journey] if s.per is Per.SUBJECT and s.topic for name in s.topic.names}
    first = draft.subjects[0]
    told = {of: {n: first[n] for n in names if n in asked and first.get(n)} for of, names in SHARED.items()}
    return {of: answers for of, answers in told.items() if answers}


def said_already(draft: Draft, step: Step) -> bool:
    """Whether everything a page asks about a further person was taken over from the first."""
    if step.topic is None or step.topic.section is not Section.SUBJECT or step.number < 2:
        return False
    mine, first = step.of(draft), draft.subjects[0]
    asked = {f.name for f in step.asked(draft)}
    given = {name for name in asked if first.get(name)}
    whole = any(asked <= {*names} for names in SHARED.values())
    return whole and bool(given) and all(mine.get(name, "") == first.get(name, "") for name in asked)


def progress(draft: Draft, step: Step) -> tuple[int, int]:
    """(which question this is, of how many)."""
    order = [s.slug for s in steps(draft) if s.slug != RING_FIRST and (s == step or not s.off_the_way)]
    return order.index(step.slug) + 1, len(order)


def _arises(field: Field, kept: Mapping[str, str], draft: Draft) -> bool:
    if field.key in ("subject.date_of_birth", "subject.expected_date", "subject.age"):
        return (kept.get("unborn") == "yes") is (field.name == "expected_date")
    if field.section is Section.CONSENT and field.name in WITHOUT.names:
        return "no" in (kept.get(name) for name in ("informed", "consent", "share"))
    if field.section is Section.REFERRER or field.key == "consent.identity_known":
        return draft.who != "unnamed"
    return True


def _for_whom(field: Field, kept: Mapping[str, str], draft: Draft) -> Field:
    """The question as it is put to this person."""
    if field.key == "referrer.source":
        codes = [c for c in SOURCES.codes if _fits(c.code, draft.who)]
        return replace(field, codes=replace(SOURCES, codes=tuple(codes)))
    return replace(field, required=needed(field, {**kept, **_SOURCE_OF.get(draft.who, {})}))


# Somebody of this kind, before they have said which: it decides what they must answer.
_SOURCE_OF = {"professional": {"source": "8"}, "public": {"source": "1D"}}


def _fits(source: str, who: str) -> bool:
    professional = class_of_source(source) is ReferrerClass.PROFESSIONAL
    if who == "professional":
        return professional
    return class_of_source(source) in (ReferrerClass.PUBLIC, ReferrerClass.SELF)


def said_who(draft: Draft, who: str) -> None:
    """May we know who you are? What was answered about them before is kept only if it can still be meant."""
    draft.who = who
    about = draft.answers.setdefault(Section.REFERRER, {})
    if who == "unnamed":
        about.clear()
        about["source"] = ANONYMOUS
        draft.answers.get(Section.CONSENT, {}).pop("identity_known", None)
    elif not _fits(about.get("source", ""), who):
        about.pop("source", None)


def said_whom(draft: Draft, about: str) -> None:
    """A child writes about themself, or about a friend, whose family need not learn who it was."""
    draft.about = about
    draft.answers.setdefault(Section.REFERRER, {})["source"] = SOURCE_OF[When(about)]
    consent = draft.answers.setdefault(Section.CONSENT, {})
    if about == When.FRIEND:
        consent["identity_known"] = "no"
    else:
        consent.pop("identity_known", None)
        draft.answers[Section.REFERRER].pop("name", None)


def said_how_old(draft: Draft, under_age: str) -> None:
    """Whoever may be a child is taken for one."""
    draft.under_age = under_age
    draft.form = "adult" if under_age == "no" else "child"


def tidy(draft: Draft) -> None:
    """What no page asks any more is no answer: a date of birth of a baby not yet born, reasons for a refusal taken
    back."""
    for kept in draft.subjects:
        for name in ("date_of_birth", "age") if kept.get("unborn") == "yes" else ("expected_date",):
            kept.pop(name, None)
    kept = draft.answers.get(Section.CONSENT, {})
    for name in WITHOUT.names:
        if not _arises(BY_KEY[f"consent.{name}"], kept, draft):
            kept.pop(name, None)


def goes_on_at(draft: Draft) -> str:
    """The first page that was not answered yet."""
    left = (s.slug for s in steps(draft) if s.slug not in draft.seen and not s.off_the_way)
    return next(left, "check")


def missing(field: Field, journey: Journey = Journey.WORK) -> str:
    """What to do about a question that must be answered."""
    if field.key == "subject.given_name" and journey in (Journey.PUBLIC, Journey.BUSINESS):
        return say(_MISSING_FEATURES)
    return say((_MISSING | (_MISSING_TO_A_CHILD if journey is Journey.YOUNG else {}))[field.key])


def lowered(words: str) -> str:
    """Words that go on in the middle of a line."""
    return words[:1].lower() + words[1:]


def read(
    asked: tuple[Field, ...], form: Form, today: date, journey: Journey = Journey.WORK, *, leaving: bool = False
) -> tuple[dict[str, str], Errors]:
    """The answers typed, and what is wrong with them; whoever is `leaving` the page may leave it unfinished."""
    typed = {f.name: value for f in asked if (value := _typed(f, form))}
    errors = {f.name: told for f in asked if (told := _wrong(f, typed, today, journey))}
    errors |= of_contact(typed, [f.name for f in asked])
    errors = {name: told for name, told in errors.items() if name in typed or not leaving}
    return {name: value for name, value in typed.items() if name not in errors}, errors


def _wrong(field: Field, typed: Mapping[str, str], today: date, journey: Journey) -> str:
    if field.name in typed:
        return slip(field, typed[field.name], today) or _fault(field, typed[field.name])
    of_subject = field.section is Section.SUBJECT  # whether they are born stands on the page that asks for their name
    return missing(field, journey) if field.required and (not of_subject or needed(field, typed)) else ""


def _fault(field: Field, value: str) -> str:
    """What to do about an answer that the core cannot read."""
    if wrong(value, field) is None:
        return ""
    if len(value) > LONGEST_ANSWER:
        return say(
            "This is longer than %(most)s characters. Write it shorter, or ring us with the rest", most=LONGEST_ANSWER
        )
    if field.codes:
        return say("Choose from the answers that are offered")
    return say("This holds signs that cannot be shown. Type it again")


def remedy(problem: Problem) -> str:
    """What to do about a problem of the whole, when nothing is missing."""
    if problem.where == "subjects":
        return say("Tell us of at least one child or adult who may be at risk")
    return say("Check this answer: it cannot be read")


def _typed(field: Field, form: Form) -> str:
    if field.kind is not Kind.DATE:
        return given(field, form, field.name)
    day, month, year = (form.one(f"{field.name}-{part}") for part in ("day", "month", "year"))
    if not (day or month or year):
        return ""
    return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"


def given(field: Field, form: Form, name: str) -> str:
    """The answer posted under a name; of boxes, all that were ticked."""
    if field.kind is Kind.DATE:  # in one box, at the desk
        return written_days.whole(form.one(name))
    if field.kind is not Kind.SEVERAL:
        return form.one(name)
    ticked = form.all(name)
    return ", ".join(code for code in ticked if code != NONE or len(ticked) == 1)  # without script both can be ticked


def shown(asked: tuple[Field, ...], answers: Mapping[str, str]) -> Values:
    """Kept answers as the page's inputs take them."""
    values: Values = dict(answers)
    for field in asked:
        answer = answers.get(field.name, "")
        if field.kind is Kind.DATE and len(answer) == 10:
            year, month, day = answer.split("-")
            values |= {f"{field.name}-day": day, f"{field.name}-month": month, f"{field.name}-year": year}
        if field.kind is Kind.SEVERAL:
            values[field.name] = field.chosen(answer)
    return values


def again(asked: tuple[Field, ...], form: Form) -> Values:
    """What was typed, as the page's inputs take it again."""
    ticked = {f.name: form.all(f.name) for f in asked if f.kind is Kind.SEVERAL}
    return {**form.values(), **ticked}
