"""Fuzz the readers of strangers' octets: `python -m tests.fuzz [TARGET...] [--seconds N]`, or `make fuzz ARGS=...`.

With Atheris (installed by `make fuzz` into a folder of its own) inputs follow the code's branches; without it they
are mutated at random. What breaks a promise or takes too long is kept under `finds/`, and makes the command fail.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).parent
SLOW = 15  # seconds for one input on a busy machine; instrumented code takes several times as long
MEMORY = 1024  # MiB
LONGEST = 64 * 1024  # octets of an input
_PIECES = (
    b"\r\n", b"\n", b"--b", b"--b--", b"Content-Type: ", b"multipart/mixed; boundary=b", b"message/rfc822",
    b"=?utf-8?q?", b"?=", b"> ", b"-- ", b"On 1/1/2026 a@b.example wrote:", b"-----BEGIN PGP MESSAGE-----", b"\0",
    b"Action: failed", b"Final-Recipient: rfc822; a@b.example", b"BEGIN:VEVENT", b"END:VEVENT", b"\xff",
    b"ATTENDEE;PARTSTAT=ACCEPTED:", b"@", b"<", b">", b'"', b"(", b";", b":", b"550 5.1.1 ", b"From: ",
    b"Sent: ", b"To: ", b"Subject: ", b" ", b"\t",
)  # fmt: skip


def main() -> None:
    """Fuzz each target for so many seconds in a process of its own; exits 1 when something was found."""
    asked = argparse.ArgumentParser(prog="fuzz", description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("targets", nargs="*", help="names of targets; all by default")
    asked.add_argument("--seconds", type=int, default=60, help="for each target")
    asked.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.one:
        _fuzz(given.targets[0], given.seconds)
        return
    from tests.fuzz.targets import TARGETS

    wanted = given.targets or list(TARGETS)
    unknown = [name for name in wanted if name not in TARGETS]
    if unknown:
        sys.exit(f"fuzz: no target “{unknown[0]}”: use {', '.join(TARGETS)}")
    bad = [name for name in wanted if not _in_a_process(name, given.seconds)]
    print(f"fuzz: {'nothing found' if not bad else 'found something in ' + ', '.join(bad)}")
    sys.exit(1 if bad else 0)


def _in_a_process(target: str, seconds: int) -> bool:
    print(f"fuzz: {target}, {seconds} s", flush=True)
    command = [sys.executable, "-m", "tests.fuzz", "--one", target, "--seconds", str(seconds)]
    return subprocess.run(command, check=False, timeout=seconds + 300).returncode == 0


def _fuzz(target: str, seconds: int) -> None:
    try:
        import atheris
    except ImportError:
        _at_random(target, seconds)
        return
    with atheris.instrument_imports(include=["mailflow", "keys.openpgp.packets"]):
        from tests.fuzz.targets import TARGETS, seeds
    finds = FOLDER / "finds" / target
    finds.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        for number, seed in enumerate(seeds(target)):
            (Path(folder) / str(number)).write_bytes(seed)
        words = [f"-max_total_time={seconds}", f"-timeout={SLOW}", f"-rss_limit_mb={MEMORY}", f"-max_len={LONGEST}"]
        words += [f"-artifact_prefix={finds}/", "-verbosity=0", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *words, folder], TARGETS[target])
        atheris.Fuzz()


def _at_random(target: str, seconds: int) -> None:
    """Without Atheris: cut, repeat, join and disturb the seeds."""
    from tests.fuzz.targets import TARGETS, seeds

    print("fuzz: Atheris is not here, so inputs are mutated at random (`make fuzz` installs it)")
    known, chance, until, tried = list(seeds(target)), random.Random(os.urandom(8)), time.monotonic() + seconds, 0  # noqa: S311 - no secret
    while time.monotonic() < until:
        tried += 1
        octets = _mutated(known, chance)
        begun = time.process_time()
        try:
            TARGETS[target](octets)
        except Exception:
            _keep(target, octets)
            raise
        if time.process_time() - begun > SLOW:
            _keep(target, octets)
            sys.exit(f"fuzz: {target} took {time.process_time() - begun:.1f} s")
    print(f"fuzz: {tried} inputs")


def _keep(target: str, octets: bytes) -> None:
    finds = FOLDER / "finds" / target
    finds.mkdir(parents=True, exist_ok=True)
    (finds / hashlib.sha256(octets).hexdigest()[:16]).write_bytes(octets)


def _mutated(known: list[bytes], chance: random.Random) -> bytes:
    octets = bytearray(chance.choice(known))
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randint(0, len(octets)), chance.randint(0, 40)
        match chance.randint(0, 4):
            case 0:
                octets[at:at] = chance.choice(_PIECES) * chance.choice((1, 1, 1, 50, 2000))
            case 1:
                del octets[at : at + length]
            case 2:
                octets[at : at + length] = chance.randbytes(chance.randint(0, 8))
            case 3:
                octets[at:at] = octets[at : at + length] * chance.choice((1, 2, 300))
            case _:
                octets[at:] = chance.choice(known)[chance.randint(0, 400) :]
    return bytes(octets[:LONGEST])


if __name__ == "__main__":
    main()
