"""Somebody else's ARC (RFC 8617 5.1), written after the standard: it shares no code with what verifies it, but "
"RSA."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

from dkim.crypto import RSASSA_PKCS1_v1_5_sign, parse_pem_private_key

from exchange.demo.actors.mail_client import DkimKey

_SIGNED = ("from", "to", "subject", "date", "message-id")


def seal(mail: bytes, key: DkimKey, results: str, cv: str = "", signed: tuple[str, ...] = _SIGNED) -> bytes:
    """The mail with one more set of headers on top; `results` is what its sealer says it found."""
    head, _, body = mail.partition(b"\r\n\r\n")
    number = len(re.findall(rb"^ARC-Seal:", head, re.MULTILINE)) + 1
    by = f"d={key.domain}; s={key.selector}"
    found = f"ARC-Authentication-Results: i={number}; {key.domain}; {results}"
    digest = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
    about = f"ARC-Message-Signature: i={number}; a=rsa-sha256; c=relaxed/relaxed; {by}; "
    about += f"h={':'.join(signed)}; bh={digest}; b="
    covered = b"".join(_relaxed(line) + b"\r\n" for name in signed for line in _named(head, name))
    about += _signature(key, covered + _relaxed(about.encode()))
    state = cv or ("none" if number == 1 else "pass")
    whole = f"ARC-Seal: i={number}; a=rsa-sha256; cv={state}; {by}; b="
    chain = b"".join(_relaxed(line) + b"\r\n" for line in (*_chain(head), found.encode(), about.encode()))
    whole += _signature(key, chain + _relaxed(whole.encode()))
    return f"{whole}\r\n{about}\r\n{found}\r\n".encode() + mail


def _signature(key: DkimKey, data: bytes) -> str:
    private = parse_pem_private_key(key.private)
    return base64.b64encode(RSASSA_PKCS1_v1_5_sign(hashlib.sha256(data), private)).decode()


def _chain(head: bytes) -> Iterator[bytes]:
    """The earlier sets, the oldest first, each in the order in which it is sealed (5.1.1)."""
    for number in range(1, 50):
        for name in ("arc-authentication-results", "arc-message-signature", "arc-seal"):
            yield from (line for line in _named(head, name) if b" i=%d;" % number in line)


def _named(head: bytes, name: str) -> list[bytes]:
    return [line for line in head.split(b"\r\n") if line.lower().startswith(name.encode() + b":")]


def _relaxed(line: bytes) -> bytes:
    """RFC 6376 3.4.2, of a header that is not folded."""
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + b" ".join(value.split())


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    return b"\r\n".join(lines).rstrip(b"\r\n") + b"\r\n"
