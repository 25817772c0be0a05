"""The stage: a hub set up by its own commands, served by its own process, and everybody around it played by actors.

Used by the demo and by the journey tests. It knows the exchange only from outside: commands, SMTP, pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exchange.demo.actors.dns_server import DnsServer
from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import DkimKey, MailClient, Read, send
from exchange.demo.actors.smtp_server import Delivered, MailServer

HUB_FILE = Path(__file__).parent.parent / "hubs" / "demo.toml"
HUB_ADDRESS = "referrals@fakeshire-hub.example"
AGENCIES = {
    "police": "safeguarding@police.example",
    "health": "safeguarding@health.example",
    "social_care": "safeguarding@social-care.example",
    "education": "safeguarding@school-support.example",
    "madeup-surgery": "safeguarding@madeup-surgery.example",
}
KEEPERS = ("keys-1", "keys-2")  # the two members of staff to whom fingerprints are read out
KEEPERS_FILE = "keepers-password"  # in the stage's folder
SERVED_LOG = "serve.log"  # in the stage's folder: what the served exchange says
PATIENCE = 60.0  # seconds for one command, and for the exchange to be up


class CommandFailed(RuntimeError):
    """A command of the exchange ended with an error; its own words follow."""


@dataclass
class Stage:
    """One hub and everybody who writes to it."""

    folder: Path
    relay: MailServer
    names: DnsServer
    environment: dict[str, str]
    people: dict[str, MailClient] = field(default_factory=dict)  # by agency
    dkim: dict[str, DkimKey] = field(default_factory=dict)  # by domain
    hub_fingerprint: str = ""
    base_url: str = ""
    mail_port: int = 0
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def command(self, *arguments: str) -> str:
        """Run one command of the exchange; what it printed. Raises CommandFailed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "exchange", *arguments, env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
        if process.returncode:
            raise CommandFailed(f"exchange {' '.join(arguments[:2])}: {err.decode().strip()}")
        return out.decode()

    async def set_up(self, hub_file: Path = HUB_FILE, database: str = "") -> None:
        """What an operator does: init, the hub file, staff, the agencies' certificates."""
        port = free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        self.environment["EXCHANGE_WEB__PORT"] = str(port)
        home = self.folder / "hub"
        where = ("--database", database) if database else ()
        await self.command(
            "init", str(home), "--hub", "fakeshire", "--name", "Fakeshire MASH", "--hub-address", HUB_ADDRESS,
            "--base-url", self.base_url, *where,
        )  # fmt: skip
        self.environment["EXCHANGE_CONFIG"] = str(home / "exchange.toml")
        await self.command("hub", "apply", str(hub_file))
        (self.folder / KEEPERS_FILE).write_text(secrets.token_urlsafe(12))
        for keeper in KEEPERS:
            await self.command("staff", "add", keeper, "--roles", "hub_administrator", *self._password)
        made = await asyncio.gather(*(asyncio.to_thread(self._person, *one) for one in AGENCIES.items()))
        police = self.people["police"].gpg
        self.hub_fingerprint = police.fingerprint(HUB_ADDRESS) if police else ""
        await self.enrol(dict(zip(AGENCIES, made, strict=True)))

    @property
    def _password(self) -> tuple[str, str]:
        return ("--password-file", str(self.folder / KEEPERS_FILE))

    def _person(self, agency: str, address: str) -> str:
        """Somebody at an agency with a key of their own, who has the hub's; the fingerprint as they read it out."""
        gpg = Gpg()
        fingerprint = gpg.make_key(agency, address)
        gpg.import_key((self.folder / "hub" / "hub-public-key.asc").read_bytes())
        (self.folder / f"{agency}.asc").write_bytes(gpg.export(address))
        self.people[agency] = MailClient(address, gpg=gpg)
        return fingerprint

    async def enlist(self, agencies: Mapping[str, str], beside: Mapping[str, str] | None = None) -> None:
        """More agencies (or mailboxes) of the hub file, each with a key of its own, by their address; and, by
        fingerprint, those `beside` whose certificate is in the stage's folder already."""
        made = await asyncio.gather(*(asyncio.to_thread(self._person, *one) for one in agencies.items()))
        await self.enrol({**dict(zip(agencies, made, strict=True)), **(beside or {})})

    async def enrol(self, fingerprints: Mapping[str, str]) -> None:
        """Bring the certificates of these agencies or mailboxes (`NAME.asc` in the stage's folder), and have their
        holders read their fingerprints out to both keepers."""
        folder = Path(tempfile.mkdtemp(prefix="brought-", dir=self.folder))
        for name in fingerprints:
            shutil.copyfile(self.folder / f"{name}.asc", folder / f"{name}.asc")
        await self.command("key", "add", str(folder))
        spoken = [part for said in fingerprints.values() for part in ("--read-back", said)]
        for keeper in KEEPERS:
            await self.command("key", "confirm", *fingerprints.values(), "--as", keeper, *self._password, *spoken)

    def publish_dkim(self, domain: str) -> DkimKey:
        """Let a domain sign its mail."""
        key = DkimKey.make(domain)
        self.names.add(key.name, "TXT", key.record)
        self.dkim[domain] = key
        return key

    async def serve(
        self, *roles: str, fault: str = "", program: tuple[str, ...] = ("-m", "exchange", "serve")
    ) -> asyncio.subprocess.Process:
        """Start the exchange, and wait until it says that it listens."""
        environment = self.environment | ({"EXCHANGE_FAULT": fault} if fault else {})
        chosen = ("--roles", ",".join(roles)) if roles else ()
        log = (self.folder / SERVED_LOG).open("ab")
        process = await asyncio.create_subprocess_exec(
            sys.executable, *program, *chosen, env=environment,
            stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
        log.close()
        self.processes.append(process)
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        async with asyncio.timeout(PATIENCE):
            line = (await process.stdout.readline()).decode().split()
        if line[:1] != ["ready"]:
            raise CommandFailed(f"exchange serve did not come up: see {self.folder / SERVED_LOG}")
        ports = dict(part.split("=") for part in line[1:])
        if "mail" in ports:
            self.mail_port = int(ports["mail"].rpartition(":")[2])
        return process

    async def end(self, process: asyncio.subprocess.Process) -> None:
        """Ask one process to stop, and see that it does."""
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def mail(self, mail_from: str, to: str, message: bytes) -> str:
        """Hand the exchange a mail; what it replied last."""
        return await send("127.0.0.1", self.mail_port, mail_from, to, message)

    async def received(self, agency: str, what: str, timeout: float = 20.0) -> Read:
        """The first mail in an agency's Maildir whose text (opened with its own key) holds `what`."""
        person = self.people[agency]
        readings: dict[Path, Read] = {}

        def fits(mail: Delivered) -> bool:
            if mail.path not in readings:
                readings[mail.path] = person.open(mail.content)
            return what in readings[mail.path].text

        found = await self.relay.wait_for_mail(person.address, fits, timeout)
        return readings[found.path]


@contextlib.asynccontextmanager
async def stage(folder: Path | None = None) -> AsyncIterator[Stage]:
    """An empty stage with mail server and name server; everything is put away at the end."""
    place = folder or Path(tempfile.mkdtemp(prefix="exchange-"))
    place.mkdir(parents=True, exist_ok=True)
    relay, names = MailServer(place / "mail"), DnsServer()
    relay_port, dns_port = await relay.start(), await names.start()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("EXCHANGE_")} | {
        "EXCHANGE_RELAY__HOST": "127.0.0.1",
        "EXCHANGE_RELAY__PORT": str(relay_port),
        "EXCHANGE_RELAY__TLS": "loopback",
        "EXCHANGE_SMTP__PORT": "0",
        "EXCHANGE_DNS_SERVER": f"127.0.0.1:{dns_port}",
        "EXCHANGE_WORK__RETRY_SCALE": "0.02",  # a relay that is away is tried again in seconds
        "EXCHANGE_WORK__POLL": "0.2",
        "EXCHANGE_KEYS__HOLD": "0",  # a new key is used as soon as it is proved
        "EXCHANGE_SIGN_IN__SECOND": "optional",  # on this machine; elsewhere something else comes on top
    }
    made = Stage(place, relay, names, environment)
    try:
        yield made
    finally:
        for process in made.processes:
            await made.end(process)
        for person in made.people.values():
            if person.gpg:
                person.gpg.close()
        await made.relay.stop()
        await names.stop()
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on: the links in letters must name it before the exchange starts."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
