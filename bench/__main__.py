"""The whole loop, measured: encrypted referrals in over SMTP, five different sealed packets each out to a sink.

`python -m bench [--referrals N] [--rounds N] [--write]`. Every engine takes its turn in every round, on the same hub,
machine and database; trust the ratios, and compare absolute numbers only within one table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import openpgp_alone
from bench.figures import FIGURES, keep
from bench.processes import cpu_seconds
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.stage import HUB_ADDRESS, Stage, stage

HERE = Path(__file__).parent
LETTERS = 6  # a referral: five packets, and the receipt to whoever referred
SENDERS = 4  # mails on their way to us at once
PATIENCE = 300.0  # seconds for one engine's turn
ENGINES: dict[str, tuple[str, ...]] = {
    "sequoia": ("-m", "exchange", "serve"),
    "gnupg": ("-m", "exchange", "serve"),
    "no OpenPGP": ("-m", "bench.without_openpgp", "serve"),
}


@dataclass(frozen=True)
class Turn:
    """One engine's turn."""

    seconds: float  # from the first mail in to the last letter out
    cpu: float  # seconds
    referrals: int


def referral() -> bytes:
    """A GP's referral of two siblings, some 6 KB of JSON."""
    long = "Concerned about repeated bruising seen at the surgery, and about what the children say of home. " * 12
    subject = {"family_name": "Notreal", "date_of_birth": "2016-04-01", "address": "1 Nowhere Lane",
               "postcode": "ZZ99 9ZZ", "gp": "Madeup Surgery", "school": "Fakeshire Primary",
               "words": long}  # fmt: skip
    return json.dumps({
        "schema": "referral/1",
        "referrer": {"name": "Dr Orla Notreal", "source": "3A", "telephone": "01632 960155"},
        "concern": {"immediate_danger": "no", "what_happened": long * 2, "history": long},
        "subjects": [subject | {"given_name": "Quillon"}, subject | {"given_name": "Perdita"}],
    }).encode()  # fmt: skip


def inner(sender: MailClient) -> bytes:
    """The mail inside the seal."""
    return sender.plain(HUB_ADDRESS, "Referral", "Please see attached.", {"referral.json": referral()})


def mails(sender: MailClient, hub_key: str, count: int) -> list[bytes]:
    """Sealed referrals, each another mail."""
    found = []
    for _ in range(count):
        mail = sender.write(HUB_ADDRESS, "Referral", "Please see attached.", {"referral.json": referral()})
        found.append(sender.encrypted(mail, [hub_key]))
    return found


async def delivered(hub: Stage, count: int) -> None:
    """Wait until the sink holds so many letters."""
    async with asyncio.timeout(PATIENCE):
        while len(hub.relay.delivered) < count:
            await asyncio.sleep(0.01)


async def send_all(hub: Stage, sender: str, sealed: Sequence[bytes]) -> None:
    """All of them, a few at once."""
    waiting = list(sealed)

    async def one_after_the_other() -> None:
        while waiting:
            reply = await hub.mail(sender, HUB_ADDRESS, waiting.pop())
            if not reply.startswith("250"):
                raise RuntimeError(f"refused: {reply[:3]}")

    await asyncio.gather(*(one_after_the_other() for _ in range(SENDERS)))


async def turn(hub: Stage, engine: str, sealed: Sequence[bytes], sender: str) -> Turn:
    """Serve with one engine, warm up with the first mail, and measure the others."""
    hub.environment["EXCHANGE_OPENPGP"] = "gnupg" if engine == "gnupg" else "sequoia"
    process = await hub.serve("mail", "work", program=ENGINES[engine])
    home = str(hub.folder / "hub" / "gnupg")
    before = len(hub.relay.delivered)
    await send_all(hub, sender, sealed[:1])
    await delivered(hub, before + LETTERS)
    begun, spent = time.monotonic(), cpu_seconds(process.pid, home)
    await send_all(hub, sender, sealed[1:])
    await delivered(hub, before + LETTERS * len(sealed))
    took, cpu = time.monotonic() - begun, cpu_seconds(process.pid, home) - spent
    await hub.end(process)
    return Turn(took, cpu, len(sealed) - 1)


