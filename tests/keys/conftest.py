"""Two keyrings made once, because keys are slow to make: the hub's, and everybody else's."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys.openpgp.keyring import Keyring
from keys.openpgp.seal import HubKey
from tests.keys import gpg_command

PASSPHRASE = "0123456789abcdef" * 4
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Others:
    """Everybody but the hub, in one keyring of the gpg command."""

    home: Path
    police: str
    health: str
    stranger: str  # never known to the hub

    def certificates(self) -> list[bytes]:
        """What the hub knows."""
        return [gpg_command.export(self.home, f) for f in (self.police, self.health)]


@pytest.fixture(scope="session")
def ring() -> Iterator[Keyring]:
    """The hub's keyring."""
    home = Path(tempfile.mkdtemp(prefix="h", dir="/tmp"))
    made = Keyring(home, PASSPHRASE)
    yield made
    made.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def hub(ring: Keyring) -> HubKey:
    """The hub's key."""
    return ring.hub_key(ring.make_hub_key("referrals@hub.example", "Fakeshire hub"))


@pytest.fixture(scope="session")
def others(ring: Keyring, hub: HubKey) -> Iterator[Others]:
    """Agencies and a stranger, who all have the hub's certificate."""
    with gpg_command.new_home() as home:
        gpg_command.take(home, ring.export_public(hub.fingerprint).encode())
        yield Others(
            home,
            gpg_command.make_key(home, "Police SPOC", "spoc@police.example"),
            gpg_command.make_key(home, "Health SPOC", "spoc@health.example"),
            gpg_command.make_key(home, "Stranger", "spoc@elsewhere.example"),
        )
