"""What a referral says: the answers of one concern, checked against the list of questions.

1. Answers are strings; a blank answer is absent.
2. `read` refuses only what cannot be understood, names where and how to mend it, and never repeats a value.
3. `codes` are all that may leave this content for the case's journey: which answers exist, never what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exchange.case.feedback import ReferrerClass, class_of_source
from exchange.case.fields import BY_KEY, Field, Kind, Section, questions
from exchange.case.place import houses, spellings, streets

SCHEMA = "referral/1"  # the version every structured referral names
MOST_SUBJECTS = 20  # more in one contact is a mistake or an attack; a large sibling group is well under it
MOST_PERSONS = 40
SHORTEST_PLACE = 5  # characters: a shorter line of an address ("14", "Hull") would strike out innocent words
OF_PROFESSIONALS = ("referrer.name", "referrer.telephone")
_WRITTEN_PLACES = ("address", "postcode", "current_address")
MONTHS = 60  # of age, or weeks or days: below this a child is under five, however it is counted
LONGEST_WAIT = 42 * 7  # days until an expected birth
OVERDUE = 28  # days after the expected date of birth: whoever is not born by then was, or the date is a slip
OLDEST = 130  # years: a date of birth further back is a slip of the hand
LONGEST_ANSWER = 20_000  # characters: some ten pages of typing


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a referral: where (a path such as `subjects.2.date_of_birth`), what, and the remedy."""

    where: str
    what: str
    remedy: str


