"""The proof of lodging: a receipt signed with the hub's key, and a copy of what was sent whose digest stands in it.

1. The receipt says nothing of anybody: reference, time, channel, and a digest.
2. The copy holds a number that only its holder and the hub know. Without it nobody can try out guesses of what was
   said against the digest of a receipt that was shown around.
3. Both are made anew each time from what the record holds of the first event, so that they are the same each time; of
   what was disposed of there is no copy, and the receipt goes without a digest.
4. What a program reads of it is in English; for whoever chose another language the same stands below in theirs.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exchange import content
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.store import casebook
from exchange.store.database import Transaction
from templates import exists, moments, render
from templates.languages import ENGLISH, N_, speaking

COPY = "what-was-sent.json"
CHANNELS = {
    "web": N_("web form"), "api": N_("another system"), "mail": N_("mail"), "telephone": N_("telephone"),
}  # fmt: skip
_LINE = re.compile(r"^([A-Z][A-Za-z0-9 -]*): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says."""

    hub: str
    reference: str
    received: datetime
    channel: str
    digest: str = ""
    language: str = ENGLISH  # of whoever sent it, besides English


async def copy_of(hub: Hub, tx: Transaction, case: Case) -> bytes | None:
    """What was sent, as a file for whoever sent it; None where it came otherwise than as a form, or is gone."""
    first = (await casebook.timeline(tx, case.id))[0].id
    came = [(name, plain) for event, name, plain in await hub.opened(tx, case.id) if event == first]
    referral = content.referral_from(came)
    if referral is None:
        return None
    listed = [one for name, plain in came if name == content.FILES for one in json.loads(plain)]
    files = [{"name": f["name"], "octets": int(f["size"]), "sha256": f["sha256"]} for f in listed]
    told = {
        "reference": case.reference, "number": hub.codes.sent(case.id), "referral": referral.data(), "files": files,
    }  # fmt: skip
    return (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


async def receipt_of(hub: Hub, tx: Transaction, case: Case, rules: Rules) -> Receipt:
    """The receipt of a case."""
    copy = await copy_of(hub, tx, case)
    digest = hashlib.sha256(copy).hexdigest() if copy else ""
    return Receipt(
        rules.name, case.reference, case.received_at, CHANNELS[case.channel], digest, case.referrer.language
    )


def text(receipt: Receipt, timezone: str, key_page: str) -> str:
    """As it is signed."""
    at = receipt.received.astimezone(UTC).replace(microsecond=0)

    def written(name: str, language: str) -> str:
        with speaking(language):
            return render(
                name, hub=receipt.hub, reference=receipt.reference, received_utc=f"{at:%Y-%m-%dT%H:%M:%SZ}",
                received=moments.moment(at, timezone), channel=receipt.channel, digest=receipt.digest,
                key_page=key_page,
            )  # fmt: skip

    own = f"paper/{receipt.language}/receipt.txt"
    return written("paper/receipt.txt", ENGLISH) + (written(own, receipt.language) if exists(own) else "")


def read(signed: str) -> dict[str, Any]:
    """What a receipt that holds says, by the first word of each line."""
    said = dict(_LINE.findall(signed))
    return {
        "hub": said.get("Hub", ""), "reference": said.get("Reference", ""), "received": said.get("Received", ""),
        "told": said.get("That is", ""), "by": said.get("By", ""),
        "sha256": said.get("SHA-256 of what was sent", ""),
    }  # fmt: skip
