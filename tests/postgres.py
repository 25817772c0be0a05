"""A private PostgreSQL cluster from the installed binaries, on a socket in a temporary folder, stopped by pid.

The exchange's role owns its databases and is no superuser, as in use: row security holds for it in every test.
"""

from __future__ import annotations

import glob
import itertools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path


class WhyNot(RuntimeError):
    """No PostgreSQL here; the text says how to get it."""


SUPERUSER = "postgres"


def _binaries() -> Path:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [os.path.dirname(shutil.which("postgres") or "")]
    if not found[-1] or not (Path(found[-1]) / "initdb").exists():
        raise WhyNot("PostgreSQL's server is not installed: apt-get install postgresql")
    return Path(found[-1])


# initdb refuses to run as root; as root we act as the `postgres` user that Debian's package made.
_AS = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []


@dataclass
class Cluster:
    """A running server."""

    folder: Path
    binaries: Path
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def start(cls) -> Cluster:
        """Make one and start it. Raises WhyNot."""
        cluster = cls(Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")), _binaries())
        if _AS:
            shutil.chown(cluster.folder, "postgres")
        data = cluster.folder / "data"
        cluster._run("initdb", "-D", str(data), "-U", SUPERUSER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{cluster.folder}' -c max_connections=200"
        log = str(cluster.folder / "log")
        cluster._run("pg_ctl", "-D", str(data), "-l", log, "-o", options, "-w", "start")
        cluster._run("createuser", "-h", str(cluster.folder), "-U", SUPERUSER, "--createdb", "exchange")
        return cluster

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_AS, str(self.binaries / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60, cwd=self.folder)

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{next(self._numbers)}"
        self._run("createdb", "-h", str(self.folder), "-U", SUPERUSER, "-O", "exchange", name)
        return f"postgresql+asyncpg://exchange@/{name}?host={self.folder}"

    def as_superuser(self, url: str) -> str:
        """The same database, seen by a role that no policy binds."""
        return url.replace("//exchange@", f"//{SUPERUSER}@")

    def stop(self) -> None:
        """Stop it and leave nothing behind."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
