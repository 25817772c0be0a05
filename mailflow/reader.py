"""The limited child process in which strangers' bytes are parsed (limited.py says what it can do).

1. One mail costs at most CPU seconds of processor time, which a busy machine does not stretch, and WALL seconds by
   the clock; then its child dies, and only its child.
2. The next mail meets another child, while a fresh one comes up: nothing one mail did is left for another.
3. Its documents are looked into one by one, after the mail: one that kills its child takes nothing else with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import signal
import struct
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from mailflow import document
from mailflow.arc_chain import Chain
from mailflow.document import Document, State
from mailflow.domain_signatures import UNREADABLE, DkimVerdict, Keys, Signatures
from mailflow.forms import text_form
from mailflow.limited import MEMORY_MAX, Child, Died, NotStarted, serve
from mailflow.parsed_mail import ParsedMail, Part, from_wire, to_wire

__all__ = ["MEMORY_MAX", "Reader"]

CPU = 1.9  # seconds of processor time for one mail or document: the costliest honest ones take half of one
WALL = 20.0  # seconds by the clock, for a child that hangs
DOCUMENTS_WALL = 8.0  # for all documents of a mail; then the rest is left to a person
MOST_DOCUMENTS = 10  # of one mail, looked into
_MAIL, _LOOK, _UNLOCK, _VERIFY = b"m", b"d", b"u", b"v"
# Read once before the doors close: the calendar library imports what zones and durations need when it meets them.
_CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nBEGIN:VTIMEZONE\r\nTZID:GMT Standard Time\r\nBEGIN:STANDARD\r\n"
    b"DTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
    b"END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=GMT Standard Time:20261124T100000\r\n"
    b"DURATION:PT1H\r\nDTSTAMP;TZID=Europe/London:20261124T100000\r\nATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Reader:
    """Reads mails in children, as many at once as it has; safe to share between tasks."""

    def __init__(self, children: int = 1) -> None:
        self._all = tuple(Child("mailflow.reader") for _ in range(children))
        self._idle: asyncio.LifoQueue[Child] = asyncio.LifoQueue()
        self._reviving: set[asyncio.Task[None]] = set()
        for child in self._all:
            self._idle.put_nowait(child)

    @classmethod
    async def start(cls, children: int = 1) -> Reader:
        """A reader of which one child is up; the others come up when there is something to do."""
        reader = cls(children)
        await reader._all[-1].up()  # the one that is given first
        return reader

    async def read(self, raw: bytes) -> ParsedMail:
        """The mail as a value: `unreadable` is "timeout" or "crashed" when it killed its child."""
        async with self._child() as child:
            try:
                mail = from_wire(await child.ask(_MAIL + raw, WALL))
            except Died as died:
                return ParsedMail(unreadable=died.why)
            return dataclasses.replace(mail, documents=await _documents(child, mail.files))

    async def look(self, file_name: str, content: bytes) -> Document | None:
        """One file, as a document; None for what is none."""
        async with self._child() as child:
            return await _document(child, file_name, content)

    async def verify(self, raw: bytes, keys: Keys) -> Signatures:
        """The domains' signatures of a mail, by the keys that stand in DNS."""
        told = json.dumps(
            {name: None if key is None else key.decode("latin-1") for name, key in keys.items()}
        ).encode()
        async with self._child() as child:
            try:
                return _signatures(json.loads(await child.ask(_VERIFY + _after(told) + raw, WALL)))
            except Died:
                return UNREADABLE

    async def unlock(self, content: bytes, password: str) -> bytes | None:
        """A locked file without its lock; None when the password is another, or the file is damaged."""
        question = _UNLOCK + _after(password.encode()) + content
        async with self._child() as child:
            try:
                return await child.ask(question, WALL) or None
            except Died:
                return None

    @contextlib.asynccontextmanager
    async def _child(self) -> AsyncIterator[Child]:
        child = await self._idle.get()
        if not self._idle.empty():
            self._back(
                self._idle.get_nowait()
            )  # while one works the next comes up: who comes meanwhile waits for none
        try:
            yield child
        finally:
            self._back(child)

    def _back(self, child: Child) -> None:
        if child.is_up:
            self._idle.put_nowait(child)
        else:  # nobody is given a dead one while another lives
            revival = asyncio.create_task(self._revive(child))
            self._reviving.add(revival)
            revival.add_done_callback(self._reviving.discard)

    async def _revive(self, child: Child) -> None:
        with contextlib.suppress(NotStarted, OSError):  # whoever needs it next hears why
            await child.up()
        self._idle.put_nowait(child)

    async def close(self) -> None:
        """End the children."""
        await asyncio.gather(*self._reviving)
        await asyncio.gather(*(child.end() for child in self._all))


