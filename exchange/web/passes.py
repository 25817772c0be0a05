"""Passes: what stands for a receipt code where somebody has signed in instead: for one referral, and for two hours.

Whoever leaves their organisation keeps no code: a pass ends by itself.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from exchange.safe import digest
from exchange.web.context import Site

LASTS = timedelta(hours=2)  # as long as a draft: long enough to write an answer in between two other things
_MARK = "pass."


def made(site: Site, case_id: str) -> str:
    """A pass for a case."""
    until = int((site.hub.clock.now() + LASTS).timestamp())
    return f"{_MARK}{case_id}.{until}.{_mac(site, case_id, until)}"


def read(site: Site, text: str) -> str:
    """The case of a pass that holds; "" for anything else."""
    if not text.startswith(_MARK) or text.count(".") != 3:
        return ""
    _, case_id, until, mac = text.split(".")
    if not until.isdecimal() or len(until) > 12 or int(until) <= site.hub.clock.now().timestamp():
        return ""
    return case_id if hmac.compare_digest(_mac(site, case_id, int(until)).encode(), mac.encode()) else ""


def _mac(site: Site, case_id: str, until: int) -> str:
    return digest(site.cookie_secret, f"pass\0{case_id}\0{until}")
