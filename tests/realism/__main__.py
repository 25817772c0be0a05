"""`make realism`: our mail through real mail servers into real mail programs and back.

With --write, docs/realism.md and the pictures in docs/screens are written anew; pictures and logs of the last run are
always in .tools/realism.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from exchange.demo.stage import AGENCIES
from tests.realism import neomutt
from tests.realism.ground import Ground, ground
from tests.realism.round_trip import RoundTrip, Step, StepFailed
from tests.realism.servers import PASSWORD, versions
from tests.realism.thunderbird import Account, thunderbird

ROOT = Path(__file__).resolve().parents[2]
LAST = ROOT / ".tools" / "realism"
DOCS = ROOT / "docs"
CANNOT = 3  # how set-up.sh ends where the programs cannot be had
SHOWN = {  # of the pictures, those that the page shows
    "packet": "A packet, opened",
    "answer": "Its answer, as Thunderbird offers to send it",
    "accepted": "An invitation, accepted",
}
_PAGE = """# Our mail in real mail programs, through real mail servers

Written by `make realism ARGS=--write` (`tests/realism`), which installs the programs from Debian and fails if a step
does not hold. Last run: {day}, with {versions}.

A hub is set up and served. Its relay is a Postfix with settings of its own that signs for the agencies (OpenDKIM) and
delivers by LMTP to a Dovecot with a mailbox for every agency but one. A sergeant's Thunderbird has her key, the hub's
certificate, and its own settings otherwise; it is driven from outside, and what is typed goes where the cursor is.

{steps}

## What it looks like
{pictures}
## What was seen, and changed

- Thunderbird could not seal an answer to an address of the packet's own: it looked for a certificate of that address,
  found none, and offered to send the answer in clear, with the packet quoted. Sealed letters are answered at the
  hub's own address now, and placed by the Message-ID they answer, or by the page in their quote.
- The first screen of a packet said how to answer, and nothing of the child. People and concern now come first; that
  RECEIVED is enough for a start stands above them. The page to print comes before the file for machines.
- Calendars showed an address of random letters as organiser. They show the hub's name.
- The cursor stands below the quote, so “the first line” is the first line that one writes; both places are read.

Not tried, because they cannot be had here: Outlook, Apple Mail, webmail. The driver uses names from inside of
Thunderbird (`tests/realism/thunderbird.py`), which a new release may change.
"""


async def _go() -> tuple[str, list[Step]]:
    """The versions, and the steps; said as they are done. Raises StepFailed."""
    LAST.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    async with ground(LAST) as stand:
        police = stand.hub.people["police"]
        assert police.gpg
        account = Account(
            "Sergeant Ada Made-Up", AGENCIES["police"], PASSWORD, stand.post.imap_port, stand.post.smtp_port
        )
        fingerprint = police.gpg.fingerprint(AGENCIES["police"])
        async with thunderbird(account, fingerprint) as program:
            await program.take_keys(stand.secret_key("police"), fingerprint, await _hub_key(stand))
            names = [*versions(), f"Thunderbird {await program.version}", f"neomutt {neomutt.version()}"]
            _say(f"{time.monotonic() - began:6.1f} s  the hub, {', '.join(names)} are set up and running")
            trip = RoundTrip(stand, program, LAST, _say)
            try:
                await trip.go()
            except StepFailed:
                (LAST / "failed.png").write_bytes(await program.picture())
                raise
    return ", ".join(names), trip.steps


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - somebody watches


async def _hub_key(stand: Ground) -> bytes:
    return await asyncio.to_thread((stand.hub.folder / "hub" / "hub-public-key.asc").read_bytes)


def _write(names: str, steps: list[Step]) -> None:
    screens = DOCS / "screens"
    screens.mkdir(exist_ok=True)
    for name in SHOWN:
        smaller = ["pngquant", "--force", "--output", str(screens / f"{name}.png"), "32", str(LAST / f"{name}.png")]
        subprocess.run(smaller, check=True, timeout=60)
    listed = "\n".join(f"{number}. {step.what[0].upper()}{step.what[1:]}." for number, step in enumerate(steps, 1))
    pictures = "".join(f"\n{told}:\n\n![{told}](screens/{name}.png)\n" for name, told in SHOWN.items())
    day = datetime.now(UTC).date().isoformat()
    (DOCS / "realism.md").write_text(_PAGE.format(day=day, versions=names, steps=listed, pictures=pictures))


def main() -> None:
    """Set up, go, and say how it went."""
    done = subprocess.run(["sh", "tests/realism/set-up.sh"], cwd=ROOT, check=False)
    if done.returncode == CANNOT:
        _say("realism: skipped, nothing was tried; the line above says why")
        return
    done.check_returncode()
    shutil.rmtree(LAST, ignore_errors=True)
    try:
        names, steps = asyncio.run(_go())
    except StepFailed as failed:
        sys.exit(f"realism: FAILED at {failed}\nrealism: pictures and logs are in {LAST}")
    _say("realism: every step held")
    if "--write" in sys.argv[1:]:
        _write(names, steps)


if __name__ == "__main__":
    main()
