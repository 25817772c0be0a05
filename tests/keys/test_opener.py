"""The limited child: one message may kill it, and nothing but it."""

from __future__ import annotations

import asyncio
import bz2
import os
import signal
import time
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from exchange.case.sealed import NotOpened, Opened, Plain, Signed, UnknownSigner, Unsigned
from keys import wire
from keys.opener import Opener, OpenerNotStarted
from keys.openpgp.keyring import Keyring
from keys.openpgp.seal import HubKey, seal
from tests.keys import gpg_command
from tests.keys.conftest import NOW, PASSPHRASE, Others

BOMB = 96 * 1024 * 1024  # octets: twice what may come out of the largest mail, and quick to make
CONTENT = b"Content-Type: text/plain\r\n\r\nACCEPT\r\n"


@pytest.fixture
async def opener(ring: Keyring, hub: HubKey) -> AsyncIterator[Opener]:
    made = await Opener.start(ring.opener_keys(hub.fingerprint))
    yield made
    await made.close()


def pid(opener: Opener) -> int:
    process = opener._all[0]._process
    assert process is not None
    return process.pid


def about(process: int, what: str) -> str:
    return Path(f"/proc/{process}/{what}").read_text()


async def test_it_opens_and_verifies(opener: Opener, hub: HubKey, others: Others) -> None:
    given = others.certificates()
    signed = gpg_command.encrypt_sign(others.home, CONTENT, hub.fingerprint, others.police)
    assert await opener.open(signed, given) == Opened(Plain(CONTENT), Signed(others.police))
    assert await opener.open(signed, []) == Opened(Plain(CONTENT), UnknownSigner())
    bare = gpg_command.encrypt_sign(others.home, CONTENT, hub.fingerprint)
    assert await opener.open(bare, given) == Opened(Plain(CONTENT), Unsigned())
    assert await opener.open(b"hello", given) == NotOpened("malformed")
    signature = gpg_command.sign_detached(others.home, CONTENT, others.police)
    assert await opener.verify(CONTENT, signature, given) == Signed(others.police)
    assert await opener.verify(CONTENT + b"!", signature, given) == UnknownSigner(altered=True)


async def test_many_at_once_get_their_own_answers(opener: Opener, hub: HubKey, others: Others) -> None:
    texts = [b"%d" % n * 1000 for n in range(8)]
    sealed = [gpg_command.encrypt_sign(others.home, t, hub.fingerprint, options=("-z", "0")) for t in texts]
    found = await asyncio.gather(*(opener.open(s, []) for s in sealed))
    assert [f.plain.data for f in found if isinstance(f, Opened)] == texts


async def test_the_key_is_in_no_argument_and_no_environment(opener: Opener) -> None:
    for name in ("cmdline", "environ"):
        assert PASSPHRASE not in about(pid(opener), name)
    limits = about(pid(opener), "limits")
    assert "Max core file size        0" in limits
    assert str(512 * 1024 * 1024) in limits


async def test_a_killed_child_is_replaced(opener: Opener, hub: HubKey, others: Others) -> None:
    signed = gpg_command.encrypt_sign(others.home, CONTENT, hub.fingerprint, others.police)
    os.kill(pid(opener), signal.SIGSTOP)
    job = asyncio.create_task(opener.open(signed, []))
    await asyncio.sleep(0)
    os.kill(pid(opener), signal.SIGKILL)
    assert await job == NotOpened("crashed")
    assert isinstance(await opener.open(signed, []), Opened)


async def test_a_stuck_child_is_ended(ring: Keyring, hub: HubKey, others: Others) -> None:
    signed = gpg_command.encrypt_sign(others.home, CONTENT, hub.fingerprint, others.police)
    opener = await Opener.start(ring.opener_keys(hub.fingerprint), wall=1.0)
    stuck = pid(opener)
    os.kill(stuck, signal.SIGSTOP)
    assert await opener.open(signed, []) == NotOpened("timeout")
    with pytest.raises(FileNotFoundError):
        about(stuck, "status")
    signature = gpg_command.sign_detached(others.home, CONTENT, others.police)
    assert await opener.verify(CONTENT, signature, others.certificates()) == Signed(others.police)
    await opener.close()


async def test_a_cancelled_job_leaves_no_answer_for_the_next(opener: Opener, hub: HubKey, others: Others) -> None:
    first = gpg_command.encrypt_sign(others.home, b"first", hub.fingerprint)
    second = gpg_command.encrypt_sign(others.home, b"second", hub.fingerprint)
    os.kill(pid(opener), signal.SIGSTOP)
    job = asyncio.create_task(opener.open(first, []))
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await opener.open(second, []) == Opened(Plain(b"second"), Unsigned())


