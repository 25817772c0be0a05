"""The last look at a message before the wire: its final bytes, read again by somebody who did not write them.

1. Nothing here is shared with compose.py or pgp_mime.py: their mistakes must not be repeated in the check.
2. The gate knows only what the letter was frozen for: one address, its key ids, and whom it must not name.
3. It fails closed: what it cannot read in the one plain way is stopped, and a person is asked.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from exchange.case.sealed import Sealed, Sendable, TlsOnly

# What may stand above a message; anything else is somebody's mistake or worse (T37).
_ALLOWED = """
    from to reply-to subject date message-id in-reply-to references mime-version content-type
    content-transfer-encoding content-disposition auto-submitted x-auto-response-suppress autocrypt dkim-signature
"""
_NEEDED = "from to subject date message-id mime-version content-type"
# A quiet subject is made of these words, references (MASH-7K2F-9QXD), dates and times. Every word is harmless
# beside any other: none says what a message is about beyond "the hub writes to your team".
_QUIET = """
    a about accepted accept acknowledge acknowledgement action an and answer answered apologies are as asked at
    automatic awaiting by call called can cancelled case changed chaser check closed code confirm contact date
    decision delivery details discussion do encrypted first follow for from has have hear heard hub in
    information invitation is it key late later mailbox mailboxes meeting message messages minutes moved need
    needed needs new news no not notice of on open opened our outcome overdue packet page papers please post
    prove question questions re read receipt received record reference referral reminder renew replied reply
    request response sealed second secure securely sent still strategy system team test thank thanks that the
    this time to today tomorrow unread update updated us waiting was we what with work working works you your
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday am pm bst gmt utc
    neges i chi eich cod