async def measure(referrals: int, rounds: int) -> tuple[dict[str, list[Turn]], dict[str, float]]:
    """Every engine's turns, and what it spends on OpenPGP alone."""
    found: dict[str, list[Turn]] = {name: [] for name in ENGINES}
    async with stage() as hub:
        await hub.set_up(HERE / "hub.toml")
        sender = hub.people["police"]
        if sender.gpg is None:
            raise RuntimeError("the sender has no key")
        plain = hub.folder / "plain.eml"
        plain.write_bytes(inner(sender))
        hub.environment |= {
            "BENCH_PLAIN": str(plain), "BENCH_SIGNER": sender.gpg.fingerprint(sender.address),
            "EXCHANGE_WORK__BATCH": "20",
        }  # fmt: skip
        for number in range(rounds):
            for engine in ENGINES:
                sealed = await asyncio.to_thread(mails, sender, hub.hub_fingerprint, referrals + 1)
                found[engine].append(await turn(hub, engine, sealed, sender.address))
                print(f"round {number + 1}, {engine}: {_line(found[engine][-1])}", flush=True)
        alone = await openpgp_alone.spent(hub, sealed[0], LETTERS, referrals)
    return found, alone


def _line(one: Turn) -> str:
    return f"{one.referrals / one.seconds:.1f} referrals/s, {1000 * one.cpu / one.referrals:.1f} ms CPU each"


def table(found: dict[str, list[Turn]]) -> str:
    """Medians, and each engine beside the floor of the same rounds."""
    lines = [
        "| OpenPGP by | referrals a second | CPU-ms a referral | CPU beside no OpenPGP |",
        "|---|---|---|---|",
    ]
    floor = found["no OpenPGP"]
    for engine, turns in found.items():
        rate = statistics.median(t.referrals / t.seconds for t in turns)
        cpu = statistics.median(1000 * t.cpu / t.referrals for t in turns)
        ratio = statistics.median(t.cpu / f.cpu for t, f in zip(turns, floor, strict=True))
        lines.append(f"| {engine} | {rate:.1f} | {cpu:.1f} | {ratio:.2f}x |")
    fast, slow = (statistics.median(t.cpu for t in found[name]) for name in ("sequoia", "gnupg"))
    lines += ["", f"Over the whole loop the fast engine costs {slow / fast:.1f} times less CPU than GnuPG alone."]
    return "\n".join(lines)


def table_alone(alone: dict[str, float]) -> str:
    """What OpenPGP itself costs."""
    lines = ["| OpenPGP by | CPU-ms a referral |", "|---|---|"]
    lines += [f"| {engine} | {cpu:.1f} |" for engine, cpu in alone.items()]
    ratio = alone["gnupg"] / max(alone["sequoia"], 0.1)
    return "\n".join([*lines, "", f"The fast engine costs {ratio:.1f} times less CPU than GnuPG."])


LOOP = """An encrypted and signed referral of two siblings comes in over SMTP; it is made durable, opened, recorded
and routed; five different packets (text, JSON and PDF each) and the receipt are written, sealed, kept and handed
to an SMTP server on loopback. SQLite, one process for mail and work with its limited children and every gpg
program they start counted. "No OpenPGP" is the same code with sealing and opening taken out in the benchmark
only.

{machine}; {referrals} referrals a turn, {rounds} rounds (`make bench ARGS=--write`).

{table}"""
ALONE = """The same referral opened in the limited child, and six letters of 60 kB signed and sealed, each engine in
turn (`make bench ARGS=--write`).

{alone}"""


def main() -> None:
    """Measure, print, and keep when asked."""
    asked = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--referrals", type=int, default=40, help="in each turn")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--write", action="store_true", help=f"keep the result in {FIGURES.name}")
    given = asked.parse_args()
    found, spent = asyncio.run(measure(given.referrals, given.rounds))
    told, alone = table(found), table_alone(spent)
    print(f"{told}\n\n{alone}")
    if given.write:
        machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
        given_to = {"machine": machine, "referrals": given.referrals, "rounds": given.rounds}
        keep("The whole loop", LOOP.format(**given_to, table=told))
        keep("OpenPGP alone", ALONE.format(alone=alone))


if __name__ == "__main__":
    main()
