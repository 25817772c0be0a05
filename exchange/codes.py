"""Codes that people hold: made from a secret and what they are for, so that they are stored nowhere."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from exchange.edge import Chance
from exchange.spoken_words import spoken

_SPOKEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's set: nothing that is misread aloud or copied wrongly
_RECEIPT = 26  # characters of 5 bits: 130, where T23 asks for 128
DRILL_WORDS = 3  # of 256: 24 bits, said aloud in three seconds
_PACKET = 8  # 40 bits: enough for five tries (lessons 1.2)
_POSTED = 12  # 60 bits: a letter lies about for days
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of one hub."""

    secret: bytes = field(repr=False)

    def receipt(self, case_id: str) -> str:
        """Opens the receipt page of a case: `7K2F9-...`."""
        text = self._text("receipt", case_id, _RECEIPT)
        return "-".join(text[i : i + 5] for i in range(0, _RECEIPT, 5))

    def sent(self, case_id: str) -> str:
        """Stands in the copy of what was sent: nobody else can try guesses of it against its digest."""
        return self._text("sent", case_id, _RECEIPT)

    def receipt_digest(self, typed: str) -> str:
        """What is kept of a receipt code, however it was typed."""
        return hmac.new(self.secret, b"receipt-digest\0" + plain(typed).encode(), hashlib.sha256).hexdigest()

    def for_draft(self, chance: Chance) -> str:
        """A new code for what somebody has begun to write: random, and known to nobody but whom it is shown to."""
        text = "".join(_SPOKEN[b % 32] for b in chance.bytes(_RECEIPT))
        return "-".join(text[i : i + 5] for i in range(0, _RECEIPT, 5))

    def draft_digest(self, typed: str) -> str:
        """Under which it is found, however the code was typed: 128 bits, for the ids of its files begin with it."""
        return hmac.new(self.secret, b"draft\0" + plain(typed).encode(), hashlib.sha256).hexdigest()[:32]

    def packet(self, case_id: str, about: str) -> str:
        """Stands inside one sealed packet: whoever knows it has opened it."""
        text = self._text("packet", f"{case_id}/{about}", _PACKET)
        return f"{text[:4]}-{text[4:]}"

    def is_packet(self, case_id: str, about: str, typed: str) -> bool:
        """Whether this is the packet's code, however it was typed."""
        return hmac.compare_digest(plain(self.packet(case_id, about)).encode(), plain(typed).encode())

    def posted(self, fingerprint: str, added_at: str) -> str:
        """Stands in a letter by post about a certificate: whoever knows it reads the agency's post."""
        text = self._text("posted", f"{fingerprint}/{added_at}", _POSTED)
        return "-".join(text[i : i + 4] for i in range(0, _POSTED, 4))

    def is_posted(self, fingerprint: str, added_at: str, typed: str) -> bool:
        """Whether this is the letter's code, however it was typed."""
        return hmac.compare_digest(plain(self.posted(fingerprint, added_at)).encode(), plain(typed).encode())

    def drill(self, drill: str) -> str:
        """The words inside a drill: whoever says them has opened it."""
        return spoken(self._digest("drill", drill)[:DRILL_WORDS])

    def _text(self, kind: str, what: str, length: int) -> str:
        return "".join(_SPOKEN[b % 32] for b in self._digest(kind, what)[:length])

    def _digest(self, kind: str, what: str) -> bytes:
        return hmac.new(self.secret, f"{kind}\0{what}".encode(), hashlib.sha256).digest()


def plain(code: str) -> str:
    """A code as typed by a person (spaces, hyphens, small letters, O for 0) in its one spelling."""
    return code.upper().translate(str.maketrans("OIL", "011", " -\t\r\n"))
