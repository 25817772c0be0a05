"""Where a reply's quote begins, and how far it goes, by the marks of mail programs in the languages of people "
"here."""

from __future__ import annotations

import re

LONGEST_LINE = 400  # characters of a line in which a mark is looked for
_VERBS = (
    r"wrote|writes|schrieb|écrit|escribió|ha scritto|scrive|schreef|skrev|napisał\(?a?\)?|pisze|escreveu|ysgrifennodd"
    r"|kirjoitti|napsal\(?a?\)?|napísal\(?a?\)?|a scris|írta|rašė|rakstīja|kirjutas|пишет|писал\(?а?\)?"
    r"|написал\(?а?\)?"
    r"|пише|έγραψε|yazdı|写道|書きました|작성"
)
_ATTRIBUTION = re.compile(rf"^.{{0,300}}(?:^|[\s>)]|\b)(?:{_VERBS})(?![^\W\d_]).{{0,80}}[:：]\s*$", re.IGNORECASE)
_ANCHOR = re.compile(  # "On Tue, 24 Nov 2026 at 10:00, Somebody wrote:"
    r"^\s*(?:on|am|le|el|il|op|den|dnia|w dniu|em|ar|på|dne|dňa|în|la|ti|ke|to|pe|la|su|ma)\b", re.IGNORECASE
)
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_ADDRESSED = re.compile(r"[<(\[]?[\w.+-]{1,64}@[\w.-]{1,200}[>)\]]?")
_ORIGINAL = re.compile(
    r"^\s*[-_=*]{2,}\s*(?:original (?:message|appointment|e-?mail)|ursprüngliche nachricht|original-?nachricht"
    r"|weitergeleitete nachricht|message d['’]origine|message (?:transféré|original)|mensaje (?:original|reenviado)"
    r"|mensagem original|mensagem encaminhada|messaggio (?:originale|inoltrato)|oorspronkelijk bericht"
    r"|doorgestuurd bericht|neges wreiddiol|neges a anfonwyd ymlaen|forwarded (?:message|by .{1,80})"
    r"|wiadomość oryginalna"
    r"|oryginalna wiadomość|przekazana wiadomość|ursprungligt meddelande|vidarebefordrat meddelande"
    r"|opprinnelig melding"
    r"|oprindelig meddelelse|alkuperäinen viesti|původní zpráva|eredeti üzenet"
    r"|исходное сообщение)\s*[-_=*]{0,}.{0,80}$"
    r"|^\s*(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:réexpédié|transféré)"
    r"|inicio del mensaje reenviado|inizio messaggio inoltrato)\s*:\s*$"
    r"|^\s*-{2,}\s*original message\b.{0,80}$",
    re.IGNORECASE,
)
_GROUPWISE = re.compile(r"^\s*>>>\s.{0,200}(?:\d{1,2}:\d\d|@).{0,80}>>>\s*$")
_NOTES = re.compile(r"^.{0,200}(?:wrote on|schrieb am|a écrit le)\b.{0,80}\d{1,2}:\d\d.{0,40}:\s*$", re.IGNORECASE)
_HEAD_FIELD = re.compile(
    r"^\s*[*|]?(from|von|de|da|van|fra|från|od|oddi wrth|lähettäjä|от|sent|gesendet|envoyé(?: le)?"
    r"|enviad[oa](?: el| em)?"
    r"|inviato|verzonden|sendt|skickat|wysłano|anfonwyd|odesláno|отправлено|to|an|à|para|a|aan|til|till|do|at"
    r"|komu|кому"
    r"|cc|kopia|kopie|copie|subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|temat|pwnc|předmět|тема"
    r"|date|datum|fecha|data|dyddiad|importance|wichtigkeit|priority)\s*:\*?(?:\s|$)",
    re.IGNORECASE,
)
_FROM_FIELD = re.compile(r"^\s*[*|]?(from|von|de|da|van|fra|från|od|oddi wrth|lähettäjä|от)\s*:\*?\s", re.IGNORECASE)
_RULE = re.compile(r"^\s*_{10,}\s*$")


def attribution(lines: list[str], at: int) -> int:
    """How many lines the words "On ... wrote:" take here: clients wrap them over up to three. Where they do not begin
    as such a line does, a quote must follow: "In 2019 his mother wrote:" is somebody's own."""
    for size in (1, 2, 3):
        if at + size > len(lines):
            return 0
        last = lines[at + size - 1]
        if size > 1 and not last.strip():
            return 0
        if not last.rstrip().endswith((":", "：")):
            continue
        text = " ".join(line.strip() for line in lines[at : at + size])[:LONGEST_LINE]
        if _NOTES.match(text) or (_ATTRIBUTION.match(text) and _is_marked(text, lines, at + size)):
            return size
    return 0


def _is_marked(text: str, lines: list[str], below: int) -> bool:
    if not (_DATED.search(text) or _ADDRESSED.search(text)):
        return False
    return bool(_ANCHOR.match(text)) or quotes(_first(lines, below))


def _first(lines: list[str], at: int) -> str:
    """The next line that is not empty."""
    return next((line for line in lines[at : at + 3] if line.strip()), "")


def quotes(line: str) -> bool:
    """Whether a line is quoted by its mark."""
    return line.lstrip().startswith((">", "|")) and not _GROUPWISE.match(line)


def ends_here(lines: list[str], at: int) -> bool:
    """Whether all below is quoted without a mark, as Outlook, Notes and GroupWise do."""
    line = lines[at][:LONGEST_LINE]
    if _ORIGINAL.match(line) or _GROUPWISE.match(line):
        return True
    if _RULE.match(line):
        return _is_head(lines[at + 1 : at + 9])
    return bool(_FROM_FIELD.match(line)) and _is_head(lines[at : at + 8])


def _is_head(lines: list[str]) -> bool:
    """Outlook's block of From:, Sent:, To:, Subject: before what it quotes."""
    head = 0
    for line in lines:
        if not line.strip():
            continue
        if not _HEAD_FIELD.match(line[:LONGEST_LINE]):
            break
        head += 1
    return head >= 3
