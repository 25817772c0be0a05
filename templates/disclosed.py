"""What a packet discloses, grouped and worded for a person: by subject, household, concern; label and answer.

1. Only names of the manifest are shown: an answer that is not listed is not looked at.
2. An answer never starts at the left margin of a text, so that nobody's words can pose as the hub's.
3. Characters that turn text round, or move the cursor, are taken out; words are never changed.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from exchange.case.fields import BY_KEY, Field, Kind
from exchange.case.packet import WARNED
from exchange.case.referral import Referral, protected_subjects
from templates import moments

WIDTH = 72  # columns: a phone held sideways, and room for the `> ` of replies
INDENT = "    "
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_MARK = re.compile(r" *(?:- |!! |\d\. |[A-Z][a-z]+(?: [a-z]+)? {3,})?")  # what a folded line hangs from
_LONGEST_WORD = 200  # no address of ours is longer; four octets each stay under the 998 of RFC 5322 2.1.1
_HELD = "\u00a0"
_TOGETHER = re.compile(rf"(?<=\d) (?=\d|(?:{'|'.join(moments.MONTHS)})\b)|(?<=[a-z]) (?=\d{{4}},)")
_SECTIONS = {"s": "subject", "p": "person"}
_TITLES = {"concern": "The concern", "consent": "What the family knows, and consent", "referrer": "Who told us"}
# The form asks the referrer; here somebody else reads the question.
_READ_AS = {
    "referrer.name": "Name",
    "referrer.role": "Role",
    "referrer.organisation": "Organisation",
    "referrer.source": "Who they are",
    "referrer.requester": "Who they are, for adult social care",
    "referrer.relationship": "How they know them, and for how long",
    "referrer.lead_consulted": "Have they spoken to their line manager or safeguarding lead?",
    "referrer.telephone": "Telephone",
    "referrer.mail": "Email",
    "referrer.mail_shared": "Can others read their email?",
    "referrer.safe_contact": "Before you contact them",
    "referrer.rang_first": "Have they already telephoned?",
    "referrer.rang_whom": "Whom they spoke to, and when",
    "referrer.consultation": "Reference of advice they asked for before",
    "referrer.feedback_wanted": "Do they want to hear what comes of it?",
    "referrer.feedback_route": "How they can be told safely",
    "concern.what_happened": "What has happened, and what is the worry?",
    "concern.seen": "What the referrer saw",
    "concern.heard": "What the referrer heard",
    "concern.told": "What the referrer was told, and by whom",
    "concern.opinion": "The referrer’s own opinion",
    "concern.worries": "What the referrer fears will happen if nothing changes",
    "concern.level_of_need": "Level of need, as the referrer sees it",
    "concern.domestic_signs": "Signs of domestic abuse that the referrer ticked",
    "subject.exploitation_signs": "Signs of exploitation that the referrer ticked",
    "subject.need_signs": "Signs of need that the referrer ticked",
    "concern.done_so_far": "What has the referrer done so far?",
    "consent.informed": "Do the parents, carers or the adult know of it?",
    "consent.why_not": "Why not",
    "consent.why_not_details": "Reasons for going on without their agreement",
    "consent.identity_known": "May the family be told who the referrer is?",
}
_ORDER = ("s", "p", "concern", "consent", "referrer")


@dataclass(frozen=True, slots=True)
class Row:
    """One question and its answer, as shown."""

    label: str
    answer: str = field(repr=False)
    long: bool = False  # a narrative: stands below its label


# Of what the family knows, where that was said of nobody in the packet: that they be left alone, and no more.
_ASK_FIRST = {
    "consent.informed": Row("May the family be told?", "Not before you have asked us"),
    "consent.why_not": Row("Is it safe to tell the family?", "Not before you have asked us"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """The answers about one person, or one side of the concern."""

    title: str
    rows: tuple[Row, ...]
    owner: str = ""  # "s1", "p2", "concern"...


@dataclass(frozen=True, slots=True)
class Warnings:
    """What a reader must know before anything else: flags for safety, told to every agency that gets a packet. Every
    manifest lists the answers they are made of (packet.py, rule 5)."""

    danger: bool = False  # somebody is in immediate danger
    family: str = ""  # "" | "not_told" | "unsafe": may the family learn of this?
    workers: bool = False  # there is a risk to people who visit
    address: bool = False  # an address is left out on purpose
    entrusted: bool = False  # a protected address is in it: a manager released it to this agency


def warnings_of(referral: Referral, subjects: Iterable[str], entrusted: Set[str] = frozenset()) -> Warnings:
    """The warnings of a letter about the subjects of these ids, which holds the protected address of the
    `entrusted`."""
    protected = protected_subjects(referral) & set(subjects)
    why_not = referral.consent.get("why_not", "")
    not_told = referral.consent.get("informed") == "no"
    return Warnings(
        danger=referral.concern.get("immediate_danger") == "yes",
        family="unsafe" if why_not.startswith("unsafe") else "not_told" if not_told else "",
        workers=bool(referral.concern.get("risks_to_workers")),
        address=bool(protected - entrusted),
        entrusted=bool(entrusted),
    )


def groups(
    answers: Mapping[str, str],
    manifest: tuple[str, ...],
    form: str,
    today: date,
    lanes: Mapping[str, str] | None = None,
) -> tuple[Group, ...]:
    """The disclosed answers; people are numbered within this packet, whatever their number in the case. `lanes` says
    what a subject is who is not simply the child or adult of the form."""
    owners: dict[str, list[str]] = {}
    for name in answers:
        if name in manifest:
            owners.setdefault(name.partition(".")[0], []).append(name)
    named = _titles(sorted(owners, key=_place), form, lanes or {})
    return tuple(Group(title, tuple(_row(n, answers[n], today) for n in owners[o]), o) for o, title in named)


def _place(owner: str) -> tuple[int, int]:
    number = owner[1:]
    return (_ORDER.index(owner[0]), int(number)) if number.isdigit() else (_ORDER.index(owner), 0)


def _titles(owners: list[str], form: str, lanes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    words = {"s": "Child" if form == "child" else "Adult", "p": "Household or family"}
    people = {o: lanes.get(o, words[o[0]]) for o in owners if o[1:].isdigit()}
    for owner in owners:
        if owner not in people:
            yield owner, _TITLES[owner]
            continue
        word = people[owner]
        alike = [o for o, of in people.items() if of == word]
        yield owner, f"{word} {alike.index(owner) + 1} of {len(alike)}" if len(alike) > 1 else word


def lane(form: str, role: str) -> str:
    """What somebody is in a contact, as a heading."""
    if role == "poses_risk":
        return "Person who may pose a risk"
    return f"Missing {form}" if role == "missing" else form.capitalize()


def read_as(asked: Field) -> str:
    """A question as somebody reads it who is not the referrer."""
    return _READ_AS.get(asked.key, asked.label)


def _row(name: str, value: str, today: date) -> Row:
    owner, _, plain = name.removesuffix(WARNED).partition(".")
    section = _SECTIONS[owner[0]] if owner[1:].isdigit() else owner
    asked = BY_KEY[f"{section}.{plain}"]
    if name.endswith(WARNED):
        return _ASK_FIRST.get(name.removesuffix(WARNED)) or Row(read_as(asked), "Yes. Ring us to hear more")
    return Row(read_as(asked), _shown(asked, seen(value), today), asked.kind is Kind.LONG)


def _shown(asked: Field, value: str, today: date) -> str:
    if asked.codes:
        return asked.say(value)
    if asked.kind is Kind.DATE:
        return dated(asked, value, today)
    return value


def dated(asked: Field, value: str, today: date) -> str:
    """A day as people read it, a birthday with the age."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return value  # as written: a person reads it
    years = moments.age(found, today) if asked.name == "date_of_birth" else ""
    return moments.day(found) + (f" ({years} old)" if years else "")


