"""The structure of a mail: headers and parts as slices of the original octets, found within limits.

1. Nothing is re-written: `raw` of a part is exactly the octets its sender signed.
2. Reading costs at most DEPTH_MAX passes over the bytes; beyond a limit it stops with `TooMuch`.
3. An attached message is a leaf: what is forwarded is evidence, not structure of this mail.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from mailflow import header_text
from mailflow.parsed_mail import Pairs

# Postfix's figures (header_size_limit, mime_nesting_limit) or a tenth of them; measured worst cases stay
# under a second. The size is what the listener announces.
SIZE_MAX = 35 * 1024 * 1024
HEADER_BLOCK_MAX = 100_000
HEADER_MAX = 10_000
HEADERS_MAX = 1_000
DEPTH_MAX = 20
PARTS_MAX = 200
MARKS_MAX = 10_000  # lines that begin like a delimiter: nested boundaries that extend one another are few
BOUNDARY_MAX = 200  # RFC 2046 5.1.1 says 70; some mailers write longer ones

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_DELIMITER_TAIL = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_LF = 10
# Headers this program reads. Any other may be as long as a filter on the way likes, and is then left out.
_READ = re.compile(
    rb"from|to|cc|sender|reply-to|return-path|subject|date|message-id|in-reply-to|references|mime-version"
    rb"|auto-submitted|content-.*",
    re.IGNORECASE,
)


class TooMuch(Exception):
    """The mail is beyond a limit; `code` names it."""

    def __init__(self, code: str, seen: list[tuple[str, bytes]] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.seen = seen or []  # headers that were read before


@dataclass(frozen=True)
class Entity:
    """One MIME entity (RFC 2045 2.4)."""

    headers: tuple[tuple[str, bytes], ...] = field(repr=False)  # unfolded, not decoded
    source: bytes = field(repr=False)  # the whole mail, of which this is a slice
    start: int
    body_start: int
    end: int
    children: tuple[Entity, ...]
    oddities: tuple[str, ...]

    @property
    def raw(self) -> bytes:
        """Headers and body, exactly as received."""
        return self.source[self.start : self.end]

    def first(self, name: str) -> bytes:
        """The first such header's raw value, or b''."""
        return next((value for key, value in self.headers if key.lower() == name), b"")

    def all(self, name: str) -> list[bytes]:
        """All such headers' raw values."""
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def content_type(self) -> str:
        """`type/subtype`, lower case; text/plain where it says nothing sensible (RFC 2045 5.2)."""
        kind = self._type[0].split(" ")[0]
        return kind if re.fullmatch(r"[!-.0-~]+/[!-.0-~]+", kind) else "text/plain"

    @property
    def params(self) -> Pairs:
        """Of the Content-Type."""
        return self._type[1]

    def param(self, name: str) -> str:
        """One Content-Type parameter, or ''."""
        return next((value for key, value in self.params if key == name), "")

    @property
    def disposition(self) -> str:
        """ "attachment", "inline", another word, or ''."""
        return self._disposition[0]

    @property
    def file_name(self) -> str:
        """A name fit to be shown, or ''."""
        named = next((value for key, value in self._disposition[1] if key == "filename"), "")
        return header_text.file_name(named or self.param("name"))

    @property
    def is_attachment(self) -> bool:
        """Meant to be kept beside the text, rather than read as it."""
        return self.disposition == "attachment" or (bool(self.file_name) and self.disposition != "inline")

    @cached_property
    def content(self) -> bytes:
        """The body, its transfer encoding undone as far as it goes."""
        return self._content[0]

    @property
    def well_encoded(self) -> bool:
        """Whether the transfer encoding was known and kept."""
        return self._content[1]

    @cached_property
    def _type(self) -> tuple[str, Pairs]:
        return header_text.params(self.first("content-type"))

    @cached_property
    def _disposition(self) -> tuple[str, Pairs]:
        return header_text.params(self.first("content-disposition"))

    @cached_property
    def _content(self) -> tuple[bytes, bool]:
        encoding, _ = header_text.params(self.first("content-transfer-encoding"))
        return _decoded(self.source[self.body_start : self.end], encoding)


def split(raw: bytes) -> Entity:
    """The mail's structure; TooMuch beyond a limit."""
    if len(raw) > SIZE_MAX:
        raise TooMuch("too_large")
    return _Splitter(raw).entity(0, len(raw), 0)


def leaves(entity: Entity) -> list[Entity]:
    """Every part that holds content, in order."""
    if not entity.children:
        return [entity]
    return [leaf for child in entity.children for leaf in leaves(child)]


