"""`make interop`: runs the table with every program, writes it to docs/interop.md, fails if a line does not work."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

from tests.interop.programs import OPENPGP, ROOT
from tests.interop.smime_programs import SMIME
from tests.interop.table import COLUMNS, Line, table

_HEAD = """# What other people's programs make of our mail, and we of theirs

Written by `make interop` (`tests/interop`), which sets up the programs from Debian, PyPI and npm by itself and fails
if a line does not work. Last run: {day}.

Each program makes a key of its own, gets a letter with a PDF exactly as the hub mails it (PGP/MIME; a sealed
attachment holds the same ciphertext), opens it and looks for the hub's signature. It answers, signed and sealed to
the hub, and the hub's own opener must open the answer and believe whose it is. “By GnuPG”: the same letter, sealed by
the other engine. gosop gives every line end as LF, whoever wrote it; that is not held against anybody.
"""
_NOTES = """
Not tried, because they cannot be had here: Outlook and Apple Mail. The forms that S/MIME has are opened in every
variation that openssl writes: AES-CBC and AES-GCM, PKCS #1 v1.5 and OAEP, streamed or not, signed beside or around.
"""


def _rows(lines: list[Line]) -> str:
    head = ("program", "version", "its key", *COLUMNS)
    rows = [
        (line.program, line.version, line.key, *(line.steps.get(c, "not tried") for c in COLUMNS)) for line in lines
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, tuple("-" for _ in head), *rows))


def main() -> None:
    """Write the table."""
    subprocess.run(["sh", "tests/interop/set-up.sh"], cwd=ROOT, check=True)
    openpgp = asyncio.run(table(OPENPGP, smime=False))
    smime = asyncio.run(table(SMIME, smime=True))
    day = datetime.now(UTC).date().isoformat()
    text = f"{_HEAD.format(day=day)}\n## OpenPGP\n\n{_rows(openpgp)}\n\n## S/MIME\n\n{_rows(smime)}\n{_NOTES}"
    (ROOT / "docs" / "interop.md").write_text(text)
    sys.stdout.write(text)
    failed = [f"{line.program} ({line.key})" for line in (*openpgp, *smime) if not line.works]
    if failed:
        sys.exit(f"interop: these lines do not work: {', '.join(failed)}")


if __name__ == "__main__":
    main()
