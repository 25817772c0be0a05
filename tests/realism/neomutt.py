"""neomutt, as somebody who reads mail in a terminal sees it: a real one, on a screen that tmux keeps."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.realism.until import until

NEEDED = ("neomutt", "tmux", "gpg")
_SETTINGS = """set mbox_type = Maildir
set crypt_use_gpgme = yes
set crypt_protected_headers_read = yes
set header_cache = ""
set sort = reverse-date
set wait_key = no
set mail_check = 0
set tilde
"""
_WIDE, _HIGH = 110, 120  # a tall screen: a whole letter stands on it


def missing() -> list[str]:
    """What would have to be installed."""
    return [name for name in NEEDED if shutil.which(name) is None]


def version() -> str:
    """As it says."""
    told = subprocess.run(["neomutt", "-v"], capture_output=True, check=True, timeout=30).stdout.decode()
    return told.split()[1]


async def shown(mail: bytes, gnupg: Path, what: str) -> str:
    """The screen when this mail has been opened with the keys of a gpg home, and this is to be read on it."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="m", dir="/tmp"))  # a socket's path must be short
    try:
        await asyncio.to_thread(_lay_out, folder, mail)
        size = ("-x", str(_WIDE), "-y", str(_HIGH))
        _tmux(folder, "-f", "/dev/null", "new-session", "-d", *size, _command(folder, gnupg))
        try:
            return await until(f"neomutt shows “{what}”", lambda: _screen(folder, what), 30.0)
        finally:
            _tmux(folder, "kill-server")
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _lay_out(folder: Path, mail: bytes) -> None:
    for name in ("cur", "new", "tmp"):
        (folder / "inbox" / name).mkdir(parents=True)
    (folder / "inbox" / "new" / "1.1.mail").write_bytes(mail)
    (folder / "neomuttrc").write_text(f"set folder = {folder}\n{_SETTINGS}push <display-message>\n")


def _command(folder: Path, gnupg: Path) -> str:
    """Its own home, so that nobody's settings are read; UTF-8 on any machine."""
    given = {"HOME": str(folder), "GNUPGHOME": str(gnupg), "LC_ALL": "C.UTF-8", "TERM": "screen"}
    words = ("env", "-i", f"PATH={os.environ['PATH']}", *(f"{name}={value}" for name, value in given.items()))
    return shlex.join([*words, "neomutt", "-F", str(folder / "neomuttrc"), "-f", str(folder / "inbox")])


def _screen(folder: Path, what: str) -> str:
    seen = _tmux(folder, "capture-pane", "-p")
    return seen if what in seen else ""


def _tmux(folder: Path, *words: str) -> str:
    done = subprocess.run(["tmux", "-S", str(folder / "tmux"), *words], capture_output=True, check=False, timeout=30)
    return done.stdout.decode()
