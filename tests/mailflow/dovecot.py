"""A real IMAP server for the tests: Dovecot on loopback, with settings and mail in a folder of its own."""

from __future__ import annotations

import contextlib
import imaplib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from exchange.demo.stage import free_port

PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
USER, PASSWORD, NAME = "referrals", "three-fictitious-words", "127.0.0.1"
_SETTINGS = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {tls}
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login{mechanisms}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
{oauth}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service stats {{
  chroot =
}}
"""
_OAUTH = """passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth.conf
}}"""


@dataclass
class Dovecot:
    """A running server with one mailbox."""

    folder: Path
    plain_port: int  # with STARTTLS
    tls_port: int
    ca_file: Path

    @contextlib.contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """Somebody of staff with a mail program, who has opened a folder."""
        with imaplib.IMAP4(NAME, self.plain_port, timeout=20) as box:
            box.login(USER, PASSWORD)
            assert box.select(folder)[0] == "OK"
            yield box

    def deliver(self, mail: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """Put a mail there."""
        with self.client() as box:
            box.create(folder)
            assert box.append(folder, flags, imaplib.Time2Internaldate(time.time()), mail)[0] == "OK"

    def mails(self, folder: str = "INBOX") -> dict[bytes, bytes]:
        """Flags by mail."""
        with self.client(folder) as box:
            found = {}
            for number in box.search(None, "ALL")[1][0].split():
                parts = box.fetch(number.decode(), "(FLAGS BODY.PEEK[])")[1]
                told = b"".join(part[0] if isinstance(part, tuple) else part or b"" for part in parts or ())
                found[next(part[1] for part in parts or () if isinstance(part, tuple))] = told
            return found

    @property
    def log(self) -> str:
        """What it wrote down."""
        return (self.folder / "log").read_text(errors="replace")


@contextlib.contextmanager
def dovecot(*, tls: bool = True, tokens_at: int = 0) -> Iterator[Dovecot]:
    """Set up, started, and put away at the end; skips the test where Dovecot cannot run. OAuth 2 tokens are shown to
    a server at the port `tokens_at`."""
    if not Path(PROGRAM).exists():
        pytest.skip("Dovecot is not installed: apt-get install dovecot-imapd")
    if os.getuid() != 0:
        pytest.skip("Dovecot runs as users of its own: run as root")
    folder = Path(tempfile.mkdtemp(prefix="dovecot", dir="/tmp"))
    folder.chmod(0o711)
    authority, made = trustme.CA(), Dovecot(folder, free_port(), free_port(), folder / "ca.pem")
    authority.cert_pem.write_to_path(str(made.ca_file))
    certificate = authority.issue_cert(NAME)
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "certificate.pem").write_bytes(b"".join(one.bytes() for one in certificate.cert_chain_pems))
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "mail", "mail", "mail")
    (folder / "oauth.conf").write_text(
        f"introspection_mode = get\nintrospection_url = http://127.0.0.1:{tokens_at}/?token=\n"
        "username_attribute = user\nactive_attribute = active\nactive_value = true\n"
    )
    (folder / "dovecot.conf").write_text(
        _SETTINGS.format(
            folder=folder, tls="yes" if tls else "no", plain_port=made.plain_port,
            tls_port=made.tls_port if tls else 0, password=PASSWORD,
            mechanisms=" xoauth2 oauthbearer" if tokens_at else "",
            oauth=_OAUTH.format(folder=folder) if tokens_at else "",
        )
    )  # fmt: skip
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen([PROGRAM, "-F", "-c", folder / "dovecot.conf"], stdout=out, stderr=out)
    try:
        _listening(made.plain_port, process)
        yield made
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _listening(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, "Dovecot did not start"
        with contextlib.suppress(OSError), socket.create_connection((NAME, port), 5):
            return
        time.sleep(0.05)
    raise TimeoutError("Dovecot does not listen")
