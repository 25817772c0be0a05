"""Plain words to an answer: rows of patterns, and whenever it is not plain, `unclear`, for a person to read.

1. A word answers only where an answer stands: at the start of one of the first lines.
2. A text that has the words of a notice beside them ("do not reply to this mailbox") gives no answer that counts.
3. A negation, a condition, a question, a mistake or two different answers are unclear, wherever in the first lines
   they stand; what else leaves no answer is in plainness.py. WRONG AGENCY, and below it that nothing is known there,
   are one answer: the second says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailflow import plainness
from mailflow.absence_words import says_notice

LONGEST_LINE = 2_000  # characters looked at in one line
LINES = 5  # filled lines in which an answer is looked for; further down it is prose about the case


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words say."""

    answer: str
    reason: str | None
    text: str = field(repr=False)


_CANNOT = r"(i |we )?(cannot|can'?t|can not|could not|couldn'?t|will not|won'?t|am unable to|are unable to|unable to)"
_ROWS: tuple[tuple[str, str], ...] = (
    ("cannot_open", rf"{_CANNOT} (open|read|decrypt)"),
    ("not_attend", rf"({_CANNOT} (attend|come|join|make it)|apologies\b(?! for)|not attending)"),
    (
        "wrong_person",
        r"(wrong (person|address|mailbox|team)|i have left( (the|this|my|our) \w+)?[.]?$|i no longer work"
        r"|i( have|'ve|’ve) left the (team|service|school|practice|force|department)\b"
        r"|no longer (at|with|in) )",
    ),
    ("wrong_agency", r"wrong (agency|service|organi[sz]ation|authority)\b"),
    (
        "nothing_known",
        r"(nothing known|not known( to us)?\b|no information held|nil return|unknown to us"
        r"|no records?( (of|for|held|found|on)\b|\W*$))",
    ),
    ("tentative", r"(tentative|maybe attend|might attend|may attend)"),
    ("attend", r"((i |we )?(will |can )?attend(ing)?\b|i will be there)"),
    ("decline", r"((i|we) (have to |must |will )?)?declin(e|ed|ing)\b"),
    ("accept", r"((this is )?accept(ed|ing)?\b|accpet\b|(i|we) accept)"),
    ("interim", r"interim( note)?\s*:"),
    ("information", r"info(rmation)?\s*:"),
    ("deleted", r"(deletion confirmed|((i|we)( have|'ve) |confirm(ed|ing)?:? (as )?)?deleted\b)"),
    (
        "received",
        r"((all )?rec(?:ei|ie)ved\b|rec'd\b|re?cvd\b|(?:i )?(?:can )?confirm (?:this is )?received\b"
        r"|acknowledged\b|derbyniwyd\b|(i|we)( have|'ve) (received|got|read) (it|this|the)"
        r"|(i|we) have it|(i |we )?(can )?confirm(ing)? (safe )?receipt)",
    ),
)
_TABLE = tuple((answer, re.compile(pattern, re.IGNORECASE)) for answer, pattern in _ROWS)
_NEGATION = re.compile(
    r"\b(not|cannot|can'?t|never|unable|won'?t|don'?t|didn'?t|haven'?t|unless|if|before we|until|should we|may)\b"
    r"|\b(in error|by mistake|wrong|ignore|left)\b|^\W*no\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(if|until|unless|whether|that we)\b", re.IGNORECASE)
_ITSELF_NEGATIVE = frozenset(
    {"cannot_open", "not_attend", "nothing_known", "wrong_agency", "wrong_person", "tentative"}
)
_KEYWORD = re.compile(r"INFORMATION:?")  # in capitals, as our letters write it: a letterhead is no answer
_TELLING = frozenset({"information", "interim"})  # whatever is told after the colon is no answer any more
_CONFLICT = re.compile(r"(?<!no )(?<!not have a )(?<!not a )\bconflict of interest", re.IGNORECASE)
_MEANT = {  # what a word means otherwise, by what stands behind it: of a child, or of something else that came
    "accept": r"\W*(?:my|our|the|all)? ?(?:sincere )?(?:apolog|condolence|responsib|liabilit|blame|pay|invit)"
    r"|\W*(?:my|our)\b.{0,20}thanks|\W*into\b",
    "received": r"\W*(?:an?|the|your)? ?(?:error|warning|virus|bounce|failure|voice ?mail|call|text|fax|invoice)"
    r"|\W*(?:into|as|wrongly|only|part|\d+ of|one of)\b|\W*on (?:good|record|file)\b"
    r"|\W*(?:down|marked|listed|recorded|logged) (?:as|to)\b",
    "attend": r"\W*(?:to|court|an?|the course|training)\b",
    "not_attend": r"\W*to\b",
    "decline": r"\W*(?:in|of)\b|\W*(?:mental|physical|health|attendance|cognit|condition|function|mobility)",
}
_OTHERWISE = {answer: re.compile(pattern, re.IGNORECASE) for answer, pattern in _MEANT.items()}
_STEMS = {"received": "receiv", "accept": "accept", "decline": "declin", "attend": "attend", "not_attend": "attend",
          "deleted": "delet"}  # fmt: skip