def packet(tag: int, body: bytes) -> bytes:
    """RFC 9580 4.2.1, the new form with five octets of length."""
    return bytes((0xC0 | tag, 0xFF)) + len(body).to_bytes(4, "big") + body


def literal(octets: bytes) -> bytes:
    return packet(11, b"b" + bytes(5) + octets)


def squeezed(inner: bytes, algorithm: int = 2) -> bytes:
    return packet(8, bytes((algorithm,)) + (zlib.compress(inner, 9) if algorithm == 2 else bz2.compress(inner, 9)))


def nest(depth: int) -> bytes:
    inner = literal(b"hello")
    for _ in range(depth):
        inner = squeezed(inner)
    return inner


BOMBS: dict[str, Callable[[], bytes]] = {
    "zlib": lambda: squeezed(literal(bytes(BOMB))),
    "bzip2": lambda: squeezed(literal(bytes(BOMB)), 3),
    "zlib in zlib": lambda: squeezed(squeezed(literal(bytes(BOMB)))),
    "bzip2 in zlib": lambda: squeezed(squeezed(literal(bytes(BOMB)), 3)),
    "markers without end": lambda: squeezed(b"\xca\x03PGP" * 6_000_000 + literal(b"x")),
    "signatures without end": lambda: squeezed(packet(4, b"\x03\x00\x08\x01" + bytes(9)) * 1_000_000),
    "many contents": lambda: literal(b"a") * 20_000,
    "depth 5": lambda: nest(5),
    "depth 17": lambda: nest(17),
    "depth 40": lambda: nest(40),
    "depth 2000": lambda: nest(2000),
}


def cpu_of(process: int) -> float:
    """Seconds of processor time, those of the gpg it ran included."""
    fields = about(process, "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_costs_two_seconds_and_half_a_gibibyte(
    opener: Opener, hub: HubKey, others: Others, name: str
) -> None:
    words = ("--no-literal", "-z", "0", "--armor", "--recipient", hub.fingerprint, "--encrypt")
    bomb = gpg_command.gpg(others.home, *words, stdin=BOMBS[name]()).stdout
    good = gpg_command.encrypt_sign(others.home, CONTENT, hub.fingerprint)
    child, before = pid(opener), time.process_time()
    begun = cpu_of(child)
    found = await opener.open(bomb, [])
    if found != NotOpened("crashed"):  # then its own clock, of less than two seconds, ended it (opener_child.py)
        assert cpu_of(child) - begun < 2
        peak = next(line for line in about(child, "status").splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < 512 * 1024  # kB
    if not name.startswith("depth"):
        assert found in (NotOpened("too_large"), NotOpened("crashed"), NotOpened("tampered"))
    next_mail = time.process_time()
    assert await opener.open(good, []) == Opened(Plain(CONTENT), Unsigned())
    assert time.process_time() - next_mail < 1
    assert time.process_time() - before < 2  # nor does it cost its parent


async def test_the_largest_honest_mail_fits(opener: Opener, ring: Keyring, hub: HubKey, others: Others) -> None:
    large = os.urandom(34 * 1024 * 1024)
    for options in (("-z", "0"), ("--compress-algo", "ZLIB")):
        sealed = gpg_command.encrypt_sign(others.home, large, hub.fingerprint, others.police, options=options)
        found = await opener.open(sealed, others.certificates())
        assert isinstance(found, Opened)
        assert found.plain.data == large
        assert found.signer == Signed(others.police)
    ours = seal(large, ring.certificate(hub.fingerprint), hub, now=NOW)
    assert isinstance(await opener.open(ours, []), Opened)
    peak = next(line for line in about(pid(opener), "status").splitlines() if line.startswith("VmPeak"))
    assert int(peak.split()[1]) < 768 * 1024  # kB: a quarter of MEMORY_MAX is left


async def test_a_wrong_passphrase_is_found_at_the_start(ring: Keyring, hub: HubKey) -> None:
    given = ring.opener_keys(hub.fingerprint)
    with pytest.raises(OpenerNotStarted):
        await Opener.start(type(given)(given.home, given.fingerprint, given.secret, "wrong"))


@pytest.mark.parametrize("said", [[], [b"x"], [b"opened", b"unsigned"], [b"signer", b"ABC"], [b"not_opened", b"a b"]])
def test_nonsense_from_a_child_is_refused(said: list[bytes]) -> None:
    with pytest.raises(wire.WireRefused):
        wire.heard(said)


def test_frames_keep_their_parts() -> None:
    parts = [b"", b"a", bytes(70_000)]
    frame = wire.pack(*parts)
    assert wire.unpack(frame[4:]) == parts
    with pytest.raises(wire.WireRefused):
        wire.unpack(frame[4:-1])
