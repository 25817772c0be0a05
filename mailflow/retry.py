"""When to try again a message that a relay would not take yet.

Five days of patience as everywhere in mail, but the alarm comes in minutes, from the clocks of the case: the
silence of a queue is what kills.
"""

from __future__ import annotations

from datetime import datetime, timedelta

STEPS = (30, 60, 120, 300, 600, 900)  # seconds: a greylist lets us in at the second try; the cap spares a sick relay
JITTER = 0.2  # of each step, so that what failed together does not come back together
PATIENCE = timedelta(days=5)  # RFC 5321 4.5.4.1: at least 4-5 days
# With a server that does not offer the TLS that was agreed: long enough for a certificate to be mended, and short
# enough for the letter to go by another way on the same day. The desk rings meanwhile.
TLS_PATIENCE = timedelta(hours=4)


def next_attempt(
    attempts: int,
    first_at: datetime,
    now: datetime,
    jitter: float,
    scale: float = 1.0,
    patience: timedelta = PATIENCE,
) -> datetime | None:
    """The time of the next attempt after `attempts` (>= 1) failed ones, or None: give up, a person must act.

    `jitter` is a random number from 0 to 1; `scale` shortens the steps for a hub whose clocks are short.
    """
    step = STEPS[min(max(attempts, 1), len(STEPS)) - 1] * scale
    spread = 1 + JITTER * (2 * min(max(jitter, 0.0), 1.0) - 1)
    due = now + timedelta(seconds=step * spread)
    return due if due <= first_at + patience else None
