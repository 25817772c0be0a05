"""Content: a referral and what was said about it, as named bodies in their compartments, taken apart and put
together again.

Each subject has a compartment of its own, for siblings' records are forgotten at different times; so has each
agency's contribution, and the record of each discussion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from exchange.case.disposal import SHARED, TRANSPORT
from exchange.case.referral import Referral

REFERRAL = "referral"  # what is said of nobody in particular: referrer, concern, consent, household
SUBJECT = "subject:"  # + "s1": one subject's answers
WORDS = "words"  # what a person wrote or said, as they said it
CONTRIBUTION = "contribution:"  # + its id: what an agency told us, in its own words
PRODUCT = "product:"  # + "p1/w1": a passage as it is worded; + "p1/v1": the author's analysis in that version
NECESSARY, PROPORTIONATE, JUSTIFIED = "necessary", "proportionate", "justified"  # the three-part test, each in words
OWN_REFERENCE = "own_reference:"  # + "l1": the agency's own reference for what we asked it
MORE = "more:"  # + its id: what an agency that declined was told in addition
REASON = "reason"  # why somebody decided so
OF_SUBJECT = "of_subject:"  # + "s1/reason": what was written about that subject alone, kept and forgotten with it
BEFORE = "before"  # of answers that were corrected: what was typed before, by name
CORRECTED = "corrected"  # what somebody really said, where it was written down wrongly
DROPPED = "dropped"  # why a specialist route of the decision before is not taken any more
LIMB = "limb:"  # + "needs": why a limb of section 42 is met or not
DRAFT = "draft:"  # + its id: hub staff's free words to the referrer, and what they ask of them
REPLY = "reply:"  # + the challenge's id: how it was replied to, in words
QUESTION = "question:"  # + "q1": what the referrer is asked, in words of our own
REPLY_DRAFT = "reply_draft:"  # + "c1-1": a reply to the referrer, before a second person has read it
WHO = "who"  # who said it: name, telephone, how it was checked
MAIL = "mail"  # which mail it came by, and its address
ACTION = "action:"  # + its id: what somebody has undertaken to do
WORKER = "worker"  # who has the case open at the agency it was sorted to: named in its packet alone
PLACE = "place:"  # + a discussion's id: where it is or how to join, for the papers alone
LOCATION = "location:"  # + a discussion's id: what staff wrote for calendars, naming nobody
RANG = "rang:"  # + a discussion's id: who was rung for it, by name and number
CALLED_FOR = "called_for:"  # + a discussion's id: why it was called, for the papers
DEPUTY = "deputy:"  # + a seat ("d1/i2"): who comes in their place
DELEGATE = "delegate:"  # + a seat ("d1/i2"): the address of whom they asked to come, as their calendar says it
RECORD = "record:"  # + "d1/v1": what a version of a record says in words, and who was there
RECORD_SUBJECT = "record_subject:"  # + "d1/v1/s1": what it says of one subject
RECORD_INFORMATION = "record_information:"  # + "d1/v1/n1": what one agency told the discussion
SERVER = "server"  # which server said what
FILES = "files"  # the names of the files that came with an event, by their ids, and the size of each
FILE = "file:"  # + its id: a file as it came; read by that name alone, for its size
OPENED = "opened:"  # + "mail/digest": a file that was locked, as it was inside; read by that name alone, for its size

LARGE = (OPENED, FILE)  # not read with the rest of a case

_SUBJECT = re.compile(r"s[1-9]\d{0,3}\Z")
Parts = Mapping[str, bytes]


def compartment(case_id: str, name: str) -> str:
    """Where the body of this name is kept."""
    if name.startswith((SUBJECT, CONTRIBUTION, OWN_REFERENCE)):
        kind, _, of = name.partition(":")
        return f"{kind}:{case_id}:{of}"
    if name.startswith(PRODUCT):
        return f"product:{case_id}:{name.removeprefix(PRODUCT).partition('/')[0]}"
    kind, _, of = name.partition(":")
    if name.startswith(OPENED):
        return f"mail:{of.partition('/')[0]}"  # it goes with the mail that it came in
    if name.startswith(OF_SUBJECT):
        return f"subject:{case_id}:{of.partition('/')[0]}"
    if kind == "record_subject":
        return f"subject:{case_id}:{of.rpartition('/')[2]}"
    if name.startswith((RECORD, RECORD_INFORMATION)):
        return f"record:{case_id}:{of.partition('/')[0]}"
    return f"case:{case_id}"


def of_subject(subject: str, parts: Parts) -> dict[str, bytes]:
    """What was written about one subject, as bodies that go when that subject's record goes: a sibling's is kept for
    longer. A name that cannot be a subject's is left for the case to refuse."""
    return {f"{OF_SUBJECT}{subject}/{name}" if _SUBJECT.match(subject) else name: parts[name] for name in parts}