"""
HEADERS = frozenset(_ALLOWED.split())
REQUIRED = frozenset(_NEEDED.split())
QUIET_WORDS = frozenset(_QUIET.split())
_REFERENCE = re.compile(
    r"[A-Z][A-Z0-9]{0,11}(?:-[0-9A-HJKMNP-TV-Z]{4}){1,2}"  # the letters that references are made of
    r"|\d{1,4}|\d{1,2}[:.]\d\d(?:am|pm)?|\d{4}-\d\d-\d\d"
)
_SUBJECT_MAX = 120
_HEADER = re.compile(rb"([!-9;-~]+): ?(.*)", re.DOTALL)  # RFC 5322 2.2
_BOUNDARY = re.compile(rb'boundary="?([A-Za-z0-9\'()+_,./:=?-]{1,70})"?', re.IGNORECASE)  # RFC 2046 5.1.1
_ARMOR = re.compile(
    rb"\s*-----BEGIN PGP MESSAGE-----\r\n(?:[A-Za-z]+: [^\r\n]*\r\n)*\r\n"
    rb"(?:[A-Za-z0-9+/=]{1,76}\r\n)+-----END PGP MESSAGE-----\s*"
)
# RFC 6376 3.5 as we write it: nothing in it but what a signature needs, in the name of the domain that writes.
_DKIM = re.compile(
    rb"v=1; a=rsa-sha256; c=relaxed/relaxed; d=([a-z0-9.-]{3,253});\s+s=[a-z0-9-]{1,63}; t=\d{1,12};"
    rb"\s+h=[a-z:\s-]{1,600};\s+bh=[A-Za-z0-9+/]{43}=;\s+b=[A-Za-z0-9+/\s]{100,800}={0,2}"
)
_BASE64_LINES = re.compile(rb"(?:[A-Za-z0-9+/=]{1,76}\r\n)+")
_BESIDE_MAX = 2000  # octets of the text beside a sealed file: more than how to open it takes
_BASE64 = re.compile(rb"(?:^[A-Za-z0-9+/]{4,76}={0,2}\r\n)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Expected:
    """What was frozen when the letter was asked for."""

    recipient: str = field(repr=False)
    key_ids: frozenset[str] | None  # of the frozen certificate, of either kind; None: not to be sealed
    forbidden_words: frozenset[str] = field(default=frozenset(), repr=False)  # the other parties' addresses
    form: str = "mime"  # how it is sealed: "mime" (RFC 3156), "attached" (one sealed file), "smime"
    tls: bool = True  # what is readable may go where verified TLS is agreed and proved


@dataclass(frozen=True, slots=True)
class GatePassed:
    """It may go."""


@dataclass(frozen=True, slots=True)
class GateStopped:
    """It may not; `why` is a code, one of those below."""

    why: str


class _Stop(Exception):
    """The gate stays shut: the code says why."""


Headers = dict[str, bytes]  # name in lower case -> value, unfolded
KeyIds = Callable[[bytes], tuple[str, ...]]  # the key ids that a sealed message names as its readers


def check(what: Sendable, expected: Expected, key_ids_in: KeyIds) -> GatePassed | GateStopped:
    """Whether these bytes may be handed to a relay for this recipient."""
    try:
        _octets(what.message)
        head, _, body = what.message.partition(b"\r\n\r\n")
        headers = _headers(head)
        _recipient(headers, what, expected)
        _subject(headers["subject"])
        _signature(headers)
        if isinstance(what, Sealed):
            if expected.key_ids is None:
                raise _Stop("sealed_unasked")
            sealed, beside = _FORMS[expected.form](headers, body)
            _keys(sealed, expected.key_ids, key_ids_in)
            _silence(head + beside, expected)
        elif isinstance(what, TlsOnly):  # as with a seal, its words are this agency's to read
            _over_tls(headers, expected)
            _silence(head, expected)
        else:
            _readable(headers, expected)
            _silence(what.message, expected)
            for reading in _readings(body):
                _silence(reading, expected)
    except _Stop as stop:
        return GateStopped(str(stop))
    return GatePassed()


def _octets(message: bytes) -> None:
    """T2: only CRLF, no NUL, ASCII."""
    if not message.isascii() or b"\0" in message:
        raise _Stop("not_ascii")
    pairs = message.count(b"\r\n")
    if message.count(b"\r") != pairs or message.count(b"\n") != pairs or not message.endswith(b"\r\n"):
        raise _Stop("bare_line_end")


def _headers(head: bytes) -> Headers:
    found: Headers = {}
    for line in re.split(rb"\r\n(?![ \t])", head):
        match = _HEADER.fullmatch(line)
        if match is None:
            raise _Stop("header_unreadable")
        name = match[1].decode("ascii").lower()
        if name not in HEADERS:
            raise _Stop("header_not_allowed")
        if name in found:
            raise _Stop("header_twice")
        found[name] = match[2].replace(b"\r\n", b"").strip()
    if not found.keys() >= REQUIRED:
        raise _Stop("header_missing")
    return found


def _recipient(headers: Headers, what: Sendable, expected: Expected) -> None:
    """R4: the address on the wire, the one in the message and the one that was frozen are the same octets."""
    frozen = expected.recipient.encode("ascii", errors="replace")
    if what.recipient != expected.recipient or headers["to"] not in (frozen, b"<%b>" % frozen):
        raise _Stop("recipient")


def _subject(value: bytes) -> None:
    text = value.decode("ascii")
    words = (word.strip(",;:.!?()") for word in text.split())
    if len(text) > _SUBJECT_MAX or not text:
        raise _Stop("subject_not_quiet")
    for word in filter(None, words):
        if word.lower() not in QUIET_WORDS and not _REFERENCE.fullmatch(word):
            raise _Stop("subject_not_quiet")


def _signature(headers: Headers) -> None:
    value = headers.get("dkim-signature")
    if value is None:
        return
    found, domain = _DKIM.fullmatch(value), headers["from"].rpartition(b"@")[2].strip(b" >").lower()
    if found is None or found[1] != domain:
        raise _Stop("signature")


def _silence(octets: bytes, expected: Expected) -> None:
    """Nobody else's address: one agency is not told whom else the hub writes to."""
    lower = octets.lower()
    if any(word.lower().encode("utf-8") in lower for word in expected.forbidden_words):
        raise _Stop("names_another")


def _readable(headers: Headers, expected: Expected) -> None:
    if expected.key_ids is not None:
        raise _Stop("not_sealed")
    if _type(headers["content-type"]) not in (b"text/plain", b"multipart/mixed", b"multipart/alternative"):
        raise _Stop("content_type")


def _over_tls(headers: Headers, expected: Expected) -> None:
    if not expected.tls:
        raise _Stop("no_evidence")
    _readable(headers, expected)


