"""The table: each program gets a letter exactly as the hub mails it and answers; the hub opens the answer."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from exchange.case.sealed import NotOpened, Signed, Signer
from exchange.examining import Examiner
from exchange.pins import Pin, Pins
from exchange.store.certificates import Kind
from keys.opener import Opener
from keys.openpgp import packets
from keys.openpgp.keyring import Keyring, OpenerKeys
from keys.openpgp.seal import Engine, seal
from keys.refusal import Refused
from keys.smime import certificate as smime_certificate
from keys.smime import identity
from keys.smime.seal import seal as seal_smime
from mailflow import pgp_mime, smime_mime
from mailflow.authenticity import DnsTrouble
from mailflow.compose import Attachment, inner_message, message_id, outer_headers
from mailflow.evidence import Evidence
from mailflow.reader import Reader
from tests.interop.programs import Failed, Program

HUB, PASSPHRASE = "referrals@hub.example", "interop" * 8
WORDS = "RECEIVED, I am looking at it."
ANSWER = b"Content-Type: text/plain; charset=utf-8\r\n\r\n%b\r\n" % WORDS.encode()
YES = "yes"
COLUMNS = (
    "certificate taken",
    "opens ours",
    "by GnuPG",
    "finds our signature",
    "we open its answer",
    "and believe it",
)


@dataclass
class Line:
    """One program with one key, and what came of each step: "yes", "-" where it does not apply, or what was wrong."""

    program: str
    version: str
    key: str
    steps: dict[str, str] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        """All that applies."""
        return all(self.steps.get(column) in (YES, "-") for column in COLUMNS)


@dataclass(frozen=True)
class Hub:
    """The hub of the table: the product's own functions, and its real children."""

    keyring: Keyring
    fingerprint: str
    identity: identity.Identity
    opener: Opener
    reader: Reader

    @property
    def openpgp(self) -> bytes:
        """Its OpenPGP certificate."""
        return self.keyring.export_public(self.fingerprint).encode()


@contextmanager
def _folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="i", dir="/tmp"))  # gpg-agent's socket path must be short
    try:
        yield made
    finally:
        for home in {path.parent for path in made.rglob("S.gpg-agent")}:
            subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=30)
        shutil.rmtree(made, ignore_errors=True)


async def table(kinds: Iterable[type[Program]], smime: bool) -> list[Line]:
    """A line for each program."""
    with _folder() as folder:
        hub = await _hub(folder)
        try:
            return [await _line(hub, kind, folder / f"p{n}", smime) for n, kind in enumerate(kinds)]
        finally:
            await hub.opener.close()
            await hub.reader.close()
            hub.keyring.close()


async def _hub(folder: Path) -> Hub:
    keyring = Keyring(folder / "hub", PASSPHRASE)
    fingerprint = keyring.make_hub_key(HUB, "Fakeshire hub")
    own = identity.make(folder / "smime", PASSPHRASE, HUB, "Fakeshire hub", datetime.now(UTC))
    given = keyring.opener_keys(fingerprint)
    kept = identity.kept(folder / "smime").all
    keys = OpenerKeys(given.home, fingerprint, given.secret, PASSPHRASE, smime=kept, smime_passphrase=PASSPHRASE)
    return Hub(keyring, fingerprint, own, await Opener.start(keys), await Reader.start())


async def _line(hub: Hub, kind: type[Program], folder: Path, smime: bool) -> Line:
    name = kind.__name__.lower()
    program = kind(folder, f"{name}@police.example")
    line = Line(program.name, "?", program.key)
    try:
        line.version = program.version()
        await (_by_smime if smime else _by_openpgp)(hub, program, line)
    except (Failed, Refused) as wrong:
        missing = next(column for column in COLUMNS if column not in line.steps)
        line.steps[missing] = f"no: {' '.join(str(wrong).split())[:120]}"
    return line


