"""The agencies' mail system: a real Postfix that signs with OpenDKIM and delivers to a real Dovecot by LMTP.

1. Every server has a folder of its own for its settings, queue and mail, and listens on loopback only; nothing of the
   machine's own mail system is read or changed.
2. Postfix gives the hub's mail to the hub's listener, an agency's to Dovecot, and everybody else's back: it asks no
   name server and speaks to no other machine.
3. An address without a mailbox is refused by Dovecot, and so returned by Postfix.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.realism.until import until

PASSWORD = "a fictitious pass word"
_MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.fakeshire.example
mydestination =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_host_lookup = native
smtp_dns_support_level = disabled
transport_maps = texthash:{folder}/transport
default_transport = error:5.1.2 nobody here knows that domain
smtpd_milters = unix:{folder}/dkim/milter.sock
milter_default_action = tempfail
"""
_MASTER = """127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1
postmaster_address = postmaster@mail.fakeshire.example
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
  default_fields = uid=mail gid=mail home={folder}/homes/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  unix_listener {folder}/lmtp.sock {{
    mode = 0666
  }}
}}
"""
_DKIM = """Mode s
UserID opendkim
Socket local:{folder}/dkim/milter.sock
UMask 0000
SigningTable refile:{folder}/dkim/signing
KeyTable file:{folder}/dkim/keys
Canonicalization relaxed/relaxed
OversignHeaders From
RequireSafeKeys no
InternalHosts 127.0.0.1
"""


@dataclass(frozen=True)
class World:
    """Whose mail goes where."""

    mailboxes: tuple[str, ...]
    domains: tuple[str, ...]  # of the agencies, whether they have a mailbox or not
    hub: str  # its domain
    listener: int  # the port it listens on for mail
    dkim: Mapping[str, tuple[str, bytes]]  # of each domain that signs: selector and private key


@dataclass
class Servers:
    """The running mail system."""

    folder: Path
    smtp_port: int
    imap_port: int
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def log(self) -> str:
        """What Postfix wrote down."""
        kept = self.folder / "mail.log"
        return kept.read_text(errors="replace") if kept.is_file() else ""

    def mails(self, address: str) -> list[bytes]:
        """All mail in somebody's inbox, oldest first, as their own program fetches it."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port) as box:
            box.login(address, PASSWORD)
            box.select("INBOX", readonly=True)
            numbers = box.search(None, "ALL")[1][0].split()
            fetched = [box.fetch(n.decode(), "(BODY.PEEK[])")[1][0] for n in numbers]
        return [part[1] for part in fetched if isinstance(part, tuple)]

    async def start(self, *command: str) -> None:
        """A server that stays in the foreground."""
        out = (self.folder / "servers.log").open("ab")
        self.processes.append(await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out))
        out.close()

    async def run(self, *command: str) -> None:
        """A command that ends."""
        with (self.folder / "servers.log").open("ab") as out:
            process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out)
        await process.wait()

    async def stop(self) -> None:
        """Stop what was started here, the last first, each by its own number; Postfix by its own command, since its
        master is nobody's child."""
        await self.run("/usr/sbin/postfix", "-c", str(self.folder / "postfix"), "stop")
        for process in reversed(self.processes):
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(20):
                        await process.wait()
            if process.returncode is None:
                process.kill()
                await process.wait()


@contextlib.asynccontextmanager
async def servers(of: World, smtp_port: int, imap_port: int) -> AsyncIterator[Servers]:
    """Set up, started, and put away at the end."""
    folder = await asyncio.to_thread(_folder)
    made = Servers(folder, smtp_port, imap_port)
    await asyncio.to_thread(_write, made, of)
    try:
        sockets = folder / "lmtp.sock", folder / "dkim" / "milter.sock"
        await made.start("/usr/sbin/opendkim", "-f", "-x", str(folder / "opendkim.conf"))
        await made.start("/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf"))
        await until("Dovecot and OpenDKIM listen", lambda: all(socket.exists() for socket in sockets))
        await made.start("/usr/sbin/postfix", "-c", str(folder / "postfix"), "start-fg")
        await until("Dovecot and Postfix listen", lambda: _listens(imap_port) and _listens(smtp_port))
        yield made
    finally:
        await made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="post-", dir="/tmp"))  # a socket's path must be short
    folder.chmod(0o711)  # the servers' own users reach what is theirs by name
    return folder


def _write(made: Servers, of: World) -> None:
    """Every server's settings."""
    folder = made.folder
    for name in ("postfix", "queue", "data", "run", "state", "homes", "dkim"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "homes", "mail")
    routes = [f"{domain} lmtp:unix:{folder}/lmtp.sock" for domain in of.domains]
    routes.append(f"{of.hub} smtp:[127.0.0.1]:{of.listener}")
    texts = {
        "postfix/main.cf": _MAIN.format(folder=folder),
        "postfix/master.cf": _MASTER.format(port=made.smtp_port),
        "transport": "\n".join([*routes, ""]),
        "dovecot.conf": _DOVECOT.format(folder=folder, port=made.imap_port),
        "users": "".join(f"{address}:{PASSWORD}::::::\n" for address in of.mailboxes),
        "opendkim.conf": _DKIM.format(folder=folder),
        "dkim/signing": "".join(f"*@{domain} {domain}\n" for domain in of.dkim),
        "dkim/keys": "".join(f"{d} {d}:{selector}:{folder}/dkim/{d}.pem\n" for d, (selector, _) in of.dkim.items()),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    for domain, (_, private) in of.dkim.items():
        file = os.open(folder / "dkim" / f"{domain}.pem", os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(file, "wb") as key:
            key.write(private)
    for path in (folder / "dkim", *(folder / "dkim").iterdir()):
        shutil.chown(path, "opendkim")


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def versions() -> tuple[str, ...]:
    """As they say."""
    asked = ("postconf", "-d", "-h", "mail_version"), ("dovecot", "--version"), ("opendkim", "-V")
    path = f"{os.environ['PATH']}:/usr/sbin"
    told = [subprocess.run(c, capture_output=True, check=True, env={"PATH": path}).stdout.decode() for c in asked]
    numbers = [found[0] if (found := re.search(r"\d+(\.\d+)+", text)) else "?" for text in told]
    return tuple(f"{name} {number}" for name, number in zip(("Postfix", "Dovecot", "OpenDKIM"), numbers, strict=True))
