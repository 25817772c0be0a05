"""The ground all stands on: a served hub whose relay is a real Postfix, and a mailbox for every agency but one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange.demo.actors.mail_client import Read, send
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import AGENCIES, HUB_ADDRESS, HUB_FILE, Stage, free_port, stage
from tests.realism.servers import Servers, World, servers
from tests.realism.until import PATIENCE, until

MEMBER = "manager-1"
GONE = "education"  # the directory knows its address, its own server does not any more
REFERRAL: dict[str, Any] = {
    "schema": "referral/1",
    "form": "child",
    "referrer": {"name": "Dr Orla Notreal", "role": "GP", "source": "3A", "telephone": "01632 960155"},
    "concern": {
        "immediate_danger": "no",
        "what_happened": (
            "Zoë’s aunt brought her to the surgery this morning with a bruise behind the left ear. The aunt said "
            "that Zoë had fallen from her bicycle; Zoë said that she has no bicycle, and did not want to go home.\n\n"
            "I have asked them to come back on Friday."
        ),
    },
    "subjects": [{"given_name": "Zoë", "family_name": "Fictional", "date_of_birth": "2018-03-27",
                  "school": "Imaginary Primary", "gp": "Madeup Surgery",
                  "words": "“I don’t have a bike.”"}],
    "household": [
        {"name": "Ned Notional", "relationship": "mother's partner", "poses_risk": "yes"},
        {"name": "Una Fictional", "relationship": "aunt", "poses_risk": "unknown"},
    ],
}  # fmt: skip


@dataclass
class Ground:
    """The hub, the servers, and somebody at the desk."""

    hub: Stage
    post: Servers
    desk: WebClient

    async def mail(self, mail_from: str, to: str, message: bytes) -> None:
        """Somebody's own program hands a mail to Postfix."""
        answer = await send("127.0.0.1", self.post.smtp_port, mail_from, to, message)
        assert answer.startswith("250"), answer

    async def arrived(self, agency: str, what: str, patience: float = PATIENCE) -> Read:
        """The first mail in an agency's Dovecot whose text (opened by gpg with its key) holds this."""
        person = self.hub.people[agency]

        def found() -> Read | None:
            return next((r for r in map(person.open, self.post.mails(person.address)) if what in r.text), None)

        return await until(f"{agency} has a mail with “{what}”", found, patience)

    async def show(self, reference: str) -> dict[str, Any]:
        """The case as the operator's command tells it."""
        told: dict[str, Any] = json.loads(await self.hub.command("show", reference, "--json"))
        return told

    def secret_key(self, agency: str) -> bytes:
        """An agency's own key, as its holder would bring it to another program."""
        gpg = self.hub.people[agency].gpg
        assert gpg
        command = ["gpg", "--homedir", str(gpg.home), "--batch", "--armor", "--export-secret-keys"]
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def _hub_text() -> str:
    """The demo's hub with clocks sixty times as slow: nothing is to run out while somebody reads."""
    slower = {"s": "m", "m": "h"}
    return re.sub(r'= "(\d+)([sm])"', lambda m: f'= "{m[1]}{slower[m[2]]}"', HUB_FILE.read_text())


@contextlib.asynccontextmanager
async def ground(logs: Path) -> AsyncIterator[Ground]:
    """Everything set up and served; all of it but the logs is put away at the end."""
    async with stage() as hub:
        smtp, listener, imap = free_port(), free_port(), free_port()
        hub.environment |= {"EXCHANGE_RELAY__PORT": str(smtp), "EXCHANGE_SMTP__PORT": str(listener)}
        hub_file, password = hub.folder / "hub.toml", hub.folder / "password"
        hub_file.write_text(_hub_text())
        password.write_text(secrets.token_urlsafe(12))
        await hub.set_up(hub_file)
        await hub.command("staff", "add", MEMBER, "--roles", "hub_manager", "--password-file", str(password))
        signing = {d: hub.publish_dkim(d) for d in ("police.example", "madeup-surgery.example")}
        keys = {domain: (key.selector, key.private) for domain, key in signing.items()}
        homes = tuple(address for agency, address in AGENCIES.items() if agency != GONE)
        domains = tuple(address.partition("@")[2] for address in AGENCIES.values())
        world = World(homes, domains, HUB_ADDRESS.partition("@")[2], listener, keys)
        async with servers(world, smtp, imap) as post:
            await hub.serve()
            desk = WebClient(hub.base_url)
            page = await desk.submit(await desk.get("/desk/sign-in"), member=MEMBER, password=password.read_text())
            assert "Not yet looked at" in page.text, page.text
            try:
                yield Ground(hub, post, desk)
            finally:
                await asyncio.to_thread(_keep, (hub.folder, post.folder), logs)


def _keep(folders: tuple[Path, ...], logs: Path) -> None:
    for log in (found for folder in folders for found in folder.glob("*.log")):
        shutil.copyfile(log, logs / log.name)
