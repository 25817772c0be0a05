"""Whether a mail system wrote a mail, as the headers of its reports show: only then are its words read as a report.

When unsure it is a person's: a report that is missed is read by a person, a person's words taken for a report's are
not heard.
"""

from __future__ import annotations

import re
from email.message import Message

from mailflow import header_text

LONGEST_HEADER = 2_000  # characters of a subject or sender: further in, no machine says what it is
_DAEMON = re.compile(r"mailer-?daemon\b|mail-daemon\b|mail delivery (sub)?system", re.IGNORECASE)
_SENDER = re.compile(
    r"mailer-daemon|post_?master|mail delivery|maildelivery|mdaemon|mail-daemon|microsoftexchange|bounce|\bndr@",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|deliver(y|ed)? (status|failure|fail|has failed|notification|problem|error)|returned (mail|to sender)"
    r"|failure notice|mail (delivery )?fail|non remis|unzustellbar|nicht zugestellt|could not be delivered"
    r"|delivery fail|failed delivery|(mail|message) (was |could |is )?(not |un)deliver|bounced (mail|message)"
    r"|(mail|message) (blocked|rejected) by|address not found|cannot send message|loop alert"
    r"|non-?delivery|メールエラー|エラー通知|配信エラー|配送エラー|送信エラー|(配信|配達|送信)(不能|できません)|宛先不明"
    r"|退信|(投递|投遞|发送|發送)失败|无法投递|無法(傳|投)遞|배달 ?실패|전송 ?실패|반송"
    r"|системы доставки|не ?доставлен|ошибка доставки|не удалось доставить|не вдалося доставити"
    r"|error sending your mail|delivery has failed|zustell(ung|bar)|zurückgesandt|no se puede entregar"
    r"|no (se ha )?entregad|fallo (de|en la) entrega|error (de|en la) entrega|correo devuelto|mensaje devuelto"
    r"|entrega fall|entrega falh|falha na entrega|não (foi )?entregue|mensagem devolvida"
    r"|mancat[ao] (consegna|recapito)|non (recapitat|consegnat|recapitabile)|impossibile (consegnare|recapitare)"
    r"|niet (bezorgd|afgeleverd)|onbestelbaar|échec de (la )?(remise|livraison|distribution)"
    r"|non (distribu|délivr)|retour à l'expéditeur|niedostarcz|nie dostarczono|nie można dostarczyć|zwrot wiadomości"
    r"|nedoručen|nedoručiteln|kézbesít|kan(de)? (inte|ikke) levere|kunne ikke levere|olevere|ikke leveret"
    r"|ei voitu toimittaa|perille toimittama|iletilemedi|teslim edilemedi|ni ellid (danfon|anfon)|heb ei (h)?anfon"
    r"|methu (danfon|anfon|cyflwyno)|warning: (message|could not)|mail system error|message status"
    r"|returning message|nondeliverable",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(r"^\s*(re|aw|wg|sv|fwd?|tr|antw|vs|rv|i|enc|pd|odp)\s*:", re.IGNORECASE)


def wrote(mail: Message) -> bool:
    """Whether it looks like a mail system's own, and not like a person's about one."""
    if mail.get_content_type() == "multipart/report" or mail.get("X-Failed-Recipients"):
        return True
    if sent_by_one(mail):
        return True
    said = subject(mail)
    if _PASSED_ON.match(said):
        return False
    if str(mail.get("Return-Path", "")).strip() == "<>":
        return True
    return bool(_SUBJECT.search(said)) and not mail.get("In-Reply-To")


def says_so(mail: Message) -> bool:
    """Whether sender or subject are a mail system's, though the mail is an answer to something."""
    return bool(_SENDER.search(header(mail, "From")) or _SUBJECT.search(subject(mail)))


def sent_by_one(mail: Message) -> bool:
    """Whether its sender has a name that only mail systems have; a postmaster who answers is a person."""
    sender = header(mail, "From")
    return bool(_DAEMON.search(sender) or (_SENDER.search(sender) and not mail.get("In-Reply-To")))


def subject(mail: Message) -> str:
    """Its subject in words, also where it was written in a character set and did not say so."""
    return header(mail, "Subject")


def header(mail: Message, name: str) -> str:
    """The first header of that name, as text of bounded length."""
    found = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    return header_text.words(str(found)[:LONGEST_HEADER].encode("utf-8", "surrogateescape"))[:LONGEST_HEADER]
