"""What the person wrote: a reply's own words, without quote, header block, banner, signature or disclaimer.

Thunderbird puts the cursor below the quote, Outlook above it, careful people write between: all of it survives, and
nothing that was only quoted does. Linear in the text's length.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from mailflow import added_lines, quote_marks

LONGEST = 200_000  # characters: beyond that it is a document, and a person reads it
MOST_BANNERS = 4  # of one mail: each gateway on the way adds its own
_LONGEST_PARAGRAPH = 30  # lines in which a banner or disclaimer ends

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
    return _own_words(text[:LONGEST])


@functools.lru_cache(maxsize=4)  # asked a dozen times while one mail is judged
def _own_words(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = list(_own(_without_banners(lines)))
    return "\n".join(kept).strip()


def _without_banners(lines: list[str]) -> list[str]:
    """Gateways put banner paragraphs on top, some between rules; a tag may stand before the first words."""
    for _ in range(MOST_BANNERS):
        start = next(
            (n for n, line in enumerate(lines) if line.strip() and not added_lines.is_rule(line)), len(lines)
        )
        end = _paragraph_end(lines, start)
        if start >= len(lines) or not added_lines.is_banner(lines[start:end]):
            break
        lines = _below(lines, start, end)
    first = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    return [*lines[:first], *(added_lines.untagged(line) for line in lines[first : first + 1]), *lines[first + 1 :]]


def _below(lines: list[str], start: int, end: int) -> list[str]:
    """What is left under a banner; where nothing but the first line ends it, the banner is that line alone."""
    rest = lines[end:]
    if not any(line.strip() for line in rest):
        return lines[start + 1 :]
    while rest and (added_lines.is_rule(rest[0]) or not rest[0].strip()):
        rest = rest[1:]
    return rest


def _paragraph_end(lines: list[str], at: int) -> int:
    last = min(len(lines), at + _LONGEST_PARAGRAPH)
    return next((n for n in range(at, last) if not lines[n].strip() or added_lines.is_rule(lines[n])), last)


def _own(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines) and not quote_marks.ends_here(lines, at):  # Outlook quotes all below; nobody writes there
        after = _after_quote(lines, at) or _after_added(lines, at)
        if not after:
            yield lines[at]
        at = after or at + 1


def _after_quote(lines: list[str], at: int) -> int:
    """The line behind what is quoted here; 0 for nothing."""
    announced = quote_marks.attribution(lines, at)
    return at + announced if announced else at + 1 if quote_marks.quotes(lines[at]) else 0


def _after_added(lines: list[str], at: int) -> int:
    """The line behind what a machine added here; 0 for nothing."""
    line = lines[at][:400]
    if added_lines.SIGNATURE.match(line):
        return _quote_below(lines, at + 1)
    if added_lines.PHONE.match(line):
        return _end(lines, at + 1)  # a person may go on below it, behind a blank line
    if added_lines.FOOTER.match(line):
        return at + 1
    return _disclaimer_end(lines, at)


def _disclaimer_end(lines: list[str], at: int) -> int:
    """Where the disclaimer that begins here ends; 0 when none does. It begins a paragraph."""
    ruled = at > 0 and added_lines.is_rule(lines[at - 1])
    begins = at == 0 or not lines[at - 1].strip() or ruled
    if not begins or not lines[at].strip():
        return 0
    end = max(_paragraph_end(lines, at), at + 1)
    return end if added_lines.is_disclaimer(lines[at:end], ruled=ruled) else 0


def _end(lines: list[str], at: int) -> int:
    """The end of these lines: blank, quoted, or where a quote is announced."""
    return next((n for n in range(at, len(lines)) if not lines[n].strip() or _begins_quote(lines, n)), len(lines))


def _quote_below(lines: list[str], at: int) -> int:
    """A signature lasts to the next quote or the end: below the quote somebody may have written."""
    return next((n for n in range(at, len(lines)) if _begins_quote(lines, n)), len(lines))


def _begins_quote(lines: list[str], at: int) -> bool:
    marked = quote_marks.quotes(lines[at]) or bool(quote_marks.attribution(lines, at))
    return marked or quote_marks.ends_here(lines, at)
