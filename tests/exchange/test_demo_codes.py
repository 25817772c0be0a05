"""The demo shows the one-time codes of its pick-up page on its own terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from exchange import setting_up
from exchange.config import read as settings_of
from exchange.demo.running import codes_on_the_terminal, show_codes


def test_its_settings_send_codes_to_the_terminal(tmp_path: Path) -> None:
    setting_up.init(tmp_path / "hub", "referrals@hub.example", "http://127.0.0.1", "", "fakeshire", "Fakeshire MASH")
    settings = tmp_path / "hub" / "exchange.toml"
    assert settings_of(settings).pickup.sender == ""
    codes_on_the_terminal(settings)
    assert settings_of(settings).pickup.sender == "console"


async def test_codes_are_shown_and_the_rest_of_the_log_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "serve.log"
    log.write_text("warning: nobody has proved yet\n")
    shows, shown = asyncio.create_task(show_codes(log, looks=0.01)), ""
    with log.open("a") as more:
        more.write("one-time code for 07700 900124: 123456\nsomething else\n")
    async with asyncio.timeout(10):
        while "\n" not in shown:
            await asyncio.sleep(0.01)
            shown += capsys.readouterr().out
    shows.cancel()
    assert shown == "one-time code for 07700 900124: 123456\n"