async def _documents(child: Child, files: tuple[Part, ...]) -> tuple[Document, ...]:
    """Those among the files of a mail; each once, however often it is attached."""
    found: dict[str, Document | None] = {}
    began = time.monotonic()
    for part in files:
        digest = document.digest_of(part.content)
        kind, claimed = document.kind_of(part.content), _claimed(part)
        if digest in found or not (kind or claimed):
            continue
        if len(found) >= MOST_DOCUMENTS or time.monotonic() - began > DOCUMENTS_WALL:
            unseen = Document(kind or claimed, State.DAMAGED, "too_many")
            found[digest] = document.named(unseen, part.file_name, digest)
            continue
        found[digest] = await _document(child, part.file_name, part.content) if kind else None
        if claimed and found[digest] is None:
            nothing = Document(claimed, State.DAMAGED, "not_that" if part.content else "empty")
            found[digest] = document.named(nothing, part.file_name, digest)
    return tuple(one for one in found.values() if one)


def _claimed(part: Part) -> str:
    """The kind of form that a file claims to be; none for one whose words are read as a text."""
    claimed = document.claimed(part.content_type, part.file_name, part.content)
    return "" if claimed and text_form.in_file(part) else claimed


async def _document(child: Child, file_name: str, content: bytes) -> Document | None:
    try:
        told = json.loads(await child.ask(_LOOK + content, WALL))
        found = document.from_plain(told) if told else None
    except Died as died:
        found = Document(document.kind_of(content), State.DAMAGED, died.why)
    return document.named(found, file_name, document.digest_of(content)) if found else None


def _mail(raw: bytes) -> bytes:
    with _bounded():
        report, supposed = delivery_report.read_both(raw)
        return to_wire(dataclasses.replace(mime.read(raw), report=report, supposed=supposed))


def _looked(content: bytes) -> bytes:
    with _bounded():
        found = documents.look(content)
    return json.dumps(document.plain(found) if found else None).encode()


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """SIGPROF ends the process."""
    signal.setitimer(signal.ITIMER_PROF, CPU)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)


def _after(first: bytes) -> bytes:
    """What stands before the rest of a question."""
    return struct.pack(">I", len(first)) + first


def _split(question: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack_from(">I", question)
    return question[4 : 4 + length], question[4 + length :]


def _unlocked(question: bytes) -> bytes:
    password, content = _split(question)
    return documents.unlock(content, password.decode()) or b""


def _verified(question: bytes) -> bytes:
    told, raw = _split(question)
    keys = {name: None if key is None else key.encode("latin-1") for name, key in json.loads(told).items()}
    with _bounded():
        found = domain_signatures.verified(raw, keys)
    return json.dumps(dataclasses.asdict(found)).encode()


def _signatures(told: dict[str, Any]) -> Signatures:
    arc = told["arc"]
    chain = Chain(arc["verdict"], tuple(arc["sealers"]), tuple(arc["signers"]))
    return Signatures(tuple(DkimVerdict(**one) for one in told["dkim"]), chain)


if __name__ == "__main__":
    from mailflow import charset, delivery_report, domain_signatures, meeting, mime
    from mailflow.forms import documents

    charset.load_all()
    zones = meeting.load_zones()
    documents.warm()
    mime.read(b"From: =?utf-8?q?a?= <a@b.example>\r\nDate: x\r\n\r\nwarm\r\n")  # imports what is imported late
    subject = b"=?utf-8?b?ZmFpbHVyZQ==?= =?utf-8?q?notice?="
    mime.read(b"Content-Type: text/calendar\r\n\r\n" + _CALENDAR)
    delivery_report.read_report(b"From: mailer-daemon@a.example\nSubject: " + subject + b"\n\nfailed: b@c.example\n")
    serve({_MAIL: _mail, _LOOK: _looked, _UNLOCK: _unlocked, _VERIFY: _verified})