class _Splitter:
    """Counts parts over the whole mail while it descends."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._parts = 0

    def entity(self, start: int, end: int, depth: int) -> Entity:
        self._parts += 1
        if self._parts > PARTS_MAX:
            raise TooMuch("too_many_parts")
        if depth > DEPTH_MAX:
            raise TooMuch("too_deep")
        headers, body, odd = read_headers(self._source, start, end)
        bare = Entity(tuple(headers), self._source, start, body, end, (), tuple(odd))
        boundary = bare.param("boundary").encode("utf-8", errors="replace").rstrip()
        if not bare.content_type.startswith("multipart/"):
            return bare
        if not 0 < len(boundary) <= BOUNDARY_MAX:
            return replace(bare, oddities=(*odd, "no_boundary"))
        try:
            spans = self._spans(body, end, boundary)
            children = tuple(self.entity(a, b, depth + 1) for a, b in spans)
        except TooMuch as limit:
            raise TooMuch(limit.code, headers) from None
        return replace(bare, children=children, oddities=tuple(odd if children else [*odd, "no_boundary"]))

    def _spans(self, body: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts are. RFC 2046 5.1.1: the line end before a delimiter belongs to the delimiter."""
        mark = b"--" + boundary
        spans: list[tuple[int, int]] = []
        begun = -1
        for at in self._lines_with(mark, body, end):
            tail = _DELIMITER_TAIL.match(self._source, at + len(mark), end)
            if tail is None:
                continue  # a longer boundary that begins with this one
            if begun >= 0:
                spans.append((begun, max(self._line_end_before(at), begun)))
            if len(spans) > PARTS_MAX:
                raise TooMuch("too_many_parts")
            if tail[1]:
                return spans
            begun = tail.end()
        if begun >= 0:
            spans.append((begun, end))  # never closed: cut short on the way, what is there is read
        return spans

    def _lines_with(self, mark: bytes, at: int, end: int) -> Iterator[int]:
        """Where lines begin with these octets, each octet looked at once."""
        find = self._source.find
        lines = 0
        at = find(mark, at, end)
        while at >= 0:
            if at == 0 or self._source[at - 1] == _LF:
                lines += 1
                if lines > MARKS_MAX:
                    raise TooMuch("too_many_parts")
                yield at
            at = find(b"\n", at, end)
            at = find(mark, at, end) if at >= 0 else -1

    def _line_end_before(self, at: int) -> int:
        return at - 2 if self._source[at - 2 : at] == b"\r\n" else at - 1


def read_headers(raw: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int, list[str]]:
    """Headers (unfolded), where the body starts, and what was odd. A line that is no header is skipped when
    more headers follow, else the body starts there: gateways break single lines."""
    headers: list[tuple[str, bytes]] = []
    odd: list[str] = []
    pieces: list[bytes] = []
    at = start
    while at < end:
        if at - start > HEADER_BLOCK_MAX and pieces:
            raise TooMuch("headers_too_large", headers)
        line, after = _line(raw, at, end)
        if not line:
            at = after
            break
        if line[:1] in b" \t" and pieces:
            pieces.append(line)
        elif _FIELD.match(line):
            _keep(headers, pieces, odd)
            pieces = [line]
        elif not (at == 0 and line.startswith((b"From ", b">From "))):  # an mbox separator came along
            odd.append("broken_header")
            if line.startswith(b"--") or not _FIELD.match(raw, after, end):  # "--": a boundary came too early
                break
        at = after
    _keep(headers, pieces, odd)
    return headers, at, odd


def _line(raw: bytes, at: int, end: int) -> tuple[bytes, int]:
    line_end = raw.find(b"\n", at, end)
    if line_end < 0:
        return raw[at:end].rstrip(b"\r"), end
    return raw[at:line_end].rstrip(b"\r"), line_end + 1


def _keep(headers: list[tuple[str, bytes]], pieces: list[bytes], odd: list[str]) -> None:
    if not pieces:
        return
    if len(headers) >= HEADERS_MAX:
        raise TooMuch("too_many_headers", headers)
    name, _, value = b"".join(pieces).partition(b":")
    name = name.rstrip()
    if len(value) > HEADER_MAX:
        if _READ.fullmatch(name):
            raise TooMuch("header_too_large", headers)
        odd.append("header_dropped")
        return
    if b"\0" in value:
        odd.append("nul")
    headers.append((name.decode("ascii"), value.replace(b"\0", b"").strip()))


def _decoded(body: bytes, encoding: str) -> tuple[bytes, bool]:
    match encoding:
        case "" | "7bit" | "8bit" | "binary":
            return body, True
        case "quoted-printable":
            return binascii.a2b_qp(body), True
        case "base64":
            return header_text.base64_octets(body)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uudecoded(body)
        case _:
            return body, False


def _uudecoded(body: bytes) -> tuple[bytes, bool]:
    out = bytearray()
    lines = iter(body.splitlines())
    for line in lines:
        if line.startswith(b"begin "):
            break
    for line in lines:
        if line.strip() in (b"", b"`", b"end"):
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            return bytes(out), False
    return bytes(out), True
