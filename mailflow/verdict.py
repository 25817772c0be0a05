"""What became of one message handed to a relay: temporary, permanent, or not to be known.

1. A reply counts as permanent only when it is about this recipient or this message; a 5xx that is about us
   (our password, our address, our dialogue) is a deferral, because correcting our settings makes it good.
2. After the final dot, whatever is not a clear answer is `Uncertain`: they may have the message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

REPLY_MAX = 400  # characters of a server's words that are kept: enough for any enhanced code and a link


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility (RFC 5321 4.2.5). It may still bounce."""

    server: str  # whose word this is: our relay's, not the agency's
    reply: str = field(repr=False)
    tls: bool  # verified TLS


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now; the same bytes again later. `code` is an SMTP code or `connect`, `tls`, `lost`, `timeout`, `login`."""

    code: str
    why: str = field(default="", repr=False)  # the server's words: they may hold the address


@dataclass(frozen=True, slots=True)
class Refused:
    """Never, as it is: a person must act. `code` is an SMTP code or `size`, `malformed`, `address`."""

    code: str
    why: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The line broke at the final dot: they may have it. Sent again with the same Message-ID."""

    why: str


Verdict = Accepted | Deferred | Refused | Uncertain


class Phase(StrEnum):
    """How far the dialogue had come when the reply was read."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


# 5xx that are about us: any code in these phases...
_OUR_PHASES = frozenset({Phase.CONNECT, Phase.LOGIN, Phase.MAIL})
# ...these wherever they come: authentication required, too weak, failed, or needs encryption (RFC 4954 6)...
_OUR_CODES = frozenset({530, 534, 535, 538})
_OUR_STATUS = ("5.7.8", "5.7.9", "5.7.10", "5.7.11", "5.7.13", "5.7.14")  # the same in RFC 3463/4954/5248 words
# ...and single rows, each with its story.
_ROWS: dict[tuple[Phase, int], bool] = {  # True: temporary
    (Phase.MAIL, 552): False,  # RFC 1870 6.1: larger than they take, and it will not shrink
    (Phase.RCPT, 500): True,  # they lost the thread of the dialogue, or we did
    (Phase.RCPT, 502): True,
    (Phase.RCPT, 503): True,
    (Phase.RCPT, 504): True,
    (Phase.RCPT, 552): True,  # RFC 5321 4.5.3.1.10: old servers say 552 for 452; mailbox full is not for ever
    (Phase.RCPT, 555): True,  # RFC 5321 4.1.1.11: an option of ours (DSN) that they offered and do not take
    (Phase.DATA, 500): True,
    (Phase.DATA, 502): True,
    (Phase.DATA, 503): True,
}


def judge(phase: Phase, code: int, reply: str) -> Deferred | Refused | Uncertain:
    """What a reply other than the one hoped for means."""
    why = printable(reply)
    if 400 <= code < 500:
        return Deferred(str(code), why)
    if 500 <= code < 600:
        return Deferred(str(code), why) if _is_temporary(phase, code, reply) else Refused(str(code), why)
    return Uncertain("odd reply") if phase is Phase.DOT else Deferred("lost", "the reply was not SMTP")


def _is_temporary(phase: Phase, code: int, reply: str) -> bool:
    row = _ROWS.get((phase, code))
    if row is not None:
        return row
    return phase in _OUR_PHASES or code in _OUR_CODES or reply.startswith(_OUR_STATUS)


def printable(reply: str) -> str:
    """A server's words on one line, ASCII, of bounded length."""
    line = " ".join(reply[: 4 * REPLY_MAX].split())
    return "".join(c if " " <= c <= "~" else "?" for c in line)[:REPLY_MAX]
