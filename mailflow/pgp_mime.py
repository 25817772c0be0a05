"""OpenPGP inside mail: written as RFC 3156 says, found in whatever shape other people's servers left it.

1. The same headers and ciphertext always give the same octets: a retry is recognisably the same mail.
2. No header value can become two headers, and nothing but ASCII goes on the wire.
3. Finding never opens anything and never raises.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from email.header import Header

from mailflow import text_body
from mailflow.entity import Entity, leaves
from mailflow.parsed_mail import CipherPart, ParsedMail, Part, encloses

LINE_MAX = 78  # RFC 5322 2.1.1: should
LINE_LIMIT = 998  # RFC 5322 2.1.1: must
FOUND_MAX = 20  # ciphertexts taken from one mail: each costs an attempt to open it

_BEGIN, _END = b"-----BEGIN PGP MESSAGE-----", b"-----END PGP MESSAGE-----"
_NAMED = re.compile(r".{0,150}\.(asc|pgp|gpg)(\.txt)?", re.IGNORECASE)
_NAME = re.compile(r"[!-9;-~]+")  # RFC 5322 2.2
_ENCODED = ("subject", "comments")  # unstructured: may be written as encoded words
_CONTENT_TYPE = re.compile(rb"^Content-Type:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
_PROTECTED = b'; protected-headers="v1";\r\n hp="cipher"'  # the draft Thunderbird 78 knew; RFC 9788 2.1.1


class MessageRefused(ValueError):
    """This message cannot be written as mail: a header or body has characters that mail cannot carry."""


def wrap(headers: Sequence[tuple[str, str]], armored: bytes) -> bytes:
    """The whole message as it goes on the wire: RFC 3156 4, multipart/encrypted."""
    cipher = _crlf(armored).strip(b"\r\n")
    if not (cipher.isascii() and cipher.startswith(_BEGIN) and cipher.endswith(_END)):
        raise MessageRefused("the ciphertext is not one armored OpenPGP message")
    # An armor line never starts with "--sealed": the boundary cannot occur in what it bounds.
    boundary = b"sealed-" + hashlib.sha256(cipher).hexdigest()[:40].encode("ascii")
    return b"".join(
        (
            header_block(headers),
            b"MIME-Version: 1.0\r\n"
            b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n'
            b' boundary="%b"\r\n\r\n--%b\r\n' % (boundary, boundary),
            b"Content-Type: application/pgp-encrypted\r\n"
            b"Content-Description: PGP/MIME version identification\r\n\r\nVersion: 1\r\n\r\n--%b\r\n" % boundary,
            b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
            b"Content-Description: OpenPGP encrypted message\r\n"
            b'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n',
            cipher,
            b"\r\n--%b--\r\n" % boundary,
        )
    )


def protected(headers: Sequence[tuple[str, str]], body_part: bytes, outer: Sequence[tuple[str, str]] = ()) -> bytes:
    """The part to be encrypted, carrying the real headers inside (RFC 9788). `outer` are the header fields the
    message will show in the clear, recorded as HP-Outer (2.2) so that a reply does not repeat secrets outside."""
    part = _crlf(body_part)
    head, gap, body = part.partition(b"\r\n\r\n")
    typed = _CONTENT_TYPE.search(head)
    if not gap or typed is None:
        raise MessageRefused("the inner part does not begin with its own Content-Type header")
    head = head[: typed.end()] + _PROTECTED + head[typed.end() :]
    hp_outer = [("HP-Outer", f"{name}: {value}") for name, value in outer]
    return header_block([*headers, *hp_outer]) + head + gap + body


def read_protected(inner: ParsedMail) -> str:
    """The subject that travelled inside, or '' when the inner part does not claim to carry headers."""
    return inner.subject if claims_headers(inner) else ""


def claims_headers(inner: ParsedMail) -> bool:
    """Whether the headers of what was sealed or signed are the message's own (RFC 9788 4.1), and not a file's."""
    return bool({name for name, _ in inner.content_params} & {"hp", "protected-headers"})


def find(root: Entity) -> tuple[CipherPart, ...]:
    """Every ciphertext of a mail: as sent, mangled by Exchange, wrapped by a list, attached, or in the text."""
    found: list[CipherPart] = []
    taken: set[int] = set()
    for payload in _payloads(root):
        taken.add(payload.start)
        found.append(CipherPart("pgp_mime", payload.content))
    rest = [leaf for leaf in leaves(root) if leaf.start not in taken]
    attached = [leaf for leaf in rest if _is_attached(leaf)]
    found += [CipherPart("attached", leaf.content) for leaf in attached]
    found += [CipherPart("inline", block) for block in _inline([x for x in rest if x not in attached])]
    return tuple(found[:FOUND_MAX])


def find_in(text: str, files: Iterable[Part]) -> tuple[CipherPart, ...]:
    """The ciphertexts of a message in one of Outlook's wrappings, which have text and files, and no MIME."""
    found = [CipherPart("attached", one.content) for one in files if _is_sealed_file(one.file_name, one.content)]
    found += [CipherPart("inline", block) for block in _blocks(text.encode("ascii", errors="replace"))]
    return tuple(found[:FOUND_MAX])


