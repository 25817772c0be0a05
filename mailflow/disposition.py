"""Read receipts: shown beside a leg, counted for nothing anywhere.

By RFC 8098 where they follow it. Some telephones write one in free text: it is one only where subject and words say
so and nothing else, for whoever adds a word of their own is a person.
"""

from __future__ import annotations

import re

from mailflow.parsed_mail import ParsedMail

LONGEST = 300  # characters: the text of such a receipt is a sentence, with a date
_SUBJECT = re.compile(
    r"^\s*(?:read(?: receipt)?|opened|displayed|gelesen|lesebestätigung|lu|confirmation de lecture|darllenwyd|leído"
    r"|letto|gelezen|przeczytano|lida|læst|lest)\s*:",
    re.IGNORECASE,
)
_WHEN = (
    r"(?: (?:on|at|am|um|le|à|ar|the|of|[ap]\.?m\.?|gmt|utc|bst|[\d:/.,+-]+(?:st|nd|rd|th)?"
    r"|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[.,]?))*"
)
_WORDS = re.compile(
    r"^(?:your (?:message|e-?mail)|ihre (?:nachricht|e-?mail)|votre (?:message|courriel)"
    r"|(?:eich|dy) (?:neges|e-bost))\b(?: to [^\s,;]{3,100})?[^.!?]{0,100}"
    r"\b(?:was|has been|wurde|a été|wedi(?:['’]i)?) "
    r"(?:read|opened|displayed|gelesen|geöffnet|lue?|ddarllen|agor)" + _WHEN + r"[.!]?",
    re.IGNORECASE,
)


def is_read_receipt(mail: ParsedMail) -> bool:
    """Whether the mail is a message disposition notification, of whatever disposition."""
    if any(part.content_type == "message/disposition-notification" for part in mail.parts):
        return True
    wanted = dict(mail.content_params).get("report-type", "").lower()
    return (mail.content_type == "multipart/report" and wanted == "disposition-notification") or _in_words(mail)


def _in_words(mail: ParsedMail) -> bool:
    text = " ".join(mail.text.split())
    alone = not mail.ciphertexts and not any(part.file_name for part in mail.files)
    return bool(alone and len(text) <= LONGEST and _SUBJECT.match(mail.subject[:LONGEST]) and _WORDS.fullmatch(text))
