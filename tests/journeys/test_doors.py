"""A hub behind other people's mail servers: mail comes by LMTP and out of a shared mailbox, and leaves signed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from smtplib import LMTP

import dkim
import pytest

from exchange.demo.actors.mail_client import DkimKey
from exchange.demo.actors.smtp_server import Delivered
from exchange.demo.stage import HUB_ADDRESS, CommandFailed, Stage, stage
from tests.mailflow.dovecot import NAME, PASSWORD, USER, Dovecot, dovecot
from tests.ready import ready


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """The mail server of the hub's own IT."""
    with dovecot() as running:
        yield running


def referral(hub: Stage, name: str) -> bytes:
    """A GP's, sealed and signed."""
    gp = hub.people["madeup-surgery"]
    data = {"form": "child", "concern": {"what_happened": "worry"}, "subjects": [{"given_name": name}]}
    mail = gp.write(HUB_ADDRESS, "Referral", "See there.", {"referral.json": json.dumps(data).encode()})
    return gp.encrypted(mail, [hub.hub_fingerprint])


def hand_over(path: str, mail: bytes) -> None:
    """As a mail server before us does; raises what the client makes of a refusal."""
    with LMTP(path) as client:
        client.sendmail("safeguarding@madeup-surgery.example", [HUB_ADDRESS], mail)


async def test_by_lmtp_and_out_of_a_shared_mailbox_and_signed(server: Dovecot) -> None:
    async with stage() as hub:
        await ready(hub)
        home, socket, key = hub.folder / "hub", hub.folder / "lmtp", DkimKey.make("fakeshire-hub.example")
        (home / "imap-password").write_text(PASSWORD)
        hub.environment |= {
            "EXCHANGE_DKIM__SELECTOR": key.selector, "EXCHANGE_LMTP__PATH": str(socket),
            "EXCHANGE_IMAP__HOST": NAME, "EXCHANGE_IMAP__PORT": str(server.tls_port),
            "EXCHANGE_IMAP__CA_FILE": str(server.ca_file), "EXCHANGE_IMAP__USERNAME": USER,
            "EXCHANGE_IMAP__PASSWORD_FILE": "imap-password", "EXCHANGE_IMAP__MOVE_TO": "Taken",
            "EXCHANGE_IMAP__EVERY": "0.2",
        }  # fmt: skip
        await asyncio.to_thread(server.deliver, referral(hub, "Imapa"))
        with pytest.raises(CommandFailed, match=r"dkim\.key_file: .*: No such file or directory$"):
            await hub.command("serve")  # and says nothing of what was not begun
        (home / "dkim.pem").write_bytes(key.private)
        await hub.serve()
        assert (await hub.received("police", "Imapa", 60)).encrypted
        await asyncio.to_thread(hand_over, str(socket), referral(hub, "Lmtpo"))
        packet = await hub.received("police", "Lmtpo", 60)
        assert packet.signed_by == hub.hub_fingerprint

        def receipts() -> list[Delivered]:
            return [m for m in hub.relay.mails(hub.people["madeup-surgery"].address) if m.mail_from == ""]

        await hub.relay.wait_for_mail(hub.people["madeup-surgery"].address, lambda _: len(receipts()) == 2, 60)
        assert all(b"\r\nAuto-Submitted: auto-replied\r\n" in m.content for m in receipts())
        record = key.record.encode()
        assert all(dkim.verify(m.content, dnsfunc=lambda *_, **__: record) for m in hub.relay.delivered)
        assert await asyncio.to_thread(server.mails) == {}
        assert len(await asyncio.to_thread(server.mails, "Taken")) == 1