_COUNTS = frozenset({"accept", "received", "attend", "nothing_known", "deleted"})  # what stops a clock, or counts
_BOTH = ("wrong_agency", "nothing_known")  # in this order: as our letter asks for it, and then why
_FAILS = frozenset({"cannot_open", "wrong_person"})  # somebody rings, whoever says it
_FREE = _FAILS | {"information", "interim", "wrong_agency"}  # with words of their own to tell
_TAKES_ON = frozenset({"accept", "received"})  # a person there has it in hand
_OPENINGS = re.compile(
    r"(but|and|however|sorry|unfortunately|hi|hello|hi all|thanks|thank you|many thanks|yes|ok|okay)\b[ ,.:;!]*",
    re.IGNORECASE,
)
_REASONS: tuple[tuple[str, str], ...] = (
    ("not_remit", r"not (our|my|in our|within our) (area|remit|patch)|out of area|wrong area|remit"),
    ("no_capacity", r"capacity|no staff"),
    ("insufficient_info", r"insufficient|not enough|more information|more detail"),
    ("conflict", r"conflict of interest|conflict"),
    ("already_open", r"already open|open case|already working|open to us"),
    ("not_known", r"not known|unknown"),
)


def read_answer(own: str, writer: str = "") -> Reading:
    """The answer in somebody's own words; `writer` is who they are by what From says."""
    plain = own.replace("’", "'")
    lines = [line.strip(" \t*_\"'“”.") for line in plain.splitlines() if line.strip(" \t*_\"'“”.")][:LINES]
    if len(lines) > 1 and _KEYWORD.fullmatch(lines[0]):
        theirs = not _spoiled("information", plain, writer)  # the keyword alone, and below it what they tell
        return Reading("information" if theirs else "unclear", None, own)
    found = tuple(dict.fromkeys(answer for line in lines for answer in _answers(line)))
    if found == _BOTH and not plainness.names_a_machine(plain) and plainness.takes_nothing_back(plain):
        found = found[:1]
    if len(found) != 1:
        return Reading("unclear", None, own)
    (answer,) = found
    # Whoever has a conflict of interest must not be told more; a notice's words are no person's: a person reads both.
    if (answer != "decline" and _CONFLICT.search(plain)) or _spoiled(answer, plain, writer):
        return Reading("unclear", None, own)
    return Reading(answer, _reason(plain) if answer == "decline" else None, own)


def _spoiled(answer: str, plain: str, writer: str) -> bool:
    """Words that a person with a plain answer does not write: more than that they have it, a notice's, or such as
    take the answer back."""
    if answer in _TAKES_ON and not plainness.says_no_more(plain, writer):
        return True
    if answer in _FREE:
        return answer not in _FAILS and plainness.is_of_any_mail(plain)
    notice = answer in _COUNTS and says_notice(plain)
    return notice or plainness.names_a_machine(plain) or not plainness.takes_nothing_back(plain)


def _answers(line: str) -> Iterator[str]:
    """What the sentences of one line answer; what is told after "information:" is no more answers."""
    for sentence in re.split(r"(?<=[.!?])\s+", line[:LONGEST_LINE]):
        answer = _answer(sentence[_end(_OPENINGS.match(sentence)) :])
        if answer:
            yield answer
        if answer in _TELLING:
            return


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _answer(sentence: str) -> str | None:
    for answer, pattern in _TABLE:
        match = pattern.match(sentence)
        if not match:
            continue
        told = answer in _TELLING and not sentence.endswith("?")
        plain = told or _is_plain(answer, sentence, sentence[match.end() :])
        return answer if plain else "unclear"
    return "unclear" if _denies(sentence) else None


def _is_plain(answer: str, sentence: str, rest: str) -> bool:
    if "?" in sentence or _CONDITION.search(rest):
        return False
    if answer in _OTHERWISE and _OTHERWISE[answer].match(rest):
        return False
    if answer == "nothing_known" and not plainness.is_whole_search(rest):
        return False
    if any(stem in rest.lower() for stem in _STEMS.values() if stem != _STEMS.get(answer)):
        return False  # "accept or decline", "received and declined"
    if answer in _ITSELF_NEGATIVE or (answer == "decline" and _reason(rest)):
        return True  # "DECLINE not our area" negates nothing
    return not _NEGATION.search(rest)


def _denies(sentence: str) -> bool:
    """ "We cannot accept", "not accepted": an answer's word under a negation is no answer, and spoils others."""
    return bool(
        re.match(
            r".{0,40}\b(not|cannot|can'?t|don'?t|won'?t|didn'?t|haven'?t|unable|never)\b.{0,20}\b(accept|received|attend)",
            sentence,
            re.IGNORECASE,
        )
    )


def _reason(text: str) -> str | None:
    return next((code for code, pattern in _REASONS if re.search(pattern, text, re.IGNORECASE)), None)
