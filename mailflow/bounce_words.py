"""Bounces in plain words: which recipients a machine's own text says did not get a message, and whether it gave up.

For mail that is known to be a machine's and is in none of the standard forms. Only the machine's own words are read,
never the message it returns; without words of failure nothing is a bounce.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import Message

from mailflow import charset, mail_system, text_body

STATUS = ("message/delivery-status", "message/global-delivery-status")  # RFC 3464, RFC 6533
LONGEST = 60_000  # characters of the machine's words: an honest report has a few thousand
PAGE_MAX, PAGE_TAGS = 300_000, 3_000  # characters and tags of a page: a report's have a few hundred
LONGEST_LINE = 1_000  # characters looked at in one line
MOST_LINES = 1_000  # of all parts together: further down no machine says anything new
MOST = 50  # recipients of one report
_NEAR = 2  # lines after an address in which the reason for it stands
_REASON = 5  # lines of it that are shown: servers quote others
_ADDRESS = re.compile(
    r"(?<![\w.+%=/-])([\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,10}[A-Za-z]{2,24})(?![\w@-])"
)
# Where the returned message begins: what follows was written by whoever sent it.
_RETURNED = re.compile(
    r"^[\s>*=_-]{0,80}("
    r"(here is |below is |this is |-* ?below this line is |following is |.{0,20}enclosed is )?(a |the )?(copy of )?"
    r"(the |your |my )?(original|returned|unsent|undelivered|failed|bounced|rejected|included|attached) "
    r"(mail|message|e-?mail|text|headers?|article)( headers?)?( follows?)?"
    r"|.{0,40}(copy of (the|your) (original )?(message|mail|e-?mail)|returned message follows)"
    r"|message headers? follows?|(message|mail|text) (follows|header)s?"
    r"|transcript of (the )?message|header of the (original )?message|start of (returned|the) message"
    r")\b[\s:.*=_-]*(follows|is below|below|included|attached)?\W{0,20}$"
    r"|^\s*(received|return-path|delivered-to|x-original-to)\s*:\s\S",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"(could|can|would|will|was|were|has|have|is|are|did)( not|n't|not)( yet)?( been| be)? (able to )?"
    r"(be )?(deliver|reach|accept|found|relay|sen[dt]|complet|permit|exist|process|valid)"
    r"|(unable|failed|failure|failing|error|trouble|problem)s?( was| were| occurred)?[\w ]{0,30}"
    r"(deliver|sending|recipient|transmit|relay|reach)"
    r"|(un|non-?)deliver|not deliver|delivery[\w :-]{0,30}(fail|error|problem|status|impossible|abort"
    r"|expired|suspend)"
    r"|deliver[\w ]{0,20}(fail|error)|(permanent|fatal|following) error|mail(ing)? loop|loop alert"
    r"|too many hops|hop count|had delivery|did not reach"
    r"|wasn.?t (found|deliver)"
    r"|(unknown|no such|invalid|bad|nonexist\w+|non-existent|illegal|disabled|inactive|unrouteable"
    r"|ambiguous)[\w ']{0,20}"
    r"(user|address|recipient|mailbox|account|host|domain|alias|destination|local|mail|person|member)"
    r"|(user|address|recipient|mailbox|account|host|domain|addressee|name)s?[\w :,.'@<>-]{0,40}(unknown"
    r"|not (found|known"
    r"|exist|listed|valid|recogni|available)|does ?n.t exist|doesn.t exist|does not exist|disabled|suspended|inactive"
    r"|is full|full|unavailable|invalid|rejected|failed|over|exceed)"
    r"|(over|exceed\w*)[\w' ]{0,30}(quota|storage|limit|size|space)|quota exceed|mailbox full|rejected|refused"
    r"|returned? (mail|message|to sender)|bounced?\b|deferred|retry time|timed? ?out|gave up|giving up"
    r"|(?<![\d.])[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|[A-Za-z<])|\(#?[45]\.\d\.\d\)"
    r"|送信できません|配信でき|配送でき|届け|エラー|宛先不明|存在しません|一杯|受信拒否|拒否"
    r"|nicht (zugestellt|zustell|gefunden|erreich|ausgeliefert)|unzustellbar|unbekannt|fehlgeschlagen"
    r"|n.a pas (pu )?(être|été)|non (remis|délivr|distribu)|inconnu|échec|impossible de"
    r"|no (se )?(pudo|ha podido|puede|fue)|desconocid|no existe|devuelto|rechazad"
    r"|non (è stato|recapit|consegn|può)|sconosciut|mancat|impossibile|não (foi|pôde|pode)|niet (worden"
    r"|bezorgd|afgeleverd)"
    r"|не (удалось|доставлен|найден|существует)|недоставлен|nie (można|został)|无法|失败|退信|не было доставлено",
    re.IGNORECASE,
)
_STILL_TRYING = re.compile(
    r"still (be )?(trying|attempt|retr)|will (be )?(retri|retry|keep trying|continue|try again)|not yet|delay(ed)?\b"
    r"|warning|temporar|deferred|queued|retry (until|for)|no action is required|will be attempted"
    r"|need not do anything"
    r"|wird weiter|noch nicht|sera (de nouveau|retent)|encore|reintent|riprov|遅延",
    re.IGNORECASE,
)
_TRIES_AGAIN = re.compile(
    r"(?:will|still) be(?:ing)? retried|\bwill retry\b"
    r"|will (?:keep|continue) (?:on )?(?:trying|to (?:try|attempt|be attempted))"
    r"|delivery attempts will continue|will be attempted again",
    re.IGNORECASE,
)
_SHOULD_IT = re.compile(
    r"\b(?:if|should|when|once) (?:the |this |your )?(?:message|mail|e-?mail|delivery|it)\b[^.\n]{0,60}",
    re.IGNORECASE,
)
_GAVE_UP = re.compile(
    r"permanent|fatal|gave up|giving up|given up|could not be delivered to|undeliver|returned (mail|to)"
    r"|unable to deliver|cannot be delivered|(?<![\d.])5\d\d[ -]#?5|user unknown|unknown user|no such user|not exist",
    re.IGNORECASE,
)
_ASIDE = re.compile(  # lines in which an address is somebody to ask
    r"contact|assist|support|help(desk)?\b|administrator|question|forward (this|it)", re.IGNORECASE
)
_FIELD = re.compile(  # lines that tell of the message or the machine, not of a recipient
    r"reporting-mta|^\s*(from|reply-to|sender|return-path|envelope-sender|mail from|message-id|cc"
    r"|x-[\w-]+|date|subject)\b\s*[:=]"
    r"|>>> MAIL|MAIL FROM|was received (at|from)|^\s*from\s",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"^(mailer-daemon|postmaster|post_master|mail-?daemon|no-?reply|double-bounce)$", re.IGNORECASE)
_POINTED_AT = re.compile(r"^\W*(to|rcpt to|recipients?|address|for|an|à|para|a|宛先|<)?\W*$", re.IGNORECASE)


def failures(mail: Message) -> list[tuple[str, str, str]]:
    """(address, `failed` or `delayed`, the words that say so) of each recipient the machine's text tells of."""
    lines = own_lines(mail)
    subject = mail_system.subject(mail)
    if not any(_FAILED.search(line) or _STILL_TRYING.search(line) for line in (subject, *lines)):
        return []
    told = list(_told_of(lines, others(mail))) or list(_asked_for(mail, lines))
    action, first = _action(subject, lines), dict(reversed(told))
    return [(address, action, first[address]) for address in dict.fromkeys(a for a, _ in told)][:MOST]


