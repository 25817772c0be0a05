"""The commands about the DKIM signature on our own mail: its key, its record in DNS, and whether the two fit."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from cyclopts import App

from exchange.cli_running import Config, Json, dumps
from exchange.config import Settings
from exchange.config import read as settings_of
from exchange.setting_up import SetUpRefused

cli = App(name="dkim", help="The signature of the hub's domain on its own mail.")
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PIECE = 250  # characters of one string of a TXT record: at most 255 (RFC 1035 3.3)


@cli.command
def make(*, selector: str, config: Config = None) -> None:
    """Make a key for SELECTOR (for example the month: s202611), and print what DNS and the settings must say.

    The key that is in use goes on until the settings name the new one.

    Parameters
    ----------
    selector
        a name for the key in DNS
    """
    from keys.dkim import DkimKey

    if not _SELECTOR.fullmatch(selector):
        raise SetUpRefused("--selector: small letters, digits and hyphens, at most 63: it is part of a DNS name")
    settings = settings_of(config)
    file, key = Path(f"dkim-{selector}.pem"), DkimKey.make()
    try:
        handle = os.open(settings.path(file), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SetUpRefused(
            f"{settings.path(file)} is already there: choose another selector, so that no key is overwritten"
        ) from None
    with os.fdopen(handle, "wb") as out:
        out.write(key.pem)
    print(f"made {settings.path(file)}: whoever has it can sign in the domain's name")
    print("1. publish this record:\n")
    print(_zone_line(f"{selector}._domainkey.{_domain(settings)}", key.public))
    print(f"\n2. once it is there, write in {settings.folder / 'exchange.toml'}, and restart:\n")
    print(f'[dkim]\nselector = "{selector}"\nkey_file = "{file}"')
    print("\n3. exchange dkim check; take an older record out of DNS a fortnight later, no sooner")


def _zone_line(name: str, public: str) -> str:
    record = f"v=DKIM1; k=rsa; p={public}"
    pieces = " ".join(f'"{record[i : i + _PIECE]}"' for i in range(0, len(record), _PIECE))
    return f"{name}. IN TXT ( {pieces} )"


@cli.command
def show(*, config: Config = None) -> None:
    """The record of the key in use, as a zone file has it."""
    from exchange import outgoing

    signer, key = outgoing.signer(_with_dkim(config))
    print(_zone_line(signer.name, key.public))


@cli.command
def check(*, config: Config = None, json: Json = False) -> None:
    """Look whether DNS has the record of the key in use. Exits 1 when mail would not verify."""
    from exchange import outgoing
    from mailflow.authenticity import DnsTrouble

    settings = _with_dkim(config)
    signer, key = outgoing.signer(settings)
    resolver = outgoing.resolver(settings)
    try:
        records = [bytes(one).decode("ascii", "replace") for one in resolver.lookup(signer.name, "TXT")]
        policies = [bytes(one) for one in resolver.lookup(f"_dmarc.{signer.domain}", "TXT")]
    except DnsTrouble:
        print(f"exchange: {signer.name}: the name server did not answer: try again", file=sys.stderr)
        sys.exit(1)
    told = _judged(records, key.public)
    dmarc = any(one.lower().replace(b" ", b"").startswith(b"v=dmarc1") for one in policies)
    found: dict[str, Any] = {"name": signer.name, "verifies": not told, "why": told, "dmarc": dmarc}
    print(dumps(found) if json else _as_text(found))
    sys.exit(1 if told else 0)


def _judged(records: list[str], public: str) -> str:
    """Why a verifier would find nothing good; "" when it will."""
    tags = [_tags(one) for one in records]
    keys = [one["p"] for one in tags if "p" in one and one.get("v", "DKIM1") == "DKIM1"]
    if not keys:
        return "there is no such record: publish what `exchange dkim show` prints"
    if len(keys) > 1:
        return "there is more than one record: keep the one that `exchange dkim show` prints"
    if keys[0] != public:
        return "it is of another key, or was cut: publish what `exchange dkim show` prints, all strings of it"
    return ""


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs}


def _as_text(found: dict[str, Any]) -> str:
    name = found["name"]
    lines = [f"{name}: {found['why'] or 'the record is that of our key'}"]
    if not found["dmarc"]:
        lines.append(f"no DMARC record: anybody may write in the name of {name.partition('._domainkey.')[2]}")
    return "\n".join(lines)


def _with_dkim(file: Path | None) -> Settings:
    settings = settings_of(file)
    if not settings.dkim.selector:
        raise SetUpRefused(
            "dkim.selector: our mail is not signed here: `exchange dkim make --selector NAME` says how"
        )
    return settings


def _domain(settings: Settings) -> str:
    return settings.hub_address.partition("@")[2]
