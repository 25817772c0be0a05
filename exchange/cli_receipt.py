"""The command about receipts: whether one is as the hub signed it, on any machine, with the hub's key alone."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from exchange import lodging
from exchange.cli_running import Config, Json, dumps, opened
from exchange.ours import grouped
from exchange.setting_up import SetUpRefused
from keys.openpgp.clear_signed import Checked, Standing, check

cli = App(name="receipt", help="The receipts that referrers keep.")
_TOLD = {
    Standing.ALTERED: "ALTERED: this is not the text that was signed. Nothing in it can be relied on: get the "
    "receipt again from the hub's receipt page.",
    Standing.OTHER_KEY: "OTHER KEY: it was signed, but not with the key in {key}. Get the key from the hub's own "
    "page (/key) and compare its fingerprint with the hub by telephone; an older receipt may need the key of then.",
    Standing.REVOKED: "REVOKED KEY: the hub has taken the key that signed this back, so that somebody else may "
    "have made it: ring the hub.",
    Standing.UNSIGNED: "NO RECEIPT: there is no signed text in this file. A receipt begins with “-----BEGIN PGP "
    "SIGNED MESSAGE-----”: keep the file as it was downloaded.",
}


@cli.command
def verify(
    file: Path,
    *,
    key: Annotated[Path | None, Parameter(name="--key")] = None,
    sent: Annotated[Path | None, Parameter(name="--sent")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Check that a receipt is as the hub signed it; exits 1 when it is not. Asks nobody: no network is needed.

    Parameters
    ----------
    file
        the receipt
    key
        the hub's public key (hub-public-key.asc); without it, that of the settings
    sent
        a copy of what was sent: is it what the receipt speaks of?
    """
    public = _read(key) if key else opened(config, lambda exchange: exchange.keyroom.public())
    found = check(_read(file), public)
    told = lodging.read(found.text) if found.standing is Standing.GOOD else {}
    same = _same(told, sent) if sent and told else None
    good = found.standing is Standing.GOOD and same is not False
    words = dumps(_as_data(found, told, same)) if json else "\n".join(_lines(found, told, same, key))
    print(words, file=sys.stdout if good or json else sys.stderr)
    if not good:
        sys.exit(1)


def _same(told: dict[str, Any], sent: Path) -> bool:
    return bool(hashlib.sha256(_read(sent)).hexdigest() == told["sha256"])


def _as_data(found: Checked, told: dict[str, Any], same: bool | None) -> dict[str, Any]:
    at = found.signed_at.isoformat() if found.signed_at else None
    return {"standing": found.standing, "key": found.fingerprint, "signed_at": at, **told, "same_as_sent": same}


def _lines(found: Checked, told: dict[str, Any], same: bool | None, key: Path | None) -> list[str]:
    if found.standing is not Standing.GOOD:
        return [_TOLD[found.standing].format(key=key or "the settings")]
    lines = [
        "GOOD: this receipt is as it was signed.",
        f"  {told['hub']} received a concern on {told['told']}, by {told['by']}.",
        f"  Reference {told['reference']}",
        f"  Signed with the key {' '.join(grouped(found.fingerprint))}",
        "  That it is the hub's key, its fingerprint shows: compare it with the hub's own page, or by telephone.",
    ]
    if same is not None:
        wrong = "OTHER COPY: the file is not what was sent, or was changed since."
        lines.append("  The copy is what was sent." if same else wrong)
    return lines


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise SetUpRefused(f"{os.fspath(file)}: {wrong.strerror}: name a file that can be read") from None
