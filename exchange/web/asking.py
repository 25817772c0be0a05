"""Asking: the questions of a referral as pages, one topic a page, and what was typed as answers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from exchange.case.fields import BY_KEY, Field, Kind, Section
from exchange.case.referral import wrong
from exchange.web.drafts import Draft
from exchange.web.forgery import Form
from exchange.web.slips import slip
from templates import moments

Errors = dict[str, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of questions."""

    slug: str
    heading: str
    section: Section
    names: tuple[str, ...]
    forms: tuple[str, ...] = ("child", "adult")
    note: str = ""


_C, _S, _P, _A, _R = Section.CONCERN, Section.SUBJECT, Section.PERSON, Section.CONSENT, Section.REFERRER
DANGER = Topic("danger", "Before you start", _C, ("immediate_danger",))
ABOUT_SUBJECT = (
    Topic("who", "Who are you worried about?", _S,
          ("given_name", "family_name", "aliases", "date_of_birth", "expected_date", "sex"),
          note="Write what you know. A first name is enough. You can add others later."),
    Topic("home", "Where they live", _S, ("address", "postcode", "address_protected", "whereabouts")),
    Topic("school", "School, and the law", _S, ("school", "upn", "legal_status"), ("child",)),
    Topic("care", "Care and support", _S,
          ("types_of_abuse", "care_needs", "lives_alone", "capacity", "capacity_assessed", "advocate",
           "children_in_household"), ("adult",)),
    Topic("needs", "Health, language and needs", _S,
          ("disability", "gp", "health_visitor", "nhs_number", "ethnicity", "language", "communication")),
    Topic("voice", "What they say", _S, ("words", "wishes")),
)  # fmt: skip
PERSON = Topic("person", "Somebody else in their life", _P,
               ("name", "relationship", "date_of_birth", "lives_there", "poses_risk", "safe_to_contact"))  # fmt: skip
REST = (
    Topic("happened", "What has happened", _C, ("what_happened", "when", "where", "injury")),
    Topic("before", "What else you know", _C,
          ("history", "working_well", "done_so_far", "level_of_need", "risks_to_workers")),
    Topic("consent", "What the family knows", _A, ("informed", "consent", "why_not", "identity_known"),
          note="If telling them could put somebody in danger, do not tell them."),
    Topic("you", "About you", _R, ("name", "role", "organisation", "source")),
    Topic("contact", "How we can reach you", _R, ("telephone", "mail", "safe_contact", "rang_first")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One page of one draft."""

    slug: str  # as in its address
    topic: Topic | None  # None: a page of its own (another, people)
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


def steps(draft: Draft) -> list[Step]:
    """All pages of a draft in order."""
    found = [Step("danger", DANGER)]
    for n in range(1, len(draft.subjects) + 1):
        found += [Step(f"{t.slug}-{n}", t, n) for t in ABOUT_SUBJECT if draft.form in t.forms]
    found.append(Step("another", None))
    found += [Step(f"person-{n}", PERSON, n) for n in range(1, len(draft.people) + 1)]
    found.append(Step("people", None))
    return found + [Step(t.slug, t) for t in REST]


def fields(topic: Topic, form: str) -> tuple[Field, ...]:
    """The questions of a page."""
    known = (BY_KEY[f"{topic.section}.{name}"] for name in topic.names)
    return tuple(f for f in known if form in f.forms)


def read(asked: tuple[Field, ...], form: Form, today: date) -> tuple[dict[str, str], Errors]:
    """The answers typed, and what is wrong with them."""
    answers, errors = {}, {}
    for field in asked:
        value = _typed(field, form)
        if not value:
            if field.required:
                errors[field.name] = f"Answer: {field.label}"
            continue
        told = slip(field, value, today) or _fault(field, value)
        if told:
            errors[field.name] = told
        else:
            answers[field.name] = value
    return answers, errors


def _fault(field: Field, value: str) -> str:
    fault = wrong(value, field)
    return f"{field.label}: {fault[0]}. {fault[1].capitalize()}" if fault else ""


def _typed(field: Field, form: Form) -> str:
    if field.kind is not Kind.DATE:
        return form.one(field.name)
    day, month, year = (form.one(f"{field.name}-{part}") for part in ("day", "month", "year"))
    if not (day or month or year):
        return ""
    return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"


def shown(asked: tuple[Field, ...], answers: Mapping[str, str]) -> dict[str, str]:
    """Kept answers as the page's inputs take them."""
    values = dict(answers)
    for field in asked:
        if field.kind is Kind.DATE and len(answers.get(field.name, "")) == 10:
            year, month, day = answers[field.name].split("-")
            values |= {f"{field.name}-day": day, f"{field.name}-month": month, f"{field.name}-year": year}
    return values


def worded(field: Field, answer: str) -> str:
    """An answer as people read it."""
    if field.kind is Kind.DATE:
        with contextlib.suppress(ValueError):
            return moments.day(date.fromisoformat(answer))
    return dict(field.choices).get(answer, answer)
