"""MTA-STS (RFC 8461): a mail domain's own word, by https: which servers take its mail, and that TLS is a must."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 31_557_600  # seconds: the longest life of a policy (3.2)
PATH = "/.well-known/mta-sts.txt"
MODES = ("enforce", "testing", "none")
_RECORD = re.compile(r"v=STSv1\s*;\s*id=([A-Za-z0-9]{1,32})\s*(?:;.*)?")
_NAME = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}")


class PolicyRefused(ValueError):
    """This is no policy; the text is a code: `version`, `mode`, `max_age`, `mx`, `not_text`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a domain says."""

    mode: str  # enforce | testing | none
    mx: tuple[str, ...]  # names, or *.domain for one label more
    max_age: int  # seconds that it may be believed


def host(domain: str) -> str:
    """Where the policy of a domain is fetched (3.3)."""
    return f"mta-sts.{domain}"


def says_so(records: Iterable[bytes]) -> bool:
    """Whether the TXT records of _mta-sts.DOMAIN announce a policy: exactly one of them does (3.1)."""
    ours = [text for text in records if text.startswith(b"v=STSv1")]
    return len(ours) == 1 and _RECORD.fullmatch(ours[0].decode("latin-1").strip()) is not None


def read(body: bytes) -> Policy:
    """A policy as it was fetched (3.2): of a field written twice the first holds, unknown ones say nothing. Raises
    PolicyRefused."""
    fields: dict[str, list[str]] = {}
    try:
        lines = body.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise PolicyRefused("not_text") from None
    for line in lines:
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), []).append(value.strip())
    if fields.get("version", [""])[0] != "STSv1":
        raise PolicyRefused("version")
    mode, age = fields.get("mode", [""])[0], fields.get("max_age", [""])[0]
    if mode not in MODES:
        raise PolicyRefused("mode")
    if not (age.isdecimal() and len(age) <= 10):
        raise PolicyRefused("max_age")
    mx = tuple(name.lower() for name in fields.get("mx", []))
    if (not mx and mode != "none") or not all(_NAME.fullmatch(name) for name in mx):
        raise PolicyRefused("mx")
    return Policy(mode, mx, min(int(age), LONGEST))


def fits(server: str, patterns: Iterable[str]) -> bool:
    """Whether a server is one of those named: a star stands for exactly one label, the first (4.1)."""
    name = server.lower().rstrip(".")
    above = name.partition(".")[2]
    return any(name == p or (p.startswith("*.") and above == p[2:] and above != "") for p in patterns)
