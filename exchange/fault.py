"""Named points where a test may stop the world; a no-op otherwise.

`EXCHANGE_FAULT=name` kills the process with SIGKILL the first time that point is reached, `name:3` the third
time. The names are listed once, here, so that a test can walk them all.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "inbox.before-commit",  # raw bytes sealed, nothing stored
    "inbox.after-commit",  # stored, 250 not yet said
    "intake.claimed",  # the lease is ours, nothing read
    "intake.before-record",  # read and opened, nothing decided
    "casebook.before-commit",  # decided, not stored
    "casebook.after-commit",  # stored, nobody told
    "dispatch.claimed",  # the lease is ours, nothing composed
    "dispatch.before-keep",  # sealed for the recipient, bytes not kept
    "dispatch.after-keep",  # bytes kept, nothing sent
    "sender.before-dot",  # the relay has the content, not the final dot
    "sender.after-dot",  # the final dot is out, the relay's answer not read
    "dispatch.before-verdict",  # the relay answered, the verdict not stored
    "pulling.taken",  # a mail of the shared mailbox is durable, and lies there as before
    "pulling.put-away",  # it is moved or marked, and how far we are is not stored
    "clockwatch.before-record",  # a clock ran out, nothing decided
)
_wanted, _, _count = os.environ.get("EXCHANGE_FAULT", "").partition(":")
_left = int(_count or "1")


def fault(name: str) -> None:
    """Stop the world here if a test asked for it."""
    global _left
    if name != _wanted:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
