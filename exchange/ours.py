"""Our own key, as every letter tells of it: an Autocrypt header, and for a while after a rotation a few words.

1. What others send us in such a header is never read: keys come in by `exchange key add` alone.
2. The words stand in sealed letters only, whose reader can see who signed them.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, replace
from datetime import datetime

from exchange.keyroom import Keyroom
from keys.directory import AnyCertificate
from keys.openpgp.certificate import Certificate
from keys.openpgp.own import Own, own_keys
from keys.openpgp.packets import dearmor
from templates import moments, render
from templates.letters import Written


@dataclass(frozen=True, slots=True)
class Ours:
    """What letters say about the key of the hub that sends them."""

    autocrypt: str | None = None  # base64 (Autocrypt 1.1, 2.1)
    words: str = ""  # "" while there is one key only

    def said(self, written: Written, certificate: AnyCertificate | None) -> Written:
        """The letter with what its reader should know of our key; who opens it by S/MIME does not see that key."""
        if not self.words or not isinstance(certificate, Certificate):
            return written
        return replace(written, text=written.text + self.words)


NOTHING_SAID = Ours()


async def ours(keyroom: Keyroom, base_url: str, now: datetime) -> Ours:
    """As it stands now: a rotation is followed by a restart."""
    public = await keyroom.public()
    found = await asyncio.to_thread(own_keys, keyroom.keyring.home)
    return Ours(base64.b64encode(dearmor(public)).decode(), _words(found, keyroom.fingerprint, base_url, now))


def _words(found: tuple[Own, ...], current: str, base_url: str, now: datetime) -> str:
    here = next((key for key in found if key.fingerprint == current), None)
    older = [key for key in found if here and key.fingerprint != current and key.good(now)]
    if here is None or not older:
        return ""
    lines = grouped(current)
    return render("paper/signed_anew.txt", day=moments.day(here.made.date()), lines=lines, page=f"{base_url}/key")


def grouped(fingerprint: str) -> tuple[str, ...]:
    """A fingerprint as it is read out: groups of four, five to a line."""
    fours = [fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4)]
    return tuple(" ".join(fours[i : i + 5]) for i in range(0, len(fours), 5))
