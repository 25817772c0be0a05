"""The hub's own keys: a rotation loses no mail and is told by the old key; what is on paper comes back."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from exchange import app, hub_keys, setting_up
from exchange.case.sealed import Opened, Signed
from exchange.config import Settings
from exchange.config import read as settings_of
from exchange.hub_keys import HubKeyRefused
from exchange.hubs import loader
from exchange.ours import ours
from exchange.store import journal
from exchange.web.hub_key import hashed
from keys.opener import Opener
from keys.paper import PaperRefused, lines
from keys.smime import identity
from tests.desk.stands import HandClock
from tests.keys import gpg_command

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOW, HUB = datetime.now(UTC).replace(microsecond=0), "referrals@hub.example"


@dataclass
class Place:
    """A hub's folder, and an agency's keyring that knows its key."""

    folder: Path
    home: Path
    police: str
    first: str  # the hub's key at the beginning

    @property
    def settings(self) -> Settings:
        return settings_of(self.folder / "exchange.toml")

    def sealed(self, to: str) -> bytes:
        return gpg_command.encrypt_sign(self.home, b"worried", to, self.police)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> AsyncIterator[Place]:
    with gpg_command.new_home() as home:
        folder = home / "hub"
        made = setting_up.init(folder, HUB, "https://hub.example", "", "fakeshire", "Fakeshire MASH")
        gpg_command.take(home, made.public_key_file.read_bytes())
        assert made.revocation_file.is_file()
        police = gpg_command.make_key(home, "Rota", "safeguarding@police.example")
        here = Place(folder, home, police, made.fingerprint)
        async with app.opened(here.settings, HandClock(NOW)) as found:
            await setting_up.apply_hub_file(found, "hub.toml", loader.packaged("demo"))
        yield here


@pytest_asyncio.fixture(loop_scope="module")
async def exchange(place: Place) -> AsyncIterator[app.Opened]:
    async with app.opened(place.settings, HandClock(NOW)) as found:
        yield found


async def opens(place: Place, exchange: app.Opened, ciphertext: bytes) -> bool:
    """Whether the child that opens strangers' mail reads it, and sees who signed."""
    opener = await Opener.start(await exchange.keyroom.opening())
    try:
        found = await opener.open(ciphertext, [gpg_command.export(place.home, place.police)])
    finally:
        await opener.close()
    return isinstance(found, Opened) and found.signer == Signed(place.police)


async def test_the_name_in_a_web_key_directory_is_the_one_that_gpg_makes(place: Place) -> None:
    listed = gpg_command.gpg(place.home, "--with-wkd-hash", "--list-keys", HUB).stdout.decode()
    assert f"{hashed('referrals')}@hub.example" in listed
    assert hashed("Joe.Doe") == "iy9q119eutrkn8s1mk4r39qejnbu3n5q"  # the draft's own example


async def test_what_is_asked_wrongly_changes_nothing(place: Place, exchange: app.Opened) -> None:
    file = place.folder / "exchange.toml"
    for to, days, why in ((place.first, 90, "--to names another key"), ("A" * 40, 90, "--to"), ("", 0, "--overlap")):
        with pytest.raises(HubKeyRefused, match=why):
            await hub_keys.rotate(exchange, file, to, days)
    assert [row["fingerprint"] for row in await hub_keys.listed(exchange)] == [place.first]
    assert (await ours(exchange.keyroom, "https://hub.example", NOW)).words == ""