def _smime(headers: Headers, body: bytes) -> tuple[bytes, bytes]:
    """RFC 8551 3.3: one envelope that is the whole message; never one that is only signed."""
    kinds = [one.strip().lower() for one in headers["content-type"].split(b";")]
    if kinds[0] != b"application/pkcs7-mime":
        raise _Stop("content_type")
    if sorted(kinds[1:]) != [b'name="smime.p7m"', b"smime-type=enveloped-data"]:
        raise _Stop("content_type")
    if headers.get("content-disposition") != b'attachment; filename="smime.p7m"':
        raise _Stop("structure")
    if headers.get("content-transfer-encoding") != b"base64":
        raise _Stop("structure")
    return _unpacked(body), b""


def _pgp_mime(headers: Headers, body: bytes) -> tuple[bytes, bytes]:
    """RFC 3156 4: two parts exactly, nothing before, between or after them. Nobody else can read a word of it."""
    kind, boundary = headers["content-type"], _BOUNDARY.search(headers["content-type"])
    if _type(kind) != b"multipart/encrypted" or b'protocol="application/pgp-encrypted"' not in kind or not boundary:
        raise _Stop("content_type")
    version, cipher = _two_parts(body, boundary[1])
    if version[0] != b"application/pgp-encrypted" or version[1].strip() != b"Version: 1":
        raise _Stop("structure")
    if cipher[0] != b"application/octet-stream" or not _ARMOR.fullmatch(cipher[1]):
        raise _Stop("structure")
    return cipher[1].strip() + b"\r\n", b""


def _attached(headers: Headers, body: bytes) -> tuple[bytes, bytes]:
    """A short text, and one file that is nothing but one armored message; gives the text, which anybody can read.
    Whether it says too much only a person could tell: it is the same for every letter (templates/notices.py)."""
    boundary = _BOUNDARY.search(headers["content-type"])
    if _type(headers["content-type"]) != b"multipart/mixed" or not boundary:
        raise _Stop("content_type")
    text, cipher = _two_parts(body, boundary[1])
    if text[0] != b"text/plain" or cipher[0] != b"application/octet-stream":
        raise _Stop("structure")
    if b"BEGIN PGP" in text[1] or len(text[1]) > _BESIDE_MAX:
        raise _Stop("structure")
    opened = _unpacked(cipher[1])
    if not _ARMOR.fullmatch(opened):
        raise _Stop("structure")
    return opened.strip() + b"\r\n", b"\r\n" + quopri.decodestring(text[1])


# How each transport's seal is read: what is sealed, and what stands beside it for anybody to read.
_FORMS: dict[str, Callable[[Headers, bytes], tuple[bytes, bytes]]] = {
    "mime": _pgp_mime, "attached": _attached, "smime": _smime,
}  # fmt: skip


def _two_parts(body: bytes, boundary: bytes) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """Two parts exactly, nothing before, between or after them."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) != 4 or pieces[0] != b"" or pieces[3] != b"--\r\n":
        raise _Stop("structure")
    if not (pieces[1].startswith(b"\r\n") and pieces[2].startswith(b"\r\n")):
        raise _Stop("structure")
    return _part(pieces[1]), _part(pieces[2])


def _unpacked(content: bytes) -> bytes:
    """Base64 (RFC 2045 6.8) and nothing else."""
    if not _BASE64_LINES.fullmatch(content.removesuffix(b"\r\n") + b"\r\n"):
        raise _Stop("structure")
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        raise _Stop("structure") from None


def _part(piece: bytes) -> tuple[bytes, bytes]:
    head, gap, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    found = re.search(rb"^Content-Type:(.*)", head, re.IGNORECASE | re.MULTILINE)
    if not gap or found is None:
        raise _Stop("structure")
    return _type(found[1]), content


def _type(value: bytes) -> bytes:
    return value.partition(b";")[0].strip().lower()


def _keys(sealed: bytes, wanted: frozenset[str], key_ids_in: KeyIds) -> None:
    """R4: only the frozen certificate's keys may open it, and at least one of them does (lessons 2.8)."""
    try:
        named = key_ids_in(sealed)
    except Exception:  # noqa: BLE001 - rule 3: whatever the packet reader raises, the gate stays shut
        raise _Stop("key_ids_unreadable") from None
    if not named or not {k.upper() for k in named} <= {k.upper() for k in wanted}:
        raise _Stop("key_ids")


def _readings(body: bytes) -> Iterator[bytes]:
    """A readable message's body with its transfer encodings undone, wherever they may stand."""
    yield quopri.decodestring(body)
    for run in _BASE64.findall(body):
        try:
            yield base64.b64decode(run)
        except binascii.Error:
            raise _Stop("structure") from None
