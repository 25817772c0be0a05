"""Our signature, looked at by verifiers that share no code with it: dkimpy, and OpenDKIM where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.case.sealed import PublicNotice
from keys.dkim import DkimKey
from keys.refusal import Refused
from mailflow.compose import Attachment, outer_headers, plain_message
from mailflow.dkim_signing import DkimSigner, SelectorRefused
from mailflow.gate import Expected, GatePassed, GateStopped, check

NOW = datetime.now(UTC)  # verifiers believe no signature of the future
KEY = DkimKey.make()
OURS = DkimSigner("hub.example", "s2026", KEY.sign)
RECORD = f"v=DKIM1; k=rsa; p={KEY.public}".encode()
OPENDKIM = shutil.which("opendkim") or "/usr/sbin/opendkim"


def message(text: str = "some words\n", **more: object) -> bytes:
    headers: dict[str, object] = {
        "from_address": "referrals@hub.example", "from_name": "Fakeshire MASH", "to": "police@agency.example",
        "message_id": "<aa11@hub.example>", "date": NOW, "subject": "Message MASH-7K2F-9QXD for your team",
        "reply_to": "l.case-l1.token@hub.example", "automatic": True, "autocrypt": "mDME" * 60, **more,
    }  # fmt: skip
    return plain_message(outer_headers(**headers), text)  # type: ignore[arg-type]


def valid(signed: bytes, record: bytes = RECORD) -> bool:
    """What dkimpy says of it."""
    asked: list[bytes] = []

    def text(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    found = dkim.DKIM(signed)
    try:
        good = bool(found.verify(dnsfunc=text))
    except dkim.DKIMException:
        return False
    assert asked == [b"s2026._domainkey.hub.example."]
    return good


def test_a_verifier_finds_it_good_over_every_header_that_is_believed() -> None:
    signed = OURS.signed(message(), NOW)
    assert signed.endswith(message())  # the octets themselves stay as they are
    assert valid(signed)
    value = re.sub(r"\s+", "", signed.partition(b"\r\nFrom:")[0].decode())
    tags = dict(part.partition("=")[::2] for part in value.removeprefix("DKIM-Signature:").split(";"))
    assert (tags["a"], tags["c"], tags["d"], tags["t"]) == (
        "rsa-sha256",
        "relaxed/relaxed",
        "hub.example",
        str(int(NOW.timestamp())),
    )
    assert "l" not in tags
    names = tags["h"].split(":")
    wanted = {
        "from",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
        "reply-to",
        "to",
        "autocrypt",
        "content-type",
    }
    assert wanted <= set(names)
    assert {n for n in names if names.count(n) == 2} >= {"from", "subject", "date", "message-id"}
    assert max(map(len, signed.split(b"\r\n\r\n")[0].split(b"\r\n"))) < 998


def test_the_same_octets_have_the_same_signature() -> None:
    assert OURS.signed(message(), NOW) == OURS.signed(message(), NOW)


@pytest.mark.parametrize(
    ("changed", "by"),
    [(b"words", b"Words"), (b"MASH-7K2F", b"MASH-7K2G"), (b"Auto-Submitted: auto", b"Auto-Submitted: Auto"),
     (b"referrals@", b"referralz@"), (b"<aa11@", b"<aa12@")],
)  # fmt: skip
def test_a_change_shows(changed: bytes, by: bytes) -> None:
    signed = OURS.signed(message(), NOW)
    assert changed in signed
    assert not valid(signed.replace(changed, by))


@pytest.mark.parametrize("header", [b"From: x@evil.example", b"Subject: other", b"Message-ID: <b@x.example>"])
def test_a_second_one_of_what_a_reader_believes_shows(header: bytes) -> None:
    assert not valid(header + b"\r\n" + OURS.signed(message(), NOW))


def test_what_relays_do_on_the_way_does_not_break_it() -> None:
    signed = OURS.signed(message("words   with   spaces \n\n\n"), NOW)
    assert valid(b"Received: from a by b; Tue, 24 Nov 2026\r\n" + signed)
    assert valid(signed.replace(b"Subject: ", b"Subject:  ").replace(b"Message ", b"Message\r\n ", 1))
    assert valid(signed + b"\r\n\r\n")


def test_another_key_verifies_nothing() -> None:
    other = f"v=DKIM1; k=rsa; p={DkimKey.make().public}".encode()
    assert not valid(OURS.signed(message(), NOW), other)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_words_are_signed_so_that_they_verify(text: str) -> None:
    assert valid(OURS.signed(message(text), NOW))


@pytest.mark.parametrize("body", [b"", b"\r\n", b"\r\n\r\n", b" \t\r\n", b"a\r\n\r\n \r\n", b"a"])
def test_odd_ends_of_a_body(body: bytes) -> None:
    head = b"From: referrals@hub.example\r\nSubject: x\r\n\r\n"
    assert valid(OURS.signed(head + body, NOW))


def test_long_runs_of_spaces_and_empty_lines_cost_nothing() -> None:
    head = b"From: referrals@hub.example\r\nSubject: x\r\n\r\n"
    assert valid(OURS.signed(head + (b" " * 900 + b"x\r\n") * 10 + b"\r\n" * 100 + b"x\r\n\r\n", NOW))
    began = time.perf_counter()
    OURS.signed(head + (b" " * 900 + b"x\r\n") * 2000 + b"\r\n" * 100_000 + b"x\r\n", NOW)
    assert time.perf_counter() - began < 2


def test_the_gate_lets_it_pass_and_stops_what_only_looks_like_one() -> None:
    signed = OURS.signed(message(), NOW)
    expected = Expected("police@agency.example", None, frozenset({"health@nhs.example"}))

    def looked_at(octets: bytes) -> object:
        return check(PublicNotice(octets, "police@agency.example"), expected, lambda _: ())

    assert looked_at(signed) == GatePassed()
    assert looked_at(DkimSigner("evil.example", "s1", KEY.sign).signed(message(), NOW)) == GateStopped("signature")
    hidden = signed.replace(b"DKIM-Signature: v=1;", b"DKIM-Signature: v=1; z=Subject:ZoeSmith;")
    assert looked_at(hidden) == GateStopped("signature")
    assert looked_at(OURS.signed(signed, NOW)) == GateStopped("header_twice")


@pytest.mark.parametrize("selector", ["", "S1", "a.b", "-a", "a_b", "x" * 64, "a\r\nb"])
def test_a_selector_is_part_of_a_dns_name(selector: str) -> None:
    with pytest.raises(SelectorRefused):
        DkimSigner("hub.example", selector, KEY.sign)


def test_a_key_is_kept_as_a_file_and_read_again() -> None:
    again = DkimKey.load(KEY.pem)
    assert again.public == KEY.public
    assert "PRIVATE" not in repr(again)
    for wrong in (b"", b"nonsense", KEY.pem[:200], b"-----BEGIN PUBLIC KEY-----\n"):
        with pytest.raises(Refused, match="exchange dkim make"):
            DkimKey.load(wrong)


@pytest.mark.long
@pytest.mark.skipif(not Path(OPENDKIM).exists(), reason="OpenDKIM is not installed: apt-get install opendkim")
@pytest.mark.parametrize(("change", "says"), [((b"", b""), "key) succeeded"), ((b"words", b"Words"), "failed")])
def test_opendkim_says_the_same(tmp_path: Path, change: tuple[bytes, bytes], says: str) -> None:
    file = Attachment("packet.pdf", "application/pdf", bytes(range(256)) * 400)
    signed = OURS.signed(
        plain_message([("From", "referrals@hub.example"), ("Subject", "x")], "words\n", (file,)), NOW
    )
    (tmp_path / "mail.eml").write_bytes(signed.replace(*change) if change[0] else signed)
    (tmp_path / "keys").write_text(f"s2026._domainkey.hub.example {RECORD.decode()}\n")
    settings_file = tmp_path / "opendkim.conf"
    settings_file.write_text(f"TestPublicKeys {tmp_path}/keys\nMode v\n")
    done = subprocess.run(
        [OPENDKIM, "-x", settings_file, "-t", tmp_path / "mail.eml", "-v"], capture_output=True, text=True, timeout=60
    )
    assert says in done.stdout + done.stderr, done.stdout + done.stderr