def kind_said(mail: Message) -> str:
    """`failed` or `delayed`, as a machine's words say it of nobody in particular; "" when they say neither."""
    lines, subject = own_lines(mail), mail_system.subject(mail)
    said = any(_FAILED.search(line) or _STILL_TRYING.search(line) for line in (subject, *lines))
    return _action(subject, lines) if said else ""


def goes_on(mail: Message) -> bool:
    """Whether the machine plainly says that it will try again, and nothing of giving up."""
    text = "\n".join((mail_system.subject(mail), *own_lines(mail)))
    return bool(_TRIES_AGAIN.search(text)) and not _gave_up(text)


def still_trying(mail: Message) -> bool:
    """Whether the machine's words say that it goes on."""
    return bool(_STILL_TRYING.search("\n".join((mail_system.subject(mail), *own_lines(mail)))))


def own_lines(mail: Message) -> list[str]:
    """What the machine wrote, without the message it returns."""
    found: list[str] = []
    for text in texts(mail):
        for line in text[:LONGEST].splitlines():
            if _RETURNED.match(line[:LONGEST_LINE]):
                break
            found.append(line[:LONGEST_LINE])
            if len(found) == MOST_LINES:
                return found
    return found


def texts(mail: Message) -> Iterator[str]:
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from texts(part)
    elif mail.get_content_type() in ("text/plain", "text/html", *STATUS) or not mail.is_multipart():
        text = text_of(mail)
        is_page = mail.get_content_type() == "text/html"
        yield text_body.from_html(text[:PAGE_MAX], PAGE_TAGS) if is_page else text


