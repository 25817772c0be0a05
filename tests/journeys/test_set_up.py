"""Setting up for real: what `init` makes, and for whose eyes."""

from __future__ import annotations

import stat

import pytest

from exchange.demo.stage import AGENCIES, HUB_FILE, CommandFailed, stage


async def test_init_makes_everything_for_this_user_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage() as hub:
        await hub.set_up()
        home = hub.folder / "hub"
        made = [home, *home.rglob("*")]
        assert {"exchange.toml", "exchange.db", "keys.db", "master.key", "gnupg"} <= {p.name for p in made}
        open_to_others = [p.name for p in made if not p.is_socket() and stat.S_IMODE(p.stat().st_mode) & 0o077]
        assert not open_to_others
        with pytest.raises(CommandFailed, match="already there"):
            await hub.command("init", str(home), "--hub-address", "a@b.example", "--base-url", "http://127.0.0.1")
        assert (await hub.command("hub", "apply", str(HUB_FILE))) == "nothing to change\n"
        key = str(hub.folder / "police.asc")
        with pytest.raises(CommandFailed):
            await hub.command("key", "add", key, "--agency", "police", "--fingerprint", "0" * 40)
        with pytest.raises(CommandFailed, match="no agency"):
            await hub.command("key", "add", key, "--agency", "nowhere", "--fingerprint", "0" * 40)
        assert len((await hub.command("key", "list")).splitlines()) == len(AGENCIES)