def _payloads(entity: Entity) -> Iterator[Entity]:
    """The encrypted part beside each version part, in this entity and those inside it."""
    payload = _payload(entity)
    if payload is not None:
        yield payload
        return
    for child in entity.children:
        yield from _payloads(child)


def _payload(entity: Entity) -> Entity | None:
    """Exchange turns multipart/encrypted into multipart/mixed and puts an empty text before it; others lose
    the version part or rename both: the pair is known by either part, the container by its type alone."""
    parts = [leaf for child in entity.children for leaf in leaves(child)] if entity.children else []
    versions = [p for p in entity.children if p.content_type == "application/pgp-encrypted"]
    if entity.content_type != "multipart/encrypted" and not versions:
        return None
    bodies = [p for p in parts if p not in versions or _armored(p.content)]
    likely = [p for p in bodies if _armored(p.content) or _binary(p.content)]
    octets = [p for p in bodies if p.content_type == "application/octet-stream"]
    return next(iter(likely or octets), None)


def _is_attached(leaf: Entity) -> bool:
    typed = leaf.content_type.startswith("application/pgp")
    body = leaf.content_type.startswith("text/") and not _NAMED.fullmatch(leaf.file_name) and not leaf.is_attachment
    if body or encloses(leaf.content_type, leaf.file_name):  # what an attached mail holds is that mail's
        return False
    return _is_sealed_file(leaf.file_name, leaf.content) or (typed and _binary(leaf.content))


def _is_sealed_file(name: str, content: bytes) -> bool:
    return _armored(content) or (bool(_NAMED.fullmatch(name)) and _binary(content))


def _inline(rest: list[Entity]) -> list[bytes]:
    """Blocks inside the text a person sees; the HTML twin is looked at only when the plain one has none."""
    plain = [leaf for leaf in rest if leaf.content_type != "text/html" and _is_text(leaf)]
    blocks = [block for leaf in plain for block in _blocks(leaf.content)]
    if blocks:
        return blocks
    pages = [leaf for leaf in rest if leaf.content_type == "text/html" and _BEGIN in leaf.content]
    allowance = text_body.Allowance()
    texts = [allowance.page(page.content.decode("ascii", errors="replace")) for page in pages]
    return [block for text in texts for block in _blocks(text.encode("ascii", errors="replace"))]


def _is_text(leaf: Entity) -> bool:
    return leaf.content_type.startswith(("text/", "multipart/"))  # a multipart leaf lost its boundary


def _blocks(data: bytes) -> list[bytes]:
    """Armored messages whose first line stands at the start of a line: a quoted one belongs to somebody else."""
    text = b"\n" + data.replace(b"\xc2\xa0", b" ").replace(b"\r\n", b"\n")
    blocks: list[bytes] = []
    at = text.find(b"\n" + _BEGIN)
    while at >= 0 and len(blocks) < FOUND_MAX:
        end = text.find(b"\n" + _END, at)
        if end < 0:
            break
        blocks.append(text[at + 1 : end + 1 + len(_END)] + b"\n")
        at = text.find(b"\n" + _BEGIN, end)
    return blocks


def _armored(data: bytes) -> bool:
    return _BEGIN in data[:4096]  # some gateways put a banner before it


def _binary(data: bytes) -> bool:
    """Starts with a session key packet (RFC 9580 4.2, tags 1 and 3), as every encrypted message does."""
    if not data or not data[0] & 0x80:
        return False
    tag = data[0] & 0x3F if data[0] & 0x40 else (data[0] >> 2) & 0x0F
    return tag in (1, 3)


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def header_block(headers: Sequence[tuple[str, str]]) -> bytes:
    return b"".join(_header(name, value) for name, value in headers)


def _header(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name) or name.lower().startswith(("content-", "mime-version")):
        raise MessageRefused("a header name is not one, or is one that the wrapper writes itself")
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise MessageRefused(f"the value of {name} has control characters")
    if not value.isascii() and name.lower() in _ENCODED:
        words = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
        return f"{name}: {words}\r\n".encode("ascii")
    if not value.isascii():
        raise MessageRefused(f"the value of {name} is not ASCII")
    return _folded(f"{name}: {value}")


def _folded(line: str) -> bytes:
    """RFC 5322 2.2.3: broken before spaces only, so that unfolding gives back every octet."""
    lines = [""]
    for word in re.findall(r" *[^ ]+| +", line):
        if lines[-1].strip() and len(lines[-1]) + len(word) > LINE_MAX and word.startswith(" ") and word.strip():
            lines.append("")
        lines[-1] += word
    if any(len(one) > LINE_LIMIT for one in lines):
        raise MessageRefused("a header line cannot be folded")
    return "\r\n".join(lines).encode("ascii") + b"\r\n"