def seen(value: str) -> str:
    """Rule 3."""
    return _UNSEEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def prose(words: str) -> str:
    """Somebody's words as text, each line indented (rule 2)."""
    return "\n".join(
        textwrap.fill(line, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT) if line.strip() else ""
        for line in seen(words).split("\n")
    )


def lines(row: Row) -> str:
    """A row as text: on one line if it fits, else the answer indented below its label."""
    mark = "" if row.label.endswith("?") else ":"
    one_line = f"{row.label}{mark} {row.answer}"
    if not row.long and "\n" not in row.answer and len(one_line) <= WIDTH:
        return one_line
    paragraphs = (
        textwrap.fill(p, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT) for p in row.answer.split("\n")
    )
    return f"{row.label}{mark}\n" + "\n".join(paragraphs)


def folded(text: str) -> str:
    """A letter whose paragraphs are one line each, folded to the width; addresses, dates and telephone numbers
    stay whole."""
    return "\n".join(_fold(line) for line in text.split("\n")).strip("\n") + "\n"


def _fold(line: str) -> str:
    if len(line) <= WIDTH:
        return line.rstrip()
    mark = _MARK.match(line)
    wrapped = textwrap.fill(
        _TOGETHER.sub(_HELD, line),  # textwrap breaks at ASCII spaces only
        WIDTH,
        subsequent_indent=" " * (mark.end() if mark else 0),
        break_long_words=any(len(word) > _LONGEST_WORD for word in line.split()),
        break_on_hyphens=False,
    )
    return wrapped.replace(_HELD, " ")
