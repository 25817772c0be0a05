"""What the person wrote: a reply's own words, without quote, header block, banner, signature or disclaimer.

Thunderbird puts the cursor below the quote, Outlook above it, careful people write between: all of it survives, and
nothing that was only quoted does. Linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 200_000  # characters: beyond that it is a document, and a person reads it

_ATTRIBUTION = re.compile(  # "On Tue, 24 Nov 2026 at 10:00, Somebody wrote:"
    r"^\s*(on|am|le|el|il|op|den|dnia|em|ar)\b.{0,200}"
    r"\b(wrote|schrieb|écrit|escribió|ha scritto|schreef|skrev|napisał\(?a?\)?|escreveu|ysgrifennodd)\b.{0,60}:\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(r"^\s*(on|am|le|el|il|op|den|dnia|em|ar)\b.{6,200}$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^\s*-{3,}\s*(original message|ursprüngliche nachricht|message d'origine|message transféré|mensaje original"
    r"|forwarded message|oorspronkelijk bericht|neges wreiddiol|messaggio originale)\s*-{3,}\s*$"
    r"|^\s*begin forwarded message:\s*$",
    re.IGNORECASE,
)
_HEAD_FIELD = re.compile(
    r"^\s*\*?(from|von|de|da|van|fra|från|od|oddi wrth|sent|gesendet|envoyé|enviado|inviato|verzonden|sendt|skickat"
    r"|anfonwyd|to|an|à|para|a|aan|til|till|do|at|cc|subject|betreff|objet|asunto|oggetto|onderwerp|emne|ämne|temat"
    r"|pwnc|date|datum|fecha|data|dyddiad)\s*:\*?\s",
    re.IGNORECASE,
)
_FROM_FIELD = re.compile(r"^\s*\*?(from|von|de|da|van|fra|från|od|oddi wrth)\s*:\*?\s", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"^-- ?$|^\s*(sent from my \w+|sent from outlook|get outlook for \w+|von meinem \w+ gesendet"
    r"|envoyé de mon \w+|enviado desde mi \w+)",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"^[\s\[*]*(external|caution|warning)\b.{0,120}"
    r"(e-?mail|message|sender|outside|external|organi[sz]ation|links?|attachments?)\b"
    r"|^[\s\[*]*external\W*$|^\s*this (e-?mail|message) (originated|came|was sent) from outside",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^\s*(this (e-?mail|message|communication)( and any (attachments?|files).{0,60})? (is|are|may be|contains?)"
    r" .{0,40}(confidential|privileged|intended)|confidentiality notice|disclaimer\b"
    r"|the information (contained )?in this (e-?mail|message))",
    re.IGNORECASE,
)


_REPLY_SUBJECT = re.compile(
    r"^\s*(\[[^\]]{1,40}\]\s*)?(re|aw|antw(oord)?|sv|vs|svar|odp|rif|ref|rép|atb|ynt|回复|答复|返信)"
    r"\s*(\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]",
    re.IGNORECASE,
)


def is_reply_subject(subject: str) -> bool:
    """Whether a mail program put "Re:" before the subject, in whatever language."""
    return bool(_REPLY_SUBJECT.match(subject))


def own_words(text: str) -> str:
    """The text without what others wrote and what machines added."""
    lines = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = list(_own(_without_banner(lines)))
    return "\n".join(kept).strip()


def _without_banner(lines: list[str]) -> list[str]:
    """Gateways put a banner paragraph on top; it ends at the first blank line or rule."""
    start = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if start >= len(lines) or not _BANNER.match(lines[start]):
        return lines
    end = next((n for n, line in enumerate(lines) if n > start and not line.strip(" -_*=")), len(lines))
    return lines[end:] if end < len(lines) else lines[start + 1 :]


def _own(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        skipped = _attribution(lines, at)
        if skipped:
            at += skipped
        elif line.lstrip().startswith((">", "|")):
            at += 1
        elif _ends_here(lines, at):
            return  # Outlook quotes everything below, without a mark; nobody writes under it
        elif _SIGNATURE.match(line):
            at = _after_signature(lines, at)
        elif _DISCLAIMER.match(line):
            at = _next_paragraph(lines, at)
        else:
            yield line
            at += 1


def _attribution(lines: list[str], at: int) -> int:
    """How many lines the words "On ... wrote:" take here: clients wrap them over up to three."""
    if not _ATTRIBUTION_START.match(lines[at]):
        return 0
    for size in (1, 2, 3):
        if _ATTRIBUTION.match(" ".join(line.strip() for line in lines[at : at + size])):
            return size
    return 0


def _ends_here(lines: list[str], at: int) -> bool:
    if _ORIGINAL.match(lines[at]):
        return True
    if re.match(r"^\s*_{10,}\s*$", lines[at]):
        return _is_head(lines[at + 1 : at + 9])
    return bool(_FROM_FIELD.match(lines[at])) and _is_head(lines[at : at + 8])


def _is_head(lines: list[str]) -> bool:
    """Outlook's block of From:, Sent:, To:, Subject: before what it quotes."""
    filled = [line for line in lines if line.strip()]
    head = 0
    for line in filled:
        if not _HEAD_FIELD.match(line):
            break
        head += 1
    return head >= 3


def _after_signature(lines: list[str], at: int) -> int:
    """A signature lasts to the next quote or the end: below the quote somebody may have written."""
    return next(
        (n for n in range(at + 1, len(lines)) if lines[n].lstrip().startswith(">") or _attribution(lines, n)),
        len(lines),
    )


def _next_paragraph(lines: list[str], at: int) -> int:
    return next((n for n in range(at + 1, len(lines)) if not lines[n].strip()), len(lines))