def as_read(name: str) -> str:
    """The name by which a body is read, whosever it is: "reason" for s1's too."""
    return name.partition("/")[2] if name.startswith(OF_SUBJECT) else name


def letters(case_id: str) -> str:
    """The compartment of the bytes of a case's letters: they go sooner than what they were written from."""
    return f"letters:{case_id}"


_OF_A_PART = ("subject", "contribution", "product", "own_reference", "record")  # compartments that are named for one


def part_of(compartment: str) -> str:
    """The part of a case's record that a compartment belongs to (exchange/case/disposal.py)."""
    kind, _, rest = compartment.partition(":")
    if kind == "mail":
        return TRANSPORT
    return rest.rpartition(":")[2] if kind in _OF_A_PART else SHARED


def opened(mail: str, digest: str) -> str:
    """The body for what was in a locked file of a mail."""
    return f"{OPENED}{mail}/{digest[:32]}"


def said(contribution: str) -> str:
    """The body for what was said: a contribution in its own compartment, anything else with the case."""
    return f"{CONTRIBUTION}{contribution}" if contribution else WORDS


def of_product(product: str, part: str) -> str:
    """The body of a passage ("w1") as it is worded, or of a version's analysis ("v1")."""
    return f"{PRODUCT}{product}/{part}"


def of_record(discussion: str, version: str, part: str = "") -> str:
    """The body of a version of a discussion's record: of one subject ("s1"), of what an agency told ("n1"), or what
    is said of nobody in particular."""
    kind = {"s": RECORD_SUBJECT, "n": RECORD_INFORMATION}.get(part[:1], RECORD)
    return f"{kind}{discussion}/{version}" + (f"/{part}" if part else "")


def parts_of(referral: Referral) -> dict[str, bytes]:
    """A referral as bodies."""
    data = referral.data()
    subjects = data.pop("subjects")
    parts = {REFERRAL: _bytes(data)}
    for n, answers in enumerate(subjects, 1):
        parts |= subject_part(f"s{n}", answers)
    return parts


def subject_part(subject: str, answers: Mapping[str, str]) -> dict[str, bytes]:
    """All that is known of one subject, as a body of its own."""
    return {f"{SUBJECT}{subject}": _bytes(dict(answers))}


def household_part(referral: Referral) -> dict[str, bytes]:
    """The same as `parts_of`, when somebody of the household was added or corrected: without the subjects."""
    return {REFERRAL: parts_of(referral)[REFERRAL]}


def _moved(before: dict[str, Any] | None, after: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Those of the household of whom something else was known before."""
    pairs = zip(before["household"] if before else (), after["household"], strict=False)
    return [(f"p{n}", old) for n, (old, new) in enumerate(pairs, 1) if old != new]


def referral_from(bodies: Iterable[tuple[str, bytes]]) -> Referral | None:
    """The referral in a case's bodies, oldest first; later ones replace earlier. None when there is none yet.

    Of whoever was corrected, the answers before are kept beside: where somebody lived stays secret. A subject whose
    record was forgotten is there without answers, so that the others keep their numbers.
    """
    whole: dict[str, Any] | None = None
    subjects: dict[int, dict[str, str]] = {}
    former: list[tuple[str, dict[str, str]]] = []
    for name, plain in bodies:
        if name == REFERRAL:
            before, whole = whole, json.loads(plain)
            former += _moved(before, whole)
        elif name.startswith(SUBJECT):
            number = int(name.removeprefix(f"{SUBJECT}s"))
            former += [(f"s{number}", subjects[number])] if number in subjects else []
            subjects[number] = json.loads(plain)
    if whole is None:
        return None
    return Referral(
        form=whole["form"],
        referrer=whole["referrer"],
        concern=whole["concern"],
        consent=whole["consent"],
        household=tuple(whole["household"]),
        subjects=tuple(subjects.get(n, {}) for n in range(1, max(subjects, default=0) + 1)),
        former=tuple(former),
    )


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
