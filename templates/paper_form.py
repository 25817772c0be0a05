"""The referral form as a file that people fill in: which questions stand in it, in which order, under which names.

1. Every question of the list (exchange/case/fields.py) of that form is in it, once a person: what is added to the
   list is in the next form that is built, and in both kinds, PDF and Word.
2. A name says whose answer it is, whatever program filled it in: `concern.where`, `s2.given_name`, `p1.name`; of
   boxes to tick `s1.category.neglect`. `form_version` says which list the form was made from.
3. What nearly everybody knows comes first, and further people last: most forms end after the first pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exchange.case import topics
from exchange.case.fields import Field, Kind, Section
from exchange.case.referral import SCHEMA
from exchange.case.topics import Topic

SUBJECTS, PEOPLE = 4, 4  # in one form: most are about one child, a few about three
VERSION = "form_version"
DATE_HINT = "Day, month and year, for example 27/03/2019"
_NUMBERS = ("", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
MOST = len(_NUMBERS)  # of each in one form: more make it longer than anybody reads
_MOSTLY_SHORT = frozenset({"address", "current_address"})  # several lines, and never many
_TALL = frozenset({"what_happened"})  # the one answer without which there is nothing to go by


@dataclass(frozen=True, slots=True)
class Publisher:
    """Whose form it is, as far as it is known when it is built."""

    hub: str = ""
    address: str = ""  # where referrals are mailed to
    telephone: str = ""
    duty_telephone: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question where it stands."""

    name: str
    asked: Field
    about: str = ""  # who, when there may be several: "Second child"; it is read out with the question

    @property
    def hint(self) -> str:
        """How to write the answer, where that is not plain."""
        return DATE_HINT if self.asked.kind is Kind.DATE else self.asked.hint

    @property
    def spoken(self) -> str:
        """As a screen reader says it, which shows no heading above."""
        return ". ".join(filter(None, (self.about, self.asked.label, self.hint)))

    @property
    def lines(self) -> int:
        """How much room the answer has."""
        if self.asked.kind is not Kind.LONG:
            return 1
        return 12 if self.asked.name in _TALL else 2 if self.asked.name in _MOSTLY_SHORT else 3

    def box(self, code: str) -> str:
        """The name of one of its boxes to tick."""
        return f"{self.name}.{code}"


@dataclass(frozen=True, slots=True)
class Group:
    """Questions under one small heading."""

    heading: str
    note: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One part of the form, under a heading of its own."""

    title: str
    note: str
    groups: tuple[Group, ...]
    new_page: bool = False  # begins one: what most people need not fill in
    short: bool = False  # stays on one page


@dataclass(frozen=True, slots=True)
class PaperForm:
    """A form before it is set."""

    form: str  # "child" | "adult"
    title: str
    how: tuple[str, ...]  # what to know before filling it in
    blocks: tuple[Block, ...]
    publisher: Publisher

    @property
    def version(self) -> str:
        """What the form says it is, in its hidden field and at its foot."""
        return f"{SCHEMA} {self.form}"

    @property
    def questions(self) -> Iterator[Question]:
        """All of them, in order."""
        return (q for block in self.blocks for group in block.groups for q in group.questions)


def paper_form(
    form: str, publisher: Publisher = Publisher(), subjects: int = SUBJECTS, people: int = PEOPLE
) -> PaperForm:
    """The form about a `child` or an `adult`, with room for so many of them and of those around them."""
    more_of = "child" if form == "child" else "adult at risk"
    blocks = (
        _block("Is anyone in danger now?", "If so, ring 999 first, then send this form.", (topics.DANGER,), form),
        _person(f"The {more_of}", "s1", form),
        _block("What you are worried about", "", (topics.HAPPENED,), form),
        _block("More, if you know it", "Leave out what you do not know, or have written already.", topics.MORE, form),
        _block("What the family knows", "", (topics.CONSENT, topics.WITHOUT), form),
        _block("About you", "", topics.ABOUT_YOU, form),
        *(_around(n, form) for n in range(1, people + 1)),
        *(_person(f"{_NUMBERS[n - 1]} {more_of}", f"s{n}", form) for n in range(2, subjects + 1)),
    )
    return PaperForm(
        form, f"Safeguarding referral: {_whom(form)}", _how(form, publisher, subjects), blocks, publisher
    )


def _whom(form: str) -> str:
    return "a child" if form == "child" else "an adult"


def _how(form: str, publisher: Publisher, subjects: int) -> tuple[str, ...]:
    to = f"attach it to a mail to {publisher.address}" if publisher.address else "attach it to a mail to us"
    ring = f" on {publisher.telephone}" if publisher.telephone else ""
    several = "children" if form == "child" else "adults"
    return (
        "Write what you know, and leave the rest: a blank is better than no referral. You need not sign it.",
        f"Then save it and {to}. Please do not print or scan it: answers on paper have to be typed in again.",
        f"If you lock the file with a password, ring us with it{ring}: until then nobody can read your referral.",
        f"One form serves up to {subjects} {several}: the pages for the second and further ones are at the end.",
    )


def _block(title: str, note: str, of: tuple[Topic, ...], form: str) -> Block:
    return Block(title, note, tuple(_groups(of, form, alone=len(of) == 1)))


def _person(title: str, owner: str, form: str) -> Block:
    return Block(title, "", tuple(_groups(topics.ABOUT_SUBJECT, form, owner, title)), new_page=owner == "s2")


def _around(number: int, form: str) -> Block:
    whom = f"{_NUMBERS[number - 1]} person" if number > 1 else "Somebody"
    title = f"{whom} in the household, or who matters to them"
    return Block(
        title, "", tuple(_groups(topics.ABOUT_PERSON, form, f"p{number}", f"{whom} around them")), short=True
    )


def _groups(
    of: tuple[Topic, ...], form: str, owner: str = "", about: str = "", *, alone: bool = False
) -> Iterator[Group]:
    for topic in of:
        if form in topic.forms:
            asked = (Question(f"{owner or topic.section}.{f.name}", f, about) for f in topics.fields(topic, form))
            note = "" if owner else topic.note  # of people the notes are about pages that can be added
            yield Group("" if alone else topic.heading, note, tuple(asked))


def names(form: PaperForm) -> Iterator[tuple[str, Question]]:
    """Every box of the form by its name: of several to tick one each."""
    for question in form.questions:
        if question.asked.kind is Kind.SEVERAL:
            yield from ((question.box(code), question) for code, _ in question.asked.choices)
        else:
            yield question.name, question


def section_of(owner: str) -> Section:
    """Whose answers stand under the first word of a name."""
    if owner[1:].isdecimal():
        return Section.SUBJECT if owner[0] == "s" else Section.PERSON
    return Section(owner)
