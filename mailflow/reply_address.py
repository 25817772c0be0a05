"""Reply addresses: unguessable addresses that tie an answer, a bounce or a reply to what it is about.

1. The local part names the thing and proves it with a keyed digest; nothing is looked up to read it. It is an address
   of its own in the hub's domain, or the part after the plus of the hub's one mailbox.
2. An address that we did not make is not ours, whatever it looks like.
3. It holds ids only, never a name or a reference that people write.
4. The token in a link to a page is of another kind than any address: everybody who sees a mail's headers knows the
   address, and it opens no page; a token of a page is no address either.
5. The Message-ID of a letter is made with the same secret: an answer that names it is about that letter as surely as
   one that comes to its address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

_LETTERS = {"leg": "l", "invitee": "i", "bounce": "b", "referrer": "r", "owner": "o", "recipient": "d",
            "action": "a", "hub": "h"}  # fmt: skip
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
# "page" and "drill_page" stand in sealed mail only, "notice" in mail that anybody may read; "fetch" too, where a
# letter waits.
_PAGES = {"page": "p", "notice": "n", "drill_page": "t", "fetch": "f"}
_PAGE_KINDS = {letter: kind for kind, letter in _PAGES.items()}
_MAC_BYTES = 10  # 80 bits (T16); in base32 exactly 16 characters, and mail systems that lower or raise case spare it
_LOCAL_MAX = 64  # RFC 5321 4.5.3.1.1
PREFIX_MAX = 18  # of them for a mailbox and its plus: a letter's id, attempt and digest need 46
_IDENT = re.compile(r"[a-z0-9-]{1,45}\Z")
_LOCAL = re.compile(r"([a-z])\.([a-z0-9-]{1,45})\.([a-z2-7]{16})\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """What an address of ours is about."""

    kind: str  # leg | invitee | bounce | referrer | owner | recipient | action | hub; of a link: one of _PAGES
    ident: str

    @property
    def attempt(self) -> tuple[str, int]:
        """Of a bounce: the letter, and which attempt to send it."""
        letter, _, number = self.ident.rpartition("-")
        return (letter, int(number)) if letter and number.isdecimal() else (self.ident, 0)


class ReplyAddresses:
    """Makes and reads the addresses of one hub."""

    def __init__(self, secret: bytes, domain: str, mailbox: str = "") -> None:
        """With `mailbox` they are addresses of that one mailbox (RFC 5233): for hubs to which no others can come."""
        self._secret, self.domain = secret, domain.lower()
        self._prefix = f"{mailbox.lower()}+" if mailbox else ""
        if len(self._prefix) > PREFIX_MAX:
            raise ValueError(
                f"a mailbox of more than {PREFIX_MAX - 1} characters leaves no room for what comes after"
            )

    def make(self, kind: str, ident: str) -> str:
        """The address for one thing. Raises ValueError for an ident that no address can hold."""
        local = self._prefix + self._made(kind, _LETTERS[kind], ident)
        if len(local) > _LOCAL_MAX:
            raise ValueError("no mailbox name may be so long")
        return f"{local}@{self.domain}"

    def returned(self, letter: str, attempt: int) -> str:
        """Where reports about one attempt to send a letter go (VERP). What comes there tells which bytes it is about:
        a letter may have been written anew between two attempts."""
        return self.make("bounce", f"{letter}-{attempt}")

    def read(self, address: str) -> Token | None:
        """What the address is about, or None when we never made it."""
        local, _, domain = address.lower().rpartition("@")
        local = local.removeprefix(
            self._prefix
        )  # what went out before, or after, the other form was chosen counts too
        return self._read(local, _KINDS) if domain == self.domain else None

    def message_id(self, key: str) -> str:
        """The one Message-ID of the letter that `key` names: retries and crashes make no second one (R3)."""
        digest = hmac.new(self._secret, f"letter\0{key}".encode(), hashlib.sha256)
        return f"<{digest.hexdigest()[:32]}@{self.domain}>"

    def page(self, kind: str, ident: str) -> str:
        """The token for the link to a page about one thing. Raises ValueError as `make` does."""
        return self._made(kind, _PAGES[kind], ident)

    def read_page(self, token: str) -> Token | None:
        """What a link's token is about, or None when we never made it."""
        return self._read(token, _PAGE_KINDS)

    def _made(self, kind: str, letter: str, ident: str) -> str:
        if not _IDENT.match(ident):
            raise ValueError("an ident is small letters, digits and hyphens, at most 45")
        return f"{letter}.{ident}.{self._mac(kind, ident)}"

    def _read(self, written: str, kinds: Mapping[str, str]) -> Token | None:
        found = _LOCAL.match(written)
        kind = kinds.get(found[1]) if found else None
        if not found or kind is None:
            return None
        return Token(kind, found[2]) if hmac.compare_digest(self._mac(kind, found[2]), found[3]) else None

    def _mac(self, kind: str, ident: str) -> str:
        digest = hmac.new(self._secret, f"{kind}\0{ident}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:_MAC_BYTES]).decode().lower()
