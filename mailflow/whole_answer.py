"""Whether a text says, beside "received", nothing but what a person says who has it in hand.

1. Above the signature stand only words of which we know that they change nothing. What anything else means, a person
   finds out: receipts of machines and absences have more words than any list of theirs.
2. A text that names a team, or promises what "we" will do, and tells of nobody, is a team mailbox's.
3. Nobody says in it that they are away or will look later, and nobody is promised but by whoever writes.
"""

from __future__ import annotations

import re

from mailflow.plainness import KNOWN, LONGEST, MOST_NAMES, NOBODY, WORD

# Of teams, and of what stands on their letters: no person's name.
_TEAM = frozenset(
    re.findall(
        r"\S+",
        """
    team hub mash intake front door desk inbox mailbox service services unit department office support business admin
    administration referrals enquiries access gateway centre center point customer single public council trust
    partnership nhs county city borough multi-agency reception group board foundation
    """,
    )
)
_BESIDE = frozenset(
    {"received", "acknowledged", "receipt", "rec'd", "derbyniwyd", "got"} | {"hi", "hello", "dear", "hey"}
)
_NO_NAMES = KNOWN | NOBODY | _TEAM | _BESIDE
_ADDRESS = re.compile(r"[^\s<>\"(),;:]+@[^\s<>\"(),;:]+|\b(?:https?://|www\.)\S+")
_TELEPHONE = re.compile(r"(?:\+44|\b0)(?:[ ()-]{0,2}\d){8,12}\b")
_TAG = re.compile(r"(?<![\w'.])(?:t|m|e|w|tel|mob)\b", re.IGNORECASE)  # before a telephone number
_ABOUT = re.compile(r"\b[Aa]bout [A-Z]{2,8}(?:-[A-Z0-9]{4}){2}\b")  # our number of the case, as somebody gives it
_COLLAR = re.compile(r"\b((?:PC|PS|DC|DS|DI|PCSO|WPC|Sgt))\.? ?\d{2,6}\b")  # of a police officer, before the name
_NUMBER = re.compile(r"s?\d{1,2}(?:[:.]\d\d)?(?:am|pm|st|nd|rd|th)?", re.IGNORECASE)
_STAMPED = re.compile(
    r"\W{0,9}(?:on |at )?\d{1,2}[/.:-]\d|\W{0,9}(?:\w{1,20} ){0,2}(?:by|into|via|through|from)\b(?! (?:me|us)\b)",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"(?:\b(?:am|is|are|be)|'m|'re) (?:currently |now |still )?(?:out|off|away|back)\b"
    r"|\bout (?:of|on|at|until|till|all)\b|\bback (?:on|at|in|by|from|next|tomorrow|later)\b"
    r"|\b(?:off|away) (?:until|till|on|today|this|next|work|sick)\b|\bworking (?:days?|hours)\b"
    r"|\bas soon as\b|\bshortly\b|\basap\b|\bsoon\b|\bwhen (?:i|we)\b|\btomorrow\b|\bweeks?\b"
    r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b|\d(?:am|pm)? ?(?:to|-|–) ?\d",
    re.IGNORECASE,
)
_OF_A_MACHINE = re.compile(
    r"\byour (?:referral|reference|case|e-?mail|message|request|enquiry|submission|packet|letter)\b"
    r"|\bplease (?:allow|note|do not|don't|expect|be aware|use|quote)\b|\b(?:mailbox|inbox|queue)\b"
    r"|\b(?:standard|usual|stock) (?:reply|response|message|answer|text)\b"
    r"|\b(?:number|ref|reference|id)\b\W{0,3}(?:is\b|no\.?)?\W{0,3}[A-Z]{0,6}[-/]?\d{3}",
    re.IGNORECASE,
)
_REFUSED = re.compile(  # by a mail system, which has its own reasons to decline
    r"\b(?:quota|spam|virus|blocked|not allowed|not permitted|by policy)\b|\b(?:mailbox|inbox) (?:is )?full\b"
    r"|\b(?:attachment|file|message) (?:type|size)\b",
    re.IGNORECASE,
)
_OTHERS_WILL = re.compile(
    r"\b(?:worker|team|officer|manager|practitioner|colleague|person|somebody|someone|staff|desk|doctor|nurse|sergeant"
    r"|inspector|visitor|midwife|gp|teacher|police)\b[^.!?\n]{0,10}"
    r"(?:\b(?:will|shall|can|to|is going|are going)\b|'ll)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\W{0,9}(?:contact|ring|call|phone|speak|talk|allocated|assigned|redirected|sent|handed)\b(?! (?:me|us)\b)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(  # beside the answer: of whoever writes, of what is being done, thanks; else it is a notice's
    r"\b(?:[Ii]|[Ww]e|me|us|[Ww]ill|[Tt]hanks?|THANKS?|[Tt]a|[Cc]heers|[Rr]egards|[Ww]ishes|[Cc]ofion|[Dd]iolch|[Hh]i"
    r"|[Hh]ello|[Hh]ey|[Dd]ear|[Gg]ood|[Oo]n it|[Ii]n hand|[a-z]+ing|[Ll]ooking|[Rr]eading|[Dd]ealing|[Rr]inging)\b"
)
_OF_PEOPLE = re.compile(
    r"\b(?:accept\w*|us|our|he|she|they|him|her|them|his|hers|their|child(?:ren)?|mum|dad|mother|father|parents?|family"
    r"|baby|girl|boy|sister|brother|siblings?|today|tonight|now|this (?:morning|afternoon|evening)|worker|nurse"
    r"|doctor|officer|manager|sergeant|duty)\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r"\b(?:received|acknowledged|receipt|rec'?d|derbyniwyd|got|attached)\b", re.IGNORECASE)
_IN_HAND = re.compile(r"\bon it\b|\bin hand\b", re.IGNORECASE)
_WHO_WRITES = re.compile(r"\bi(?:'m|'ll|'ve)?\b", re.IGNORECASE)
_WE_WILL = re.compile(r"\bwe(?:'ll| will| shall| are going)\b", re.IGNORECASE)


def is_whole_answer(own: str) -> bool:
    """Whether all of a text that says "received" is a person's plain answer."""
    machines = is_of_a_machine(own) and not _IN_HAND.search(own)
    if len(own) > LONGEST or "?" in own or machines or _LATER.search(own):
        return False
    lines = [_bare(line) for line in own.splitlines()]
    signed = next((n for n, line in enumerate(lines) if n and _is_name(line)), len(lines))
    sentences = [one for line in lines[:signed] for one in re.split(r"(?<=[.!?;])\s+", line) if one.strip()]
    if not all(map(_changes_nothing, sentences)):
        return False
    said = " ".join(sentences)
    team = _WE_WILL.search(said) or any(word.lower() in _TEAM for word in WORD.findall(said))
    return signed < len(lines) or not team or bool(_WHO_WRITES.search(said)) or any(map(_names, sentences))


def is_told_by_somebody(own: str) -> bool:
    """Whether each sentence of a text that says "accept" is of whoever writes, of people, or of now."""
    told = [one for line in own[:LONGEST].splitlines() for one in re.split(r"(?<=[.!?;])\s+", _bare(line)) if one]
    told = [one for one in told if WORD.search(one)]
    return all(_SPOKEN.search(one) or _OF_PEOPLE.search(one) or _names(one) for one in told)


def is_of_a_machine(own: str) -> bool:
    """Whether a text has words of a receipt beside its answer."""
    return bool(_OF_A_MACHINE.search(own[:LONGEST]))


def is_a_refusal(own: str) -> bool:
    """Whether a mail system says why it declines a mail."""
    return bool(_REFUSED.search(own[:LONGEST]))


def is_stamped(rest: str) -> bool:
    """Whether behind the word stands when it came in, or by what, as on a stamp."""
    return bool(_STAMPED.match(rest))


def is_somebodys(own: str) -> bool:
    """Whether somebody says so of themselves, or signs it."""
    if _WHO_WRITES.search(own[:LONGEST]):
        return True
    lines = [_bare(line) for line in own[:LONGEST].splitlines()]
    return any(_is_name(line) or _names(line) for line in lines)


def _bare(line: str) -> str:
    """Without addresses and numbers of people, which may stand anywhere."""
    for one in (_ADDRESS, _TELEPHONE, _TAG, _ABOUT):
        line = one.sub("", line)
    return _COLLAR.sub(r"\1", line).strip(' \t*_"“”|:,')


def _is_name(line: str) -> bool:
    """Whether a line is the name of a person, with which a signature begins."""
    words = line.rstrip(".").split(" ")
    return 2 <= len(words) <= 4 and all(WORD.fullmatch(w) and _is_names(w) for w in words)


def _names(sentence: str) -> list[str]:
    """The names in a sentence; its first word has a capital anyhow, unless it is all there is."""
    words = WORD.findall(sentence)
    if any(word.lower() in _TEAM for word in words):
        return []
    return [word for n, word in enumerate(words) if _is_names(word) and (n or len(words) <= 2)]


def _is_names(word: str) -> bool:
    return word[0].isupper() and not word.isupper() and word.lower() not in _NO_NAMES


def _changes_nothing(sentence: str) -> bool:
    if _OTHERS_WILL.search(sentence) or _ELSEWHERE.match(sentence):
        return False
    if not (_ANSWERS.search(sentence) or _SPOKEN.search(sentence) or _names(sentence)):
        return False
    words = WORD.findall(sentence)
    strange = [word for word in words if not _is_harmless(word)]
    names = [word for word in strange if word[0].isupper() and word.lower() not in NOBODY]
    return len(names) == len(strange) <= (0 if sentence.isupper() else MOST_NAMES)


def _is_harmless(word: str) -> bool:
    if word[0].isdigit():
        return bool(_NUMBER.fullmatch(word.rstrip(".:-/")))
    lower = word.lower().strip("'-")
    return lower in KNOWN or lower in _BESIDE
