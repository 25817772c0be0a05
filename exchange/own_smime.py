"""The hub's own S/MIME folder, lent to a command that only looks at mail: what opens the keys in it."""

from __future__ import annotations

import os
from pathlib import Path

from exchange import config
from keys.smime import identity
from keys.smime.lent import LentRefused
from keys.vault import OpeningHalf

SETTINGS = "exchange.toml"


def passphrase_of(folder: Path, file: Path | None) -> str:
    """What opens the keys of a folder that is the hub's own, as the intake opens them; "" for any other folder.

    The settings are those of `file` or EXCHANGE_CONFIG, or else stand beside the folder or where we are. Raises
    LentRefused.
    """
    if identity.kept(folder).present is None:
        return ""
    named = file or Path(os.environ.get("EXCHANGE_CONFIG", ""))
    beside = (folder.resolve().parent / SETTINGS, Path(SETTINGS))
    there = named if named.name else next((one for one in beside if one.is_file()), None)
    if there is None:
        raise LentRefused(
            f"{folder} holds the hub's own S/MIME keys, which its master key locks: name the hub's settings file "
            "with --config or EXCHANGE_CONFIG"
        )
    settings = config.read(there)
    return OpeningHalf(settings.path(settings.master_key).read_bytes()).derive("smime").hex()