async def _by_openpgp(hub: Hub, program: Program, line: Line) -> None:
    armored, now = program.make(), datetime.now(UTC)
    program.meet(hub.openpgp)
    certificate = hub.keyring.add(armored, packets.key_fingerprints(packets.dearmor(armored))[0], now)
    line.steps["certificate taken"] = YES
    inner = _inner(program.address, now)
    signed = True
    for column, engine in (("opens ours", Engine.SEQUOIA), ("by GnuPG", Engine.GNUPG)):
        if engine is Engine.GNUPG and certificate.profile == "v6":
            line.steps[column] = "-"
            continue
        key = await asyncio.to_thread(hub.keyring.hub_key, hub.fingerprint, engine)
        wire = pgp_mime.wrap(_outer(program.address, now), seal(inner, certificate, key, engine, now=now))
        found = program.open(_octets_of(wire))
        line.steps[column] = _same(found.content, inner)
        signed = signed and found.signed
    line.steps["finds our signature"] = YES if signed else "no"
    opened = await hub.opener.open(program.answer(ANSWER), [armored])
    if isinstance(opened, NotOpened):
        _answered(line, opened.why, None, certificate.fingerprint)
    else:
        why = "" if opened.plain.data == ANSWER else "other octets"
        _answered(line, why, opened.signer, certificate.fingerprint)


async def _by_smime(hub: Hub, program: Program, line: Line) -> None:
    brought = program.make()
    now = datetime.now(UTC)
    program.meet(hub.identity.certificate.pem)
    certificate = smime_certificate.read(brought)
    line.steps |= {"certificate taken": YES, "by GnuPG": "-"}
    inner = _inner(program.address, now)
    wire = smime_mime.wrap(_outer(program.address, now), seal_smime(inner, certificate, hub.identity, now))
    found = program.open(wire)
    line.steps["opens ours"] = _same(found.content, inner)
    line.steps["finds our signature"] = YES if found.signed else "no"
    e = await _read_back(hub, program.answer(ANSWER), brought)
    right = e.sealed and e.content.text == WORDS
    _answered(line, "" if right else e.not_opened or "other words", e.signer, certificate.fingerprint)


async def _read_back(hub: Hub, mail: bytes, brought: bytes) -> Evidence:
    """As the intake reads it."""
    pin = Pin(smime_certificate.read(brought).fingerprint, Kind.SMIME, "police", "", brought)
    head = b"From: spoc@police.example\r\nTo: referrals@hub.example\r\n"
    return await Examiner(hub.reader, hub.opener, NoNames()).examine(head + mail, None, Pins.made_of([pin]))


class NoNames:
    """No name server."""

    def lookup(self, name: str, kind: str) -> list[object]:
        """See Resolver."""
        raise DnsTrouble("none")


def _answered(line: Line, why: str, signer: Signer | None, fingerprint: str) -> None:
    line.steps["we open its answer"] = f"no: {why}" if why else YES
    line.steps["and believe it"] = YES if signer == Signed(fingerprint) else f"no: {signer}"


def _same(found: bytes, sent: bytes) -> str:
    """Line ends apart, which some programs write their own way."""
    return YES if found.replace(b"\r\n", b"\n") == sent.replace(b"\r\n", b"\n") else "no: other octets"


def _inner(to: str, now: datetime) -> bytes:
    pdf = Attachment("packet.pdf", "application/pdf", b"%PDF-1.7\n" + bytes(range(256)) * 400)
    return inner_message(
        "Police: a packet about Zoë", "Please look at this today.\n“Zoë” is seven.\n", (pdf,), from_address=HUB,
        to=to, reply_to=HUB, message_id=message_id("hub.example", "i"), date=now, from_name="Fakeshire hub",
        outer=_outer(to, now),
    )  # fmt: skip


def _outer(to: str, now: datetime) -> list[tuple[str, str]]:
    return outer_headers(
        from_address=HUB, to=to, message_id=message_id("hub.example", "i"), date=now, subject="Message for your team"
    )


def _octets_of(wire: bytes) -> bytes:
    """The sealed part of a mail, as the standard library finds it."""
    sealed = list(message_from_bytes(wire, policy=policy.SMTP).iter_parts())[1]
    content: bytes = sealed.get_content()
    return content
