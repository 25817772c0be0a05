"""The hub's own keys: which there are, a new one beside the old one, and their way to paper and back.

1. A rotation loses nothing: mail to the old key opens as long as it lies in `gnupg/`, and it is never deleted.
2. From the rotation on letters are signed by the new key and say so, until the old one ends (ours.py).
3. What others must learn they can check: the old key vouches for the new one, in its certificate and in a text.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from exchange import app
from exchange.config import with_hub_key
from exchange.keyroom import SmimeHome
from exchange.ours import grouped
from exchange.store import journal, profiles
from keys import paper
from keys.openpgp import own
from keys.openpgp.keyring import KeyRefused, Keyring
from keys.smime import identity
from keys.vault import OpeningHalf
from templates import moments, render

OVERLAP = 90  # days for which the old key is still good: partners write rarely
LEAST, MOST = 1, 730
KEY_SHEET, SMIME_SHEET, MASTER_SHEET = "OpenPGP key", "S/MIME key", "master key"


class HubKeyRefused(ValueError):
    """This cannot be done with the hub's key; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation made."""

    old: str
    new: str
    until: datetime  # of the old one
    public_file: Path
    statement_file: Path
    settings_file: Path | None  # None: the settings name the key elsewhere, and must be changed by hand


async def listed(exchange: app.Opened) -> list[dict[str, Any]]:
    """Every key of the hub's on this machine, the newest first."""
    home, now = exchange.keyroom.keyring.home, exchange.hub.clock.now()
    found = await asyncio.to_thread(own.own_keys, home)
    return [
        {
            "fingerprint": key.fingerprint, "state": _state(key, exchange.keyroom.fingerprint, now),
            "made": key.made.date().isoformat(), "until": key.until.date().isoformat() if key.until else "-",
            "on_card": key.on_card, "revocation": str(own.revocation_of(home, key.fingerprint) or ""),
        }
        for key in reversed(found)
    ]  # fmt: skip


def _state(key: own.Own, current: str, now: datetime) -> str:
    if key.revoked:
        return "revoked"
    if key.fingerprint == current:
        return "in use" if key.good(now) else "in use, and expired: rotate now"
    return "old, still good" if key.good(now) else "old: only opens what was sealed to it"


async def rotate(
    exchange: app.Opened, settings_file: Path, to: str = "", days: int = OVERLAP, by: str = ""
) -> Rotated:
    """A new key (or the one of this fingerprint, which lies in `gnupg/` or on a card already) takes the old one's
    place; `by` is the member of staff who does it. Raises HubKeyRefused before anything is changed."""
    if not LEAST <= days <= MOST:
        raise HubKeyRefused(f"--overlap: from {LEAST} to {MOST} days, for partners write rarely")
    keyroom, hub, old = exchange.keyroom, exchange.hub, exchange.keyroom.fingerprint
    async with hub.database.reading(hub.scope("operator")) as tx:
        _, rules = await profiles.current_rules(tx)
    try:
        made = await asyncio.to_thread(_made, exchange, rules.name, to, days)
    except KeyRefused as refused:
        raise HubKeyRefused(str(refused)) from None
    text = render(
        "paper/hub_key.txt", hub=rules.name, address=exchange.settings.hub_address, telephone=rules.telephone,
        old=grouped(old), new=grouped(made.fingerprint), day=_day(hub.clock.now()), until=_day(made.until),
        page=f"{exchange.settings.base_url}/key",
    )  # fmt: skip
    statement = await asyncio.to_thread(keyroom.keyring.clearsign, text, old)
    await hub.note(journal.DIRECTORY, "HubKeyRotated", by, old=old, new=made.fingerprint,
                   until=made.until.isoformat(timespec="seconds"))  # fmt: skip
    return await asyncio.to_thread(_handed_out, exchange, made, old, statement, settings_file)


def _handed_out(exchange: app.Opened, made: _Made, old: str, statement: str, settings_file: Path) -> Rotated:
    """Write what others are given, and last of all what this machine goes by."""
    folder = exchange.settings.folder
    public, said = folder / "hub-public-key.asc", folder / "hub-key-change.asc"
    public.write_text(exchange.keyroom.keyring.export_public(made.fingerprint))
    said.write_text(statement)
    changed = with_hub_key(settings_file.read_text(), old, made.fingerprint)
    if changed:
        settings_file.write_text(changed)
    return Rotated(old, made.fingerprint, made.until, public, said, settings_file if changed else None)


@dataclass(frozen=True, slots=True)
class _Made:
    fingerprint: str
    until: datetime  # of the old key


