"""Asking: the questions of a referral as pages, one topic a page, and what was typed as answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from exchange.case.fields import BY_KEY, Field, Kind, Section
from exchange.case.referral import wrong
from exchange.web.drafts import Draft
from exchange.web.forgery import Form
from exchange.web.slips import slip

Errors = dict[str, str]
Values = dict[str, str | tuple[str, ...]]  # of inputs, by name; of boxes, those that are ticked


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
          ("given_name", "family_name", "aliases", "date_of_birth", "unborn", "expected_date", "sex"),
          note="Write what you know. A first name is enough. You can add others later."),
    Topic("home", "Where they live", _S,
          ("address", "postcode", "address_protected", "current_address", "whereabouts")),
    Topic("school", "School, and the law", _S, ("school", "upn", "legal_status"), ("child",)),
    Topic("care", "Care and support", _S,
          ("care_needs", "support_reason", "lives_alone", "placing_authority", "funding", "children_in_household",
           "children_told"), ("adult",)),
    Topic("capacity", "Making decisions", _S,
          ("capacity", "capacity_assessed", "substantial_difficulty", "advocate", "lasting_power"), ("adult",)),
    Topic("needs", "Health and needs", _S, ("disability", "communication", "gp", "health_visitor", "nhs_number")),
    Topic("background", "Language and background", _S,
          ("language", "ethnicity", "religion", "gender", "immigration", "features")),
    Topic("harm", "The harm", _S, ("category", "abuse", "types_of_abuse", "hate")),
    Topic("voice", "What they say", _S, ("words", "wishes", "outcomes_asked", "safe_to_contact")),
)  # fmt: skip
ABOUT_PERSON = (
    Topic("person", "Somebody else in their life", _P,
          ("name", "relationship", "date_of_birth", "lives_there", "address", "address_protected")),
    Topic("person-part", "Their part in this", _P,
          ("parental_responsibility", "alleged", "poses_risk", "also_at_risk", "main_carer", "works_with", "employer",
           "safe_to_contact")),
)  # fmt: skip
HAPPENED = Topic("happened", "What has happened", _C, ("what_happened", "when", "where", "location", "ongoing"))
MORE = (  # only for whoever says that they can tell more
    Topic("seen", "What you saw, heard and were told", _C, ("seen", "heard", "told", "opinion"),
          note="Keep what you saw apart from what others said. Leave blank what you have written already."),
    Topic("injury", "Injuries", _C, ("injury", "body_map")),
    Topic("before", "What else you know", _C,
          ("history", "working_well", "worries", "parents_view", "done_so_far")),
    Topic("risk", "Risks", _C,
          ("risks_to_workers", "other_children", "others_at_risk", "protection", "already_told", "crime_reference")),
    Topic("scores", "Assessments and scores", _C,
          ("level_of_need", "assessment_attached", "dash_score", "cse_score")),
)  # fmt: skip
REST = (
    Topic("consent", "What the family knows", _A, ("informed", "consent", "share", "by_whom", "for_whom"),
          note="If telling them could put somebody in danger, do not tell them."),
    Topic("without", "If they have not agreed", _A, ("why_not", "why_not_details", "identity_known"),
          note="You can refer without agreement when somebody may be at risk of harm."),
    Topic("you", "About you", _R,
          ("name", "role", "organisation", "source", "requester", "relationship", "lead_consulted", "consultation")),
    Topic("contact", "How we can reach you", _R,
          ("telephone", "mail", "mail_shared", "safe_contact", "keep_from", "rang_first", "rang_whom",
           "feedback_wanted", "feedback_route")),
)  # fmt: skip
TOPICS = (DANGER, *ABOUT_SUBJECT, *ABOUT_PERSON, HAPPENED, *MORE, *REST)
ESSENTIAL = (DANGER, *ABOUT_SUBJECT[:2], ABOUT_PERSON[0], HAPPENED, REST[0], *REST[2:])  # asked in every call


@dataclass(frozen=True, slots=True)
class Step:
    """One page of one draft."""

    slug: str  # as in its address
    topic: Topic | None  # None: a page of its own (another, people, more)
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
    for n in range(1, len(draft.people) + 1):
        found += [Step(f"{t.slug}-{n}", t, n) for t in ABOUT_PERSON]
    found += [Step("people", None), Step(HAPPENED.slug, HAPPENED), Step("more", None)]
    more = MORE if draft.more else ()
    return found + [Step(t.slug, t) for t in (*more, *REST)]


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
