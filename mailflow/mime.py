"""Bytes to ParsedMail: what a stranger's mail says, whatever it looks like.

1. `read` is total: odd mail is a value, never an exception.
2. What a mail may cost is bounded before it is spent (entity.py); what still costs too much dies with the
   process that reads it (reader.py), never with the one that asked.
3. Nothing is re-written: a signed part is cut from the original octets.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from mailflow import (
    charset,
    clear_signed,
    enclosed,
    header_text,
    meeting,
    pgp_mime,
    smime_mime,
    text_body,
    uuencoded,
    versions,
)
from mailflow.entity import Entity, TooMuch, leaves, split
from mailflow.parsed_mail import (
    ENCLOSED_SHUT,
    CipherPart,
    Enclosed,
    ParsedMail,
    Part,
    SignedPart,
    encloses,
    from_wire,
    to_wire,
)
from mailflow.text_body import Allowance

__all__ = ["CipherPart", "ParsedMail", "Part", "SignedPart", "from_wire", "read", "to_wire"]

TEXT_MAX = 1_000_000  # characters shown; the part keeps the rest
ADDRESSES_MAX = 100  # of one kind: more is a list, and the first hundred say enough
GUESSES_MAX = 5  # character sets guessed in one mail: each guess costs milliseconds
_CALENDARS = ("text/calendar", "application/ics")

Headers = tuple[tuple[str, bytes], ...]


def read(raw: bytes, *, depth: int = 0, allowance: Allowance | None = None) -> ParsedMail:
    """The mail as a value; `unreadable` says why it could not be read to the end. `depth` is how many messages it
    is inside of; their texts share one allowance."""
    try:
        root = split(raw)
        return _mail(root, _odd_octets(raw), depth, allowance or Allowance())
    except TooMuch as limit:
        return _unread(limit.code, tuple(limit.seen))
    except (RecursionError, MemoryError):
        return _unread("too_much", ())
    except Exception:  # noqa: BLE001 - rule 1: a mail nobody foresaw still becomes a case
        return _unread("unexpected", ())


def _unread(code: str, seen: Headers) -> ParsedMail:
    odd: list[str] = []
    try:
        return ParsedMail(**_said_by_headers(seen, odd), oddities=tuple(dict.fromkeys(odd)), unreadable=code)
    except Exception:  # noqa: BLE001 - rule 1
        return ParsedMail(unreadable=code)


def _mail(root: Entity, odd: list[str], depth: int, allowance: Allowance) -> ParsedMail:
    headers = _said_by_headers(_addressed(root).headers, odd)
    found = leaves(root)
    for entity in _all(root):
        odd += entity.oddities
    odd += ["bad_encoding" for leaf in found if not leaf.well_encoded]
    text, is_html = _text(root, odd, allowance)
    parts = (*map(_part, found), *_in_text(root))
    deeper = functools.partial(read, depth=depth + 1, allowance=allowance)
    inside = enclosed.opened(parts, deeper, allowance) if depth < enclosed.DEEPEST else ()
    allowance.shut |= depth >= enclosed.DEEPEST and any(encloses(p.content_type, p.file_name) for p in parts)
    odd += [ENCLOSED_SHUT] if allowance.shut and not depth else []
    if not text.strip():  # Outlook may put all a person wrote into winmail.dat
        text = "\n\n".join(one.text for one in inside if one.kind == "winmail").strip()
    calendars = tuple(dict.fromkeys(leaf.content for leaf in found if _is_calendar(leaf)))
    packed = (p.content for one in inside if one.kind == "winmail" for p in one.parts if _begins_calendar(p.content))
    return ParsedMail(
        **headers,
        content_type=root.content_type,
        content_params=root.params,
        text=text,
        text_is_html=is_html,
        parts=parts,
        enclosed=inside,
        ciphertexts=(*pgp_mime.find(root), *smime_mime.find(root), *_in_winmail(inside)),
        calendars=calendars,
        meetings=meeting.replies((*calendars, *packed)),
        signed=_signed(root) or clear_signed.signed(root),
        oddities=tuple(dict.fromkeys(odd)),
    )


def _in_winmail(inside: tuple[Enclosed, ...]) -> tuple[CipherPart, ...]:
    """What Exchange wrapped is the sender's own, unlike a message that they pass on."""
    return tuple(shut for one in inside if one.kind == "winmail" for shut in one.ciphertexts)


def _addressed(root: Entity) -> Entity:
    """Where the headers are: of what is sealed by S/MIME, a signed mail's are inside the signature (RFC 9788)."""
    bare = root.content_type == "multipart/signed" and not (root.first("from") or root.first("subject"))
    return root.children[0] if bare and root.children else root


def _odd_octets(raw: bytes) -> list[str]:
    """What the listener let through unchanged, named here (smuggling tricks look like this, and so do old
    programs)."""
    pairs = raw.count(b"\r\n")
    odd = {"bare_lf": raw.count(b"\n") > pairs, "bare_cr": raw.count(b"\r") > pairs, "nul": b"\0" in raw}
    return [name for name, there in odd.items() if there]