async def test_what_is_on_paper_comes_back_on_a_machine_that_has_nothing(place: Place, exchange: app.Opened) -> None:
    key, master = await hub_keys.sheet(exchange), await hub_keys.sheet(exchange, hub_keys.MASTER_SHEET)
    settings = exchange.settings
    assert settings.path(settings.master_key).read_bytes().hex()[:8].upper() not in "".join(key.split())
    with gpg_command.new_home() as new:
        home, master_key = new / "gnupg", new / "master.key"
        with pytest.raises(HubKeyRefused, match="first the sheet of the master key"):
            hub_keys.bring_back(home, new / "smime", master_key, key)
        slip = re.sub(r"^( +2: \w\w\w)\w", lambda m: m[1] + ("0" if m[0][-1] != "0" else "1"), key, flags=re.M)
        hub_keys.bring_back(home, new / "smime", master_key, master)
        with pytest.raises(PaperRefused, match="line 2"):
            hub_keys.bring_back(home, new / "smime", master_key, slip)
        assert place.first in hub_keys.bring_back(home, new / "smime", master_key, key)
        smime = await hub_keys.sheet(exchange, hub_keys.SMIME_SHEET)
        with pytest.raises(HubKeyRefused, match="no S/MIME key: type the first line"):
            hub_keys.bring_back(home, new / "smime", master_key, "\n".join(("S/MIME key", *lines(b"0\x03abc"))))
        assert "opens" in hub_keys.bring_back(home, new / "smime", master_key, smime)
        kept = identity.kept(exchange.keyroom.smime.folder).present
        again_kept = identity.kept(new / "smime").present
        assert kept
        assert again_kept
        word = exchange.keyroom.smime.passphrase
        before, after = identity.opened(kept, word), identity.opened(again_kept, word)
        assert before.certificate == after.certificate
        assert before.key.private_numbers() == after.key.private_numbers()
        elsewhere = replace(exchange, settings=settings.model_copy(update={"gnupg_home": home}))
        async with app.opened(elsewhere.settings, HandClock(NOW)) as again:
            assert await opens(place, again, place.sealed(place.first))
        (new / "other").mkdir()
        other = new / "other" / "master.key"
        other.write_bytes(bytes(range(32)))
        with pytest.raises(HubKeyRefused, match="is there, and another one"):
            hub_keys.bring_back(new / "other" / "g", new / "other" / "s", other, master)
        with pytest.raises(HubKeyRefused, match="this key has another passphrase"):
            hub_keys.bring_back(new / "other" / "g", new / "other" / "s", other, key)
        shutil.rmtree(home)


async def test_a_new_key_takes_over_and_mail_to_the_old_one_is_still_read(place: Place, exchange: app.Opened) -> None:
    file, before = place.folder / "exchange.toml", place.sealed(place.first)
    done = await hub_keys.rotate(exchange, file, "", 30)
    assert done.settings_file == file
    assert place.settings.hub_fingerprint == done.new != place.first
    gpg_command.take(place.home, done.public_file.read_bytes())
    vouched = gpg_command.gpg(place.home, "--with-colons", "--check-signatures", done.new).stdout.decode()
    assert re.search(rf"^sig:!:.*:{place.first[-16:]}:", vouched, re.M)  # the old key vouches for the new one
    said = gpg_command.gpg(place.home, "--decrypt", stdin=done.statement_file.read_bytes())
    assert f"VALIDSIG {place.first}" in said.stderr.decode()
    assert done.new in "".join(said.stdout.decode().split())
    async with app.opened(place.settings, HandClock(NOW)) as anew:
        assert await opens(place, anew, before)
        assert await opens(place, anew, place.sealed(done.new))
        states = {row["fingerprint"]: row["state"] for row in await hub_keys.listed(anew)}
        assert states == {done.new: "in use", place.first: "old, still good"}
        key = await ours(anew.keyroom, "https://hub.example", NOW)
        assert done.new in "".join(key.words.split())
        assert "https://hub.example/key" in key.words
        later = await ours(anew.keyroom, "https://hub.example", NOW + timedelta(days=31))
        assert (later.words, later.autocrypt) == ("", key.autocrypt)
        async with anew.hub.database.reading(anew.hub.scope()) as tx:
            (line,) = [x for x in await journal.lines(tx, journal.DIRECTORY) if x.kind == "HubKeyRotated"]
        assert (line.facts["old"], line.facts["new"]) == (place.first, done.new)
        signed = await anew.keyroom.clearsign(
            "trial",
        )
        assert (
            f"VALIDSIG {done.new}" in gpg_command.gpg(place.home, "--verify", stdin=signed.encode()).stderr.decode()
        )


async def test_gnupg_alone_turns_to_a_key_that_lies_there(place: Place) -> None:
    """As with a key on a card: made elsewhere, and named."""
    settings = place.settings.model_copy(update={"openpgp": "gnupg"})
    async with app.opened(settings, HandClock(NOW)) as exchange:
        third = exchange.keyroom.keyring.make_hub_key(HUB, "Fakeshire MASH")
        done = await hub_keys.rotate(exchange, place.folder / "exchange.toml", third, 30)
        assert done.new == third
    gpg_command.take(place.home, done.public_file.read_bytes())
    async with app.opened(place.settings.model_copy(update={"openpgp": "gnupg"}), HandClock(NOW)) as anew:
        for key in (place.first, done.old, third):
            assert await opens(place, anew, place.sealed(key))
        certificate = await anew.keyroom.certificate(gpg_command.export(place.home, place.police), place.police)
        sealed = await anew.keyroom.seal(b"for you", certificate, NOW)
    status, plain = gpg_command.decrypt(place.home, sealed)
    assert (plain, [line for line in status if line.startswith(f"VALIDSIG {third}")] != []) == (b"for you", True)
