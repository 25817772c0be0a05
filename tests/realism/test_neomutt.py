"""A real mail program in a terminal opens a packet as the hub mails it. What takes more: `make realism`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.demo.actors.gpg import Gpg
from keys.openpgp.keyring import Keyring
from keys.openpgp.seal import Engine, seal
from mailflow import pgp_mime
from mailflow.compose import Attachment, inner_message, message_id, outer_headers
from templates import samples
from templates.letters import write
from tests.realism import neomutt

HUB, THEM = "referrals@hub.example", "safeguarding@police.example"
pytestmark = pytest.mark.skipif(bool(neomutt.missing()), reason=f"not here: {', '.join(neomutt.missing())}")


@pytest.fixture
def police() -> Iterator[Gpg]:
    """Somebody with a key."""
    with Gpg() as gpg:
        gpg.make_key("police", THEM)
        yield gpg


async def test_neomutt_shows_the_real_subject_the_words_and_whose_signature_it_is(
    police: Gpg, tmp_path: Path
) -> None:
    now, letter, name = datetime.now(UTC), write(samples.packet()), message_id("hub.example", "n")
    keyring = Keyring(tmp_path / "hub", "a fictitious pass phrase")
    own = keyring.make_hub_key(HUB, "Fakeshire hub")
    police.import_key(keyring.export_public(own).encode())
    theirs = keyring.add(police.export(THEM), police.fingerprint(THEM), now)
    outer = outer_headers(from_address=HUB, to=THEM, message_id=name, date=now, subject="Message for your team")
    inner = inner_message(
        letter.subject, letter.text, (Attachment("packet.json", "application/json", b"{}"),), from_address=HUB,
        to=THEM, reply_to="", message_id=name, date=now, outer=outer,
    )  # fmt: skip
    wire = pgp_mime.wrap(outer, seal(inner, theirs, keyring.hub_key(own, Engine.SEQUOIA), Engine.SEQUOIA, now=now))
    try:
        screen = await neomutt.shown(wire, police.home, "WHY YOU GET THIS")
    finally:
        keyring.close()
    assert f"Subject: {letter.subject[:70]}" in screen
    assert "IMMEDIATE DANGER" in screen
    assert f"Good signature from: Fakeshire hub <{HUB}>" in screen
    assert "packet.json" in screen