def _said_by_headers(headers: Headers, odd: list[str]) -> dict[str, Any]:
    """The fields of a ParsedMail that its header block gives."""

    def values(name: str) -> list[bytes]:
        return [value for key, value in headers if key.lower() == name]

    def first(name: str) -> bytes:
        return next(iter(values(name)), b"")

    authors = [pair for value in values("from") for pair in header_text.addresses(value)]
    to = [pair for value in values("to") for pair in header_text.addresses(value)]
    ids = header_text.ids(first("message-id"))
    problems = {
        "two_from": len(authors) > 1 or len(values("from")) > 1,  # which of them did DMARC look at?
        "no_from": not authors,
        "no_message_id": not ids,
        "too_many_addresses": max(len(authors), len(to)) > ADDRESSES_MAX,
    }
    odd += [name for name, there in problems.items() if there]
    return {
        "headers": tuple((name, header_text.words(value)) for name, value in headers),
        "from_addresses": tuple(spec for _, spec in authors[:ADDRESSES_MAX]),
        "from_display": authors[0][0] if authors else "",
        "to": tuple(spec for _, spec in to[:ADDRESSES_MAX]),
        "subject": header_text.words(first("subject")),
        "message_id": ids[0] if ids else "",
        "in_reply_to": header_text.ids(first("in-reply-to")),
        "references": header_text.ids(first("references")),
        "date": header_text.date(first("date")),
    }


def _all(entity: Entity) -> Iterator[Entity]:
    yield entity
    for child in entity.children:
        yield from _all(child)


def _part(leaf: Entity) -> Part:
    return Part(leaf.content_type, leaf.params, leaf.disposition, leaf.file_name, leaf.content)


def _text(root: Entity, odd: list[str], allowance: Allowance) -> tuple[str, bool]:
    """The words a person would read first, and whether any of them came from HTML."""
    shown = _bodies(root)
    if versions.differ(root, shown):
        odd.append("versions_differ")
    texts = [_words(leaf, odd, allowance, guess=index < GUESSES_MAX) for index, leaf in enumerate(shown)]
    text = "\n\n".join(one for one in texts if one.strip())
    if len(text) > TEXT_MAX:
        odd.append("text_cut")
    return text[:TEXT_MAX], any(leaf.content_type == "text/html" for leaf in shown)


def _bodies(entity: Entity) -> list[Entity]:
    """The leaves that are read as the mail's text, in order."""
    if not entity.children:
        return [entity] if _is_body(entity) else []
    inside = [_bodies(child) for child in entity.children]
    match entity.content_type:
        case "multipart/encrypted":
            return []
        case "multipart/alternative":
            return _best([bodies for bodies in inside if bodies])
        case "multipart/related" | "multipart/signed" | "multipart/report":
            return next((bodies for bodies in inside if bodies), [])
        case _:
            return [leaf for bodies in inside for leaf in bodies]


def _best(versions: list[list[Entity]]) -> list[Entity]:
    """Plain text when it says anything (RFC 2046 5.1.4 lets the reader choose), else the last version."""
    for bodies in versions:
        if any(leaf.content_type == "text/plain" and leaf.content.strip() for leaf in bodies):
            return bodies
    return versions[-1] if versions else []


def _is_body(leaf: Entity) -> bool:
    if leaf.is_attachment:
        return False
    lost_boundary = leaf.content_type.startswith("multipart/")
    return leaf.content_type in ("text/plain", "text/html", "text/enriched") or lost_boundary


def _in_text(root: Entity) -> Iterator[Part]:
    """Files that stand inside the text, as before MIME."""
    for leaf in _bodies(root):
        if leaf.content_type == "text/plain":
            for block in uuencoded.blocks(leaf.content):
                name = header_text.file_name(block.name) or "file"
                yield Part("application/octet-stream", (), "attachment", name, block.content)


def _words(leaf: Entity, odd: list[str], allowance: Allowance, *, guess: bool) -> str:
    if not allowance.characters:
        odd.append("text_cut")
        return ""
    named = leaf.param("charset")
    content = leaf.content
    if leaf.content_type == "text/plain":
        content = uuencoded.without(content, uuencoded.blocks(content))
    text, known = charset.decode(content[: TEXT_MAX * 4], named or "us-ascii", guess=guess)
    if not known:
        odd.append("unknown_charset")
    is_page = leaf.content_type != "text/plain" and leaf.content_type.startswith("text/")
    if len(text) > min(TEXT_MAX, allowance.characters):
        odd.append("text_cut")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if is_page:
        return allowance.page(text)
    text = allowance.take(text, TEXT_MAX)
    if leaf.param("format").lower() == "flowed":
        text = text_body.unflow(text, delsp=leaf.param("delsp").lower() == "yes")
    if leaf.param("hp-legacy-display") == "1":  # RFC 9788 4.5.3.2: the sealed headers once more, for older programs
        text = text.partition("\n\n")[2] or text
    return clear_signed.words(text).strip("\n")


def _is_calendar(leaf: Entity) -> bool:
    return leaf.content_type in _CALENDARS or leaf.file_name.lower().endswith(".ics")


def _begins_calendar(content: bytes) -> bool:
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"BEGIN:VCALENDAR")


def _signed(root: Entity) -> SignedPart | None:
    """The outermost multipart/signed (RFC 1847 2.1). Only a signature around the whole top level covers what is
    shown: a list's footer, or an attacker's text beside somebody else's signed part, is not covered."""
    for entity in _all(root):
        if entity.content_type == "multipart/signed" and len(entity.children) > 1:
            signed, signature = entity.children[0], entity.children[1]
            protocol = entity.param("protocol").lower() or signature.content_type
            whole = entity is root and len(entity.children) == 2
            return SignedPart(protocol, _canonical(signed.raw), signature.content, whole)
    return None


def _canonical(data: bytes) -> bytes:
    """CRLF line ends (RFC 3156 5), whatever the way here made of them."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