def _made(exchange: app.Opened, name: str, to: str, days: int) -> _Made:
    keyring, old, now = exchange.keyroom.keyring, exchange.keyroom.fingerprint, exchange.hub.clock.now()
    passphrase = passphrase_of(exchange)
    ours = {key.fingerprint: key for key in own.own_keys(keyring.home)}
    wanted = "".join(to.split()).upper()
    if wanted == old or (wanted and wanted not in ours):
        raise HubKeyRefused(
            "--to names another key whose secret half lies in gnupg/, or on a card that gpg knows here"
        )
    if wanted and not ours[wanted].good(now):
        raise HubKeyRefused(f"{wanted} has expired or was revoked")
    new = wanted or keyring.make_hub_key(exchange.settings.hub_address, name)
    before, until = ours[old], now + timedelta(days=days)
    own.vouch(keyring.home, passphrase, old, new)
    if before.until is not None and before.until <= until:
        return _Made(new, before.until)
    own.end(keyring.home, passphrase, old, until)
    return _Made(new, until)


def passphrase_of(exchange: app.Opened) -> str:
    """Of `gnupg/`: it follows from the master key."""
    private = exchange.settings.path(exchange.settings.master_key).read_bytes()
    return OpeningHalf(private).derive("gnupg").hex()


async def sheet(exchange: app.Opened, what: str = KEY_SHEET, actor: str = "operator") -> str:
    """One of the hub's keys as a page to print. Raises HubKeyRefused."""
    fingerprint, settings = exchange.keyroom.fingerprint, exchange.settings
    match what:
        case "master key":
            data = settings.path(settings.master_key).read_bytes()
        case "S/MIME key":
            fingerprint, data = await asyncio.to_thread(_smime, exchange.keyroom.smime)
        case _:
            data = await asyncio.to_thread(_openpgp, exchange.keyroom.keyring, fingerprint)
    await exchange.hub.note(journal.DIRECTORY, "HubKeyPrinted", actor, what=what)
    return render(
        "paper/key_sheet.txt", what=what, hub=settings.hub, fingerprint=grouped(fingerprint),
        day=_day(exchange.hub.clock.now()), lines=list(paper.lines(data)), master=what == MASTER_SHEET,
    )  # fmt: skip


def _openpgp(keyring: Keyring, fingerprint: str) -> bytes:
    try:
        return keyring.export_secret(fingerprint)
    except KeyRefused:
        raise HubKeyRefused(
            "the secret key cannot be exported: one on a card has no copy. What stands for it is another card, and "
            "the revocation certificate"
        ) from None


def _smime(home: SmimeHome) -> tuple[str, bytes]:
    file = identity.kept(home.folder).present
    if file is None:
        raise HubKeyRefused("the hub has no S/MIME key: `exchange smime make`")
    return identity.opened(file, home.passphrase).certificate.fingerprint, identity.for_paper(file)


def bring_back(gnupg_home: Path, smime_home: Path, master_key: Path, text: str) -> str:
    """Take what was typed from a sheet: the master key where there is none, otherwise the OpenPGP or S/MIME key; what
    was done. Raises HubKeyRefused, or PaperRefused for a slip."""
    data, title = paper.read(text), text.lstrip().partition("\n")[0].lower()
    if MASTER_SHEET in title:
        if master_key.exists() and master_key.read_bytes() != data:
            raise HubKeyRefused(f"{master_key} is there, and another one: move it away first, and do not destroy it")
        OpeningHalf(data)  # refuses what is no such key
        if not master_key.exists():
            master_key.touch(0o600)
            master_key.write_bytes(data)
        return f"{master_key} is what the paper says"
    if not master_key.exists():
        raise HubKeyRefused(f"first the sheet of the master key: {master_key} is missing, and opens the OpenPGP key")
    master = OpeningHalf(master_key.read_bytes())
    if SMIME_SHEET.lower() in title:
        return _smime_back(smime_home, master.derive("smime").hex(), data)
    passphrase = master.derive("gnupg").hex()
    try:
        found = own.bring_back(gnupg_home, passphrase, data)
    except KeyRefused as refused:
        raise HubKeyRefused(str(refused)) from None
    return f"{found} is in {gnupg_home}, and signs"


def _smime_back(home: Path, passphrase: str, data: bytes) -> str:
    try:
        found = identity.from_paper(home, passphrase, data)
    except identity.IdentityRefused as refused:
        raise HubKeyRefused(str(refused)) from None
    return f"{found.certificate.fingerprint} is in {home}, and opens"


def _day(at: datetime) -> str:
    return moments.day(at.date())
