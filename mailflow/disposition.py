"""Read receipts: shown beside a leg, counted for nothing anywhere.

By RFC 8098 where they follow it. Some telephones write one in free text: it is one only where subject and words say
so and nothing else, for whoever adds a word of their own is a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailflow.parsed_mail import ParsedMail

LONGEST = 300  # characters: the text of such a receipt is a sentence, with a date
_SUBJECT = re.compile(
    r"^\s*(?:(?:not )?read(?: receipt)?|opened|displayed|(?:un)?gelesen|lesebestätigung|lu|confirmation de lecture"
    r"|darllenwyd|leído|letto|gelezen|przeczytano|lida|læst|lest)\s*:",
    re.IGNORECASE,
)
_WHEN = (
    r"(?: (?:on|at|am|um|le|à|ar|the|of|[ap]\.?m\.?|gmt|utc|bst|[\d:/.,+-]+(?:st|nd|rd|th)?|\((?:utc|gmt)[\d:+-]*\)"
    r"|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[.,]?"
    r"|(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|février|mars|avril|juin|juillet|août|septembre"
    r"|octobre|novembre|décembre|dydd|llun|mawrth|mercher|iau|gwener|sadwrn|sul|ionawr|chwefror|ebrill|mai|mehefin"
    r"|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr)[.,]?))*"
)
# What Outlook repeats of the mail before it says what became of it.
_OF_IT = r"(?: (?:to|an): [^:]{1,100} (?:subject|betreff): .{0,150}? (?:sent|gesendet): [\w/:., ()+-]{4,60}?)?"
_WORDS = re.compile(
    r"^(?:your (?:message|e-?mail)|ihre (?:nachricht|e-?mail)|votre (?:message|courriel)"
    r"|(?:eich|dy) (?:neges|e-bost))\b(?: to [^\s,;]{3,100})?" + _OF_IT + r"[^.!?]{0,100}"
    r"\b(?:was|has been|wurde|a été|wedi(?:['’]i)?) "
    r"(?:am [\d.]{6,10}(?: um)? [\d:.]{4,8}(?: uhr)? )?"
    r"(?:(?:deleted without being )?read|opened|displayed|(?:ungelesen )?gelöscht|gelesen"
    r"|geöffnet|lue?|ddarllen|agor)" + _WHEN + r"[.!]?",
    re.IGNORECASE,
)


_FIELD = re.compile(
    rb"^(disposition|failure|error|original-message-id)[ \t]*:[ \t]*(.{0,500}?)[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FIELDS_MAX = 20_000  # octets of the fields that are looked at: an honest receipt has six hundred


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt by RFC 8098 says; "" for what it does not say."""

    became: str = ""  # displayed, deleted, processed, denied, dispatched or failed
    trouble: str = ""  # why it could not be shown, in their program's words
    original_id: str = ""  # of the mail it is about, with its brackets

    @property
    def in_trouble(self) -> bool:
        """Whether somebody there has the mail and cannot read it."""
        return self.became == "failed" or bool(self.trouble)


def said(mail: ParsedMail) -> Receipt:
    """What stands in its fields (RFC 8098 3.2)."""
    part = next((one for one in mail.parts if one.content_type == "message/disposition-notification"), None)
    octets = _FOLD.sub(b" ", part.content[:_FIELDS_MAX]) if part else b""
    told = {name.lower(): value.decode("utf-8", "replace").strip() for name, value in _FIELD.findall(octets)}
    kind, _, modifiers = told.get(b"disposition", "").rpartition(";")[2].strip().lower().partition("/")
    trouble = told.get(b"failure", "") or told.get(b"error", "") or ("error" if "error" in modifiers else "")
    return Receipt(kind.strip(), trouble, told.get(b"original-message-id", ""))


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