class ReferralRefused(ValueError):
    """The referral cannot be read as it stands; `problems` says where, what and how to mend it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.where}: {p.what} ({p.remedy})" for p in problems))


_PLACE = {key: place for place, key in enumerate(BY_KEY)}
Answers = Mapping[str, str]  # field name -> answer, within one section


@dataclass(frozen=True, slots=True)
class Referral:
    """One concern as told. Content: seal it before it is stored."""

    form: str  # "child" | "adult"
    referrer: Answers = field(default_factory=dict, repr=False)
    concern: Answers = field(default_factory=dict, repr=False)
    consent: Answers = field(default_factory=dict, repr=False)
    subjects: tuple[Answers, ...] = field(default=(), repr=False)
    household: tuple[Answers, ...] = field(default=(), repr=False)
    # ("s1", answers) as they were before they were corrected: where somebody lived stays as secret as it was.
    former: tuple[tuple[str, Answers], ...] = field(default=(), repr=False, compare=False)

    def data(self) -> dict[str, Any]:
        """The JSON shape `read` takes."""
        return {
            "schema": SCHEMA,
            "form": self.form,
            "referrer": dict(self.referrer),
            "concern": dict(self.concern),
            "consent": dict(self.consent),
            "subjects": [dict(s) for s in self.subjects],
            "household": [dict(p) for p in self.household],
        }


def read(data: object, *, need_required: bool = False) -> Referral:
    """The referral in `data` (the JSON shape of `exchange schema referral`).

    `need_required` also asks for the answers marked required: for forms and the API, where the person is still
    there to give them. Raises ReferralRefused.
    """
    problems: list[Problem] = []
    if not isinstance(data, Mapping):
        raise ReferralRefused((Problem("(whole)", "not a JSON object", "see `exchange schema referral`"),))
    form = data.get("form", "child")
    if form not in ("child", "adult"):
        raise ReferralRefused((Problem("form", "unknown form", "write child or adult"),))
    if data.get("schema", SCHEMA) != SCHEMA:
        problems.append(Problem("schema", "unknown version", f"write {SCHEMA}"))
    known = {"schema", "form", "referrer", "concern", "consent", "subjects", "household"}
    problems += [Problem(str(k)[:40], "unknown member", "remove it") for k in data if k not in known]
    referrer = _section(data.get("referrer"), "referrer", Section.REFERRER, form, need_required, problems)
    concern = _section(data.get("concern"), "concern", Section.CONCERN, form, need_required, problems)
    consent = _section(data.get("consent"), "consent", Section.CONSENT, form, need_required, problems)
    subjects = _repeated(data, "subjects", Section.SUBJECT, form, need_required, MOST_SUBJECTS, problems)
    household = _repeated(data, "household", Section.PERSON, form, need_required, MOST_PERSONS, problems)
    if not subjects:
        problems.append(Problem("subjects", "nobody is named", "describe at least one child or adult at risk"))
    if problems:
        raise ReferralRefused(tuple(problems))
    return Referral(form, referrer, concern, consent, subjects, household)


def _repeated(
    data: Mapping[Any, Any],
    name: str,
    section: Section,
    form: str,
    need: bool,
    most: int,
    problems: list[Problem],
) -> tuple[Answers, ...]:
    given = data.get(name, [])
    if not isinstance(given, list):
        problems.append(Problem(name, "not a list", "write [ ... ]"))
        return ()
    if len(given) > most:
        problems.append(Problem(name, f"more than {most}", "send the others in a second referral"))
    return tuple(_section(one, f"{name}.{n}", section, form, need, problems) for n, one in enumerate(given[:most], 1))


def _section(given: object, where: str, section: Section, form: str, need: bool, problems: list[Problem]) -> Answers:
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        problems.append(Problem(where, "not a JSON object", "write { ... }"))
        return {}
    fields = {f.name: f for f in questions(section, form)}
    problems += [
        Problem(f"{where}.{str(name)[:40]}", "unknown field", "see `exchange schema referral`")
        for name in given
        if name not in fields
    ]
    answers = {}
    for name, asked in fields.items():
        value = given.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if need and needed(asked, given):
                problems.append(Problem(f"{where}.{name}", "no answer", f"answer “{asked.label}”"))
            continue
        fault = wrong(value, asked)
        if fault is None and (kept := _kept(str(value).strip(), asked)):
            answers[name] = kept
        elif fault:
            problems.append(Problem(f"{where}.{name}", *fault))
    return answers


def needed(asked: Field, given: Mapping[str, object]) -> bool:
    """Whether there must be an answer, as far as the others of its section are known: professionals say who they are,
    the public need not (domain design truth 8); a baby who is not born yet has no name, and of a stranger it is
    enough to say what they look like."""
    if asked.key in OF_PROFESSIONALS:
        return class_of_source(str(given.get("source", ""))) is ReferrerClass.PROFESSIONAL
    if asked.key == "subject.given_name":
        return given.get("unborn") != "yes" and not given.get("features")
    return asked.required


def wrong(value: object, asked: Field) -> tuple[str, str] | None:
    """(what is wrong, remedy) of an answer, or None when it can be read."""
    if not isinstance(value, str):
        return "not text", "put it in quotes"
    if len(value) > LONGEST_ANSWER:
        return f"longer than {LONGEST_ANSWER} characters", "send the rest as an attachment"
    if any(c < " " and c not in "\t\r\n" for c in value):
        return "has control characters", "type it again as plain text"
    if asked.kind is Kind.DATE and not _is_date(value.strip()):
        return "not a date", "write it as YYYY-MM-DD, for example 2019-03-27"
    if asked.codes and not {*asked.chosen(value)} <= {code for code, _ in asked.choices}:
        one = "one" if asked.kind is Kind.CHOICE else "one or more"
        return "not one of the choices", f"write {one} of: " + ", ".join(code for code, _ in asked.choices)
    return None


def _kept(answer: str, asked: Field) -> str:
    if asked.kind is not Kind.SEVERAL:
        return answer
    chosen = asked.chosen(answer)
    return ", ".join(code for code, _ in asked.choices if code in chosen)  # in one order, so that equal is equal


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text  # Python 3.11 reads week dates too
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class SubjectCodes:
    """What the journey may know of one subject."""

    id: str  # "s1", "s2"... within the case
    form: str  # "child" | "adult"
    age_band: str  # unborn | under_5 | school | 16_17 | adult | unknown
    cohort: str = ""  # "" is undetermined: legal at receipt, not at decision
    area: str = ""  # outward part of the postcode, upper case ("ZZ99"); "" when not known
    fields: tuple[str, ...] = ()  # names of the answers given
    address_protected: bool = False
    role: str = "at_risk"  # at_risk | poses_risk | missing: what they are in this contact
    refuses: bool = False  # an adult with capacity who has not agreed: nothing is shared until a person says so


# One of these at least tells whom a subject is that staff add: somebody missing or unknown is described.
DESCRIBES = frozenset(
    {"given_name", "family_name", "aliases", "date_of_birth", "expected_date", "unborn", "features", "nhs_number",
     "upn", "whereabouts"}
)  # fmt: skip
ROLES = ("at_risk", "poses_risk", "missing")


def subject_codes(referral: Referral, today: date) -> tuple[SubjectCodes, ...]:
    """The codes of every subject, numbered in the order told. Who shares a protected address is protected too."""
    secret = protected_subjects(referral)
    return tuple(
        SubjectCodes(
            id=f"s{n}",
            form=referral.form,
            age_band=age_band(answers, referral.form, today),
            area=_area(answers.get("postcode", "")),
            fields=tuple(sorted(answers)),
            address_protected=f"s{n}" in secret,
            refuses=refuses(referral, answers),
        )
        for n, answers in enumerate(referral.subjects, 1)
    )


def protected_subjects(referral: Referral) -> set[str]:
    """The subjects ("s1"...) whose address is protected, or is the protected one of somebody else."""
    people = (*referral.subjects, *referral.household)
    secret = {place for answers in people if _is_protected(answers) for place in _places(answers)}
    numbered = enumerate(referral.subjects, 1)
    return {f"s{n}" for n, answers in numbered if _is_protected(answers) or secret & _places(answers)}


def refuses(referral: Referral, answers: Answers) -> bool:
    """Whether an adult who can decide for themselves has said no, to the referral or to sharing (Care Act guidance
    14.55: respected unless a person records why not)."""
    said_no = "no" in (referral.consent.get("consent"), referral.consent.get("share"))
    return referral.form == "adult" and answers.get("capacity") == "yes" and said_no


def _is_protected(answers: Answers) -> bool:
    return answers.get("address_protected") == "yes"


def _places(answers: Answers) -> set[str]:
    """Addresses and postcode, however they were typed."""
    given = (answers.get(name, "") for name in _WRITTEN_PLACES)
    return {plain for text in given if (plain := re.sub(r"\W+", "", text).casefold())}


def protected_places(referral: Referral) -> Iterator[tuple[str, str]]:
    """(subject or person, line) for every line of a protected address, for its street alone, and for its house number
    beside the first word of the street: what may stand in no answer."""
    people = tuple(_people(referral))
    kept = {owner for owner, answers in people if _is_protected(answers)}
    for owner, answers in (*people, *referral.former):
        if owner in kept or _is_protected(answers):
            text = "\n".join(answers.get(name, "") for name in _WRITTEN_PLACES)
            written = (line.strip() for line in re.split(r"[\r\n,;]+", text))
            lines = (*written, *houses(text), *streets(text), *spellings(text))
            yield from ((owner, line) for line in lines if len(line) >= SHORTEST_PLACE)


def lives_with_a_secret(referral: Referral, released: Set[str] = frozenset()) -> set[str]:
    """Those of the household ("p1"...) whose own address is where a subject's protected one is, but for the
    `released`: they live there, or it is the same place."""
    kept = [(owner, answers) for owner, answers in _people(referral) if _is_protected(answers)]
    kept = [(owner, answers) for owner, answers in kept if owner not in released]
    secret = {place for _, answers in kept for place in _places(answers)}
    subject = any(owner.startswith("s") for owner, _ in kept)
    return {
        owner
        for owner, answers in _people(referral)
        if owner.startswith("p") and answers.get("address")
        and (bool(secret & _places(answers)) or (subject and answers.get("lives_there") == "yes"))
    }  # fmt: skip


def addresses(referral: Referral) -> Iterator[tuple[str, bool]]:
    """(address, whether it is protected) of everybody named, subjects and household."""
    for _, answers in _people(referral):
        found = (answers.get(name, "") for name in (*_WRITTEN_PLACES, "whereabouts"))
        yield from ((text, _is_protected(answers)) for text in found if text)


def _people(referral: Referral) -> Iterator[tuple[str, Answers]]:
    yield from ((f"s{n}", answers) for n, answers in enumerate(referral.subjects, 1))
    yield from ((f"p{n}", answers) for n, answers in enumerate(referral.household, 1))


def age_band(answers: Answers, form: str, today: date) -> str:
    """A child's band by date of birth, else by the age that somebody guessed; an adult form is `adult` whatever the
    date says."""
    if form == "adult":
        return "adult"
    if not answers.get("date_of_birth"):
        unborn = answers.get("expected_date") or answers.get("unborn") == "yes"
        return "unborn" if unborn else _guessed_band(answers.get("age", ""))
    born = date.fromisoformat(answers["date_of_birth"])
    return _band(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def _band(years: int) -> str:
    bands = ((0, "unborn"), (5, "under_5"), (16, "school"), (18, "16_17"))
    return next((band for top, band in bands if years < top), "adult" if years < OLDEST else "unknown")


def born_by_now(answers: Answers, today: date) -> bool:
    """Whether the expected date of birth is so long past that it cannot be right."""
    expected = answers.get("expected_date", "")
    return bool(expected) and (today - date.fromisoformat(expected)).days > OVERDUE


def unborn_fault(answers: Answers, today: date) -> tuple[str, str, str] | None:
    """(answer, what is wrong, remedy) of what cannot be so of a baby not born yet, or None."""
    if answers.get("unborn") == "yes" and answers.get("date_of_birth"):
        return (
            "date_of_birth", "a baby who is not born yet has none",
            "leave it out and give the expected date; or say that they are born (unborn: no)",
        )  # fmt: skip
    if born_by_now(answers, today):
        return "expected_date", "this date is past", "give the date of birth instead, or check the year"
    expected = answers.get("expected_date", "")
    if expected and (date.fromisoformat(expected) - today).days > LONGEST_WAIT:
        return "expected_date", "this date is more than 42 weeks away", "check the year"
    return None


_NUMBER = re.compile(r"\d{1,3}")
_NOT_YEARS = re.compile(r"\b(day|week|month|mth|baby|newborn|diwrnod|wythnos|mis|babi)", re.IGNORECASE)


def _guessed_band(age: str) -> str:
    """The band of `about 8`, `8 or 9`, `5 months`; one that could be either is not known."""
    numbers = [int(number) for number in _NUMBER.findall(age)]
    if _NOT_YEARS.search(age):
        return "under_5" if all(number < MONTHS for number in numbers) else "unknown"
    bands = {_band(years) for years in numbers}
    return bands.pop() if len(bands) == 1 else "unknown"


def _area(postcode: str) -> str:
    text = "".join(postcode.upper().split())
    return text[:-3] if 5 <= len(text) <= 8 else ""


def answered(referral: Referral) -> Iterator[tuple[str, str, str]]:
    """(where, field key, answer) for every answer; where is "" or a subject or person id such as `s1`, `p2`."""
    for section, answers in (("referrer", referral.referrer), ("concern", referral.concern),
                             ("consent", referral.consent)):  # fmt: skip
        yield from (("", f"{section}.{name}", value) for name, value in _as_asked(section, answers))
    for n, answers in enumerate(referral.subjects, 1):
        yield from ((f"s{n}", f"subject.{name}", value) for name, value in _as_asked("subject", answers))
    for n, answers in enumerate(referral.household, 1):
        yield from ((f"p{n}", f"person.{name}", value) for name, value in _as_asked("person", answers))


def _as_asked(section: str, answers: Answers) -> list[tuple[str, str]]:
    """In the order of the questions: a person reads a name before an address."""
    return sorted(answers.items(), key=lambda answer: _PLACE[f"{section}.{answer[0]}"])


def present(referral: Referral) -> tuple[str, ...]:
    """The names of all answers, as a manifest writes them: `s1.given_name`, `concern.what_happened`.

    `p1.address_protected` is there only when the answer is yes, or when they live with a subject whose address is
    protected: the name itself tells a packet what to leave out.
    """
    names = tuple(
        f"{where}.{BY_KEY[key].name}" if where else key
        for where, key, value in answered(referral)
        if key != "person.address_protected" or value == "yes"
    )
    at_home = (f"{owner}.address_protected" for owner in sorted(lives_with_a_secret(referral)))
    return (*names, *(name for name in at_home if name not in names))
