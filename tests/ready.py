"""A hub that was set up once and is handed out as copies: what an operator does takes seconds, a copy does not.

The set-up itself is tested by test_set_up.py and by the demo; here it is only what a journey starts from. A copy has
the keys, the two members of staff who confirmed them, and the database of its own that the test asked for.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import AGENCIES, HUB_FILE, KEEPERS_FILE, Stage, free_port, stage

STAFF_PASSWORD = "correct horse battery staple"


@dataclass
class _Kept:
    """One hub, as it was when it was set up."""

    folder: Path
    place: str  # where its settings say that it is
    database: str  # and in which database
    hub_fingerprint: str
    homes: dict[str, Path] = field(default_factory=dict)  # of gpg, by agency
    template: str = ""  # name of the PostgreSQL database it was made in


_KEPT: dict[tuple[str, str], _Kept] = {}  # by the text of the hub file, and the folder of the cluster or ""


async def ready(stage: Stage, hub_file: Path = HUB_FILE, database: str = "") -> None:
    """As `stage.set_up`, from a copy; another hub file is applied to a copy of the demo's hub."""
    cluster = parse_qs(urlsplit(database).query).get("host", [""])[0]
    made_in = database if cluster else ""
    base, wanted = [(await asyncio.to_thread(file.read_text), cluster) for file in (HUB_FILE, hub_file)]
    if wanted in _KEPT:
        _hand_out(stage, _KEPT[wanted], made_in, cluster)
    else:
        if base in _KEPT:
            _hand_out(stage, _KEPT[base], made_in, cluster)
        else:
            await stage.set_up(database=made_in)
            _KEPT[base] = _keep(stage, made_in, cluster)
        if wanted != base:
            await stage.command("hub", "apply", str(hub_file))
            _KEPT[wanted] = _keep(stage, made_in, cluster)
    if database and not cluster:
        _move_database(stage.folder / "hub", database)


@contextlib.asynccontextmanager
async def manned() -> AsyncIterator[Stage]:
    """A served hub with a manager, manager-1, who may sign in at the desk."""
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(STAFF_PASSWORD)
        await made.command("staff", "add", "manager-1", "--roles", "hub_manager", "--password-file", str(secret))
        await made.serve()
        yield made


async def at_the_desk(hub: Stage) -> WebClient:
    """The manager of `manned`, signed in."""
    client = WebClient(hub.base_url)
    await client.submit(await client.get("/desk/sign-in"), member="manager-1", password=STAFF_PASSWORD)
    return client


async def token_of(hub: Stage, label: str, roles: str, member: str = "") -> str:
    """A bearer token; with `member` it is that member's, who joins the hub with these roles."""
    whose: tuple[str, ...] = ()
    if member:
        await hub.command("staff", "add", member, "--roles", roles)
        whose = ("--staff", member)
    return (await hub.command("token", "add", label, "--roles", roles, *whose)).strip()


def _move_database(home: Path, to: str) -> None:
    """The test asked for its SQLite file to be elsewhere."""
    shutil.move(home / "exchange.db", urlsplit(to).path)
    settings = home / "exchange.toml"
    settings.write_text(settings.read_text().replace(f"sqlite+aiosqlite:///{home.resolve()}/exchange.db", to))


def _hand_out(stage: Stage, kept: _Kept, database: str, cluster: str) -> None:
    port = free_port()
    home = stage.folder / "hub"
    _copy(kept.folder, home)
    settings = home / "exchange.toml"
    text = settings.read_text().replace(kept.place, str(home.resolve()))
    settings.write_text(text.replace(kept.database, database) if cluster else text)
    if kept.template:
        name = urlsplit(database).path.lstrip("/")
        _postgres(cluster, "dropdb", name)
        _postgres(cluster, "createdb", "-T", kept.template, name)
    stage.base_url, stage.hub_fingerprint = f"http://127.0.0.1:{port}", kept.hub_fingerprint
    stage.environment |= {
        "EXCHANGE_WEB__PORT": str(port),
        "EXCHANGE_BASE_URL": stage.base_url,
        "EXCHANGE_CONFIG": str(home / "exchange.toml"),
    }
    shutil.copyfile(kept.folder.parent / KEEPERS_FILE, stage.folder / KEEPERS_FILE)
    for agency, address in AGENCIES.items():
        shutil.copyfile(kept.folder.parent / f"{agency}.asc", stage.folder / f"{agency}.asc")
        stage.people[agency] = MailClient(address, gpg=Gpg(_copy(kept.homes[agency], _short())))


def _keep(stage: Stage, database: str, cluster: str) -> _Kept:
    folder = _short()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    kept = _Kept(
        _copy(stage.folder / "hub", folder / "hub"), str((stage.folder / "hub").resolve()), database,
        stage.hub_fingerprint,
    )  # fmt: skip
    shutil.copyfile(stage.folder / KEEPERS_FILE, folder / KEEPERS_FILE)
    for agency, person in stage.people.items():
        assert person.gpg
        shutil.copyfile(stage.folder / f"{agency}.asc", folder / f"{agency}.asc")
        kept.homes[agency] = _copy(person.gpg.home, folder / agency)
    if cluster:
        kept.template = f"{urlsplit(database).path.lstrip('/')}_kept{len(_KEPT)}"
        _postgres(cluster, "createdb", "-T", urlsplit(database).path.lstrip("/"), kept.template)
    return kept


def _copy(source: Path, to: Path) -> Path:
    """The folder without what belongs to a running program."""
    running = shutil.ignore_patterns("S.*", "*.lock", ".#*")
    return Path(shutil.copytree(source, to, dirs_exist_ok=True, ignore=running))


def _short() -> Path:
    return Path(tempfile.mkdtemp(prefix="g", dir="/tmp"))  # gpg-agent's socket name must fit in 108 octets


def _postgres(cluster: str, program: str, *arguments: str) -> None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    command = [str(found[-1]) if found else program, "-h", cluster, "-U", "exchange", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
