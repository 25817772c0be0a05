"""Asking: the questions of a referral as pages, one topic a page, and what was typed as answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from exchange.case.code_lists import SOURCES
from exchange.case.feedback import ANONYMOUS, ReferrerClass, class_of_source
from exchange.case.fields import BY_KEY, Field, Kind, Section
from exchange.case.referral import LONGEST_ANSWER, Problem, needed, wrong
from exchange.case.topics import (
    ABOUT_PERSON,
    ABOUT_SUBJECT,
    ABOUT_YOU,
    CONSENT,
    DANGER,
    HAPPENED,
    MORE,
    WHO,
    WITHOUT,
    Topic,
    fields,
)
from exchange.web.drafts import Draft
from exchange.web.forgery import Form
from exchange.web.slips import slip
from templates.languages import N_, say

Errors = dict[str, str]
Values = dict[str, str | tuple[str, ...]]  # of inputs, by name; of boxes, those that are ticked


RING_FIRST, MAY_WE = "ring-999", "may-we-know"
_PUBLIC = ("name", "source", "requester", "relationship", *ABOUT_YOU[-1].names)  # what is asked of neighbours
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


@dataclass(frozen=True, slots=True)
class Step:
    """One page of one draft."""

    slug: str  # as in its address
    topic: Topic | None  # None: a page of its own (ring-999, another, people, more, may-we-know)
    number: int = 0  # of the subject or person

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

    def heading(self, form: str) -> str:
        """What the page is about, by topic and number: it stands in the browser's history, where no name may."""
        assert self.topic is not None  # noqa: S101 - the others have a question for a heading
        if not self.number:
            return say(self.topic.heading)
        who = _NUMBERED["person" if self.topic.section is Section.PERSON else form]
        return f"{say(who, number=self.number)}: {lowered(say(self.topic.heading))}"

    def asked(self, draft: Draft) -> tuple[Field, ...]:
        """Its questions, as far as the answers so far leave them to be asked."""
        assert self.topic is not None  # noqa: S101 - only a page of questions has any
        kept = self.of(draft)
        found = [f for f in fields(self.topic, draft.form) if _arises(f, kept, draft)]
        return tuple(_for_whom(f, kept, draft) for f in found)


def steps(draft: Draft) -> list[Step]:
    """All pages of a draft in order."""
    found = [Step("danger", DANGER)]
    if draft.answers.get(Section.CONCERN, {}).get("immediate_danger") == "yes":
        found.append(Step(RING_FIRST, None))
    for n in range(1, len(draft.subjects) + 1):
        found += [Step(f"{t.slug}-{n}", t, n) for t in ABOUT_SUBJECT if draft.form in t.forms]
    found.append(Step("another", None))
    for n in range(1, len(draft.people) + 1):
        found += [Step(f"{t.slug}-{n}", t, n) for t in ABOUT_PERSON if draft.form in t.forms]
    found += [Step("people", None), Step(HAPPENED.slug, HAPPENED), Step("more", None)]
    more = MORE if draft.more else ()
    found += [Step(t.slug, t) for t in (*more, CONSENT, WITHOUT)]
    found += [Step(MAY_WE, None), *(Step(t.slug, t) for t in ABOUT_YOU)]
    return [s for s in found if s.topic is None or s.asked(draft)]


def progress(draft: Draft, step: Step) -> tuple[int, int]:
    """(which question this is, of how many)."""
    order = [s.slug for s in steps(draft) if s.slug != RING_FIRST]
    return order.index(step.slug) + 1, len(order)


def _arises(field: Field, kept: Mapping[str, str], draft: Draft) -> bool:
    if field.key in ("subject.date_of_birth", "subject.expected_date"):
        return (kept.get("unborn") == "yes") is (field.name == "expected_date")
    if field.section is Section.CONSENT and field.name in WITHOUT.names:
        return "no" in (kept.get(name) for name in ("informed", "consent", "share"))
    if field.section is Section.REFERRER:
        return draft.who == "professional" or (draft.who != "unnamed" and field.name in _PUBLIC)
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
    of = class_of_source(source)
    return of is (ReferrerClass.PROFESSIONAL if who == "professional" else ReferrerClass.PUBLIC)


def said_who(draft: Draft, who: str) -> None:
    """May we know who you are? What was answered about them before is kept only if it can still be meant."""
    draft.who = who
    about = draft.answers.setdefault(Section.REFERRER, {})
    if who == "unnamed":
        about.clear()
        about["source"] = ANONYMOUS
        return
    if not _fits(about.get("source", ""), who):
        about.pop("source", None)
    for name in set(about) - set(_PUBLIC) if who == "public" else ():
        del about[name]


def tidy(draft: Draft) -> None:
    """What no page asks any more is no answer: a date of birth of a baby not yet born, reasons for a refusal taken
    back."""
    for step in (s for s in steps(draft) if s.topic is WHO):
        kept = step.of(draft)
        kept.pop("date_of_birth" if kept.get("unborn") == "yes" else "expected_date", None)
    kept = draft.answers.get(Section.CONSENT, {})
    for name in WITHOUT.names:
        if not _arises(BY_KEY[f"consent.{name}"], kept, draft):
            kept.pop(name, None)


def missing(field: Field) -> str:
    """What to do about a question that must be answered."""
    return say(_MISSING[field.key])


def lowered(words: str) -> str:
    """Words that go on in the middle of a line."""
    return words[:1].lower() + words[1:]


def read(asked: tuple[Field, ...], form: Form, today: date) -> tuple[dict[str, str], Errors]:
    """The answers typed, and what is wrong with them."""
    typed = {f.name: value for f in asked if (value := _typed(f, form))}
    errors = {f.name: told for f in asked if (told := _wrong(f, typed, today))}
    return {name: value for name, value in typed.items() if name not in errors}, errors


def _wrong(field: Field, typed: Mapping[str, str], today: date) -> str:
    if field.name in typed:
        return slip(field, typed[field.name], today) or _fault(field, typed[field.name])
    of_subject = field.section is Section.SUBJECT  # whether they are born stands on the page that asks for their name
    return missing(field) if field.required and (not of_subject or needed(field, typed)) else ""


def _fault(field: Field, value: str) -> str:
    """What to do about an answer that the core cannot read."""
    if wrong(value, field) is None:
        return ""
    if len(value) > LONGEST_ANSWER:
        return say(
            "%(question)s: this is longer than %(most)s characters. Write it shorter, or ring us with the rest",
            question=say(field.label), most=LONGEST_ANSWER,
        )  # fmt: skip
    if field.codes:
        return say("%(question)s: choose from the answers that are offered", question=say(field.label))
    return say("%(question)s: it holds signs that cannot be shown. Type it again", question=say(field.label))


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
    return ", ".join(form.all(name)) if field.kind is Kind.SEVERAL else form.one(name)


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
