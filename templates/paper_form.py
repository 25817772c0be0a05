"""The referral form as a file that people fill in: which questions stand in it, in which order, under which names.

1. Every question of the list (exchange/case/fields.py) of that form is in it, once a person: what is added to the
   list is in the next form that is built, and in both kinds, PDF and Word.
2. A name says whose answer it is, whatever program filled it in: `concern.where`, `s2.given_name`, `p1.name`; of
   boxes to tick `s1.category.neglect`. `form_version` says which list the form was made from.
3. What nearly everybody knows comes first, and further people last: most forms end after the first pages.
4. It is in the language spoken when it is made, under the same names and codes: whoever reads it need not know which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from exchange.case import topics
from exchange.case.fields import Field, Kind, Section
from exchange.case.referral import SCHEMA
from exchange.case.topics import Topic
from templates.languages import ENGLISH, N_, say, spoken

SUBJECTS, PEOPLE = 4, 4  # in one form: most are about one child, a few about three
VERSION = "form_version"
DATE_HINT = N_("Day, month and year, for example 27/03/2019")
MOST = 10  # of each in one form: more make it longer than anybody reads
_MOSTLY_SHORT = frozenset({"address", "current_address"})  # several lines, and never many
_TALL = frozenset({"what_happened"})  # the one answer without which there is nothing to go by


_FIXED = {
    "sensitive": N_("Official – sensitive when filled in."),
    "ring": N_("Not sure whether to refer? Ring"),
    "duty": N_("out of hours"),
    "of": N_("of"),
    "version": N_("Form version"),
    "no_answer": N_("No answer"),
    "choose": N_("Choose"),
    "date": N_("Day/month/year"),
    "write": N_("Click here to write"),
}


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
        return say(DATE_HINT) if self.asked.kind is Kind.DATE else self.asked.hint

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
    language: str = ENGLISH

    @property
    def version(self) -> str:
        """What the form says it is, in its hidden field and at its foot."""
        return f"{SCHEMA} {self.form}"

    @property
    def fixed(self) -> dict[str, str]:
        """The words that every form has, whatever it asks."""
        return {name: say(words) for name, words in _FIXED.items()} | {"lang": self.language}

    @property
    def questions(self) -> Iterator[Question]:
        """All of them, in order."""
        return (q for block in self.blocks for group in block.groups for q in group.questions)


def paper_form(
    form: str, publisher: Publisher = Publisher(), subjects: int = SUBJECTS, people: int = PEOPLE
) -> PaperForm:
    """The form about a `child` or an `adult`, with room for so many of them and of those around them."""
    child = form == "child"
    blocks = (
        _block(
            say("Is anyone in danger now?"), say("If so, ring 999 first, then send this form."), (topics.DANGER,),
            form,
        ),
        _person(say("The child") if child else say("The adult at risk"), "s1", form),
        _block(say("What you are worried about"), "", (topics.HAPPENED,), form),
        _block(
            say("More, if you know it"), say("Leave out what you do not know, or have written already."), topics.MORE,
            form,
        ),
        _block(say("What the family knows"), "", (topics.CONSENT, topics.WITHOUT), form),
        _block(say("About you"), "", topics.ABOUT_YOU, form),
        *(_around(n, form) for n in range(1, people + 1)),
        *(_person(_further(form, n), f"s{n}", form) for n in range(2, subjects + 1)),
    )  # fmt: skip
    title = say("Safeguarding referral: a child") if child else say("Safeguarding referral: an adult")
    return PaperForm(form, title, _how(form, publisher, subjects), blocks, publisher, spoken().code)


def _further(form: str, number: int) -> str:
    if form == "child":
        return say("Child number %(number)s", number=number)
    return say("Adult at risk, number %(number)s", number=number)


def _how(form: str, publisher: Publisher, subjects: int) -> tuple[str, ...]:
    address, telephone = publisher.address, publisher.telephone
    several = _CHILDREN if form == "child" else _ADULTS
    return (
        say("Write what you know, and leave the rest: a blank is better than no referral. You need not sign it."),
        say(_TO_ADDRESS, address=address) if address else say(_TO_US),
        say(_LOCKED_RING, telephone=telephone) if telephone else say(_LOCKED),
        say(several, most=subjects),
    )


_TO_ADDRESS = N_(
    "Then save it and attach it to a mail to %(address)s. Please do not print or scan it: answers on paper have to "
    "be typed in again."
)
_TO_US = N_(
    "Then save it and attach it to a mail to us. Please do not print or scan it: answers on paper have to be typed "
    "in again."
)
_LOCKED_RING = N_(
    "If you lock the file with a password, ring us with it on %(telephone)s: until then nobody can read your "
    "referral."
)
_LOCKED = N_("If you lock the file with a password, ring us with it: until then nobody can read your referral.")
_CHILDREN = N_("One form serves up to %(most)s children: the pages for the second and further ones are at the end.")
_ADULTS = N_("One form serves up to %(most)s adults: the pages for the second and further ones are at the end.")


def _block(title: str, note: str, of: tuple[Topic, ...], form: str) -> Block:
    return Block(title, note, tuple(_groups(of, form, alone=len(of) == 1)))


def _person(title: str, owner: str, form: str) -> Block:
    return Block(
        title,
        "",
        tuple(_groups((*topics.ABOUT_SUBJECT, *topics.TOOLS_OF_SUBJECT), form, owner, title)),
        new_page=owner == "s2",
    )


def _around(number: int, form: str) -> Block:
    title = say("Somebody in the household, or who matters to them")
    whom = say("Somebody around them")
    if number > 1:
        title = say("Person number %(number)s in the household, or who matters to them", number=number)
        whom = say("Person number %(number)s around them", number=number)
    return Block(title, "", tuple(_groups(topics.ABOUT_PERSON, form, f"p{number}", whom)), short=True)


def _groups(
    of: tuple[Topic, ...], form: str, owner: str = "", about: str = "", *, alone: bool = False
) -> Iterator[Group]:
    for topic in of:
        if form in topic.forms:
            fields = map(_said, topics.fields(topic, form))
            asked = (Question(f"{owner or topic.section}.{f.name}", f, about) for f in fields)
            note = "" if owner else say(topic.note)  # of people the notes are about pages that can be added
            yield Group("" if alone else say(topic.heading), note, tuple(asked))


def _said(field: Field) -> Field:
    """The question in the language spoken; its name and its codes stay."""
    offered = field.codes and replace(
        field.codes, codes=tuple(replace(code, label=say(code.label)) for code in field.codes.codes)
    )
    return replace(field, label=say(field.label), hint=say(field.hint), codes=offered)


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
