"""The envelope of a mail that lies in a mailbox already: what its headers say of the way it came.

1. Headers are the sender's to write. What is believed of them is no more than what anybody may say in SMTP: an
   address of ours, which cannot be guessed, and a return path, which proves nothing.
2. Only a few lines are looked for, by pattern: the mail itself is read in a limited child, later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mailflow.listener import Envelope

HEAD_MAX = 128 * 1024  # octets looked at
MOST_RECIPIENTS = 10  # addresses of ours in one mail
MOST_SIGNS = 500  # at signs of one header: further in nobody wrote to us
# What a server writes on delivery, the surest first; then whom the sender wrote to.
_DELIVERED = ("x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "x-delivered-to")
_WRITTEN = ("to", "cc", "resent-to", "resent-cc")
_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LOCAL, _DOMAIN = re.compile(r"[a-z0-9._+-]{1,64}\Z"), re.compile(r"[a-z0-9.-]{1,253}")  # as ours are made


def envelope_of(raw: bytes, is_ours: Callable[[str], bool], hub_address: str) -> Envelope:
    """To whom of ours it came, and from where as far as that is told: of the client that sent it, nothing is."""
    lines = _lines(raw)
    found = _ours(lines, _DELIVERED, is_ours, hub_address) or _ours(lines, _WRITTEN, is_ours, hub_address)
    returned = next((value for name, value in lines if name == "return-path"), "unknown")
    return Envelope(returned.strip("<> \t"), found or (hub_address,), "", "", tls=False)


def _lines(raw: bytes) -> list[tuple[str, str]]:
    head = _END.split(raw[:HEAD_MAX], maxsplit=1)[0]
    fields = (line.partition(b":") for line in _FOLD.sub(b" ", head).splitlines())
    return [(name.decode("latin-1").strip().lower(), value.decode("latin-1").strip()) for name, _, value in fields]


def _ours(
    lines: list[tuple[str, str]], names: tuple[str, ...], is_ours: Callable[[str], bool], hub_address: str
) -> tuple[str, ...]:
    """The addresses of ours, other than the hub's own, in the headers of these names."""
    values = [value for wanted in names for name, value in lines if name == wanted]
    written = [one for value in values for one in _addresses(value.lower())]
    mine = [one for one in dict.fromkeys(written) if one != hub_address and is_ours(one)]
    return tuple(mine[:MOST_RECIPIENTS])


def _addresses(value: str) -> Iterator[str]:
    """All that looks like a plain address, wherever it stands: pieces of bounded length around each at sign."""
    at = -1
    for _ in range(MOST_SIGNS):
        at = value.find("@", at + 1)
        if at < 0:
            return
        local, domain = _LOCAL.search(value[max(0, at - 64) : at]), _DOMAIN.match(value[at + 1 : at + 254])
        if local and domain:
            yield f"{local[0]}@{domain[0]}"