def text_of(part: Message) -> str:
    """The text of a leaf, as far as its character set is known."""
    if part.is_multipart():
        return _fields_of(part)
    content = part.get_payload(decode=True)
    octets = content if isinstance(content, bytes) else b""
    return charset.decode(octets, part.get_content_charset() or "utf-8")[0]


def _fields_of(part: Message) -> str:
    """The fields of a part that the library took apart: their octets again, for it keeps no character that is not
    ASCII. Of an encoded part, and of RFC 6533's kind, it takes what is behind the first blank line for text."""
    blocks = (block for block in part.get_payload() if isinstance(block, Message))
    octets = b"\n\n".join(piece for piece in map(_octets, blocks) if piece)
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding in ("base64", "quoted-printable"):
        leaf = Message()
        leaf["Content-Transfer-Encoding"] = encoding
        leaf.set_payload(octets.decode("ascii", "surrogateescape"))
        content = leaf.get_payload(decode=True)
        octets = content if isinstance(content, bytes) else octets
    return charset.decode(octets, "utf-8")[0]


def _octets(block: Message) -> bytes:
    fields = "\n".join(f"{name}: {value}" for name, value in block.raw_items())
    rest = block.get_payload(decode=True)
    broken = any(isinstance(one, MissingHeaderBodySeparatorDefect) for one in block.defects)  # by quoted-printable
    pieces = (fields.encode("ascii", "surrogateescape"), rest if isinstance(rest, bytes) else b"")
    return (b"\n" if broken else b"\n\n").join(piece for piece in pieces if piece)


def others(mail: Message) -> set[str]:
    """Whom a report is to and from: they are not its subject, unless nobody else is."""
    return {found.lower() for name in ("To", "From", "Return-Path", "Reply-To", "Delivered-To", "Cc")
            for value in mail.get_all(name, []) for found in _ADDRESS.findall(str(value))}  # fmt: skip


def said_of(address: str, lines: list[str]) -> str:
    """What stands right behind an address, to the next blank line: why it failed, in the machine's words."""
    at = next((n for n, line in enumerate(lines) if address in line.lower()), None)
    if at is None:
        return ""
    last = min(len(lines), at + 1 + _REASON)
    end = next((n for n in range(at + 1, last) if not lines[n].strip()), last)
    rest = lines[at][lines[at].lower().index(address) + len(address) :].lstrip("<>()[]:;,. ")
    return " ".join(" ".join([rest, *lines[at + 1 : end]]).split())[:400]


def _told_of(lines: list[str], others: set[str]) -> Iterator[tuple[str, str]]:
    for n, line in enumerate(lines):
        if _FIELD.search(line):
            continue
        for found in _ADDRESS.finditer(line):
            address = found[1].lower()
            if address in others or _NOBODY.match(address.partition("@")[0]):
                continue
            around = " ".join(lines[n : n + 1 + _NEAR])
            alone = _POINTED_AT.match(line[: found.start()])
            if not alone and _ASIDE.search(line):
                continue
            if alone or _FAILED.search(line) or _FAILED.search(" ".join(lines[max(0, n - _NEAR) : n])):
                yield address, " ".join(around.split())[:400]


def _asked_for(mail: Message, lines: list[str]) -> Iterator[tuple[str, str]]:
    """Nobody was named: whom the returned message was to."""
    reason = " ".join(" ".join(line for line in lines if _FAILED.search(line)).split())[:400]
    for value in _returned_to(mail):
        for address in _ADDRESS.findall(value):
            yield address.lower(), reason
        return


def _returned_to(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        if part is not mail and part.get("To"):
            yield str(part["To"])
    whole = "\n".join(texts(mail))
    returned = re.search(r"^\s*(?:received|return-path)\s*:|original message", whole, re.IGNORECASE | re.MULTILINE)
    found = re.search(r"^\s*To\s*:\s*(.{1,500})$", whole[returned.start() :] if returned else "", re.MULTILINE)
    if found:
        yield found[1]


def _action(subject: str, lines: list[str]) -> str:
    text = "\n".join((subject, *lines))
    return "delayed" if _STILL_TRYING.search(text) and not _gave_up(text) else "failed"


def _gave_up(text: str) -> bool:
    """Whether it says so of this mail, and not of what will be said if it should come to that."""
    return bool(_GAVE_UP.search(_SHOULD_IT.sub("", text)))
